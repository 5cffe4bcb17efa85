"""The web server, and the first words of the house to whoever started it."""

import gc
import os
import socket
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from importlib.util import find_spec

import anyio
import click
import uvicorn

from app.engines import Wanted
from app.folder import FolderRefused, own_data_folder
from app.heap import keep_little
from app.hub.store import ModelStore
from app.rights.restore import finish_restore
from app.settings import Settings

LARGEST_MESSAGE_BYTES = 1024 * 1024
LAST_SECONDS = 5.0
"""After everything is closed, for the interpreter to come to its end."""
SAY = {"stt": "hears with", "tts": "speaks with", "language": "thinks with"}


def run(settings: Settings) -> None:
    """Serve until told to stop. Raises `click.ClickException` when the house cannot be opened, and says why.

    The address and the data folder are ours before anything slow happens: what stands in the way is told at once, and
    whoever opens the page early waits a moment instead of being refused.
    """
    try:
        with own_data_folder(settings.data_dir), _listening(settings) as listener:
            finish_restore(settings.data_dir)
            click.echo("Starting Nightingale …")
            _serve(settings, listener)
    except FolderRefused as exc:
        raise click.ClickException(str(exc)) from exc
    except OSError as exc:
        raise click.ClickException(f"{exc.filename}: {exc.strerror}") from exc


@contextmanager
def _listening(settings: Settings) -> Generator[socket.socket]:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    try:
        listener = socket.create_server((settings.host, settings.port), family=family, backlog=128)
    except OSError as exc:
        remedy = "Is Nightingale running already? Another port is set with NIGHTINGALE_PORT."
        raise click.ClickException(f"{settings.host}:{settings.port}: {exc.strerror}. {remedy}") from exc
    with listener:
        yield listener


def _serve(settings: Settings, listener: socket.socket) -> None:
    keep_little()
    gc.disable()  # nearly all that is made from here on stays; looking it through takes an eighth of the start
    from app.main import create_app
    from app.wiring import wanted_engines

    app = create_app(settings)
    gc.freeze()
    gc.enable()
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        ws_per_message_deflate=False,
        ws_max_size=LARGEST_MESSAGE_BYTES,
        timeout_graceful_shutdown=3,
        server_header=False,
        proxy_headers=False,  # else the address of a proxy is taken for that of whom it speaks for
    )
    wanted = wanted_engines(settings, ModelStore(settings.data_dir / "models"))
    server = _Server(config, ready=lambda: introduce(settings, wanted))
    try:
        with suppress(KeyboardInterrupt):
            anyio.run(server.serve, [listener], backend_options={"use_uvloop": find_spec("uvloop") is not None})
    except SystemExit as exc:  # the server's way to say that its app did not start
        why = app.state.refusal or "The reason stands above."
        raise click.ClickException(f"Nightingale could not be started. {why}") from exc
    end_within(LAST_SECONDS)


def end_within(seconds: float) -> None:
    """The house is closed. A library that hangs in a thread of its own would keep the process for ever."""
    last = threading.Timer(seconds, os._exit, [0])
    last.daemon = True
    last.start()


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        gc.collect()
        gc.freeze()  # the house stands: to look it through again and again would keep those waiting whom it serves
        self._ready()


def introduce(settings: Settings, wanted: Wanted) -> None:
    """Say in plain words where the page is, and which engines it will run on."""
    own = "127.0.0.1" if settings.host in {"0.0.0.0", "::"} else settings.host  # noqa: S104 - compared, not bound
    name = f"[{own}]" if ":" in own else own
    click.echo(f"\n  Nightingale: open http://{name}:{settings.port} in Chromium or Firefox, and speak.\n")
    for kind, specs in (("stt", wanted.stt), ("tts", wanted.tts), ("language", wanted.language)):
        first = specs[0] if specs else None
        click.echo(f"  It {SAY[kind]} {PLAIN.get(first.engine, first.engine) if first else PLAIN['offline']}.")
    if not wanted.language:
        click.echo(
            "\n  Better engines: the page's “Engines”, or `nightingale models list`, or an endpoint (see README)."
        )
    click.echo("")


PLAIN = {
    "pocketsphinx": "pocketsphinx, a small recogniser for plain English that is always there",
    "espeak": "espeak-ng, a plain voice that is always there",
    "offline": "no language model: it greets, tells the time, remembers and recalls, and says so when asked for more",
    "faster-whisper": "Whisper (faster-whisper)",
    "piper": "a Piper voice",
    "llama-cpp": "a language model on this machine (llama.cpp)",
    "openai-compatible": "the endpoint that you set",
    "typed": "nothing: you type",
    "captions": "nothing: you read",
}
