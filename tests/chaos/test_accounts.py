"""The accounts find what they are for: a lost turn, a turn without a sign, a tier that lies, an uncaught bug."""

import json
import sqlite3
from pathlib import Path

import pytest

from app.notices import tell
from tests.chaos.accounts import Books, Entry, ask_turn_log, end_of, is_answer
from tests.chaos.driver import Outcome, Story
from tests.chaos.faults import Switches
from tests.chaos.journal import complaints
from tests.chaos.plan import breakages, engine_faults, turns
from tests.chaos.report import as_json, broken_promises, misses
from tests.chaos.watch import Wrong
from tests.made.client import Seen

GIVEN_BACK = (
    "No speech recogniser was working. I kept the recording: it can be answered later, or you say it again, or type it."
)


def seen(at: float, kind: str, what: str, detail: str = "") -> Seen:
    return Seen(at, kind, what, detail)  # type: ignore[arg-type]  # a test writes them as it likes


def outcome(books: Books, tmp_path: Path, **else_: object) -> Outcome:
    log = tmp_path / "server.log"
    log.touch()
    made = Outcome(
        story=Story(1, 1, 1),
        began=0.0,
        seconds=1.0,
        books=books,
        witness=ask_turn_log(turn_log(tmp_path, "answered")),
        left_by_the_last=ask_turn_log(tmp_path / "turns.sqlite"),
        happened=[],
        skipped=set(),
        wrong_tiers=[],
        harmed=Switches(tmp_path / "faults").harmed(),
        complaints=complaints(log),
        troubles={},
        refused=[],
        exit_status=0,
        starts=1,
        megabytes=0.0,
        finished=True,
    )
    for name, value in else_.items():
        setattr(made, name, value)
    return made


def turn_log(folder: Path, *outcomes: str | None) -> Path:
    file = folder / "turns.sqlite"
    file.unlink(missing_ok=True)
    log = sqlite3.connect(file)
    with log:
        log.execute("create table sayings (id text, outcome text)")
        log.executemany("insert into sayings values (?, ?)", [(str(n), each) for n, each in enumerate(outcomes)])
    log.close()
    return file


def an_answered_turn() -> Books:
    books = Books()
    entry = books.put_in(0, "typed", "hello")
    entry.learn([seen(entry.at + 0.1, "state", "thinking"), seen(entry.at + 0.5, "answer", "Good morning.")])
    return books


def test_a_turn_that_was_answered_breaks_no_promise(tmp_path: Path) -> None:
    well = outcome(an_answered_turn(), tmp_path)
    assert broken_promises(well) == misses(well) == []
    figures = as_json(well, "a test")
    assert figures["ends"] == {"answered": 1}
    assert figures["first sign of life, seconds"]["max"] == pytest.approx(0.5)
    assert figures["the same, with the bare word thinking"]["max"] == pytest.approx(0.1)
    assert json.dumps(figures)


def test_a_lost_turn_is_found(tmp_path: Path) -> None:
    books = an_answered_turn()
    books.put_in(0, "spoken", "and now?")
    assert [promise.split()[0] for promise in broken_promises(outcome(books, tmp_path))] == ["lost"]


def test_what_is_left_unsettled_in_the_turn_log_is_found(tmp_path: Path) -> None:
    witness = ask_turn_log(turn_log(tmp_path, "answered", None, "offered"))
    assert (witness.sayings, witness.unsettled) == (3, 1)
    assert witness.outcomes == {"answered": 1, "offered": 1}
    left = outcome(an_answered_turn(), tmp_path, left_by_the_last=witness)
    assert "unsettled" in broken_promises(left)[0]


def test_a_wrong_tier_and_a_run_that_was_broken_off_are_found(tmp_path: Path) -> None:
    told = outcome(
        an_answered_turn(), tmp_path, wrong_tiers=[Wrong("person 1", "full", "text", 7.0, 1.0)], finished=False
    )
    assert len(broken_promises(told)) == 2


