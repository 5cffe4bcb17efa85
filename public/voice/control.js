/**
 * Voice on and off, muted and not, whoever asks: a button, a key, the server, or the page itself. Owns the microphone.
 *
 * @import { Connection } from "./connection.js"
 * @import { MicrophoneState } from "./microphone.js"
 * @import { Notices } from "./notices.js"
 * @import { Signals } from "./signals.js"
 * @import { Talk } from "./talk.js"
 * @import { FromPage, Manner } from "./wire.js"
 * @typedef {object} Around
 * @property {(message: FromPage) => void} tell the server
 * @property {Connection} connection
 * @property {Notices} notices
 * @property {Signals} signals
 * @property {(wish: Partial<Manner>) => void} wish
 * @property {Talk} talk the talk button
 * @property {() => HTMLElement[]} keepers of the focus, which voice may be started from
 * @property {(level: number) => void} showLevel
 */

import { say } from "../strings.js";
import { toggleVoice } from "./chainlit.js";
import { anotherListens, invitation, isSeen, isWanted, rememberSilence, tellOthers } from "./hands.js";
import { hint } from "./keys.js";
import { Microphone, microphoneOutlook, RATE } from "./microphone.js";
import { isManual, now, situation } from "./situation.js";
import { TIERS, tierOf } from "./tier.js";
import { advise } from "./trouble.js";
import { LONGEST_DETAIL } from "./wire.js";

/** After this many milliseconds without a microphone the start has failed. */
const START_LIMIT = 15_000;
/** What was said of a beginning stays so long, in milliseconds. */
const NEWS = 10_000;

export class Control {
  microphone = new Microphone((state) => this.#changed(state));
  #around;
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  #startTimer;
  /** @type {(() => void)|null} */
  #letOthers = null;
  /** Whether voice goes on in the conversation that comes next, whatever else holds. */
  #goesOn = false;
  /** Whether the microphone is being opened, or unmuted, by hand: who does that means to be heard now. */
  #byHand = false;
  #wasManual = false;

  /** @param {Around} around */
  constructor(around) {
    this.#around = around;
  }

  /** The button, and "Try again". */
  start = () => {
    const { hears, speaks } = TIERS[situation.manner.tier];
    if (!hears) this.#around.wish({ tier: tierOf(true, speaks) }); // who starts voice wants to be heard
    rememberSilence(false);
    this.#byHand = true;
    this.#starting(() => this.#toggle());
  };

  /** By itself, where that is wanted and the browser has allowed it. @param {boolean} [asked] the user just wished it so */
  async begin(asked = false) {
    if (asked) rememberSilence(false);
    if (!isWanted() || this.#isUnderWay) return;
    await isSeen();
    const outlook = await microphoneOutlook();
    now({ outlook });
    if (outlook !== "granted") return;
    const { notices } = this.#around;
    if (await anotherListens()) {
      const [text, detail] = [say("page-notices", "another-listens"), say("page-notices", "listen-here")];
      notices.show({ level: "info", code: "hands-free", text, detail });
      return;
    }
    if (!isWanted() || this.#isUnderWay) return; // much may have happened meanwhile
    this.#starting(() => this.#listen());
    const text = invitation(situation.manner.wake_word);
    const detail = hint("mute") && say("page-notices", "key-mutes", { key: hint("mute") });
    notices.show({ level: "info", code: "hands-free", text, detail, passing: NEWS });
  }

  /** By hand: what was ended so does not begin by itself. */
  end() {
    rememberSilence(true);
    this.close();
  }

  close() {
    if (this.microphone.isOpen) this.#toggle();
    else if (situation.microphone === "starting") this.#notStarting("off");
  }

  /** @param {boolean} muted */
  mute(muted) {
    if (!this.microphone.isOpen) return;
    rememberSilence(muted);
    this.#byHand = !muted && this.microphone.isMuted;
    this.microphone.setMuted(muted);
  }

  /** The next conversation is gone to on the user's word: whoever is heard now is heard there as well. */
  goOn() {
    this.#goesOn = this.microphone.isOpen;
  }

  /** The page is in another conversation, to whose server nobody listens yet. */
  moved() {
    const goesOn = this.#goesOn || situation.manner.hands_free === true;
    this.#goesOn = false;
    if (!this.microphone.isOpen) return;
    if (goesOn) this.#listen();
    else this.#toggle();
  }

  /** The connection is back: the same session has forgotten what our microphone does. */
  repeat() {
    const { isOpen, isMuted } = this.microphone;
    if (isOpen) this.#around.tell({ type: "microphone", state: isMuted ? "muted" : "on", rate: RATE });
  }

  get #isUnderWay() {
    return this.microphone.isOpen || situation.microphone === "starting";
  }

  /** @param {() => void} deed */
  #starting(deed) {
    const { connection, notices } = this.#around;
    notices.clear("microphone");
    now({ microphone: "starting" });
    clearTimeout(this.#startTimer);
    this.#startTimer = setTimeout(() => {
      const text = say("page-notices", "no-answer");
      const detail = say("page-notices", "or-type", { way: say("page-notices", "no-answer-way") });
      const action = { label: say("page-notices", "try-again"), run: this.start };
      notices.show({ level: "error", code: "microphone", text, detail, action });
      this.#notStarting("trouble");
    }, START_LIMIT);
    connection.soon("start", deed);
  }

