import hashlib
from pathlib import Path

import pytest

from app.hub.catalogue import CATALOGUE, find
from app.hub.store import Machine, ModelStore, language_specs, stt_specs, tts_specs
from app.hub.types import (
    ChecksumMismatch,
    FileRecord,
    Installed,
    Manifest,
    Model,
    NoSuchModel,
    NotInstalled,
    Progress,
    readable,
)
from app.settings import Settings
from app.wiring import wanted_engines
from graph.settings import LlamaCppSpec
from voice.settings import EspeakSpec, FasterWhisperSpec, PiperSpec


def install(root: Path, model: Model, content: bytes = b"weights") -> Installed:
    """As a pull leaves it, with the same few bytes in every file."""
    folder = root / model.id
    folder.mkdir(parents=True)
    records = []
    for file in model.files:
        (folder / file.name).write_bytes(content)
        records.append(FileRecord(name=file.name, size=len(content), sha256=hashlib.sha256(content).hexdigest()))
    manifest = Manifest(
        id=model.id,
        kind=model.kind,
        source="http://hub",
        repo=model.repo,
        revision="0" * 40,
        licence=model.licence,
        installed_at="2026-01-01T00:00:00+00:00",
        files=tuple(records),
    )
    (folder / "manifest.json").write_text(manifest.model_dump_json())
    return Installed(model, folder, manifest)


def test_an_empty_store_has_nothing_and_needs_no_folder(tmp_path: Path) -> None:
    store = ModelStore(tmp_path / "not" / "there")
    assert store.installed() == ()
    assert store.free_bytes() > 0


def test_whole_models_are_listed_and_damaged_ones_are_not(tmp_path: Path) -> None:
    store = ModelStore(tmp_path)
    whole, damaged = install(tmp_path, find("whisper-base.en")), install(tmp_path, find("qwen2.5-0.5b"))
    (damaged.folder / damaged.manifest.files[0].name).write_bytes(b"x")

    assert store.installed() == (whole,)
    assert store.is_damaged(damaged.model)
    assert not store.is_damaged(find("whisper-tiny.en"))


@pytest.mark.parametrize("manifest", ["", "{}", '{"files": [{"name": "../../secret"}]}'])
def test_a_manifest_that_cannot_be_read_means_damage(tmp_path: Path, manifest: str) -> None:
    installed = install(tmp_path, find("whisper-base.en"))
    (installed.folder / "manifest.json").write_text(manifest)
    with pytest.raises(ChecksumMismatch):
        ModelStore(tmp_path).verify(installed.model)


def test_a_changed_byte_is_found_by_verifying_only(tmp_path: Path) -> None:
    store, installed = ModelStore(tmp_path), install(tmp_path, find("whisper-base.en"))
    (installed.folder / "model.bin").write_bytes(b"weighty")

    assert store.find(installed.model) is not None
    with pytest.raises(ChecksumMismatch, match=r"model\.bin"):
        store.verify(installed.model)


def test_verifying_tells_how_far_it_is(tmp_path: Path) -> None:
    installed = install(tmp_path, find("whisper-base.en"))
    seen: list[Progress] = []
    ModelStore(tmp_path).verify(installed.model, seen.append)
    assert seen[-1] == Progress(28, 28)


def test_removing_takes_the_model_and_what_is_left_of_a_pull(tmp_path: Path) -> None:
    store, installed = ModelStore(tmp_path), install(tmp_path, find("whisper-base.en"))
    store.staging(installed.model).mkdir(parents=True)
    (store.staging(installed.model) / "model.bin").write_bytes(b"half")

    store.remove(installed.model)
    assert not store.folder(installed.model).exists()
    assert store.partial_bytes(installed.model) == 0
    with pytest.raises(NotInstalled):
        store.remove(installed.model)


def test_a_name_that_is_not_in_the_catalogue_is_answered_with_those_that_are() -> None:
    with pytest.raises(NoSuchModel, match=r"whisper-base\.en"):
        find("wisper")


def test_the_catalogue_is_consistent() -> None:
    ids = [model.id for model in CATALOGUE]
    assert len(ids) == len(set(ids))
    for model in CATALOGUE:
        assert all("/" not in file.name for file in model.files)
        assert model.licence
        assert model.size_bytes > 10_000_000


def test_recognisers_for_the_language_stand_in_order_with_the_lightest_arithmetic(tmp_path: Path) -> None:
    installed = [
        install(tmp_path, find(id_)) for id_ in ("whisper-tiny.en", "whisper-large-v3-turbo", "whisper-small.en")
    ]

    specs = stt_specs(installed, language="en")
    assert [spec.model.name for spec in specs if isinstance(spec, FasterWhisperSpec)] == [
        "whisper-small.en",
        "whisper-tiny.en",
        "whisper-large-v3-turbo",
    ]
    assert isinstance(specs[0], FasterWhisperSpec)
    assert (specs[0].device, specs[0].compute_type, specs[0].language) == ("cpu", "int8", "en")


def test_a_gpu_turns_the_order_round(tmp_path: Path) -> None:
    installed = [install(tmp_path, find(id_)) for id_ in ("whisper-large-v3-turbo", "whisper-small.en")]
    first = stt_specs(installed, machine=Machine(gpu=True))[0]
    assert isinstance(first, FasterWhisperSpec)
    assert (first.model.name, first.device) == ("whisper-large-v3-turbo", "cuda")


def test_english_models_are_left_out_for_other_languages(tmp_path: Path) -> None:
    installed = [
        install(tmp_path, find(id_)) for id_ in ("whisper-small.en", "piper-de-de-thorsten", "piper-en-us-ljspeech")
    ]
    assert stt_specs(installed, language="de") == ()
    (voice,) = tts_specs(installed, language="de")
    assert isinstance(voice, PiperSpec)
    assert voice.model.name == "de_DE-thorsten-medium.onnx"


def test_voices_of_the_other_languages_of_the_house_stand_below_the_built_in_one(tmp_path: Path) -> None:
    for id_ in ("piper-de-de-thorsten", "piper-en-us-ljspeech"):
        install(tmp_path, find(id_))
    english, built_in, german = wanted_engines(Settings.model_construct(), ModelStore(tmp_path)).tts
    assert isinstance(english, PiperSpec)
    assert isinstance(built_in, EspeakSpec)
    assert isinstance(german, PiperSpec)
    assert (english.model.stem, german.model.stem) == ("en_US-ljspeech-medium", "de_DE-thorsten-medium")


def test_language_models_that_do_not_fit_into_memory_are_left_out(tmp_path: Path) -> None:
    installed = [install(tmp_path, find("qwen3-4b"), b"x" * 4000), install(tmp_path, find("qwen2.5-0.5b"), b"x" * 500)]

    assert len(language_specs(installed)) == 2
    (only,) = language_specs(installed, machine=Machine(memory_bytes=3000))
    assert isinstance(only, LlamaCppSpec)
    assert only.model.name == "qwen2.5-0.5b-instruct-q4_k_m.gguf"


@pytest.mark.parametrize(("size", "text"), [(0, "0 kB"), (483_000_000, "483 MB"), (1_622_000_000, "1.6 GB")])
def test_sizes_are_written_as_people_read_them(size: int, text: str) -> None:
    assert readable(size) == text
