/**
 * Keyboard shortcuts that work wherever the focus is. None is a bare letter; each can be another one, or off. They
 * belong to the keyboard that is used, so this browser keeps them, and not the server.
 *
 * @typedef {keyof typeof SHORTCUTS} Shortcut
 */

export const SHORTCUTS = {
  mute: ["Alt+M", "Alt+Shift+M", "F8"],
  wake: ["Alt+W", "Alt+Shift+W", "F9"],
};
export const OFF = "off";
const STORED = "nightingale-key-";

/** @param {Shortcut} name @returns {string} as a person writes it; "off" where there is none */
export function keyOf(name) {
  const chosen = localStorage.getItem(STORED + name);
  const keys = SHORTCUTS[name];
  return chosen === OFF || (chosen !== null && keys.includes(chosen)) ? chosen : keys[0];
}

/** @param {Shortcut} name @param {string} key */
export function setKey(name, key) {
  localStorage.setItem(STORED + name, key);
}

/** @param {Shortcut} name @returns {string} to be shown; empty where there is none */
export const hint = (name) => (keyOf(name) === OFF ? "" : keyOf(name));

/** Whether this was it, whatever it writes: with Alt some keyboards write no letter at all. @param {KeyboardEvent} event @param {string} key */
function is(event, key) {
  const parts = key.split("+");
  const last = parts.pop() ?? "";
  const modifiers = event.altKey === parts.includes("Alt") && event.shiftKey === parts.includes("Shift");
  if (!modifiers || event.ctrlKey || event.metaKey) return false;
  const written = event.key.toUpperCase();
  return /^([A-Z]|F\d+)$/.test(written) ? written === last : event.code === `Key${last}`;
}

/** @param {Record<Shortcut, () => void>} deeds */
export function heedKeys(deeds) {
  document.addEventListener("keydown", (event) => {
    if (event.repeat || event.isComposing || event.defaultPrevented) return;
    for (const name of /** @type {Shortcut[]} */ (Object.keys(SHORTCUTS))) {
      if (!is(event, keyOf(name))) continue;
      event.preventDefault();
      deeds[name]();
    }
  });
}
