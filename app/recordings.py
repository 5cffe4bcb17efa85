"""Recordings of what was said: a file for each saying, in a folder for each thread. Blocking.

They are written as WAV, which a crash cannot spoil, and may be replaced by something smaller once nobody waits for
them.
"""

import errno
import io
import os
import shutil
import wave
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Final, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from app.codec import Format, unpacked
from voice.types import AudioFrame

SUFFIXES: Final[dict[Format, str]] = {"wav": ".wav", "flac": ".flac", "opus": ".ogg"}
FORMATS: Final = {suffix: form for form, suffix in SUFFIXES.items()}


class RecordingSettings(BaseModel):
    """Which recordings are kept. What is waiting for its answer stays until it has one."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    keep: Literal["all", "unanswered", "none"] = "all"
    """all: until they are too old, or too many. unanswered: until it has its answer. none: until its words have been
    made out."""
    keep_days: Annotated[int, Field(ge=1, le=36_500)] | None = 90
    """After that a recording is erased, whatever became of it; `null`: never for its age."""
    keep_megabytes: Annotated[int, Field(ge=1, le=1_000_000)] = 1000
    """Of all threads together; beyond that the oldest go, answered ones first."""
    keep_megabytes_per_thread: Annotated[int, Field(ge=1, le=1_000_000)] = 50
    """Of one thread; an hour of speech has about 115 as it is recorded, 70 as FLAC, 11 as Opus."""
    format: Format = "flac"
    """What recordings become once they are settled. flac: as good, three fifths of the size. opus: less than the
    original, a tenth of the size. wav: they stay as they are."""


class NotAnId(ValueError):
    """Only ids name files, so that no name leads out of the folder."""


class Recordings:
    """Names are ids of threads and sayings; others raise `NotAnId`. Everything raises `OSError`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def path(self, thread: str, saying: str, form: Format = "wav") -> Path:
        return self._folder / checked(thread) / f"{checked(saying)}{SUFFIXES[form]}"

    def write(self, thread: str, saying: str, audio: AudioFrame) -> int:
        """Its size in bytes, once it is on disk, whole, and stays there even when the power fails."""
        return self.put(thread, saying, "wav", _wav(audio))

    def put(self, thread: str, saying: str, form: Format, content: bytes) -> int:
        """As `write`, beside what there is of it in other formats."""
        target = self.path(thread, saying, form)
        _private_folder(target.parent)
        part = target.with_suffix(".part")
        try:
            with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            part.rename(target)
            _sync(target.parent)
        except OSError:
            part.unlink(missing_ok=True)
            target.unlink(missing_ok=True)
            raise
        return len(content)

    def read(self, thread: str, saying: str, form: Format = "wav") -> AudioFrame:
        """Raises `FileNotFoundError` when there is none."""
        file = self.path(thread, saying, form)
        content = file.read_bytes()
        if form != "wav":
            return unpacked(content)
        try:
            with wave.open(io.BytesIO(content)) as sound:
                return AudioFrame(sound.readframes(sound.getnframes()), sound.getframerate())
        except (wave.Error, EOFError) as exc:
            raise OSError(errno.EIO, "not a whole recording", file.name) from exc

    def erase(self, thread: str, saying: str, *forms: Format) -> None:
        """In these formats, or in every one."""
        for form in forms or SUFFIXES:
            self.path(thread, saying, form).unlink(missing_ok=True)

    def erase_thread(self, thread: str) -> None:
        try:
            shutil.rmtree(self._folder / checked(thread))
        except FileNotFoundError:
            return
        _sync(self._folder)

    def erase_folder(self, thread: str) -> None:
        """If nothing is in it."""
        with suppress(OSError):
            (self._folder / checked(thread)).rmdir()

    def all(self) -> Iterator[tuple[str, str, Format]]:
        """Thread, saying and format of every whole recording."""
        for file in self._folder.glob("*/*"):
            form = FORMATS.get(file.suffix)
            if form is not None and _is_id(file.parent.name) and _is_id(file.stem):
                yield file.parent.name, file.stem, form

    def erase_parts(self) -> None:
        """What a process left that died while it wrote."""
        for part in self._folder.glob("*/*.part"):
            part.unlink(missing_ok=True)


def checked(id_: str) -> str:
    if not _is_id(id_):
        raise NotAnId(f"not an id: {id_!r:.60}")
    return id_


def _is_id(name: str) -> bool:
    """In its usual spelling: there are others, with braces and without hyphens."""
    try:
        return str(UUID(name)) == name
    except ValueError:
        return False


def _wav(audio: AudioFrame) -> bytes:
    content = io.BytesIO()
    with wave.open(content, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(audio.sample_rate)
        sound.writeframes(audio.pcm)
    return content.getvalue()


def _private_folder(folder: Path) -> None:
    for each in (folder.parent, folder):
        if not each.is_dir():
            each.mkdir(mode=0o700, exist_ok=True)
            _sync(each.parent)


def _sync(folder: Path) -> None:
    """Make the names in it last."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
