"""The folder of installed models: one subfolder each, with a manifest that says what must be in it.

A model's folder appears by one rename, when all of it has been checked; half-fetched ones live in `.partial`.
The methods block on the disk: for a worker thread, `verify` for a longer while.

Below: what is installed, as specs for the ladders, best first, only what the language and the machine can use.
Those are pure; the wiring asks them when a ladder is not set by hand, and again after every install. Folders
outside the store are named in the settings instead.
"""

import hashlib
import shutil
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from app.hub.catalogue import CATALOGUE
from app.hub.types import (
    ChecksumMismatch,
    DiskFailed,
    Installed,
    Kind,
    Manifest,
    Model,
    ModelError,
    NotInstalled,
    Progress,
)
from graph.settings import LanguageSpec, LlamaCppSpec
from voice.settings import FasterWhisperSpec, PiperSpec, SttSpec, TtsSpec

MANIFEST = "manifest.json"
PARTIAL = ".partial"
CHUNK_BYTES = 1 << 20


class ModelStore:
    def __init__(self, root: Path, catalogue: Sequence[Model] = CATALOGUE) -> None:
        self.root = root
        self.catalogue = tuple(catalogue)

    def folder(self, model: Model) -> Path:
        return self.root / model.id

    def staging(self, model: Model) -> Path:
        """Where a pull collects its files."""
        return self.root / PARTIAL / model.id

    def partial_bytes(self, model: Model) -> int:
        """How much of an unfinished pull is kept, to go on from."""
        try:
            return sum(file.stat().st_size for file in self.staging(model).iterdir() if not file.name.startswith("."))
        except OSError:
            return 0

    def free_bytes(self) -> int:
        return shutil.disk_usage(_nearest(self.root)).free

    def find(self, model: Model) -> Installed | None:
        """The model if its folder is whole as far as file sizes tell; None if it is absent or damaged."""
        try:
            return self._check_sizes(model)
        except ModelError:
            return None

    def is_damaged(self, model: Model) -> bool:
        return self.folder(model).exists() and self.find(model) is None

    def installed(self) -> tuple[Installed, ...]:
        """All that are whole, in the order of the catalogue."""
        return tuple(found for model in self.catalogue if (found := self.find(model)) is not None)

    def verify(self, model: Model, progress: Callable[[Progress], None] = lambda _: None) -> Installed:
        """Read every byte again. Raises `NotInstalled`, `ChecksumMismatch` or `DiskFailed`."""
        found = self._check_sizes(model)
        total = sum(file.size for file in found.manifest.files)
        done = 0
        for file in found.manifest.files:
            digest = hashlib.sha256()
            try:
                with (found.folder / file.name).open("rb") as source:
                    while chunk := source.read(CHUNK_BYTES):
                        digest.update(chunk)
                        done += len(chunk)
                        progress(Progress(done, total))
            except OSError as exc:
                raise disk_error(exc, found.folder) from exc
            if digest.hexdigest() != file.sha256:
                raise ChecksumMismatch(f"{model.id}: {file.name} is not what was installed; pull it again")
        return found

    def remove(self, model: Model) -> None:
        """Take away the model and whatever an unfinished pull has left. Raises `NotInstalled`."""
        there = [folder for folder in (self.folder(model), self.staging(model)) if folder.exists()]
        if not there:
            raise NotInstalled(f"{model.id} is not installed")
        for folder in there:
            try:
                shutil.rmtree(folder)
            except OSError as exc:
                raise disk_error(exc, folder) from exc

    def _check_sizes(self, model: Model) -> Installed:
        folder = self.folder(model)
        try:
            manifest = Manifest.model_validate_json((folder / MANIFEST).read_bytes())
        except FileNotFoundError as exc:
            if folder.exists():
                raise ChecksumMismatch(f"{model.id}: its {MANIFEST} is missing; pull it again") from exc
            raise NotInstalled(f"{model.id} is not installed") from exc
        except OSError as exc:
            raise disk_error(exc, folder) from exc
        except ValidationError as exc:
            raise ChecksumMismatch(f"{model.id}: its {MANIFEST} is damaged; pull it again") from exc
        for file in manifest.files:
            try:
                size = (folder / file.name).stat().st_size
            except OSError as exc:
                raise ChecksumMismatch(f"{model.id}: {file.name} is missing; pull it again") from exc
            if size != file.size:
                raise ChecksumMismatch(
                    f"{model.id}: {file.name} has {size} bytes instead of {file.size}; pull it again"
                )
        return Installed(model, folder, manifest)


def disk_error(exc: OSError, where: Path) -> DiskFailed:
    return DiskFailed(f"{where}: {exc.strerror or exc}")


def _nearest(path: Path) -> Path:
    """The path, or the closest folder above it that exists."""
    return next((each for each in (path, *path.parents) if each.exists()), Path("/"))


@dataclass(frozen=True, slots=True)
class Machine:
    """As much of the hardware as the choice depends on."""

    gpu: bool = False
    """Whether CTranslate2 and llama.cpp could use one."""
    memory_bytes: int | None = None
    """None means: do not care."""


def stt_specs(
    installed: Iterable[Installed], *, language: str = "en", machine: Machine = Machine()
) -> tuple[SttSpec, ...]:
    return tuple(
        FasterWhisperSpec(
            model=each.folder,
            device="cuda" if machine.gpu else "cpu",
            compute_type="float16" if machine.gpu else "int8",
            language=language,
        )
        for each in _ranked("stt", installed, language, machine)
    )


def tts_specs(
    installed: Iterable[Installed], *, language: str = "en", machine: Machine = Machine()
) -> tuple[TtsSpec, ...]:
    return tuple(
        PiperSpec(model=each.folder / name)
        for each in _ranked("tts", installed, language, machine)
        for name in (file.name for file in each.manifest.files)
        if name.endswith(".onnx")
    )


def language_specs(
    installed: Iterable[Installed], *, language: str = "en", machine: Machine = Machine()
) -> tuple[LanguageSpec, ...]:
    return tuple(
        LlamaCppSpec(model=each.folder / name, gpu_layers=-1 if machine.gpu else 0)
        for each in _ranked("language", installed, language, machine)
        for name in (file.name for file in each.manifest.files)
        if name.endswith(".gguf")
    )


def _ranked(kind: Kind, installed: Iterable[Installed], language: str, machine: Machine) -> list[Installed]:
    usable = [
        each
        for each in installed
        if each.model.kind == kind
        and (not each.model.languages or language in each.model.languages)
        and _fits(each, machine)
    ]
    return sorted(usable, key=lambda each: _rank(each, machine), reverse=True)


def _rank(each: Installed, machine: Machine) -> int:
    return (machine.gpu and each.model.gpu_rank) or each.model.rank


def _fits(each: Installed, machine: Machine) -> bool:
    """Weights in memory take about their size again in buffers and caches; half of it is a fair lower bound."""
    if machine.memory_bytes is None:
        return True
    return 1.5 * sum(file.size for file in each.manifest.files) <= machine.memory_bytes
