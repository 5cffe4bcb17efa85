/**
 * Hands-free: whether this page may begin to listen by itself. It may where the microphone was allowed, nobody has
 * closed it here by hand, and no other page of this browser listens.
 *
 * @import { Manner } from "./wire.js"
 */

import { say } from "../strings.js";
import { situation, isManual } from "./situation.js";
import { TIERS } from "./tier.js";

/** Who ended voice, or muted it, in this tab begins again themselves, after a reload, too. */
const SILENCED = "nightingale-silenced";
const LISTENS = "nightingale-listens";

/** @param {boolean} silenced by hand */
export function rememberSilence(silenced) {
  if (silenced) sessionStorage.setItem(SILENCED, "yes");
  else sessionStorage.removeItem(SILENCED);
}

/** Whether the user wants this page to listen by itself, and nobody has told it not to. */
export function isWanted() {
  const { manner } = situation;
  const wished = manner.hands_free === true && TIERS[manner.tier].hears && !isManual();
  return wished && sessionStorage.getItem(SILENCED) === null;
}

/** Seen by the other pages of this browser until it is let go. @returns {() => void} lets go */
export function tellOthers() {
  /** @type {() => void} */
  let letGo = () => {};
  const held = new Promise((resolve) => (letGo = () => resolve(undefined)));
  void navigator.locks.request(LISTENS, { mode: "shared" }, () => held);
  return letGo;
}

export async function anotherListens() {
  const { held = [] } = await navigator.locks.query();
  return held.some(({ name }) => name === LISTENS);
}

/** Nobody is listened to behind their back. @returns {Promise<void>} when the page is to be seen */
export function isSeen() {
  if (!document.hidden) return Promise.resolve();
  return new Promise((resolve) => document.addEventListener("visibilitychange", () => resolve(), { once: true }));
}

/** What to say first, where something must be said first. @param {Manner["wake_word"]} [word] */
export function invitation(word = "none") {
  if (word === "none") return say("page-notices", "listening");
  const said = word.split("-").map((part) => part[0].toUpperCase() + part.slice(1));
  return say("page-notices", "listening-for", { word: said.join(" ") });
}
