/**
 * Hearing again what was said: a button for each recording, and one recording at a time.
 *
 * @typedef {object} ReplayListener
 * @property {(playing: boolean) => void} playing a recording begins, or is over
 * @property {() => void} unplayable
 */

import { say } from "../strings.js";
import { element, setText } from "./elements.js";
import { icon } from "./icons.js";

export class Replay {
  /** @type {{recording: HTMLAudioElement, button: HTMLButtonElement}|null} */
  #sounding = null;
  #listener;

  /** @param {ReplayListener} listener */
  constructor(listener) {
    this.#listener = listener;
  }

  get isPlaying() {
    return this.#sounding !== null;
  }

  /**
   * @param {string} saying
   * @param {{describedBy?: string, unseen?: string}} what `unseen`: which one it is, for who does not see where it stands
   * @returns {HTMLButtonElement}
   */
  button(saying, { describedBy, unseen = "" }) {
    const face = [icon("play"), element("span", {}, say("page", "play")), element("span", { class: "ng-unseen" }, unseen)];
    const made = element("button", { type: "button", class: "ng-button ng-play", "aria-describedby": describedBy }, ...face);
    made.addEventListener("click", () => (this.#sounding?.button === made ? this.hush() : this.#play(saying, made)));
    return made;
  }

  /** Stop the recording that is playing, if one is. */
  hush() {
    if (!this.#sounding) return;
    const { recording, button } = this.#sounding;
    this.#sounding = null;
    recording.pause();
    recording.removeAttribute("src");
    recording.load(); // lets go of what it still loads
    dress(button, "play", say("page", "play"));
    this.#listener.playing(false);
  }

  /** This part of the page goes, and what it plays. @param {HTMLElement} part */
  leave(part) {
    if (this.#sounding && part.contains(this.#sounding.button)) this.hush();
  }

  /** @param {string} saying @param {HTMLButtonElement} button */
  #play(saying, button) {
    this.hush();
    const recording = new Audio(`/api/recordings/${encodeURIComponent(saying)}`);
    this.#sounding = { recording, button };
    dress(button, "stop", say("page", "stop-playing"));
    const failed = () => {
      if (this.#sounding?.recording !== recording) return; // stopped before it began
      this.hush();
      this.#listener.unplayable();
    };
    recording.addEventListener("ended", () => this.#sounding?.recording === recording && this.hush());
    recording.addEventListener("error", failed);
    recording.play().catch(failed);
    this.#listener.playing(true);
  }
}

/** @param {HTMLButtonElement} button @param {"play"|"stop"} face @param {string} label */
function dress(button, face, label) {
  button.querySelector("svg")?.replaceWith(icon(face));
  setText(/** @type {Element} */ (button.querySelector("span")), label);
}
