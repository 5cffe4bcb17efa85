"""Whatever happens: the page plays each sample that it was given once and in order, and sends each that it may once.

The two audio threads and what stands between the microphone and the wire, in a real Chromium, but on the test's clock:
thousands of blocks, of which every sample is looked at, against what a list of them would do.
"""

from collections.abc import Callable, Generator
from itertools import pairwise
from typing import Any

import pytest
from anyio.from_thread import start_blocking_portal
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.browser.chromium import executable, open_chromium, open_page, serve_public

pytestmark = pytest.mark.browser

BLOCK = 128
"""Samples that an audio thread is asked for at once."""
FRAME = 512
LONG_QUIET = 94
TOGETHER = 3
BEFORE = 8
"""Frames before a press that go with what follows."""
TAIL = 200
FRAME_MS = 32

PAGE = """<!doctype html><title>sound</title><script type="module">
import { Gathering } from "/public/voice/gathering.js";
import { Talk } from "/public/voice/talk.js";

// What an audio thread gives its processors; one of them is made of `file`, as if at `rate`.
const sources = {};
for (const file of ["player-worklet", "capture-worklet"]) {
  sources[file] = await (await fetch(`/public/voice/${file}.js`)).text();
}
function processor(file, rate, processorOptions) {
  class AudioWorkletProcessor {
    told = [];
    port = { postMessage: (message) => this.told.push(message) };
  }
  let type;
  const run = new Function("AudioWorkletProcessor", "registerProcessor", "sampleRate", "currentTime", sources[file]);
  run(AudioWorkletProcessor, (_, made) => (type = made), rate, 0);
  return new type({ processorOptions });
}

// After each order and each block: what was told, how much has been taken in all, and what sounded.
window.play = (orders) => {
  const player = processor("player-worklet", 24000, { prebuffer: 256, patience: 1024 });
  let over = 0;
  const story = [];
  const note = (what, sound) => {
    const told = player.told.splice(0);
    for (const { state, samples } of told) if (state === "ended" || state === "flushed") over += samples;
    story.push({ what, told, sound, taken: over + player.tracks.reduce((sum, { heard }) => sum + heard, 0) });
  };
  for (const [what, detail, pcm] of orders) {
    if (what !== "blocks") {
      const data = { do: what };
      if (what === "write" || what === "ending") data.track = detail;
      if (what === "write") data.pcm = Int16Array.from(pcm);
      player.port.onmessage({ data });
      note(what, []);
    }
    for (let time = 0; what === "blocks" && time < detail; time++) {
      const out = new Float32Array(128);
      player.process([], [[out]]);
      note(what, out.some(Boolean) ? Array.from(out, (sample) => sample * 32768) : []);
    }
  }
  return story;
};

// The frames; and the same microphone sample by sample, with how many there were at each mute.
window.capture = (rate, steps) => {
  const frames = processor("capture-worklet", rate, { rate: 16000, frameSamples: 512 });
  const samples = processor("capture-worklet", rate, { rate: 16000, frameSamples: 1 });
  const mutes = [];
  let [at, muted, alive] = [0, false, true];
  for (const step of steps) {
    if (typeof step === "string") {
      frames.port.onmessage({ data: step });
      if (step === "close") samples.port.onmessage({ data: step });
      muted = step === "mute";
      if (muted) mutes.push(samples.told.length);
      continue;
    }
    for (let time = 0; time < step; time++) {
      const block = Float32Array.from({ length: 128 }, () => Math.sin((at += 1) ** 2) / 2);
      alive = frames.process([[block]]);
      if (!muted) samples.process([[block]]);
    }
  }
  const numbers = (told) => told.map((buffer) => [...new Int16Array(buffer)]);
  return { frames: numbers(frames.told), samples: numbers(samples.told).flat(), mutes, alive };
};

// Frames of 32 ms, each beginning with its number, through the talk button to the wire.
await new Promise((resolve) => setTimeout(resolve)); // the last thing that takes real time
let [now, timers] = [0, new Map()];
globalThis.setTimeout = (deed, after) => (timers.set(deed, now + after), deed);
globalThis.clearTimeout = (timer) => timers.delete(timer);
window.send = (steps) => {
  [now, timers] = [0, new Map()];
  const wire = [];
  const talk = new Talk({ began: () => wire.push("began"), ended: () => wire.push("ended") });
  document.body.replaceChildren(talk.root);
  const gathered = () =>
    new Gathering((frames) => {
      const all = new Int16Array(frames);
      for (let at = 0; at < all.length; at += 512) wire.push(all[at]);
    });
  let gathering = gathered();
  let [number, stale, sounding] = [0, false, false];
  const key = (type) => talk.root.dispatchEvent(new KeyboardEvent(type, { key: " ", bubbles: true }));
  for (const [what, detail] of steps) {
    if (what === "quiet" || what === "loud") {
      for (let time = 0; time < detail; time++) {
        now += 32;
        for (const [deed, due] of [...timers]) if (due <= now && timers.delete(deed)) deed();
        const frame = new Int16Array(512).fill(what === "loud" ? 1000 : 10);
        frame[0] = number++;
        const passed = talk.pass(frame.buffer);
        if (!stale) for (const each of passed) gathering.take(each, sounding);
      }
    }
    if (what === "ending") talk.show(detail);
    if (what === "down") key("keydown");
    if (what === "up") key("keyup");
    if (what === "click" && talk.isWanted) talk.root.click(); // as assistive technology does
    if (what === "stale") stale = detail;
    if (what === "sounding") sounding = detail;
    if (what === "closed") {
      talk.release();
      talk.forget();
      gathering = gathered();
    }
  }
  return wire;
};
window.ready = true;
</script>"""

