/**
 * The review: the list of conversations, and one of them turn by turn: what was said and can be heard again, what was
 * answered and how much of it was heard, and how the answer came about.
 *
 * @import { Step } from "./waterfall.js"
 * @typedef {{id: string, title: string, at: string, messages: number, favourite: boolean}} Listed
 * @typedef {"answered"|"cut"|"silenced"|"no-words"|"offered"|"taken-up"|"dismissed"} Outcome
 * @typedef {{id: string, text: string, said_at: string, engine: string|null, confidence: number|null, seconds: number|null,
 *   recorded: boolean, outcome: Outcome|null, reason: string}} Said
 * @typedef {{id: string, said: Said[], answer: {text: string, heard: number}[], shown: string[], outcome: Outcome|null,
 *   tier: string, stt: string, tts: string, model: string, level: string, troubles: string[], steps: Step[]}} Turn
 * @typedef {{id: string, title: string, at: string, favourite: boolean, turns: Turn[]}} Review
 */

import { answered, ask, button, byId, confirmed, counted, moment, say } from "./pages.js";
import { player } from "./playback.js";
import { element, setAttribute, setText } from "./voice/elements.js";
import { TIERS } from "./voice/tier.js";
import { waterfall } from "./waterfall.js";

const TYPING_MILLISECONDS = 300;
/** A sentence of which so much sounded counts as heard. */
const WHOLE = 0.95;
const FORMS = { md: "Text (Markdown)", vtt: "Captions (WebVTT)", json: "Data (JSON)" };

/** @type {Record<Outcome, string>} */
const OUTCOMES = {
  answered: "Answered",
  cut: "You broke in, and the answer ended there",
  silenced: "You stopped the answer",
  "no-words": "No words could be made out",
  offered: "Not answered yet: it waits for you in the conversation",
  "taken-up": "Taken up again later",
  dismissed: "Dismissed by you",
};
/** @type {Record<string, string>} */
const LEVELS = {
  "with-memory": "With what is remembered of you",
  "without-memory": "Without memory",
  offline: "Without a language model",
};
/** From the best down. @type {[number, string][]} */
const CONFIDENCES = [
  [0.9, "clear"],
  [0.75, "fairly clear"],
  [0.5, "doubtful"],
  [0, "little more than a guess"],
];

const thread = decodeURIComponent(location.pathname.split("/")[2] ?? "");
const view = byId("view");

// -- the list ---------------------------------------------------------------------------------------------------

function showList() {
  const query = element("input", { type: "search", id: "query", maxlength: "200", autocomplete: "off" });
  const form = element(
    "form",
    { class: "bar", role: "search", "aria-label": "Conversations" },
    element("div", { class: "field wide" }, element("label", { for: "query" }, "Search in titles and in what was said"), query),
  );
  const threads = element("ol", { class: "threads" });
  const none = element("p", {});
  const more = button("Show older ones", () => load(true));
  /** @type {string|null} */
  let next = null;
  let asking = new AbortController();

  /** @param {boolean} [further] whether the next page is wanted, rather than the first */
  async function load(further = false) {
    asking.abort();
    asking = new AbortController();
    const { signal } = asking;
    const wanted = new URLSearchParams({ search: query.value, ...(further && next ? { cursor: next } : {}) });
    const page = await ask("GET", `/api/threads?${wanted}`, { signal });
    if (signal.aborted) return;
    byId("again").hidden = page !== undefined;
    if (page === undefined) return;
    const items = /** @type {Listed[]} */ (page.threads).map(listed);
    if (further) threads.append(...items);
    else threads.replaceChildren(...items);
    next = page.next;
    more.hidden = next === null;
    threads.hidden = threads.children.length === 0;
    setText(none, threads.hidden ? (query.value.trim() ? "Nothing was found." : "There is no conversation yet.") : "");
    if (further) items[0]?.querySelector("a")?.focus();
    else if (query.value.trim()) say(threads.hidden ? "Nothing was found." : `${counted(items.length, "conversation")}${next ? ", and more" : ""} found.`);
  }

  let typing = 0;
  query.addEventListener("input", () => {
    clearTimeout(typing);
    typing = setTimeout(load, TYPING_MILLISECONDS);
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    clearTimeout(typing);
    void load();
  });
  more.hidden = true;
  view.replaceChildren(form, none, threads, element("p", { class: "bar" }, more));
  byId("try-again").onclick = () => load();
  void load();
}

