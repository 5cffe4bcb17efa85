/**
 * Documents, on the page "My memory": files given to read one after the other, with how far each is; what was read,
 * looked into and taken away. What goes wrong with a file stands beside that file.
 *
 * @typedef {{id: string, name: string, title: string, added_at: string, characters: number, passages: number,
 *   metadata: Record<string, string>}} Given
 * @typedef {{name: string, done: number, all: number}} UnderWay
 * @typedef {{documents: Given[], reading: UnderWay[]}} Shelf
 * @typedef {{ok: boolean, data: any, trouble: string}} Answer
 */

import { UNREACHABLE, button, byId, confirmed, counted, moment, say } from "./pages.js";
import { element, setText } from "./voice/elements.js";

const PATH = "/api/documents";
const LOOK_MILLISECONDS = 500;
const PASSAGES_AT_ONCE = 50;
const MOST_BYTES = 50_000_000;

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
    return { ok: false, data: null, trouble: UNREACHABLE };
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
  const words = [data?.detail, data?.remedy].filter((each) => typeof each === "string").join(" ");
  return { ok, data, trouble: ok ? "" : words || body.trim() || `The server answered ${status}.` };
}

async function refresh() {
  const { ok, data, trouble } = await ask("GET", PATH);
  const place = byId("documents");
  if (!ok) {
    setText(byId("documents-count"), "");
    place.replaceChildren(element("p", { class: "problem" }, trouble), element("p", { class: "bar" }, button("Look again", refresh, { about: "for my documents" })));
    return;
  }
  const { documents } = /** @type {Shelf} */ (data);
  setText(byId("documents-count"), documents.length ? `${counted(documents.length, "document")}, the newest first.` : "");
  const list = element("ul", { class: "documents", "aria-label": "Documents" }, ...documents.map(item));
  place.replaceChildren(documents.length ? list : element("p", {}, "I have read none yet."));
}

/** @param {Given} given @returns {HTMLLIElement} */
function item(given) {
  const title = given.title && given.title !== given.name ? [element("span", {}, given.title)] : [];
  return element(
    "li",
    {},
    element("strong", {}, given.name),
    element("div", { class: "actions" }, button("Remove", () => remove(given), { about: `“${given.name}”` })),
    element(
      "p",
      { class: "facts" },
      ...title,
      element("span", {}, "Added on ", moment(given.added_at)),
      element("span", {}, counted(given.passages, "passage")),
    ),
    text(given),
  );
}

/** What was read, fetched when somebody wants to see it. @param {Given} given */
function text(given) {
  const passages = element("ol", { tabindex: "0", "aria-label": `Passages of “${given.name}”` });
  const more = element("div", {});
  const made = element("details", {}, element("summary", {}, "What I read", element("span", { class: "unseen" }, ` in “${given.name}”`)), passages, more);
  const next = async () => {
    const first = passages.children.length;
    const { ok, data, trouble } = await ask("GET", `${PATH}/${encodeURIComponent(given.id)}?first=${first}&most=${PASSAGES_AT_ONCE}`);
    if (!ok) {
      more.replaceChildren(element("p", { class: "problem" }, trouble));
      return;
    }
    passages.append(...data.passages.map(passage));
    const left = given.passages - passages.children.length;
    more.replaceChildren(...(left > 0 && data.passages.length ? [button(`Show more (${left.toLocaleString("en")})`, next, { about: `of “${given.name}”` })] : []));
    const begun = /** @type {HTMLElement|undefined} */ (passages.children[first]);
    if (first && begun) begun.focus();
  };
  made.addEventListener("toggle", () => {
    if (made.open && passages.children.length === 0) void next();
  });
  return made;
}

/** @param {{place: string, text: string}} each */
function passage({ place, text: words }) {
  return element("li", { tabindex: "-1" }, ...(place ? [element("p", { class: "facts" }, place)] : []), element("p", {}, words));
}

/** @param {Given} given */
async function remove(given) {
  const text = "What I read in it is erased for good. What we said about it stays in our conversations.";
  if (!(await confirmed({ title: `Remove “${given.name}”?`, text, yes: "Remove", no: "Keep" }))) return;
  const { ok, trouble } = await ask("DELETE", `${PATH}/${encodeURIComponent(given.id)}`);
  await refresh();
  byId("documents-heading").focus();
  if (ok) say("Removed.");
  else report(given.name, trouble);
}

/** @param {string} name @param {string} trouble */
function report(name, trouble) {
  const place = element("li", {});
  place.append(element("p", { class: "problem" }, trouble), button("Dismiss", () => dismiss(place), { about: `what is said of “${name}”` }));
  byId("uploads").append(place);
  say(trouble);
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
    report(file.name, `“${file.name}” is too big: only files of up to ${MOST_BYTES / 1_000_000} MB can be read.`);
    return;
  }
  const id = `upload-${(numbered += 1)}`;
  const bar = element("progress", { "aria-labelledby": id, max: "1" });
  const state = element("span", { class: "facts" }, "Sending…");
  const waiting = queue.length ? element("span", { class: "facts" }, `${counted(queue.length, "more", "more")} after it`) : "";
  const place = element("li", {}, element("span", { id }, file.name), element("div", { class: "progress" }, bar, state, waiting));
  byId("uploads").append(place);
  say(`Reading ${file.name}.`);
  const looking = setInterval(() => look(file.name, bar, state), LOOK_MILLISECONDS);
  const { ok, trouble } = await send(file, (share) => {
    if (share < 1) bar.value = share;
    else drawReading(bar, state);
  });
  clearInterval(looking);
  place.remove();
  if (!ok) {
    report(file.name, trouble);
    return;
  }
  await refresh();
  say(`I have read ${file.name}.`);
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
  setText(state, now?.all ? `${now.done.toLocaleString("en")} of ${counted(now.all, "passage")}` : "Reading…");
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
    request.addEventListener("error", () => resolve({ ok: false, data: null, trouble: `${file.name} could not be sent. ${UNREACHABLE}` }));
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
