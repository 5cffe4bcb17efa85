/**
 * The voice bar above the composer: a region with the status, the controls, the interim transcript and the
 * notices. It shows what it is told and reports what is pressed; it decides nothing.
 */

import { element, setAttribute, setText } from "./elements.js";
import { icon } from "./icons.js";

/**
 * @import { IconName } from "./icons.js"
 * @import { Line } from "./status.js"
 * @typedef {"start"|"mute"|"stop"|"replies"} Control
 * @typedef {object} Shown
 * @property {Line} line
 * @property {boolean} open the microphone is open
 * @property {boolean} muted
 * @property {boolean} stoppable there is a reply to stop
 * @property {boolean} speakReplies
 */

export class Bar {
  #line = element("span", {});
  #state = element("div", { class: "ng-state" }, icon("ready"), this.#line);
  #interim = element("p", { class: "ng-interim", "aria-hidden": "true" });
  /** @type {Record<Control, HTMLButtonElement>} */
  #buttons;
  root;

  /** @param {Element} notices @param {(control: Control) => void} press */
  constructor(notices, press) {
    const button = (/** @type {Control} */ control, /** @type {string} */ className) => {
      const made = element("button", { type: "button", id: `nightingale-${control}`, class: `ng-button ${className}` });
      made.addEventListener("click", () => press(control));
      return made;
    };
    this.#buttons = {
      start: button("start", "ng-main"),
      mute: button("mute", ""),
      stop: button("stop", ""),
      replies: button("replies", ""),
    };
    setAttribute(this.#buttons.stop, "aria-keyshortcuts", "Escape");
    this.root = element(
      "section",
      { id: "nightingale-voice", role: "region", "aria-label": "Voice" },
      notices,
      this.#interim,
      element(
        "div",
        { class: "ng-row" },
        this.#state,
        element("div", { class: "ng-buttons" }, ...Object.values(this.#buttons)),
      ),
    );
  }

  /** @param {Shown} shown */
  show({ line, open, muted, stoppable, speakReplies }) {
    face(this.#state, line.icon);
    setText(this.#line, line.text);
    setAttribute(this.#state, "data-state", line.icon);
    const { start, mute, stop, replies } = this.#buttons;
    dress(start, open ? "end" : "microphone", open ? "End voice" : "Start voice");
    dress(mute, muted ? "muted" : "microphone", "Mute");
    setAttribute(mute, "aria-pressed", String(muted));
    mute.disabled = !open;
    dress(stop, "stop", "Stop reply");
    stop.disabled = !stoppable;
    dress(replies, speakReplies ? "speaker" : "silent", "Spoken replies");
    setAttribute(replies, "aria-pressed", String(speakReplies));
  }

  /** How loud the microphone is, 0 to 1, for the eye. @param {number} level */
  showLevel(level) {
    this.#state.style.setProperty("--ng-level", level.toFixed(2));
  }

  /** @param {string} text empty to clear */
  showInterim(text) {
    setText(this.#interim, text ? `You: ${text}` : "");
  }

  focusStart() {
    this.#buttons.start.focus();
  }

  /** Put the bar before the composer, wherever Chainlit has it now. @param {Element|null} composer */
  settle(composer) {
    if (!composer || composer.previousElementSibling === this.root) return;
    const focused = this.root.contains(document.activeElement) ? document.activeElement : null;
    composer.before(this.root);
    if (focused instanceof HTMLElement) focused.focus();
  }
}

/** @param {Element} place @param {IconName} name */
function face(place, name) {
  const current = place.querySelector("svg");
  if (current?.dataset.icon !== name) current?.replaceWith(icon(name));
}

/** @param {HTMLButtonElement} button @param {IconName} name @param {string} label */
function dress(button, name, label) {
  if (!button.firstChild) button.append(icon(name), element("span", {}, label));
  face(button, name);
  setText(/** @type {Element} */ (button.lastElementChild), label);
}
