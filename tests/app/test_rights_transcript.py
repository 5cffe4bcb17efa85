"""A conversation as files that open without Nightingale."""

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.reviewing import Logged, Said
from app.rights.exporting import joined
from app.rights.files import safe_name
from app.rights.transcript import ASSISTANT, YOU, Line, Transcript, as_json, as_markdown, as_webvtt

BEGAN = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
THREAD = "12345678-1234-4234-8234-123456789abc"


def at(seconds: float) -> datetime:
    return BEGAN + timedelta(seconds=seconds)


def told(*lines: Line, title: str = "Hello") -> Transcript:
    return Transcript(THREAD, title, BEGAN, lines, {"turns": []})


def test_captions_say_who_speaks_and_when() -> None:
    said = as_webvtt(told(Line(YOU, "What time is it?", at(0), 1.5), Line(ASSISTANT, "It is noon.", at(61.25), 2.0)))
    assert said.decode().split("\n\n")[2:] == [
        "1\n00:00:00.000 --> 00:00:01.500\n<v You>What time is it?</v>",
        "2\n00:01:01.250 --> 00:01:03.250\n<v Nightingale>It is noon.</v>\n",
    ]


def test_a_caption_ends_when_the_next_one_begins() -> None:
    said = as_webvtt(told(Line(YOU, "A long story", at(0), 30.0), Line(ASSISTANT, "Stop.", at(2), 1.0))).decode()
    assert "00:00:00.000 --> 00:00:02.000" in said


def test_words_can_neither_end_a_caption_nor_become_a_tag() -> None:
    said = as_webvtt(told(Line(YOU, "a <b>\n\n1\n00:00 --> 00:01 & c", at(0)), title="t --> \n\n x")).decode()
    assert said.count("-->") == 1
    assert "<v You>a &lt;b&gt; 1 00:00 --&gt; 00:01 &amp; c</v>" in said


def seconds(clock: str) -> float:
    hours, minutes, rest = clock.split(":")
    return int(hours) * 3600 + int(minutes) * 60 + float(rest)


@given(st.lists(st.tuples(st.text(max_size=40), st.floats(-10, 1e6), st.none() | st.floats(0, 1e4)), max_size=8))
def test_captions_are_in_order_and_each_has_a_length(said: list[tuple[str, float, float | None]]) -> None:
    captions = as_webvtt(told(*(Line(YOU, text, at(when), long) for text, when, long in said))).decode()
    times = re.findall(r"^(\d\d+):(\d\d):(\d\d\.\d{3}) --> (\d\d+):(\d\d):(\d\d\.\d{3})$", captions, re.MULTILINE)
    spans = [
        (int(a) * 3600 + int(b) * 60 + float(c), int(d) * 3600 + int(e) * 60 + float(f)) for a, b, c, d, e, f in times
    ]
    assert len(spans) == sum(bool(text.strip()) for text, _, _ in said)
    assert all(start < end for start, end in spans)
    assert [start for start, _ in spans] == sorted(start for start, _ in spans)


@given(st.text())
def test_any_title_gives_a_name_that_any_disk_takes(title: str) -> None:
    name = safe_name(title, "untitled")
    assert 0 < len(name.encode()) <= 120
    assert not set(name) & set('/\\:*?"<>|. \n\t\0')
    assert name == Path(name).name
    assert name.casefold() not in {"con", "nul", "aux", "com1"}


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("What is my dog's name?", "What-is-my-dog-s-name"),
        ("../../etc/passwd", "etc-passwd"),
        ("Grüße, 東京 हिन्दी", "Grüße-東京-हिन्दी"),
        ("NUL", "untitled"),
        ("🙂", "untitled"),
    ],
)
def test_a_title_stays_readable_in_a_name(title: str, name: str) -> None:
    assert safe_name(title, "untitled") == name


def test_two_threads_of_one_title_have_two_folders() -> None:
    other = Transcript("87654321" + THREAD[8:], "Hello", BEGAN, (), {})
    assert told().folder != other.folder


def logged(*said: Said, turn: str | None = "t1", heard: list[tuple[str, float]] | None = None) -> Logged:
    return Logged(turn, said, None if heard is None else {"heard": heard})


def test_what_was_said_by_voice_stands_with_its_recording_when_it_began() -> None:
    shown = {
        "name": "Noon",
        "createdAt": at(5).isoformat(),
        "steps": [
            {"type": "user_message", "output": "one two", "createdAt": at(6).isoformat(), "metadata": {"turn": "t1"}},
            {"type": "run", "output": "", "createdAt": at(6).isoformat()},
            {"type": "assistant_message", "output": "three", "createdAt": at(7).isoformat(), "metadata": {}},
        ],
    }
    parts = (Said("a", "one", at(3), seconds=1.0, recorded=True), Said("b", "two", at(5), seconds=1.0, recorded=True))
    whole = joined(THREAD, shown, [logged(*parts)], {"a": "a.flac"})
    assert whole is not None
    assert whole.began_at == at(2)
    assert [(each.speaker, each.text, each.at, each.recording) for each in whole.lines] == [
        (YOU, "one", at(2), "a.flac"),
        (YOU, "two", at(4), None),
        (ASSISTANT, "three", at(7), None),
    ]
    assert "recordings/a.flac" in as_markdown(whole).decode()
    facts = json.loads(as_json(whole))
    assert facts["turns"][0]["sayings"][0]["recording"] == "recordings/a.flac"


def test_a_thread_that_was_never_on_a_page_is_told_from_the_log() -> None:
    whole = joined(THREAD, {}, [logged(Said("a", "hello", at(3)), heard=[("Hi.", 1.0), ("Not heard.", 0.0)])], {})
    assert whole is not None
    assert [(each.speaker, each.text) for each in whole.lines] == [(YOU, "hello"), (ASSISTANT, "Hi.")]
    assert whole.title == "hello"


def test_of_a_thread_of_which_nothing_is_left_there_is_nothing_to_tell() -> None:
    assert joined(THREAD, {}, [], {}) is None
