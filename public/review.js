/**
 * The review: the list of conversations, and one of them turn by turn.
 *
 * @import { Turn } from "./turns.js"
 * @typedef {{id: string, title: string, at: string, messages: number, favourite: boolean}} Listed
 * @typedef {{id: string, title: string, at: string, favourite: boolean, turns: Turn[]}} Review
 */

import { announce, answered, around, ask, button, byId, confirmed, moment } from "./pages.js";
import { player } from "./playback.js";
import { wordsOf } from "./strings.js";
import { isWhole, turnCard } from "./turns.js";
import { element, setAttribute, setText } from "./voice/elements.js";

const TYPING_MILLISECONDS = 300;
const FORMS = ["md", "vtt", "json"];
const words = wordsOf("review");
const thread = decodeURIComponent(location.pathname.split("/")[2] ?? "");
const view = byId("view");

// -- the list ---------------------------------------------------------------------------------------------------

function showList() {
  const query = element("input", { type: "search", id: "query", maxlength: "200", autocomplete: "off" });
  const form = element(
    "form",
    { class: "bar", role: "search", "aria-label": words("conversations") },
    element("div", { class: "field wide" }, element("label", { for: "query" }, words("search")), query),
  );
  const threads = element("ol", { class: "threads" });
  const none = element("p", {});
  const more = button(words("older"), () => load(true));
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
    setText(none, threads.hidden ? words(query.value.trim() ? "found-none" : "none-yet") : "");
    if (further) items[0]?.querySelector("a")?.focus();
    else if (query.value.trim()) announce(threads.hidden ? words("found-none") : words(next ? "found-more" : "found", { count: items.length }));
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
    element("h2", {}, element("a", { href: `/review/${encodeURIComponent(id)}` }, title), ...(favourite ? [badge(words("favourite"))] : [])),
    element("p", { class: "facts" }, moment(at), ` · ${words("messages", { count: messages })}`),
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
    view.replaceChildren(element("p", {}, words("unshown")));
    return;
  }
  setTitle(review.title);
  const playing = player();
  const turns = review.turns.map((turn, at) => turnCard(turn, at + 1));
  const marked = review.turns.some((turn) => turn.answer.some((sentence) => !isWhole(sentence)));
  view.replaceChildren(
    element("p", { class: "facts" }, moment(review.at), ` · ${words("turns", { count: turns.length })}`),
    actions(review),
    ...(review.turns.some((turn) => turn.said.some(({ recorded }) => recorded)) ? [playing.controls] : []),
    ...(marked ? [element("p", { class: "facts" }, ...around(words("marked"), element("span", { class: "unheard" }, words("marked-how"))))] : []),
    turns.length ? element("div", { class: "turns" }, ...turns) : element("p", {}, words("nothing-said")),
  );
  playing.follow(view);
  goToTurn();
}

/** @param {string} title */
function setTitle(title) {
  setText(byId("title"), title);
  document.title = `${title} – ${words("tab")}`;
}

/** @param {Review} review */
function actions(review) {
  const favourite = button(words("favourite"), async () => {
    const wanted = favourite.getAttribute("aria-pressed") !== "true";
    const answer = await ask("PATCH", address(), { body: { favourite: wanted } });
    if (answer !== undefined) setAttribute(favourite, "aria-pressed", String(wanted));
  });
  setAttribute(favourite, "aria-pressed", String(review.favourite));
  const forms = FORMS.map((form) =>
    element("li", {}, element("a", { href: `${address()}/export?form=${form}`, download: true }, words(`form-${form}`))),
  );
  return element(
    "div",
    {},
    element(
      "div",
      { class: "bar" },
      element("a", { class: "button", href: `/thread/${encodeURIComponent(thread)}` }, words("go-on")),
      button(words("rename"), rename),
      favourite,
      button(words("delete"), () => remove(review), { danger: true }),
    ),
    element("details", {}, element("summary", {}, words("take-along")), element("ul", { class: "export" }, ...forms)),
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
  announce(words("renamed", { title: answer.title }));
}

/** @param {Review} review */
async function remove(review) {
  const text = words("delete-text", { title: byId("title").textContent ?? "", count: review.turns.length });
  if (!(await confirmed({ title: words("delete-title"), text, yes: words("delete"), no: words("delete-no") }))) return;
  if ((await ask("DELETE", address())) !== undefined) location.assign("/review");
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
