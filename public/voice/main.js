/**
 * The page's voice: loaded before Chainlit's bundle, takes over its audio, and ties microphone, player, server and
 * voice bar together. All that changes over time is the `situation`; all that is seen follows from it.
 */

import { Announcements } from "./announcements.js";
import { Bar } from "./bar.js";
import { silenceBareShortcut, takeOverAudio, toggleVoice } from "./chainlit.js";
import { Connection } from "./connection.js";
import { Earcons } from "./earcons.js";
import { addPageLinks } from "./header.js";
import { keepMending } from "./mending.js";
import { loudness, Microphone, microphoneOutlook, RATE } from "./microphone.js";
import { Notices } from "./notices.js";
import { Offers } from "./offers.js";
import { Player } from "./player.js";
import { Replay } from "./replay.js";
import { Spoken } from "./spoken.js";
import { statusLine } from "./status.js";
import { Talk } from "./talk.js";
import { followSystemTheme } from "./theme.js";
import { isWhole, lacking, tidings, tierOf, TIERS } from "./tier.js";
import { TurnTakingPanel } from "./turntaking.js";
import { advise } from "./trouble.js";
import { LONGEST_DETAIL, openWire } from "./wire.js";

/** A frame this old, in milliseconds, is not worth sending when the connection returns. */
const STALE = 5_000;
/** Shorter interruptions, in milliseconds, are not worth a word. */
const NOTEWORTHY = 1_500;
/** After this many milliseconds without a microphone the start has failed. */
const START_LIMIT = 15_000;


/**
 * @import { Earcon } from "./earcons.js"
 * @import { Situation } from "./status.js"
 * @import { TurnTaking } from "./turntaking.js"
 * @import { Preferences, Tier, TierWord } from "./wire.js"
 * @typedef {object} More
 * @property {boolean} sounding
 * @property {boolean} failed nothing can be played
 * @property {TierWord} choice how the user wants to talk
 * @property {TierWord|null} tier what they can do now
 * @property {string} why what stands in the way of more
 */

/** @type {Omit<Situation, "deaf"> & TurnTaking & More} */
const situation = {
  server: "ready",
  microphone: "off",
  connected: true,
  blocked: false,
  failed: false,
  sounding: false,
  detail: "",
  choice: "full",
  ending: "automatic",
  patience: "standard",
  barge_in: "on",
  talking: false,
  tier: null,
  why: "",
};

/** @type {ReturnType<typeof setTimeout>|undefined} */
let lostTimer;
/** @type {ReturnType<typeof setTimeout>|undefined} */
let startTimer;

const isBusy = () => situation.sounding || situation.server === "thinking" || situation.server === "speaking";

/** @param {Partial<typeof situation>} change */
function now(change) {
  Object.assign(situation, change);
  const { choice, ending, tier, why } = situation;
  talk.show(ending);
  turns.show(situation);
  const gone = lacking(choice, tier);
  const line = statusLine({ ...situation, deaf: gone.hearing });
  announcements.status(line.text);
  announcements.replyIs(TIERS[choice].speaks && !gone.speech && !situation.blocked && !situation.failed);
  bar.show({
    line,
    open: microphone.isOpen,
    muted: microphone.isMuted,
    manual: talk.isWanted,
    stoppable: isBusy() || replay.isPlaying,
    choice,
    tier,
    why,
  });
}

const tell = openWire((message) => {
  switch (message.type) {
    case "status":
      if (isBusy() && (message.state === "ready" || message.state === "listening")) spoken.turnEnded();
      now({ server: message.state, detail: message.detail ?? "" });
      return message.detail && !situation.sounding && earcon("thinking");
    case "player":
      return message.do === "ending" ? player.ending(message.track) : player[message.do]();
    case "interim":
      return bar.showInterim(message.text, message.tentative);
    case "caption":
      return announcements.sentence(message.text);
    case "notice":
      return notices.show(message);
    case "preferences":
      return prefers(message);
    case "tier":
      return tierIs(message);
    case "offer":
      return offers.show(message);
    case "offer-gone":
      return offers.gone(message.saying);
  }
});

