"""The circuit breakers over HTTP, for operators: how they stand, and a word that is stronger than theirs."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, ValidationError

from app.security.users import operators_only
from resilience.breaker import CircuitBreaker
from resilience.breakers import Breakers


@dataclass(frozen=True, slots=True)
class BreakerStanding:
    name: str
    state: str
    epoch: int
    reason: str
    """Why it is not closed, in plain words."""
    seconds_to_probe: float


class Force(BaseModel):
    model_config = ConfigDict(extra="forbid")

    force: Literal["open", "closed"] | None


def breakers_router(breakers: Callable[[], Breakers | None]) -> APIRouter:
    """There are none while the house opens or closes."""
    router = APIRouter(prefix="/api/breakers", tags=["breakers"])

    def present() -> Breakers:
        found = breakers()
        if found is None:
            raise HTTPException(503, "Nightingale is just starting or stopping.")
        return found

    @router.get("")
    async def everything() -> list[BreakerStanding]:
        return sorted((_standing(each) for each in present()), key=lambda each: each.name)

    @router.put("/{name:path}", response_model=BreakerStanding, dependencies=[Depends(operators_only)])
    async def force(name: str, request: Request) -> BreakerStanding | JSONResponse:
        found = next((each for each in present() if each.name == name), None)
        if found is None:
            return JSONResponse({"code": "no-such-breaker", "detail": f"There is no breaker called {name!r:.80}."}, 404)
        try:
            wanted = Force.model_validate_json(await request.body())
        except ValidationError:
            detail = 'Say {"force": "open"}, {"force": "closed"}, or {"force": null} to let it decide again.'
            return JSONResponse({"code": "bad-value", "detail": detail}, 422)
        found.force(wanted.force)
        return _standing(found)

    return router


def _standing(breaker: CircuitBreaker) -> BreakerStanding:
    state = breaker.state.value
    return BreakerStanding(breaker.name, state, breaker.epoch, breaker.reason, round(breaker.seconds_to_probe, 1))
