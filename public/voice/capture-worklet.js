/**
 * The microphone's audio thread: whatever rate the device has in, 16 kHz PCM16 frames of 512 samples (32 ms) out.
 *
 * The page always resamples itself: a context at 16 kHz with a microphone in it throws in some browsers.
 * Polyphase sinc under a Blackman window: aliases are 70 dB down, for under two million multiplications a second.
 */

const CROSSINGS = 16;
/** Of the narrower of the two bandwidths; the rest is the filter's slope. */
const PASSBAND = 0.86;

/** @param {number} a @param {number} b @returns {number} */
const commonDivisor = (a, b) => (b === 0 ? a : commonDivisor(b, a % b));

class Resampler {
  /** @param {number} from hertz @param {number} to hertz */
  constructor(from, to) {
    const divisor = commonDivisor(from, to);
    this.phases = to / divisor;
    this.step = from / divisor;
    const cutoff = (PASSBAND * Math.min(from, to)) / from;
    const half = Math.ceil(CROSSINGS / cutoff);
    this.taps = 2 * half;
    this.kernels = Array.from({ length: this.phases }, (_, phase) => this.#kernel(phase / this.phases, cutoff, half));
    this.history = new Float32Array(this.taps);
    /** Position of the next output, in 1/phases of an input sample, counted from the start of `history`. */
    this.position = 0;
  }

  /** @param {number} fraction @param {number} cutoff @param {number} half */
  #kernel(fraction, cutoff, half) {
    const kernel = new Float32Array(2 * half);
    let sum = 0;
    for (let tap = 0; tap < kernel.length; tap++) {
      const distance = tap - (half - 1) - fraction;
      const angle = Math.PI * cutoff * distance;
      const turn = (Math.PI * distance) / half;
      const window = Math.abs(distance) < half ? 0.42 + 0.5 * Math.cos(turn) + 0.08 * Math.cos(2 * turn) : 0;
      kernel[tap] = window * (angle === 0 ? 1 : Math.sin(angle) / angle);
      sum += kernel[tap];
    }
    return kernel.map((value) => value / sum);
  }

  /** @param {Float32Array} block @param {(sample: number) => void} emit */
  feed(block, emit) {
    const { taps, phases, step } = this;
    const input = new Float32Array(this.history.length + block.length);
    input.set(this.history);
    input.set(block, this.history.length);
    while (Math.floor(this.position / phases) + taps <= input.length) {
      const start = Math.floor(this.position / phases);
      const kernel = this.kernels[this.position % phases];
      let sample = 0;
      for (let tap = 0; tap < taps; tap++) sample += input[start + tap] * kernel[tap];
      emit(sample);
      this.position += step;
    }
    const used = Math.min(Math.floor(this.position / phases), input.length);
    this.history = input.slice(used);
    this.position -= used * phases;
  }
}

class Capture extends AudioWorkletProcessor {
  /** @param {{processorOptions: {rate: number, frameSamples: number}}} options */
  constructor({ processorOptions: { rate, frameSamples } }) {
    super();
    this.frameSamples = frameSamples;
    this.resampler = new Resampler(sampleRate, rate);
    this.frame = new Int16Array(frameSamples);
    this.filled = 0;
    this.open = true;
    this.muted = false;
    this.port.onmessage = ({ data }) => {
      if (data === "close") this.open = false;
      else {
        this.muted = data === "mute";
        this.filled = 0;
      }
    };
  }

  /** @param {number} sample */
  emit(sample) {
    this.frame[this.filled++] = Math.max(-32768, Math.min(32767, Math.round(sample * 32768)));
    if (this.filled < this.frameSamples) return;
    this.port.postMessage(this.frame.buffer, [this.frame.buffer]);
    this.frame = new Int16Array(this.frameSamples);
    this.filled = 0;
  }

  /** @param {Float32Array[][]} inputs */
  process([channels]) {
    if (channels.length && this.open && !this.muted) this.resampler.feed(channels[0], (sample) => this.emit(sample));
    return this.open;
  }
}

registerProcessor("nightingale-capture", Capture);
