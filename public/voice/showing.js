/**
 * What is seen, and what a screen reader is told, of the situation: one look at it, and everything says the same.
 *
 * @import { Announcements } from "./announcements.js"
 * @import { Bar } from "./bar.js"
 * @import { Control } from "./control.js"
 * @import { Replay } from "./replay.js"
 * @import { Settings } from "./settings.js"
 * @import { Talk } from "./talk.js"
 */

import { say } from "../strings.js";
import { hint } from "./keys.js";
import { showSign } from "./sign.js";
import { isBusy, isManual, situation } from "./situation.js";
import { statusLine } from "./status.js";
import { lacking, TIERS } from "./tier.js";

/** @param {{announcements: Announcements, bar: Bar, control: Control, replay: Replay, settings: Settings, talk: Talk}} parts */
export function show({ announcements, bar, control, replay, settings, talk }) {
  const { manner, tier, why, server, microphone, outlook } = situation;
  talk.show(manner.ending);
  settings.show(manner);
  const gone = lacking(manner.tier, tier);
  const line = statusLine({ ...situation, ending: manner.ending, deaf: gone.hearing });
  const audible = TIERS[manner.tier].speaks && !gone.speech && !situation.blocked && !situation.failed;
  announcements.mind({ screen_reader: manner.screen_reader ?? false, audible, sounding: situation.sounding, server });
  announcements.status(line.text);
  const { isOpen: open, isMuted: muted } = control.microphone;
  const asleep = server === "asleep" && open && !muted;
  const willAsk = !open && outlook === "prompt" && manner.hands_free && !isManual();
  bar.show({
    line,
    open,
    muted,
    asleep,
    manual: isManual(),
    stoppable: isBusy() || replay.isPlaying,
    choice: manner.tier,
    tier,
    why,
    keys: { mute: hint("mute"), wake: hint("wake") },
    hint: willAsk ? say("page", "first-start") : "",
    whole: manner.rate !== undefined,
  });
  const state = microphone === "on" ? (asleep ? "asleep" : "listening") : microphone === "muted" && microphone;
  showSign({ listening: microphone === "on", word: state ? say("page-status", state) : "" });
}
