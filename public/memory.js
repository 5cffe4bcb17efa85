/**
 * My memory: what is known, searched, put right and forgotten; whether more is remembered; and all of it taken along
 * or erased. The server keeps everything; the page draws what it says.
 *
 * @typedef {"fact"|"relation"|"preference"|"event"|"task"|"emotion"} Kind
 * @typedef {{id: string, text: string, said_at: string, thread: string, turn: string}} Earlier
 * @typedef {Earlier & {kind: Kind, topic: string, subject: string, confidence: number, valid_from: string|null,
 *   valid_until: string|null, before: Earlier[]}} Memory
 * @typedef {{counts: Partial<Record<Kind, number>>, memories: Memory[], after?: Partial<Record<Kind, string>>, cut?: boolean}} Known
 */

import { answered, ask, button, byId, confirmed, counted, day, moment, say } from "./pages.js";
import { element, setAttribute, setText } from "./voice/elements.js";

/** @type {Record<Kind, string>} */
const KINDS = {
  fact: "Facts",
  relation: "People around you",
  preference: "Likes and dislikes",
  event: "Events",
  task: "To do",
  emotion: "How you felt",
};
const TYPING_MILLISECONDS = 300;
const MORE = 100;
/** Below it, the page says so. */
const SURE = 0.8;

/** How many of each kind are asked for: the server gives a thousand at once at most. */
let most = MORE;
/** @type {Known} */
let known = { counts: {}, memories: [] };
let paused = false;
/** @type {Set<string>} ids */
const ticked = new Set();
let asking = new AbortController();

const query = /** @type {HTMLInputElement} */ (byId("query"));
const kind = /** @type {HTMLSelectElement} */ (byId("kind"));

/** @param {boolean} [aloud] whether the count is news */
async function refresh(aloud = false) {
  asking.abort();
  asking = new AbortController();
  const wanted = new URLSearchParams({ query: query.value, most: String(most), ...(kind.value ? { kind: kind.value } : {}) });
  const { signal } = asking;
  const answer = await ask("GET", `/api/memories?${wanted}`, { signal });
  if (signal.aborted) return;
  byId("again").hidden = answer !== undefined;
  if (answer === undefined) {
    setText(byId("count"), "");
    byId("memories").replaceChildren(element("p", {}, "What I remember cannot be shown just now."));
    return;
  }
  known = answer;
  draw();
  if (aloud) say(byId("count").textContent ?? "");
}

const total = () => Object.values(known.counts).reduce((sum, count) => sum + count, 0);

function draw() {
  const found = query.value.trim() !== "";
  const matches = `${counted(known.memories.length, "memory", "memories")} found.${known.cut ? " There may be more: say it more exactly." : ""}`;
  setText(byId("count"), found ? matches : `${counted(total(), "memory", "memories")}.`);
  for (const id of [...ticked]) if (!known.memories.some((memory) => memory.id === id)) ticked.delete(id);
  drawSeveral();
  byId("memories").replaceChildren(...(found ? [list(known.memories, "Best matches first")] : byKind()));
}

function byKind() {
  if (known.memories.length === 0) return [element("p", {}, "Nothing yet. Tell me something about yourself, and it will stand here.")];
  return /** @type {Kind[]} */ (Object.keys(KINDS)).flatMap((each) => {
    const memories = known.memories.filter((memory) => memory.kind === each);
    if (memories.length === 0) return [];
    const all = known.counts[each] ?? memories.length;
    const heading = element("h3", {}, `${KINDS[each]} (${all.toLocaleString("en")})`);
    const rest = all - memories.length;
    return [heading, list(memories, KINDS[each]), ...(rest > 0 && known.after?.[each] ? [button("Show more", () => showMore(each), { about: `of ${KINDS[each]}` })] : [])];
  });
}

/** @param {Kind} of */
async function showMore(of) {
  const after = known.after?.[of];
  if (after === undefined) return;
  const { signal } = asking;
  const answer = await ask("GET", `/api/memories?${new URLSearchParams({ kind: of, after, most: String(MORE) })}`, { signal });
  if (signal.aborted || answer === undefined) return;
  const there = new Set(known.memories.map((memory) => memory.id));
  const more = answer.memories.filter((/** @type {Memory} */ memory) => !there.has(memory.id));
  most = Math.max(most, known.memories.filter((memory) => memory.kind === of).length + more.length);
  known = { ...known, memories: [...known.memories, ...more], after: { ...known.after, [of]: answer.after?.[of] } };
  draw();
  if (more[0]) tick(more[0].id)?.focus();
}

