/** The line icons of the voice bar: 24 by 24, drawn in the current colour, never the only bearer of a meaning. */

const MICROPHONE = '<rect x="9" y="3" width="6" height="11" rx="3"/><path d="M5.5 11.5a6.5 6.5 0 0 0 13 0M12 18v3"/>';

const DRAWINGS = {
  microphone: MICROPHONE,
  muted: `${MICROPHONE}<path d="M4 4l16 16"/>`,
  end: '<path d="M6 6l12 12M18 6L6 18"/>',
  stop: '<rect x="6.5" y="6.5" width="11" height="11" rx="2"/>',
  speaker: '<path d="M4 10v4h3.5L12 18V6l-4.5 4zM15.5 9a4.5 4.5 0 0 1 0 6M18 6.5a8 8 0 0 1 0 11"/>',
  silent: '<path d="M4 10v4h3.5L12 18V6l-4.5 4zM16 9.5l5 5M21 9.5l-5 5"/>',
  keyboard:
    '<rect x="2.5" y="6" width="19" height="12" rx="2"/><path d="M6 10h.1M10 10h.1M14 10h.1M18 10h.1M6 14h.1M18 14h.1M9.5 14h5"/>',
  read: '<path d="M4 6.5h16M4 10.5h16M4 14.5h16M4 18.5h9"/>',
  play: '<path d="M8 5.5v13l10.5-6.5z"/>',
  ready: '<circle cx="12" cy="12" r="8"/><path d="M8.5 12.2l2.4 2.4 4.6-5"/>',
  listening: '<path d="M4 10v4M8 8v8M12 10v4M16 8v8M20 10v4"/>',
  hearing: '<path d="M4 9v6M8 5v14M12 8v8M16 4v16M20 9v6"/>',
  thinking: '<circle cx="5.5" cy="12" r="1.5"/><circle cx="12" cy="12" r="1.5"/><circle cx="18.5" cy="12" r="1.5"/>',
  starting: '<path d="M12 4a8 8 0 1 1-8 8"/>',
  problem: '<path d="M12 4l9 16H3zM12 10v4.5M12 17.2v.3"/>',
  lost: '<path d="M3 9.5a13 13 0 0 1 18 0M6.5 13a8 8 0 0 1 11 0M10 16.5a3 3 0 0 1 4 0M4 4l16 16"/>',
  info: '<circle cx="12" cy="12" r="9"/><path d="M12 11v5.5M12 7.5v.3"/>',
  warning: '<path d="M12 4l9 16H3zM12 10v4.5M12 17.2v.3"/>',
  error: '<path d="M8.3 3h7.4L21 8.3v7.4L15.7 21H8.3L3 15.7V8.3zM12 8v5M12 16v.3"/>',
  settings: '<path d="M4 7h9M19 7h1M4 17h1M11 17h9"/><circle cx="16" cy="7" r="2.5"/><circle cx="8" cy="17" r="2.5"/>',
  review: '<path d="M4 5h16v11H9l-5 4zM8 9h8M8 12h5"/>',
  memory: '<path d="M7 4h10a1.5 1.5 0 0 1 1.5 1.5V20L12 16l-6.5 4V5.5A1.5 1.5 0 0 1 7 4z"/>',
  engines: '<rect x="7" y="7" width="10" height="10" rx="2"/><path d="M10 3v4M14 3v4M10 17v4M14 17v4M3 10h4M3 14h4M17 10h4M17 14h4"/>',
};

/** @typedef {keyof typeof DRAWINGS} IconName */

/** @param {IconName} name @returns {SVGSVGElement} hidden from assistive technology: the text beside it says it */
export function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  for (const [key, value] of Object.entries({ viewBox: "0 0 24 24", "aria-hidden": "true", focusable: "false" })) {
    svg.setAttribute(key, value);
  }
  svg.classList.add("ng-icon");
  svg.dataset.icon = name;
  svg.innerHTML = DRAWINGS[name];
  return svg;
}
