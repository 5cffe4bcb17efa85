"""What can be set about who may use this house."""

from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, IPvAnyNetwork, model_validator


class UserSettings(BaseModel):
    """Left alone: whoever reaches this house is its one user."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    header: Annotated[str, Field(pattern=r"^[A-Za-z0-9-]{1,64}$")] | None = None
    """The header in which a proxy that logs people in names them, such as `X-Forwarded-User`. The proxy has to take it
    off what people send themselves."""
    proxies: tuple[IPvAnyNetwork, ...] = ()
    """The addresses, or networks, from which that header is believed (JSON list). Nobody else may ask for anything."""
    operators: tuple[str, ...] = ()
    """Users who may also pull and remove models and hold circuit breakers (JSON list), beside whoever can read the data
    folder."""

    @model_validator(mode="after")
    def _belong_together(self) -> Self:
        if bool(self.header) != bool(self.proxies):
            raise ValueError("`header` and `proxies` go together: a header has to come from somewhere to be believed")
        return self
