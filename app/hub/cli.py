"""`nightingale models`: list, pull, verify and remove, from a terminal or a script."""

import json
import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Any

import anyio
import click
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, TextColumn, TimeRemainingColumn, TransferSpeedColumn
from rich.progress import Progress as Bars
from rich.table import Table

from app.hub.catalogue import find
from app.hub.pull import pull as pull_model
from app.hub.remote import open_hub
from app.hub.store import ModelStore
from app.hub.types import HubSettings, Model, ModelError, Progress, readable


@click.group()
def models() -> None:
    """Models for hearing, speaking and thinking: see, fetch, check and remove them."""


@models.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
def list_models(as_json: bool) -> None:
    """Show what there is and what is installed."""
    store, _ = _place()
    rows = [_row(store, model) for model in store.catalogue]
    if as_json:
        click.echo(json.dumps({"models": rows, "free_bytes": store.free_bytes()}, indent=2))
        return
    console = Console()
    if not console.is_terminal:
        for row in rows:
            click.echo("\t".join(str(row[key]) for key in ("id", "state", "kind", "size", "licence", "purpose")))
        return
    table = Table("model", "", "for", "size", "what it is for", "runs well on", "licence", box=None)
    for row in rows:
        mark = {"installed": "[green]installed[/]", "damaged": "[red]damaged[/]"}.get(row["state"], "")
        table.add_row(
            row["id"], mark, row["kind"], row["size"], row["purpose"], row["hardware"], f"[dim]{row['licence']}[/]"
        )
    console.print(table)
    console.print(f"\nFetch one with [bold]nightingale models pull ID[/]; {readable(store.free_bytes())} are free.")


@models.command()
@click.argument("ids", nargs=-1, required=True, metavar="ID...")
def pull(ids: tuple[str, ...]) -> None:
    """Fetch models from the hub; a pull that was broken off goes on where it stopped."""
    store, settings = _place()
    with _plain_errors():
        wanted = [find(model_id, store.catalogue) for model_id in ids]
    try:
        failed = anyio.run(_pull_all, store, settings, wanted)
    except KeyboardInterrupt:
        click.echo("Stopped. What came is kept: the same command goes on from there.", err=True)
        sys.exit(130)
    sys.exit(1 if failed else 0)


@models.command()
@click.argument("ids", nargs=-1, metavar="[ID...]")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of lines.")
def verify(ids: tuple[str, ...], as_json: bool) -> None:
    """Read installed models again and compare checksums; all of them if none is named."""
    store, _ = _place()
    with _plain_errors():
        named = [find(model_id, store.catalogue) for model_id in ids]
    wanted = named or [model for model in store.catalogue if store.folder(model).exists()]
    results = []
    for model in wanted:
        try:
            with _progress(model) as moved:
                store.verify(model, moved)
            results.append({"id": model.id, "whole": True, "code": None, "detail": ""})
        except ModelError as exc:
            results.append({"id": model.id, "whole": False, "code": exc.code, "detail": str(exc)})
    if as_json:
        click.echo(json.dumps({"models": results}, indent=2))
    elif not results:
        click.echo("No models are installed.")
    else:
        for result in results:
            click.echo(f"{result['id']}: whole" if result["whole"] else f"Error: {result['detail']}")
    sys.exit(0 if all(result["whole"] for result in results) else 1)


@models.command()
@click.argument("ids", nargs=-1, required=True, metavar="ID...")
def remove(ids: tuple[str, ...]) -> None:
    """Delete models, and what unfinished pulls have left of them."""
    store, _ = _place()
    with _plain_errors():
        for model in [find(model_id, store.catalogue) for model_id in ids]:
            store.remove(model)
            click.echo(f"{model.id}: removed")


async def _pull_all(store: ModelStore, settings: HubSettings, wanted: list[Model]) -> bool:
    failed = False
    async with open_hub(settings) as hub:
        for model in wanted:
            try:
                with _progress(model) as moved:
                    installed = await pull_model(store, hub, settings, model, moved)
            except ModelError as exc:
                click.echo(f"Error: {model.id}: {exc}", err=True)
                failed = True
            else:
                click.echo(f"{model.id}: installed in {installed.folder} (licence: {model.licence})")
    return failed


def _place() -> tuple[ModelStore, HubSettings]:
    from app.commands import settings_in_words

    settings = settings_in_words()
    return ModelStore(settings.data_dir / "models"), settings.hub


def _row(store: ModelStore, model: Model) -> dict[str, Any]:
    installed = store.find(model)
    return {
        "id": model.id,
        "state": "installed" if installed else "damaged" if store.folder(model).exists() else "absent",
        "kind": model.kind,
        "name": model.name,
        "size": readable(model.size_bytes),
        "size_bytes": model.size_bytes,
        "kept_bytes": store.partial_bytes(model),
        "licence": model.licence,
        "languages": list(model.languages),
        "purpose": model.purpose,
        "hardware": model.hardware,
        "repo": model.repo,
        "revision": installed.manifest.revision if installed else model.revision,
        "folder": str(installed.folder) if installed else None,
    }


@contextmanager
def _progress(model: Model) -> Generator[Callable[[Progress], None]]:
    """A bar on a terminal; elsewhere a line for every tenth, on standard error."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield _Tenths(model.id)
        return
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    with Bars(*columns, TimeRemainingColumn(), console=console) as bars:
        bar = bars.add_task(model.id, total=None)
        yield lambda at: bars.update(bar, completed=at.received_bytes, total=at.total_bytes)


class _Tenths:
    def __init__(self, what: str) -> None:
        self._what = what
        self._said = -1

    def __call__(self, at: Progress) -> None:
        tenth = 10 * at.received_bytes // max(at.total_bytes, 1)
        if tenth != self._said:
            self._said = tenth
            click.echo(
                f"{self._what}: {10 * tenth} % ({readable(at.received_bytes)} of {readable(at.total_bytes)})", err=True
            )


@contextmanager
def _plain_errors() -> Generator[None]:
    try:
        yield
    except ModelError as exc:
        raise click.ClickException(str(exc)) from exc
