/**
 * The engines page: which engines are in use, and the catalogue of models with downloading and removing.
 *
 * The server sends the whole picture on every change (`/api/models/events`, or polled where that fails); the page
 * draws what it says and keeps nothing else. Elements are kept from one picture to the next, so that neither the
 * focus nor a screen reader's place is lost while a download runs.
 *
 * @typedef {"in-use"|"standby"|"failed"|"loading"} State
 * @typedef {{kind: string, name: string, state: State, detail: string, remedy?: string, next_try_seconds?: number|null}} Standing an engine or a part
 * @typedef {{id: string, kind: Kind, name: string, size_bytes: number, licence: string, purpose: string, language: string,
 *   state: "absent"|"pulling"|"installed"|"damaged", received_bytes: number, total_bytes: number, error: string|null}} Model
 * @typedef {{engines: Standing[], parts?: Standing[], models: Model[], free_bytes: number}} Picture
 * @typedef {{kind: string, layer: string, hits: number, misses: number, bytes: number}} Layer of the cache, since the start
 * @typedef {"stt"|"language"|"tts"} Kind
 */

import { ask, button, byId, confirmed, say, showProblem, UNREACHABLE } from "./pages.js";
import { element, setAttribute, setText } from "./voice/elements.js";

const POLL_MILLISECONDS = 2_000;
const CACHE_MILLISECONDS = 10_000;

/** In the order of a turn. @type {Record<Kind, string>} */
const KINDS = { stt: "Hearing", language: "Thinking", tts: "Speaking" };
const ENGINE_STATES = { "in-use": "In use", standby: "Standing by", failed: "Failed", loading: "Loading" };
const MODEL_STATES = { absent: "Not downloaded", pulling: "Downloading", installed: "Installed", damaged: "Damaged" };

/** What the cache holds, and where. @type {Record<string, string>} */
const CACHED = { embedding: "Meanings", speech: "Speech", memory: "Memory", redis: "Redis", file: "File" };

/** @param {number} bytes */
function size(bytes) {
  const units = ["bytes", "kB", "MB", "GB", "TB"];
  const power = bytes < 1000 ? 0 : Math.min(4, Math.floor(Math.log10(bytes) / 3));
  const value = bytes / 1000 ** power;
  return `${value.toLocaleString("en", { maximumFractionDigits: value < 10 && power > 1 ? 1 : 0 })} ${units[power]}`;
}

/** @type {Map<string, Model["state"]>} */
const lastStates = new Map();
/** @type {Map<string, State>} of engines and parts */
const lastStandings = new Map();
/** @type {Map<string, number>} quarters of each download announced */
const lastQuarters = new Map();

/** @param {Picture} picture */
function draw({ engines, parts = [], models, free_bytes }) {
  showProblem("connection", "");
  setText(byId("free"), `${size(free_bytes)} of disk space are free.`);
  drawLadders(engines);
  drawParts(parts);
  for (const standing of [...engines, ...parts]) announceStanding(standing);
  const place = byId("models");
  for (const kind of /** @type {Kind[]} */ (Object.keys(KINDS))) {
    const ofKind = models.filter((model) => model.kind === kind);
    const group = keep(place, `group-${kind}`, () =>
      element("section", { "aria-labelledby": `heading-${kind}` }, element("h3", { id: `heading-${kind}` }, KINDS[kind]), element("ul", {})),
    );
    group.hidden = ofKind.length === 0;
    const list = /** @type {HTMLElement} */ (group.querySelector("ul"));
    for (const model of ofKind) drawModel(list, model);
    prune(list, ofKind.map((model) => `model-${model.id}`));
  }
  prune(place, Object.keys(KINDS).map((kind) => `group-${kind}`));
  for (const model of models) announce(model);
}

/** @param {Standing[]} engines */
function drawLadders(engines) {
  const ladders = /** @type {Kind[]} */ (Object.keys(KINDS)).map((kind) => {
    const rungs = engines.filter((engine) => engine.kind === kind).map(row);
    const inside = rungs.length ? element("ol", {}, ...rungs) : element("p", {}, "None.");
    return element("div", { class: "ladder" }, element("h3", {}, KINDS[kind]), inside);
  });
  const place = byId("ladders");
  const fresh = element("div", {}, ...ladders);
  if (place.innerHTML !== fresh.innerHTML) place.replaceChildren(...fresh.childNodes);
}

/** @param {Standing[]} parts */
function drawParts(parts) {
  byId("parts-section").hidden = parts.length === 0;
  const place = byId("parts");
  const fresh = element("ul", {}, ...parts.map(row));
  if (place.innerHTML !== fresh.innerHTML) place.replaceChildren(...fresh.childNodes);
}

/** @param {Layer[]} layers */
function drawCache(layers) {
  byId("cache-section").hidden = layers.length === 0;
  const lines = layers.map(({ kind, layer, hits, misses, bytes }) => {
    const rate = hits + misses ? `${Math.round((100 * hits) / (hits + misses))} %` : "–";
    const numbers = [hits.toLocaleString("en"), misses.toLocaleString("en"), rate, layer === "redis" ? "–" : size(bytes)];
    const cells = [CACHED[layer] ?? layer, ...numbers].map((text) => element("td", {}, text));
    return element("tr", {}, element("th", { scope: "row" }, CACHED[kind] ?? kind), ...cells);
  });
  byId("cache").replaceChildren(...lines);
}

