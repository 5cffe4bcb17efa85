/**
 * The engines page: which engines are in use, and the catalogue of models with downloading and removing.
 *
 * The server sends the whole picture on every change (`/api/models/events`, or polled where that fails); the page
 * draws what it says and keeps nothing else. Elements are kept from one picture to the next, so that neither the
 * focus nor a screen reader's place is lost while a download runs.
 *
 * @typedef {"in-use"|"standby"|"failed"|"loading"} State
 * @typedef {{kind: string, name: string, state: State, detail: string, remedy?: string, next_try_seconds?: number|null, languages?: string[]}} Standing an engine or a part
 * @typedef {{id: string, kind: Kind, name: string, size_bytes: number, licence: string, purpose: string, language: string,
 *   state: "absent"|"pulling"|"installed"|"damaged", received_bytes: number, total_bytes: number, error: string|null,
 *   error_code: string|null}} Model
 * @typedef {{engines: Standing[], parts?: Standing[], models: Model[], free_bytes: number}} Picture
 * @typedef {{kind: string, layer: string, hits: number, misses: number, bytes: number}} Layer of the cache, since the start
 * @typedef {"stt"|"language"|"tts"} Kind
 */

import { announce, around, ask, button, byId, confirmed, number, redraw, refusal, showProblem, UNREACHABLE, withServers } from "./pages.js";
import { locale, wordsOf } from "./strings.js";
import { element, setAttribute, setText } from "./voice/elements.js";

const POLL_MILLISECONDS = 2_000;
const CACHE_MILLISECONDS = 10_000;

/** In the order of a turn. @type {Kind[]} */
const KINDS = ["stt", "language", "tts"];
/** In powers of ten, as `Intl` calls them. */
const UNITS = ["byte", "kilobyte", "megabyte", "gigabyte", "terabyte"];

/** More than these are told by their number. */
const MOST_LANGUAGES = 8;

const words = wordsOf("engines");
const languages = new Intl.DisplayNames(locale(), { type: "language" });

/** @param {number} bytes */
function size(bytes) {
  const power = bytes < 1000 ? 0 : Math.min(4, Math.floor(Math.log10(bytes) / 3));
  const value = bytes / 1000 ** power;
  const maximumFractionDigits = value < 10 && power > 1 ? 1 : 0;
  return value.toLocaleString(locale(), { style: "unit", unit: UNITS[power], unitDisplay: power ? "short" : "long", maximumFractionDigits });
}

/** @type {Map<string, Model["state"]>} */
const lastStates = new Map();
/** @type {Map<string, State>} of engines and parts */
const lastStandings = new Map();
/** @type {Map<string, number>} quarters of each download announced */
const lastQuarters = new Map();

/** @param {Picture} picture */
function draw({ engines, parts = [], models, free_bytes }) {
  showProblem("connection");
  setText(byId("free"), words("free", { size: size(free_bytes) }));
  drawLadders(engines);
  drawParts(parts);
  for (const standing of [...engines, ...parts]) announceStanding(standing);
  const place = byId("models");
  for (const kind of KINDS) {
    const ofKind = models.filter((model) => model.kind === kind);
    const group = keep(place, `group-${kind}`, () =>
      element("section", { "aria-labelledby": `heading-${kind}` }, element("h3", { id: `heading-${kind}` }, words(`kind-${kind}`)), element("ul", {})),
    );
    group.hidden = ofKind.length === 0;
    const list = /** @type {HTMLElement} */ (group.querySelector("ul"));
    for (const model of ofKind) drawModel(list, model);
    prune(list, ofKind.map((model) => `model-${model.id}`));
  }
  prune(place, KINDS.map((kind) => `group-${kind}`));
  for (const model of models) announceModel(model);
}

/** @param {Standing[]} engines */
function drawLadders(engines) {
  const ladders = KINDS.map((kind) => {
    const rungs = engines.filter((engine) => engine.kind === kind).map(row);
    const inside = rungs.length ? element("ol", {}, ...rungs) : element("p", {}, words("none"));
    return element("div", { class: "ladder" }, element("h3", {}, words(`kind-${kind}`)), inside);
  });
  redraw(byId("ladders"), ...ladders);
}

/** @param {Standing[]} parts */
function drawParts(parts) {
  byId("parts-section").hidden = parts.length === 0;
  redraw(byId("parts"), ...parts.map(row));
}

