"""`/metrics`, for Prometheus."""

from collections.abc import Callable, Mapping
from typing import Protocol

from fastapi import APIRouter, HTTPException, Response

from app.telemetry.metrics import CONTENT_TYPE, Metrics
from memory.cache import Cache
from resilience.breakers import Breakers


class Measured(Protocol):
    @property
    def metrics(self) -> Metrics: ...
    @property
    def breakers(self) -> Breakers: ...
    @property
    def cache(self) -> Cache: ...
    @property
    def waiting(self) -> int: ...
    @property
    def queues(self) -> Mapping[str, int]: ...


def metrics_router(house: Callable[[], Measured | None]) -> APIRouter:
    """There is none while the house opens or closes."""
    router = APIRouter(tags=["metrics"])

    @router.get("/metrics")
    async def page() -> Response:
        opened = house()
        if opened is None:
            raise HTTPException(503, "Nightingale is just starting or stopping.")
        opened.metrics.sessions_waiting(opened.waiting)
        opened.metrics.queues(opened.queues)
        opened.metrics.process()
        return Response(opened.metrics.page(opened.breakers, opened.cache.figures()), media_type=CONTENT_TYPE)

    return router
