/**
 * Documents, on the page "My memory": files given to read one after the other, with how far each is; what was read,
 * looked into and taken away. What goes wrong with a file stands beside that file.
 *
 * @typedef {{id: string, name: string, title: string, added_at: string, characters: number, passages: number,
 *   metadata: Record<string, string>}} Given
 * @typedef {{name: string, done: number, all: number}} UnderWay
 * @typedef {{documents: Given[], reading: UnderWay[]}} Shelf
 * @typedef {{ok: boolean, data: any, trouble: (Node|string)[]}} Answer
 */

import { UNREACHABLE, announce, around, button, byId, confirmed, moment, quoted, refusal } from "./pages.js";
import { wordsOf } from "./strings.js";
import { element, setText } from "./voice/elements.js";

const PATH = "/api/documents";
const LOOK_MILLISECONDS = 500;
const PASSAGES_AT_ONCE = 50;
const MOST_BYTES = 50_000_000;
const words = wordsOf("documents");

const chosen = /** @type {HTMLInputElement} */ (byId("files"));
const drop = byId("drop");

/** @type {File[]} */
const queue = [];
let reading = false;
let numbered = 0;

/** @param {string} method @param {string} path @returns {Promise<Answer>} */
async function ask(method, path) {
  try {
    const answer = await fetch(path, { method });
    return understood(answer.status, await answer.text());
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return { ok: false, data: null, trouble: [UNREACHABLE] };
  }
}

/** @param {number} status @param {string} body @returns {Answer} */
function understood(status, body) {
  let data = null;
  try {
    data = JSON.parse(body);
  } catch {
    // A guard before the server's own pages answers in plain text.
  }
  const ok = status >= 200 && status < 300 && data !== null;
  return { ok, data, trouble: ok ? [] : refusal(status, data ?? { detail: body.trim() }) };
}

async function refresh() {
  const { ok, data, trouble } = await ask("GET", PATH);
  const place = byId("documents");
  if (!ok) {
    setText(byId("documents-count"), "");
    place.replaceChildren(element("p", { class: "problem" }, ...trouble), element("p", { class: "bar" }, button(words("again"), refresh, { about: words("again-for") })));
    return;
  }
  const { documents } = /** @type {Shelf} */ (data);
  setText(byId("documents-count"), documents.length ? words("count", { count: documents.length }) : "");
  const list = element("ul", { class: "documents", "aria-label": words("title") }, ...documents.map(item));
  place.replaceChildren(documents.length ? list : element("p", {}, words("none-yet")));
}

/** @param {Given} given @returns {HTMLLIElement} */
function item(given) {
  const title = given.title && given.title !== given.name ? [element("span", {}, given.title)] : [];
  return element(
    "li",
    {},
    element("strong", {}, given.name),
    element("div", { class: "actions" }, button(words("remove"), () => remove(given), { about: quoted(given.name) })),
    element(
      "p",
      { class: "facts" },
      ...title,
      element("span", {}, ...around(words("added-on"), moment(given.added_at))),
      element("span", {}, words("passages", { count: given.passages })),
    ),
    text(given),
  );
}

/** What was read, fetched when somebody wants to see it. @param {Given} given */
function text(given) {
  const passages = element("ol", { tabindex: "0", "aria-label": words("passages-of", { name: given.name }) });
  const more = element("div", {});
  const about = element("span", { class: "unseen" }, ` ${words("text-in", { name: given.name })}`);
  const made = element("details", {}, element("summary", {}, words("text"), about), passages, more);
  const next = async () => {
    const first = passages.children.length;
    const { ok, data, trouble } = await ask("GET", `${PATH}/${encodeURIComponent(given.id)}?first=${first}&most=${PASSAGES_AT_ONCE}`);
    if (!ok) {
      more.replaceChildren(element("p", { class: "problem" }, ...trouble));
      return;
    }
    passages.append(...data.passages.map(passage));
    const left = given.passages - passages.children.length;
    const onward = () => button(words("more", { left }), next, { about: words("more-of", { name: given.name }) });
    more.replaceChildren(...(left > 0 && data.passages.length ? [onward()] : []));
    const begun = /** @type {HTMLElement|undefined} */ (passages.children[first]);
    if (first && begun) begun.focus();
  };
  made.addEventListener("toggle", () => {
    if (made.open && passages.children.length === 0) void next();
  });
  return made;
}

/** @param {{place: string, text: string}} each */
function passage({ place, text: said }) {
  // The server counts pages in English.
  const page = /^page (\d+)$/.exec(place)?.[1];
  const where = page ? words("page", { number: page }) : place;
  return element("li", { tabindex: "-1" }, ...(where ? [element("p", { class: "facts" }, where)] : []), element("p", {}, said));
}

