/**
 * The link to the engines page in Chainlit's header. Chainlit's own `header_links` put a link inside a button,
 * which no assistive technology can make sense of.
 */

import { element } from "./elements.js";
import { icon } from "./icons.js";

export function addEnginesLink() {
  const group = document.querySelector("#header > :last-child");
  if (!group || group.querySelector("#nightingale-engines")) return;
  group.prepend(
    element("a", { id: "nightingale-engines", class: "ng-link", href: "/engines" }, icon("engines"), element("span", {}, "Engines")),
  );
}
