/**
 * Building the page's own elements, without markup in strings. What stands for as long as the page does is given its
 * words as a function, which is asked again when the language changes.
 *
 * @typedef {() => string} Words
 */

/** @type {(() => void)[]} */
const told = [];

/**
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag
 * @param {Record<string, string|boolean|null|undefined|Words>} [attributes] true writes an empty one, false and null none
 * @param {...(Node|string|Words)} children
 * @returns {HTMLElementTagNameMap[K]}
 */
export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") tell(() => setAttribute(made, name, value()));
    else setAttribute(made, name, value);
  }
  made.append(...children.map((each) => (typeof each === "function" ? textOf(each) : each)));
  return made;
}

/** @param {Words} words */
function textOf(words) {
  const text = new Text();
  tell(() => (text.data = words()));
  return text;
}

/** @param {() => void} deed */
function tell(deed) {
  deed();
  told.push(deed);
}

/** The language has changed. */
export function tellAnew() {
  for (const deed of told) deed();
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
