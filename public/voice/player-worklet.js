/**
 * The loudspeaker's audio thread: plays tracks one after the other at the context's own rate and counts every
 * sample of each that has sounded.
 *
 * No sample is lost: a track that runs dry waits for more and goes on; the next track follows in the same
 * block. Sound starts when `prebuffer` samples are there, or the track is known to be complete, or after
 * `patience` samples of waiting. Pausing and flushing fade out over one block, resuming fades in.
 *
 * In: {do: "write", track, pcm: Int16Array} | {do: "ending", track} | {do: "pause"|"resume"|"flush"}
 * Out: {track, samples, state: "playing"|"paused"|"ended"|"flushed", began?: number} | {idle: true}
 * `began`: with the first sample of a track, the time of the context at which that leaves this thread.
 */

const BLOCK = 128;
/** Samples between two reports of progress: 100 ms at 24 kHz. */
const REPORT_EVERY = 2400;
const REMEMBERED = 64;

class Player extends AudioWorkletProcessor {
  /** @param {{processorOptions: {prebuffer: number, patience: number}}} options */
  constructor({ processorOptions: { prebuffer, patience } }) {
    super();
    this.prebuffer = prebuffer;
    this.patience = patience;
    /** @type {{name: string, chunks: Int16Array[], complete: boolean, heard: number, reported: number}[]} */
    this.tracks = [];
    /** @type {string[]} names of the latest tracks that have ended or were flushed */
    this.gone = [];
    this.offset = 0;
    this.sounding = false;
    this.paused = false;
    this.waited = 0;
    /** @type {Float32Array|null} */
    this.tail = null;
    this.fadeIn = 0;
    this.port.onmessage = ({ data }) => this[/** @type {"write"} */ (data.do)](data);
  }

  /** @param {{track: string, pcm: Int16Array}} order */
  write({ track: name, pcm }) {
    if (pcm.length === 0) return;
    const last = this.tracks.at(-1);
    if (last?.name === name && !last.complete) last.chunks.push(pcm);
    else {
      if (last) last.complete = true;
      this.tracks.push({ name, chunks: [pcm], complete: false, heard: 0, reported: 0 });
    }
  }

  /** @param {{track: string}} order */
  ending({ track: name }) {
    const track = this.tracks.find((candidate) => candidate.name === name);
    if (track) track.complete = true;
    else if (!this.gone.includes(name)) this.leave({ name, heard: 0 }, "ended");
  }

  pause() {
    if (this.paused) return;
    this.fadeOut();
    this.paused = true;
    if (this.tracks.length) this.report(this.tracks[0], "paused");
  }

  resume() {
    if (!this.paused) return;
    this.paused = false;
    if (this.sounding) this.fadeIn = BLOCK;
  }

  flush() {
    if (!this.paused) this.fadeOut();
    for (const track of this.tracks) this.leave(track, "flushed");
    this.tracks = [];
    this.offset = 0;
    this.sounding = this.paused = false;
    this.fadeIn = this.waited = 0;
    this.port.postMessage({ idle: true });
  }

  /** The next block of what is sounding, going silent; counted as heard. One that still waits to sound is that block. */
  fadeOut() {
    if (!this.sounding || this.tail) return;
    const tail = new Float32Array(BLOCK);
    const length = this.take(tail);
    for (let i = 0; i < length; i++) tail[i] *= 1 - (i + 1) / length;
    this.tail = tail;
  }

  /**
   * Fill `out` from the queue; what is missing stays as it is.
   * @param {Float32Array} out
   * @returns {number} samples taken
   */
  take(out) {
    let filled = 0;
    while (filled < out.length && this.tracks.length) {
      const track = this.tracks[0];
      const chunk = track.chunks[0];
      if (!chunk) {
        if (this.retire()) continue;
        break;
      }
      const count = Math.min(out.length - filled, chunk.length - this.offset);
      for (let i = 0; i < count; i++) out[filled + i] = chunk[this.offset + i] / 32768;
      if (track.heard === 0) this.begin(track, count, filled);
      filled += count;
      this.offset += count;
      track.heard += count;
      if (this.offset === chunk.length) {
        track.chunks.shift();
        this.offset = 0;
      }
    }
    return filled;
  }

  /** @param {{name: string}} track @param {number} count @param {number} before samples of this block that are others' */
  begin({ name }, count, before) {
    this.port.postMessage({ track: name, samples: count, state: "playing", began: currentTime + before / sampleRate });
  }

  /** Let go of the first track if all of it has sounded. */
  retire() {
    const track = this.tracks[0];
    if (!track?.complete || track.chunks.length) return false;
    this.tracks.shift();
    this.leave(track, "ended");
    return true;
  }

  /** @param {{name: string, heard: number}} track @param {"ended"|"flushed"} state */
  leave(track, state) {
    this.gone = [...this.gone.slice(1 - REMEMBERED), track.name];
    this.report(track, state);
  }

  /** Whether there is enough to start with. */
  ready() {
    if (this.tracks.length === 0) return false;
    this.waited += BLOCK;
    if (this.tracks[0].complete || this.waited >= this.patience) return true;
    const queued = this.tracks.flatMap((track) => track.chunks).reduce((sum, chunk) => sum + chunk.length, 0);
    return queued - this.offset >= this.prebuffer;
  }

  /** @param {{name: string, heard: number}} track @param {"playing"|"paused"|"ended"|"flushed"} state */
  report({ name, heard }, state) {
    this.port.postMessage({ track: name, samples: heard, state });
  }

  /** @param {Float32Array[][]} _inputs @param {Float32Array[][]} outputs */
  process(_inputs, outputs) {
    const out = outputs[0][0];
    if (this.tail) {
      out.set(this.tail);
      this.tail = null;
      return true;
    }
    if (this.paused) return true;
    if (!this.sounding) {
      if (!this.ready()) return true;
      this.sounding = true;
      this.waited = 0;
    }
    const filled = this.take(out);
    for (let i = 0; this.fadeIn > 0 && i < filled; i++) out[i] *= 1 - this.fadeIn-- / BLOCK;
    const track = this.tracks[0];
    if (track && track.heard - track.reported >= REPORT_EVERY) {
      track.reported = track.heard;
      this.report(track, "playing");
    }
    if (!track || track.chunks.length === 0) {
      this.sounding = false;
      if (!track) this.port.postMessage({ idle: true });
    }
    return true;
  }
}

registerProcessor("nightingale-player", Player);