Run = Callable[..., Any]


@pytest.fixture(scope="module")
def run() -> Generator[Run]:
    """Calls a function of the page: with a loop of its own, for the tests are no coroutines."""
    executable()
    with (
        serve_public({"/": PAGE}) as origin,
        start_blocking_portal("asyncio") as portal,
        portal.wrap_async_context_manager(open_chromium()) as browser,
        portal.wrap_async_context_manager(open_page(browser)) as page,
    ):
        portal.call(page.goto, origin)
        portal.call(page.wait_for_function, "window.ready")
        yield lambda name, *given: portal.call(page.evaluate, f"(given) => {name}(...given)", list(given))


# -- the loudspeaker -----------------------------------------------------------------------------------------------

WRITES = st.tuples(st.just("write"), st.booleans(), st.integers(1, 400))
"""Whether it begins a new track, and how many samples."""
ENDINGS = st.tuples(st.just("ending"), st.sampled_from(["latest", "earlier", "unheard"]))
BLOCKS = st.tuples(st.just("blocks"), st.sampled_from([1, 1, 2, 3, 10]))
BREAKS = st.lists(st.tuples(st.sampled_from(["pause", "pause", "resume", "resume", "flush"])), max_size=4)
"""All before the next block: what the network held up comes at once."""
MOMENTS = st.tuples(st.lists(st.one_of(WRITES, WRITES, ENDINGS), max_size=3), BLOCKS, BREAKS)


