"""What can be set about the cache. Read from the environment by `app.settings` only."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field


class CacheSettings(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    memory_mb: Annotated[int, Field(ge=0, le=100_000)] = 32
    """The most it holds in this process."""
    file_mb: Annotated[int, Field(ge=0, le=1_000_000)] = 256
    """The most it holds on the disk; 0 is no file."""
    redis_days: Annotated[float, Field(gt=0, le=365)] = 7.0
    """How long Redis keeps what was put there."""