/** @param {Layer[]} layers */
function drawCache(layers) {
  byId("cache-section").hidden = layers.length === 0;
  const lines = layers.map(({ kind, layer, hits, misses, bytes }) => {
    const rate = hits + misses ? `${Math.round((100 * hits) / (hits + misses))} %` : "–";
    const numbers = [number(hits), number(misses), rate, layer === "redis" ? "–" : size(bytes)];
    const cells = [words(`cached-${layer}`) || layer, ...numbers].map((text) => element("td", {}, text));
    return element("tr", {}, element("th", { scope: "row" }, words(`cached-${kind}`) || kind), ...cells);
  });
  byId("cache").replaceChildren(...lines);
}

/** @param {Standing} standing */
function row(standing) {
  const { kind, state, remedy, next_try_seconds: wait } = standing;
  const detail = kind === "disk" && state === "in-use" && !remedy ? "" : standing.detail; // the models' lead tells it
  const again = state === "failed" && wait ? words("asked-again", { seconds: Math.ceil(wait) }) : "";
  const own = state === "failed" ? words(`without-${kind}`) : "";
  const why = [...(detail ? withServers(own, detail) : []), ...(detail && again ? [" "] : []), again];
  const lines = [[languagesOf(standing)], why, remedy ? withServers("", remedy) : []].filter((line) => line.some(Boolean));
  return element(
    "li",
    { "data-state": state },
    element("strong", {}, nameOf(standing)),
    element("span", { class: "badge" }, words(`engine-${state}`)),
    ...lines.map((line) => element("p", {}, ...line)),
  );
}

/** Which it understands, or speaks. @param {Standing} standing */
function languagesOf({ kind, state, languages: known = [] }) {
  if (!known.length || state === "failed") return "";
  if (known.length > MOST_LANGUAGES) return words(`many-${kind}`, { count: known.length });
  return words(`languages-${kind}`, { languages: known.map((code) => languages.of(code)).join(", ") });
}

/** A part by what it is; an engine, a server or a card by its own name. @param {Standing} standing */
const nameOf = ({ kind, name }) => words(`part-${kind}`) || name;

/** @param {HTMLElement} list @param {Model} model */
function drawModel(list, model) {
  const key = `model-${model.id}`;
  const item = keep(list, key, () => {
    const name = `${key}-name`;
    return element(
      "li",
      { "aria-labelledby": name },
      element("div", {}, element("h4", { id: name }), element("p", { class: "purpose" }), element("p", { class: "facts" }, ...factsOf(model))),
      element("div", { class: "doing" }, element("span", { class: "badge" }), element("div", { class: "actions" })),
      element("div", { class: "progress" }, element("progress", { "aria-labelledby": name }), element("span", {})),
      element("p", { class: "problem" }),
    );
  });
  const part = (/** @type {string} */ selector) => /** @type {HTMLElement} */ (item.querySelector(selector));
  setAttribute(item, "data-state", model.state);
  setText(part("h4"), model.name);
  const purpose = words(`purpose-${model.id}`);
  redraw(part(".purpose"), ...(purpose ? [purpose] : withServers("", model.purpose)));
  setText(part(".badge"), words(`model-${model.state}`));
  part(".problem").hidden = !model.error;
  redraw(part(".problem"), ...troubleOf(model));
  drawProgress(part(".progress"), model);
  drawActions(part(".actions"), model);
}

/** A licence is called what its owner calls it. @param {Model} model */
function factsOf({ size_bytes, language, licence }) {
  const spoken = language && language.split(", ").map((code) => languages.of(code)).join(", ");
  const facts = [size(size_bytes), spoken].filter(Boolean).join(" · ");
  return [`${facts} · `, ...around(words("licence"), element("span", { lang: "en" }, licence))];
}

/** Why its last download ended early. @param {Model} model */
const troubleOf = ({ error, error_code }) => (error ? refusal(500, { code: error_code ?? "", detail: error }) : []);

/** @param {HTMLElement} place @param {Model} model */
function drawProgress(place, { state, received_bytes: received, total_bytes: total }) {
  place.hidden = state !== "pulling";
  const bar = /** @type {HTMLProgressElement} */ (place.querySelector("progress"));
  if (total > 0) {
    bar.max = total;
    bar.value = received;
  } else bar.removeAttribute("value");
  const far = total > 0 ? words("progress", { done: size(received), all: size(total), percent: Math.floor((100 * received) / total) }) : size(received);
  setText(/** @type {Element} */ (place.querySelector("span")), far);
}

