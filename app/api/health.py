"""Is it alive, has it started, can a turn be served: for people, `doctor` and whatever watches the process."""

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from fastapi import APIRouter, Response

from app.standing import Standing
from app.wiring import House
from voice.tiers import Tier, tier_of

NOT_READY = 503


def health_router(house: Callable[[], House | None]) -> APIRouter:
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
        """A turn can be served, and in which way."""
        opened = house()
        if opened is None or not opened.engines.language.rungs:
            response.status_code = NOT_READY
            return {"status": "starting"}
        standing = opened.engines.standing()
        tier = tier_in_use(standing)
        return {
            "status": "ready",
            "tier": tier.name,
            "tier_means": tier.meaning,
            "sessions": len(opened.sessions),
            "engines": [asdict(each) for each in standing],
        }

    return router


def tier_in_use(standing: list[Standing]) -> Tier:
    """What a user can do with the engines that stand first, microphone and loudspeaker granted."""
    first = {each.kind: each.name for each in standing if each.state == "in-use"}
    return tier_of(hears=first.get("stt", "typed") != "typed", speaks=first.get("tts", "captions") != "captions")
