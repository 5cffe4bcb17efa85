"""What is swept away by itself: files that were wanted for a moment, and what sessions left that are long over."""

import shutil
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from pathlib import Path

from anyio import to_thread

from app.rights.backup import TEMPORARY
from app.rights.desk import Rights
from app.rights.schedule import Task
from app.rights.settings import RightsSettings
from resilience.errors import EngineFailed

NAME = "sweep"
UPLOADS = Path("shell") / ".files"
"""Chainlit's own: a folder for each session."""

EndIdle = Callable[[timedelta], Awaitable[int]]
"""End the sessions in which nothing was said for so long; how many."""
Sweep = Callable[[], Awaitable[object]]
"""Of another room: its own temporary files. Raises `EngineError`."""


def tasks_of(
    rights: Rights,
    settings: RightsSettings,
    data: Path,
    *,
    now: Callable[[], datetime],
    end_idle: EndIdle | None = None,
    sweeps: tuple[Sweep, ...] = (),
) -> list[Task]:
    """What the house does by itself about what it keeps."""
    tasks = []
    if settings.sweep.temporary_hours:
        older = timedelta(hours=settings.sweep.temporary_hours)

        async def sweep_temporary() -> None:
            await sweep(data / TEMPORARY, now() - older)
            for each in sweeps:
                await each()

        tasks.append(Task("temporary files", older, sweep_temporary))
    if settings.sweep.idle_days:
        idle = timedelta(days=settings.sweep.idle_days)

        async def sweep_idle() -> None:
            if end_idle is not None:
                await end_idle(idle)
            await sweep(data / UPLOADS, now() - idle)

        tasks.append(Task("idle sessions", min(idle, timedelta(hours=1)), sweep_idle))
    if settings.backup.every_hours:
        every = timedelta(hours=settings.backup.every_hours)
        tasks.append(Task("backup", every, rights.back_up, at_once=False))
    return tasks


async def sweep(folder: Path, before: datetime) -> int:
    """Erase what stands in it and was last touched, with all that is within, before that moment; how much went."""
    try:
        return await to_thread.run_sync(_sweep, folder, before.timestamp())
    except OSError as exc:
        raise EngineFailed(NAME, f"{exc.filename}: {exc.strerror}") from exc


def _sweep(folder: Path, before: float) -> int:
    if not folder.is_dir():
        return 0
    going = [each for each in folder.iterdir() if _touched(each) < before]
    for each in going:
        if each.is_dir() and not each.is_symlink():
            shutil.rmtree(each, ignore_errors=True)
        else:
            each.unlink(missing_ok=True)
    return len(going)


def _touched(path: Path) -> float:
    try:
        within = path.rglob("*") if path.is_dir() else ()
        return max(float(each.lstat().st_mtime) for each in (path, *within))
    except FileNotFoundError:  # it goes while we look
        return float("inf")
