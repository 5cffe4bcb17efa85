/**
 * Light or dark as the system is, unless the user has chosen: Chainlit can only be told to start light or dark,
 * and follows the system's change only after a reload.
 */

const CHOICE = "vite-ui-theme";
const dark = matchMedia("(prefers-color-scheme: dark)");

/** @returns {"light"|"dark"} */
export function effectiveTheme() {
  const choice = localStorage.getItem(CHOICE);
  return choice === "light" || choice === "dark" ? choice : dark.matches ? "dark" : "light";
}

/** @param {(theme: "light"|"dark") => void} apply called when the system changes and the user has not chosen */
export function followSystemTheme(apply) {
  if (localStorage.getItem(CHOICE) === null) localStorage.setItem(CHOICE, "system");
  dark.addEventListener("change", () => {
    if (localStorage.getItem(CHOICE) === "system") apply(effectiveTheme());
  });
}
