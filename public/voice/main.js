/**
 * The page's voice: loaded before Chainlit's bundle, takes over its audio, and ties its rooms together: what each
 * learns goes to the `situation` and to the server; what the server says goes to whom it concerns.
 */

import { browsersLanguage, say } from "../strings.js";
import { Announcements } from "./announcements.js";
import { Bar } from "./bar.js";
import { Captions } from "./captions.js";
import { silenceBareShortcut, takeOverAudio } from "./chainlit.js";
import { Connection } from "./connection.js";
import { Control } from "./control.js";
import { goTo, isHere, keepNewOnes } from "./conversations.js";
import { Earcons } from "./earcons.js";
import { tellAnew } from "./elements.js";
import { keepPageLinks } from "./header.js";
import { heedKeys } from "./keys.js";
import * as language from "./language.js";
import * as looks from "./looks.js";
import { keepMending } from "./mending.js";
import { loudness, microphoneOutlook } from "./microphone.js";
import { Notices } from "./notices.js";
import { Offers } from "./offers.js";
import { Replay } from "./replay.js";
import { Settings } from "./settings.js";
import { show } from "./showing.js";
import { Signals } from "./signals.js";
import { follow, isBusy, now, situation } from "./situation.js";
import { openPlayer } from "./speaker.js";
import { Spoken } from "./spoken.js";
import { Talk } from "./talk.js";
import { isWhole, tidings, tierOf, TIERS } from "./tier.js";
import { openWire } from "./wire.js";

/**
 * @import { Manner, Status, Tier } from "./wire.js"
 */

/** A frame this old, in milliseconds, is not worth sending when the connection returns. */
const STALE = 5_000;
/** Shorter interruptions, in milliseconds, are not worth a word. */
const NOTEWORTHY = 1_500;

/** @type {ReturnType<typeof setTimeout>|undefined} */
let lostTimer;
/** Whether the server has not yet said, since it was connected, how the user wants to talk. */
let isNew = true;

const tell = openWire((message) => {
  switch (message.type) {
    case "status":
      return statusIs(message);
    case "player":
      if (message.do === "flush") captions.flush();
      return message.do === "ending" ? player.ending(message.track) : player[message.do]();
    case "interim":
      captions.hears(message.text, message.tentative);
      return bar.showInterim(message.text, message.tentative);
    case "caption":
      captions.said(message.text, message.speaker ?? "assistant", situation.sounding);
      return message.speaker === "user" ? undefined : announcements.sentence(message.text);
    case "notice":
      return notices.show(message);
    case "preferences":
      return prefers(message.manner);
    case "tier":
      return tierIs(message);
    case "offer":
      return offers.show(message);
    case "offer-gone":
      return offers.gone(message.saying);
    case "go":
      if (isHere(message.thread)) return undefined;
      control.goOn();
      return announcements.notice(goTo(message.thread), false);
    case "mute":
      return control.mute(true);
  }
});

/** @param {Status} message */
function statusIs({ state, detail = "" }) {
  const before = situation.server;
  if (isBusy() && (state === "ready" || state === "listening")) spoken.turnEnded();
  now({ server: state, detail });
  if (state === "asleep" && situation.manner.wake_word === "none") notices.clear("hands-free");
  signals.server(before, state, detail);
}

/** @param {Manner} manner */
function prefers(manner) {
  now({ manner });
  looks.apply(manner);
  captions.show(manner.captions);
  language.choose(manner.language);
  control.mannerIs();
  if (!isNew) return;
  isNew = false; // what is chosen later, perhaps elsewhere, opens no microphone here
  void control.begin();
}

/** @param {Tier} message */
function tierIs(message) {
  const { tier: before, manner, microphone, blocked, failed } = situation;
  now({ tier: message.tier, why: message.why ?? "" });
  const seen = { hearing: microphone === "trouble", speech: blocked || failed };
  const { notice, tune, quiet } = tidings(message, before, manner.tier, seen);
  if (notice) notices.show({ code: "tier", ...notice });
  else if (isWhole(manner.tier, message.tier)) notices.clear("tier");
  if (tune) signals.give(tune);
  if (quiet) announcements.notice(quiet, false);
}

const words = language.begin(() => {
  tellAnew();
  spoken.tellAnew();
  now({});
  mend();
});
const announcements = new Announcements();
const captions = new Captions();
const notices = new Notices((text, urgent, level) => {
  announcements.notice(text, urgent);
  if (level === "error") signals.give("error");
});

const replay = new Replay({
  playing: (playing) => {
    // Two voices at once help nobody.
    if (playing && isBusy()) stopReply();
    now({});
  },
  unplayable: () => {
    const [text, detail] = [say("page-notices", "unplayable"), say("page-notices", "not-kept")];
    notices.show({ level: "error", code: "recording", text, detail });
  },
});
const spoken = new Spoken(replay);
const offers = new Offers(replay, {
  wish: (saying, wish) => connection.soon(`offer ${saying}`, () => tell({ type: "on-offer", saying, do: wish })),
  announce: (text) => announcements.notice(text, false),
});

