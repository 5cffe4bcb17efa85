/**
 * The loudspeaker: takes tracks of 24 kHz PCM16, with the microphone on or off, and tells how much of each has
 * sounded. Audio that comes before the browser lets us be heard is kept and sounds with the first gesture.
 *
 * @typedef {{track: string, samples: number, state: "playing"|"paused"|"ended"|"flushed", ago?: number}} Playing
 * `ago`: with its first report, the seconds since the track's first sample left the loudspeaker.
 * @typedef {"running"|"blocked"|"failed"} OutputState
 * @typedef {{playing: (position: Playing) => void, output: (state: OutputState, detail?: string) => void, idle: () => void}} PlayerListener
 */

import { runs } from "./context.js";
import { PLAYBACK_RATE } from "./wire.js";

const WORKLET = new URL("./player-worklet.js", import.meta.url);
const PREBUFFER_SECONDS = 0.05;
/** After this long a start that never fills the prebuffer starts all the same. */
const PATIENCE_SECONDS = 0.2;
/** How long, in milliseconds, a context may take to start before we call it blocked, or, after a gesture, failed. */
const START_LIMIT = 1_000;
const GESTURES = ["pointerdown", "touchend", "keydown"];

/** @param {string} track @returns {string} the reply that a track `REPLY.N` belongs to */
const replyOf = (track) => track.slice(0, track.lastIndexOf(".") + 1) || track;

/** @param {{track: string, samples: number, state: Playing["state"], began?: number}} report @param {AudioContext} context @returns {Playing} */
function told({ began, ...position }, context) {
  if (began === undefined) return position;
  const ago = context.currentTime - began - (context.outputLatency || 0);
  return { ...position, ago: Math.round(1000 * Math.min(60, Math.max(-10, ago))) / 1000 };
}

export class Player {
  /** @type {AudioContext|null} */
  #context = null;
  /** @type {AudioWorkletNode|null} */
  #node = null;
  /** @type {{order: object, transfer: Transferable[]}[]} orders that wait for the worklet */
  #waiting = [];
  /** @type {OutputState|null} */
  #output = null;
  /** The reply of the latest track, and the one the user has stopped. */
  #latest = "";
  #stopped = "";
  /** @type {PlayerListener} */
  #listener;

  /** @param {PlayerListener} listener */
  constructor(listener) {
    this.#listener = listener;
  }

  /**
   * @param {string} track
   * @param {ArrayBuffer|Int16Array} pcm a last odd byte is dropped
   */
  write(track, pcm) {
    this.prepare();
    if (replyOf(track) === this.#stopped) {
      this.#listener.playing({ track, samples: 0, state: "flushed" });
      return;
    }
    this.#latest = replyOf(track);
    const samples = pcm instanceof Int16Array ? pcm.slice() : new Int16Array(pcm.slice(0, pcm.byteLength & ~1));
    this.#order({ do: "write", track, pcm: samples }, [samples.buffer]);
  }

  /** @param {string} track no more audio will come for it */
  ending(track) {
    this.prepare();
    if (replyOf(track) !== this.#stopped) this.#order({ do: "ending", track });
  }

  pause() {
    this.#order({ do: "pause" });
  }

  resume() {
    this.#order({ do: "resume" });
  }

  /** Drop all that has not sounded; a pause is over, too. */
  flush() {
    this.#order({ do: "flush" });
  }

  /** Silence at once, on the user's own word: what still arrives of this reply is dropped as well. */
  silence() {
    this.#stopped = this.#latest;
    this.flush();
  }

  /** @returns {OutputState|"unknown"} unknown until something was to be played */
  get output() {
    return this.#output ?? "unknown";
  }

  /** Where other sounds of the page may go; null while nothing can be heard. */
  get context() {
    return this.#output === "running" ? this.#context : null;
  }

  /** Start the output, once. */
  prepare() {
    if (this.#context) return;
    this.#context = new AudioContext({ sampleRate: PLAYBACK_RATE, latencyHint: "interactive" });
    this.#load(this.#context).catch((error) => this.#become("failed", String(error)));
  }

  /** The browser may have changed its mind. */
  tryAgain() {
    if (this.#output === "blocked") void this.#context?.resume();
  }

  /** @param {AudioContext} context */
  async #load(context) {
    context.addEventListener("statechange", () => {
      if (context.state === "running") this.#become("running");
      else if (this.#output === "running") void this.#start(context);
    });
    const started = this.#start(context);
    await context.audioWorklet.addModule(WORKLET);
    const node = new AudioWorkletNode(context, "nightingale-player", {
      numberOfInputs: 0,
      outputChannelCount: [1],
      processorOptions: {
        prebuffer: PREBUFFER_SECONDS * PLAYBACK_RATE,
        patience: PATIENCE_SECONDS * PLAYBACK_RATE,
      },
    });
    node.port.onmessage = ({ data }) => (data.idle ? this.#listener.idle() : this.#listener.playing(told(data, context)));
    node.connect(context.destination);
    for (const { order, transfer } of this.#waiting) node.port.postMessage(order, transfer);
    this.#waiting = [];
    this.#node = node;
    await started;
  }

  /** @param {AudioContext} context */
  async #start(context) {
    if (await runs(context, START_LIMIT)) return this.#become("running");
    this.#become("blocked");
    const gesture = async () => {
      for (const type of GESTURES) removeEventListener(type, gesture, true);
      if (!(await runs(context, START_LIMIT))) this.#become("failed", "the browser did not start its audio output");
    };
    for (const type of GESTURES) addEventListener(type, gesture, { capture: true, passive: true });
  }

  /** @param {OutputState} state @param {string} [detail] */
  #become(state, detail) {
    if (state === this.#output) return;
    this.#output = state;
    this.#listener.output(state, detail);
  }

  /** @param {object} order @param {Transferable[]} [transfer] */
  #order(order, transfer = []) {
    if (this.#node) this.#node.port.postMessage(order, transfer);
    else if (this.#context) this.#waiting.push({ order, transfer });
  }
}
