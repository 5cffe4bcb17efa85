"""What can be wrong with the house itself: its settings, its folder, its disk, its models. It says what, and goes on
where it can.
"""

import json
import os
import socket
import subprocess
import sys
from collections.abc import Generator
from pathlib import Path

import anyio
import httpx
import pytest

from tests.browser.house import Served, nightingale
from tests.made.client import PATIENCE_SECONDS, a_tab
from tests.made.gguf import make_gguf
from tests.made.piper import make_piper
from tests.made.speech import silence, speech, wav_bytes
from tests.made.whisper import make_whisper

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(240)]

NIGHTINGALE = str(Path(sys.executable).with_name("nightingale"))
AS_ROOT = os.geteuid() == 0
WITHOUT_PRIVILEGES = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"] if AS_ROOT else []
"""Root writes wherever it likes, unless it gives that up."""


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def told(data: Path, *command: str, **settings: str) -> str:
    """What a command that cannot be carried out says as it ends."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("NIGHTINGALE_")}
    environment |= {f"NIGHTINGALE_{name}": value for name, value in {"DATA_DIR": str(data), **settings}.items()}
    done = subprocess.run(
        [*WITHOUT_PRIVILEGES, NIGHTINGALE, *(command or ("serve",))],
        env=environment,
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
    )
    said = done.stdout + done.stderr
    assert done.returncode == 1, said
    assert "Traceback" not in said
    return said


# -- it does not start, and says why ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("setting", "value", "allowed"),
    [
        ("PORT", "eighty", "integer"),
        ("VOICE__RATE", "11", "less than or equal to 3"),
        ("VOICE__STT", '[{"engine": "whisperer"}]', "faster-whisper"),
        ("VOICE__TTS", "[not json", "VOICE__TTS"),
        ("LOG__FORMAT", "pretty", "json"),
    ],
)
def test_a_setting_that_is_not_allowed_is_named_with_what_is(
    setting: str, value: str, allowed: str, tmp_path: Path
) -> None:
    said = told(tmp_path, **{setting: value})
    assert f"NIGHTINGALE_{setting}" in said
    assert allowed in said


def test_a_port_that_is_taken_is_named(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        said = told(tmp_path, PORT=str(port))
    assert f"127.0.0.1:{port}" in said
    assert "NIGHTINGALE_PORT" in said


def test_an_address_that_is_not_this_machine_s_is_named(tmp_path: Path) -> None:
    assert "192.0.2.1:8000" in told(tmp_path, HOST="192.0.2.1")


@pytest.mark.parametrize("command", ["serve", "talk"])
def test_a_folder_that_may_not_be_written_to_is_named(command: str, tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir(mode=0o500)
    said = told(data, *_with_speech(command, tmp_path), PORT=_free_port())
    assert str(data) in said
    assert "NIGHTINGALE_DATA_DIR" in said


def test_a_data_folder_that_is_a_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("")
    assert str(tmp_path / "data") in told(tmp_path / "data", PORT=_free_port())


def test_a_history_that_is_damaged_is_named_and_left_as_it_is(tmp_path: Path) -> None:
    damaged = b"SQLite it is not" * 1000
    (tmp_path / "history.sqlite").write_bytes(damaged)
    assert "history.sqlite" in told(tmp_path, PORT=_free_port())
    assert (tmp_path / "history.sqlite").read_bytes() == damaged


async def test_a_second_one_on_the_same_folder_is_told_so_and_the_first_goes_on(tmp_path: Path) -> None:
    data = tmp_path / "data"
    async with nightingale(data) as first:
        for command in ("serve", "talk"):
            said = told(data, *_with_speech(command, tmp_path), PORT=_free_port())
            assert "in use by another Nightingale" in said
        async with a_tab(first.url) as tab:
            assert (await tab.ask("what time is it")).startswith("It is")


def _with_speech(command: str, folder: Path) -> list[str]:
    spoken = folder / "spoken.wav"
    spoken.write_bytes(wav_bytes(silence(1.0)))
    return [command, str(spoken)] if command == "talk" else [command]


def _free_port() -> str:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return str(probe.getsockname()[1])


# -- models that are missing or damaged ------------------------------------------------------------------------


def halved(file: Path) -> Path:
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    return file


async def test_models_that_are_missing_or_damaged_are_named_and_the_next_ones_serve_the_turn(tmp_path: Path) -> None:
    whisper, missing = tmp_path / "whisper", tmp_path / "missing"
    make_whisper(whisper)
    halved(whisper / "model.bin")
    piper = halved(make_piper(tmp_path / "voice.onnx"))
    gguf = tmp_path / "language.gguf"
    make_gguf(gguf)
    halved(gguf)
    stt = [_spec("faster-whisper", missing), _spec("faster-whisper", whisper), {"engine": "pocketsphinx"}]
    tts = [_spec("piper", missing), _spec("piper", piper), {"engine": "espeak"}]
    models = [_spec("llama-cpp", missing), _spec("llama-cpp", gguf)]
    settings = {"VOICE__STT": stt, "VOICE__TTS": tts, "GRAPH__MODELS": models}
    async with nightingale(tmp_path / "data", **{name: json.dumps(value) for name, value in settings.items()}) as house:
        engines = (await _ready(house))["engines"]
        assert [each["name"] for each in engines if each["state"] == "failed"] == [
            "faster-whisper (missing)",
            "faster-whisper (whisper)",
            "piper (missing)",
            "piper (voice.onnx)",
            "llama-cpp (missing)",
            "llama-cpp (language.gguf)",
        ]
        assert all(each["detail"] for each in engines if each["state"] == "failed")
        async with a_tab(house.url, spoken=True) as tab:
            await tab.until(lambda: len(tab.notices) == 6)
            assert {each["code"] for each in tab.notices} == {"engine-unavailable"}
            await tab.microphone_on()
            await tab.speak(silence(0.5) + speech("what time is it", "awb") + silence(1.2))
            await tab.heard("what time is it")
            await tab.until(lambda: tab.answers)
            assert tab.answers[0].startswith("It is")
            assert sum(tab.sounded.values()) > 12_000


def _spec(engine: str, model: Path) -> dict[str, str]:
    return {"engine": engine, "model": str(model)}


async def _ready(house: Served) -> dict[str, list[dict[str, str]]]:
    async with httpx.AsyncClient(base_url=house.url) as client:
        answer: dict[str, list[dict[str, str]]] = (await client.get("/health/ready")).raise_for_status().json()
        return answer


# -- a full disk -----------------------------------------------------------------------------------------------


@pytest.fixture
def small_disk(tmp_path: Path) -> Generator[Path]:
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = AS_ROOT and subprocess.run(["mount", "-t", "tmpfs", "-o", "size=160m", "tmpfs", disk]).returncode == 0
    if not mounted:
        pytest.skip("a small disk can be mounted only by root")
    yield disk
    subprocess.run(["umount", "--lazy", disk], check=True)


def filled(disk: Path) -> Path:
    """Fill the disk to the last byte; unlink what is returned to make room again."""
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as file:
        for size in (1 << 20, 1):
            try:
                while file.write(bytes(size)):
                    pass
            except OSError:
                continue
    return filler


async def test_on_a_full_disk_people_are_answered_and_told_and_kept_again_when_there_is_room(small_disk: Path) -> None:
    async with nightingale(small_disk) as house, a_tab(house.url) as tab:
        assert (await tab.ask("what time is it")).startswith("It is")
        await tab.quiet()
        filler = filled(small_disk)
        assert (await tab.ask("my name is john and I like tea")) != ""
        assert "full" in await tab.notice("history-failed")
        await tab.quiet()
        filler.unlink()
        assert (await tab.ask("what is the date today?")).startswith("Today is")
        with anyio.fail_after(PATIENCE_SECONDS):
            while "what is the date today?" not in await tab.kept():
                await anyio.sleep(0.1)
        assert "what time is it" in await tab.kept()


def test_a_full_disk_at_the_start_is_named(small_disk: Path) -> None:
    filled(small_disk)
    assert "is full" in told(small_disk, PORT=_free_port())
