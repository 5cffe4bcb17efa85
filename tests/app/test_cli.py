"""The command line as its user meets it: whole turns without a browser, and the doctor, on real engines."""

import json
import os
import subprocess
import sys
import wave
from pathlib import Path

import anyio
import pytest

from app.manner import Manner
from app.manners import open_manners
from memory.types import UserId
from tests.made.gguf import make_gguf
from tests.made.piper import make_piper
from tests.made.speech import silence, speech, wav_bytes
from tests.made.whisper import make_whisper

pytestmark = pytest.mark.timeout(180)


def nightingale(data: Path, *words: str | Path, **settings: str) -> subprocess.CompletedProcess[str]:
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("NIGHTINGALE_", "CHAINLIT_"))
    }
    environment |= {f"NIGHTINGALE_{name}": value for name, value in settings.items()}
    environment["NIGHTINGALE_DATA_DIR"] = str(data)
    command = [str(Path(sys.executable).parent / "nightingale"), *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, env=environment, cwd=data.parent)


def say(file: Path, text: str, voice: str = "awb") -> Path:
    file.write_bytes(wav_bytes(silence(0.5) + speech(text, voice)))
    return file


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def made_models(tmp_path: Path) -> dict[str, str]:
    """Settings that choose small made models, each loaded by its own real library."""
    whisper = make_whisper(tmp_path / "whisper", "hello this is a scripted test transcript")
    piper = make_piper(tmp_path / "voice.onnx")
    gguf = make_gguf(tmp_path / "model.gguf")
    return {
        "VOICE__STT": json.dumps([{"engine": "faster-whisper", "model": str(whisper), "device": "cpu"}]),
        "VOICE__TTS": json.dumps([{"engine": "piper", "model": str(piper)}]),
        "GRAPH__MODELS": json.dumps([{"engine": "llama-cpp", "model": str(gguf)}]),
    }


def test_a_recording_is_answered_on_the_embedded_engines(tmp_path: Path, data: Path) -> None:
    done = nightingale(data, "talk", say(tmp_path / "q.wav", "what time is it"), "--json")
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert [line.lower() for line in said["heard"]] == ["what time is it"]
    assert said["answered"][0].startswith("It is ")
    with wave.open(said["answer"]) as answer:
        assert answer.getframerate() == 24_000
        assert answer.getnframes() / 24_000 == pytest.approx(said["answer_seconds"], abs=0.1)
        assert answer.getnframes() > 12_000


def test_what_one_conversation_was_told_another_one_knows(tmp_path: Path, data: Path) -> None:
    told = nightingale(data, "talk", say(tmp_path / "told.wav", "my name is john"))
    assert told.returncode == 0, told.stderr
    asked = nightingale(data, "talk", say(tmp_path / "asked.wav", "what is my name"), "--json")
    assert "John" in " ".join(json.loads(asked.stdout)["answered"])


def test_a_recording_is_heard_and_answered_as_its_user_likes_to_talk(tmp_path: Path, data: Path) -> None:
    async def choose() -> None:
        async with open_manners(data / "manners", Manner()) as manners:
            (await manners.of(UserId("anna"))).choose(ending="hold", rate=3.0)
            (await manners.of(UserId("local"))).choose(wake_word="okay-nabu")

    anyio.run(choose)
    question = say(tmp_path / "q.wav", "what time is it")
    seconds = {}
    for user in ("anna", "local"):
        done = nightingale(data, "talk", question, "--json", "--user", user)
        assert done.returncode == 0, done.stdout + done.stderr
        said = json.loads(done.stdout)
        assert [line.lower() for line in said["heard"]] == ["what time is it"]
        seconds[user] = said["answer_seconds"]
    assert seconds["anna"] < 0.6 * seconds["local"]


def test_a_turn_on_whisper_piper_and_llama(tmp_path: Path, data: Path, made_models: dict[str, str]) -> None:
    question = say(tmp_path / "q.wav", "whatever is said")
    done = nightingale(data, "talk", question, "--out", tmp_path / "a.wav", "--json", **made_models)
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert [line.lower().strip(".") for line in said["heard"]] == ["hello this is a scripted test transcript"]
    assert " ".join(said["answered"]) == "Hello, I am a tiny test model."
    assert said["answer_seconds"] > 0.5


def test_a_recording_without_words_is_no_turn(tmp_path: Path, data: Path) -> None:
    quiet = tmp_path / "quiet.wav"
    quiet.write_bytes(wav_bytes(silence(3.0)))
    done = nightingale(data, "talk", quiet, "--json")
    assert done.returncode == 1
    assert json.loads(done.stdout)["heard"] == []


@pytest.mark.parametrize(
    ("name", "content"), [("none.wav", None), ("text.wav", b"this is no sound"), ("empty.wav", b"")]
)
def test_a_file_that_is_no_recording_is_refused_in_words(
    name: str, content: bytes | None, tmp_path: Path, data: Path
) -> None:
    file = tmp_path / name
    if content is not None:
        file.write_bytes(content)
    done = nightingale(data, "talk", file)
    assert done.returncode == 1
    assert name in done.stderr
    assert "Traceback" not in done.stderr


def test_the_doctor_finds_a_fresh_machine_fit_and_says_how_to_do_better(data: Path) -> None:
    done = nightingale(data, "doctor", "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    report = json.loads(done.stdout)
    assert report["can_serve"]
    subjects = {finding["subject"]: finding for finding in report["findings"]}
    assert subjects["A spoken turn"]["verdict"] == "ok"
    assert "nightingale models" in subjects["Language model"]["remedy"] + subjects["Language model"]["detail"]


def test_the_doctor_names_what_does_not_work_and_fails_when_no_spoken_turn_is_left(data: Path) -> None:
    broken = json.dumps([{"engine": "faster-whisper", "model": "/nowhere/whisper"}])
    done = nightingale(data, "doctor", "--json", VOICE__STT=broken)
    assert done.returncode == 1
    findings = json.loads(done.stdout)["findings"]
    assert any(finding["verdict"] == "note" and "whisper" in finding["subject"] for finding in findings)
    assert any(finding["verdict"] == "problem" and finding["subject"] == "A spoken turn" for finding in findings)


def test_the_doctor_needs_a_folder_to_write_to(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    done = nightingale(blocked, "doctor", "--json")
    assert done.returncode == 1
    assert "NIGHTINGALE_DATA_DIR" in done.stdout


def test_a_wrong_setting_is_named_with_what_is_allowed(data: Path) -> None:
    done = nightingale(data, "doctor", PORT="eighty")
    assert done.returncode == 1
    assert "NIGHTINGALE_PORT" in done.stderr
