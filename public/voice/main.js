/**
 * The page's voice: loaded before Chainlit's bundle, takes over its audio, and ties microphone, player, server and
 * voice bar together. All that changes over time is the `situation`; all that is seen follows from it.
 */

import { Announcements } from "./announcements.js";
import { Bar } from "./bar.js";
import { silenceBareShortcut, takeOverAudio, toggleVoice } from "./chainlit.js";
import { Connection } from "./connection.js";
import { addEnginesLink } from "./header.js";
import { keepMending } from "./mending.js";
import { loudness, Microphone, microphoneOutlook, RATE } from "./microphone.js";
import { Notices } from "./notices.js";
import { Player } from "./player.js";
import { statusLine } from "./status.js";
import { followSystemTheme } from "./theme.js";
import { advise } from "./trouble.js";
import { LONGEST_DETAIL, openWire } from "./wire.js";

/** A frame this old, in milliseconds, is not worth sending when the connection returns. */
const STALE = 5_000;
/** Shorter interruptions, in milliseconds, are not worth a word. */
const NOTEWORTHY = 1_500;
/** After this many milliseconds without a microphone the start has failed. */
const START_LIMIT = 15_000;

/** @type {import("./status.js").Situation & {speakReplies: boolean, sounding: boolean, failed: boolean}} */
const situation = {
  server: "ready",
  microphone: "off",
  connected: true,
  blocked: false,
  failed: false,
  speakReplies: true,
  sounding: false,
};

/** @type {ReturnType<typeof setTimeout>|undefined} */
let lostTimer;
/** @type {ReturnType<typeof setTimeout>|undefined} */
let startTimer;

/** @param {Partial<typeof situation>} change */
function now(change) {
  Object.assign(situation, change);
  const line = statusLine(situation);
  announcements.status(line.text);
  announcements.replyIs(situation.speakReplies && !situation.blocked && !situation.failed);
  bar.show({
    line,
    open: microphone.isOpen,
    muted: microphone.isMuted,
    stoppable: situation.sounding || situation.server === "thinking" || situation.server === "speaking",
    speakReplies: situation.speakReplies,
  });
}

const tell = openWire((message) => {
  switch (message.type) {
    case "status":
      return now({ server: message.state });
    case "player":
      return message.do === "ending" ? player.ending(message.track) : player[message.do]();
    case "interim":
      return bar.showInterim(message.text);
    case "caption":
      return announcements.sentence(message.text);
    case "notice":
      return notices.show(message);
    case "preferences":
      return now({ speakReplies: message.speak_replies });
  }
});

const announcements = new Announcements();
const notices = new Notices((level, text) => announcements.notice(level, text));

const player = new Player({
  playing: (position) => {
    tell({ type: "playing", ...position });
    const sounding = position.state === "playing" || position.state === "paused";
    if (sounding && !situation.sounding) now({ sounding });
  },
  idle: () => {
    now({ sounding: false });
    audio.idle();
  },
  output: (state, detail) => {
    tell({ type: "output", state });
    now({ blocked: state === "blocked", failed: state === "failed" });
    if (state === "running") notices.clear("output");
    if (state === "blocked") {
      notices.show({ level: "warning", code: "output", text: "Press any key or click to hear me." });
    }
    if (state === "failed") {
      const text = "No sound can be played. Replies appear as text.";
      notices.show({ level: "error", code: "output", text, detail: `The browser says: ${detail}.` });
    }
  },
});

const microphone = new Microphone(({ state, rate, detail }) => {
  clearTimeout(startTimer);
  bar.showLevel(0);
  tell({ type: "microphone", state, ...(rate && { rate }), ...(detail && { detail: detail.slice(0, LONGEST_DETAIL) }) });
  if (state === "on" || state === "muted" || state === "off") {
    if (state === "on") notices.clear("microphone");
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
  mayDeliver: (frame) => {
    bar.showLevel(loudness(frame));
    return connection.lostFor < STALE;
  },
});

const connection = new Connection({
  connected: async (newSession) => {
    clearTimeout(lostTimer);
    if (newSession) {
      player.flush();
      bar.showInterim("");
      if (microphone.isOpen) toggle();
    }
    now({ connected: true, ...(newSession && { server: "ready" }) });
    tell({ type: "hello", secure: window.isSecureContext, microphone: await microphoneOutlook() });
    connection.doWhatIsDue();
    if (microphone.isOpen) tell({ type: "microphone", state: microphone.isMuted ? "muted" : "on", rate: RATE });
  },
  lost: () => {
    clearTimeout(lostTimer);
    lostTimer = setTimeout(() => now({ connected: false }), NOTEWORTHY);
  },
});
const bar = new Bar(notices.root, (control) => {
  switch (control) {
    case "start":
      return microphone.isOpen ? toggle() : start();
    case "mute":
      return microphone.setMuted(!microphone.isMuted);
    case "stop":
      return stopReply();
    case "replies":
      return speakReplies(!situation.speakReplies);
  }
});

/** @param {boolean} on */
function speakReplies(on) {
  now({ speakReplies: on });
  connection.soon("replies", () => tell({ type: "command", name: on ? "speak-replies-on" : "speak-replies-off" }));
}

function toggle() {
  bar.focusStart();
  toggleVoice();
}

function start() {
  notices.clear("microphone");
  now({ microphone: "starting" });
  clearTimeout(startTimer);
  startTimer = setTimeout(() => {
    const text = "Nightingale did not answer.";
    const detail = "Press Try again; if that does not help, reload the page. You can type meanwhile.";
    notices.show({ level: "error", code: "microphone", text, detail, action: { label: "Try again", run: start } });
    connection.notAnyMore("start");
    now({ microphone: "trouble" });
  }, START_LIMIT);
  connection.soon("start", toggle);
}

function stopReply() {
  player.silence();
  now({ sounding: false });
  tell({ type: "command", name: "stop" });
}

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || event.isComposing || event.defaultPrevented) return;
  if (document.querySelector("[role=dialog], [role=alertdialog], [role=menu], [role=listbox]")) return;
  if (situation.sounding || situation.server === "thinking" || situation.server === "speaking") stopReply();
});

followSystemTheme((theme) => {
  const root = document.documentElement;
  root.classList.remove("light", "dark");
  root.classList.add(theme);
  for (const [name, value] of Object.entries(window.theme?.[theme] ?? {})) root.style.setProperty(name, value);
});
document.body.append(announcements.root);
silenceBareShortcut();
now({});
keepMending(() => {
  bar.settle(document.getElementById("message-composer"));
  addEnginesLink();
});
