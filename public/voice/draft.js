/**
 * What is being written stays when Chainlit makes its line to write in anew, as it does with the first message of a
 * conversation, whoever says it: who types while the assistant greets them types on. Who goes to another conversation
 * leaves it behind.
 */

const LINE = "chat-input";
const SEND = "#chat-submit";
/** What leads to another conversation. */
const AWAY = "a[href^='/'], #new-chat-button, [cmdk-item]";
const SEARCH = "[cmdk-input]";

/** Not sent yet. */
let written = "";
/** The address of the conversation that it is for. */
let place = "";
/** @type {Element|null} */
let line = null;

export function keepDraft() {
  document.addEventListener("input", ({ target }) => isLine(target) && remember(target), { capture: true });
  document.addEventListener("click", leaveOrSend, { capture: true });
  document.addEventListener("keydown", leaveOrSendWithEnter, { capture: true });
  addEventListener("popstate", forget);
  new MutationObserver(giveBack).observe(document.body, { childList: true, subtree: true });
}

/** @param {EventTarget|null} target @returns {target is HTMLTextAreaElement} */
const isLine = (target) => target instanceof HTMLTextAreaElement && target.id === LINE;

/** @param {HTMLTextAreaElement} from */
function remember({ value }) {
  written = value;
  place = location.pathname;
}

function forget() {
  written = "";
}

/** @param {MouseEvent} event */
function leaveOrSend({ target }) {
  if (!(target instanceof Element)) return;
  if (target.closest(AWAY)) forget();
  if (target.closest(SEND)) send();
}

/** @param {KeyboardEvent} event */
function leaveOrSendWithEnter({ key, shiftKey, isComposing, target }) {
  if (key !== "Enter" || shiftKey || isComposing) return;
  if (isLine(target)) send();
  if (target instanceof Element && target.matches(SEARCH)) forget();
}

/** What Chainlit did not take stands there still. */
function send() {
  const from = document.getElementById(LINE);
  forget();
  setTimeout(() => from?.isConnected && isLine(from) && from.value && remember(from));
}

function giveBack() {
  const now = document.getElementById(LINE);
  if (!isLine(now) || now === line) return;
  line = now;
  const isHere = location.pathname === place || place === "/";
  if (!written || !isHere || now.value) return;
  // As when it is typed: React looks at what the element's own setter was given.
  Object.getOwnPropertyDescriptor(HTMLTextAreaElement.prototype, "value")?.set?.call(now, written);
  now.dispatchEvent(new Event("input", { bubbles: true }));
}
