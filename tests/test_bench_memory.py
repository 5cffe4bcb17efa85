"""The parts of the memory benchmark: reading conversations, fitting weights, counting what is found."""

import json
from pathlib import Path
from typing import Any

import anyio
import numpy as np
import pytest
from click.testing import CliRunner

from bench import memory as command
from bench.fitting import Asked, fit, recall_at
from bench.locomo import read_talks
from bench.recall import FITTED, goals, measure_recall
from memory.weighing import SIGNS
from tests.memory.embedders import BagOfWords


def conversation() -> dict[str, Any]:
    session = [
        {"speaker": "Anna", "dia_id": "D1:1", "text": "Hi Tom! What's new?"},
        {"speaker": "Tom", "dia_id": "D1:2", "text": "I sold my boat.", "blip_caption": "a boat in a harbour"},
        {"speaker": "Anna", "dia_id": "D1:3", "text": "I bought a piano in Rome."},
    ]
    return {
        "speaker_a": "Anna",
        "speaker_b": "Tom",
        "session_1_date_time": "7:48 pm on 21 May, 2023",
        "session_1": session,
        "session_2_date_time": "9:00 am on 3 June, 2023",
        "session_2": [{"speaker": "Tom", "dia_id": "D2:1", "text": "The lake was cold."}],
        "session_3_date_time": "9:00 am on 4 June, 2023",
        "qa": [
            {"question": "What did Anna buy?", "answer": "a piano", "evidence": ["D1:3"], "category": 4},
            {"question": "What did Tom sell?", "answer": "a boat", "evidence": ["D1:2; D:2:1"], "category": 1},
            {"question": "Who knows?", "answer": "nobody", "evidence": ["D9:9"], "category": 4},
            {"question": "What did Anna sell?", "evidence": ["D1:3"], "category": 5},
        ],
    }


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "talks.json"
    path.write_text(json.dumps({"one": conversation(), "other": conversation()}))
    return path


def test_a_turn_becomes_a_memory_of_its_speaker_after_the_turns_before_it(file: Path) -> None:
    talk = read_talks(file)[0]
    assert [turn.source.turn for turn in talk.turns] == ["D1:1", "D1:2", "D1:3", "D2:1"]
    boat, piano, lake = talk.turns[1:]
    assert (boat.text, boat.subject) == ("I sold my boat. [a boat in a harbour]", "Tom")
    assert piano.context == "Anna: Hi Tom! What's new?\nTom: I sold my boat. [a boat in a harbour]"
    assert lake.context == ""
    assert (lake.said_at.day, talk.asked_at.day) == (3, 4)


def test_only_questions_with_evidence_in_the_conversation_are_asked(file: Path) -> None:
    asked = {each.text: each.evidence for each in read_talks(file)[0].questions}
    assert asked == {"What did Anna buy?": {"D1:3"}, "What did Tom sell?": {"D1:2", "D2:1"}}


def test_weights_are_found_that_put_the_right_ones_first() -> None:
    lot = np.random.default_rng(3)
    questions = []
    for _ in range(30):
        signs = lot.standard_normal((12, 3))
        evidence = np.zeros(12)
        evidence[np.argmax(2 * signs[:, 0] - signs[:, 1])] = 1.0
        questions.append(Asked(signs, evidence))
    weights = fit(questions)
    assert weights[0] > -weights[1] > abs(weights[2])
    assert recall_at(questions, weights, (1,)).mean() > 0.9
    assert recall_at(questions, -weights, (1,)).mean() < 0.1


def test_a_sign_that_is_always_the_same_does_no_harm() -> None:
    signs = np.array([[1.0, 0.0], [1.0, 1.0]])
    weights = fit([Asked(signs, np.array([0.0, 1.0]))])
    assert weights[1] > 0
    assert np.isfinite(weights).all()


def test_the_share_of_the_evidence_within_each_depth_is_counted() -> None:
    choice = Asked(np.array([[3.0], [2.0], [1.0]]), np.array([0.5, 0.0, 0.5]))
    assert recall_at([choice], np.ones(1), (1, 2, 3, 9)).tolist() == [[0.5, 0.5, 1.0, 1.0]]


def test_each_ingredient_has_a_row_added_and_left_out_and_a_miss_is_a_miss(file: Path) -> None:
    rows = anyio.run(measure_recall, file, BagOfWords(), lambda _: None)
    names = [row.name for row in rows]
    assert {f"all without {name}" for name in FITTED} | {f"+ {name}" for name in FITTED[1:]} <= set(names)
    assert set(FITTED) < set(SIGNS)
    assert names[-1] == "the weights of the house"
    assert rows[-1].percent == [100.0, 100.0, 100.0]
    assert [met for *_, met in goals(rows)] == [True, True]
    assert [met for *_, met in goals([row for row in rows if "of the house, behind" in row.name])] == [False, False]


def test_without_conversations_the_command_says_so(tmp_path: Path) -> None:
    result = tmp_path / "memory.json"
    said = CliRunner().invoke(command.main, ["--no-lookups", "--locomo", "nowhere.json", "--result", str(result)])
    assert said.exit_code == 0, said.output
    assert "nowhere.json is not there" in said.output
    assert {"commit", "command", "when"} == json.loads(result.read_text()).keys()