@settings(max_examples=40, deadline=None)
@given(st.lists(MOMENTS, max_size=10))
def test_what_sounds_is_what_was_written_in_order_and_the_positions_told_are_right(
    run: Run, moments: list[tuple[list[tuple[Any, ...]], tuple[Any, ...], list[tuple[Any, ...]]]]
) -> None:
    written = Written()
    orders = [written.order(step) for fed, blocks, breaks in moments for step in (*fed, blocks, *breaks)]
    story = run("play", [*orders, ("resume",), ("ending", written.latest), ("blocks", 12 + written.samples // BLOCK)])
    follow(story, [*orders, ("resume",), ("ending", written.latest)])


class Written:
    """Samples of which neighbours are never alike, in tracks of which none is begun twice."""

    def __init__(self) -> None:
        self.samples = 0
        self._tracks = self._unheard = 0
        self._over = False

    @property
    def latest(self) -> str:
        return f"r.{self._tracks}"

    def order(self, step: tuple[Any, ...]) -> tuple[Any, ...]:
        match step:
            case ("write", new, count):
                self._tracks += new or self._over
                self._over = False
                values = [(self.samples + n) % 32_000 + 1 for n in range(count)]
                self.samples += count
                return "write", self.latest, values
            case ("ending", "latest"):
                self._over = True
                return "ending", self.latest
            case ("ending", "earlier") if self._tracks > 0:
                return "ending", f"r.{self._tracks - 1}"
            case ("ending", _):
                self._unheard += 1
                return "ending", f"unheard.{self._unheard}"
            case ("flush",):
                self._over = True
                return step
            case _:
                return step


def follow(story: list[dict[str, Any]], orders: list[tuple[Any, ...]]) -> None:
    """Through all that happened, with a list of what has sounded and what is to sound."""
    line: list[tuple[str, int]] = []
    faded: set[int] = set()
    final: dict[str, list[str]] = {}
    coming = iter(orders)
    rendered = taken = 0
    for moment in story:
        before, taken = taken, moment["taken"]
        if moment["what"] == "blocks":
            sounding = line[rendered:taken]
            assert len(sounding) <= BLOCK, "more was counted than a block can hold"
            for at, sample in enumerate(moment["sound"] or BLOCK * [0]):
                value = sounding[at][1] if at < len(sounding) else 0
                assert 0 <= sample <= value if rendered + at in faded else sample == value
            rendered = taken
        else:
            order = next(order for order in coming if order[0] != "blocks")
            assert order[0] == moment["what"]
            match order:
                case ("write", track, values):
                    line += [(track, value) for value in values]
                case ("pause",) | ("flush",):
                    faded |= {*range(before, taken)}
                case ("resume",):
                    faded |= {*range(taken, taken + BLOCK)}
            if order == ("flush",):
                del line[taken:]
                faded &= {*range(taken)}
        for report in moment["told"]:
            check(report, line[:taken], final)
    assert taken == rendered == len(line), "all of it has sounded"
    assert {track for track, _ in line} <= {*final}
    assert all(len(each) == 1 for each in final.values()), "each track ends once"


def check(report: dict[str, Any], sounded: list[tuple[str, int]], final: dict[str, list[str]]) -> None:
    if "track" not in report:
        return  # idle
    position = sum(track == report["track"] for track, _ in sounded)
    if "began" in report:
        assert 1 <= report["samples"] <= position
    else:
        assert report["samples"] == position
    if report["state"] in ("ended", "flushed"):
        final.setdefault(report["track"], []).append(report["state"])


# -- the microphone ------------------------------------------------------------------------------------------------


@settings(max_examples=15, deadline=None)
@given(
    st.sampled_from([16_000, 44_100, 48_000]),
    st.lists(st.tuples(st.integers(0, 40), st.integers(0, 10)), max_size=6),
    st.booleans(),
)
def test_the_frames_are_all_that_came_while_nobody_was_muted_but_for_the_part_of_one_before_each_mute(
    run: Run, rate: int, muted_after: list[tuple[int, int]], closed: bool
) -> None:
    steps: list[Any] = [each for loud, mute in muted_after for each in (loud, "mute", mute, "unmute")]
    result = run("capture", rate, [*steps, 30, *["close", 5] * closed])
    samples = result["samples"]
    edges = [0, *result["mutes"], len(samples)]
    stretches = [samples[since:until] for since, until in pairwise(edges)]
    assert result["frames"] == [
        stretch[at : at + FRAME] for stretch in stretches for at in range(0, len(stretch) - FRAME + 1, FRAME)
    ]
    heard_blocks = sum(loud for loud, _ in muted_after) + 30
    assert len(samples) == pytest.approx(heard_blocks * BLOCK * 16_000 / rate, abs=70)  # the filter's length
    assert result["alive"] is not closed


SENDING = st.one_of(
    st.tuples(st.sampled_from(["loud", "quiet"]), st.integers(1, 12)),
    st.tuples(st.just("quiet"), st.just(LONG_QUIET + 4)),
    st.tuples(st.sampled_from(["down", "up"]), st.none()),
    st.tuples(st.sampled_from(["down", "up", "click"]), st.none()),
    st.tuples(st.just("closed"), st.none()),
    st.tuples(st.just("sounding"), st.booleans()),
    st.tuples(st.just("stale"), st.booleans()),
    st.tuples(st.just("ending"), st.sampled_from(["hold", "hold", "toggle", "automatic", "over"])),
)


@settings(max_examples=80, deadline=None)
@given(st.sampled_from(["automatic", "hold"]), st.lists(SENDING, max_size=25))
def test_each_frame_that_may_be_sent_is_sent_once_and_in_order_and_no_other(
    run: Run, ending: str, steps: list[tuple[str, Any]]
) -> None:
    wire = run("send", [("ending", ending), *steps])
    presses = [each for each in wire if isinstance(each, str)]
    assert presses == ["began", "ended"] * (len(presses) // 2) + ["began"] * (len(presses) % 2)
    sent, may_wait = [each for each in wire if isinstance(each, int)], TOGETHER - 1
    for due in openings([("ending", ending), *steps]):
        got = [number for number in sent if number in due]
        assert got == due[: len(got)]
        assert len(due) - len(got) <= may_wait, "the last of a long quiet wait for more"
    assert sent == sorted(set(sent))
    assert {*sent} <= {number for due in openings([("ending", ending), *steps]) for number in due}


def openings(steps: list[tuple[str, Any]]) -> list[list[int]]:
    """For each time that the microphone was open, the numbers of the frames that may be sent."""
    due: list[list[int]] = [[]]
    withheld: list[int] = []
    number, now, ending, down, until, stale = 0, 0, "automatic", False, 0, False
    for what, detail in steps:
        match what:
            case "loud" | "quiet":
                for _ in range(detail):
                    now += FRAME_MS
                    withheld.append(number)
                    if ending in ("automatic", "over") or down or now < until:
                        due[-1] += [] if stale else [each for each in withheld if number - each <= BEFORE]
                        withheld.clear()
                    number += 1
            case "down" if ending == "hold":
                down, until = True, 0
            case "up" if ending == "hold" and down:
                down, until = False, now + TAIL
            case "click" if ending in ("hold", "toggle"):
                down, until = not down, now + TAIL if down else 0
            case "ending" if detail != ending:
                ending, down, until = detail, False, now + TAIL if down else until
            case "closed":
                down, until = False, now + TAIL if down else until
                withheld.clear()
                due.append([])
            case "stale":
                stale = detail
            case _:
                pass
    return due
