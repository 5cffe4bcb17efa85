/**
 * "How I talk and listen": all that can be chosen, in one dialog. What is chosen takes effect at once; what was chosen
 * by voice or on another page is shown while it is open. Shows what it is told and reports what is chosen.
 *
 * @import { Earcon } from "./earcons.js"
 * @import { Own } from "./choices.js"
 * @import { Words } from "./elements.js"
 * @import { Shown } from "./fields.js"
 * @import { Known } from "./situation.js"
 * @import { Manner } from "./wire.js"
 * @typedef {object} SettingsListener
 * @property {(wish: Partial<Manner>) => void} choose
 * @property {() => void} reset all of it to what is usual
 * @property {(name: Earcon) => void} demonstrate
 * @property {() => void} keysChanged
 * @property {(open: boolean) => void} opened
 */

import { say } from "../strings.js";
import { GROUPS } from "./choices.js";
import { MELODIES } from "./earcons.js";
import { element } from "./elements.js";
import { fieldFor } from "./fields.js";
import { icon } from "./icons.js";
import { keyOf, OFF, setKey, SHORTCUTS } from "./keys.js";
import { VoiceChoice } from "./voices.js";

export class Settings {
  /** @type {Map<keyof Manner, Shown>} */
  #fields = new Map();
  #voice;
  #listener;
  #close = button(word("close"), () => this.root.close());
  root;

  /** @param {SettingsListener} listener */
  constructor(listener) {
    this.#listener = listener;
    this.#voice = new VoiceChoice((voice) => listener.choose({ voice }));
    this.#fields.set("voice", this.#voice);
    const groups = GROUPS.map(({ name, fields }) => {
      const controls = fields.map((field) => (field.kind === "own" ? this.#own(field) : this.#field(field).root));
      return element("fieldset", { class: "ng-group" }, element("legend", {}, word(`group-${name}`)), ...controls);
    });
    const heading = element("h2", { id: "nightingale-manner-title" }, () => say("page", "settings"));
    this.root = element(
      "dialog",
      { id: "nightingale-manner", class: "ng-settings", "aria-labelledby": heading.id },
      element("header", {}, heading, this.#close),
      element("div", { class: "ng-groups" }, ...groups, this.#resetting()),
    );
    this.root.addEventListener("close", () => listener.opened(false));
    this.root.addEventListener("click", ({ target }) => target === this.root && this.root.close()); // beside it
  }

  open() {
    if (this.root.open) return;
    this.root.showModal();
    void this.#voice.lookUp();
    this.#listener.opened(true);
  }

  /** @param {Known} manner */
  show(manner) {
    for (const [name, field] of this.#fields) if (manner[name] !== undefined) field.show(manner[name]);
    const isMine = manner.ending !== "automatic"; // then no silence ends a turn, and there is nothing to be patient in
    this.#able("patience", !isMine);
    this.#able("sensitivity", manner.wake_word !== "none");
    this.#able("follow_up_seconds", manner.wake_word !== "none");
  }

  /** @param {keyof Manner} name @param {boolean} able */
  #able(name, able) {
    const control = this.#fields.get(name)?.root.querySelector("select");
    if (control && control.disabled === able) control.disabled = !able;
  }

  /** @param {import("./choices.js").Field} field */
  #field(field) {
    const made = fieldFor(field, (value) => this.#listener.choose({ [field.name]: value }));
    this.#fields.set(field.name, made);
    return made;
  }

  /** @param {Own} own */
  #own({ name }) {
    if (name === "voice") return this.#voice.root;
    return name === "keys" ? this.#keys() : this.#signals();
  }

  /** What each signal means, to be heard. */
  #signals() {
    const names = /** @type {Earcon[]} */ (Object.keys(MELODIES));
    const rows = names.map((name) => {
      const means = () => say("page-signals", name);
      const sounds = () => say("page-signals", "sounds", { sound: say("page-signals", `${name}-sound`) });
      const play = button(() => say("page-signals", "play"), () => this.#listener.demonstrate(name));
      play.prepend(icon("play"));
      play.append(element("span", { class: "ng-unseen" }, () => say("page-signals", "which", { signal: means() })));
      return element("li", {}, play, element("span", {}, element("strong", {}, means), sounds));
    });
    const summary = element("summary", { class: "ng-button" }, word("signals"));
    return element("details", { class: "ng-signals ng-wide" }, summary, element("ul", {}, ...rows));
  }

  #keys() {
    const choices = Object.entries(SHORTCUTS).map(([each, keys]) => {
      const name = /** @type {keyof typeof SHORTCUTS} */ (each);
      const id = `nightingale-key-${name}`;
      const all = keys.map((key) => element("option", { value: key }, key));
      const none = element("option", { value: OFF }, word("key-none"));
      const select = element("select", { id, class: "ng-button" }, ...all, none);
      select.value = keyOf(name);
      select.addEventListener("change", () => {
        setKey(name, select.value);
        this.#listener.keysChanged();
      });
      return element("div", { class: "ng-field" }, element("label", { for: id }, word(`key-${name}`)), select);
    });
    const hint = element("p", { class: "ng-hint ng-wide" }, word("keys-hint"));
    return element("div", { class: "ng-fields ng-wide" }, ...choices, hint);
  }

  /** What is gone cannot be had back, so it is asked first. */
  #resetting() {
    const ask = button(word("reset"), () => answers(true));
    const question = element("p", {}, word("reset-asked"));
    const yes = button(word("reset-yes"), () => {
      this.#listener.reset();
      answers(false);
    });
    const no = button(word("reset-no"), () => answers(false));
    const asked = element("div", { class: "ng-asked", role: "group", "aria-label": word("reset") }, question, yes, no);
    asked.hidden = true;
    const answers = (/** @type {boolean} */ wanted) => {
      asked.hidden = !wanted;
      ask.hidden = wanted;
      (wanted ? no : ask).focus();
    };
    return element("div", { class: "ng-wide" }, ask, asked);
  }
}

/** @param {string} key @returns {Words} */
const word = (key) => () => say("page-settings", key);

/** @param {Words} label @param {() => void} press */
function button(label, press) {
  const made = element("button", { type: "button", class: "ng-button" }, label);
  made.addEventListener("click", press);
  return made;
}
