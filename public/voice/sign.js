/**
 * What is seen of Nightingale when its page is not: the title and the icon of the tab say whether it listens.
 */

import { element, setAttribute } from "./elements.js";

const NAME = "Nightingale";
const ICONS = { usual: "/favicon", listening: "/public/favicon_listening.svg" };

/** @param {{listening: boolean, word: string}} what `word`: said before the name; empty where there is nothing to say */
export function showSign({ listening, word }) {
  const title = word ? `${word} · ${NAME}` : NAME;
  if (document.title !== title) document.title = title;
  let link = document.querySelector("link[rel~=icon]");
  if (!link) document.head.append((link = element("link", { rel: "icon" })));
  setAttribute(link, "href", listening ? ICONS.listening : ICONS.usual);
}
