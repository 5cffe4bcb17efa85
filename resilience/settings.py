"""What can be set about failing well. Read from the environment by `app.settings` only."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, RedisDsn


class BreakerSettings(BaseModel):
    """When to leave a part alone, and for how long. Meanings and names as in resilience4j's circuit breaker."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    consecutive_failures: Annotated[int, Field(ge=1, le=1000)] = 3
    """Failures in a row that open it."""
    window: Literal["calls", "seconds"] = "calls"
    """Whether the sliding window holds the last so many calls, or those of the last so many seconds."""
    window_size: Annotated[int, Field(ge=1, le=10_000)] = 20
    """How many of them."""
    minimum_calls: Annotated[int, Field(ge=1, le=10_000)] = 10
    """Rates mean nothing before so many calls are in the window."""
    failure_rate: Annotated[float, Field(gt=0, le=1)] = 0.5
    """The share of failures in the window that opens it."""
    slow_seconds: Annotated[float, Field(gt=0, le=600)] | None = None
    """A call that takes longer to its first output is slow; nothing means that none is."""
    slow_rate: Annotated[float, Field(gt=0, le=1)] = 0.8
    """The share of slow calls in the window that opens it."""
    open_seconds: Annotated[float, Field(gt=0, le=60)] = 2.0
    """How long it is left alone the first time; doubles with every probe that fails."""
    longest_open_seconds: Annotated[float, Field(gt=0, le=60)] = 30.0
    """How long at most: what has recovered is back within a minute."""
    jitter: Annotated[float, Field(ge=0, lt=1)] = 0.2
    """Up to this share is taken off an open time by chance, so that many do not ask again at once."""
    probes: Annotated[int, Field(ge=1, le=100)] = 1
    """Calls that are let through to find out whether it is well again."""
    lease_seconds: Annotated[float, Field(gt=0, le=600)] = 30.0
    """A probe that is not back after this is given up, and its place given to another."""


class ResilienceSettings(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    redis_url: RedisDsn | None = None
    """Where breaker states are shared between replicas; nothing keeps them in this process."""
    redis_prefix: Annotated[str, Field(pattern=r"^[A-Za-z0-9:_-]{1,64}$")] = "nightingale:"
    """What our keys in Redis begin with."""
    check_seconds: Annotated[float, Field(ge=1, le=3600)] = 60.0
    """How long a part may go unused before it is asked whether it is well."""
    steady_seconds: Annotated[float, Field(ge=0, le=30)] = 3.0
    """How long a recovered voice must hold before it is announced and used: nobody wants it to come and go."""
    turns_at_once: Annotated[int, Field(ge=0, le=1000)] = 0
    """How many turns may be begun at once; further ones wait, the newest session's last. 0: one for each processor."""
    turn_seconds: Annotated[float, Field(gt=0, le=60)] = 4.0
    """A turn that has no answer after half of this leaves out its memories, after all of it its look-ahead."""
    stt: BreakerSettings = BreakerSettings(slow_seconds=8.0)
    """The breaker of each recogniser."""
    tts: BreakerSettings = BreakerSettings(slow_seconds=3.0)
    """The breaker of each voice."""
    language: BreakerSettings = BreakerSettings(slow_seconds=15.0)
    """The breaker of each language model."""
    memory: BreakerSettings = BreakerSettings(slow_seconds=1.0)
    """The breaker of long-term memory (Qdrant)."""
    embeddings: BreakerSettings = BreakerSettings(slow_seconds=1.0)
    """The breaker of what finds memories by their meaning."""
    history: BreakerSettings = BreakerSettings(slow_seconds=2.0)
    """The breaker of the session history."""
    hub: BreakerSettings = BreakerSettings(consecutive_failures=5)
    """The breaker of the model hub; what one download tries again is not enough to open it."""
    redis: BreakerSettings = BreakerSettings(slow_seconds=0.25)
    """The breaker of Redis itself."""
