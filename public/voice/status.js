/**
 * What the status line says: one state out of what the server does, what the microphone does, and whether the
 * two can reach each other.
 *
 * @import { IconName } from "./icons.js"
 * @import { Ending } from "./wire.js"
 * @typedef {object} Situation
 * @property {"ready"|"listening"|"hearing"|"thinking"|"speaking"} server
 * @property {"off"|"starting"|"on"|"muted"|"trouble"} microphone
 * @property {boolean} connected
 * @property {boolean} blocked the browser does not let us be heard yet
 * @property {boolean} deaf the user wants to be heard, and no engine hears
 * @property {Ending} ending what ends the user's turn
 * @property {boolean} talking the talk button is down
 * @property {string} detail what takes so long, in the server's words; empty while nothing does
 * @typedef {{icon: IconName, text: string}} Line
 */

/** @type {Record<Situation["server"], Line>} */
const SERVER = {
  ready: { icon: "ready", text: "Ready" },
  listening: { icon: "listening", text: "Listening" },
  hearing: { icon: "hearing", text: "Hearing you" },
  thinking: { icon: "thinking", text: "Thinking" },
  speaking: { icon: "speaker", text: "Speaking" },
};

/** @param {Situation} situation @returns {Line} */
export function statusLine({ server, microphone, connected, blocked, deaf, ending, talking, detail }) {
  if (!connected) return { icon: "lost", text: "Connection lost, trying again" };
  if (blocked) return { icon: "silent", text: "Press any key or click to hear me" };
  if (microphone === "starting") return { icon: "starting", text: "Starting the microphone" };
  const busy = server === "thinking" || server === "speaking";
  if (busy) return because(SERVER[server], microphone === "muted" ? ", microphone muted" : "", detail);
  if (microphone === "muted") return { icon: "muted", text: "Muted" };
  if (microphone === "trouble") return { icon: "problem", text: "Microphone problem" };
  if (microphone !== "on") return because(SERVER.ready, "", detail);
  if (deaf) return { icon: "problem", text: "I can't hear you just now: type" };
  if (!talking && ending === "hold") return because(SERVER.ready, ", hold the button to talk", detail);
  if (!talking && ending === "toggle") return because(SERVER.ready, ", press the button to talk", detail);
  // The server learns a moment later that the microphone is on.
  const also = ending === "over" ? ", until you say “over”" : "";
  return because(SERVER[server === "ready" ? "listening" : server], also, detail);
}

/** @param {Line} line @param {string} also @param {string} detail @returns {Line} */
function because({ icon, text }, also, detail) {
  return { icon, text: text + also + (detail && `: ${detail}`) };
}
