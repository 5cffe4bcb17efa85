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

/** @param {"light"|"dark"} theme */
function apply(theme) {
  const root = document.documentElement;
  root.classList.remove("light", "dark");
  root.classList.add(theme);
  // What Chainlit has made of public/theme.json.
  const { theme: themes } = /** @type {{theme?: Record<string, Record<string, string>>}} */ (/** @type {unknown} */ (window));
  for (const [name, value] of Object.entries(themes?.[theme] ?? {})) root.style.setProperty(name, value);
}

/** The system's changes apply at once, while the user has not chosen. */
export function followSystemTheme() {
  if (localStorage.getItem(CHOICE) === null) localStorage.setItem(CHOICE, "system");
  dark.addEventListener("change", () => {
    if (localStorage.getItem(CHOICE) === "system") apply(effectiveTheme());
  });
}
