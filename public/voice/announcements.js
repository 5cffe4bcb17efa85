/**
 * What screen readers hear unasked: the status once it has settled, notices, offers, and the reply sentence by sentence,
 * never by token. Kept at the end of the body, because a dialog hides all that is beside it, live regions excepted.
 *
 * One of two voices speaks a reply: ours, or the screen reader's where ours can not be heard or is not wanted. For who
 * says that they use a screen reader nothing else is announced either while ours has the floor: see `mind`.
 */

import { say } from "../strings.js";
import { element, setAttribute } from "./elements.js";
import { markLanguage } from "./parts.js";

/** A screen reader can not follow every flicker between listening and hearing, and would speak into the conversation. */
const SETTLE_MILLISECONDS = 600;
const MOST_SENTENCES = 50;

/**
 * @import { Situation } from "./status.js"
 * @typedef {object} Floor who has it
 * @property {boolean} screen_reader the person says that they use one
 * @property {boolean} audible a reply would be heard in our own voice
 * @property {boolean} sounding something of ours sounds just now
 * @property {Situation["server"]} server
 */

export class Announcements {
  #status = element("p", { id: "nightingale-status", role: "status", "aria-live": "polite" });
  #notice = element("p", { role: "status", "aria-live": "polite" });
  #problem = element("p", { role: "alert", "aria-live": "assertive" });
  #reply = element("div", { role: "log", "aria-label": () => say("page", "reply-log"), "aria-live": "off" });
  root = element(
    "section",
    { class: "ng-unseen", "aria-label": () => say("page", "announcements") },
    this.#status,
    this.#notice,
    this.#problem,
    this.#reply,
  );
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  #timer;
  #waits = false;
  #urgentWaits = false;
  /** @type {{text: string, urgent: boolean}[]} */
  #untold = [];

  /** @param {string} text */
  status(text) {
    clearTimeout(this.#timer);
    if (this.#waits || this.#status.textContent === text) return;
    this.#timer = setTimeout(() => (this.#status.textContent = text), SETTLE_MILLISECONDS);
  }

  /** @param {string} text @param {boolean} urgent whether it interrupts what is being read out */
  notice(text, urgent) {
    if (urgent ? this.#urgentWaits : this.#waits) this.#untold.push({ text, urgent });
    else (urgent ? this.#problem : this.#notice).textContent = text;
  }

  /** @param {string} text */
  sentence(text) {
    const sentence = element("p", {}, text);
    markLanguage(sentence);
    this.#reply.append(sentence);
    while (this.#reply.childElementCount > MOST_SENTENCES) this.#reply.firstElementChild?.remove();
  }

  /**
   * A reply that is heard anyway is not read out as well: two voices at once help nobody. In screen-reader mode, from
   * the moment that they speak until our answer has sounded, nothing is; what came meanwhile follows. Problems wait
   * only while somebody is really speaking. To be called before `status`, with every change.
   * @param {Floor} floor
   */
  mind({ screen_reader, audible, sounding, server }) {
    this.#replyIs(audible, server === "speaking");
    const ours = screen_reader && audible;
    const speech = sounding || server === "speaking" || server === "hearing";
    this.#urgentWaits = ours && speech;
    this.#waits = ours && (speech || server === "thinking");
    this.#tellWhatMayBeTold();
  }

  #tellWhatMayBeTold() {
    for (const urgent of [true, false]) {
      if (urgent ? this.#urgentWaits : this.#waits) continue;
      const texts = this.#untold.filter((each) => each.urgent === urgent).map(({ text }) => text);
      this.#untold = this.#untold.filter((each) => each.urgent !== urgent);
      if (texts.length) this.notice(texts.join(" "), urgent);
    }
  }

  /** @param {boolean} audible @param {boolean} midway whether a reply is being spoken */
  #replyIs(audible, midway) {
    const becameSilent = !audible && this.#reply.getAttribute("aria-live") === "off";
    setAttribute(this.#reply, "aria-live", audible ? "off" : "polite");
    const last = this.#reply.lastElementChild;
    // The sentence in which our voice failed was not heard to its end; only what is added is read out.
    if (becameSilent && midway && last) setTimeout(() => this.#reply.append(last));
  }
}
