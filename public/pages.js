/**
 * What the pages beside the conversation have in common: their texts and looks, asking the server, and saying what came
 * of it. A module that imports this one runs when the texts are there.
 */

import { language, loadStrings, locale, wordsOf } from "./strings.js";
import { element, setAttribute, setText } from "./voice/elements.js";
import * as looks from "./voice/looks.js";

looks.begin(() => {}); // Chainlit's switch is not here
await loadStrings();

const words = wordsOf("pages");
const MOMENT = new Intl.DateTimeFormat(locale(), { dateStyle: "medium", timeStyle: "short" });
const DAY = new Intl.DateTimeFormat(locale(), { dateStyle: "medium" });

export const UNREACHABLE = words("unreachable");

/** @type {<T extends HTMLElement>(id: string) => T} */
export const byId = (id) => /** @type {any} */ (document.getElementById(id));

/** To a screen reader. @param {string} text */
export const announce = (text) => setText(byId("live"), text);

/**
 * One at a time; each kind is cleared by its own success.
 * @param {"connection"|"action"} kind
 * @param {...(Node|string)} parts none to clear
 */
export function showProblem(kind, ...parts) {
  const place = byId("problem");
  if (parts.length === 0 && place.dataset.kind !== kind) return;
  place.dataset.kind = kind;
  redraw(place, ...parts);
  place.hidden = parts.length === 0;
}

/**
 * @param {string} method
 * @param {string} path
 * @param {{body?: unknown, about?: string, signal?: AbortSignal}} [more] `about`: whose trouble it is, if there is any
 * @returns {Promise<any>} what the server answers, null for nothing; undefined when it refused, could not be reached or was no longer asked
 */
export async function ask(method, path, { body, about = "", signal } = {}) {
  try {
    const headers = { "Accept-Language": language(), ...(body === undefined ? {} : { "Content-Type": "application/json" }) };
    const answer = await fetch(path, { method, signal, headers, body: body === undefined ? undefined : JSON.stringify(body) });
    const data = answer.status === 204 ? null : await answer.json().catch(() => ({}));
    showProblem("connection");
    showProblem("action", ...(answer.ok ? [] : [about && `${about}: `, ...refusal(answer.status, data)].filter(Boolean)));
    return answer.ok ? data : undefined;
  } catch (error) {
    if (signal?.aborted) return undefined;
    if (!(error instanceof TypeError)) throw error;
    showProblem("connection", UNREACHABLE);
    return undefined;
  }
}

/**
 * Why the server would not, for people.
 * @param {number} status
 * @param {{code?: string, detail?: unknown, text?: string, remedy?: string, language?: string}} said nothing is in it where something before the server answered
 */
export function refusal(status, { code = "", detail, text, remedy, language: its }) {
  const servers = [typeof detail === "string" ? detail : text, remedy].filter(Boolean).join(" ");
  const own = (code && words(`refused-${code}`)) || words(`refused-${status}`) || words("refused", { status });
  return servers ? withServers(own, servers, its) : [own];
}

/** Most of the server's own sentences are English: in other languages ours come before them. @param {string} own @param {string} servers */
export function withServers(own, servers, its = "en") {
  if (language() === its) return [servers];
  return [...(own ? [own, " "] : []), element("span", { lang: its }, servers)];
}

/**
 * In the page's one dialog, which begins with the way out.
 * @param {{title: string, text: string, yes: string, no: string}} question
 * @returns {Promise<boolean>}
 */
export function confirmed({ title, text, yes, no }) {
  const dialog = /** @type {HTMLDialogElement} */ (byId("confirm"));
  setText(byId("confirm-title"), title);
  setText(byId("confirm-text"), text);
  setText(/** @type {Element} */ (dialog.querySelector("[value=yes]")), yes);
  setText(/** @type {Element} */ (dialog.querySelector("[value=no]")), no);
  return answered(dialog);
}

/**
 * A dialog with a field of its own, where Enter means the answer that is filled in.
 * @param {HTMLDialogElement} dialog
 * @returns {Promise<boolean>} whether it was answered
 */
export function answered(dialog) {
  dialog.returnValue = "no";
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.onclose = () => resolve(dialog.returnValue === "yes");
  });
}

/** @param {string} iso @param {Intl.DateTimeFormat} format */
function time(iso, format) {
  return element("time", { datetime: iso }, format.format(new Date(iso)));
}

/** @param {string} iso */
export const moment = (iso) => time(iso, MOMENT);

/** @param {string} iso */
export const day = (iso) => time(iso, DAY);

/** @param {number} value @param {number} [digits] after the point */
export const number = (value, digits = 0) => value.toLocaleString(locale(), { minimumFractionDigits: digits, maximumFractionDigits: digits });

/** Only where something changes: else focus would be lost, and an alert read again. @param {HTMLElement} place @param {...(Node|string)} children */
export function redraw(place, ...children) {
  const fresh = element("div", {}, ...children);
  if (place.innerHTML !== fresh.innerHTML) place.replaceChildren(...fresh.childNodes);
}

/** A text with an element where `{it}` stands. @param {string} text @param {Node} it */
export function around(text, it) {
  const [before = "", after = ""] = text.split("{it}");
  return [before, it, after].filter(Boolean);
}

/** As it is quoted. @param {string} text */
export const quoted = (text) => words("quoted", { text });

/** @param {string} label @param {() => void} run @param {{about?: string, danger?: boolean}} [more] `about`: heard after the label, not seen */
export function button(label, run, { about = "", danger = false } = {}) {
  const made = element("button", { type: "button", class: danger ? "danger" : null }, label);
  if (about) made.append(element("span", { class: "unseen" }, ` ${about}`));
  made.addEventListener("click", run);
  return made;
}

/** The document says itself which text stands where: `data-say="SECTION.KEY"`, or `data-say-label` for what is only heard. */
function fill() {
  const text = (/** @type {string|undefined} */ name) => {
    const [section = "", key = ""] = (name ?? "").split(".");
    return wordsOf(section)(key);
  };
  const places = /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-say], [data-say-label]"));
  for (const place of places) {
    const { say, sayLabel } = place.dataset;
    if (say) setText(place, text(say));
    if (sayLabel) setAttribute(place, "aria-label", text(sayLabel));
  }
  delete document.body.dataset.untold;
}

for (const leave of document.querySelectorAll("dialog [data-leave]")) {
  leave.addEventListener("click", () => leave.closest("dialog")?.close("no"));
}
fill();
