/** Hearing recordings again: one at a time, at the user's own speed, or all of them in turn. */

import { announce, button } from "./pages.js";
import { locale, wordsOf } from "./strings.js";
import { element, setText } from "./voice/elements.js";

const SPEEDS = [0.5, 0.75, 1, 1.25, 1.5, 2, 2.5, 3];
const CHOICE = "nightingale-playback-speed";
const words = wordsOf("review");

/** The controls, and what makes them follow the recordings on the page. */
export function player() {
  const all = button(words("play-all"), () => (playingAll ? stop() : void playAll()));
  const speed = element("select", { id: "speed" }, ...SPEEDS.map((each) => element("option", { value: String(each) }, `${each.toLocaleString(locale())}×`)));
  const stored = Number(localStorage.getItem(CHOICE));
  speed.value = String(SPEEDS.includes(stored) ? stored : 1);
  const what = element("p", { id: "playing", class: "facts" });
  const controls = element(
    "div",
    {},
    element("div", { class: "bar" }, all, element("div", { class: "field" }, element("label", { for: "speed" }, words("speed")), speed)),
    what,
  );
  /** @type {HTMLAudioElement[]} */
  let recordings = [];
  let playingAll = false;
  /** @type {HTMLAudioElement|null} the one that was left when somebody paused, to go on with */
  let leftAt = null;

  /** @param {HTMLAudioElement} recording */
  const turnOf = (recording) => recording.closest(".turn");

  async function playAll() {
    playingAll = true;
    setText(all, words("play-stop"));
    const from = leftAt === null ? 0 : Math.max(0, recordings.indexOf(leftAt));
    leftAt = null;
    let missing = 0;
    for (const recording of recordings.slice(from)) {
      if (!(await played(recording))) missing += 1;
      if (!playingAll) return;
    }
    playingAll = false;
    setText(all, words("play-all"));
    tell(missing ? words("played-but", { count: missing }) : words("played"));
  }

  /** To its end. @param {HTMLAudioElement} recording @returns {Promise<boolean>} whether it could be */
  function played(recording) {
    return new Promise((resolve) => {
      const over = new AbortController();
      const end = (/** @type {boolean} */ well) => {
        over.abort();
        resolve(well);
      };
      const { signal } = over;
      recording.addEventListener("ended", () => end(true), { signal });
      recording.addEventListener("error", () => end(false), { signal });
      recording.addEventListener("pause", () => recording.ended || (leave(recording), end(true)), { signal });
      turnOf(recording)?.scrollIntoView({ block: "nearest" });
      recording.play().catch(() => end(false));
    });
  }

  /** @param {HTMLAudioElement} recording */
  function leave(recording) {
    playingAll = false;
    leftAt = recording;
    setText(all, words("play-on"));
    tell(words("paused"));
  }

  function stop() {
    for (const recording of recordings) recording.pause();
  }

  /** @param {string} text */
  function tell(text) {
    setText(what, text);
    announce(text);
  }

  speed.addEventListener("change", () => {
    localStorage.setItem(CHOICE, speed.value);
    for (const recording of recordings) recording.playbackRate = Number(speed.value);
  });

  /** @param {HTMLElement} place where the recordings are */
  function follow(place) {
    recordings = [...place.querySelectorAll("audio")];
    for (const recording of recordings) {
      recording.defaultPlaybackRate = recording.playbackRate = Number(speed.value);
      recording.addEventListener("play", () => {
        recording.playbackRate = Number(speed.value);
        for (const other of recordings) if (other !== recording) other.pause();
        for (const turn of place.querySelectorAll("[aria-current]")) turn.removeAttribute("aria-current");
        turnOf(recording)?.setAttribute("aria-current", "true");
        tell(words("playing", { name: recording.dataset.name ?? "", number: recordings.indexOf(recording) + 1, all: recordings.length }));
      });
      for (const over of ["ended", "pause"]) recording.addEventListener(over, () => turnOf(recording)?.removeAttribute("aria-current"));
      recording.addEventListener("error", () => tell(words("unplayable", { name: recording.dataset.name ?? "" })));
    }
  }

  return { controls, follow };
}
