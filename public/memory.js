/**
 * My memory: what is known, searched, put right and forgotten. The server keeps everything; the page draws what it says.
 *
 * @typedef {"fact"|"relation"|"preference"|"event"|"task"|"emotion"} Kind
 * @typedef {{id: string, text: string, said_at: string, thread: string, turn: string}} Earlier
 * @typedef {Earlier & {kind: Kind, topic: string, subject: string, confidence: number, valid_from: string|null,
 *   valid_until: string|null, before: Earlier[]}} Memory
 * @typedef {{counts: Partial<Record<Kind, number>>, memories: Memory[], after?: Partial<Record<Kind, string>>, cut?: boolean}} Known
 */

import { announce, around, ask, button, byId, confirmed, day, moment, number, quoted } from "./pages.js";
import { lookAtRecording, openRights } from "./rights.js";
import { wordsOf } from "./strings.js";
import { element, setText } from "./voice/elements.js";

/** @type {Kind[]} */
const KINDS = ["fact", "relation", "preference", "event", "task", "emotion"];
const TYPING_MILLISECONDS = 300;
const MORE = 100;
/** Below it, the page says so. */
const SURE = 0.8;

/** How many of each kind are asked for: the server gives a thousand at once at most. */
let most = MORE;
/** @type {Known} */
let known = { counts: {}, memories: [] };
/** @type {Set<string>} ids */
const ticked = new Set();
let asking = new AbortController();

const words = wordsOf("memory");

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
    byId("memories").replaceChildren(element("p", {}, words("unshown")));
    return;
  }
  known = answer;
  draw();
  if (aloud) announce(byId("count").textContent ?? "");
}

const total = () => Object.values(known.counts).reduce((sum, count) => sum + count, 0);

function draw() {
  const found = query.value.trim() !== "";
  const matches = [words("found", { count: known.memories.length }), known.cut ? words("cut") : ""].filter(Boolean).join(" ");
  setText(byId("count"), found ? matches : words("count", { count: total() }));
  for (const id of [...ticked]) if (!known.memories.some((memory) => memory.id === id)) ticked.delete(id);
  drawSeveral();
  byId("memories").replaceChildren(...(found ? [list(known.memories, words("best-first"))] : byKind()));
}

function byKind() {
  if (known.memories.length === 0) return [element("p", {}, words("none-yet"))];
  return KINDS.flatMap((each) => {
    const memories = known.memories.filter((memory) => memory.kind === each);
    if (memories.length === 0) return [];
    const all = known.counts[each] ?? memories.length;
    const name = words(`kind-${each}`);
    const heading = element("h3", {}, `${name} (${number(all)})`);
    const more = () => button(words("more"), () => showMore(each), { about: words("more-of", { kind: name }) });
    return [heading, list(memories, name), ...(all > memories.length && known.after?.[each] ? [more()] : [])];
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
      button(words("edit"), () => edit(memory, made), { about: quoted(memory.text) }),
      button(words("forget"), () => forgetOne(memory), { about: quoted(memory.text) }),
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
  const parts = [element("span", {}, ...around(words(byHand ? "put-right-on" : "said-on"), moment(memory.said_at)))];
  if (memory.thread) parts.push(jump(memory));
  if (memory.valid_from) parts.push(element("span", {}, ...around(words("from-day"), day(memory.valid_from))));
  if (memory.valid_until) parts.push(element("span", {}, ...around(words("until-day"), day(memory.valid_until))));
  if (memory.confidence < SURE) parts.push(element("span", {}, words("not-certain", { percent: Math.round(100 * memory.confidence) })));
  return parts;
}

/** @param {Earlier} earlier */
function jump({ thread, turn, text }) {
  const href = `/review/${encodeURIComponent(thread)}#turn-${encodeURIComponent(turn)}`;
  return element("a", { href }, words("jump"), element("span", { class: "unseen" }, ` ${words("jump-of", { text })}`));
}

/** @param {Memory} memory */
function before(memory) {
  const earlier = memory.before.map((each) => {
    const said = element("span", {}, ...around(words("said-on"), moment(each.said_at)));
    return element("li", {}, element("p", {}, each.text), element("p", { class: "facts" }, said, jump(each)));
  });
  const about = element("span", { class: "unseen" }, words("before-what", { text: memory.text }));
  return element("details", {}, element("summary", {}, words("before"), about), element("ul", {}, ...earlier));
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
    field(text, words("instead")),
    element("div", { class: "bar" }, field(from, words("holds-from")), field(until, words("holds-until"))),
    element("div", { class: "actions" }, button(words("cancel"), leave), element("button", { type: "submit" }, words("save"))),
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
    announce(words("put-right"));
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
  setText(some, withCount(words("forget-ticked"), ticked.size));
  some.disabled = ticked.size === 0;
  const all = /** @type {HTMLButtonElement} */ (byId("forget-all"));
  setText(all, withCount(words("forget-all"), total()));
  all.disabled = total() === 0;
}

/** @param {string} label @param {number} count */
const withCount = (label, count) => (count ? `${label} (${number(count)})` : label);

/** @param {Memory} memory */
const forgetOne = ({ id, text }) => forget({ ids: [id] }, words("forget-some-title", { count: 1 }), words("forget-one-text", { text }));

const forgetTicked = () => forget({ ids: [...ticked] }, words("forget-some-title", { count: ticked.size }), words("forget-some-text"));

const forgetAll = () => forget({ all: true }, words("forget-all-title", { count: total() }), words("forget-all-text"));

/** @param {{ids?: string[], all?: boolean}} body @param {string} title @param {string} text */
async function forget(body, title, text) {
  if (!(await confirmed({ title, text, yes: words("forget"), no: words("keep") }))) return;
  const answer = await ask("DELETE", "/api/memories", { body });
  if (answer === undefined) return;
  await refresh();
  byId("known-heading").focus();
  announce(words(answer.done === false ? "forgotten-later" : "forgotten"));
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
kind.append(...KINDS.map((each) => element("option", { value: each }, words(`show-${each}`))));
kind.addEventListener("change", () => refresh(true));
byId("forget-ticked").addEventListener("click", forgetTicked);
byId("forget-all").addEventListener("click", forgetAll);
openRights(refresh);
byId("try-again").addEventListener("click", () => begin(true));

/** One after the other: a trouble of the first would be cleared by the second. @param {boolean} [aloud] */
async function begin(aloud = false) {
  await lookAtRecording();
  await refresh(aloud);
}

void begin();
