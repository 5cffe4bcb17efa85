/** Building the page's own elements, without markup in strings. */

/**
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag
 * @param {Record<string, string|boolean|null|undefined>} [attributes] true writes an empty one, false and null none
 * @param {...(Node|string)} children
 * @returns {HTMLElementTagNameMap[K]}
 */
export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) setAttribute(made, name, value);
  made.append(...children);
  return made;
}

/**
 * Touches the document only where something changes, so that observers of it come to rest.
 * @param {Element} target
 * @param {string} name
 * @param {string|boolean|null|undefined} value
 */
export function setAttribute(target, name, value) {
  const wanted = value === true ? "" : value === false || value === undefined ? null : value;
  if (target.getAttribute(name) === wanted) return;
  if (wanted === null) target.removeAttribute(name);
  else target.setAttribute(name, wanted);
}

/** @param {Element} target @param {string} text */
export function setText(target, text) {
  if (target.textContent !== text) target.textContent = text;
}
