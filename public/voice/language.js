/**
 * In which language the page is: as its person chose, else as the browser is set. It changes while the page is open: our
 * own words at once, Chainlit's a moment later.
 *
 * @import { Language } from "../strings.js"
 * @import { Manner } from "./wire.js"
 */

import { chosenLanguage, LANGUAGE_KEY, loadStrings } from "../strings.js";

/** What Chainlit calls its translations. @type {Record<Language, string>} */
const TRANSLATIONS = { en: "en-US", de: "de-DE", fr: "fr-FR", es: "es" };
const ASKS_FOR_ITS_WORDS = /(\/project\/(?:translations|settings)\?language=)[^&]+/;
/** What it asked for within so many milliseconds, Chainlit does not ask for again. */
const ASKED_JUST_NOW = 2_500;

let wanted = chosenLanguage();
/** There are words, of the language wanted last. */
let loading = loadStrings(wanted);
let tellAll = () => {};

/**
 * @param {() => void} tell called when all that is said is to be said anew
 * @returns {Promise<void>} settles when there are words
 */
export async function begin(tell) {
  tellAll = tell;
  translateChainlit();
  await loading;
}

/** @param {Manner["language"]} [choice] undefined while the server has not said */
export function choose(choice) {
  if (choice === undefined) return;
  if (choice === "auto") localStorage.removeItem(LANGUAGE_KEY);
  else localStorage.setItem(LANGUAGE_KEY, choice);
  if (chosenLanguage() === wanted) return;
  wanted = chosenLanguage();
  loading = loading.then(() => loadStrings());
  void loading.then(() => {
    tellAll();
    haveChainlitAsk();
  });
}

/** It asks in the browser's language, which need not be one of ours; and is answered in the page's. */
function translateChainlit() {
  const ask = window.fetch.bind(window);
  window.fetch = (what, how) =>
    ask(typeof what === "string" ? what.replace(ASKS_FOR_ITS_WORDS, `$1${TRANSLATIONS[wanted]}`) : what, how);
}

/** It asks anew whenever the browser is online again. */
function haveChainlitAsk() {
  const ask = () => dispatchEvent(new Event("online"));
  ask();
  setTimeout(ask, ASKED_JUST_NOW);
}
