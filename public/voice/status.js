/**
 * What the status line says: one state out of what the server does, what the microphone does, and whether the
 * two can reach each other.
 *
 * @import { IconName } from "./icons.js"
 * @import { Ending } from "./wire.js"
 * @typedef {object} Situation
 * @property {"ready"|"asleep"|"listening"|"hearing"|"thinking"|"speaking"} server
 * @property {"off"|"starting"|"on"|"muted"|"trouble"} microphone
 * @property {boolean} connected
 * @property {boolean} blocked the browser does not let us be heard yet
 * @property {boolean} deaf the user wants to be heard, and no engine hears
 * @property {Ending} ending what ends the user's turn
 * @property {boolean} talking the talk button is down
 * @property {string} detail what takes so long, in the server's words; empty while nothing does
 * @typedef {{icon: IconName, text: string}} Line
 */

import { say } from "../strings.js";

/** @type {Record<Situation["server"], IconName>} */
const SERVER = {
  ready: "ready",
  asleep: "muted",
  listening: "listening",
  hearing: "hearing",
  thinking: "thinking",
  speaking: "speaker",
};

/** @param {Situation} situation @returns {Line} */
export function statusLine({ server, microphone, connected, blocked, deaf, ending, talking, detail }) {
  if (!connected) return line("lost", "lost");
  if (blocked) return line("silent", "blocked");
  if (microphone === "starting") return line("starting", "starting");
  const busy = server === "thinking" || server === "speaking";
  if (busy) return because(server, microphone === "muted" ? "busy-muted" : "", detail);
  if (microphone === "muted") return line("muted", "muted");
  if (microphone === "trouble") return line("problem", "trouble");
  if (microphone !== "on") return because("ready", "", detail);
  if (deaf) return line("problem", "deaf");
  if (!talking && (ending === "hold" || ending === "toggle")) return because("ready", `ready-${ending}`, detail);
  // The server learns a moment later that the microphone is on.
  return because(server === "ready" ? "listening" : server, ending === "over" ? "until-over" : "", detail);
}

/** @param {IconName} icon @param {string} key @returns {Line} */
const line = (icon, key) => ({ icon, text: say("page-status", key) });

/** @param {Situation["server"]} server @param {string} also a key; empty: nothing @param {string} detail @returns {Line} */
function because(server, also, detail) {
  const { icon, text: state } = line(SERVER[server], server);
  const text = also ? say("page-status", also, { state }) : state;
  return { icon, text: detail ? say("page-status", "detailed", { state: text, detail }) : text };
}
