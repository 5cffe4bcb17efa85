/**
 * Offers: what was said or typed and never answered, on the screen until it is answered or dismissed. They are not
 * notices: none may be pushed out by another.
 *
 * @import { Replay } from "./replay.js"
 * @import { Offer } from "./wire.js"
 * @typedef {object} OfferListener
 * @property {(saying: string, wish: "answer"|"dismiss") => void} wish a button was pressed
 * @property {(text: string) => void} announce
 */

import { say } from "../strings.js";
import { element } from "./elements.js";
import { icon } from "./icons.js";

/** Offers that come together, within so many milliseconds, are announced together. */
const TOGETHER = 400;
/** Characters of what was said that are enough to know it again. */
const ENOUGH = 200;

export class Offers {
  #list = element("ul", {});
  root = element(
    "section",
    { class: "ng-offers", role: "region", "aria-labelledby": "nightingale-offers", hidden: true },
    element("h2", { id: "nightingale-offers" }, () => say("page", "offers")),
    this.#list,
  );
  /** @type {Map<string, {entry: HTMLElement, words: string}>} */
  #shown = new Map();
  /** @type {Map<string, string>} words by saying */
  #untold = new Map();
  #made = 0;
  #replay;
  #listener;

  /** @param {Replay} replay @param {OfferListener} listener */
  constructor(replay, listener) {
    this.#replay = replay;
    this.#listener = listener;
  }

  /** One that is shown already is announced again only if it has changed. @param {Offer} offer */
  show({ saying, text = "", seconds, reason }) {
    const what = element("strong", {}, named(text, seconds));
    const words = element("p", { id: `nightingale-offer-${++this.#made}` }, what, ` ${reason}`);
    const label = words.textContent ?? "";
    const before = this.#shown.get(saying);
    if (before?.words === label) return allow(before.entry);
    const button = (/** @type {string} */ name, /** @type {string} */ className, /** @type {() => void} */ press) => {
      const made = element("button", { type: "button", class: `ng-button ${className}`, "aria-describedby": words.id }, name);
      made.addEventListener("click", press);
      return made;
    };
    const answer = button(say("page", "answer"), "ng-answer", () => {
      if (answer.getAttribute("aria-disabled") === "true") return;
      answer.setAttribute("aria-disabled", "true");
      this.#listener.wish(saying, "answer");
    });
    const entry = element("li", { class: "ng-notice ng-offer" }, icon("info"), words, answer);
    if (typeof seconds === "number") entry.append(this.#replay.button(saying, { describedBy: words.id }));
    entry.append(button(say("page", "dismiss"), "ng-quiet", () => this.#listener.wish(saying, "dismiss")));
    if (before) this.#leave(before.entry, () => before.entry.replaceWith(entry), entry);
    else this.#list.append(entry);
    this.#tell(saying, label);
    this.#shown.set(saying, { entry, words: label });
    this.root.hidden = false;
  }

  /** @param {string} saying */
  gone(saying) {
    const shown = this.#shown.get(saying);
    if (!shown) return;
    const { entry } = shown;
    this.#shown.delete(saying);
    this.#untold.delete(saying);
    this.#leave(entry, () => entry.remove(), entry.nextElementSibling ?? entry.previousElementSibling);
    this.root.hidden = this.#shown.size === 0;
  }

  /** They belong to a conversation, and go with it. */
  clear() {
    this.#untold.clear();
    for (const saying of [...this.#shown.keys()]) this.gone(saying);
  }

  /** Take an entry away; what had the focus must not take it along into nowhere. @param {HTMLElement} entry @param {() => void} remove @param {Element|null} next */
  #leave(entry, remove, next) {
    this.#replay.leave(entry);
    const hadFocus = entry.contains(document.activeElement);
    remove();
    if (hadFocus) (next?.querySelector("button") ?? document.getElementById("nightingale-start"))?.focus();
  }

  /** @param {string} saying @param {string} words */
  #tell(saying, words) {
    this.#untold.set(saying, words);
    if (this.#untold.size > 1) return;
    setTimeout(() => {
      const [first, ...more] = this.#untold.values();
      this.#untold.clear();
      if (more.length) this.#listener.announce(say("page", "many-offers", { count: more.length + 1 }));
      else if (first) this.#listener.announce(say("page", "offer", { what: first }));
    }, TOGETHER);
  }
}

/** @param {string} text @param {number|null} [seconds] of its recording */
function named(text, seconds) {
  if (text) return say("page", "quoted", { text: text.length > ENOUGH ? `${text.slice(0, ENOUGH)}…` : text });
  if (typeof seconds !== "number") return say("page", "something");
  return say("page", "recording", { count: Math.max(1, Math.round(seconds)) });
}

/** It may be answered (again). @param {HTMLElement} entry */
function allow(entry) {
  entry.querySelector(".ng-answer")?.removeAttribute("aria-disabled");
}
