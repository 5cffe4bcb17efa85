/**
 * One control for each kind of choice, with its label, its hint, and what is wrong with what was entered. A field shows
 * what it is told, but never takes from under the user what they are just writing.
 *
 * @import { Amount, Choice, Field, Switch, Words } from "./choices.js"
 * @typedef {{root: HTMLElement, show: (value: unknown) => void}} Shown
 * @typedef {(value: unknown) => void} Chosen
 */

import { say } from "../strings.js";
import { element, setAttribute, setText } from "./elements.js";
import { MOST_WORDS } from "./wire.js";

export const LONGEST_WORD = 60;

/** @param {Field} field @param {Chosen} chosen called with a value as `app.manner.Manner` has it @returns {Shown} */
export function fieldFor(field, chosen) {
  switch (field.kind) {
    case "choice":
      return choice(field, chosen);
    case "switch":
      return toggle(field, chosen);
    case "amount":
      return amount(field, chosen);
    default:
      return words(field, chosen);
  }
}

/** @param {Field} field */
function described({ name, hint: isHinted = false }) {
  const id = `nightingale-my-${name}`;
  const by = isHinted ? `${id}-hint` : null;
  const hint = by ? [element("p", { id: by, class: "ng-hint" }, () => say("page-settings", `${name}-hint`))] : [];
  return { id, by, hint, label: () => say("page-settings", name) };
}

/** @param {Choice} field @param {Chosen} chosen @returns {Shown} */
function choice(field, chosen) {
  const { id, by, hint, label } = described(field);
  const { name, values } = field;
  const all = values.map((value) => {
    return element("option", { value: String(value) }, () => say("page-settings", `${name}-${value}`));
  });
  const select = element("select", { id, class: "ng-button", "aria-describedby": by }, ...all);
  select.addEventListener("change", () => chosen(typeof values[0] === "number" ? Number(select.value) : select.value));
  return {
    root: element("div", { class: "ng-field" }, element("label", { for: id }, label), select, ...hint),
    show(value) {
      const wanted = String(value);
      if (select.value === wanted) return;
      // What was chosen by voice need not be among what is offered.
      if (![...select.options].some((each) => each.value === wanted)) select.append(element("option", { value: wanted }, wanted));
      select.value = wanted;
    },
  };
}

/** @param {Switch} field @param {Chosen} chosen @returns {Shown} */
function toggle(field, chosen) {
  const { id, by, hint, label } = described(field);
  const box = element("input", { type: "checkbox", role: "switch", id, "aria-describedby": by });
  box.addEventListener("change", () => chosen(box.checked));
  const line = element("label", { class: "ng-switch", for: id }, box, element("span", {}, label));
  return {
    root: element("div", { class: "ng-field ng-wide" }, line, ...hint),
    show: (value) => void (box.checked = value === true),
  };
}

/** @param {Amount} field @param {Chosen} chosen @returns {Shown} */
function amount(field, chosen) {
  const { id, by, hint, label } = described(field);
  const { least, most, step, words: written } = field;
  const bounds = { min: String(least), max: String(most), step: String(step) };
  const slider = element("input", { type: "range", id, ...bounds, "aria-describedby": by });
  const output = element("output", { for: id, "aria-hidden": "true" });
  const tell = () => {
    setText(output, written(Number(slider.value)));
    setAttribute(slider, "aria-valuetext", output.textContent);
  };
  slider.addEventListener("input", tell);
  slider.addEventListener("change", () => chosen(Number(slider.value)));
  const head = element("div", { class: "ng-head" }, element("label", { for: id }, label), output);
  return {
    root: element("div", { class: "ng-field" }, head, slider, ...hint),
    show(value) {
      if (slider.value !== String(value)) slider.value = String(value);
      tell();
    },
  };
}

/** @param {Words} field @param {Chosen} chosen @returns {Shown} */
function words(field, chosen) {
  const { id, by, hint, label } = described(field);
  const wrong = element("p", { id: `${id}-wrong`, class: "ng-wrong", role: "alert" });
  const box = element("textarea", { id, rows: "3", "aria-describedby": [by, wrong.id].filter(Boolean).join(" ") });
  let shown = "";
  box.addEventListener("change", () => {
    const { value, fault } = field.kind === "pairs" ? readPairs(box.value) : readWords(box.value);
    setText(wrong, fault);
    setAttribute(box, "aria-invalid", fault ? "true" : null);
    if (fault) return;
    shown = box.value;
    chosen(value);
  });
  return {
    root: element("div", { class: "ng-field ng-wide" }, element("label", { for: id }, label), box, ...hint, wrong),
    show(value) {
      const written = Array.isArray(value)
        ? value.join("\n")
        : Object.entries(/** @type {object} */ (value ?? {})).map((pair) => pair.join(" = ")).join("\n");
      const isBeingWritten = box.value !== shown && (box === document.activeElement || wrong.textContent);
      if (isBeingWritten || box.value === written) return;
      shown = box.value = written;
    },
  };
}

/** @param {string} text @returns {{number: number, line: string}[]} */
const linesOf = (text) =>
  text
    .split("\n")
    .map((line, at) => ({ number: at + 1, line: line.trim() }))
    .filter(({ line }) => line);

/** @param {number} line */
const tooLong = (line) => say("page-settings", "line-long", { line, letters: LONGEST_WORD });

/** @param {string} text @returns {{value: string[], fault: string}} */
export function readWords(text) {
  const lines = linesOf(text);
  const long = lines.find(({ line }) => line.length > LONGEST_WORD);
  if (long) return { value: [], fault: tooLong(long.number) };
  if (lines.length > MOST_WORDS) return { value: [], fault: say("page-settings", "lines-many", { lines: MOST_WORDS }) };
  return { value: lines.map(({ line }) => line), fault: "" };
}

/** @param {string} text @returns {{value: Record<string, string>, fault: string}} */
export function readPairs(text) {
  const lines = linesOf(text);
  const pairs = lines.map(({ number, line }) => ({ number, parts: line.split("=").map((part) => part.trim()) }));
  const odd = pairs.find(({ parts }) => parts.length !== 2 || parts.some((part) => !part));
  if (odd) return { value: {}, fault: say("page-settings", "line-odd", { line: odd.number }) };
  const long = pairs.find(({ parts }) => parts.some((part) => part.length > LONGEST_WORD));
  if (long) return { value: {}, fault: tooLong(long.number) };
  if (pairs.length > MOST_WORDS) return { value: {}, fault: say("page-settings", "lines-many", { lines: MOST_WORDS }) };
  return { value: Object.fromEntries(pairs.map(({ parts }) => parts)), fault: "" };
}
