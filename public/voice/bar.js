/**
 * The voice bar above the composer: a region with the status, the controls, the tier and the way to talk, the
 * interim transcript, and, handed in, notices and offers. It shows what it is told and reports what is pressed; it decides nothing.
 */

import { say } from "../strings.js";
import { element, setAttribute, setText } from "./elements.js";
import { icon } from "./icons.js";
import { can, lacking, TIERS } from "./tier.js";

/**
 * @import { IconName } from "./icons.js"
 * @import { Line } from "./status.js"
 * @import { TierWord } from "./wire.js"
 * @typedef {"wake"|"start"|"mute"|"stop"|"replies"|"settings"} Control
 * @typedef {object} Shown
 * @property {Line} line
 * @property {boolean} open the microphone is open
 * @property {boolean} muted
 * @property {boolean} asleep
 * @property {Record<"mute"|"wake", string>} keys shortcuts, as they are written; empty where there is none
 * @property {string} hint what will happen with Start; empty where it needs no word
 * @property {boolean} whole the server has said all that was chosen
 * @property {boolean} manual the user has a talk button: what they do not say, nobody hears
 * @property {boolean} stoppable there is a reply to stop
 * @property {TierWord} choice how the user wants to talk
 * @property {TierWord|null} tier what the user can do now; null while the server has not said
 * @property {string} why what stands in the way of more
 */

const TIER_WORDS = /** @type {TierWord[]} */ (Object.keys(TIERS));
const WHY = "nightingale-why";
const HINT = "nightingale-hint";

