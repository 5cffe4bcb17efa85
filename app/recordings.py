"""Recordings of what was said: one WAV file for each saying, in a folder for each thread. Blocking."""

import errno
import io
import os
import shutil
import wave
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from voice.types import AudioFrame


class RecordingSettings(BaseModel):
    """Which recordings are kept. What is waiting for its answer stays until it has one."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    keep: Literal["all", "unanswered"] = "unanswered"
    """Whether the recording of what was answered stays, too."""
    keep_megabytes: Annotated[int, Field(ge=1, le=1_000_000)] = 1000
    """Of all threads together; beyond that the oldest go, answered ones first."""
    keep_megabytes_per_thread: Annotated[int, Field(ge=1, le=1_000_000)] = 50
    """Of one thread; an hour of speech has about 115."""


class NotAnId(ValueError):
    """Only ids name files, so that no name leads out of the folder."""


class Recordings:
    """Names are ids of threads and sayings; others raise `NotAnId`. Everything raises `OSError`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def path(self, thread: str, saying: str) -> Path:
        return self._folder / checked(thread) / f"{checked(saying)}.wav"

    def write(self, thread: str, saying: str, audio: AudioFrame) -> int:
        """Its size in bytes, once it is on disk, whole, and stays there even when the power fails."""
        target = self.path(thread, saying)
        _private_folder(target.parent)
        content = _wav(audio)
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

    def read(self, thread: str, saying: str) -> AudioFrame:
        """Raises `FileNotFoundError` when there is none."""
        with self.path(thread, saying).open("rb") as file:
            try:
                with wave.open(file) as sound:
                    return AudioFrame(sound.readframes(sound.getnframes()), sound.getframerate())
            except (wave.Error, EOFError) as exc:
                raise OSError(errno.EIO, "not a whole recording", file.name) from exc

    def erase(self, thread: str, saying: str) -> None:
        self.path(thread, saying).unlink(missing_ok=True)

    def erase_thread(self, thread: str) -> None:
        try:
            shutil.rmtree(self._folder / checked(thread))
        except FileNotFoundError:
            return
        _sync(self._folder)

    def all(self) -> Iterator[tuple[str, str]]:
        """Thread and saying of every whole recording."""
        for file in self._folder.glob("*/*.wav"):
            if _is_id(file.parent.name) and _is_id(file.stem):
                yield file.parent.name, file.stem

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
