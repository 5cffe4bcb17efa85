/**
 * Earcons: short sounds that say what happened to somebody who does not look, told apart by their melody. Made here
 * and now, softer than speech, beside the player's tracks and not counted among them. To add one is to add a row.
 *
 * @import { Player } from "./player.js"
 * @typedef {{hertz: number, at: number, lasts: number}} Note `at` and `lasts` in seconds
 * @typedef {object} Melody
 * @property {number} loudness a share of full scale
 * @property {number[]} buzz milliseconds of vibration, of rest, of vibration, …
 * @property {number} [rest] seconds from its beginning in which it is not played again
 * @property {boolean} [routine] part of every turn: nobody needs it while something is being said
 * @property {Note[]} notes
 * @typedef {keyof typeof MELODIES} Earcon
 */

/** @param {number[]} hertz @returns {Note[]} one after the other, quickly */
const run = (...hertz) => hertz.map((each, at) => ({ hertz: each, at: 0.08 * at, lasts: 0.07 }));

export const MELODIES = {
  listening: {
    loudness: 0.06,
    buzz: [30, 50, 30, 50, 30],
    routine: true,
    notes: run(523, 659, 784),
  },
  heard: {
    loudness: 0.04,
    buzz: [30, 50, 30],
    routine: true,
    notes: [{ hertz: 1047, at: 0, lasts: 0.06 }],
  },
  thinking: {
    loudness: 0.04,
    buzz: [20],
    rest: 4,
    routine: true,
    notes: [{ hertz: 523, at: 0, lasts: 0.12 }],
  },
  ended: {
    loudness: 0.04,
    buzz: [70],
    routine: true,
    notes: run(523, 698, 523),
  },
  muted: {
    loudness: 0.07,
    buzz: [150],
    notes: run(784, 392, 392),
  },
  unmuted: {
    loudness: 0.07,
    buzz: [120, 60, 30],
    notes: run(392, 392, 784),
  },
  asleep: {
    loudness: 0.05,
    buzz: [90, 60, 60, 60, 30],
    notes: run(523, 440, 349),
  },
  degraded: {
    loudness: 0.09,
    buzz: [100, 60, 100],
    notes: [
      { hertz: 660, at: 0, lasts: 0.1 },
      { hertz: 440, at: 0.11, lasts: 0.13 },
    ],
  },
  recovered: {
    loudness: 0.08,
    buzz: [30, 60, 100],
    notes: [
      { hertz: 440, at: 0, lasts: 0.1 },
      { hertz: 660, at: 0.11, lasts: 0.13 },
    ],
  },
  error: {
    loudness: 0.1,
    buzz: [200, 80, 200],
    notes: [
      { hertz: 220, at: 0, lasts: 0.1 },
      { hertz: 220, at: 0.14, lasts: 0.1 },
    ],
  },
};

/** Seconds in which a note swells, and in which it dies away: without them it clicks. */
const ATTACK = 0.008;
const RELEASE = 0.05;

/** An earcon that could not sound within so many milliseconds is no longer news. */
const NEWS = 2_000;

export class Earcons {
  #player;
  /** @type {{name: Earcon, volume: number, since: number}|null} */
  #due = null;
  /** @type {Map<Earcon, number>} until when, on the context's clock, each of them rests */
  #resting = new Map();

  /** @param {Player} player whose output is used: what the browser blocks stays silent */
  constructor(player) {
    this.#player = player;
  }

  /**
   * Starts the output only where a person has touched the page: before that it would be blocked.
   * @param {Earcon} name
   * @param {number} [volume] 1: as loud as it is meant to be
   */
  play(name, volume = 1) {
    if (navigator.userActivation?.hasBeenActive) this.#player.prepare();
    const context = this.#player.context;
    this.#due = context ? null : { name, volume, since: performance.now() };
    if (!context) return;
    const { loudness, rest = 0, notes } = /** @type {Melody} */ (MELODIES[name]);
    const start = context.currentTime + 0.01;
    if (start < (this.#resting.get(name) ?? 0)) return;
    this.#resting.set(name, start + rest);
    for (const { hertz, at, lasts } of notes) sound(context, hertz, volume * loudness, start + at, start + at + lasts);
  }

  /** To be called when the output has started. */
  catchUp() {
    if (this.#due && performance.now() - this.#due.since < NEWS) this.play(this.#due.name, this.#due.volume);
    this.#due = null;
  }
}

/** @param {AudioContext} context @param {number} hertz @param {number} loudness @param {number} from @param {number} to */
function sound(context, hertz, loudness, from, to) {
  const oscillator = new OscillatorNode(context, { type: "triangle", frequency: hertz });
  const envelope = new GainNode(context, { gain: 0 });
  envelope.gain
    .setValueAtTime(0, from)
    .linearRampToValueAtTime(loudness, from + ATTACK)
    .setValueAtTime(loudness, to - RELEASE)
    .linearRampToValueAtTime(0, to);
  oscillator.connect(envelope).connect(context.destination);
  oscillator.addEventListener("ended", () => envelope.disconnect());
  oscillator.start(from);
  oscillator.stop(to);
}
