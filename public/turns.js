/**
 * One turn of a reviewed conversation: what was said and can be heard again, what was answered and how much of it was
 * heard, and how the answer came about.
 *
 * @import { Step } from "./waterfall.js"
 * @typedef {"answered"|"cut"|"silenced"|"no-words"|"offered"|"taken-up"|"dismissed"} Outcome
 * @typedef {{id: string, text: string, said_at: string, engine: string|null, confidence: number|null, seconds: number|null,
 *   recorded: boolean, outcome: Outcome|null, reason: string, verbatim: string}} Said
 * @typedef {{id: string, said: Said[], answer: {text: string, heard: number}[], shown: string[], outcome: Outcome|null,
 *   tier: string, stt: string, tts: string, model: string, level: string, troubles: string[], steps: Step[]}} Turn
 */

import { moment, number as inDigits } from "./pages.js";
import { wordsOf } from "./strings.js";
import { element } from "./voice/elements.js";
import { waterfall } from "./waterfall.js";

/** A sentence of which so much sounded counts as heard. */
const WHOLE = 0.95;
/** From the best down. @type {[least: number, degree: string][]} */
const CONFIDENCES = [
  [0.9, "clear"],
  [0.75, "fairly"],
  [0.5, "doubtful"],
  [0, "guess"],
];
const words = wordsOf("review");

/** @param {{heard: number}} sentence */
export const isWhole = ({ heard }) => heard >= WHOLE;

/** @param {Turn} turn @param {number} number */
export function turnCard(turn, number) {
  const name = words("turn", { number });
  const heading = `heading-${turn.id}`;
  const [first] = turn.said;
  const said = turn.said.map((each, at) => element("li", {}, ...sayingParts(each, number, turn.said.length > 1 ? at + 1 : null)));
  return element(
    "article",
    { class: "turn", id: `turn-${turn.id}`, "aria-labelledby": heading },
    element("h2", { id: heading, tabindex: "-1" }, name, ...(first ? [element("span", { class: "facts" }, " · ", moment(first.said_at))] : [])),
    element("h3", {}, words("you-said")),
    first ? element("ul", { class: "said" }, ...said) : element("p", {}, words("unkept")),
    ...answerParts(turn),
    ...howParts(turn, name),
  );
}

/** @param {Said} said @param {number} number of its turn @param {number|null} part which of several it is */
function sayingParts(said, number, part) {
  const { id, text, verbatim, engine, confidence, seconds, recorded, outcome, reason } = said;
  const facts = [
    seconds === null && !recorded ? "" : [words("spoken"), seconds !== null && `${inDigits(seconds, 1)} s`].filter(Boolean).join(", "),
    confidence === null ? "" : words("understood", { how: inWords(confidence), percent: Math.round(100 * confidence) }),
    engine ? words("by", { engine }) : "",
    outcome === "answered" || outcome === null ? "" : words(`outcome-${outcome}`),
    reason,
  ].filter(Boolean);
  const parts = [element("p", { class: "words" }, text || words("no-words")), element("p", { class: "facts" }, facts.join(" · "))];
  if (!facts.length) parts.pop();
  if (verbatim) parts.push(element("details", { class: "verbatim" }, element("summary", {}, words("verbatim")), element("p", {}, verbatim)));
  if (recorded) {
    const src = `/api/recordings/${encodeURIComponent(id)}`;
    const where = part === null ? { number } : { number, part };
    const [name, label] = ["turn", "recording"].map((key) => words(part === null ? key : `${key}-part`, where));
    parts.push(element("audio", { src, controls: true, preload: "none", "aria-label": label, "data-name": name }));
  }
  return parts;
}

/** @param {number} confidence */
function inWords(confidence) {
  const [, degree = ""] = CONFIDENCES.find(([least]) => confidence >= least) ?? [];
  return words(`understood-${degree}`);
}

/** @param {Turn} turn */
function answerParts({ answer, shown }) {
  const parts = [];
  if (answer.length) parts.push(element("p", { class: "words" }, ...answer.flatMap((sentence) => [...sentenceParts(sentence), " "])));
  if (shown.length && answer.length) parts.push(element("p", { class: "facts" }, words("also-shown")));
  parts.push(...shown.map((text) => element("p", { class: "words" }, text)));
  if (shown.length && !answer.length) parts.push(element("p", { class: "facts" }, words("heard-unknown")));
  return parts.length ? [element("h3", {}, words("answer")), ...parts] : [];
}

/** @param {{text: string, heard: number}} sentence */
function sentenceParts({ text, heard }) {
  if (isWhole({ heard })) return [text];
  const mark = (/** @type {string} */ how) => element("span", { class: "mark" }, ` (${how})`);
  const all = text.split(" ");
  const kept = Math.floor(all.length * heard);
  if (heard <= 0) return [element("span", { class: "unheard" }, text), mark(words("unheard"))];
  return [
    all.slice(0, kept).join(" "),
    " ",
    element("span", { class: "unheard" }, all.slice(kept).join(" ")),
    mark(words("heard-part", { percent: Math.round(100 * heard) })),
  ];
}

/** @param {Turn} turn @param {string} name */
function howParts({ outcome, tier, stt, model, tts, level, troubles, steps }, name) {
  /** @type {[string, string][]} */
  const rows = [
    ["outcome", outcome ? words(`outcome-${outcome}`) : ""],
    ["tier", words(`tier-${tier}`) || tier],
    ["heard-by", stt],
    ["answered-by", model],
    ["spoken-by", tts],
    ["level", words(`level-${level}`) || level],
  ];
  const known = rows.filter(([, value]) => value);
  const parts = [];
  if (known.length) parts.push(element("dl", {}, ...known.flatMap(([term, value]) => [element("dt", {}, words(`how-${term}`)), element("dd", {}, value)])));
  if (troubles.length) parts.push(element("h4", {}, words("troubles")), element("ul", { class: "troubles" }, ...troubles.map((each) => element("li", {}, each))));
  if (steps.length) parts.push(waterfall(steps, name));
  return parts.length ? [element("h3", {}, words("how")), ...parts] : [];
}
