/**
 * All that a person may choose about how they are talked to, in the groups in which the page shows it. The fields are
 * those of `app.manner.Manner`; one more is a row more here, and in the catalogue its words: `NAME`, `NAME-hint`, and
 * `NAME-VALUE` for each value to choose.
 *
 * @import { Manner } from "./wire.js"
 * @typedef {{kind: "choice", name: keyof Manner, hint?: boolean, values: (string|number)[]}} Choice
 * @typedef {{kind: "switch", name: keyof Manner, hint?: boolean}} Switch
 * @typedef {{kind: "amount", name: keyof Manner, hint?: boolean, least: number, most: number, step: number, words: (value: number) => string}} Amount
 * @typedef {{kind: "words"|"pairs", name: keyof Manner, hint?: boolean}} Words `pairs`: each with how it is said
 * @typedef {{kind: "own", name: "voice"|"signals"|"keys"}} Own what has a room of its own
 * @typedef {Choice|Switch|Amount|Words} Field
 * @typedef {{name: string, fields: (Field|Own)[]}} Group its title is `group-NAME`
 */

import { say } from "../strings.js";

const times = (/** @type {number} */ value) =>
  value === 1 ? say("page-settings", "as-usual") : say("page-settings", "times", { times: value });
const percent = (/** @type {number} */ value) =>
  value === 0 ? say("page-settings", "off") : say("page-settings", "percent", { percent: Math.round(100 * value) });

/** @type {Group[]} */
export const GROUPS = [
  {
    name: "turns",
    fields: [
      { kind: "choice", name: "ending", values: ["automatic", "hold", "toggle", "over"] },
      { kind: "choice", name: "patience", values: ["brisk", "standard", "unhurried", "very-patient"] },
      { kind: "choice", name: "barge_in", values: ["on", "keyword", "off"] },
    ],
  },
  {
    name: "listening",
    fields: [
      { kind: "switch", name: "hands_free", hint: true },
      {
        kind: "choice",
        name: "wake_word",
        hint: true,
        values: ["none", "okay-nabu", "hey-jarvis", "hey-mycroft", "alexa"],
      },
      { kind: "choice", name: "sensitivity", values: ["high", "normal", "low"] },
      { kind: "choice", name: "follow_up_seconds", values: [0, 5, 8, 15, 30, 60, 300, 600] },
    ],
  },
  {
    name: "voice",
    fields: [
      { kind: "amount", name: "rate", least: 0.5, most: 3, step: 0.1, words: times },
      { kind: "amount", name: "pitch", least: 0.5, most: 2, step: 0.1, words: times },
      { kind: "amount", name: "volume", least: 0.1, most: 2, step: 0.1, words: percent },
      { kind: "own", name: "voice" },
      { kind: "pairs", name: "pronunciations", hint: true },
    ],
  },
  {
    name: "signals",
    fields: [
      { kind: "amount", name: "earcons", hint: true, least: 0, most: 2, step: 0.1, words: percent },
      { kind: "own", name: "signals" },
    ],
  },
  {
    name: "words",
    fields: [
      { kind: "words", name: "vocabulary", hint: true },
      { kind: "switch", name: "reads_back", hint: true },
      { kind: "choice", name: "length", values: ["brief", "normal", "full"] },
      { kind: "choice", name: "language", values: ["auto", "en", "fr", "de", "es"] },
    ],
  },
  {
    name: "looks",
    fields: [
      { kind: "choice", name: "text_size", values: ["normal", "large", "largest"] },
      { kind: "choice", name: "theme", values: ["system", "light", "dark"] },
      { kind: "choice", name: "contrast", values: ["system", "normal", "high"] },
      { kind: "choice", name: "motion", values: ["system", "reduced"] },
      { kind: "choice", name: "font", values: ["plain", "dyslexic"] },
      { kind: "switch", name: "spacing" },
      { kind: "switch", name: "captions" },
      { kind: "switch", name: "screen_reader", hint: true },
    ],
  },
  { name: "keys", fields: [{ kind: "own", name: "keys" }] },
];