def test_a_turn_without_a_sign_of_life_in_time_is_found(tmp_path: Path) -> None:
    books = an_answered_turn()
    late = books.put_in(0, "typed", "are you there?")
    late.learn([seen(late.at + 0.1, "state", "thinking"), seen(late.at + 3.0, "answer", "Yes.")])
    found = misses(outcome(books, tmp_path))
    assert len(found) == 1
    assert found[0].startswith("3.00 s")


@pytest.mark.parametrize(
    ("shown", "end"),
    [
        (seen(1, "answer", "Hello."), "answered"),
        (seen(1, "offer", "some-id"), "offered"),
        (seen(1, "notice", "no-words"), "no-words"),
        (seen(1, "notice", "session-failed"), "told"),
        (seen(1, "notice", "engine-failed"), None),
        (seen(1, "state", "thinking", "still working"), None),
        (seen(1, "reply", "Hel"), None),
        (seen(1, "answer", " ".join(tell("en", each) for each in ("hearing-lost", "voice-lost"))), None),
        (seen(1, "answer", GIVEN_BACK), None),
    ],
)  # fmt: skip
def test_the_end_of_a_turn_is_told_from_what_is_shown(shown: Seen, end: str | None) -> None:
    assert end_of([shown]) == end


def test_the_end_of_an_earlier_reply_is_no_answer() -> None:
    assert end_of([seen(1, "answer", "About that …", "old")], {"old"}) is None


def test_an_answer_after_news_of_the_assistant_is_an_answer() -> None:
    assert is_answer(f"{tell('en', 'hearing-back')} {tell('en', 'voice-back')} It is four.")


def test_a_bug_that_nobody_caught_is_found_and_a_planted_one_that_was_is_not(tmp_path: Path) -> None:
    log = tmp_path / "server.log"
    lines = [
        {"event": "engine ready", "level": "info"},
        {"event": "engine broke", "exception": [{"exc_type": "Planted", "exc_value": "planted: a bug in stt/x"}]},
        {"event": "engine broke", "exception": [{"exc_type": "KeyError", "exc_value": "'text'"}]},
        {"event": "session ended by a bug", "exception": [{"exc_type": "KeyError", "exc_value": "'text'"}]},
        {"event": "unexpected", "logger": "chainlit", "exception": [{"exc_type": "KeyError", "exc_value": "'text'"}]},
    ]
    log.write_text("\n".join(map(json.dumps, lines)) + "\nTraceback (most recent call last):\n  …\nKeyError\n")
    found = complaints(log)
    assert [each.line for each in found] == [3, 4, 5, 6]
    assert [each.ours for each in found] == [True, True, False, True]


def test_a_seed_is_a_plan() -> None:
    def plan(seed: int) -> object:
        faults, things = engine_faults(seed, "stt", pace=1), breakages(seed, pace=1)
        return (
            list(turns(seed, 0, 50, speaks=True)),
            [next(faults) for _ in range(30)],
            [next(things) for _ in range(30)],
        )

    assert plan(7) == plan(7)
    assert plan(7) != plan(8)


def test_every_kind_of_fault_comes_before_any_comes_again() -> None:
    things = breakages(1, pace=1)
    first = [next(things).what for _ in range(18)]
    assert len(set(first)) == 18


def test_what_was_put_in_just_before_a_run_was_broken_off_is_not_lost_and_what_waited_long_is() -> None:
    books = Books()
    long_ago, just_now, answered = (books.put_in(0, "typed", words) for words in ("one", "two", "three"))
    long_ago.at -= 60.0
    answered.end = "answered"
    books.break_off(50.0)
    assert [each.end for each in (long_ago, just_now, answered)] == [None, "broken-off", "answered"]
    assert [*books.lost()] == [long_ago]


def test_only_what_a_turn_brings_shows_that_it_was_taken() -> None:
    typed, spoken = Entry(0, "typed", "x", 0.0), Entry(0, "spoken", "x", 0.0)
    news = [
        Seen(1.0, "notice", "I can't hear you just now.", ""),
        Seen(1.0, "offer", "y", ""),
        Seen(1.0, "words", "x", ""),
    ]
    for entry in (typed, spoken):
        entry.learn(news)
    assert (typed.taken, spoken.taken) == (False, True)
    typed.learn([Seen(2.0, "state", "thinking", "")])
    assert typed.taken
