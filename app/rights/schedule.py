"""What is done by itself every so often: by the calendar, so that what was missed while the house was closed is done.

A clock that was put back makes nobody wait longer than one round.
"""

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final, Protocol

import anyio
import structlog
from anyio import to_thread

from app.rights.files import write_private
from app.rights.types import RightsError
from resilience.errors import EngineError

log = structlog.get_logger(__name__)

AGAIN: Final = timedelta(minutes=10)
"""After which a task that failed is tried again."""
LONGEST_NAP: Final = timedelta(minutes=15)
"""Clocks are put forward, and machines are put to sleep."""


@dataclass(frozen=True, slots=True)
class Task:
    name: str
    every: timedelta
    do: Callable[[], Awaitable[object]]
    """May raise `EngineError` and `RightsError`."""
    at_once: bool = True
    """Whether one that was never done is due now, rather than after a first round."""


class Diary(Protocol):
    """When each task was last done."""

    async def read(self) -> dict[str, datetime]: ...
    async def write(self, done: Mapping[str, datetime]) -> None: ...


async def keep_schedule(diary: Diary, tasks: Sequence[Task], *, now: Callable[[], datetime]) -> None:
    """Until cancelled."""
    done = await diary.read()
    due: dict[str, datetime] = {}
    for task in tasks:
        if task.name not in done and not task.at_once:
            done[task.name] = now()
            await diary.write(done)
        last = done.get(task.name)
        due[task.name] = now() if last is None else min(last, now()) + task.every
    while tasks:
        for task in tasks:
            if due[task.name] > now():
                continue
            if await _did(task):
                done[task.name] = now()
                due[task.name] = now() + task.every
                await diary.write(done)
            else:
                due[task.name] = now() + min(task.every, AGAIN)
        nap = min(min(due.values()) - now(), LONGEST_NAP)
        await anyio.sleep(max(nap.total_seconds(), 0.0))


class DiaryFile:
    def __init__(self, file: Path) -> None:
        self._file = file

    async def read(self) -> dict[str, datetime]:
        """What cannot be read was never done."""
        try:
            told = json.loads(await to_thread.run_sync(self._file.read_bytes))
            return {name: datetime.fromisoformat(at) for name, at in told.items()}
        except (OSError, ValueError, TypeError, AttributeError):
            return {}

    async def write(self, done: Mapping[str, datetime]) -> None:
        """What cannot be written is done again after the next start."""
        content = json.dumps({name: at.isoformat() for name, at in done.items()}).encode()
        try:
            await to_thread.run_sync(write_private, self._file, content)
        except OSError as exc:
            log.warning("schedule not written down", reason=exc.strerror)


async def _did(task: Task) -> bool:
    try:
        await task.do()
    except EngineError as exc:
        log.warning("scheduled task failed", task=task.name, code=exc.code, reason=exc.reason)
    except RightsError as exc:
        log.warning("scheduled task failed", task=task.name, code=exc.code, reason=str(exc))
    else:
        log.info("scheduled task done", task=task.name)
        return True
    return False
