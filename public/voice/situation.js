/**
 * All that changes over time, in one place. Whoever learns of a change says it here; all that is seen follows.
 *
 * @import { Situation as Told } from "./status.js"
 * @import { Manner, TierWord } from "./wire.js"
 * @typedef {Partial<Manner> & Pick<Manner, "tier"|"ending"|"patience"|"barge_in"|"earcons">} Known how the user wants to
 * talk: all of it once the server has said it
 * @typedef {object} More
 * @property {boolean} sounding
 * @property {boolean} failed nothing can be played
 * @property {Known} manner
 * @property {TierWord|null} tier what they can do now
 * @property {string} why what stands in the way of more
 * @property {"granted"|"denied"|"prompt"|"missing"|"unknown"} outlook what the browser will say to the microphone
 * @typedef {Omit<Told, "deaf"|"ending"> & More} Situation
 */

/** @type {Situation} */
export const situation = {
  server: "ready",
  microphone: "off",
  connected: true,
  blocked: false,
  failed: false,
  sounding: false,
  detail: "",
  talking: false,
  manner: { tier: "full", ending: "automatic", patience: "standard", barge_in: "on", earcons: 1 },
  tier: null,
  why: "",
  outlook: "unknown",
};

/** @type {(() => void)[]} */
const shows = [];

/** @param {() => void} show called after every change */
export function follow(show) {
  shows.push(show);
}

/** @param {Partial<Situation>} change */
export function now(change) {
  Object.assign(situation, change);
  for (const show of shows) show();
}

/** Whether something is being answered. */
export const isBusy = () => situation.sounding || situation.server === "thinking" || situation.server === "speaking";

/** Whether a talk button begins and ends the user's turn. */
export const isManual = () => situation.manner.ending === "hold" || situation.manner.ending === "toggle";
