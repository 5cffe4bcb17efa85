/**
 * Which voice speaks, with a sample of each. The server says which there are; where it does not, there is only the
 * house's own.
 *
 * @typedef {{name: string, label?: string, language?: string}} Voice
 */

import { say } from "../strings.js";
import { element, setAttribute, setText } from "./elements.js";
import { icon } from "./icons.js";

export class VoiceChoice {
  #usual = element("option", { value: "" }, () => say("page-settings", "voice-usual"));
  #select = element("select", { id: "nightingale-voice-name", class: "ng-button" }, this.#usual);
  #listen = element(
    "button",
    { type: "button", class: "ng-button", hidden: true },
    icon("play"),
    element("span", {}, () => say("page-settings", "voice-listen")),
  );
  #trouble = element("p", { class: "ng-wrong", role: "alert" });
  /** @type {HTMLAudioElement|null} */
  #sample = null;
  root = element(
    "div",
    { class: "ng-field ng-wide" },
    element("label", { for: "nightingale-voice-name" }, () => say("page-settings", "voice")),
    element("div", { class: "ng-asked" }, this.#select, this.#listen),
    this.#trouble,
  );

  /** @param {(voice: string) => void} chosen */
  constructor(chosen) {
    this.#select.addEventListener("change", () => {
      setAttribute(this.#listen, "hidden", this.#select.value === "" || this.#select.options.length < 2);
      chosen(this.#select.value);
    });
    this.#listen.addEventListener("click", () => void this.#play(this.#select.value));
  }

  /** @param {unknown} value */
  show(value) {
    const name = String(value);
    if (this.#select.value === name) return;
    if (![...this.#select.options].some((each) => each.value === name)) this.#select.append(element("option", { value: name }, name));
    this.#select.value = name;
  }

  /** Ask the server which voices there are. */
  async lookUp() {
    /** @type {Voice[]} */
    let voices = [];
    try {
      const answer = await fetch("/api/voices");
      if (answer.ok) ({ voices } = await answer.json());
    } catch {
      // Then there is only the usual one.
    }
    const wanted = this.#select.value;
    const options = voices.map(({ name, label = name, language = "" }) =>
      element("option", { value: name }, language ? `${label} (${language})` : label),
    );
    this.#select.replaceChildren(this.#usual, ...options);
    this.show(wanted);
    setAttribute(this.#listen, "hidden", voices.length === 0 || wanted === "");
  }

  /** @param {string} name */
  async #play(name) {
    this.#sample?.pause();
    setText(this.#trouble, "");
    try {
      const answer = await fetch(`/api/voices/${encodeURIComponent(name)}/sample`, { method: "POST" });
      if (!answer.ok) throw new Error(String(answer.status));
      const url = URL.createObjectURL(await answer.blob());
      const sample = (this.#sample = new Audio(url));
      for (const type of ["ended", "pause", "error"]) sample.addEventListener(type, () => URL.revokeObjectURL(url), { once: true });
      await sample.play();
    } catch {
      setText(this.#trouble, say("page-settings", "voice-unheard"));
    }
  }
}