/** @param {Listed} listed */
function listed({ id, title, at, messages, favourite }) {
  return element(
    "li",
    {},
    element("h2", {}, element("a", { href: `/review/${encodeURIComponent(id)}` }, title), ...(favourite ? [badge("Favourite")] : [])),
    element("p", { class: "facts" }, moment(at), ` · ${counted(messages, "message")}`),
  );
}

/** @param {string} text */
const badge = (text) => element("span", { class: "badge" }, text);

// -- one conversation -------------------------------------------------------------------------------------------

async function showThread() {
  byId("back").hidden = false;
  byId("try-again").onclick = () => showThread();
  const review = /** @type {Review|undefined} */ (await ask("GET", `/api/threads/${encodeURIComponent(thread)}`));
  byId("again").hidden = review !== undefined;
  if (review === undefined) {
    view.replaceChildren(element("p", {}, "This conversation cannot be shown."));
    return;
  }
  setTitle(review.title);
  const playing = player();
  const turns = review.turns.map((turn, at) => turnCard(turn, at + 1));
  const marked = review.turns.some((turn) => turn.answer.some(({ heard }) => heard < WHOLE));
  view.replaceChildren(
    element("p", { class: "facts" }, moment(review.at), ` · ${counted(turns.length, "turn")}`),
    actions(review),
    ...(review.turns.some((turn) => turn.said.some(({ recorded }) => recorded)) ? [playing.controls] : []),
    ...(marked ? [element("p", { class: "facts" }, "What was not heard of an answer is ", element("span", { class: "unheard" }, "struck through"), " and says so.")] : []),
    turns.length ? element("div", { class: "turns" }, ...turns) : element("p", {}, "Nothing was said."),
  );
  playing.follow(view);
  goToTurn();
}

/** @param {string} title */
function setTitle(title) {
  setText(byId("title"), title);
  document.title = `${title} – Review – Nightingale`;
}

/** @param {Review} review */
function actions(review) {
  const favourite = button("Favourite", async () => {
    const wanted = favourite.getAttribute("aria-pressed") !== "true";
    const answer = await ask("PATCH", address(), { body: { favourite: wanted } });
    if (answer !== undefined) setAttribute(favourite, "aria-pressed", String(wanted));
  });
  setAttribute(favourite, "aria-pressed", String(review.favourite));
  const forms = Object.entries(FORMS).map(([form, words]) =>
    element("li", {}, element("a", { href: `${address()}/export?form=${form}`, download: true }, words)),
  );
  return element(
    "div",
    {},
    element(
      "div",
      { class: "bar" },
      element("a", { class: "button", href: `/thread/${encodeURIComponent(thread)}` }, "Go on with it"),
      button("Rename", rename),
      favourite,
      button("Delete", () => remove(review), { danger: true }),
    ),
    element("details", {}, element("summary", {}, "Take it along"), element("ul", { class: "export" }, ...forms)),
  );
}

const address = () => `/api/threads/${encodeURIComponent(thread)}`;

async function rename() {
  const name = /** @type {HTMLInputElement} */ (byId("renaming-name"));
  name.value = byId("title").textContent ?? "";
  name.select();
  if (!(await answered(byId("renaming")))) return;
  const answer = await ask("PATCH", address(), { body: { title: name.value } });
  if (answer === undefined) return;
  setTitle(answer.title);
  say(`Renamed: ${answer.title}`);
}

/** @param {Review} review */
async function remove(review) {
  const text = `“${byId("title").textContent}” with its ${counted(review.turns.length, "turn")} and all its recordings is erased for good. What was remembered from it stays in My memory.`;
  if (!(await confirmed({ title: "Delete this conversation?", text, yes: "Delete", no: "Keep it" }))) return;
  if ((await ask("DELETE", address())) !== undefined) location.assign("/review");
}

/** @param {Turn} turn @param {number} number */
function turnCard(turn, number) {
  const name = `Turn ${number}`;
  const heading = `heading-${turn.id}`;
  const [first] = turn.said;
  const said = turn.said.map((each, at) => element("li", {}, ...sayingParts(each, turn.said.length > 1 ? `${name}, part ${at + 1}` : name)));
  return element(
    "article",
    { class: "turn", id: `turn-${turn.id}`, "aria-labelledby": heading },
    element("h2", { id: heading, tabindex: "-1" }, name, ...(first ? [element("span", { class: "facts" }, " · ", moment(first.said_at))] : [])),
    element("h3", {}, "You said"),
    first ? element("ul", { class: "said" }, ...said) : element("p", {}, "Your words could not be kept."),
    ...answerParts(turn),
    ...howParts(turn, name),
  );
}

