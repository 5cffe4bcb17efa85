"""Is it alive, has it started, can a turn be served: for people, `doctor` and whatever watches the process."""

from collections.abc import Callable, Sized
from dataclasses import asdict
from typing import Any, Protocol

from anyio import Event
from fastapi import APIRouter, Response

from app.engines import EngineRoom
from app.health import Health
from app.notices import told
from app.telemetry.lateness import Lateness
from memory.cache import Cache
from voice.tiers import tier_of

NOT_READY = 503


class Open(Protocol):
    """The house that is open, as much of it as is looked at."""

    @property
    def engines(self) -> EngineRoom: ...
    @property
    def health(self) -> Health: ...
    @property
    def cache(self) -> Cache: ...
    @property
    def lateness(self) -> Lateness: ...
    @property
    def sessions(self) -> Sized: ...
    @property
    def arranged(self) -> Event: ...


def health_router(house: Callable[[], Open | None]) -> APIRouter:
    router = APIRouter(prefix="/health", tags=["health"])

    @router.get("/live")
    async def live() -> dict[str, str]:
        """The process answers."""
        return {"status": "alive"}

    @router.get("/startup")
    async def startup(response: Response) -> dict[str, Any]:
        """Every wanted engine has been tried once."""
        opened = house()
        done = opened is not None and opened.arranged.is_set()
        response.status_code = 200 if done else NOT_READY
        return {"status": "started" if done else "starting"}

    @router.get("/ready")
    async def ready(response: Response) -> dict[str, Any]:
        """A turn can be served, and in which way: what a user can do, microphone and loudspeaker granted."""
        opened = house()
        if opened is None or not opened.engines.language.rungs:
            response.status_code = NOT_READY
            return {"status": "starting"}
        means = opened.engines.means()
        tier = tier_of(hears=means.hears.works, speaks=means.speaks.works)
        return {
            "status": "ready",
            "tier": tier.word,
            "tier_means": tier.meaning,
            "why": [told("en", each.why_not) for each in (means.hears, means.speaks) if each.why_not],
            "sessions": len(opened.sessions),
            "engines": [asdict(each) for each in opened.engines.standing()],
            "parts": [asdict(each) for each in opened.health.parts()],
            "cache": [asdict(each) for each in opened.cache.figures()],
            "loop_late_seconds": round(opened.lateness.late_seconds, 4),
            "loop_blocked_seconds": round(opened.lateness.blocked_seconds, 4),
        }

    return router