const player = openPlayer({
  tell,
  notices,
  begins: () => replay.hush(),
  sounds: (track) => captions.sounds(track),
  idle: () => {
    captions.idle();
    audio.idle();
  },
  running: () => earcons.catchUp(),
});
const earcons = new Earcons(player);
const signals = new Signals(earcons);

const talk = new Talk({
  began: () => {
    if (situation.sounding && situation.manner.barge_in !== "on") stopReply(); // who presses does not only say something
    now({ talking: true });
    control.pressed();
  },
  ended: () => {
    now({ talking: false });
    control.talks("ended");
  },
});

const settings = new Settings({
  choose: (wish) => {
    wishFor(wish);
    if (wish.hands_free) void control.begin(true);
  },
  reset: () => {
    const names = Object.keys(situation.manner).filter((name) => name !== "welcomed" && name !== "greeted");
    const usual = Object.fromEntries(names.map((name) => [name, null]));
    connection.soon("choose all", () => tell({ type: "choose", manner: usual }));
  },
  demonstrate: (name) => signals.demonstrate(name),
  keysChanged: () => now({}),
  // What a dialog hides from assistive technology it hides the announcements with, unless they are in it.
  opened: (open) => (open ? settings.root : document.body).append(announcements.root),
});

const arrived = keepNewOnes();
const connection = new Connection({
  connected: async (newSession) => {
    clearTimeout(lostTimer);
    isNew = true;
    if (newSession) {
      arrived();
      player.flush();
      bar.showInterim("");
      captions.clear();
      offers.clear();
      talk.release();
    }
    now({ connected: true, ...(newSession && { server: "ready", detail: "" }) });
    const outlook = await microphoneOutlook();
    await words;
    now({ outlook });
    const { output } = player;
    const shown = browsersLanguage();
    tell({ type: "hello", secure: window.isSecureContext, microphone: outlook, output, language: shown });
    if (output !== "unknown") tell({ type: "output", state: output });
    connection.doWhatIsDue();
    if (newSession) control.moved();
    else control.repeat();
    if (talk.isDown) control.talks("began");
  },
  lost: () => {
    clearTimeout(lostTimer);
    lostTimer = setTimeout(() => now({ connected: false }), NOTEWORTHY);
  },
});

const bar = new Bar(
  { above: [notices.root, offers.root], talk: talk.root },
  (pressed) => {
    switch (pressed) {
      case "wake":
        return wake();
      case "start":
        return control.microphone.isOpen ? control.end() : control.start();
      case "mute":
        return control.mute(!control.microphone.isMuted);
      case "stop":
        return stop();
      case "replies": {
        const { hears, speaks } = TIERS[situation.manner.tier];
        return wishFor({ tier: tierOf(hears, !speaks) });
      }
      case "settings":
        return settings.open();
    }
  },
  (way) => {
    wishFor({ tier: way });
    if (!TIERS[way].hears) control.close();
  },
);

const control = new Control({
  tell,
  connection,
  notices,
  signals,
  wish: wishFor,
  talk,
  keepers: () => [bar.start, talk.root],
  showLevel: (level) => bar.showLevel(level),
});

const audio = takeOverAudio({
  microphone: control.microphone,
  player,
  toDeliver: (frame) => {
    const passed = talk.pass(frame);
    bar.showLevel(passed.length ? loudness(frame) : 0);
    return connection.lostFor < STALE ? passed : [];
  },
});

/** @param {Partial<Manner>} wish */
function wishFor(wish) {
  now({ manner: { ...situation.manner, ...wish } });
  for (const [name, value] of Object.entries(wish)) {
    connection.soon(`choose ${name}`, () => tell({ type: "choose", manner: { [name]: value } }));
  }
  language.choose(wish.language);
  control.mannerIs();
}

function wake() {
  notices.clear("hands-free");
  tell({ type: "command", name: "wake" });
}

function stop() {
  replay.hush();
  if (isBusy()) stopReply();
}

function stopReply() {
  player.silence();
  captions.flush();
  now({ sounding: false });
  tell({ type: "command", name: "stop" });
}

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || event.isComposing || event.defaultPrevented) return;
  if (document.querySelector("[role=dialog], [role=alertdialog], [role=menu], [role=listbox], dialog[open]")) return;
  stop();
});

heedKeys({
  mute: () => control.mute(!control.microphone.isMuted),
  wake: () => {
    if (situation.server === "asleep") wake();
    else if (control.microphone.isOpen) tell({ type: "command", name: "sleep" });
  },
});

follow(() => show({ announcements, bar, control, replay, settings, talk }));

looks.begin((theme) => wishFor({ theme }));
bar.root.prepend(captions.root);
document.body.append(announcements.root, settings.root);
silenceBareShortcut();
await words; // what Chainlit looks for when its bundle is read is in its place by now
tellAnew();
now({});
const mend = keepMending(() => {
  bar.settle(document.getElementById("message-composer"));
  keepPageLinks();
  spoken.settle();
});
