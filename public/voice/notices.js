/**
 * Notices: what the user should know, on the screen until dismissed and announced once. One per code, the latest
 * three.
 */

import { element } from "./elements.js";
import { icon } from "./icons.js";

/**
 * @typedef {object} Notice
 * @property {"info"|"warning"|"error"} level
 * @property {string} code a newer notice replaces the one of the same code
 * @property {string} text
 * @property {string} [detail]
 * @property {{label: string, run: () => void}} [action]
 */

const MOST = 3;
const LEVELS = { info: "Note", warning: "Warning", error: "Problem" };

export class Notices {
  /** @type {Map<string, HTMLElement>} */
  #shown = new Map();
  root = element("ul", { class: "ng-notices", "aria-label": "Notices", hidden: true });
  #announce;

  /** @param {(level: Notice["level"], text: string) => void} announce */
  constructor(announce) {
    this.#announce = announce;
  }

  /** @param {Notice} notice */
  show({ level, code, text, detail = "", action }) {
    this.#shown.get(code)?.remove();
    this.#shown.delete(code);
    const entry = element(
      "li",
      { class: `ng-notice ng-${level}`, "data-code": code },
      icon(level),
      element(
        "p",
        {},
        element("span", { class: "ng-unseen" }, `${LEVELS[level]}: `),
        element("strong", {}, text),
        ...(detail ? [` ${detail}`] : []),
      ),
    );
    if (action) entry.append(this.#button(action.label, "ng-button", action.run));
    entry.append(this.#button("Dismiss", "ng-button ng-quiet", () => this.clear(code)));
    this.#shown.set(code, entry);
    this.root.append(entry);
    for (const oldest of [...this.#shown.keys()].slice(0, -MOST)) this.clear(oldest);
    this.root.hidden = false;
    this.#announce(level, `${text} ${detail}`.trim());
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