/** @param {HTMLElement} place @param {Model} model */
function drawActions(place, model) {
  /** @type {Record<Model["state"], [string, () => void][]>} */
  const offers = {
    absent: [[words("download"), () => act(model, "POST", "/pull")]],
    pulling: [[words("cancel"), () => act(model, "DELETE", "/pull")]],
    installed: [[words("remove"), () => confirmRemoval(model)]],
    damaged: [
      [words("download-again"), () => act(model, "POST", "/pull")],
      [words("remove"), () => confirmRemoval(model)],
    ],
  };
  const wanted = offers[model.state];
  if ([...place.children].map((child) => child.firstChild?.textContent).join() === wanted.map(([label]) => label).join()) return;
  const hadFocus = place.contains(document.activeElement);
  place.replaceChildren(...wanted.map(([label, run]) => button(label, run, { about: model.name })));
  if (hadFocus) /** @type {HTMLElement} */ (place.firstElementChild).focus();
}

/** Said once per change of state, and at every fourth of a download. @param {Model} model */
function announceModel(model) {
  const { id, name, state, received_bytes, total_bytes } = model;
  const before = lastStates.get(id);
  lastStates.set(id, state);
  const quarter = state === "pulling" && total_bytes > 0 ? Math.floor((4 * received_bytes) / total_bytes) : 0;
  const further = quarter > (lastQuarters.get(id) ?? 0);
  lastQuarters.set(id, quarter);
  if (before === undefined) return;
  const trouble = element("p", {}, ...troubleOf(model)).textContent;
  if (before !== state) announce(`${name}: ${trouble || words(`model-${state}`)}.`);
  else if (further) announce(words("percent", { name, percent: quarter * 25 }));
}

/** Failing and coming back only; which of several stands by is no news. @param {Standing} standing */
function announceStanding(standing) {
  const { kind, name, state } = standing;
  const key = `${kind} ${name}`;
  const before = lastStandings.get(key);
  if (state !== "loading") lastStandings.set(key, state);
  if (before === undefined || state === "loading" || (before === "failed") === (state === "failed")) return;
  announce(words(state === "failed" ? "failed" : "back", { name: nameOf(standing) }));
}

/** @param {Model} model @param {"POST"|"DELETE"} method @param {"/pull"|""} what */
async function act(model, method, what) {
  const answer = await ask(method, `/api/models/${encodeURIComponent(model.id)}${what}`, { about: model.name });
  if (answer !== undefined) await refresh();
}

/** @param {Model} model */
async function confirmRemoval(model) {
  const text = words("remove-text", { name: model.name, size: size(model.size_bytes) });
  const question = { title: words("remove-title"), text, yes: words("remove"), no: words("remove-no") };
  if (await confirmed(question)) await act(model, "DELETE", "");
}

async function refresh() {
  try {
    const answer = await fetch("/api/models");
    if (!answer.ok) throw new TypeError(`status ${answer.status}`);
    draw(await answer.json());
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    showProblem("connection", UNREACHABLE);
  }
}

/** Where it cannot be had, what was shown last stays. */
async function refreshCache() {
  try {
    const answer = await fetch("/health/ready");
    if (answer.ok) drawCache((await answer.json()).cache ?? []);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
  }
}

/** @param {HTMLElement} place @param {string} id @param {() => HTMLElement} make @returns {HTMLElement} the child of that id, made if need be */
function keep(place, id, make) {
  const present = [...place.children].find((child) => child.id === id);
  if (present) return /** @type {HTMLElement} */ (present);
  const made = make();
  made.id = id;
  place.append(made);
  return made;
}

/** @param {HTMLElement} place @param {string[]} ids of the children that stay */
function prune(place, ids) {
  for (const child of [...place.children]) if (!ids.includes(child.id)) child.remove();
}

function poll() {
  const again = async () => {
    await refresh();
    setTimeout(again, POLL_MILLISECONDS);
  };
  void again();
}

function follow() {
  const events = new EventSource("/api/models/events");
  events.onmessage = ({ data }) => draw(JSON.parse(data));
  events.onerror = () => {
    events.close();
    poll();
  };
}

follow();
void refreshCache();
setInterval(() => {
  if (!document.hidden) void refreshCache();
}, CACHE_MILLISECONDS);
