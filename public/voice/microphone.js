/**
 * The microphone: opened with echo cancellation, noise suppression and gain control, delivering 32 ms frames of
 * 16 kHz PCM16, until it is closed or lost. Keeps nothing of what it has delivered.
 *
 * @typedef {"denied"|"missing"|"busy"|"insecure"|"failed"} Trouble
 * @typedef {{state: "on"|"off"|"muted"|Trouble, rate?: number, detail?: string}} MicrophoneState
 */

import { runs } from "./context.js";

export const RATE = 16_000;
export const FRAME_SAMPLES = 512;
const WORKLET = new URL("./capture-worklet.js", import.meta.url);
/** How long, in milliseconds, the browser may take to start its audio. */
const START_LIMIT = 3_000;

export class MicrophoneError extends Error {
  /** @param {Trouble} trouble @param {string} detail */
  constructor(trouble, detail) {
    super(`${trouble}: ${detail}`);
    this.trouble = trouble;
    this.detail = detail;
  }
}

/**
 * What a failed `getUserMedia` means.
 * @param {unknown} error
 * @returns {MicrophoneError}
 */
export function readTrouble(error) {
  const name = error instanceof Error ? error.name : "";
  /** @type {Record<string, Trouble>} */
  const known = {
    NotAllowedError: "denied",
    SecurityError: "denied",
    NotFoundError: "missing",
    OverconstrainedError: "missing",
    NotReadableError: "busy",
    AbortError: "busy",
  };
  return new MicrophoneError(known[name] ?? "failed", String(error));
}

export class Microphone {
  /** @type {{stream: MediaStream, context: AudioContext, node: AudioWorkletNode}|null} */
  #open = null;
  /** @type {Promise<void>|null} */
  #opening = null;
  #muted = false;
  /** @type {(frame: ArrayBuffer) => void} */
  #deliver = () => {};
  /** @type {(state: MicrophoneState) => void} */
  #report;

  /** @param {(state: MicrophoneState) => void} report told of every change */
  constructor(report) {
    this.#report = report;
  }

  get isOpen() {
    return this.#open !== null;
  }

  get isMuted() {
    return this.#muted;
  }

  /** Idempotent; rejects with a `MicrophoneError`, which has been reported. */
  open() {
    if (this.#open) return Promise.resolve();
    this.#opening ??= this.#start().finally(() => (this.#opening = null));
    return this.#opening;
  }

  /** @param {(frame: ArrayBuffer) => void} deliver gets each frame from now on */
  listen(deliver) {
    this.#deliver = deliver;
    this.#report(this.#muted ? { state: "muted" } : { state: "on", rate: RATE });
  }

  /** A no-op when the microphone is not open. */
  async close() {
    if (this.#opening) await this.#opening.catch(() => {}); // its failure has been reported
    if (this.#open) {
      this.#release();
      this.#report({ state: "off" });
    }
  }

  /** @param {boolean} muted */
  setMuted(muted) {
    if (!this.#open || muted === this.#muted) return;
    this.#muted = muted;
    for (const track of this.#open.stream.getAudioTracks()) track.enabled = !muted;
    this.#open.node.port.postMessage(muted ? "mute" : "unmute");
    this.#report(muted ? { state: "muted" } : { state: "on", rate: RATE });
  }

  async #start() {
    try {
      if (!window.isSecureContext || !navigator.mediaDevices) {
        throw new MicrophoneError("insecure", `${location.protocol}//${location.host}`);
      }
      const stream = await navigator.mediaDevices
        .getUserMedia({
          audio: { echoCancellation: true, noiseSuppression: true, autoGainControl: true, channelCount: 1 },
        })
        .catch((error) => {
          throw readTrouble(error);
        });
      this.#open = await this.#connect(stream).catch((error) => {
        for (const track of stream.getTracks()) track.stop();
        throw new MicrophoneError("failed", String(error));
      });
    } catch (error) {
      if (error instanceof MicrophoneError) {
        this.#report({ state: error.trouble, detail: error.detail });
      }
      throw error;
    }
  }

  /** @param {MediaStream} stream */
  async #connect(stream) {
    const context = new AudioContext({ latencyHint: "interactive" });
    await context.audioWorklet.addModule(WORKLET);
    const node = new AudioWorkletNode(context, "nightingale-capture", {
      numberOfOutputs: 0,
      channelCount: 1,
      channelCountMode: "explicit",
      processorOptions: { rate: RATE, frameSamples: FRAME_SAMPLES },
    });
    node.port.onmessage = ({ data }) => {
      if (!this.#muted) this.#deliver(data); // muted, some are still on their way from its thread
    };
    context.createMediaStreamSource(stream).connect(node);
    for (const track of stream.getAudioTracks()) {
      track.addEventListener("ended", () => this.#lost(), { once: true });
    }
    if (!(await runs(context, START_LIMIT))) {
      void context.close();
      throw new Error("the browser did not start its audio");
    }
    return { stream, context, node };
  }

  /** The device was unplugged, or the permission taken back. */
  #lost() {
    if (!this.#open) return;
    this.#release();
    this.#report({ state: "missing", detail: "the microphone was disconnected" });
  }

  #release() {
    if (!this.#open) return;
    const { stream, context, node } = this.#open;
    this.#open = null;
    this.#muted = false;
    this.#deliver = () => {};
    node.port.postMessage("close");
    for (const track of stream.getTracks()) track.stop();
    void context.close();
  }
}

/** @param {ArrayBuffer} frame @returns {number} for the eye: 0 at -55 dB and below, 1 at -10 dB */
export function loudness(frame) {
  const samples = new Int16Array(frame);
  const power = samples.reduce((sum, sample) => sum + (sample / 32768) ** 2, 0) / samples.length;
  return Math.max(0, Math.min(1, (10 * Math.log10(power + 1e-9) + 55) / 45));
}

/** @returns {Promise<"granted"|"denied"|"prompt"|"missing"|"unknown">} what we may expect before asking */
export async function microphoneOutlook() {
  if (!navigator.mediaDevices) return "unknown";
  const devices = await navigator.mediaDevices.enumerateDevices();
  if (!devices.some((device) => device.kind === "audioinput")) return "missing";
  try {
    return (await navigator.permissions.query({ name: /** @type {PermissionName} */ ("microphone") })).state;
  } catch (error) {
    if (error instanceof TypeError) return "unknown"; // a browser that does not know this permission by name
    throw error;
  }
}