/** @param {Memory[]} memories @param {string} name */
const list = (memories, name) => element("ul", { class: "memories", "aria-label": name }, ...memories.map(item));

/** @param {string} id @returns {HTMLInputElement|null} */
const tick = (id) => /** @type {HTMLInputElement|null} */ (document.getElementById(`tick-${id}`));

/** @param {Memory} memory @returns {HTMLLIElement} */
function item(memory) {
  const box = element("input", { type: "checkbox", id: `tick-${memory.id}` });
  box.checked = ticked.has(memory.id);
  box.addEventListener("change", () => {
    if (box.checked) ticked.add(memory.id);
    else ticked.delete(memory.id);
    drawSeveral();
  });
  const made = element(
    "li",
    {},
    element("label", {}, box, element("span", {}, memory.text)),
    element(
      "div",
      { class: "actions" },
      button("Edit", () => edit(memory, made), { about: `“${memory.text}”` }),
      button("Forget", () => forgetOne(memory), { about: `“${memory.text}”` }),
    ),
    element("p", { class: "facts" }, ...facts(memory)),
    ...(memory.before.length ? [before(memory)] : []),
  );
  return made;
}

/** @param {Memory} memory */
function facts(memory) {
  // What was put right here belongs to the moment of what it replaced.
  const [last] = memory.before;
  const byHand = last !== undefined && last.thread === memory.thread && last.turn === memory.turn;
  const parts = [element("span", {}, byHand ? "Put right on " : "Said on ", moment(memory.said_at))];
  if (memory.thread) parts.push(jump(memory));
  if (memory.valid_from) parts.push(element("span", {}, "From ", day(memory.valid_from)));
  if (memory.valid_until) parts.push(element("span", {}, "Until ", day(memory.valid_until)));
  if (memory.confidence < SURE) parts.push(element("span", {}, `Not certain (${Math.round(100 * memory.confidence)} %)`));
  return parts;
}

/** @param {Earlier} earlier */
function jump({ thread, turn, text }) {
  const href = `/review/${encodeURIComponent(thread)}#turn-${encodeURIComponent(turn)}`;
  return element("a", { href }, "Jump to the moment", element("span", { class: "unseen" }, ` of “${text}”`));
}

/** @param {Memory} memory */
function before(memory) {
  const earlier = memory.before.map((each) =>
    element("li", {}, element("p", {}, each.text), element("p", { class: "facts" }, element("span", {}, "Said on ", moment(each.said_at)), jump(each))),
  );
  return element("details", {}, element("summary", {}, "Before that", element("span", { class: "unseen" }, `: what stood before “${memory.text}”`)), element("ul", {}, ...earlier));
}

/** @param {Memory} memory @param {HTMLLIElement} place */
function edit(memory, place) {
  const text = element("textarea", { id: `text-${memory.id}`, maxlength: "500", rows: "2", required: true });
  text.value = memory.text;
  const from = date(`from-${memory.id}`, memory.valid_from);
  const until = date(`until-${memory.id}`, memory.valid_until);
  const field = (/** @type {HTMLElement} */ input, /** @type {string} */ label) =>
    element("div", { class: "field" }, element("label", { for: input.id }, label), input);
  const form = element(
    "form",
    {},
    field(text, "What I should know instead"),
    element("div", { class: "bar" }, field(from, "It holds from"), field(until, "until")),
    element("div", { class: "actions" }, button("Cancel", leave), element("button", { type: "submit" }, "Save")),
  );
  function leave() {
    place.replaceWith(item(memory));
    tick(memory.id)?.closest("li")?.querySelector("button")?.focus();
  }
  form.addEventListener("keydown", (event) => {
    if (event.key === "Escape") leave();
  });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const body = { text: text.value, ...changed("valid_from", from, memory.valid_from), ...changed("valid_until", until, memory.valid_until) };
    const answer = await ask("PATCH", `/api/memories/${encodeURIComponent(memory.id)}`, { body });
    if (answer === undefined) return;
    await refresh();
    tick(answer.id)?.closest("li")?.querySelector("button")?.focus();
    say("Put right.");
  });
  place.replaceChildren(form);
  text.focus();
}

