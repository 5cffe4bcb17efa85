/**
 * What the page and the server say to each other beside Chainlit's own messages; the other half is app/wire.py.
 *
 * Chainlit carries it: what it receives from the server it hands to `window.postMessage`, and every `message`
 * event of the window it sends to the server, whoever posted it. We take the first at the call, so that a
 * `flush` can not be overtaken by the audio behind it, and let through the second only what this page itself says.
 *
 * @typedef {{nightingale?: 1, sender?: "page", type: "hello"|"microphone"|"playing"|"output"|"command"|"choose"|"talk"|"on-offer", [field: string]: unknown}} FromPage
 * @typedef {{nightingale: 1, sender: "server", type: "status", state: "ready"|"asleep"|"listening"|"hearing"|"thinking"|"speaking", detail?: string}} Status
 * @typedef {{nightingale: 1, sender: "server", type: "player", do: "pause"|"resume"|"flush"|"ending", track: string}} PlayerOrder
 * @typedef {{nightingale: 1, sender: "server", type: "caption", text: string, speaker?: "assistant"|"user"}} Caption
 * @typedef {{nightingale: 1, sender: "server", type: "interim", text: string, tentative?: string}} Interim
 * @typedef {{nightingale: 1, sender: "server", type: "notice", level: "info"|"warning"|"error", code: string, text: string}} Notice
 * @typedef {"brisk"|"standard"|"unhurried"|"very-patient"} Patience
 * @typedef {"automatic"|"hold"|"toggle"|"over"} Ending
 * @typedef {"on"|"keyword"|"off"} BargeIn
 * @typedef {"none"|"okay-nabu"|"hey-jarvis"|"hey-mycroft"|"alexa"|"hey-rhasspy"} WakeWord
 * @typedef {"brief"|"normal"|"full"} AnswerLength
 * @typedef {"auto"|"en"|"fr"|"de"|"es"} Language
 * @typedef {object} Manner how one person wants to talk, as app/manner.py has it
 * @property {TierWord} tier
 * @property {Patience} patience
 * @property {Ending} ending
 * @property {BargeIn} barge_in
 * @property {number} rate
 * @property {number} volume
 * @property {number} pitch
 * @property {number} earcons how loud they are, 0 is none
 * @property {string} voice
 * @property {Record<string, string>} pronunciations
 * @property {string[]} vocabulary
 * @property {AnswerLength} length
 * @property {boolean} reads_back
 * @property {Language} language
 * @property {boolean} hands_free
 * @property {WakeWord} wake_word
 * @property {"low"|"normal"|"high"} sensitivity
 * @property {number} follow_up_seconds
 * @property {boolean} welcomed
 * @property {number} greeted
 * @property {"normal"|"large"|"largest"} text_size
 * @property {"system"|"light"|"dark"} theme
 * @property {"system"|"normal"|"high"} contrast
 * @property {"system"|"reduced"} motion
 * @property {boolean} spacing
 * @property {"plain"|"dyslexic"} font
 * @property {boolean} captions
 * @property {boolean} screen_reader
 * @typedef {{nightingale: 1, sender: "server", type: "preferences", manner: Manner}} Preferences
 * @typedef {"full"|"stt-only"|"tts-only"|"text"} TierWord
 * @typedef {{nightingale: 1, sender: "server", type: "tier", tier: TierWord, why?: string, change?: "none"|"down"|"up"|"chosen"}} Tier
 * @typedef {{nightingale: 1, sender: "server", type: "offer", saying: string, text?: string, seconds?: number|null, reason: string}} Offer
 * @typedef {{nightingale: 1, sender: "server", type: "offer-gone", saying: string}} OfferGone
 * @typedef {{nightingale: 1, sender: "server", type: "go", thread: string}} Go
 * @typedef {{nightingale: 1, sender: "server", type: "mute"}} Mute
 * @typedef {Status|PlayerOrder|Interim|Caption|Notice|Preferences|Tier|Offer|OfferGone|Go|Mute} FromServer
 * @typedef {(value: unknown) => boolean} Check
 */

export const VERSION = 1;
/** Hertz of all speech sent to the page. */
export const PLAYBACK_RATE = 24_000;
export const LONGEST_NAME = 80;
export const LONGEST_DETAIL = 300;
/** In a list of words, as app/manner.py has it. */
export const MOST_WORDS = 200;

/** @type {<T extends object>(record: T, name: PropertyKey) => name is keyof T} */
const hasOwn = (record, name) => Object.hasOwn(record, name);

/** @type {(limit?: number) => Check} */
const text = (limit = Infinity) => (value) => typeof value === "string" && value.length <= limit;
/** @type {(...allowed: string[]) => Check} */
const oneOf = (...allowed) => (value) => typeof value === "string" && allowed.includes(value);
/** @type {Check} */
const truth = (value) => typeof value === "boolean";
/** @type {(least: number) => Check} */
const whole = (least) => (value) => typeof value === "number" && Number.isInteger(value) && value >= least;
/** @type {(check: Check) => Check} */
const maybe = (check) => (value) => value === undefined || value === null || check(value);
/** @type {Check} */
const number = (value) => typeof value === "number" && value >= 0;
/** @type {Check} */
const finite = (value) => Number.isFinite(value);
const tierWord = oneOf("full", "stt-only", "tts-only", "text");
/** @type {(least: number, most: number) => Check} */
const within = (least, most) => (value) => typeof value === "number" && value >= least && value <= most;
/** @type {(check: Check) => Check} */
const listOf = (check) => (value) => Array.isArray(value) && value.length <= MOST_WORDS && value.every(check);
/** @type {(value: unknown) => value is Record<string, unknown>} */
const isRecord = (value) => typeof value === "object" && value !== null && !Array.isArray(value);
/** @type {(check: Check) => Check} */
const recordOf = (check) => (value) => isRecord(value) && listOf(text(60))(Object.keys(value)) && Object.values(value).every(check);

