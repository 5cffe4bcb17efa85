"""The Nightingale that is running at the set address, asked from outside: for `doctor` and `nightingale breakers`."""

import time
from typing import Any
from urllib.parse import quote, unquote

import anyio
import anyio.to_thread
import click
import httpx
from pydantic import BaseModel, TypeAdapter, ValidationError
from rich.console import Console
from rich.table import Table

from app.rights.operator import HEADER, make_pass, read_secret
from app.settings import BadSettings, Settings, load_settings
from memory.types import FIRST_USER

ANSWER_SECONDS = 3.0
WORDS = {"open": "open", "closed": "closed", "auto": None}


class Told(BaseModel):
    """As `app.standing` says it."""

    name: str
    state: str
    detail: str = ""
    remedy: str = ""
    breaker: str = "closed"
    next_try_seconds: float | None = None


class Layer(BaseModel):
    """Of the cache, for one kind of value."""

    kind: str
    layer: str
    hits: int
    misses: int
    bytes: int


class Ready(BaseModel):
    status: str
    tier: str = ""
    tier_means: str = ""
    why: tuple[str, ...] = ()
    engines: tuple[Told, ...] = ()
    parts: tuple[Told, ...] = ()
    cache: tuple[Layer, ...] = ()
    loop_late_seconds: float | None = None
    """At worst, in the last minute; and below, how much of that was its own work, at most."""
    loop_blocked_seconds: float = 0.0


class Breaker(BaseModel):
    name: str
    state: str
    reason: str
    seconds_to_probe: float


class NotRunning(Exception):
    """Nobody is there, or somebody else."""

    def __init__(self, reason: str, *, nobody: bool, remedy: str = "") -> None:
        super().__init__(reason)
        self.nobody = nobody
        self.remedy = remedy


_breakers: TypeAdapter[list[Breaker]] = TypeAdapter(list[Breaker])


def address(settings: Settings) -> str:
    own = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.host, settings.host)  # noqa: S104 - compared, not bound
    return f"http://[{own}]:{settings.port}" if ":" in own else f"http://{own}:{settings.port}"


async def ready(settings: Settings) -> Ready:
    """Raises `NotRunning`."""
    try:
        return Ready.model_validate_json((await _ask(settings, "GET", "/health/ready")).content)
    except ValidationError as exc:
        raise _stranger(settings) from exc


async def _ask(settings: Settings, method: str, path: str, body: Any = None) -> httpx.Response:
    # By its own name, which is always allowed, and past any proxy that may be set.
    headers = {"Host": f"localhost:{settings.port}"}
    secret = await anyio.to_thread.run_sync(read_secret, settings.data_dir / "secret")
    if secret is not None:
        headers[HEADER] = make_pass(secret, method, unquote(path), FIRST_USER, time.time())
    async with httpx.AsyncClient(base_url=address(settings), timeout=ANSWER_SECONDS, trust_env=False) as client:
        try:
            return await client.request(method, path, json=body, headers=headers)
        except httpx.ConnectError as exc:
            raise NotRunning(f"nothing at {address(settings)}", nobody=True) from exc
        except httpx.TimeoutException as exc:
            reason = f"{address(settings)} did not answer within {ANSWER_SECONDS:g} s"
            raise NotRunning(reason, nobody=False, remedy="If it stays so, restart it.") from exc
        except httpx.RequestError as exc:
            raise _stranger(settings) from exc


def _stranger(settings: Settings) -> NotRunning:
    remedy = "Another port is set with NIGHTINGALE_PORT."
    return NotRunning(f"something else answers at {address(settings)}", nobody=False, remedy=remedy)


@click.command()
@click.argument("name", required=False)
@click.argument("word", required=False, type=click.Choice([*WORDS]))
def breakers(name: str | None, word: str | None) -> None:
    """Show the circuit breakers of the running Nightingale; or force NAME open or closed, or let it decide (auto)."""
    if name and not word:
        raise click.UsageError("say open, closed or auto after the name")
    try:
        anyio.run(_operate, load_settings(), name, word)
    except BadSettings as exc:
        raise click.ClickException(f"a setting is wrong:\n{exc}") from exc
    except NotRunning as exc:
        raise click.ClickException(f"{exc}. {exc.remedy}".strip()) from exc


async def _operate(settings: Settings, name: str | None, word: str | None) -> None:
    if name and word:
        answer = await _ask(settings, "PUT", f"/api/breakers/{quote(name)}", {"force": WORDS[word]})
        if answer.is_error:
            raise click.ClickException(_detail(answer))
    answer = await _ask(settings, "GET", "/api/breakers")
    if answer.is_error:
        raise click.ClickException(_detail(answer))
    try:
        told = _breakers.validate_json(answer.content)
    except ValidationError as exc:
        raise _stranger(settings) from exc
    table = Table(box=None, show_header=False)
    for each in told:
        when = f"asked again in {each.seconds_to_probe:.0f} s" if each.state == "open" else ""
        table.add_row(each.name, each.state, each.reason, when)
    Console().print(table)


def _detail(answer: httpx.Response) -> str:
    try:
        return str(answer.json()["detail"])
    except (ValueError, KeyError, TypeError):
        return f"the server answered {answer.status_code}"
