"""What can be set about where memories and checkpoints are kept. Read from the environment by `app.settings` only."""

from typing import Annotated, Literal, TypeAlias

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, HttpUrl, SecretStr


class Spec(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class QdrantEdgeSpec(Spec):
    """In the data folder, by Qdrant's embedded engine."""

    store: Literal["qdrant-edge"] = "qdrant-edge"


class QdrantServerSpec(Spec):
    """On a Qdrant server, which several replicas may share."""

    store: Literal["qdrant-server"] = "qdrant-server"
    url: HttpUrl
    """`http://127.0.0.1:6333`; without a port it is 6333."""
    api_key: SecretStr | None = None
    """Sent with every request; never logged."""
    collection: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,100}$")] = "nightingale-memories"
    """It is made when there is none."""
    answer_seconds: Annotated[int, Field(ge=1, le=600)] = 10
    """How long the server may be silent."""


MemorySettings: TypeAlias = Annotated[QdrantEdgeSpec | QdrantServerSpec, Field(discriminator="store")]


def _begins_with(*schemes: str) -> AfterValidator:
    def check(url: SecretStr) -> SecretStr:
        if url.get_secret_value().partition("://")[0] not in schemes:
            raise ValueError(f"it should begin with {schemes[0]}://")
        return url

    return AfterValidator(check)


class SqliteCheckpointsSpec(Spec):
    """In the data folder."""

    store: Literal["sqlite"] = "sqlite"


class PostgresCheckpointsSpec(Spec):
    """In a PostgreSQL database, which several replicas may share; needs the extra `postgres`."""

    store: Literal["postgres"] = "postgres"
    url: Annotated[SecretStr, _begins_with("postgresql", "postgres")]
    """`postgresql://user:password@host/name`; never logged. It may be the database of the history."""
    answer_seconds: Annotated[int, Field(ge=1, le=600)] = 5
    """How long the server may be silent."""


class RedisCheckpointsSpec(Spec):
    """In Redis 8 or Redis Stack, which several replicas may share; needs the extra `redis`."""

    store: Literal["redis"] = "redis"
    url: Annotated[SecretStr, _begins_with("redis", "rediss")]
    """`redis://user:password@host:6379`; never logged. A Redis without RedisJSON and RediSearch is refused."""
    keep_days: Annotated[int, Field(ge=1, le=36500)] | None = None
    """Threads that nobody opens for so long are dropped from it; nothing means never."""
    answer_seconds: Annotated[int, Field(ge=1, le=600)] = 5
    """How long the server may be silent."""


CheckpointSettings: TypeAlias = Annotated[
    SqliteCheckpointsSpec | PostgresCheckpointsSpec | RedisCheckpointsSpec, Field(discriminator="store")
]