/** @param {string} id @param {string|null} iso */
function date(id, iso) {
  const input = element("input", { type: "date", id });
  input.value = iso?.slice(0, 10) ?? "";
  return input;
}

/** A day that was left alone keeps its hour. @param {string} name @param {HTMLInputElement} input @param {string|null} was */
function changed(name, input, was) {
  if (input.value === (was?.slice(0, 10) ?? "")) return {};
  return { [name]: input.value ? `${input.value}T00:00:00Z` : null };
}

function drawSeveral() {
  const some = /** @type {HTMLButtonElement} */ (byId("forget-ticked"));
  setText(some, ticked.size ? `Forget what is ticked (${ticked.size})` : "Forget what is ticked");
  some.disabled = ticked.size === 0;
  const all = /** @type {HTMLButtonElement} */ (byId("forget-all"));
  setText(all, total() ? `Forget all (${total().toLocaleString("en")})` : "Forget all");
  all.disabled = total() === 0;
}

/** @param {Memory} memory */
const forgetOne = (memory) => forget({ ids: [memory.id] }, "Forget 1 memory?", `“${memory.text}” is erased for good, with what came before it.`);

const forgetTicked = () =>
  forget({ ids: [...ticked] }, `Forget ${counted(ticked.size, "memory", "memories")}?`, "They are erased for good, with what came before them.");

const forgetAll = () =>
  forget({ all: true }, `Forget all ${counted(total(), "memory", "memories")}?`, "Everything I know of you is erased for good. Your conversations stay.");

/** @param {{ids?: string[], all?: boolean}} body @param {string} title @param {string} text */
async function forget(body, title, text) {
  if (!(await confirmed({ title, text, yes: "Forget", no: "Keep" }))) return;
  const answer = await ask("DELETE", "/api/memories", { body });
  if (answer === undefined) return;
  await refresh();
  byId("known-heading").focus();
  say(answer.done === false ? "It will be forgotten as soon as my memory answers again." : "Forgotten.");
}

function drawRecording() {
  const place = /** @type {HTMLButtonElement} */ (byId("recording"));
  place.disabled = false;
  setAttribute(place, "aria-checked", String(!paused));
  setText(byId("recording-state"), paused ? "Off the record: nothing new is remembered." : "On: what you tell me about yourself is remembered.");
}

async function lookAtRecording() {
  const answer = await ask("GET", "/api/memories/pause");
  if (answer === undefined) {
    setText(byId("recording-state"), "This cannot be told just now.");
    return;
  }
  paused = answer.paused;
  drawRecording();
}

async function switchRecording() {
  const answer = await ask("POST", "/api/memories/pause", { body: { paused: !paused } });
  if (answer === undefined) return;
  paused = answer.paused;
  drawRecording();
  say(byId("recording-state").textContent ?? "");
}

async function eraseEverything() {
  const word = /** @type {HTMLInputElement} */ (byId("erasing-word"));
  word.value = "";
  if (!(await answered(byId("erasing")))) return;
  const answer = await ask("DELETE", "/api/user", { body: { confirm: "erase" } });
  if (answer === undefined) return;
  const receipt = byId("receipt");
  setText(/** @type {Element} */ (receipt.querySelector("pre")), answer.text);
  receipt.hidden = false;
  await refresh();
  receipt.focus();
}

let typing = 0;
query.addEventListener("input", () => {
  clearTimeout(typing);
  typing = setTimeout(() => refresh(true), TYPING_MILLISECONDS);
});
byId("search").addEventListener("submit", (event) => {
  event.preventDefault();
  clearTimeout(typing);
  void refresh(true);
});
kind.append(...Object.entries(KINDS).map(([value, words]) => element("option", { value }, words.toLowerCase())));
kind.addEventListener("change", () => refresh(true));
byId("recording").addEventListener("click", switchRecording);
byId("forget-ticked").addEventListener("click", forgetTicked);
byId("forget-all").addEventListener("click", forgetAll);
byId("erase").addEventListener("click", eraseEverything);
byId("try-again").addEventListener("click", () => begin(true));

/** One after the other: a trouble of the first would be cleared by the second. @param {boolean} [aloud] */
async function begin(aloud = false) {
  await lookAtRecording();
  await refresh(aloud);
}

void begin();