/** @param {Preferences} message */
function prefers({ choice, ending, patience, barge_in }) {
  now({ choice, ...(ending && { ending }), ...(patience && { patience }), ...(barge_in && { barge_in }) });
  if (talk.isWanted) microphone.setMuted(false); // what is not said with the button is not sent anyway
}

/** @param {Tier} message */
function tierIs(message) {
  const { tier: before, choice, microphone, blocked, failed } = situation;
  now({ tier: message.tier, why: message.why ?? "" });
  const seen = { hearing: microphone === "trouble", speech: blocked || failed };
  const { notice, tune, quiet } = tidings(message, before, choice, seen);
  if (notice) notices.show({ code: "tier", ...notice });
  else if (isWhole(choice, message.tier)) notices.clear("tier");
  if (tune) earcon(tune);
  if (quiet) announcements.notice(quiet, false);
}

/** Who wants no speech wants no tunes either. @param {Earcon} name */
function earcon(name) {
  if (TIERS[situation.choice].speaks) earcons.play(name);
}

const announcements = new Announcements();
const notices = new Notices((text, urgent, level) => {
  announcements.notice(text, urgent);
  if (level === "error") earcon("error");
});

const replay = new Replay({
  playing: (playing) => {
    // Two voices at once help nobody.
    if (playing && isBusy()) stopReply();
    now({});
  },
  unplayable: () => {
    notices.show({ level: "error", code: "recording", text: "The recording can't be played.", detail: "Perhaps it is no longer kept." });
  },
});
const spoken = new Spoken(replay);
const offers = new Offers(replay, {
  wish: (saying, wish) => connection.soon(`offer ${saying}`, () => tell({ type: "on-offer", saying, do: wish })),
  announce: (text) => announcements.notice(text, false),
});

const player = new Player({
  playing: (position) => {
    tell({ type: "playing", ...position });
    const sounding = position.state === "playing" || position.state === "paused";
    if (sounding && !situation.sounding) {
      replay.hush();
      now({ sounding });
    }
  },
  idle: () => {
    now({ sounding: false });
    audio.idle();
  },
  output: (state, detail) => {
    tell({ type: "output", state });
    now({ blocked: state === "blocked", failed: state === "failed" });
    if (state === "running") {
      notices.clear("output");
      earcons.catchUp();
    }
    if (state === "blocked") {
      notices.show({ level: "warning", code: "output", text: "Press any key or click to hear me." });
    }
    if (state === "failed") {
      const text = "No sound can be played. Replies appear as text.";
      notices.show({ level: "error", code: "output", text, detail: `The browser says: ${detail}.` });
    }
  },
});

const earcons = new Earcons(player);

const turns = new TurnTakingPanel((wish) => wishFor(wish));
const talk = new Talk({
  began: () => {
    if (!microphone.isOpen && situation.microphone !== "starting") start();
    if (situation.sounding && situation.barge_in !== "on") stopReply(); // who presses does not only say something
    now({ talking: true });
    talks("began");
  },
  ended: () => {
    now({ talking: false });
    talks("ended");
  },
});

/** A microphone that is not open yet begins with it. @param {"began"|"ended"} state */
function talks(state) {
  if (microphone.isOpen && connection.stands) tell({ type: "talk", state });
}

const microphone = new Microphone(({ state, rate, detail }) => {
  clearTimeout(startTimer);
  bar.showLevel(0);
  tell({ type: "microphone", state, ...(rate && { rate }), ...(detail && { detail: detail.slice(0, LONGEST_DETAIL) }) });
  if (state === "on" || state === "muted" || state === "off") {
    if (state === "on") notices.clear("microphone");
    if (state === "on" && talk.isDown) talks("began");
    if (state === "off") talk.release();
    return now({ microphone: state });
  }
  const { title, wayOut } = advise(state, detail ?? "");
  notices.show({
    level: "error",
    code: "microphone",
    text: title,
    detail: wayOut,
    ...(state !== "insecure" && { action: { label: "Try again", run: start } }),
  });
  now({ microphone: "trouble" });
  if (detail?.includes("disconnected")) toggle();
});

