/**
 * Where the focus goes when what has it vanishes: with a dialog or menu that closes, with a button that is taken away,
 * made anew elsewhere, or disabled for a moment. Chainlit gives it back here and there; else nothing has it, and who has
 * only a keyboard begins again at the top. And that one Escape closes the dialog or menu that has it.
 */

const LAYERS = "[role=dialog], [role=alertdialog], [role=menu], [role=listbox]";
/** What became so has the focus for a moment more. */
const INERT = "[inert] *";
const FOCUSABLE = "a, button, input, select, textarea, [tabindex='0']";
/** Whose tip is shown. */
const TIPPED = "[data-state=delayed-open], [data-state=instant-open]";
/** What does not heed Escape is told again: every so many ms, and so often. */
const AGAIN_MS = 100;
const AGAIN = 10;

/** What had the focus last outside of every layer, and all that it stands in, from the inside out. @type {Element[]} */
let path = [];

export function mindFocus() {
  document.addEventListener("focusin", ({ target }) => {
    if (!(target instanceof Element) || target.closest(LAYERS)) return;
    path = [];
    for (let each = /** @type {Element|null} */ (target); each; each = each.parentElement) path.push(each);
  });
  // Who leaves it themselves, for nothing or for the browser's own controls, has left it.
  document.addEventListener("keydown", ({ key }) => key === "Tab" && leave(), { capture: true });
  document.addEventListener("pointerdown", ({ target }) => path[0]?.contains(/** @type {Node} */ (target)) || leave(), { capture: true });
  document.addEventListener("keydown", closeWithEscape, { capture: true });
}

/**
 * Radix gives Escape to what opened last, which may be a tip of the page behind, and to nothing in the moment after
 * another layer closed. A tip of what has the focus is closed first, as it should be.
 *
 * @param {KeyboardEvent} event
 */
function closeWithEscape({ key, isComposing, isTrusted }) {
  const layer = document.activeElement?.closest(LAYERS);
  if (key !== "Escape" || isComposing || !isTrusted || !layer || layer.querySelector(TIPPED)) return;
  let left = AGAIN;
  const again = setInterval(() => {
    const stays = layer.getAttribute("data-state") === "open" && layer.contains(document.activeElement);
    if (!stays || left-- === 0) return clearInterval(again);
    layer.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
  }, AGAIN_MS);
}

function leave() {
  if (!document.querySelector(LAYERS)) path = [];
}

/** To be called after every change of the page. */
export function giveFocusBack() {
  const [last] = path;
  if (!last || last.matches(":disabled") || document.querySelector(LAYERS)) return;
  const { activeElement } = document;
  if (activeElement === document.body || activeElement?.matches(INERT)) focusNearest(last);
}

/** What had it; what stands elsewhere in its place; or what is nearest to where it stood. @param {Element} last */
function focusNearest(last) {
  const twins = last.id ? document.querySelectorAll(`[id="${last.id}"]`) : [];
  for (const place of [last, ...twins, ...path.slice(1)]) {
    for (const each of [place, ...place.querySelectorAll(FOCUSABLE)]) {
      if (!(each instanceof HTMLElement) || each.matches(INERT)) continue;
      each.focus();
      if (document.activeElement === each) return;
    }
  }
}
