/**
 * Earcons: short sounds that say what happened to somebody who does not look, told apart by their melody. Made here
 * and now, softer than speech, beside the player's tracks and not counted among them. To add one is to add a row.
 *
 * @import { Player } from "./player.js"
 * @typedef {{hertz: number, at: number, lasts: number}} Note `at` and `lasts` in seconds
 * @typedef {object} Melody
 * @property {number} loudness a share of full scale
 * @property {number} [rest] seconds from its beginning in which it is not played again
 * @property {Note[]} notes
 * @typedef {keyof typeof MELODIES} Earcon
 */

const MELODIES = {
  /** Falling: something is gone. */
  degraded: {
    loudness: 0.09,
    notes: [
      { hertz: 660, at: 0, lasts: 0.1 },
      { hertz: 440, at: 0.11, lasts: 0.13 },
    ],
  },
  /** Rising: it is back. */
  recovered: {
    loudness: 0.08,
    notes: [
      { hertz: 440, at: 0, lasts: 0.1 },
      { hertz: 660, at: 0.11, lasts: 0.13 },
    ],
  },
  /** One soft note: still at it. */
  thinking: { loudness: 0.04, rest: 4, notes: [{ hertz: 523, at: 0, lasts: 0.12 }] },
  /** The same low note twice: something went wrong. */
  error: {
    loudness: 0.1,
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
  /** @type {{name: Earcon, since: number}|null} */
  #due = null;
  /** @type {Map<Earcon, number>} until when, on the context's clock, each of them rests */
  #resting = new Map();

  /** @param {Player} player whose output is used: what the browser blocks stays silent */
  constructor(player) {
    this.#player = player;
  }

  /** Starts the output only where a person has touched the page: before that it would be blocked. @param {Earcon} name */
  play(name) {
    if (navigator.userActivation?.hasBeenActive) this.#player.prepare();
    const context = this.#player.context;
    this.#due = context ? null : { name, since: performance.now() };
    if (!context) return;
    const { loudness, rest = 0, notes } = /** @type {Melody} */ (MELODIES[name]);
    const start = context.currentTime + 0.01;
    if (start < (this.#resting.get(name) ?? 0)) return;
    this.#resting.set(name, start + rest);
    for (const { hertz, at, lasts } of notes) sound(context, hertz, loudness, start + at, start + at + lasts);
  }

  /** To be called when the output has started. */
  catchUp() {
    if (this.#due && performance.now() - this.#due.since < NEWS) this.play(this.#due.name);
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
