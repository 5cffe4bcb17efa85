"""Fetching a model: everything is collected in a staging folder and moved into place by one rename.

A pull that ends early, by failure or by cancellation, leaves what it has; the next one goes on from there if
the hub still has the same content, and says so by its checksum. Nothing at all is left where nothing came.
"""

import errno
import fcntl
import hashlib
import json
import os
import shutil
from collections.abc import Awaitable, Callable, Generator
from contextlib import ExitStack, closing, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

import anyio
import structlog
from anyio import to_thread

from app.hub.remote import Hub, Plan, PlannedFile
from app.hub.store import CHUNK_BYTES, MANIFEST, ModelStore, disk_error
from app.hub.types import (
    AlreadyPulling,
    ChecksumMismatch,
    FileRecord,
    HubFailed,
    HubSettings,
    Installed,
    Interrupted,
    Manifest,
    Model,
    ModelError,
    NoNetwork,
    NotEnoughDisk,
    Progress,
    readable,
)

log = structlog.get_logger(__name__)

_PLAN = ".plan"
"""In the staging folder: which content its files are the beginning of."""


async def pull(
    store: ModelStore,
    hub: Hub,
    settings: HubSettings,
    model: Model,
    progress: Callable[[Progress], None] = lambda _: None,
) -> Installed:
    """Install the model, or return it if it is there and whole already. Raises a `ModelError`."""
    there = await to_thread.run_sync(store.find, model)
    if there is not None:
        return there
    with _locked_staging(store, model) as staging:
        plan = await _patiently(settings, lambda: hub.plan(model))
        with _disk(staging, plan):
            kept = await to_thread.run_sync(_adopt, staging, plan)
        _check_space(store, settings, plan.total_bytes - kept)
        log.info("pulling", model=model.id, bytes=plan.total_bytes, kept=kept)
        records: list[FileRecord] = []
        done = 0
        for file in plan.files:

            def received(size: int, before: int = done) -> None:
                progress(Progress(before + size, plan.total_bytes))

            try:
                records.append(await _Fetch(hub, settings, plan, file, staging, received).run())
            except (NoNetwork, Interrupted) as exc:
                kept = await to_thread.run_sync(store.partial_bytes, model)
                if not kept:
                    raise
                raise Interrupted(
                    f"{exc}; {readable(kept)} of {readable(plan.total_bytes)} are kept, pull again to go on from there"
                ) from exc
            done += file.size
        manifest = Manifest(
            id=model.id,
            kind=model.kind,
            source=hub.url,
            repo=model.repo,
            revision=plan.commit,
            licence=model.licence,
            installed_at=datetime.now(UTC).isoformat(timespec="seconds"),
            files=tuple(records),
        )
        with _disk(staging, plan):
            await to_thread.run_sync(_install, staging, store.folder(model), manifest)
    log.info("pulled", model=model.id, revision=plan.commit)
    return Installed(model, store.folder(model), manifest)


class _Fetch:
    """One file, with as many requests as it takes."""

    def __init__(
        self,
        hub: Hub,
        settings: HubSettings,
        plan: Plan,
        file: PlannedFile,
        staging: Path,
        received: Callable[[int], None],
    ) -> None:
        self._hub = hub
        self._settings = settings
        self._plan = plan
        self._file = file
        self._staging = staging
        self._received = received

    async def run(self) -> FileRecord:
        target = self._staging / self._file.name
        with _disk(self._staging, self._plan), ExitStack() as stack:
            sink = stack.enter_context(closing(await to_thread.run_sync(_Sink, target, self._file.size)))
            self._received(sink.size)
            fresh = sink.size == 0
            while True:
                await self._fill(sink)
                if sink.matches(self._file):
                    await to_thread.run_sync(sink.sync)
                    return FileRecord(name=self._file.name, size=sink.size, sha256=sink.sha256)
                sink.restart()
                if fresh:
                    target.unlink()
                    raise ChecksumMismatch(f"{self._file.name}: what came is not what the hub announced")
                fresh = True  # the beginning was an old one: once more, from the start

    async def _fill(self, sink: "_Sink") -> None:
        failures = 0
        while sink.size < self._file.size:
            before = sink.size
            try:
                await self._stream(sink)
            except (NoNetwork, Interrupted, HubFailed) as exc:
                failures = 0 if sink.size > before else failures + 1
                await _wait_or_raise(self._settings, failures, exc)

    async def _stream(self, sink: "_Sink") -> None:
        async with self._hub.content(self._plan, self._file, sink.size) as content:
            if content.start != sink.size:
                sink.restart()
            async for chunk in content.chunks:
                if sink.size + len(chunk) > self._file.size:
                    sink.restart()
                    raise ChecksumMismatch(f"{self._file.name}: the hub sends more than it announced")
                await to_thread.run_sync(sink.write, chunk)
                self._received(sink.size)
        if sink.size < self._file.size:
            raise Interrupted("the hub ended the connection early")


