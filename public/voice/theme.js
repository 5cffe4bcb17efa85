/**
 * Light or dark: as the system is, unless the person has chosen. Chainlit keeps the choice, and shows what it was when
 * the page was loaded or its own switch was last used; so both are brought together here.
 *
 * @typedef {"system"|"light"|"dark"} Theme
 */

import { setAttribute } from "./elements.js";

/** Where Chainlit keeps it. */
export const THEME_KEY = "vite-ui-theme";
const dark = matchMedia("(prefers-color-scheme: dark)");

/** @returns {Theme} */
export function chosenTheme() {
  const choice = localStorage.getItem(THEME_KEY);
  return choice === "light" || choice === "dark" ? choice : "system";
}

/** @returns {"light"|"dark"} */
export function effectiveTheme() {
  const choice = chosenTheme();
  return choice === "system" ? (dark.matches ? "dark" : "light") : choice;
}

export function showTheme() {
  const theme = effectiveTheme();
  const root = document.documentElement;
  root.dataset.theme = theme;
  mendLogos();
  // What Chainlit has made of public/theme.json; our other pages have none.
  const { theme: themes } = /** @type {{theme?: Record<string, Record<string, string>>}} */ (/** @type {unknown} */ (window));
  if (!themes) return;
  root.classList.remove("light", "dark");
  root.classList.add(theme);
  for (const [name, value] of Object.entries(themes[theme] ?? {})) root.style.setProperty(name, value);
}

/** Chainlit draws the one for the theme that it last chose itself. */
export function mendLogos() {
  for (const logo of document.querySelectorAll("img.logo")) {
    setAttribute(logo, "src", logo.getAttribute("src")?.replace(/theme=\w+/, `theme=${effectiveTheme()}`));
  }
}

/** @param {Theme} theme */
export function chooseTheme(theme) {
  localStorage.setItem(THEME_KEY, theme);
  showTheme();
}

/**
 * The system's changes apply at once, while nothing was chosen.
 * @param {(theme: Theme) => void} chosen somebody used Chainlit's own switch
 */
export function followTheme(chosen) {
  // Chainlit can only be told to begin light or dark.
  if (localStorage.getItem(THEME_KEY) === null) localStorage.setItem(THEME_KEY, "system");
  dark.addEventListener("change", showTheme);
  let before = chosenTheme();
  addEventListener("click", () => (before = chosenTheme()), { capture: true });
  addEventListener("click", () => {
    // Its menu has dealt with the click by now, or does so in this very task.
    setTimeout(() => {
      if (chosenTheme() === before) return;
      before = chosenTheme();
      showTheme();
      chosen(before);
    });
  });
}
