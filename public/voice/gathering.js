/**
 * How frames are sent: one by one while there is anything to hear, several together from a room that has long been
 * quiet. It is the messages that keep a server busy, not the sound in them.
 */

import { loudness } from "./microphone.js";

/** Frames in one message: 96 ms. */
const TOGETHER = 3;
/** Quiet frames in a row, 3 s, after which nobody waits to hear that the speaker has finished. */
const LONG_QUIET = 94;

export class Gathering {
  /** @type {(frames: ArrayBuffer) => void} */
  #send;
  /** @type {ArrayBuffer[]} */
  #kept = [];
  #quiet = 0;

  /** @param {(frames: ArrayBuffer) => void} send */
  constructor(send) {
    this.#send = send;
  }

  /** @param {ArrayBuffer} frame sent at once with those before it, if it is not quiet @param {boolean} now or is needed */
  take(frame, now) {
    this.#quiet = loudness(frame) > 0 ? 0 : this.#quiet + 1;
    this.#kept.push(frame);
    if (!now && this.#quiet > LONG_QUIET && this.#kept.length < TOGETHER) return;
    const frames = this.#kept.splice(0);
    this.#send(frames.length === 1 ? frames[0] : joined(frames));
  }
}

/** @param {ArrayBuffer[]} frames */
function joined(frames) {
  const all = new Uint8Array(frames.reduce((sum, each) => sum + each.byteLength, 0));
  frames.reduce((at, each) => (all.set(new Uint8Array(each), at), at + each.byteLength), 0);
  return all.buffer;
}
