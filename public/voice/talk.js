/**
 * The talk button, for who wants to say themselves when their turn ends: held while they speak, or pressed and pressed
 * again. While it is not down nothing of the microphone leaves the page, but for the moment just before.
 *
 * @import { Ending } from "./wire.js"
 * @typedef {{began: () => void, ended: () => void}} TalkListener
 */

import { say } from "../strings.js";
import { element, setAttribute, setText } from "./elements.js";
import { icon } from "./icons.js";

/** After so many milliseconds the end of the last word has come out of the microphone. */
const TAIL = 200;
/** Frames of 32 ms before the press that are sent with what follows: people begin a little early. */
const BEFORE = 8;
const KEYS = [" ", "Enter"];

export class Talk {
  #label = element("span", {});
  root = element(
    "button",
    { type: "button", id: "nightingale-talk", class: "ng-button ng-main ng-talk", "aria-pressed": "false", hidden: true },
    icon("microphone"),
    this.#label,
  );
  /** @type {Ending} */
  #ending = "automatic";
  #isDown = false;
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  #tail;
  /** @type {ArrayBuffer[]} */
  #before = [];
  #listener;

  /** @param {TalkListener} listener */
  constructor(listener) {
    this.#listener = listener;
    const { root } = this;
    root.addEventListener("pointerdown", (event) => {
      if (!this.#isHeld || !event.isPrimary || event.button !== 0) return;
      root.setPointerCapture(event.pointerId);
      this.#press();
    });
    for (const type of ["pointerup", "pointercancel", "lostpointercapture", "blur"]) {
      root.addEventListener(type, () => this.#isHeld && this.release());
    }
    root.addEventListener("keydown", (event) => {
      if (!this.#isHeld || !KEYS.includes(event.key)) return;
      event.preventDefault(); // else it is a click as well
      if (!event.repeat) this.#press();
    });
    root.addEventListener("keyup", (event) => {
      if (!this.#isHeld || !KEYS.includes(event.key)) return;
      event.preventDefault();
      this.release();
    });
    root.addEventListener("click", ({ detail }) => {
      // With no pointer and no key it comes of assistive technology, which cannot hold: there it is pressed again.
      if (this.#isHeld && detail !== 0) return;
      if (this.#isDown) this.release();
      else this.#press();
    });
    root.addEventListener("contextmenu", (event) => event.preventDefault()); // of a long touch
    window.addEventListener("blur", () => this.#isHeld && this.release());
    document.addEventListener("visibilitychange", () => this.#isHeld && document.hidden && this.release());
  }

  get isDown() {
    return this.#isDown;
  }

  /** Whether it is what begins and ends a turn. */
  get isWanted() {
    return this.#ending === "hold" || this.#ending === "toggle";
  }

  get #isHeld() {
    return this.#ending === "hold";
  }

  /** @param {Ending} ending */
  show(ending) {
    if (ending !== this.#ending) this.release();
    this.#ending = ending;
    setText(this.#label, say("page", this.#isHeld ? "hold" : "press"));
    setAttribute(this.root, "aria-pressed", String(this.#isDown));
    setAttribute(this.root, "hidden", !this.isWanted);
  }

  /** It is up, whoever had it down. */
  release() {
    if (!this.#isDown) return;
    this.#isDown = false;
    this.#tail = setTimeout(() => {
      this.#tail = undefined;
      this.#listener.ended();
    }, TAIL);
    setAttribute(this.root, "aria-pressed", "false");
  }

  #press() {
    if (this.#isDown) return;
    this.#isDown = true;
    const goesOn = this.#tail !== undefined;
    clearTimeout(this.#tail);
    this.#tail = undefined;
    setAttribute(this.root, "aria-pressed", "true");
    if (!goesOn) this.#listener.began();
  }

  /** The microphone was closed, or muted: what it gave before is the beginning of nothing. */
  forget() {
    this.#before = [];
  }

  /** @param {ArrayBuffer} frame of the microphone @returns {ArrayBuffer[]} what may be sent now */
  pass(frame) {
    this.#before.push(frame);
    if (this.isWanted && !this.#isDown && this.#tail === undefined) {
      this.#before.splice(0, this.#before.length - BEFORE);
      return [];
    }
    return this.#before.splice(0);
  }
}
