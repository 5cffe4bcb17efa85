/**
 * The four tiers in words: what a person can do now, what is gone or back, and how they may choose to talk. Knows
 * nothing of the page.
 *
 * @import { IconName } from "./icons.js"
 * @import { Earcon } from "./earcons.js"
 * @import { Notice } from "./notices.js"
 * @import { Tier, TierWord } from "./wire.js"
 * @typedef {{hearing: boolean, speech: boolean}} Parts
 */

import { say } from "../strings.js";

/** Good news stay so long, in milliseconds. */
const GOOD_NEWS = 8_000;

/** @type {Record<TierWord, {hears: boolean, speaks: boolean, icons: IconName[]}>} */
export const TIERS = {
  full: { hears: true, speaks: true, icons: ["microphone", "speaker"] },
  "stt-only": { hears: true, speaks: false, icons: ["microphone", "read"] },
  "tts-only": { hears: false, speaks: true, icons: ["keyboard", "speaker"] },
  text: { hears: false, speaks: false, icons: ["keyboard", "read"] },
};

/** What can be done, in words. @param {TierWord} tier */
export const can = (tier) => say("page-status", `can-${tier}`);

/** @param {boolean} hears @param {boolean} speaks @returns {TierWord} */
export function tierOf(hears, speaks) {
  if (hears) return speaks ? "full" : "stt-only";
  return speaks ? "tts-only" : "text";
}

/**
 * What was wanted and is not to be had.
 * @param {TierWord} choice
 * @param {TierWord|null} tier null while the server has not said
 * @returns {Parts}
 */
export function lacking(choice, tier) {
  return {
    hearing: tier !== null && TIERS[choice].hears && !TIERS[tier].hears,
    speech: tier !== null && TIERS[choice].speaks && !TIERS[tier].speaks,
  };
}

/** Whether all that was wanted is to be had. @param {TierWord} choice @param {TierWord} tier */
export function isWhole(choice, tier) {
  const { hearing, speech } = lacking(choice, tier);
  return !hearing && !speech;
}

/**
 * What to tell of a tier that the server has sent.
 * @param {Tier} message
 * @param {TierWord|null} before
 * @param {TierWord} choice
 * @param {Parts} seen what the page has seen, and told with a way out, by itself
 * @returns {{notice?: Omit<Notice, "code">, tune?: Earcon, quiet?: string}}
 */
export function tidings({ tier, why = "", change }, before, choice, seen) {
  if (change === "up") {
    const text = upward(lacking(tier, before ?? "text"));
    return { notice: { level: "info", text, detail: why, passing: GOOD_NEWS }, tune: "recovered" };
  }
  if (change === "chosen") return { quiet: `${can(tier)}. ${why}`.trim() };
  const [gone, had] = [lacking(choice, tier), lacking(choice, before)];
  const isNews = (gone.hearing && !had.hearing && !seen.hearing) || (gone.speech && !had.speech && !seen.speech);
  if (change !== "down" || !isNews) return {};
  return { notice: { level: "warning", text: downward(gone), detail: why, urgent: true }, tune: "degraded" };
}

/** What is gone, and what to do. @param {Parts} gone at least one */
function downward({ hearing, speech }) {
  return say("page-notices", hearing && speech ? "neither" : hearing ? "deaf" : "mute");
}

/** What is back. @param {Parts} back */
function upward({ hearing, speech }) {
  return say("page-notices", hearing && speech ? "both-again" : hearing ? "hear-again" : "speak-again");
}
