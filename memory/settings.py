"""What can be set about where memories are kept. Read from the environment by `app.settings` only."""

from typing import Annotated, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, HttpUrl, SecretStr


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
