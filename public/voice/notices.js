/**
 * Notices: what the user should know, on the screen until dismissed and announced once. One per code, the latest
 * three. Some go by themselves, but never from under somebody's hand.
 */

import { say } from "../strings.js";
import { element } from "./elements.js";
import { icon } from "./icons.js";

/**
 * @typedef {object} Notice
 * @property {"info"|"warning"|"error"} level
 * @property {string} code a newer notice replaces the one of the same code
 * @property {string} text
 * @property {string} [detail]
 * @property {{label: string, run: () => void}} [action]
 * @property {boolean} [urgent] interrupts a screen reader, as errors always do
 * @property {number} [passing] milliseconds after which it goes by itself
 */

const MOST = 3;

export class Notices {
  /** @type {Map<string, HTMLElement>} */
  #shown = new Map();
  root = element("ul", { class: "ng-notices", "aria-label": () => say("page-notices", "notices"), hidden: true });
  #announce;

  /** @param {(text: string, urgent: boolean, level: Notice["level"]) => void} announce */
  constructor(announce) {
    this.#announce = announce;
  }

  /** @param {Notice} notice */
  show({ level, code, text, detail = "", action, urgent = level === "error", passing }) {
    this.#shown.get(code)?.remove();
    this.#shown.delete(code);
    const entry = element(
      "li",
      { class: `ng-notice ng-${level}`, "data-code": code },
      icon(level),
      element(
        "p",
        {},
        element("span", { class: "ng-unseen" }, `${say("page", "label", { name: say("page-notices", level) })} `),
        element("strong", {}, text),
        ...(detail ? [` ${detail}`] : []),
      ),
    );
    if (action) entry.append(this.#button(action.label, "ng-button", action.run));
    entry.append(this.#button(say("page", "dismiss"), "ng-button ng-quiet", () => this.clear(code)));
    this.#shown.set(code, entry);
    this.root.append(entry);
    for (const oldest of [...this.#shown.keys()].slice(0, -MOST)) this.clear(oldest);
    this.root.hidden = false;
    this.#announce(`${text} ${detail}`.trim(), urgent, level);
    if (passing) this.#letGo(code, entry, passing);
  }

  /** @param {string} code @param {HTMLElement} entry @param {number} after milliseconds */
  #letGo(code, entry, after) {
    setTimeout(() => {
      if (this.#shown.get(code) !== entry) return;
      if (entry.matches(":hover, :focus-within")) this.#letGo(code, entry, after);
      else this.clear(code);
    }, after);
  }

  /** @param {string} code */
  clear(code) {
    const entry = this.#shown.get(code);
    if (!entry) return;
    // A pressed button must not take the focus with it into nowhere.
    const hadFocus = entry.contains(document.activeElement);
    entry.remove();
    this.#shown.delete(code);
    this.root.hidden = this.#shown.size === 0;
    if (hadFocus) document.getElementById("nightingale-start")?.focus();
  }

  /** @param {string} label @param {string} className @param {() => void} run */
  #button(label, className, run) {
    const button = element("button", { type: "button", class: className }, label);
    button.addEventListener("click", run);
    return button;
  }
}