/** @type {Record<keyof Manner, Check>} */
const MANNER = {
  tier: tierWord,
  patience: oneOf("brisk", "standard", "unhurried", "very-patient"),
  ending: oneOf("automatic", "hold", "toggle", "over"),
  barge_in: oneOf("on", "keyword", "off"),
  rate: within(0.5, 3),
  volume: within(0.1, 2),
  pitch: within(0.5, 2),
  earcons: within(0, 2),
  voice: text(80),
  pronunciations: recordOf(text(60)),
  vocabulary: listOf(text(60)),
  length: oneOf("brief", "normal", "full"),
  reads_back: truth,
  language: oneOf("auto", "en", "fr", "de", "es"),
  hands_free: truth,
  wake_word: oneOf("none", "okay-nabu", "hey-jarvis", "hey-mycroft", "alexa", "hey-rhasspy"),
  sensitivity: oneOf("low", "normal", "high"),
  follow_up_seconds: within(0, 600),
  welcomed: truth,
  greeted: whole(0),
  text_size: oneOf("normal", "large", "largest"),
  theme: oneOf("system", "light", "dark"),
  contrast: oneOf("system", "normal", "high"),
  motion: oneOf("system", "reduced"),
  spacing: truth,
  font: oneOf("plain", "dyslexic"),
  captions: truth,
  screen_reader: truth,
};
/** @type {Check} some of it; null: as is usual */
const someManner = (value) => isRecord(value) && Object.entries(value).every(([name, each]) => hasOwn(MANNER, name) && maybe(MANNER[name])(each));
/** @type {Check} */
const wholeManner = (value) => isRecord(value) && Object.entries(MANNER).every(([name, check]) => check(value[name]));

/** @type {Record<string, Record<string, Check>>} */
const FROM_PAGE = {
  hello: {
    secure: truth,
    microphone: oneOf("granted", "denied", "prompt", "missing", "unknown"),
    output: oneOf("running", "blocked", "failed", "unknown"),
    language: maybe(oneOf("en", "de", "fr", "es")),
  },
  microphone: {
    state: oneOf("on", "off", "muted", "denied", "missing", "busy", "insecure", "failed"),
    rate: maybe(whole(-Infinity)),
    detail: maybe(text(LONGEST_DETAIL)),
  },
  playing: {
    track: text(LONGEST_NAME),
    samples: whole(0),
    state: oneOf("playing", "paused", "ended", "flushed"),
    ago: maybe(finite),
  },
  output: { state: oneOf("running", "blocked", "failed") },
  command: { name: oneOf("stop", "listen", "sleep", "wake") },
  choose: { manner: someManner },
  talk: { state: oneOf("began", "ended") },
  "on-offer": { saying: text(LONGEST_NAME), do: oneOf("answer", "dismiss") },
};

/** @type {Record<string, Record<string, Check>>} */
const FROM_SERVER = {
  status: { state: oneOf("ready", "asleep", "listening", "hearing", "thinking", "speaking"), detail: maybe(text()) },
  player: { do: oneOf("pause", "resume", "flush", "ending"), track: maybe(text()) },
  interim: { text: text(), tentative: maybe(text()) },
  caption: { text: text(), speaker: maybe(oneOf("assistant", "user")) },
  notice: { level: oneOf("info", "warning", "error"), code: text(), text: text() },
  preferences: { manner: wholeManner },
  tier: { tier: tierWord, why: maybe(text()), change: maybe(oneOf("none", "down", "up", "chosen")) },
  offer: { saying: text(LONGEST_NAME), text: maybe(text()), seconds: maybe(number), reason: text() },
  "offer-gone": { saying: text(LONGEST_NAME) },
  go: { thread: text() },
  mute: {},
};

/** @type {(raw: unknown, sender: string, known: Record<string, Record<string, Check>>) => boolean} */
function conforms(raw, sender, known) {
  if (!isRecord(raw)) return false;
  const { nightingale, sender: from, type, ...fields } = raw;
  if (nightingale !== VERSION || from !== sender || typeof type !== "string" || !Object.hasOwn(known, type)) return false;
  const checks = known[type];
  return (
    Object.keys(fields).every((name) => Object.hasOwn(checks, name)) &&
    Object.entries(checks).every(([name, check]) => check(fields[name]))
  );
}

/** @type {(raw: unknown) => boolean} */
export const isFromPage = (raw) => conforms(raw, "page", FROM_PAGE);
/** @type {(raw: unknown) => raw is FromServer} */
export const isFromServer = (raw) => conforms(raw, "server", FROM_SERVER);

/**
 * Open the channel; must happen before Chainlit registers its own listener.
 * @param {(message: FromServer) => void} hear called for each valid message of the server, in the server's order
 * @returns {(message: FromPage) => void} says something to the server
 */
export function openWire(hear) {
  const post = window.postMessage.bind(window);
  window.postMessage = (/** @type {any} */ message, /** @type {any[]} */ ...rest) =>
    isFromServer(message) ? hear(message) : post(message, .../** @type {[any]} */ (rest));
  window.addEventListener(
    "message",
    (event) => {
      const own = event.source === window && event.origin === location.origin && isFromPage(event.data);
      if (!own) event.stopImmediatePropagation();
    },
    { capture: true },
  );
  return (message) => {
    const complete = { nightingale: VERSION, sender: "page", ...message };
    if (!isFromPage(complete)) throw new TypeError(`not a message of this protocol: ${JSON.stringify(complete)}`);
    post(complete, location.origin);
  };
}
