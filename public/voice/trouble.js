/**
 * What to tell a person whose microphone does not work, and the way out, in the words of the browser they use.
 *
 * @import { Trouble } from "./microphone.js"
 * @typedef {{title: string, wayOut: string}} Advice
 */

import { say } from "../strings.js";

const firefox = navigator.userAgent.includes("Firefox/");

/** Of which kind it is, by the browser's own words. @param {Trouble} trouble @param {string} detail */
function kindOf(trouble, detail) {
  if (trouble === "denied" && /by system/i.test(detail)) return "denied-by-system";
  if (trouble === "denied" && /dismissed/i.test(detail)) return "dismissed";
  if (trouble === "missing" && detail.includes("disconnected")) return "disconnected";
  return trouble;
}

/**
 * @param {Trouble} trouble
 * @param {string} detail the browser's own words
 * @returns {Advice} every way out ends with typing, which always works
 */
export function advise(trouble, detail) {
  const kind = kindOf(trouble, detail);
  const isFirefoxs = firefox && (kind === "denied" || kind === "missing");
  const address = `http://127.0.0.1:${location.port || "8000"}`;
  const way = say("page-notices", isFirefoxs ? `${kind}-way-firefox` : `${kind}-way`, { detail, page: detail, address });
  return { title: say("page-notices", kind), wayOut: say("page-notices", "or-type", { way }) };
}
