import json
import time
from pathlib import Path

import pytest

from bench.doubts import Heard, Said, area, commands, fitted, heard, people, worth
from tests.graph.phrasings import Phrasing
from tests.made.speech import speech, wav_bytes
from voice.stt.pocketsphinx_doubts import Doubts

SURE = Doubts(behind=3.0, alike=0.9, odd=5.0, expected=False)
UNSURE = Doubts(behind=9.0, alike=0.2, odd=14.0, expected=False)


def made_out(text: str, heard: str, doubts: Doubts, phrasing: Phrasing | None = None) -> Heard:
    return Heard(Said(text, phrasing, b"", "slt"), tuple(heard.split()), doubts)


def figures(section: object) -> dict[str, float]:
    return {each.name: each.values[0] for each in section.figures}  # type: ignore[attr-defined]  # a section


def test_the_area_is_how_often_right_is_above_wrong() -> None:
    assert area([0.9, 0.5], [0.5, 0.1]) == pytest.approx(0.875)


def test_who_is_asked_is_counted_apart_by_whether_they_were_heard_right() -> None:
    found = [
        made_out("what time is it", "what time is it", SURE),
        made_out("good night", "good night", UNSURE),
        made_out("tell me a joke", "tell me a choke", SURE),
        made_out("my dog", "hide all", UNSURE),
    ]
    told = figures(worth("All", found))
    assert told["of them: some word wrong"] == 50
    assert told["of the right ones: needlessly either"] == 50
    assert told["of the wrong ones: to be said again"] == 50


def test_a_command_that_is_asked_about_is_not_done_wrongly() -> None:
    phrasing = Phrasing("next page please", None, "en")
    told = figures(commands([made_out("next page please", "mute", UNSURE, phrasing)]))
    assert told["of these wrongly, done at once"] == 100
    assert told["of these wrongly, where it asks first"] == 0


def test_the_fit_finds_that_what_stays_behind_is_wrong() -> None:
    found = [made_out("yes", "yes", Doubts(2.0 + at / 10, 0.8, 5.0, expected=False)) for at in range(20)]
    found += [made_out("yes", "no", Doubts(3.0 + at / 10, 0.5, 5.0, expected=False)) for at in range(20)]
    _, behind, alike, _, _ = fitted(found)
    assert behind < 0 < alike


def test_people_are_heard_where_somebody_has_recordings(tmp_path: Path) -> None:
    (tmp_path / "one.wav").write_bytes(wav_bytes(speech("what time is it", "kal16")))
    (tmp_path / "transcripts.json").write_text(json.dumps({"one.wav": "what time"}))
    [found] = heard(people(tmp_path), time.monotonic() + 60)
    assert found.is_right
    assert found.confidence > 0.15
