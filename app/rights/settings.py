"""What can be set about backups, and about tidying up."""

from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field


class BackupSettings(BaseModel):
    """The backups that Nightingale makes by itself."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    every_hours: Annotated[float, Field(ge=0, le=8760)] = 24.0
    """How often one is made; one that was missed is made up for. 0: never."""
    keep: Annotated[int, Field(ge=1, le=1000)] = 7
    """How many of them stay; the oldest go."""
    folder: Path | None = None
    """Where they lie; nothing means `backups` in the data folder. Another disk is better."""


class SweepSettings(BaseModel):
    """What is swept away by itself."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    temporary_hours: Annotated[float, Field(ge=0, le=8760)] = 1.0
    """How often temporary sound and unfetched exports are swept, and how old they must be. 0: never."""
    idle_days: Annotated[float, Field(ge=0, le=3650)] = 7.0
    """After so long without a word, a session that is still connected is ended, and its uploads go. 0: never."""


class RightsSettings(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    backup: BackupSettings = BackupSettings()
    sweep: SweepSettings = SweepSettings()
