/**
 * What Chainlit's own markup lacks for people who do not see it: names, roles, landmarks, order. One pass over the
 * page after each burst of changes; every mending writes only what is not yet so, so that a pass over a mended
 * page changes nothing and the observer comes to rest.
 */

import { say } from "../strings.js";
import { keepDraft } from "./draft.js";
import { element, setAttribute, setText } from "./elements.js";
import { giveFocusBack, mindFocus } from "./focus.js";
import { keepHistoryOpen, mendHistory } from "./history.js";
import { markLanguage } from "./parts.js";
import { mendLogos } from "./theme.js";

/** By the keys of the catalogue. @type {Record<string, string>} */
const NAMES_BY_ID = {
  "chat-submit": "send",
  "stop-button": "stop-task",
  "chat-settings-open-modal": "settings",
  "chat-settings-header-button": "settings",
  "new-chat-button": "new",
  "search-chats-button": "search",
  "sidebar-trigger-button": "history",
  "user-nav-button": "account",
  "upload-button": "attach",
  "side-view-close": "close-panel",
};

/** By the keys of the catalogue. @type {Record<string, string>} */
const NAMES_BY_ICON = {
  "lucide-copy": "copy",
  "lucide-check": "copied",
  "lucide-thumbs-up": "good",
  "lucide-thumbs-down": "bad",
  "lucide-arrow-down": "latest",
  "lucide-arrow-left": "back",
  "lucide-x": "close",
  "lucide-info": "information",
  "lucide-ellipsis": "more-options",
  "lucide-chevron-down": "more",
};

/** @param {string} key */
const named = (key) => say("page-shell", key);

/** @param {Element} button */
const isNamed = (button) =>
  button.hasAttribute("aria-label") || button.hasAttribute("aria-labelledby") || button.textContent?.trim();

function nameButtons() {
  for (const button of document.querySelectorAll("button, [role=button]")) {
    const icon = [...(button.querySelector("svg")?.classList ?? [])].find((name) => name in NAMES_BY_ICON);
    const byIcon = icon && named(NAMES_BY_ICON[icon]);
    // The copy button changes its icon under the name that it was given.
    if (byIcon && button.hasAttribute("data-ng-named")) setAttribute(button, "aria-label", byIcon);
    if (isNamed(button) && !(button.id in NAMES_BY_ID)) continue;
    const name = button.id in NAMES_BY_ID ? named(NAMES_BY_ID[button.id]) : byIcon;
    if (!name) continue;
    setAttribute(button, "aria-label", name);
    setAttribute(button, "data-ng-named", true);
  }
  // What files may be dropped on is called decoration; all of the page is such a place, and was reached with Tab.
  document.querySelector("button[role=presentation]")?.removeAttribute("role");
  for (const place of document.querySelectorAll("div[role=presentation][tabindex='0']")) place.removeAttribute("tabindex");
  const history = document.getElementById("sidebar-trigger-button");
  const sidebar = document.querySelector("[data-sidebar=sidebar]");
  if (history && sidebar) {
    const open = sidebar.closest("[data-state]")?.getAttribute("data-state") !== "collapsed";
    setAttribute(history, "aria-expanded", String(open));
  }
}

function nameFields() {
  const composer = document.getElementById("chat-input");
  if (composer) setAttribute(composer, "aria-label", named("message"));
  const search = document.querySelector("[cmdk-input]");
  if (search) setAttribute(search, "aria-label", search.getAttribute("placeholder"));
  const edit = document.getElementById("edit-chat-input");
  if (edit) setAttribute(edit, "aria-label", named("edit-message"));
  for (const thumb of document.querySelectorAll("[role=slider]:not([aria-label])")) {
    const label = thumb.closest(".space-y-2")?.querySelector("label");
    const name = [...(label?.childNodes ?? [])].find((node) => node.nodeType === Node.TEXT_NODE)?.textContent?.trim();
    setAttribute(thumb, "aria-label", name || named("value"));
  }
}

