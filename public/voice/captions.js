/**
 * Captions: a band with what both say, each line marked with its speaker. A sentence of the reply appears when it
 * begins to sound, the person's words while they say them. For the eye; a screen reader has the log.
 */

import { say } from "../strings.js";
import { element, setAttribute } from "./elements.js";
import { markLanguage } from "./parts.js";

/** A sentence that waits for its sound appears after so many milliseconds all the same: there may come none. */
const LONGEST_WAIT = 800;
const MOST_LINES = 4;

export class Captions {
  root = element("section", {
    id: "nightingale-captions",
    class: "ng-captions",
    role: "region",
    "aria-label": () => say("page", "captions"),
    "data-empty": () => say("page", "no-captions"),
    tabindex: "0", // it scrolls
    hidden: true,
  });
  /** The person's line, while it may still grow. @type {{words: string, line: HTMLElement}|null} */
  #theirs = null;
  /** @type {{text: string, timer: ReturnType<typeof setTimeout>}[]} */
  #due = [];
  #track = "";

  /** @param {boolean} wanted */
  show(wanted) {
    setAttribute(this.root, "hidden", !wanted);
    setAttribute(document.documentElement, "data-captions", wanted);
    this.#toTheEnd();
  }

  /** What has been made out so far of what they are saying; both empty: it is being made out. @param {string} text @param {string} [tentative] */
  hears(text, tentative = "") {
    if (!text && !tentative) return;
    this.#theirs ??= { words: "", line: this.#add("user", "") };
    const { words, line } = this.#theirs;
    const sure = element("span", {}, [words, text].filter(Boolean).join(" "));
    fill(line, sure, element("span", { class: "ng-tentative" }, tentative && ` ${tentative}`));
    this.#toTheEnd();
  }

  /**
   * @param {string} text all that they said in this turn; or one sentence of the reply
   * @param {"assistant"|"user"} speaker
   * @param {boolean} sounding whether something before it still sounds
   */
  said(text, speaker, sounding) {
    if (speaker === "user") {
      this.#theirs ??= { words: "", line: this.#add("user", "") };
      this.#theirs.words = text;
      const all = element("span", {}, text);
      markLanguage(all);
      fill(this.#theirs.line, all);
      return this.#toTheEnd();
    }
    if (!sounding) return this.#answer(text);
    this.#due.push({ text, timer: setTimeout(() => this.#next(), LONGEST_WAIT) });
  }

  /** Some of this track has sounded. @param {string} track */
  sounds(track) {
    if (track === this.#track) return;
    this.#track = track;
    this.#next();
  }

  /** All has sounded. */
  idle() {
    while (this.#due.length) this.#next();
  }

  /** What has not begun to sound never will. */
  flush() {
    for (const { timer } of this.#due.splice(0)) clearTimeout(timer);
  }

  /** Another conversation. */
  clear() {
    this.flush();
    this.#theirs = null;
    this.root.replaceChildren();
  }

  #next() {
    const next = this.#due.shift();
    if (!next) return;
    clearTimeout(next.timer);
    this.#answer(next.text);
  }

  /** @param {string} text */
  #answer(text) {
    this.#theirs = null;
    this.#add("assistant", text);
    this.#toTheEnd();
  }

  /** @param {"assistant"|"user"} speaker @param {string} text @returns {HTMLElement} */
  #add(speaker, text) {
    const name = say("page", "label", { name: speaker === "user" ? say("page", "you") : "Nightingale" });
    const line = element("p", { "data-speaker": speaker }, element("b", {}, name), " ", element("span", {}, text));
    markLanguage(/** @type {Element} */ (line.lastElementChild));
    this.root.append(line);
    while (this.root.childElementCount > MOST_LINES) this.root.firstElementChild?.remove();
    return line;
  }

  #toTheEnd() {
    this.root.scrollTop = this.root.scrollHeight;
  }
}

/** All of a line but whose it is. @param {HTMLElement} line @param {...Element} words */
function fill(line, ...words) {
  const [name] = line.children;
  line.replaceChildren(name, " ", ...words);
}