class _Sink:
    """A growing file that knows the hashes of what is in it."""

    def __init__(self, path: Path, size: int) -> None:
        self._planned_size = size
        self._file = path.open("r+b" if path.exists() else "w+b", buffering=0)
        self._begin()
        while chunk := self._file.read(CHUNK_BYTES):
            self._hash(chunk)

    def _begin(self) -> None:
        self.size = 0
        self._sha256 = hashlib.sha256()
        self._git = hashlib.sha1(b"blob %d\0" % self._planned_size, usedforsecurity=False)

    def _hash(self, chunk: bytes) -> None:
        self._sha256.update(chunk)
        self._git.update(chunk)
        self.size += len(chunk)

    @property
    def sha256(self) -> str:
        return self._sha256.hexdigest()

    def matches(self, file: PlannedFile) -> bool:
        if file.sha256 is not None:
            return self._sha256.hexdigest() == file.sha256
        return self._git.hexdigest() == file.git_sha1

    def write(self, chunk: bytes) -> None:
        rest = memoryview(chunk)
        while rest:
            written = self._file.write(rest)
            self._hash(bytes(rest[:written]))
            rest = rest[written:]

    def restart(self) -> None:
        self._file.seek(0)
        self._file.truncate()
        self._begin()

    def sync(self) -> None:
        os.fsync(self._file.fileno())

    def close(self) -> None:
        self._file.close()


@contextmanager
def _locked_staging(store: ModelStore, model: Model) -> Generator[Path]:
    """The staging folder, ours alone among all processes; gone afterwards if nothing worth keeping is in it."""
    staging = store.staging(model)
    try:
        staging.mkdir(parents=True, exist_ok=True)
        handle = os.open(staging, os.O_RDONLY | os.O_DIRECTORY)
    except OSError as exc:
        raise disk_error(exc, staging) from exc
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as exc:
            raise AlreadyPulling(f"{model.id} is being pulled already") from exc
        if not staging.exists() or not os.path.samestat(os.fstat(handle), staging.stat()):
            raise AlreadyPulling(f"{model.id} is being pulled already")  # and the other one has just tidied up
        try:
            yield staging
        finally:
            if not store.partial_bytes(model):
                shutil.rmtree(staging, ignore_errors=True)
                with suppress(OSError):
                    staging.parent.rmdir()
    finally:
        os.close(handle)


def _adopt(staging: Path, plan: Plan) -> int:
    """Keep of an earlier pull what is the beginning of today's files; say how many bytes that is."""
    try:
        earlier = json.loads((staging / _PLAN).read_text())
    except (FileNotFoundError, ValueError):
        earlier = {}
    today = {file.name: file for file in plan.files}
    kept = 0
    for path in staging.iterdir():
        file = today.get(path.name)
        if file and earlier.get(path.name) == file.identity and path.stat().st_size <= file.size:
            kept += path.stat().st_size
        else:
            path.unlink()
    (staging / _PLAN).write_text(json.dumps({file.name: file.identity for file in plan.files}))
    return kept


def _install(staging: Path, folder: Path, manifest: Manifest) -> None:
    with (staging / MANIFEST).open("w") as target:
        target.write(manifest.model_dump_json(indent=2))
        target.flush()
        os.fsync(target.fileno())
    (staging / _PLAN).unlink()
    _sync_folder(staging)
    if folder.exists():  # a damaged one: a folder can be renamed onto an empty one only
        shutil.rmtree(folder)
    staging.rename(folder)
    _sync_folder(folder.parent)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _check_space(store: ModelStore, settings: HubSettings, needs: int) -> None:
    usable = max(store.free_bytes() - settings.keep_free_bytes, 0)
    if needs > usable:
        raise NotEnoughDisk(needs, usable)


@contextmanager
def _disk(staging: Path, plan: Plan) -> Generator[None]:
    try:
        yield
    except OSError as exc:
        if exc.errno in (errno.ENOSPC, errno.EDQUOT):
            raise NotEnoughDisk(plan.total_bytes, shutil.disk_usage(staging).free) from exc
        raise disk_error(exc, staging) from exc


async def _patiently(settings: HubSettings, ask: Callable[[], Awaitable[Plan]]) -> Plan:
    failures = 0
    while True:
        try:
            return await ask()
        except (Interrupted, HubFailed) as exc:
            failures += 1
            await _wait_or_raise(settings, failures, exc)


async def _wait_or_raise(settings: HubSettings, failures: int, error: ModelError) -> None:
    if failures > settings.retries or (isinstance(error, HubFailed) and not error.passing):
        raise error
    log.info("trying the hub again", code=error.code, reason=str(error))
    await anyio.sleep(settings.retry_seconds * 2 ** max(failures - 1, 0))
