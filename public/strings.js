/**
 * What the pages say, in the language of whoever reads them: the texts stand in `public/strings`, one file a language,
 * which the server speaks from too. What stands in no other language is said in English.
 *
 * @typedef {"en"|"de"|"fr"|"es"} Language
 * @typedef {Record<string, Record<string, string>>} Catalogue texts by their keys, by section
 */

/** @type {Language[]} */
export const LANGUAGES = ["en", "de", "fr", "es"];
/** What they chose last, in this browser; nothing, or no language of ours: the browser's own. */
export const LANGUAGE_KEY = "nightingale-language";

/** From the language that is shown to English. @type {Catalogue[]} */
let catalogues = [];
/** @type {Language} */
let shown = "en";
let plurals = new Intl.PluralRules(shown);

/** @param {string|null} word @returns {word is Language} */
const isOurs = (word) => LANGUAGES.some((each) => each === word);

/** What they chose, else the browser's. @returns {Language} */
export function chosenLanguage() {
  const chosen = localStorage.getItem(LANGUAGE_KEY);
  return isOurs(chosen) ? chosen : browsersLanguage();
}

/** The first of the browser's languages that is one of ours, else English. @returns {Language} */
export const browsersLanguage = () => navigator.languages.map((tag) => tag.split("-")[0] ?? "").find(isOurs) ?? "en";

/** The language that is shown: another than was chosen, where that could not be fetched. */
export const language = () => shown;

/** For dates and numbers. */
export const locale = () => (shown === "en" ? "en-GB" : shown);

/**
 * To be awaited before anything is said. Asked again with another language, what is said from then on is in that one.
 * @param {Language} [wanted]
 * @returns {Promise<Language>} the language that is shown from now on
 * @throws {TypeError} no catalogue could be fetched, not even the English one
 */
export async function loadStrings(wanted = chosenLanguage()) {
  const [own, english] = await Promise.all([fetched(wanted), wanted === "en" ? null : fetched("en")]);
  const found = [own, english].filter((each) => each !== null);
  if (found.length === 0) throw new TypeError("no strings");
  catalogues = found;
  shown = own ? wanted : "en";
  plurals = new Intl.PluralRules(shown);
  document.documentElement.lang = shown;
  return shown;
}

/** @param {Language} wanted @returns {Promise<Catalogue|null>} null where it cannot be had */
async function fetched(wanted) {
  try {
    const answer = await fetch(new URL(`strings/${wanted}.json`, import.meta.url));
    return answer.ok ? await answer.json() : null;
  } catch (error) {
    if (error instanceof TypeError || error instanceof SyntaxError) return null;
    throw error;
  }
}

/**
 * Where `count` is one as the language counts, the text `KEY-one` is taken if there is one.
 * @param {string} section
 * @param {string} key
 * @param {Record<string, string|number>} [values] for what stands in braces; numbers are written as the language writes them
 * @returns {string} empty for a text that stands nowhere
 */
export function say(section, key, values = {}) {
  const text = chosenText(section, key, values.count) ?? "";
  return text.replace(/\{(\w+)\}/g, (whole, name) => {
    const value = values[name];
    return value === undefined ? whole : typeof value === "number" ? value.toLocaleString(locale()) : value;
  });
}

/** `say` for a room whose texts all stand in one section. @param {string} section */
export const wordsOf = (section) => (/** @type {string} */ key, /** @type {Record<string, string|number>} */ values = {}) => say(section, key, values);

/** @param {string} section @param {string} key @param {string|number|undefined} count */
function chosenText(section, key, count) {
  const isOne = typeof count === "number" && plurals.select(count) === "one";
  for (const texts of catalogues.map((each) => each[section] ?? {})) {
    const text = (isOne && texts[`${key}-one`]) || texts[key];
    if (text) return text;
  }
}
