/**
 * The links to our other pages in Chainlit's header. Chainlit's own `header_links` put a link inside a button,
 * which no assistive technology can make sense of.
 */

import { say } from "../strings.js";
import { element, setText } from "./elements.js";
import { icon } from "./icons.js";

const PAGES = /** @type {const} */ (["review", "memory", "engines"]);

/** To be called after every change of the page. */
export function keepPageLinks() {
  const group = document.querySelector("#header > :last-child");
  if (!group) return;
  if (!group.querySelector(".ng-link")) group.prepend(...PAGES.map(linkTo));
  for (const page of PAGES) {
    const name = group.querySelector(`#nightingale-${page} > span`);
    if (name) setText(name, say("pages", page));
  }
}

/** @param {typeof PAGES[number]} page */
function linkTo(page) {
  return element("a", { id: `nightingale-${page}`, class: "ng-link", href: `/${page}` }, icon(page), element("span"));
}
