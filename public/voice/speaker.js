/**
 * What the page does about its loudspeaker: what sounds, and what to do where the browser plays nothing.
 *
 * @import { Notices } from "./notices.js"
 * @import { FromPage } from "./wire.js"
 */

import { say } from "../strings.js";
import { Player } from "./player.js";
import { now, situation } from "./situation.js";

/**
 * @param {object} around
 * @param {(message: FromPage) => void} around.tell the server
 * @param {Notices} around.notices
 * @param {() => void} around.begins something is being said
 * @param {(track: string) => void} around.sounds some of it has
 * @param {() => void} around.idle all has sounded
 * @param {() => void} around.running it can be heard from now on
 */
export function openPlayer({ tell, notices, begins, sounds, idle, running }) {
  return new Player({
    playing: (position) => {
      tell({ type: "playing", ...position });
      const sounding = position.state === "playing" || position.state === "paused";
      if (sounding && position.samples) sounds(position.track);
      if (!sounding || situation.sounding) return;
      begins();
      now({ sounding });
    },
    idle: () => {
      now({ sounding: false });
      idle();
    },
    output: (state, detail) => {
      tell({ type: "output", state });
      now({ blocked: state === "blocked", failed: state === "failed" });
      if (state === "running") {
        notices.clear("output");
        running();
      }
      if (state === "blocked") {
        notices.show({ level: "warning", code: "output", text: say("page-notices", "sound-blocked") });
      }
      if (state === "failed") {
        const says = say("page-notices", "browser-says", { detail: detail ?? "" });
        notices.show({ level: "error", code: "output", text: say("page-notices", "no-sound"), detail: says });
      }
    },
  });
}
