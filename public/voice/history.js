/**
 * The list of conversations in Chainlit's sidebar, as somebody without a pointer needs it. Chainlit nests a button in a
 * link, and in that button, for the pointer alone, what opens the options. What React has made must stay where it is;
 * so the link gets the name, what is in it rests, and a button of our own beside it opens the options.
 */

import { say } from "../strings.js";
import { element, setAttribute } from "./elements.js";

const TRIGGER = "#sidebar-trigger-button";
/** Up to this width Chainlit's list is a drawer, and not there until it is opened. */
const PHONE = matchMedia("(max-width: 767px)");
const DRAWER = "[data-sidebar=sidebar][data-mobile=true]";

/** For as long the page may take to settle at another address. */
const SETTLING_MS = 2000;

/** Whether whoever opened the drawer, in a conversation without an address, wants to see it still. */
let isWanted = false;
/** When it is no longer opened again. */
let until = Infinity;

/**
 * Chainlit reads the list when its drawer is opened for the first time in a conversation, then goes to the address of
 * that conversation, and closes the drawer by that: it is opened again.
 */
export function keepHistoryOpen() {
  const leave = () => (isWanted = false);
  addEventListener("popstate", leave);
  document.addEventListener("pointerdown", leave, { capture: true });
  document.addEventListener("keydown", ({ key }) => key === "Escape" && leave(), { capture: true });
  document.addEventListener("click", ({ isTrusted, target }) => {
    if (!isTrusted) return;
    const opens = target instanceof Element && target.closest(TRIGGER) && !document.querySelector(DRAWER);
    isWanted = Boolean(opens) && PHONE.matches && location.pathname === "/";
    until = Infinity;
  }, { capture: true });
}

function openAgain() {
  if (!isWanted || location.pathname === "/") return;
  until = Math.min(until, performance.now() + SETTLING_MS);
  if (performance.now() > until) isWanted = false;
  else if (!document.querySelector(DRAWER)) /** @type {HTMLElement|null} */ (document.querySelector(TRIGGER))?.click();
}

/** To be called after every change of the page. */
export function mendHistory() {
  openAgain();
  for (const item of document.querySelectorAll("li[id^=thread-]")) mendConversation(item);
  for (const list of document.querySelectorAll("ul[data-sidebar=menu]")) {
    const onlyItems = [...list.children].every((child) => child.tagName === "LI");
    setAttribute(list, "role", onlyItems ? null : "presentation");
  }
}

/** @param {Element} item */
function mendConversation(item) {
  const link = item.querySelector(":scope > a");
  const face = link?.querySelector("button");
  const options = item.querySelector("[id=thread-options]");
  if (!link || !face || !options) return;
  const title = face.querySelector(".truncate")?.textContent?.trim() || say("page-shell", "conversation");
  setAttribute(link, "aria-label", title);
  setAttribute(link, "aria-current", face.getAttribute("data-active") === "true" ? "page" : null);
  setAttribute(face, "inert", true);
  const own = item.querySelector(":scope > .ng-options") ?? addOptions(item);
  setAttribute(own, "aria-label", say("page-shell", "options", { title }));
  setAttribute(own, "aria-expanded", options.getAttribute("aria-expanded"));
}

/** @param {Element} item */
function addOptions(item) {
  const dots = element("span", { "aria-hidden": "true" }, "⋯");
  const own = element("button", { type: "button", class: "ng-options", "aria-haspopup": "menu" }, dots);
  own.addEventListener("click", () => {
    const key = new KeyboardEvent("keydown", { key: "ArrowDown", bubbles: true, cancelable: true });
    item.querySelector("[id=thread-options]")?.dispatchEvent(key);
  });
  item.append(own);
  return own;
}