/** @param {Standing} standing */
function row({ name, state, detail, remedy, next_try_seconds: wait }) {
  const again = state === "failed" && wait ? `It is asked again in ${Math.ceil(wait)} s.` : "";
  const lines = [[detail, again].filter(Boolean).join(" "), remedy ?? ""].filter(Boolean);
  return element(
    "li",
    { "data-state": state },
    element("strong", {}, name),
    element("span", { class: "badge" }, ENGINE_STATES[state]),
    ...lines.map((line) => element("p", {}, line)),
  );
}

/** @param {HTMLElement} list @param {Model} model */
function drawModel(list, model) {
  const key = `model-${model.id}`;
  const item = keep(list, key, () => {
    const name = `${key}-name`;
    return element(
      "li",
      { "aria-labelledby": name },
      element("div", {}, element("h4", { id: name }), element("p", { class: "purpose" }), element("p", { class: "facts" })),
      element("div", { class: "doing" }, element("span", { class: "badge" }), element("div", { class: "actions" })),
      element("div", { class: "progress" }, element("progress", { "aria-labelledby": name }), element("span", {})),
      element("p", { class: "problem" }),
    );
  });
  const part = (/** @type {string} */ selector) => /** @type {HTMLElement} */ (item.querySelector(selector));
  setAttribute(item, "data-state", model.state);
  setText(part("h4"), model.name);
  setText(part(".purpose"), model.purpose);
  setText(part(".facts"), [size(model.size_bytes), model.language, `licence: ${model.licence}`].filter(Boolean).join(" · "));
  setText(part(".badge"), MODEL_STATES[model.state]);
  setText(part(".problem"), model.error ?? "");
  part(".problem").hidden = !model.error;
  drawProgress(part(".progress"), model);
  drawActions(part(".actions"), model);
}

/** @param {HTMLElement} place @param {Model} model */
function drawProgress(place, { state, received_bytes: received, total_bytes: total }) {
  place.hidden = state !== "pulling";
  const bar = /** @type {HTMLProgressElement} */ (place.querySelector("progress"));
  if (total > 0) {
    bar.max = total;
    bar.value = received;
  } else bar.removeAttribute("value");
  const share = total > 0 ? `, ${Math.floor((100 * received) / total)} %` : "";
  setText(/** @type {Element} */ (place.querySelector("span")), `${size(received)}${total > 0 ? ` of ${size(total)}` : ""}${share}`);
}

/** @param {HTMLElement} place @param {Model} model */
function drawActions(place, model) {
  /** @type {Record<Model["state"], [string, () => void][]>} */
  const offers = {
    absent: [["Download", () => act(model, "POST", "/pull")]],
    pulling: [["Cancel", () => act(model, "DELETE", "/pull")]],
    installed: [["Remove", () => confirmRemoval(model)]],
    damaged: [
      ["Download again", () => act(model, "POST", "/pull")],
      ["Remove", () => confirmRemoval(model)],
    ],
  };
  const wanted = offers[model.state];
  if ([...place.children].map((child) => child.firstChild?.textContent).join() === wanted.map(([label]) => label).join()) return;
  const hadFocus = place.contains(document.activeElement);
  place.replaceChildren(...wanted.map(([label, run]) => button(label, run, { about: model.name })));
  if (hadFocus) /** @type {HTMLElement} */ (place.firstElementChild).focus();
}

/** Said once per change of state, and at every fourth of a download. @param {Model} model */
function announce({ id, name, state, error, received_bytes, total_bytes }) {
  const before = lastStates.get(id);
  lastStates.set(id, state);
  const quarter = state === "pulling" && total_bytes > 0 ? Math.floor((4 * received_bytes) / total_bytes) : 0;
  const further = quarter > (lastQuarters.get(id) ?? 0);
  lastQuarters.set(id, quarter);
  if (before === undefined) return;
  if (before !== state) say(`${name}: ${error ?? MODEL_STATES[state]}.`);
  else if (further) say(`${name}: ${quarter * 25} percent.`);
}

/** Failing and coming back only; which of several stands by is no news. @param {Standing} standing */
function announceStanding({ kind, name, state }) {
  const key = `${kind} ${name}`;
  const before = lastStandings.get(key);
  if (state !== "loading") lastStandings.set(key, state);
  if (before === undefined || state === "loading" || (before === "failed") === (state === "failed")) return;
  say(state === "failed" ? `${name} failed.` : `${name} is back.`);
}

/** @param {Model} model @param {"POST"|"DELETE"} method @param {"/pull"|""} what */
async function act(model, method, what) {
  const answer = await ask(method, `/api/models/${encodeURIComponent(model.id)}${what}`, { about: model.name });
  if (answer !== undefined) await refresh();
}

/** @param {Model} model */
async function confirmRemoval(model) {
  const text = `${model.name} (${size(model.size_bytes)}) would have to be downloaded again.`;
  if (await confirmed({ title: "Remove this model?", text, yes: "Remove", no: "Keep it" })) await act(model, "DELETE", "");
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
