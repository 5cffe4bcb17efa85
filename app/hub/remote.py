"""The hub's HTTP API, as much of it as fetching files needs; its failures become ours here.

Own code on httpx rather than `huggingface_hub`: that one works in threads which cannot be cancelled inside a
chunk, keeps a cache of its own, and sends what it finds in the user's home (tokens, telemetry) along.
"""

import re
from collections.abc import AsyncGenerator, Generator
from contextlib import AsyncExitStack, aclosing, asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Annotated, cast
from urllib.parse import quote

import httpx
from pydantic import BaseModel, Field, TypeAdapter, ValidationError

from app.hub.types import (
    SAFE_NAME,
    HubFailed,
    HubRefused,
    HubSettings,
    Interrupted,
    Model,
    ModelError,
    NoNetwork,
    NoSuchModel,
    UnsafeName,
)
from resilience.breaker import CircuitBreaker
from resilience.errors import CircuitOpen, EngineUnavailable
from resilience.settings import ResilienceSettings

CHUNK_BYTES = 1 << 20
_NOT_FOUND = {"RepoNotFound", "RevisionNotFound", "EntryNotFound"}


@dataclass(frozen=True, slots=True)
class PlannedFile:
    path: str
    name: str
    size: int
    sha256: str | None
    """The hub knows it for files in large file storage,"""
    git_sha1: str | None
    """and the hash of the git blob for the others."""

    @property
    def identity(self) -> str:
        """Equal for equal content."""
        return f"sha256:{self.sha256}" if self.sha256 else f"git:{self.git_sha1}:{self.size}"


@dataclass(frozen=True, slots=True)
class Plan:
    """What exactly is to be fetched: one commit, each file with its size and hash."""

    repo: str
    commit: str
    files: tuple[PlannedFile, ...]

    @property
    def total_bytes(self) -> int:
        return sum(file.size for file in self.files)


@dataclass(frozen=True, slots=True)
class Content:
    """The bytes of a file from `start` on; 0 when the hub would not begin in the middle."""

    start: int
    chunks: AsyncGenerator[bytes, None]


class _Revision(BaseModel):
    sha: Annotated[str, Field(pattern=r"^[0-9a-f]{7,64}$")]


class _Lfs(BaseModel):
    oid: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    size: Annotated[int, Field(ge=0)]


class _PathInfo(BaseModel):
    path: str
    size: Annotated[int, Field(ge=0)] = 0
    oid: Annotated[str, Field(pattern=r"^[0-9a-f]{40}$")] | None = None
    lfs: _Lfs | None = None


_paths: TypeAdapter[list[_PathInfo]] = TypeAdapter(list[_PathInfo])


class _Outage(EngineUnavailable):
    """What its breaker counts."""

    def __init__(self, told: ModelError) -> None:
        super().__init__("hub", str(told))
        self.told = told


