import io
import json
import logging
from collections.abc import Generator

import pytest
import structlog

from app.telemetry.logs import LogSettings, set_up_logging
from tests.made.logs import logging_kept


@pytest.fixture(autouse=True)
def as_it_was() -> Generator[None]:
    with logging_kept():
        yield


def the_line(capsys: pytest.CaptureFixture[str]) -> dict[str, object]:
    (line,) = capsys.readouterr().err.splitlines()
    parsed: dict[str, object] = json.loads(line)
    return parsed


def test_our_lines_are_json_with_their_fields(capsys: pytest.CaptureFixture[str]) -> None:
    set_up_logging(LogSettings(format="json"))
    structlog.get_logger("voice").info("engine ready", engine="piper", seconds=0.5)

    line = the_line(capsys)
    assert (line["event"], line["level"], line["logger"]) == ("engine ready", "info", "voice")
    assert (line["engine"], line["seconds"]) == ("piper", 0.5)
    assert str(line["timestamp"]).endswith("Z")


def test_other_people_s_lines_come_out_in_the_same_form(capsys: pytest.CaptureFixture[str]) -> None:
    noisy = logging.getLogger("uvicorn.error")
    noisy.addHandler(logging.StreamHandler())
    set_up_logging(LogSettings(format="json"))
    noisy.warning("started on %s", "127.0.0.1", extra={"port": 8000})

    line = the_line(capsys)
    assert (line["event"], line["level"], line["logger"]) == ("started on 127.0.0.1", "warning", "uvicorn.error")
    assert line["port"] == 8000


def test_lines_below_the_level_are_left_out(capsys: pytest.CaptureFixture[str]) -> None:
    set_up_logging(LogSettings(format="json", level="warning"))
    structlog.get_logger().info("quiet")
    logging.getLogger("x").info("quiet")
    assert capsys.readouterr().err == ""


def test_a_library_s_chatter_is_not_information_of_ours(capsys: pytest.CaptureFixture[str]) -> None:
    set_up_logging(LogSettings(format="json"))
    logging.getLogger("httpx").info("HTTP Request: GET ...")
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("field", ["text", "transcript", "sentence", "question", "reply"])
@pytest.mark.parametrize("form", ["json", "console"])
def test_what_people_said_is_dropped(capsys: pytest.CaptureFixture[str], field: str, form: str) -> None:
    set_up_logging(LogSettings.model_validate({"format": form}))
    structlog.get_logger().info("transcribed", **{field: "my secret", "seconds": 1})
    logging.getLogger("x").info("transcribed", extra={field: "my secret"})

    logged = capsys.readouterr().err
    assert "secret" not in logged
    assert "seconds" in logged


def test_what_people_said_is_kept_when_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    set_up_logging(LogSettings(format="json", speech=True))
    structlog.get_logger().info("transcribed", text="my secret")
    assert the_line(capsys)["text"] == "my secret"


@pytest.mark.parametrize("form", ["json", "console"])
def test_a_traceback_does_not_show_the_values_of_its_variables(capsys: pytest.CaptureFixture[str], form: str) -> None:
    set_up_logging(LogSettings.model_validate({"format": form}))
    heard = "my " + "secret"
    try:
        raise RuntimeError("broken")
    except RuntimeError:
        structlog.get_logger().exception("turn failed", characters=len(heard))
        logging.getLogger("x").exception("turn failed")

    logged = capsys.readouterr().err
    assert logged.count("RuntimeError") >= 2
    assert "my secret" not in logged


def test_there_is_one_timestamp_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    set_up_logging(LogSettings(format="json"))
    logging.getLogger("x").warning("once")
    assert [key for key in the_line(capsys) if "time" in key] == ["timestamp"]


def test_without_a_terminal_auto_means_json(capsys: pytest.CaptureFixture[str]) -> None:
    set_up_logging(LogSettings())
    structlog.get_logger().info("hello")
    assert the_line(capsys)["event"] == "hello"


@pytest.mark.parametrize(
    "no_news",
    [
        "SQLAlchemyDataLayer storage client is not initialized and elements will not be persisted!",
        "Translated markdown file for de-DE not found. Defaulting to chainlit.md.",
    ],
)
def test_warnings_that_are_no_news_are_left_out(capsys: pytest.CaptureFixture[str], no_news: str) -> None:
    set_up_logging(LogSettings(format="json"))
    logging.getLogger("chainlit").warning(no_news)
    assert capsys.readouterr().err == ""
    logging.getLogger("chainlit").warning("this is some")
    assert the_line(capsys)["event"] == "this is some"


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(("settings", "lines"), [({}, 1), ({"level": "info"}, 2), ({"format": "console"}, 2)])
def test_on_a_terminal_only_what_is_worth_a_warning_is_said_unless_more_was_asked_for(
    settings: dict[str, str], lines: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    terminal = Terminal()
    monkeypatch.setattr("sys.stderr", terminal)
    set_up_logging(LogSettings.model_validate(settings))
    structlog.get_logger().info("engine ready")
    structlog.get_logger().warning("engine not available")
    assert len(terminal.getvalue().splitlines()) == lines
