/** What the pages beside the conversation have in common: asking the server, saying what came of it, and the theme. */

import { element, setText } from "./voice/elements.js";
import { effectiveTheme } from "./voice/theme.js";

export const UNREACHABLE = "Nightingale can not be reached. Is it still running?";

const LOCALE = "en-GB";
const MOMENT = new Intl.DateTimeFormat(LOCALE, { dateStyle: "medium", timeStyle: "short" });
const DAY = new Intl.DateTimeFormat(LOCALE, { dateStyle: "medium" });

/** @type {<T extends HTMLElement>(id: string) => T} */
export const byId = (id) => /** @type {any} */ (document.getElementById(id));

/** To a screen reader. @param {string} text */
export const say = (text) => setText(byId("live"), text);

/** One at a time; each kind is cleared by its own success. @param {"connection"|"action"} kind @param {string} text empty to clear */
export function showProblem(kind, text) {
  const place = byId("problem");
  if (!text && place.dataset.kind !== kind) return;
  place.dataset.kind = kind;
  setText(place, text);
  place.hidden = !text;
}

/**
 * @param {string} method
 * @param {string} path
 * @param {{body?: unknown, about?: string, signal?: AbortSignal}} [more] `about`: whose trouble it is, if there is any
 * @returns {Promise<any>} what the server answers, null for nothing; undefined when it refused, could not be reached or was no longer asked
 */
export async function ask(method, path, { body, about = "", signal } = {}) {
  try {
    const content = body === undefined ? {} : { body: JSON.stringify(body), headers: { "Content-Type": "application/json" } };
    const answer = await fetch(path, { method, signal, ...content });
    const data = answer.status === 204 ? null : await answer.json().catch(() => ({ detail: `The server answered ${answer.status}.` }));
    showProblem("connection", "");
    showProblem("action", answer.ok ? "" : [about && `${about}:`, inWords(data)].filter(Boolean).join(" "));
    return answer.ok ? data : undefined;
  } catch (error) {
    if (signal?.aborted) return undefined;
    if (!(error instanceof TypeError)) throw error;
    showProblem("connection", UNREACHABLE);
    return undefined;
  }
}

/** @param {{detail?: unknown, text?: string, remedy?: string}} refusal */
function inWords({ detail, text = "That could not be done.", remedy = "" }) {
  return [typeof detail === "string" ? detail : text, remedy].filter(Boolean).join(" ");
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

/** @param {number} count @param {string} one @param {string} [several] */
export const counted = (count, one, several = `${one}s`) => `${count.toLocaleString("en")} ${count === 1 ? one : several}`;

/** @param {string} label @param {() => void} run @param {{about?: string, danger?: boolean}} [more] `about`: heard after the label, not seen */
export function button(label, run, { about = "", danger = false } = {}) {
  const made = element("button", { type: "button", class: danger ? "danger" : null }, label);
  if (about) made.append(element("span", { class: "unseen" }, ` ${about}`));
  made.addEventListener("click", run);
  return made;
}

for (const leave of document.querySelectorAll("dialog [data-leave]")) {
  leave.addEventListener("click", () => leave.closest("dialog")?.close("no"));
}
document.documentElement.dataset.theme = effectiveTheme();
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
  document.documentElement.dataset.theme = effectiveTheme();
});
