/** On the page "My memory": whether more is remembered; and all that is somebody's erased, once the word for it is typed. */

import { announce, answered, ask, byId } from "./pages.js";
import { wordsOf } from "./strings.js";
import { setAttribute, setText } from "./voice/elements.js";

/** What the server wants to hear, whatever the language. */
const CONFIRM = "erase";
const words = wordsOf("memory");

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

/** @param {() => Promise<void>} refresh what is shown of the memories */
async function eraseEverything(refresh) {
  const word = /** @type {HTMLInputElement} */ (byId("erasing-word"));
  word.value = "";
  if (!(await answered(byId("erasing")))) return;
  const answer = await ask("DELETE", "/api/user", { body: { confirm: CONFIRM } });
  if (answer === undefined) return;
  const receipt = byId("receipt");
  setText(/** @type {Element} */ (receipt.querySelector("pre")), answer.text);
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
