"""Where the session history is kept. Chainlit is not imported here: settings are read before it may be."""

from pydantic import BaseModel, ConfigDict, SecretStr, field_validator

DRIVERS = {"postgresql": "postgresql+asyncpg", "postgres": "postgresql+asyncpg"}


class HistorySettings(BaseModel):
    """The conversations of the sidebar."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: SecretStr | None = None
    """A PostgreSQL database (`postgresql://user:password@host/name`; needs the extra `postgres`) in place of the file
    `history.sqlite` in the data folder."""

    @field_validator("url")
    @classmethod
    def _is_postgres(cls, url: SecretStr | None) -> SecretStr | None:
        if url is not None and url.get_secret_value().partition("://")[0] not in DRIVERS:
            raise ValueError("it should begin with postgresql://")
        return url

    @property
    def engine_url(self) -> str | None:
        """With the driver that we speak through."""
        if self.url is None:
            return None
        scheme, _, rest = self.url.get_secret_value().partition("://")
        return f"{DRIVERS[scheme]}://{rest}"