const audio = takeOverAudio({
  microphone,
  player,
  toDeliver: (frame) => {
    const passed = talk.pass(frame);
    bar.showLevel(passed.length ? loudness(frame) : 0);
    return connection.lostFor < STALE ? passed : [];
  },
});

const connection = new Connection({
  connected: async (newSession) => {
    clearTimeout(lostTimer);
    if (newSession) {
      player.flush();
      bar.showInterim("");
      offers.clear();
      talk.release();
      if (microphone.isOpen) toggle();
    }
    now({ connected: true, ...(newSession && { server: "ready", detail: "" }) });
    const outlook = await microphoneOutlook();
    const { output } = player;
    tell({ type: "hello", secure: window.isSecureContext, microphone: outlook, output });
    if (output !== "unknown") tell({ type: "output", state: output });
    connection.doWhatIsDue();
    if (microphone.isOpen) tell({ type: "microphone", state: microphone.isMuted ? "muted" : "on", rate: RATE });
    if (talk.isDown) talks("began");
  },
  lost: () => {
    clearTimeout(lostTimer);
    lostTimer = setTimeout(() => now({ connected: false }), NOTEWORTHY);
  },
});

const bar = new Bar(
  { above: [notices.root, offers.root], talk: talk.root, turns: turns.root },
  (control) => {
    switch (control) {
      case "start":
        return microphone.isOpen ? toggle() : start();
      case "mute":
        return microphone.setMuted(!microphone.isMuted);
      case "stop":
        return stop();
      case "replies":
        return wishFor({ tier: tierOf(TIERS[situation.choice].hears, !TIERS[situation.choice].speaks) });
    }
  },
  (way) => {
    wishFor({ tier: way });
    if (TIERS[way].hears) return;
    if (microphone.isOpen) toggle();
    else if (situation.microphone === "starting") notStarting("off");
  },
);

/** @param {{tier?: TierWord} & Partial<TurnTaking>} wish */
function wishFor({ tier, ...turnTaking }) {
  now({ ...(tier && { choice: tier }), ...turnTaking });
  for (const [name, value] of Object.entries({ ...(tier && { tier }), ...turnTaking })) {
    connection.soon(`choose ${name}`, () => tell({ type: "choose", [name]: value }));
  }
  if (talk.isWanted) microphone.setMuted(false);
}

/** Chainlit listens only while nothing that takes text, or a choice, has the focus; whoever had it gets it back. */
function toggle() {
  const focused = document.activeElement;
  if (focused !== talk.root) bar.focusStart();
  toggleVoice();
  if (focused instanceof HTMLSelectElement) focused.focus();
}

function start() {
  const { hears, speaks } = TIERS[situation.choice];
  if (!hears) wishFor({ tier: tierOf(true, speaks) }); // who starts voice wants to be heard
  notices.clear("microphone");
  now({ microphone: "starting" });
  clearTimeout(startTimer);
  startTimer = setTimeout(() => {
    const text = "Nightingale did not answer.";
    const detail = "Press Try again; if that does not help, reload the page. You can type meanwhile.";
    notices.show({ level: "error", code: "microphone", text, detail, action: { label: "Try again", run: start } });
    notStarting("trouble");
  }, START_LIMIT);
  connection.soon("start", toggle);
}

/** @param {"off"|"trouble"} state */
function notStarting(state) {
  clearTimeout(startTimer);
  connection.notAnyMore("start");
  now({ microphone: state });
}

function stop() {
  replay.hush();
  if (isBusy()) stopReply();
}

function stopReply() {
  player.silence();
  now({ sounding: false });
  tell({ type: "command", name: "stop" });
}

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || event.isComposing || event.defaultPrevented) return;
  if (document.querySelector("[role=dialog], [role=alertdialog], [role=menu], [role=listbox]")) return;
  stop();
});

followSystemTheme();
document.body.append(announcements.root);
silenceBareShortcut();
now({});
keepMending(() => {
  bar.settle(document.getElementById("message-composer"));
  addPageLinks();
  spoken.settle();
});
