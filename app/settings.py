"""Every setting of the house, gathered from its rooms; the only reader of the environment.

Settings come from `NIGHTINGALE_…` variables and from `.env`, nested by two underscores:
`NIGHTINGALE_VOICE__RATE=1.2`. Lists are JSON.
"""

import re
from pathlib import Path
from typing import Annotated

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from app.archive.settings import HistorySettings
from app.hub.types import HubSettings
from app.recordings import RecordingSettings
from app.rights.settings import RightsSettings
from app.security.settings import UserSettings
from app.telemetry.logs import LogSettings
from graph.settings import GraphSettings
from memory.cache_settings import CacheSettings
from memory.embedding.settings import EmbeddingSettings, MiniLmSpec
from memory.settings import CheckpointSettings, MemorySettings, QdrantEdgeSpec, SqliteCheckpointsSpec
from resilience.settings import ResilienceSettings
from voice.settings import VoiceSettings


class Settings(BaseSettings):
    model_config = SettingsConfigDict(
        env_prefix="NIGHTINGALE_", env_nested_delimiter="__", env_file=".env", extra="ignore", frozen=True
    )

    host: str = "127.0.0.1"
    """The address to listen on; anything but loopback lets other machines in."""
    port: Annotated[int, Field(ge=1, le=65535)] = 8000
    """Where the page is served."""
    data_dir: Path = Path("data")
    """Where everything that is kept lies: history, memories, models, the log-in secret."""
    allowed_hosts: tuple[str, ...] = ()
    """Host names, beside this machine's own, under which the page may be opened (JSON list)."""
    longest_message: Annotated[int, Field(ge=100, le=1_000_000)] = 20_000
    """Characters that one typed message may have."""
    voice: VoiceSettings = VoiceSettings()
    graph: GraphSettings = GraphSettings()
    memory: MemorySettings = QdrantEdgeSpec()
    """Where memories are kept."""
    embedding: EmbeddingSettings = MiniLmSpec()
    """What finds memories by their meaning."""
    cache: CacheSettings = CacheSettings()
    checkpoints: CheckpointSettings = SqliteCheckpointsSpec()
    """Where conversations are kept between turns."""
    history: HistorySettings = HistorySettings()
    hub: HubSettings = HubSettings()
    resilience: ResilienceSettings = ResilienceSettings()
    recordings: RecordingSettings = RecordingSettings()
    rights: RightsSettings = RightsSettings()
    users: UserSettings = UserSettings()
    log: LogSettings = LogSettings()


class BadSettings(Exception):
    """A setting has a value that is not allowed; the message says which, and what is."""

    code = "bad-settings"


def load_settings() -> Settings:
    """Raises `BadSettings`."""
    try:
        return Settings()
    except ValidationError as exc:
        raise BadSettings("\n".join(_complaint(error) for error in exc.errors())) from exc
    except ValueError as exc:  # JSON that cannot be read
        raise BadSettings(str(exc)) from exc


def _complaint(error: object) -> str:
    """What may hold a secret is not told: the password in an address, and values in the wrong place."""
    assert isinstance(error, dict)
    name = "NIGHTINGALE_" + "__".join(str(part) for part in error["loc"]).upper()
    allowed = str(error["msg"]).replace("Input should be", "it should be")
    given = error["input"]
    if error["type"] == "extra_forbidden" or isinstance(given, dict | list):
        return f"{name}: {allowed}"
    return f"{name}: {allowed} (it is {_PASSWORD.sub('…', repr(given)):.80})"


_PASSWORD = re.compile(r"(?<=://).*@")
