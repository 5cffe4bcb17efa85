"""Log lines: fixed phrases with fields, as JSON for machines or coloured for people, on standard error.

Everything that uses the standard library's logging (uvicorn, Chainlit …) comes out in the same form. What people
said stays out: fields that would hold it are dropped, and tracebacks come without the values of their variables.
Nothing guards the phrase itself, which is why it is fixed.
"""

import logging
import sys
from typing import Literal, TextIO

import structlog
from pydantic import BaseModel, ConfigDict
from structlog.tracebacks import ExceptionDictTransformer
from structlog.typing import EventDict, Processor, WrappedLogger

SPEECH_FIELDS = frozenset({"text", "transcript", "sentence", "question", "reply", "prompt", "utterance", "interim"})

_CHATTY = ("chainlit", "httpx", "httpcore", "faster_whisper", "socketio", "engineio", "aiosqlite")
"""Libraries whose information is ours to give, if at all."""

_BESIDE_THE_POINT = (
    "SQLAlchemyDataLayer storage client is not initialized",  # attachments are off: there is nothing to store
    "Translated markdown file for",  # the welcome is the same in every language
)
"""How warnings of Chainlit's begin that are no news to anybody."""


class LogSettings(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    format: Literal["auto", "json", "console"] = "auto"
    """auto: for people on a terminal, JSON elsewhere."""
    level: Literal["debug", "info", "warning", "error"] = "info"
    """On a terminal, with `auto`, what is not worth a warning is left out unless this is set."""
    speech: bool = False
    """Log what people said, too. For hunting a fault on one's own machine."""


def set_up_logging(settings: LogSettings) -> None:
    """Once, before anything is logged; again replaces what was set up. Start uvicorn with `log_config=None`."""
    to_people = settings.format == "console" or (settings.format == "auto" and sys.stderr.isatty())
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=not to_people),
    ]
    if not settings.speech:
        shared.append(drop_speech)
    last: list[Processor] = (
        [structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)]
        if to_people
        else [
            structlog.processors.ExceptionRenderer(ExceptionDictTransformer(show_locals=False)),
            structlog.processors.JSONRenderer(),
        ]
    )
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    handler = _StandardError()
    handler.addFilter(lambda record: not record.getMessage().startswith(_BESIDE_THE_POINT))
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    for_reading = to_people and settings.format == "auto" and "level" not in settings.model_fields_set
    level = "WARNING" if for_reading else settings.level.upper()
    root.setLevel(level)
    for name, logger in logging.root.manager.loggerDict.items():
        if isinstance(logger, logging.Logger) and name.partition(".")[0] in ("uvicorn", "chainlit"):
            logger.handlers, logger.propagate = [], True  # they bring their own, and would say everything twice
    for name in _CHATTY:
        logging.getLogger(name).setLevel(level if level != "INFO" else "WARNING")


class _StandardError(logging.StreamHandler[TextIO]):
    """Whatever standard error is when a line is written: it may have been redirected since."""

    def __init__(self) -> None:
        logging.Handler.__init__(self)

    @property
    def stream(self) -> TextIO:  # type: ignore[override]  # the base class keeps an attribute
        return sys.stderr


def drop_speech(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    return {key: value for key, value in event.items() if key not in SPEECH_FIELDS}
