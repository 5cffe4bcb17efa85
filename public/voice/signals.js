/**
 * Signals: which changes are told by an earcon and, where the device can, by a vibration, and how loudly. One volume
 * switches both.
 *
 * @import { Earcon, Earcons, Melody } from "./earcons.js"
 * @import { Situation } from "./status.js"
 */

import { MELODIES } from "./earcons.js";
import { isManual, situation } from "./situation.js";
import { TIERS } from "./tier.js";

/** Over the assistant's voice they are so much softer. */
const BESIDE_SPEECH = 0.5;

export class Signals {
  #earcons;

  /** @param {Earcons} earcons */
  constructor(earcons) {
    this.#earcons = earcons;
  }

  /** Who wants no speech wants no tunes either, but may well feel for them. @param {Earcon} name */
  give(name) {
    const { manner, sounding } = situation;
    const { buzz, routine = false } = /** @type {Melody} */ (MELODIES[name]);
    if (manner.earcons === 0 || (routine && sounding)) return;
    if (navigator.userActivation?.hasBeenActive) navigator.vibrate?.(buzz);
    if (TIERS[manner.tier].speaks) this.#earcons.play(name, manner.earcons * (sounding ? BESIDE_SPEECH : 1));
  }

  /** To hear what it sounds like. @param {Earcon} name */
  demonstrate(name) {
    navigator.vibrate?.(/** @type {Melody} */ (MELODIES[name]).buzz);
    this.#earcons.play(name, situation.manner.earcons || 1);
  }

  /** @param {Situation["server"]} before @param {Situation["server"]} state @param {string} detail */
  server(before, state, detail) {
    if (state === "thinking" && detail) this.give("thinking");
    else if (state === before) return;
    else if (state === "asleep" && before !== "ready") this.give("asleep"); // else it begins so, and has said that it listens
    else if (before === "asleep" && situation.microphone === "on") this.give("unmuted");
    else if (before === "hearing" && state === "thinking") this.give("heard");
    else if (before === "speaking" && state === "listening") this.give("ended");
  }

  /** With a talk button it is the user's finger that tells them. @param {Situation["microphone"]} before @param {"on"|"muted"|"off"} state */
  microphone(before, state) {
    if (isManual() || before === state) return;
    if (state === "muted") this.give("muted");
    if (state === "on") this.give(before === "muted" ? "unmuted" : "listening");
  }
}
