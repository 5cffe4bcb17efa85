"""`nightingale ingest`: files and folders into the library, from a terminal or a script, beside a server or without."""

import json
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import anyio
import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TaskID, TextColumn
from rich.progress import Progress as Bars

from app.commands import plain_errors, settings_in_words
from app.documents.reach import Listed, Reached, reach
from app.settings import Settings
from memory.documents.formats import KINDS
from memory.types import UserId
from resilience.errors import EngineError

LOOK_SECONDS = 0.3


@dataclass(frozen=True, slots=True)
class Wanted:
    """A file to be read."""

    file: Path
    name: str
    """By which it is kept: no two of one command have the same."""


@click.command()
@click.argument("paths", nargs=-1, metavar="[PATH...]", type=click.Path(path_type=Path))
@click.option("--user", default="local", show_default=True, help="Whose documents.")
@click.option("--list", "listing", is_flag=True, help="Show which documents there are.")
@click.option("--remove", "removing", metavar="NAME", multiple=True, help="Erase the document of this name.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of lines.")
def ingest(paths: tuple[Path, ...], user: str, listing: bool, removing: tuple[str, ...], as_json: bool) -> None:
    """Give Nightingale documents to read: each PATH is a file, or a folder with whatever it can read in it.

    A document of the same name is replaced. What cannot be read is told of at the end; the others are kept.
    """
    if not (paths or listing or removing):
        raise click.UsageError("name a file or a folder, or say --list")
    settings = settings_in_words()
    wanted, missing = files_in(paths)
    try:
        with plain_errors():
            failed = {
                **missing,
                **anyio.run(_ingest, settings, UserId(user), wanted, removing, listing or as_json, as_json),
            }
    except KeyboardInterrupt:
        click.echo("Stopped. What has been read is kept; the same command reads the rest.", err=True)
        sys.exit(130)
    for reason in failed.values():
        click.echo(f"Error: {reason}.", err=True)
    sys.exit(1 if failed else 0)


def files_in(paths: Iterable[Path]) -> tuple[list[Wanted], dict[str, str]]:
    """What is to be read, each file once, and what is not there, with why. Hidden files in folders are passed over."""
    found: dict[Path, Path] = {}
    missing: dict[str, str] = {}
    for path in paths:
        if path.is_dir():
            inside = [
                each for each in sorted(path.rglob("*")) if _is_readable(each.relative_to(path)) and each.is_file()
            ]
            if not inside:
                missing[str(path)] = f"{path}: there is nothing in it that can be read"
            found |= {each.resolve(): each.relative_to(path.parent) for each in inside}
        elif path.exists():
            found.setdefault(path.resolve(), Path(path.name))
        else:
            missing[str(path)] = f"{path}: there is no such file"
    names = Counter(file.name.casefold() for file in found)
    return [Wanted(file, _name(file, place, names)) for file, place in found.items()], missing


def _is_readable(place: Path) -> bool:
    return place.suffix.lower() in KINDS and not any(part.startswith(".") for part in place.parts)


def _name(file: Path, place: Path, names: Counter[str]) -> str:
    """Where several have one name, each is told apart by its folders."""
    if names[file.name.casefold()] == 1:
        return file.name
    folders = " ".join(place.parent.parts) or file.parent.name
    return f"{file.stem} ({folders}){file.suffix}"


async def _ingest(
    settings: Settings, user: UserId, wanted: Sequence[Wanted], removing: Sequence[str], listing: bool, as_json: bool
) -> dict[str, str]:
    """What failed, and why."""
    async with reach(settings) as house:
        failed = await remove_all(house, user, removing) if removing else {}
        failed |= await read_all(house, user, wanted) if wanted else {}
        if listing:
            _show(await house.documents(user), as_json=as_json)
    return failed


async def read_all(house: Reached, user: UserId, wanted: Sequence[Wanted]) -> dict[str, str]:
    """One after the other; what failed, and why. Raises `NotNow`: nobody is there."""
    failed: dict[str, str] = {}
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[what]}")
    with Bars(*columns, console=Console(stderr=True)) as bars:
        overall = bars.add_task("Reading", total=len(wanted), what="files")
        for each in wanted:
            one = bars.add_task(each.name, total=None, what="passages")
            try:
                async with anyio.create_task_group() as tasks:
                    tasks.start_soon(_watch, house, user, each.name, bars, one)
                    try:
                        await house.take_in(user, each.file, each.name)
                    except EngineError as exc:
                        failed[each.name] = exc.reason
                    tasks.cancel_scope.cancel()
            finally:
                bars.remove_task(one)
            bars.advance(overall)
    return failed


async def _watch(house: Reached, user: UserId, name: str, bars: Bars, task: TaskID) -> None:
    while True:
        await anyio.sleep(LOOK_SECONDS)
        try:
            for each in await house.under_way(user):
                if each.name == name and each.all:
                    bars.update(task, completed=each.done, total=each.all)
        except EngineError:
            return  # a bar that stands still is no reason to stop reading


async def remove_all(house: Reached, user: UserId, names: Sequence[str]) -> dict[str, str]:
    failed: dict[str, str] = {}
    known = await house.documents(user)
    for name in names:
        found = [each for each in known if each.name == name]
        for each in found:
            await house.remove(user, each.id)
            click.echo(f"{name}: removed", err=True)
        if not found:
            failed[name] = f"{name}: there is no document of that name"
    return failed


def _show(documents: Sequence[Listed], *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps({"documents": [each.model_dump() for each in documents]}, indent=2, ensure_ascii=False))
        return
    for each in documents:
        title = f"  {each.title}" if each.title != each.name else ""
        click.echo(f"{each.name}\t{each.characters:,} characters, {each.passages:,} passages{title}")
    if not documents:
        click.echo("No documents yet.")
