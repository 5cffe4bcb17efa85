/**
 * What Chainlit's own markup lacks for people who do not see it: names, roles, landmarks, order. One pass over the
 * page after each burst of changes; every mending writes only what is not yet so, so that a pass over a mended
 * page changes nothing and the observer comes to rest.
 */

import { element, setAttribute, setText } from "./elements.js";

/** @type {Record<string, string>} */
const NAMES_BY_ID = {
  "chat-submit": "Send message",
  "stop-button": "Stop the running task",
  "chat-settings-open-modal": "Settings",
  "chat-settings-header-button": "Settings",
  "new-chat-button": "New conversation",
  "search-chats-button": "Search conversations",
  "sidebar-trigger-button": "History sidebar",
  "user-nav-button": "Account",
  "upload-button": "Attach files",
  "side-view-close": "Close panel",
};

/** @type {Record<string, string>} */
const NAMES_BY_ICON = {
  "lucide-copy": "Copy message",
  "lucide-check": "Copied",
  "lucide-thumbs-up": "Good reply",
  "lucide-thumbs-down": "Bad reply",
  "lucide-arrow-down": "Scroll to the latest message",
  "lucide-arrow-left": "Back",
  "lucide-x": "Close",
  "lucide-info": "More information",
  "lucide-ellipsis": "More options",
  "lucide-chevron-down": "Show more",
};

/** @param {Element} button */
const isNamed = (button) =>
  button.hasAttribute("aria-label") || button.hasAttribute("aria-labelledby") || button.textContent?.trim();

function nameButtons() {
  for (const button of document.querySelectorAll("button, [role=button]")) {
    const icon = [...(button.querySelector("svg")?.classList ?? [])].find((name) => name in NAMES_BY_ICON);
    const byIcon = icon && NAMES_BY_ICON[icon];
    // The copy button changes its icon under the name that it was given.
    if (byIcon && button.hasAttribute("data-ng-named")) setAttribute(button, "aria-label", byIcon);
    if (isNamed(button) && !(button.id in NAMES_BY_ID)) continue;
    const name = NAMES_BY_ID[button.id] ?? byIcon;
    if (!name) continue;
    setAttribute(button, "aria-label", name);
    setAttribute(button, "data-ng-named", true);
  }
  const history = document.getElementById("sidebar-trigger-button");
  const sidebar = document.querySelector("[data-sidebar=sidebar]");
  if (history && sidebar) {
    const open = sidebar.closest("[data-state]")?.getAttribute("data-state") !== "collapsed";
    setAttribute(history, "aria-expanded", String(open));
  }
}

function nameFields() {
  const composer = document.getElementById("chat-input");
  if (composer) setAttribute(composer, "aria-label", "Message");
  const edit = document.getElementById("edit-chat-input");
  if (edit) setAttribute(edit, "aria-label", "Edit message");
  for (const thumb of document.querySelectorAll("[role=slider]:not([aria-label])")) {
    const label = thumb.closest(".space-y-2")?.querySelector("label");
    const name = [...(label?.childNodes ?? [])].find((node) => node.nodeType === Node.TEXT_NODE)?.textContent?.trim();
    setAttribute(thumb, "aria-label", name || "Value");
  }
}

function mendHistory() {
  for (const options of document.querySelectorAll("[id=thread-options]")) {
    const title = options.closest("li")?.querySelector("a")?.textContent?.trim();
    setAttribute(options, "role", "button");
    setAttribute(options, "aria-label", title ? `Options for ${title}` : "Conversation options");
  }
  for (const list of document.querySelectorAll("ul[data-sidebar=menu]")) {
    const onlyItems = [...list.children].every((child) => child.tagName === "LI");
    setAttribute(list, "role", onlyItems ? null : "presentation");
  }
}

function mendLandmarks() {
  const sidebar = document.querySelector("[data-sidebar=sidebar]:not([data-mobile])");
  if (sidebar) {
    setAttribute(sidebar, "role", "navigation");
    setAttribute(sidebar, "aria-label", "Conversations");
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
    setAttribute(scroller, "aria-label", "Conversation");
  }
}

function mendMessages() {
  for (const step of document.querySelectorAll("[data-step-type]")) {
    setAttribute(step, "role", "article");
    setAttribute(step, "aria-label", step.getAttribute("data-step-type") === "user_message" ? "You" : "Nightingale");
  }
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
  if (drawer) setAttribute(drawer, "aria-label", "Conversations");
}

/** What a menu or dialog hides from assistive technology must not take the focus either; at once, for it is given back at once. */
function keepHiddenUnfocusable() {
  const page = document.getElementById("root");
  if (!page) return;
  const follow = () => setAttribute(page, "inert", page.getAttribute("aria-hidden") === "true");
  new MutationObserver(follow).observe(page, { attributeFilter: ["aria-hidden"] });
}

function addWelcome() {
  const logo = document.querySelector("#welcome-screen > img.logo");
  if (!logo || logo.nextElementSibling?.id === "nightingale-welcome") return;
  logo.after(element("p", { id: "nightingale-welcome" }, "Press Start voice and talk to me, or type your message below."));
}

/** @param {() => void} first runs before each pass, for what else must follow Chainlit's changes */
export function keepMending(first) {
  const pass = () => {
    first();
    nameButtons();
    nameFields();
    mendHistory();
    mendLandmarks();
    mendMessages();
    mendReferences();
    addWelcome();
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
    attributeFilter: ["data-state", "aria-controls", "id"],
  });
  keepHiddenUnfocusable();
  soon();
}
