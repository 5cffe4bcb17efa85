/** On the page "My memory": whether more is remembered; and all that is somebody's erased, once the word for it is typed. */

import { announce, answered, around, ask, byId, moment, number, redraw } from "./pages.js";
import { wordsOf } from "./strings.js";
import { element, setAttribute, setText } from "./voice/elements.js";

/** What the server wants to hear, whatever the language. */
const CONFIRM = "erase";
const words = wordsOf("memory");
const erased = wordsOf("erased");

let paused = false;

function drawRecording() {
  const place = /** @type {HTMLButtonElement} */ (byId("recording"));
  place.disabled = false;
  setAttribute(place, "aria-checked", String(!paused));
  setText(byId("recording-state"), words(paused ? "off-record" : "on-record"));
}

export async function lookAtRecording() {
  const answer = await ask("GET", "/api/memories/pause");
  if (answer === undefined) {
    setText(byId("recording-state"), words("record-unknown"));
    return;
  }
  paused = answer.paused;
  drawRecording();
}

async function switchRecording() {
  const answer = await ask("POST", "/api/memories/pause", { body: { paused: !paused } });
  if (answer === undefined) return;
  paused = answer.paused;
  drawRecording();
  announce(byId("recording-state").textContent ?? "");
}

/**
 * A line for each part; why something is left is in the server's English.
 *
 * @param {{user: string, at: string, complete: boolean, parts: {what: string, count: number, trouble: string}[]}} told
 */
function receiptOf({ user, at, complete, parts }) {
  const lines = parts.map(({ what, count, trouble }) => {
    const why = trouble ? [`${erased("but")} `, element("span", { lang: "en" }, trouble)] : [];
    return [`  ${erased(what)}: ${number(count)}`, ...why, "\n"];
  });
  return [...around(erased("title", { user }), moment(at)), "\n", ...lines.flat(), erased(complete ? "whole" : "left")];
}

/** @param {() => Promise<void>} refresh what is shown of the memories */
async function eraseEverything(refresh) {
  const word = /** @type {HTMLInputElement} */ (byId("erasing-word"));
  word.value = "";
  if (!(await answered(byId("erasing")))) return;
  const answer = await ask("DELETE", "/api/user", { body: { confirm: CONFIRM } });
  if (answer === undefined) return;
  const receipt = byId("receipt");
  redraw(/** @type {HTMLElement} */ (receipt.querySelector("pre")), ...receiptOf(answer));
  receipt.hidden = false;
  await refresh();
  receipt.focus();
}

/** @param {() => Promise<void>} refresh what is shown of the memories */
export function openRights(refresh) {
  const word = words("erase-word");
  setText(/** @type {Element} */ (document.querySelector("label[for=erasing-word]")), words("erase-label", { word }));
  setAttribute(byId("erasing-word"), "pattern", `\\s*${[...word].map((letter) => `[${letter.toUpperCase()}${letter}]`).join("")}\\s*`);
  byId("recording").addEventListener("click", switchRecording);
  byId("erase").addEventListener("click", () => eraseEverything(refresh));
}
