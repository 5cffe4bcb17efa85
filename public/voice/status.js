/**
 * What the status line says: one state out of what the server does, what the microphone does, and whether the
 * two can reach each other.
 *
 * @import { IconName } from "./icons.js"
 * @typedef {object} Situation
 * @property {"ready"|"listening"|"hearing"|"thinking"|"speaking"} server
 * @property {"off"|"starting"|"on"|"muted"|"trouble"} microphone
 * @property {boolean} connected
 * @property {boolean} blocked the browser does not let us be heard yet
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
export function statusLine({ server, microphone, connected, blocked }) {
  if (!connected) return { icon: "lost", text: "Connection lost, trying again" };
  if (blocked) return { icon: "silent", text: "Press any key or click to hear me" };
  if (microphone === "starting") return { icon: "starting", text: "Starting the microphone" };
  const busy = server === "thinking" || server === "speaking";
  if (microphone === "muted") {
    return busy ? { ...SERVER[server], text: `${SERVER[server].text}, microphone muted` } : { icon: "muted", text: "Muted" };
  }
  if (microphone === "trouble" && !busy) return { icon: "problem", text: "Microphone problem" };
  // The server learns a moment later that the microphone is off, or on.
  if (!busy && microphone === "on") return SERVER[server === "ready" ? "listening" : server];
  if (!busy) return SERVER.ready;
  return SERVER[server];
}