function mendLandmarks() {
  const sidebar = document.querySelector("[data-sidebar=sidebar]:not([data-mobile])");
  if (sidebar) {
    setAttribute(sidebar, "role", "navigation");
    setAttribute(sidebar, "aria-label", named("conversations"));
    // A sidebar pushed off the screen must not catch the Tab key.
    const away = sidebar.closest("[data-state]")?.getAttribute("data-state") === "collapsed";
    setAttribute(sidebar, "inert", away);
  }
  const header = document.getElementById("header");
  if (header && !header.closest("main") && header.parentElement) setAttribute(header.parentElement, "role", "main");
  if (header && !document.getElementById("nightingale-title")) {
    header.prepend(element("h1", { id: "nightingale-title", class: "ng-unseen" }, "Nightingale"));
  }
  for (const scroller of document.querySelectorAll("#header ~ * .overflow-y-auto > .overflow-y-auto")) {
    setAttribute(scroller, "tabindex", "0");
    setAttribute(scroller, "role", "region");
    setAttribute(scroller, "aria-label", named("conversation"));
  }
}

function mendMessages() {
  for (const step of document.querySelectorAll("[data-step-type]")) {
    setAttribute(step, "role", "article");
    setAttribute(step, "aria-label", step.getAttribute("data-step-type") === "user_message" ? say("page", "you") : "Nightingale");
  }
  for (const text of document.querySelectorAll("[data-step-type] .message-content")) markLanguage(text);
  // Chainlit calls every piece of text an article.
  for (const text of document.querySelectorAll("[role=article]:not([data-step-type])")) text.removeAttribute("role");
  // The message beside it says whose it is.
  for (const avatar of document.querySelectorAll(".ai-message img[alt^='Avatar for']")) setAttribute(avatar, "alt", "");
  for (const logo of document.querySelectorAll("img.logo")) setAttribute(logo, "alt", "");
}

function mendReferences() {
  for (const relation of ["aria-controls", "aria-labelledby", "aria-describedby"]) {
    for (const owner of document.querySelectorAll(`[${relation}]`)) {
      const targets = owner.getAttribute(relation)?.split(" ") ?? [];
      if (!targets.some((id) => document.getElementById(id))) owner.removeAttribute(relation);
    }
  }
  const drawer = document.querySelector("[role=dialog][data-sidebar=sidebar]");
  if (drawer) setAttribute(drawer, "aria-label", named("conversations"));
}

/** A menu is no dialog: what is behind it stays, and the page has its landmarks; the menu is one of them. */
function mendMenus() {
  const menu = document.querySelector("body > [data-radix-popper-content-wrapper]:has(> [role=menu])");
  if (!menu) return;
  setAttribute(menu, "role", "region");
  setAttribute(menu, "aria-label", named("menu"));
  if (!document.querySelector("[role=dialog], [role=alertdialog]")) document.getElementById("root")?.removeAttribute("aria-hidden");
}

/** What a menu or dialog hides from assistive technology must not take the focus either; at once, for it is given back at once. */
function keepHiddenUnfocusable() {
  const page = document.getElementById("root");
  if (!page) return;
  const follow = () => setAttribute(page, "inert", page.getAttribute("aria-hidden") === "true");
  new MutationObserver(follow).observe(page, { attributeFilter: ["aria-hidden"] });
}

function keepWelcome() {
  const logo = document.querySelector("#welcome-screen > img.logo");
  if (!logo) return;
  if (logo.nextElementSibling?.id !== "nightingale-welcome") logo.after(element("p", { id: "nightingale-welcome" }));
  setText(/** @type {Element} */ (logo.nextElementSibling), named("welcome"));
}

/**
 * @param {() => void} first runs before each pass, for what else must follow Chainlit's changes
 * @returns {() => void} to be called when the page has another language
 */
export function keepMending(first) {
  const pass = () => {
    first();
    nameButtons();
    nameFields();
    mendHistory();
    mendLandmarks();
    mendMessages();
    mendReferences();
    mendMenus();
    mendLogos();
    keepWelcome();
    giveFocusBack();
  };
  let due = false;
  const soon = () => {
    if (due) return;
    due = true;
    // Not an animation frame: those stop in a hidden tab, where a screen reader's user may well be.
    setTimeout(() => {
      due = false;
      pass();
    }, 50);
  };
  new MutationObserver(soon).observe(document.body, {
    childList: true,
    subtree: true,
    attributeFilter: ["data-state", "aria-controls", "id", "disabled"],
  });
  keepHiddenUnfocusable();
  mindFocus();
  keepDraft();
  keepHistoryOpen();
  soon();
  return soon;
}