/** @param {Said} said @param {string} name */
function sayingParts(said, name) {
  const { id, text, engine, confidence, seconds, recorded, outcome, reason } = said;
  const facts = [
    seconds === null && !recorded ? "" : `Spoken${seconds === null ? "" : `, ${seconds.toFixed(1)} s`}`,
    confidence === null ? "" : `Understood: ${inWords(confidence)}, ${Math.round(100 * confidence)} %`,
    engine ? `by ${engine}` : "",
    outcome === "answered" || outcome === null ? "" : OUTCOMES[outcome],
    reason,
  ].filter(Boolean);
  const parts = [element("p", { class: "words" }, text || "No words were made out."), element("p", { class: "facts" }, facts.join(" · "))];
  if (!facts.length) parts.pop();
  if (recorded) {
    const source = `/api/recordings/${encodeURIComponent(id)}`;
    parts.push(element("audio", { src: source, controls: true, preload: "none", "aria-label": `Recording of ${name.toLowerCase()}`, "data-name": name }));
  }
  return parts;
}

/** @param {number} confidence */
const inWords = (confidence) => /** @type {[number, string]} */ (CONFIDENCES.find(([least]) => confidence >= least) ?? CONFIDENCES.at(-1))[1];

/** @param {Turn} turn */
function answerParts({ answer, shown }) {
  const parts = [];
  if (answer.length) parts.push(element("p", { class: "words" }, ...answer.flatMap((sentence) => [...sentenceParts(sentence), " "])));
  if (shown.length && answer.length) parts.push(element("p", { class: "facts" }, "Also on the screen:"));
  parts.push(...shown.map((text) => element("p", { class: "words" }, text)));
  if (shown.length && !answer.length) parts.push(element("p", { class: "facts" }, "How much of it was heard is not known."));
  return parts.length ? [element("h3", {}, "Nightingale answered"), ...parts] : [];
}

/** @param {{text: string, heard: number}} sentence */
function sentenceParts({ text, heard }) {
  if (heard >= WHOLE) return [text];
  const mark = (/** @type {string} */ words) => element("span", { class: "mark" }, ` (${words})`);
  const words = text.split(" ");
  const kept = Math.floor(words.length * heard);
  if (heard <= 0) return [element("span", { class: "unheard" }, text), mark("not heard")];
  return [
    words.slice(0, kept).join(" "),
    " ",
    element("span", { class: "unheard" }, words.slice(kept).join(" ")),
    mark(`only ${Math.round(100 * heard)} % of this sentence was heard`),
  ];
}

/** @param {Turn} turn @param {string} name */
function howParts({ outcome, tier, stt, model, tts, level, troubles, steps }, name) {
  /** @type {[string, string][]} */
  const rows = [
    ["Outcome", outcome ? OUTCOMES[outcome] : ""],
    ["Way to talk", /** @type {Record<string, {words: string}>} */ (TIERS)[tier]?.words ?? tier],
    ["Heard by", stt],
    ["Answered by", model],
    ["Spoken by", tts],
    ["Answer", LEVELS[level] ?? level],
  ];
  const known = rows.filter(([, value]) => value);
  const parts = [];
  if (known.length) parts.push(element("dl", {}, ...known.flatMap(([term, value]) => [element("dt", {}, term), element("dd", {}, value)])));
  if (troubles.length) parts.push(element("h4", {}, "Troubles"), element("ul", { class: "troubles" }, ...troubles.map((each) => element("li", {}, each))));
  if (steps.length) parts.push(waterfall(steps, name));
  return parts.length ? [element("h3", {}, "How it went"), ...parts] : [];
}

/** To the one that the address names. */
function goToTurn() {
  const id = decodeURIComponent(location.hash.slice(1));
  for (const each of document.querySelectorAll(".sought")) each.classList.remove("sought");
  const sought = id.startsWith("turn-") ? document.getElementById(id) : null;
  if (sought === null) return;
  sought.classList.add("sought");
  sought.scrollIntoView({ block: "start" });
  sought.querySelector("h2")?.focus({ preventScroll: true });
}

addEventListener("hashchange", goToTurn);
if (thread) void showThread();
else showList();
