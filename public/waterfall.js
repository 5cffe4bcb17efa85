/**
 * How long each step of a turn took, as a picture, as a sentence, and as a table.
 *
 * @typedef {{name: string, began: number, ended: number}} Step seconds after the end of speech
 */

import { number } from "./pages.js";
import { wordsOf } from "./strings.js";
import { element } from "./voice/elements.js";

const words = wordsOf("review");
const ROW = 19;
const BARS = { left: 66, right: 248 };
const WIDTH = 300;
/** The picture ends so much after the answer began: the rest of speaking would make all else too small to see. */
const BEYOND = 1.25;

/** @param {number} seconds */
const inSeconds = (seconds) => `${number(seconds, 2)} s`;

/** @param {Step} step */
const labelOf = ({ name }) => words(`step-${name}`) || name;

/** @param {Step[]} steps seconds until the answer began, null where it did not */
export function firstSound(steps) {
  return steps.find(({ name }) => name === "speaking")?.began ?? null;
}

/** @param {Step[]} steps @param {string} turn whose they are, as a person says it */
export function waterfall(steps, turn) {
  const first = firstSound(steps);
  const told = steps.map((step) => `${labelOf(step)} ${inSeconds(step.ended - step.began)}`).join(", ");
  const sentence = first === null ? words("took", { turn, told }) : words("began", { after: inSeconds(first), told });
  return element(
    "figure",
    {},
    picture(steps, sentence),
    element(
      "details",
      {},
      element("summary", {}, words("times"), element("span", { class: "unseen" }, `, ${turn}`)),
      table(steps, turn),
    ),
  );
}

/** @param {Step[]} steps @param {string} sentence */
function picture(steps, sentence) {
  const first = firstSound(steps);
  const last = Math.max(0.1, ...steps.map(({ ended }) => ended));
  const end = first === null ? last : Math.min(last, Math.max(0.1, first * BEYOND));
  const begin = Math.min(0, ...steps.map(({ began }) => began));
  const x = (/** @type {number} */ seconds) =>
    BARS.left + ((BARS.right - BARS.left) * (Math.min(seconds, end) - begin)) / (end - begin);
  const height = ROW * steps.length + 6;
  const svg = drawn("svg", { class: "waterfall", viewBox: `0 0 ${WIDTH} ${height}`, role: "img", "aria-label": sentence });
  steps.forEach((step, row) => {
    const middle = ROW * row + 14;
    const width = Math.max(1.5, x(step.ended) - x(step.began));
    const aside = step.name === "pause" || step.name === "waiting" ? { class: "aside" } : {};
    const { began, ended } = step;
    svg.append(
      drawn("text", { x: 0, y: middle }, labelOf(step)),
      drawn("rect", { x: Math.min(x(began), BARS.right - 1.5), y: ROW * row + 5, width, height: 11, rx: 2, ...aside }),
      drawn("text", { x: BARS.right + 5, y: middle }, inSeconds(ended - began)),
    );
  });
  if (first !== null) svg.append(drawn("line", { x1: x(first), x2: x(first), y1: 0, y2: height }));
  return svg;
}

/** @param {Step[]} steps @param {string} turn */
function table(steps, turn) {
  const cells = (/** @type {"th"|"td"} */ tag, /** @type {string[]} */ texts) => texts.map((text) => element(tag, tag === "th" ? { scope: "col" } : {}, text));
  return element(
    "table",
    {},
    element("caption", {}, words("times-caption", { turn })),
    element("thead", {}, element("tr", {}, ...cells("th", ["step", "from", "to", "taken"].map((key) => words(`column-${key}`))))),
    element(
      "tbody",
      {},
      ...steps.map((step) =>
        element(
          "tr",
          {},
          element("th", { scope: "row" }, [labelOf(step), words(`meaning-${step.name}`)].filter(Boolean).join(": ")),
          ...cells("td", [step.began, step.ended, step.ended - step.began].map(inSeconds)),
        ),
      ),
    ),
  );
}

/** @param {string} tag @param {Record<string, string|number>} attributes @param {...string} children */
function drawn(tag, attributes, ...children) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, String(value));
  made.append(...children);
  return made;
}
