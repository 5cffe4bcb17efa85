"""A backup as a file: a zip with a manifest, which every byte in it is held against. Blocking."""

import hashlib
import json
import os
import stat
import zipfile
from collections.abc import Callable
from datetime import datetime
from importlib.metadata import version
from pathlib import Path, PurePosixPath
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from app.rights.files import private_folder
from app.rights.types import DamagedBackup, NewerBackup

FORMAT = 1
MANIFEST = "manifest.json"
PACKED = frozenset({".flac", ".ogg", ".opus", ".gguf", ".onnx", ".bin", ".safetensors"})
PIECE = 1 << 20
EMPTY = bytes(PIECE)
"""Long-term memory reserves room that it does not use yet: on the disk it need be no more than a hole."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Part(_Strict):
    """One file in the backup."""

    size: Annotated[int, Field(ge=0)]
    sha256: str


class Manifest(_Strict):
    format: int
    nightingale: str
    made_at: datetime
    """When it was begun: what was erased later than this goes again when it is restored."""
    memories: int | None
    """How many; None where they do not lie in the data folder."""
    rows: dict[str, dict[str, int]]
    """For each database, how many rows each of its tables has."""
    files: dict[str, Part]


def pack_one(packed: zipfile.ZipFile, path: Path, name: str) -> Part:
    digest, size = hashlib.sha256(), 0
    with path.open("rb") as source:
        info = zipfile.ZipInfo(name)
        info.external_attr = (stat.S_IFREG | 0o600) << 16
        info.compress_type = zipfile.ZIP_STORED if path.suffix in PACKED else zipfile.ZIP_DEFLATED
        with packed.open(info, "w", force_zip64=True) as entry:
            while piece := source.read(PIECE):
                digest.update(piece)
                size += len(piece)
                entry.write(piece)
    return Part(size=size, sha256=digest.hexdigest())


def seal(packed: zipfile.ZipFile, manifest: Manifest) -> None:
    packed.writestr(MANIFEST, manifest.model_dump_json(indent=1))


def read_manifest(packed: zipfile.ZipFile) -> Manifest:
    """Raises `DamagedBackup`, `NewerBackup`."""
    name = Path(packed.filename or "").name
    try:
        content = packed.read(MANIFEST)
        told = json.loads(content)
        made_by, form = str(told["nightingale"]), int(told["format"])
    except (KeyError, TypeError, ValueError, zipfile.BadZipFile) as exc:
        raise DamagedBackup(f"{name} is no backup of Nightingale, or a damaged one: it has no manifest.") from exc
    if form > FORMAT or _numbers(made_by) > _numbers(version("nightingale")):
        raise NewerBackup(f"{name} was made by Nightingale {made_by}, which is newer than this one. Update this one.")
    try:
        manifest = Manifest.model_validate_json(content)
    except ValidationError as exc:
        raise DamagedBackup(f"{name}: its manifest is damaged.") from exc
    entries = [info for info in packed.infolist() if info.filename != MANIFEST]
    if sorted(info.filename for info in entries) != sorted(manifest.files) or any(map(_leads_out, manifest.files)):
        raise DamagedBackup(f"{name}: it does not hold the files that its manifest names.")
    if any(info.file_size != manifest.files[info.filename].size for info in entries):
        raise DamagedBackup(f"{name}: a file in it has not the size that its manifest says.")
    return manifest


def unpack(file: Path, folder: Path, *, only: Callable[[str], bool] = lambda _: True) -> Manifest:
    """Every byte is read and compared; laid down are the files that `only` says yes to."""
    try:
        with zipfile.ZipFile(file) as packed:
            manifest = read_manifest(packed)
            for name, part in manifest.files.items():
                target = folder / name if only(name) else None
                if target is not None:
                    private_folder(target.parent)
                if _unpack_one(packed, name, target, part.size) != part.sha256:
                    raise DamagedBackup(f"{file.name}: {name} is damaged.")
    except (zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError) as exc:  # the last: it asks for a password
        raise DamagedBackup(f"{file.name} is no backup of Nightingale, or a damaged one: {exc}.") from exc
    return manifest


def _unpack_one(packed: zipfile.ZipFile, name: str, target: Path | None, size: int) -> str:
    digest = hashlib.sha256()
    with packed.open(name) as entry:
        out = None if target is None else os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")
        try:
            while size >= 0 and (piece := entry.read(PIECE)):
                size -= len(piece)
                digest.update(piece)
                if out is not None and piece == EMPTY:
                    out.seek(len(piece), os.SEEK_CUR)
                elif out is not None:
                    out.write(piece)
        finally:
            if out is not None:
                out.truncate()
                out.close()
    return digest.hexdigest()


def _leads_out(name: str) -> bool:
    path = PurePosixPath(name)
    return path.is_absolute() or not path.parts or ".." in path.parts or "\\" in name or "\0" in name or ":" in name


def _numbers(told: str) -> tuple[int, ...]:
    return tuple(int(part) for part in told.split("+")[0].split(".") if part.isdecimal())
