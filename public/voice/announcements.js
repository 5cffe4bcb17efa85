/**
 * What screen readers hear unasked: the status once it has settled, notices, offers, and the reply sentence by sentence,
 * never by token. Kept at the end of the body, because a dialog hides all that is beside it, live regions excepted.
 */

import { element, setAttribute } from "./elements.js";

/** A screen reader can not follow every flicker between listening and hearing, and would speak into the conversation. */
const SETTLE_MILLISECONDS = 600;
const MOST_SENTENCES = 50;

export class Announcements {
  #status = element("p", { id: "nightingale-status", role: "status", "aria-live": "polite" });
  #notice = element("p", { role: "status", "aria-live": "polite" });
  #problem = element("p", { role: "alert", "aria-live": "assertive" });
  #reply = element("div", { role: "log", "aria-label": "Reply, sentence by sentence", "aria-live": "off" });
  root = element(
    "section",
    { class: "ng-unseen", "aria-label": "Announcements" },
    this.#status,
    this.#notice,
    this.#problem,
    this.#reply,
  );
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  #timer;

  /** @param {string} text */
  status(text) {
    clearTimeout(this.#timer);
    if (this.#status.textContent === text) return;
    this.#timer = setTimeout(() => (this.#status.textContent = text), SETTLE_MILLISECONDS);
  }

  /** @param {string} text @param {boolean} urgent whether it interrupts what is being read out */
  notice(text, urgent) {
    (urgent ? this.#problem : this.#notice).textContent = text;
  }

  /** @param {string} text */
  sentence(text) {
    this.#reply.append(element("p", {}, text));
    while (this.#reply.childElementCount > MOST_SENTENCES) this.#reply.firstElementChild?.remove();
  }

  /** A reply that is heard anyway is not read out as well: two voices at once help nobody. @param {boolean} audible */
  replyIs(audible) {
    setAttribute(this.#reply, "aria-live", audible ? "off" : "polite");
  }
}