  /** @param {"off"|"trouble"} state */
  #notStarting(state) {
    clearTimeout(this.#startTimer);
    this.#around.connection.notAnyMore("start");
    this.#byHand = false;
    now({ microphone: state });
  }

  /** The server tells Chainlit to listen: that needs neither a key nor the focus, and takes a microphone that is open. */
  #listen() {
    this.#around.tell({ type: "command", name: "listen" });
  }

  /** Chainlit listens only while nothing that takes text, or a choice, has the focus; whoever had it gets it back. */
  #toggle() {
    const focused = document.activeElement;
    const [start, ...others] = this.#around.keepers();
    if (!others.includes(/** @type {HTMLElement} */ (focused))) start.focus();
    toggleVoice();
    if (focused instanceof HTMLSelectElement) focused.focus();
  }

  /** @param {MicrophoneState} change */
  #changed({ state, rate, detail }) {
    const { tell, notices, signals, talk, showLevel } = this.#around;
    clearTimeout(this.#startTimer);
    showLevel(0);
    tell({ type: "microphone", state, ...(rate && { rate }), ...(detail && { detail: detail.slice(0, LONGEST_DETAIL) }) });
    if (state === "on" && this.#byHand) tell({ type: "command", name: "wake" }); // no wake word need be said
    this.#byHand = false;
    if (!this.microphone.isOpen || state === "muted") talk.forget();
    if (state === "on" || state === "muted") this.#letOthers ??= tellOthers();
    else this.#letOthers = (this.#letOthers?.(), null);
    if (state === "on" || state === "muted" || state === "off") {
      if (state === "on") notices.clear("microphone");
      if (state === "on" && talk.isDown) this.talks("began");
      if (state === "off") talk.release();
      if (state !== "on") notices.clear("hands-free");
      signals.microphone(situation.microphone, state);
      return now({ microphone: state, ...(state === "on" && { outlook: "granted" }) });
    }
    const { title, wayOut } = advise(state, detail ?? "");
    notices.clear("hands-free");
    notices.show({
      level: "error",
      code: "microphone",
      text: title,
      detail: wayOut,
      ...(state !== "insecure" && { action: { label: say("page-notices", "try-again"), run: this.start } }),
    });
    now({ microphone: "trouble" });
    if (detail?.includes("disconnected")) this.#toggle();
  }

  /** The talk button. A microphone that is not open yet begins with it. @param {"began"|"ended"} state */
  talks(state) {
    if (this.microphone.isOpen && this.#around.connection.stands) this.#around.tell({ type: "talk", state });
  }

  /** The talk button went down: who presses wants to be heard. */
  pressed() {
    if (!this.#isUnderWay) this.start();
    this.mute(false);
    this.talks("began");
  }

  /** The user wants otherwise now. */
  mannerIs() {
    if (isManual() && !this.#wasManual) this.mute(false); // what is not said with the button is not sent anyway
    this.#wasManual = isManual();
  }
}