/** @param {Given} given */
async function remove(given) {
  const question = { title: words("remove-title", { name: given.name }), text: words("remove-text"), yes: words("remove"), no: words("keep") };
  if (!(await confirmed(question))) return;
  const { ok, trouble } = await ask("DELETE", `${PATH}/${encodeURIComponent(given.id)}`);
  await refresh();
  byId("documents-heading").focus();
  if (ok) announce(words("removed"));
  else report(given.name, ...trouble);
}

/** @param {string} name @param {...(Node|string)} trouble */
function report(name, ...trouble) {
  const told = element("p", { class: "problem" }, ...trouble);
  const place = element("li", {}, told);
  place.append(button(words("dismiss"), () => dismiss(place), { about: words("dismiss-what", { name }) }));
  byId("uploads").append(place);
  announce(told.textContent ?? "");
}

/** @param {HTMLLIElement} place */
function dismiss(place) {
  place.remove();
  byId("documents-heading").focus();
}

/** @param {Iterable<File>} files */
function take(files) {
  queue.push(...files);
  if (!reading) void readAll();
}

async function readAll() {
  reading = true;
  for (let file = queue.shift(); file; file = queue.shift()) await readOne(file);
  reading = false;
}

/** @param {File} file */
async function readOne(file) {
  if (file.size > MOST_BYTES) {
    report(file.name, words("too-big", { name: file.name, megabytes: MOST_BYTES / 1_000_000 }));
    return;
  }
  const id = `upload-${(numbered += 1)}`;
  const bar = element("progress", { "aria-labelledby": id, max: "1" });
  const state = element("span", { class: "facts" }, words("sending"));
  const waiting = queue.length ? element("span", { class: "facts" }, words("waiting", { count: queue.length })) : "";
  const place = element("li", {}, element("span", { id }, file.name), element("div", { class: "progress" }, bar, state, waiting));
  byId("uploads").append(place);
  announce(words("reading-file", { name: file.name }));
  const looking = setInterval(() => look(file.name, bar, state), LOOK_MILLISECONDS);
  const { ok, trouble } = await send(file, (share) => {
    if (share < 1) bar.value = share;
    else drawReading(bar, state);
  });
  clearInterval(looking);
  place.remove();
  if (!ok) {
    report(file.name, ...trouble);
    return;
  }
  await refresh();
  announce(words("read", { name: file.name }));
}

/** How far the server is with it. @param {string} name @param {HTMLProgressElement} bar @param {HTMLElement} state */
async function look(name, bar, state) {
  const { ok, data } = await ask("GET", PATH);
  const now = ok && /** @type {Shelf} */ (data).reading.find((each) => each.name === name);
  if (now) drawReading(bar, state, now);
}

/** Until the passages are counted nobody knows how far it is. @param {HTMLProgressElement} bar @param {HTMLElement} state @param {UnderWay} [now] */
function drawReading(bar, state, now) {
  if (now?.all) bar.value = now.done / now.all;
  else bar.removeAttribute("value");
  setText(state, now?.all ? words("progress", { done: now.done, count: now.all }) : words("reading"));
}

/**
 * `fetch` would not say how much of it has gone.
 * @param {File} file
 * @param {(share: number) => void} sent
 * @returns {Promise<Answer>}
 */
function send(file, sent) {
  const body = new FormData();
  body.append("files", file);
  const request = new XMLHttpRequest();
  request.open("POST", PATH);
  request.upload.addEventListener("progress", (event) => sent(event.total ? event.loaded / event.total : 0));
  request.upload.addEventListener("load", () => sent(1));
  return new Promise((resolve) => {
    request.addEventListener("load", () => resolve(understood(request.status, request.responseText)));
    request.addEventListener("error", () => resolve({ ok: false, data: null, trouble: [words("unsent", { name: file.name }), " ", UNREACHABLE] }));
    request.send(body);
  });
}

chosen.addEventListener("change", () => {
  take(chosen.files ?? []);
  chosen.value = "";
});
for (const name of ["dragenter", "dragover"]) {
  drop.addEventListener(name, (event) => {
    event.preventDefault();
    drop.classList.add("over");
  });
}
drop.addEventListener("dragleave", () => drop.classList.remove("over"));
drop.addEventListener("drop", (event) => {
  event.preventDefault();
  drop.classList.remove("over");
  take(event.dataTransfer?.files ?? []);
});

void refresh();