export class Bar {
  #line = element("span", {});
  #state = element("div", { class: "ng-state" }, icon("ready"), this.#line);
  #interim = element("p", { class: "ng-interim", "aria-hidden": "true" });
  #tierIcons = element("span", { class: "ng-icons" });
  #tier = element("span", { id: "nightingale-tier" });
  #badge = element("p", { class: "ng-tier", hidden: true }, this.#tierIcons, this.#tier);
  #why = element("p", { id: WHY, class: "ng-why", hidden: true });
  #hint = element("p", { id: HINT, class: "ng-hint", hidden: true });
  #way = element(
    "select",
    { id: "nightingale-way", class: "ng-button", "aria-describedby": `nightingale-tier ${WHY}` },
    ...TIER_WORDS.map((tier) => element("option", { value: tier }, () => say("page-status", `way-${tier}`))),
  );
  /** @type {Record<Control, HTMLButtonElement>} */
  #buttons;
  /** @type {HTMLElement|null} what has the focus in here, or had it when the bar was taken away */
  #held = null;
  root;

  /**
   * @param {{above: Element[], talk: Element}} parts what is shown above the controls, and among them
   * @param {(control: Control) => void} press
   * @param {(way: TierWord) => void} choose
   */
  constructor({ above, talk }, press, choose) {
    const button = (/** @type {Control} */ control, /** @type {string} */ className) => {
      const made = element("button", { type: "button", id: `nightingale-${control}`, class: `ng-button ${className}` });
      made.addEventListener("click", () => press(control));
      return made;
    };
    this.#buttons = {
      wake: button("wake", "ng-main"),
      start: button("start", "ng-main"),
      mute: button("mute", ""),
      stop: button("stop", ""),
      replies: button("replies", ""),
      settings: button("settings", ""),
    };
    const { settings, ...among } = this.#buttons;
    setAttribute(settings, "aria-haspopup", "dialog");
    setAttribute(this.#buttons.stop, "aria-keyshortcuts", "Escape");
    setAttribute(this.#buttons.start, "aria-describedby", `${HINT} ${WHY}`);
    this.#way.addEventListener("change", () => choose(/** @type {TierWord} */ (this.#way.value)));
    this.root = element(
      "section",
      { id: "nightingale-voice", role: "region", "aria-label": () => say("page", "voice") },
      element("div", { class: "ng-above" }, ...above),
      this.#interim,
      element(
        "div",
        { class: "ng-row" },
        this.#state,
        element("div", { class: "ng-buttons" }, talk, ...Object.values(among)),
      ),
      this.#hint,
      element(
        "div",
        { class: "ng-row ng-ways" },
        element("div", { class: "ng-now" }, this.#badge, this.#why),
        element("label", { class: "ng-way" }, element("span", {}, () => say("page", "way")), this.#way),
        settings,
      ),
    );
    this.#mindTheFocus();
  }

  /** @param {Shown} shown */
  show({ line, open, muted, asleep, manual, stoppable, choice, tier, why, keys, hint, whole }) {
    face(this.#state, line.icon);
    setText(this.#line, line.text);
    setAttribute(this.#state, "data-state", line.icon);
    setAttribute(this.root, "data-muted", muted);
    setAttribute(this.#hint, "hidden", !hint);
    setText(this.#hint, hint);
    const { wake, start, mute, stop, replies, settings } = this.#buttons;
    settings.disabled = !whole;
    dress(settings, "settings", say("page", "settings"));
    dress(wake, "listening", say("page", "wake"));
    if (!asleep && wake === document.activeElement) start.focus();
    setAttribute(wake, "hidden", !asleep);
    this.#shortcut(wake, keys.wake);
    this.#shortcut(mute, keys.mute);
    dress(start, open ? "end" : "microphone", say("page", open ? "end" : "start"));
    dress(mute, muted ? "muted" : "microphone", say("page", "mute"));
    setAttribute(mute, "aria-pressed", String(muted));
    mute.disabled = !open;
    setAttribute(mute, "hidden", manual && !muted);
    start.classList.toggle("ng-main", !asleep && (!manual || !open));
    dress(stop, "stop", say("page", "stop"));
    stop.disabled = !stoppable;
    const { speaks } = TIERS[choice];
    dress(replies, speaks ? "speaker" : "silent", say("page", "replies"));
    setAttribute(replies, "aria-pressed", String(speaks));
    if (this.#way.value !== choice) this.#way.value = choice;
    this.#showTier(choice, tier, why);
  }

  /** @param {HTMLButtonElement} button @param {string} key */
  #shortcut(button, key) {
    setAttribute(button, "title", key || null);
    setAttribute(button, "aria-keyshortcuts", key || null);
  }

  /** @param {TierWord} choice @param {TierWord|null} tier @param {string} why */
  #showTier(choice, tier, why) {
    const { hearing, speech } = lacking(choice, tier);
    setAttribute(this.#badge, "data-lacking", hearing || speech);
    setAttribute(this.#badge, "hidden", tier === null);
    setAttribute(this.#why, "hidden", !why);
    setText(this.#why, why);
    if (tier === null) return;
    setText(this.#tier, can(tier));
    if (this.#badge.dataset.tier === tier) return;
    this.#badge.dataset.tier = tier;
    this.#tierIcons.replaceChildren(...TIERS[tier].icons.map(icon));
  }

  /** How loud the microphone is, 0 to 1, for the eye. @param {number} level */
  showLevel(level) {
    this.#state.style.setProperty("--ng-level", level.toFixed(2));
  }

  /** @param {string} text what stands @param {string} [tentative] what may yet change; neither to clear */
  showInterim(text, tentative = "") {
    if (!text && !tentative) return this.#interim.replaceChildren();
    const rest = element("span", { class: "ng-tentative" }, tentative);
    const theirs = say("page", "label", { name: say("page", "you") });
    this.#interim.replaceChildren(`${theirs} `, text && `${text} `, rest);
  }

  get start() {
    return this.#buttons.start;
  }

  /** Put the bar before the composer, wherever Chainlit has it now. @param {Element|null} composer */
  settle(composer) {
    if (!composer || composer.previousElementSibling === this.root) return;
    const held = this.#held;
    composer.before(this.root);
    held?.focus();
  }

  /** Chainlit makes the composer anew now and then, and the bar is taken away with the old one. */
  #mindTheFocus() {
    document.addEventListener("focusin", ({ target }) => {
      if (!this.root.isConnected) return; // the new composer takes the focus for itself
      this.#held = target instanceof HTMLElement && this.root.contains(target) ? target : null;
    });
    this.root.addEventListener("focusout", () => {
      queueMicrotask(() => {
        if (this.root.isConnected && !this.root.contains(document.activeElement)) this.#held = null;
      });
    });
  }
}

/** @param {Element} place @param {IconName} name */
function face(place, name) {
  const current = place.querySelector("svg");
  if (current?.dataset.icon !== name) current?.replaceWith(icon(name));
}

/** @param {HTMLButtonElement} button @param {IconName} name @param {string} label */
function dress(button, name, label) {
  if (!button.firstChild) button.append(icon(name), element("span", {}, label));
  face(button, name);
  setText(/** @type {Element} */ (button.lastElementChild), label);
}
