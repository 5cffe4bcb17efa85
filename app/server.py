"""The web server, and the first words of the house to whoever started it."""

import socket

import anyio
import click
import uvicorn

from app.engines import Wanted
from app.hub.store import ModelStore
from app.main import create_app
from app.settings import Settings
from app.wiring import wanted_engines

LARGEST_MESSAGE_BYTES = 1024 * 1024
SAY = {"stt": "hears with", "tts": "speaks with", "language": "thinks with"}


def run(settings: Settings) -> None:
    """Serve until told to stop. Raises `click.ClickException` when the address or the data folder is not to be had."""
    try:
        settings.data_dir.mkdir(parents=True, exist_ok=True)
        with socket.create_server((settings.host, settings.port)):
            pass
    except OSError as exc:
        where = f"{settings.host}:{settings.port}" if exc.filename is None else exc.filename
        remedy = "Is Nightingale running already? Another port is set with NIGHTINGALE_PORT."
        raise click.ClickException(f"{where}: {exc.strerror}. {remedy}") from exc
    app = create_app(settings)
    introduce(settings, wanted_engines(settings, ModelStore(settings.data_dir / "models")))
    config = uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        log_config=None,
        access_log=False,
        ws_per_message_deflate=False,
        ws_max_size=LARGEST_MESSAGE_BYTES,
        timeout_graceful_shutdown=3,
        server_header=False,
    )
    anyio.run(uvicorn.Server(config).serve)


def introduce(settings: Settings, wanted: Wanted) -> None:
    """Say in plain words where the page is, and which engines it will run on."""
    own = "127.0.0.1" if settings.host in {"0.0.0.0", "::"} else settings.host  # noqa: S104 - compared, not bound
    click.echo(f"\n  Nightingale: open http://{own}:{settings.port} in Chromium or Firefox, and speak.\n")
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
