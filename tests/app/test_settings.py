from pathlib import Path

import pytest

from app.settings import BadSettings, load_settings
from voice.settings import PocketsphinxSpec


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_without_a_word_it_listens_on_this_machine_only() -> None:
    settings = load_settings()
    assert (settings.host, settings.port) == ("127.0.0.1", 8000)
    assert settings.voice.stt is None


def test_nested_settings_come_from_the_environment_and_from_dotenv(monkeypatch: pytest.MonkeyPatch) -> None:
    Path(".env").write_text('NIGHTINGALE_PORT=9000\nNIGHTINGALE_VOICE__STT=[{"engine": "pocketsphinx"}]\n')
    monkeypatch.setenv("NIGHTINGALE_VOICE__ENDPOINTING__SILENCE_SECONDS", "1.5")
    settings = load_settings()
    assert settings.port == 9000
    assert settings.voice.stt == (PocketsphinxSpec(),)
    assert settings.voice.endpointing.silence_seconds == 1.5


@pytest.mark.parametrize(
    ("name", "value", "allowed"),
    [
        ("NIGHTINGALE_PORT", "eighty", "integer"),
        ("NIGHTINGALE_PORT", "70000", "65535"),
        ("NIGHTINGALE_VOICE__RATE", "9", "less than or equal to 3"),
        ("NIGHTINGALE_VOICE__STT", '[{"engine": "whisperer"}]', "faster-whisper"),
        ("NIGHTINGALE_GRAPH__MODELS", '[{"engine": "gpt"}]', "llama-cpp"),
        ("NIGHTINGALE_VOICE__STT", '[{"engine": "faster-whisper", "model": "x", "beams": 3}]', "BEAMS"),
    ],
)
def test_a_wrong_value_is_named_with_what_is_allowed(
    name: str, value: str, allowed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(BadSettings) as complaint:
        load_settings()
    assert name in str(complaint.value)
    assert allowed in str(complaint.value)


def test_a_list_that_is_not_json_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NIGHTINGALE_VOICE", "[pocketsphinx")
    with pytest.raises(BadSettings, match="voice"):
        load_settings()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("NIGHTINGALE_HISTORY__URL", "mysql://night:s3cret@host/name"),
        ("NIGHTINGALE_CHECKPOINTS", '{"store": "postgres", "url": "mysql://night:s3cret@host/name"}'),
        ("NIGHTINGALE_CHECKPOINTS", '{"store": "redis", "uri": "redis://:s3cret@host"}'),
        ("NIGHTINGALE_MEMORY", '{"store": "qdrant-server", "url": "http://host", "api-key": "s3cret"}'),
    ],
)
def test_a_complaint_tells_no_secret(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(BadSettings, match=name) as complaint:
        load_settings()
    assert "s3cret" not in str(complaint.value)


@pytest.mark.parametrize("name", ["NIGHTINGALE_USERS__HEADER", "NIGHTINGALE_USERS__PROXIES"])
def test_a_header_is_believed_from_somewhere_or_not_at_all(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, {"HEADER": "X-Forwarded-User", "PROXIES": '["10.0.0.0/8"]'}[name.rpartition("__")[2]])
    with pytest.raises(BadSettings, match="go together"):
        load_settings()
