/**
 * In which language a part of the page is, where that is another than the page's: what people and models write may be in
 * any. Told by the small words of the four languages that the page knows; what is not plainly one of them is left alone.
 */

import { setAttribute } from "./elements.js";

/** Words that stand in nearly every sentence of one of them, and in few of another. */
const SMALL_WORDS = {
  en: "the|and|is|are|was|were|you|your|i|my|it|of|to|in|that|this|with|for|not|have|has|what|do|can|will|be|at|on|from",
  de: "der|die|das|und|ist|sind|war|du|dein|ich|mein|es|von|zu|den|dem|mit|für|nicht|habe|hat|was|kann|wird|ein|eine|auf|wie|dir|mir",
  fr: "le|la|les|et|est|sont|était|tu|ton|je|mon|il|elle|de|du|des|un|une|en|que|qui|avec|pour|pas|ce|dans|au|aux|vous|sur|ta|ma",
  es: "el|los|las|y|es|son|era|tú|tu|yo|mi|de|del|un|una|en|que|con|por|para|no|qué|está|lo|se|su|al|como|te|me|vives",
};
const SETS = Object.entries(SMALL_WORDS).map(([language, words]) => ({ language, words: new Set(words.split("|")) }));
const FEWEST = 2;
const LONGEST = 2000;

/** @param {string} text @returns {string} its code; empty: not plainly one of them */
export function languageOf(text) {
  const words = text.slice(0, LONGEST).toLowerCase().match(/\p{L}+/gu) ?? [];
  const [first, second] = SETS.map((each) => ({
    language: each.language,
    found: words.filter((word) => each.words.has(word)).length,
  })).sort((one, other) => other.found - one.found);
  return first.found >= FEWEST && first.found > second.found ? first.language : "";
}

/** @type {WeakMap<Element, string>} what was looked at last */
const seen = new WeakMap();

/** Marks it where it is not in the page's own language. @param {Element} part */
export function markLanguage(part) {
  const page = document.documentElement.lang;
  const text = part.textContent ?? "";
  const now = `${page} ${text.length < LONGEST ? text : text.slice(0, LONGEST)}`;
  if (seen.get(part) === now) return;
  seen.set(part, now);
  const language = languageOf(text);
  setAttribute(part, "lang", language && language !== page ? language : undefined);
}
