/**
 * Chainlit's audio button, recorder and player, made to work through ours.
 *
 * Chainlit leaves `WavRecorder` and `WavStreamPlayer` on the global object when its bundle is read; their
 * methods are replaced at that very moment. What Chainlit still does: it asks the server whether it listens,
 * carries the frames, and knows whether voice is on. Its own capture, playback and interruption are not used.
 *
 * @import { Microphone } from "./microphone.js"
 * @import { Player } from "./player.js"
 */

import { Gathering } from "./gathering.js";

/**
 * @param {string} name of a class on the global object
 * @param {(prototype: any) => void} replace
 */
function whenDefined(name, replace) {
  /** @type {unknown} */
  let value;
  Object.defineProperty(globalThis, name, {
    configurable: true,
    get: () => value,
    set: (next) => {
      value = next;
      replace(next.prototype);
    },
  });
}

/**
 * @param {object} house
 * @param {Microphone} house.microphone
 * @param {Player} house.player
 * @param {(frame: ArrayBuffer) => ArrayBuffer[]} house.toDeliver asked with each frame: what to send now
 * @returns {{idle: () => void}} what to call when all audio has sounded
 */
export function takeOverAudio({ microphone, player, toDeliver }) {
  let onStop = () => {};
  let sounding = false; // our own echo is told by when it comes back
  whenDefined("WavRecorder", (recorder) => {
    recorder.begin = async () => {
      await microphone.open();
      return true;
    };
    recorder.record = async (/** @type {(chunk: {mono: ArrayBuffer, raw: ArrayBuffer}) => void} */ deliver) => {
      const gathering = new Gathering((frames) => deliver({ mono: frames, raw: frames }));
      microphone.listen((frame) => {
        for (const each of toDeliver(frame)) gathering.take(each, sounding);
      });
      return true;
    };
    recorder.end = () => microphone.close();
  });
  whenDefined("WavStreamPlayer", (stream) => {
    stream.connect = async function () {
      onStop = () => this.onStop?.();
      player.prepare();
      player.tryAgain(); // a microphone that is open lets some browsers be heard
      return true;
    };
    stream.add16BitPCM = (/** @type {ArrayBuffer} */ pcm, /** @type {string} */ track) => {
      sounding = true;
      player.write(track, pcm);
    };
    // Called when the microphone goes off, too, and that must not cut a reply; our server says `flush`.
    stream.interrupt = async () => null;
  });
  return {
    idle: () => {
      sounding = false;
      onStop();
    },
  };
}

/**
 * Start voice, or end it, the one way that Chainlit never disables: its shortcut. It looks at what has the focus,
 * so nothing that takes text may have it.
 */
export function toggleVoice() {
  for (const type of ["keydown", "keyup"]) {
    document.dispatchEvent(new KeyboardEvent(type, { key: "p", code: "KeyP" }));
  }
}

/** A bare letter is no shortcut for people who dictate or whose hands shake: only ours, sent straight to the document, gets through. */
export function silenceBareShortcut() {
  for (const type of /** @type {const} */ (["keydown", "keyup"])) {
    document.body.addEventListener(type, (event) => {
      const modified = event.ctrlKey || event.metaKey || event.altKey;
      if (!modified && (event.code === "KeyP" || event.key?.toLowerCase() === "p")) event.stopPropagation();
    });
  }
}
