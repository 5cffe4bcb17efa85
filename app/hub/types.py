"""The words of the model store, and what can go wrong between a hub and a folder.

ModelError            `code` is stable, the message is for people
  NoNetwork           the hub cannot be reached at all
  Interrupted         the connection was lost half way; what came is kept, and pulling again goes on from there
  NoSuchModel         neither the catalogue nor the hub knows it
  HubRefused          the hub wants a log-in or a licence accepted
  HubFailed           the hub answered, with an error or with nonsense
  UnsafeName          a file name that would leave the model's folder
  NotEnoughDisk       it would not fit, with the margin that is kept free
  DiskFailed          the disk refused to be written or read
  ChecksumMismatch    what came is not what the hub said it would be
  AlreadyPulling      somebody else, perhaps another process, is at it
  NotInstalled        there is nothing to verify or remove
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, HttpUrl

Kind = Literal["stt", "tts", "language"]

SAFE_NAME = r"^[A-Za-z0-9][A-Za-z0-9._-]*$"
"""File names that stay in their folder and are not hidden."""


class HubSettings(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    url: HttpUrl = HttpUrl("https://huggingface.co")
    """A server that speaks the Hugging Face hub's HTTP API; contacted only when somebody pulls a model."""
    keep_free_bytes: Annotated[int, Field(ge=0)] = 512 * 1024 * 1024
    """A pull is refused if it would leave less of the disk free."""
    retries: Annotated[int, Field(ge=0, le=10)] = 3
    """How often in a row, without a byte gained, a failed request is repeated."""
    retry_seconds: Annotated[float, Field(ge=0, le=60)] = 0.5
    """The wait before the first repetition; it doubles each time."""


@dataclass(frozen=True, slots=True)
class WantedFile:
    path: str
    """Where it is in the repository."""
    name: str
    """What it is called in the model's folder."""


@dataclass(frozen=True, slots=True)
class Model:
    """One entry of the catalogue."""

    id: str
    kind: Kind
    name: str
    repo: str
    revision: str
    files: tuple[WantedFile, ...]
    size_bytes: int
    """Approximate, for people to choose by; the hub says the exact figure when it is pulled."""
    licence: str
    languages: tuple[str, ...]
    """Codes; none means many."""
    purpose: str
    hardware: str
    rank: int
    """Among those of its kind, the higher is tried first on a machine without a GPU."""
    gpu_rank: int = 0
    """The same where there is a GPU; 0 means `rank`."""


class FileRecord(BaseModel):
    model_config = ConfigDict(frozen=True)

    name: Annotated[str, Field(pattern=SAFE_NAME)]
    size: Annotated[int, Field(ge=0)]
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class Manifest(BaseModel):
    """What was installed, where it came from, and how to tell that it is still whole."""

    model_config = ConfigDict(frozen=True)

    id: str
    kind: Kind
    source: str
    repo: str
    revision: str
    """The commit, not the branch or tag that was asked for."""
    licence: str
    installed_at: str
    """ISO 8601, UTC."""
    files: tuple[FileRecord, ...]


@dataclass(frozen=True, slots=True)
class Installed:
    model: Model
    folder: Path
    manifest: Manifest


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a pull, or a verification, has come."""

    received_bytes: int
    total_bytes: int


class ModelError(Exception):
    code: ClassVar[str] = "model-error"


class NoNetwork(ModelError):
    code = "no-network"


class Interrupted(ModelError):
    code = "pull-interrupted"


class NoSuchModel(ModelError):
    code = "no-such-model"


class HubRefused(ModelError):
    code = "hub-refused"


class HubFailed(ModelError):
    code = "hub-failed"

    def __init__(self, reason: str, *, passing: bool = False, broken: bool = False) -> None:
        super().__init__(reason)
        self.passing = passing
        """Whether asking again may help."""
        self.broken = broken
        """Whether it is the hub that is at fault, and not what it was asked for."""


class UnsafeName(ModelError):
    code = "unsafe-name"


class NotEnoughDisk(ModelError):
    code = "not-enough-disk"

    def __init__(self, needs_bytes: int, has_bytes: int) -> None:
        super().__init__(
            f"not enough disk space: needs {readable(needs_bytes)}, and there are {readable(has_bytes)} to use"
        )
        self.needs_bytes = needs_bytes
        self.has_bytes = has_bytes


class DiskFailed(ModelError):
    code = "disk-failed"


class ChecksumMismatch(ModelError):
    code = "checksum-mismatch"


class AlreadyPulling(ModelError):
    code = "already-pulling"


class NotInstalled(ModelError):
    code = "not-installed"


def readable(size_bytes: int) -> str:
    """A size as hubs write it, in powers of ten: `483 MB`, `1.6 GB`."""
    if size_bytes >= 1_000_000_000:
        return f"{size_bytes / 1_000_000_000:.1f} GB"
    if size_bytes >= 1_000_000:
        return f"{size_bytes / 1_000_000:.0f} MB"
    return f"{max(size_bytes, 0) / 1000:.0f} kB"
