/**
 * Going to another conversation without loading the page anew, so that the microphone stays open on the way: by
 * Chainlit's own button, or by its router, which follows the browser's history.
 */

import { say } from "../strings.js";

/** What Chainlit asks for the list of conversations. */
const LIST = "/project/threads";

/** How many new conversations were asked for, by whatever way. */
let asked = 0;
/** To how many of these the page has come. */
let come = 0;

/**
 * Who asks for a new conversation gets it, and stays. After the first words of one Chainlit reads its list, and, where
 * the page has no conversation's address by then, goes to the one whose words they were: a new one that was asked for
 * meanwhile would be left again at once.
 *
 * @returns {() => void} to be called when the page is in another conversation
 */
export function keepNewOnes() {
  document.addEventListener(
    "click",
    ({ target }) => {
      if (target instanceof Element && target.closest("#new-chat-button")) asked += 1;
    },
    { capture: true },
  );
  const ask = window.fetch.bind(window);
  window.fetch = async (what, how) => {
    if (typeof what !== "string" || !what.endsWith(LIST)) return ask(what, how);
    const here = come;
    const hideNew = () => here < asked && location.pathname === "/" && hideAddress();
    try {
      const answer = await ask(what, how);
      const json = answer.json.bind(answer);
      answer.json = () => json().finally(hideNew);
      return answer;
    } finally {
      hideNew();
    }
  };
  return () => {
    come = asked;
  };
}

/** For as long as it takes those who wait for an answer to look at the address: all that they do, they do at once. */
function hideAddress() {
  const { state } = history;
  const { href } = location;
  history.replaceState(state, "", "/thread/");
  setTimeout(() => {
    if (location.pathname === "/thread/") history.replaceState(state, "", href);
  });
}

/** @param {string} thread empty: a new one */
export const isHere = (thread) => thread !== "" && location.pathname === pathOf(thread);

/** @param {string} thread @returns {string} */
const pathOf = (thread) => `/thread/${encodeURIComponent(thread)}`;

/** @param {string} thread empty: a new one @returns {string} what to announce */
export function goTo(thread) {
  if (!thread) {
    const button = document.getElementById("new-chat-button");
    if (button) button.click();
    else location.assign("/");
    return say("page-shell", "went-new");
  }
  const path = pathOf(thread);
  const title = document.querySelector(`a[href="${path}"]`)?.textContent?.trim();
  const state = { usr: null, key: Math.random().toString(36).slice(2, 10), idx: (history.state?.idx ?? 0) + 1 };
  history.pushState(state, "", path);
  dispatchEvent(new PopStateEvent("popstate", { state }));
  return title ? say("page-shell", "went-to", { title }) : say("page-shell", "went-away");
}
