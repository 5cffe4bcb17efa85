"""`nightingale serve | doctor | talk | models | ingest | export | erase | backup | restore`."""

import json
import sqlite3
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import wraps
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID, uuid4

import anyio
import click
from rich.console import Console
from rich.table import Table

from app.documents.cli import ingest
from app.hub.cli import models
from app.rights.cli import backup, erase, export, restore
from app.running import breakers
from app.settings import BadSettings, Settings, load_settings
from app.telemetry.logs import set_up_logging

R = TypeVar("R")
MARKS = {"ok": "[green]ok[/]", "note": "[yellow]note[/]", "problem": "[red]problem[/]"}


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="nightingale")
def main() -> None:
    """Nightingale, a voice assistant of your own: talk to it in a browser; nothing leaves this machine."""


main.add_command(models)


def with_settings(command: Callable[..., R]) -> Callable[..., R]:
    """Hand the settings in; a bad one ends the command in words. Only the server tells what it does all the while."""

    @wraps(command)
    def wrapped(*args: Any, **options: Any) -> R:
        try:
            settings = load_settings()
        except BadSettings as exc:
            raise click.ClickException(f"a setting is wrong:\n{exc}") from exc
        talkative = command.__name__ == "serve" or settings.log.level == "debug"
        set_up_logging(settings.log if talkative else settings.log.model_copy(update={"level": "error"}))
        return command(settings, *args, **options)

    return wrapped


@main.command()
@with_settings
def serve(settings: Settings) -> None:
    """Start Nightingale and serve its page."""
    from app.server import run

    run(settings)


@main.command()
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
@click.option("--latency", is_flag=True, help="Say instead how long answers took to begin, and what that went into.")
@click.option(
    "--last", default=500, show_default=True, type=click.IntRange(1), help="Of so many turns, with --latency."
)
@click.option("--days", type=click.IntRange(1), help="Of so many days, with --latency [all].")
@with_settings
def doctor(settings: Settings, as_json: bool, latency: bool, last: int, days: int | None) -> None:
    """Say what is installed, what is missing and what to do; fail if a spoken turn could not be served."""
    if latency:
        tell_latency(settings, as_json, last, days)
        return
    from app.doctor import examine
    from app.hub.store import ModelStore
    from app.wiring import wanted_engines

    store = ModelStore(settings.data_dir / "models")
    report = anyio.run(examine, settings, lambda: wanted_engines(settings, store))
    if as_json:
        click.echo(json.dumps(report.as_json(), indent=2))
    else:
        table = Table(box=None, show_header=False)
        for finding in report.findings:
            table.add_row(MARKS[finding.verdict], finding.subject, f"{finding.detail} {finding.remedy}".strip())
        Console().print(table)
    sys.exit(0 if report.can_serve else 1)


def tell_latency(settings: Settings, as_json: bool, last: int, days: int | None) -> None:
    from app.latency import read, summed_up
    from app.latency_table import show
    from app.running import address

    since = datetime.now(UTC) - timedelta(days=days) if days else None
    try:
        turns, unanswered = read(settings.data_dir, last=last, since=since)
    except sqlite3.Error as exc:
        raise click.ClickException(f"the turn log in {settings.data_dir} cannot be read: {exc}") from exc
    told = summed_up(turns, unanswered=unanswered, page=address(settings))
    if as_json:
        click.echo(json.dumps(told.as_json(), indent=2))
    else:
        show(told, Console())


for each in (ingest, breakers, export, erase, backup, restore):
    main.add_command(each)


@main.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), help="Where to write the answer [FILE.answer.wav].")
@click.option("--thread", type=click.UUID, default=None, help="Go on with this conversation [a new one].")
@click.option("--user", default="local", show_default=True, help="Whose memories to use.")
@click.option("--json", "as_json", is_flag=True, help="Print what was heard and answered as JSON.")
@with_settings
def talk(settings: Settings, file: Path, out: Path | None, thread: UUID | None, user: str, as_json: bool) -> None:
    """Speak FILE (a WAV) to Nightingale and write its answer as WAV."""
    from app import talk as without_browser
    from app.folder import FolderRefused, own_data_folder
    from app.wiring import open_house

    async def whole_turn() -> tuple[without_browser.Talk, bytes]:
        async with open_house(settings) as house:
            await house.arranged.wait()
            return await without_browser.talk(house, spoken, thread=str(thread or uuid4()), user=user)

    try:
        spoken = without_browser.read_wave(file)
        with own_data_folder(settings.data_dir):
            result, sound = anyio.run(whole_turn)
        written = out or file.with_suffix(".answer.wav")
        without_browser.write_wave(written, sound)
    except (without_browser.NotAWave, FolderRefused) as exc:
        raise click.ClickException(str(exc)) from exc
    except OSError as exc:
        raise click.ClickException(f"{exc.filename}: {exc.strerror}") from exc
    if as_json:
        click.echo(json.dumps({**result.as_json(), "answer": str(written)}, indent=2))
    else:
        for line in result.heard:
            click.echo(f"You: {line}")
        for notice in result.notices:
            click.echo(f"({notice})")
        click.echo(f"Nightingale: {' '.join(result.answered)}")
        click.echo(f"{written}: {result.answer_seconds:.1f} s")
    sys.exit(0 if result.heard and result.answered else 1)
