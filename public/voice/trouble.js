/**
 * What to tell a person whose microphone does not work, and the way out, in the words of the browser they use.
 *
 * @import { Trouble } from "./microphone.js"
 * @typedef {{title: string, wayOut: string}} Advice
 */

const firefox = navigator.userAgent.includes("Firefox/");

/** @type {Record<Trouble, (detail: string) => Advice>} */
const ADVICE = {
  denied: (detail) =>
    /by system/i.test(detail)
      ? {
          title: "Your computer does not let this browser use the microphone.",
          wayOut: "Allow it in the system's privacy settings, under Microphone, then press Try again.",
        }
      : /dismissed/i.test(detail)
        ? {
            title: "The question about the microphone was closed without an answer.",
            wayOut: "Press Try again and choose Allow.",
          }
        : {
            title: "The microphone is blocked for this page.",
            wayOut: firefox
              ? "Click the crossed-out microphone in the address bar, remove the block, then press Try again."
              : "Click the icon left of the address, set Microphone to Allow, then press Try again.",
          },
  missing: (detail) =>
    detail.includes("disconnected")
      ? { title: "The microphone was disconnected.", wayOut: "Plug it in again, then press Try again." }
      : {
          title: "No microphone was found.",
          wayOut: firefox
            ? "Plug one in or switch it on, check that the system's sound settings show it, then press Try again."
            : "Plug one in or switch it on, check that it is chosen under Settings, Privacy and security, Microphone, then press Try again.",
        },
  busy: () => ({
    title: "The microphone is in use by another program.",
    wayOut: "Close the call or the recorder that uses it, then press Try again.",
  }),
  insecure: (detail) => ({
    title: "Browsers give the microphone only to pages from this computer or over https.",
    wayOut: `This page came from ${detail}. Open it at http://127.0.0.1:${location.port || "8000"} on the computer that runs Nightingale, or put it behind https.`,
  }),
  failed: (detail) => ({
    title: "The microphone could not be started.",
    wayOut: `The browser says: ${detail}. Press Try again; if that does not help, reload the page.`,
  }),
};

/**
 * @param {Trouble} trouble
 * @param {string} detail the browser's own words
 * @returns {Advice} every way out ends with typing, which always works
 */
export function advise(trouble, detail) {
  const { title, wayOut } = ADVICE[trouble](detail);
  return { title, wayOut: `${wayOut} You can type meanwhile.` };
}
