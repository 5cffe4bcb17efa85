/**
 * How two take turns: when the user's turn ends, how long they are waited for, and what may break into a reply. Shows
 * what it is told and reports what is chosen.
 *
 * @import { Ending, BargeIn, Patience } from "./wire.js"
 * @typedef {{ending: Ending, patience: Patience, barge_in: BargeIn}} TurnTaking
 */

import { element } from "./elements.js";

/** @type {{name: keyof TurnTaking, label: string, options: Record<string, string>}[]} */
const CHOICES = [
  {
    name: "ending",
    label: "My turn ends",
    options: {
      automatic: "By itself",
      hold: "When I let go (hold to talk)",
      toggle: "When I press again",
      over: "When I say “over”",
    },
  },
  {
    name: "patience",
    label: "Patience",
    options: { brisk: "Brisk", standard: "Standard", unhurried: "Unhurried", "very-patient": "Very patient" },
  },
  {
    name: "barge_in",
    label: "A reply is stopped by",
    options: { on: "Whatever I say", keyword: "“Stop”, “wait” and keywords", off: "Nothing I say" },
  },
];

export class TurnTakingPanel {
  /** @type {Map<keyof TurnTaking, HTMLSelectElement>} */
  #selects = new Map();
  root;

  /** @param {(wish: Partial<TurnTaking>) => void} choose */
  constructor(choose) {
    const ways = CHOICES.map(({ name, label, options }) => {
      const choices = Object.entries(options).map(([value, text]) => element("option", { value }, text));
      const select = element("select", { id: `nightingale-${name}`, class: "ng-button" }, ...choices);
      select.addEventListener("change", () => choose({ [name]: select.value }));
      this.#selects.set(name, select);
      return element("label", { class: "ng-way" }, element("span", {}, label), select);
    });
    this.root = element(
      "details",
      { id: "nightingale-turns", class: "ng-turns" },
      element("summary", { class: "ng-button" }, "Taking turns"),
      element("div", {}, ...ways),
    );
  }

  /** @param {TurnTaking} chosen */
  show(chosen) {
    for (const [name, select] of this.#selects) if (select.value !== chosen[name]) select.value = chosen[name];
    const isMine = chosen.ending !== "automatic"; // then no silence ends a turn, and there is nothing to be patient in
    const patience = this.#selects.get("patience");
    if (patience && patience.disabled !== isMine) patience.disabled = isMine;
  }
}
