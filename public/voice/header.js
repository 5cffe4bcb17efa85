/**
 * The links to our other pages in Chainlit's header. Chainlit's own `header_links` put a link inside a button,
 * which no assistive technology can make sense of.
 */

import { element } from "./elements.js";
import { icon } from "./icons.js";

const PAGES = { review: "Review", memory: "My memory", engines: "Engines" };

export function addPageLinks() {
  const group = document.querySelector("#header > :last-child");
  if (!group || group.querySelector("#nightingale-engines")) return;
  const links = Object.entries(PAGES).map(([page, name]) =>
    element("a", { id: `nightingale-${page}`, class: "ng-link", href: `/${page}` }, icon(page), element("span", {}, name)),
  );
  group.prepend(...links);
}
