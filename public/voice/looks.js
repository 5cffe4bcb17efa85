/**
 * How the pages look to one person: text size, contrast, spacing, font, motion, light or dark. What holds is said by the
 * server; what was said last is kept in the browser, so that every page begins with it. The rules are in
 * public/looks.css.
 *
 * @import { Theme } from "./theme.js"
 * @import { Manner } from "./wire.js"
 * @typedef {Pick<Manner, "text_size"|"contrast"|"motion"|"spacing"|"font">} Looks
 */

import { setAttribute } from "./elements.js";
import { chooseTheme, followTheme, showTheme, THEME_KEY } from "./theme.js";

const KEY = "nightingale-looks";
/** @type {Looks} */
const USUAL = { text_size: "normal", contrast: "system", motion: "system", spacing: false, font: "plain" };
const wantsContrast = matchMedia("(prefers-contrast: more)");
const wantsStillness = matchMedia("(prefers-reduced-motion: reduce)");

let looks = kept();

/** @returns {Looks} */
function kept() {
  try {
    return { ...USUAL, ...JSON.parse(localStorage.getItem(KEY) ?? "{}") };
  } catch {
    return USUAL; // what is no JSON was not written by us
  }
}

function show() {
  const { text_size, contrast, motion, spacing, font } = looks;
  const root = document.documentElement;
  const isHigh = contrast === "high" || (contrast === "system" && wantsContrast.matches);
  const isStill = motion === "reduced" || wantsStillness.matches;
  setAttribute(root, "data-text", text_size === "normal" ? null : text_size);
  setAttribute(root, "data-contrast", isHigh ? "high" : null);
  setAttribute(root, "data-motion", isStill ? "reduced" : null);
  setAttribute(root, "data-spacing", spacing);
  setAttribute(root, "data-font", font === "plain" ? null : font);
}

/** As the server says that they want it. @param {Looks & {theme: Theme}} manner what else is in it is not looked at */
export function apply({ text_size, contrast, motion, spacing, font, theme }) {
  looks = { text_size, contrast, motion, spacing, font };
  localStorage.setItem(KEY, JSON.stringify(looks));
  chooseTheme(theme);
  show();
}

/**
 * As they wanted it last; from then on as the system and other tabs have it.
 * @param {(theme: Theme) => void} chosen somebody used Chainlit's own switch of light and dark
 */
export function begin(chosen) {
  followTheme(chosen);
  for (const query of [wantsContrast, wantsStillness]) query.addEventListener("change", show);
  addEventListener("storage", ({ key }) => {
    if (key !== KEY && key !== THEME_KEY) return;
    looks = kept();
    show();
    showTheme();
  });
  show();
  showTheme();
}
