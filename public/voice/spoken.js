/**
 * In an opened conversation, what was spoken can be heard again beside its words. A message that came of speech has
 * the id of its turn; which turns have recordings, the server says.
 *
 * @import { Replay } from "./replay.js"
 */

import { say } from "../strings.js";
import { element } from "./elements.js";

/** Messages that come together, within so many milliseconds, are asked about together. */
const TOGETHER = 1_000;
const PREFIX = "step-";

export class Spoken {
  #replay;
  #thread = "";
  /** @type {Map<string, string[]>} recordings by message; none where there are none */
  #known = new Map();
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  #asking;

  /** @param {Replay} replay */
  constructor(replay) {
    this.#replay = replay;
  }

  /** A turn is over: what was under way before may have become a recording. */
  turnEnded() {
    for (const [message, sayings] of this.#known) if (sayings.length === 0) this.#known.delete(message);
    this.settle();
  }

  /** The language has changed. */
  tellAnew() {
    for (const buttons of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll(".ng-recordings"))) {
      this.#replay.leave(buttons);
      buttons.remove();
    }
    this.settle();
  }

  /** To be called after every change of the page. */
  settle() {
    const thread = location.pathname.match(/^\/thread\/([^/]+)/)?.[1] ?? "";
    if (thread !== this.#thread) {
      this.#thread = thread;
      this.#known.clear();
    }
    if (!thread) return;
    const messages = /** @type {HTMLElement[]} */ ([...document.querySelectorAll(`[data-step-type=user_message] [id^=${PREFIX}]`)]);
    for (const message of messages) this.#dress(message);
    if (messages.some(({ id }) => !this.#known.has(id))) {
      this.#asking ??= setTimeout(() => this.#ask(thread, messages.map(({ id }) => id)), TOGETHER);
    }
  }

  /** @param {HTMLElement} message */
  #dress(message) {
    const sayings = this.#known.get(message.id) ?? [];
    if (sayings.length === 0 || message.nextElementSibling?.classList.contains("ng-recordings")) return;
    const parts = sayings.length;
    const buttons = sayings.map((saying, at) => {
      const unseen = parts === 1 ? say("page", "what-you-said") : say("page", "part-you-said", { part: at + 1, parts });
      return this.#replay.button(saying, { unseen });
    });
    message.after(element("div", { class: "ng-recordings" }, ...buttons));
  }

  /** @param {string} thread @param {string[]} messages */
  async #ask(thread, messages) {
    /** @type {{id: string, said: {id: string, recorded: boolean}[]}[]} */
    let turns = [];
    try {
      const answer = await fetch(`/api/threads/${encodeURIComponent(thread)}`);
      if (answer.ok) ({ turns } = await answer.json());
    } catch {
      // Without an answer the words stand alone.
    }
    this.#asking = undefined;
    if (thread !== this.#thread) return;
    for (const message of messages) this.#known.set(message, []);
    for (const { id, said } of turns) {
      const recorded = said.filter((each) => each.recorded).map((each) => each.id);
      this.#known.set(`${PREFIX}${id}`, recorded);
    }
    this.settle();
  }
}
