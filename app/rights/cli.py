"""`nightingale export | erase | backup | restore`, beside a Nightingale that runs, or without one."""

import json
import shutil
import sys
from pathlib import Path
from typing import Any

import anyio
import click

from app.commands import plain_errors, settings_in_words
from app.folder import own_data_folder
from app.hub.types import readable
from app.rights.files import private_folder
from app.rights.reach import reach
from app.rights.restore import restore as restore_backup
from app.settings import Settings
from app.tenancy import prepare
from memory.types import UserId

user_option = click.option("--user", default="local", show_default=True, help="Whose.")
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON instead of lines.")


@click.command()
@user_option
@click.argument("out", type=click.Path(path_type=Path, dir_okay=False))
def export(user: str, out: Path) -> None:
    """Write everything that is kept of a user into OUT, a zip: conversations, recordings, memories, settings."""
    settings = settings_in_words()
    with plain_errors():
        anyio.run(_export, settings, user, out)
    click.echo(f"{out}: {readable(out.stat().st_size)}")


@click.command()
@user_option
@click.option("--yes", is_flag=True, help="Do not ask for the name again.")
@json_option
def erase(user: str, yes: bool, as_json: bool) -> None:
    """Erase everything that is kept of a user, for good, and say what went. Backups are made anew without them."""
    settings = settings_in_words()
    if not yes:
        click.echo(f"All conversations, recordings and memories of {user!r} are erased for good.", err=True)
        if click.prompt("To go on, type the name again", err=True) != user:
            raise click.ClickException("That is another name. Nothing was erased.")
    with plain_errors():
        told = anyio.run(_erase, settings, user)
    click.echo(json.dumps(told, indent=2) if as_json else told["text"])
    sys.exit(0 if told["complete"] else 1)


@click.command()
@click.argument("out", required=False, type=click.Path(path_type=Path, dir_okay=False))
@click.option("--models", is_flag=True, help="Take the models along.")
@click.option("--secret", is_flag=True, help="Take the log-in secret along; then keep it from others.")
@json_option
def backup(out: Path | None, models: bool, secret: bool, as_json: bool) -> None:
    """Back up everything, also while Nightingale runs, into OUT or among the backups that it makes by itself."""
    settings = settings_in_words()
    also = frozenset(name for name, wanted in (("models", models), ("secret", secret)) if wanted)
    with plain_errors():
        made = anyio.run(_backup, settings, out, also)
    if as_json:
        click.echo(json.dumps(made, indent=2))
        return
    rows, memories = sum(made["rows"].values()), made["memories"]
    click.echo(f"{made['file']}: {readable(made['bytes'])}, read back and compared: {made['files']} files,")
    click.echo(
        f"  {rows} rows in {len(made['rows'])} databases, {memories if memories is not None else 'no'} memories."
    )


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@click.option("--yes", is_flag=True, help="Do not ask whether what is there may go.")
def restore(file: Path, yes: bool) -> None:
    """Put what is in the backup FILE in place of what is there, while Nightingale is stopped."""
    settings = settings_in_words()
    with plain_errors(), own_data_folder(settings.data_dir):
        if not yes:
            click.echo(f"All that is in {settings.data_dir} now gives way to what is in {file}.", err=True)
            click.confirm("Go on?", abort=True, err=True)
        made_at = anyio.run(_restore, settings, file)
    click.echo(f"{settings.data_dir} is as it was on {made_at}. Who was erased since is not in it.")


async def _export(settings: Settings, user: str, out: Path) -> None:
    async with reach(settings) as rights:
        made = await rights.export(UserId(user))
        await anyio.to_thread.run_sync(_move, made, out)


async def _erase(settings: Settings, user: str) -> dict[str, Any]:
    async with reach(settings) as rights:
        return await rights.erase(UserId(user))


async def _backup(settings: Settings, out: Path | None, also: frozenset[str]) -> dict[str, Any]:
    async with reach(settings) as rights:
        made = await rights.back_up(also)
        if out is not None:
            await anyio.to_thread.run_sync(_move, Path(made["file"]), out)
            made["file"] = str(out)
        return made


async def _restore(settings: Settings, file: Path) -> str:
    prepare(settings)
    from app.rights.opening import count_memories, in_folder, open_closed_house  # Chainlit is behind it

    manifest = await restore_backup(
        settings.data_dir,
        file,
        open_house=lambda folder: open_closed_house(in_folder(settings, folder)),
        count_memories=count_memories,
    )
    return f"{manifest.made_at:%d %B %Y at %H:%M:%S %Z}"


def _move(made: Path, out: Path) -> None:
    """Other disks cannot take a file as it is: it comes whole or not at all there, too."""
    part = out.with_name(f"{out.name}.part")
    private_folder(out.parent)
    try:
        shutil.move(made, part)
        part.replace(out)
    except OSError:
        part.unlink(missing_ok=True)
        raise