class Hub:
    def __init__(self, client: httpx.AsyncClient, breaker: CircuitBreaker) -> None:
        self._client = client
        self._breaker = breaker

    @property
    def url(self) -> str:
        return str(self._client.base_url).rstrip("/")

    async def plan(self, model: Model) -> Plan:
        """Ask what the catalogue's revision is today. Raises a `ModelError`."""
        for wanted in model.files:
            if not re.match(SAFE_NAME, wanted.name):
                raise UnsafeName(f"{wanted.name!r} is not a name for a file")
        with self._asking(model.repo):
            answer = await self._client.get(f"/api/models/{model.repo}/revision/{quote(model.revision, safe='')}")
            answer.raise_for_status()
            commit = _Revision.model_validate_json(answer.content).sha
            answer = await self._client.post(
                f"/api/models/{model.repo}/paths-info/{commit}",
                json={"paths": [wanted.path for wanted in model.files], "expand": False},
            )
            answer.raise_for_status()
            known = {info.path: info for info in _paths.validate_json(answer.content)}
        names = {wanted.path: wanted.name for wanted in model.files}
        if strangers := known.keys() - names.keys():
            raise UnsafeName(f"the hub names files that were not asked for: {min(strangers)!r}")
        if missing := names.keys() - known.keys():
            raise NoSuchModel(f"{model.repo} has no file {min(missing)}")
        return Plan(model.repo, commit, tuple(_planned(known[path], name) for path, name in names.items()))

    @asynccontextmanager
    async def content(self, plan: Plan, file: PlannedFile, start: int) -> AsyncGenerator[Content]:
        """Raises a `ModelError`, also while its chunks are read."""
        url = f"/{plan.repo}/resolve/{plan.commit}/{quote(file.path)}"
        headers = {"Range": f"bytes={start}-"} if start else {}
        async with AsyncExitStack() as stack:
            with self._asking(plan.repo):
                answer = await stack.enter_async_context(self._client.stream("GET", url, headers=headers))
                if answer.status_code == httpx.codes.REQUESTED_RANGE_NOT_SATISFIABLE:
                    raise HubFailed(f"{plan.repo}: {file.name} is not as long as the hub said")
                answer.raise_for_status()
            with _mapped(plan.repo):
                # httpx promises less than it gives: this is an async generator
                body = cast("AsyncGenerator[bytes, None]", answer.aiter_bytes(CHUNK_BYTES))
                async with aclosing(body) as chunks:
                    yield Content(_start_of(answer), chunks)

    @contextmanager
    def _asking(self, repo: str) -> Generator[None]:
        """One request, until it is answered. A download that breaks off later says nothing against the hub."""
        try:
            with self._breaker.guard():
                try:
                    with _mapped(repo):
                        yield
                except (NoNetwork, Interrupted) as exc:
                    raise _Outage(exc) from exc
                except HubFailed as exc:
                    if exc.broken:
                        raise _Outage(exc) from exc
                    raise
        except _Outage as exc:
            raise exc.told from exc.told.__cause__
        except CircuitOpen as exc:
            wait = self._breaker.seconds_to_probe
            when = f"it can be asked again in {wait:.0f} s" if wait >= 1 else "it can be asked again in a moment"
            raise HubFailed(f"the hub is left alone for now, {when}: {exc.reason}") from exc


@asynccontextmanager
async def open_hub(settings: HubSettings, breaker: CircuitBreaker | None = None) -> AsyncGenerator[Hub]:
    async with httpx.AsyncClient(
        base_url=str(settings.url),
        timeout=httpx.Timeout(30, connect=10),
        follow_redirects=True,  # renamed repositories, and the content network behind the hub
        headers={"User-Agent": "nightingale", "Accept-Encoding": "identity"},
    ) as client:
        yield Hub(client, breaker or CircuitBreaker("hub", ResilienceSettings().hub))


def _planned(info: _PathInfo, name: str) -> PlannedFile:
    if info.lfs is not None:
        return PlannedFile(info.path, name, info.lfs.size, info.lfs.oid, None)
    if info.oid is None:
        raise HubFailed(f"the hub gives no checksum for {info.path}")
    return PlannedFile(info.path, name, info.size, None, info.oid)


def _start_of(answer: httpx.Response) -> int:
    if answer.status_code != httpx.codes.PARTIAL_CONTENT:
        return 0
    match = re.match(r"bytes (\d+)-", answer.headers.get("Content-Range", ""))
    if match is None:
        raise HubFailed("the hub sent a part of a file without saying which")
    return int(match[1])


@contextmanager
def _mapped(repo: str) -> Generator[None]:
    try:
        yield
    except httpx.HTTPStatusError as exc:
        raise _refusal(repo, exc.response) from exc
    except (httpx.ConnectError, httpx.ConnectTimeout, httpx.ProxyError) as exc:
        raise NoNetwork(f"cannot reach {exc.request.url.host}: {exc or type(exc).__name__}") from exc
    except httpx.TransportError as exc:
        raise Interrupted(f"the connection to the hub was lost: {exc or type(exc).__name__}") from exc
    except (httpx.RequestError, httpx.InvalidURL) as exc:
        raise HubFailed(f"the hub's answer for {repo} cannot be used: {exc}") from exc
    except ValidationError as exc:
        raise HubFailed(f"the hub's answer for {repo} cannot be understood") from exc


def _refusal(repo: str, answer: httpx.Response) -> NoSuchModel | HubRefused | HubFailed:
    status = answer.status_code
    if status == httpx.codes.NOT_FOUND or answer.headers.get("X-Error-Code") in _NOT_FOUND:
        return NoSuchModel(f"the hub has no {repo}, or not the revision or file we know (status {status})")
    if status in (httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN):
        return HubRefused(f"the hub refuses {repo} (status {status}): it wants a log-in or a licence accepted")
    broken = status >= 500
    passing = broken or status in (httpx.codes.REQUEST_TIMEOUT, httpx.codes.TOO_MANY_REQUESTS)
    return HubFailed(f"the hub failed on {repo} (status {status})", passing=passing, broken=broken)
