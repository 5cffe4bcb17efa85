"""espeak-ng itself, by ctypes: the library inside piper's wheel, and the one lock that all who use it share.

The library keeps its state in globals and crashes when two threads are in it. Python loads the same file as
piper's phonemizer, so `open_piper` makes piper take `LOCK` too. Nothing of piper is imported here: its package
brings onnxruntime along.
"""

import ctypes
import difflib
import importlib.util
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from resilience.errors import EngineFailed, EngineTimeout, EngineUnavailable

LOCK = threading.Lock()
LONGEST_TURN_SECONDS = 5.0
"""A sentence takes it milliseconds; whoever is in it for longer hangs."""
BUFFER_MILLISECONDS = 60
SLOWEST, FASTEST = 80, 450
"""Words a minute: espeak-ng's own limits."""
USUAL_PITCH = 50
"""Of a scale to 100, on which 50 steps are an octave."""

_SYNCHRONOUS = 2  # callbacks come in the thread that calls espeak_Synth
_DO_NOT_EXIT = 0x8000  # by default the library ends the process when its data is missing
_RATE, _PITCH = 1, 3
_UTF8 = 1
_IPA = 0x02
_POSITION_CHARACTER = 1

_Callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p)


class _Voice(ctypes.Structure):
    """The beginning of espeak_VOICE, all that is read here."""

    _fields_ = (("name", ctypes.c_char_p), ("languages", ctypes.c_char_p), ("identifier", ctypes.c_char_p))


@contextmanager
def its_turn() -> Generator[None]:
    """In the library alone. Raises `EngineTimeout`, so that no thread waits for ever behind one that hangs."""
    if not LOCK.acquire(timeout=LONGEST_TURN_SECONDS):
        raise EngineTimeout("espeak", "an earlier call has not come back from the library")
    try:
        yield
    finally:
        LOCK.release()


def load() -> "Library":
    """The library, initialised; one for the whole process. Raises `EngineError`."""
    with its_turn():
        return _load()


@cache
def _load() -> "Library":
    package = importlib.util.find_spec("piper")
    if package is None or not package.submodule_search_locations:
        raise EngineUnavailable("espeak", "the package piper-tts, which brings espeak-ng, is not installed")
    return Library(Path(package.submodule_search_locations[0]))


class Library:
    def __init__(self, folder: Path) -> None:
        data = folder / "espeak-ng-data"
        if not (data / "phontab").is_file():
            raise EngineUnavailable("espeak", "espeak-ng's data is missing; reinstall piper-tts")
        try:
            native = ctypes.CDLL(str(folder / "espeakbridge.so"))
            native.espeak_Synth.argtypes = [
                ctypes.c_char_p,
                ctypes.c_size_t,
                ctypes.c_uint,
                ctypes.c_int,
                ctypes.c_uint,
                ctypes.c_uint,
                ctypes.c_void_p,
                ctypes.c_void_p,
            ]
            native.espeak_TextToPhonemes.argtypes = [ctypes.POINTER(ctypes.c_char_p), ctypes.c_int, ctypes.c_int]
            native.espeak_TextToPhonemes.restype = ctypes.c_char_p
            native.espeak_ListVoices.restype = ctypes.POINTER(ctypes.POINTER(_Voice))
        except (OSError, AttributeError) as exc:
            raise EngineUnavailable("espeak", "the library in piper-tts cannot be used; reinstall piper-tts") from exc
        self.sample_rate: int = native.espeak_Initialize(
            _SYNCHRONOUS, BUFFER_MILLISECONDS, str(data).encode(), _DO_NOT_EXIT
        )
        if self.sample_rate <= 0:
            raise EngineUnavailable("espeak", "espeak-ng does not start")
        self._native = native
        self._on_audio: Callable[[bytes], bool] = lambda _: False
        self._raised: BaseException | None = None
        self._callback = _Callback(self._heard)
        native.espeak_SetSynthCallback(self._callback)

    def voice_called(self, wanted: str) -> str:
        """What the library wants to hear for a voice's name, language or identifier, with or without a `+variant`.

        Raises `EngineUnavailable`, or `EngineTimeout`.
        """
        with its_turn():
            if self._set_voice(wanted):
                return wanted
            base, plus, variant = wanted.partition("+")
            known = self._voices()
            identifier = known.get(base.lower())
            if identifier is not None and self._set_voice(f"{identifier}{plus}{variant}"):
                return f"{identifier}{plus}{variant}"
        near = difflib.get_close_matches(base.lower(), known, n=4) or ["en-us", "en-gb", "de", "fr", "es"]
        raise EngineUnavailable("espeak", f"there is no voice {wanted!r}; there are {', '.join(near)} and others")

    def say(
        self,
        text: str,
        *,
        voice: str,
        words_per_minute: int,
        pitch: int = USUAL_PITCH,
        on_audio: Callable[[bytes], bool],
    ) -> None:
        """Blocks until all is said. `on_audio` is given PCM16 as it is made, and tells whether to go on.

        Raises `EngineError`, and whatever `on_audio` raised.
        """
        encoded = text.encode()
        with its_turn():
            if not self._set_voice(voice):
                raise EngineFailed("espeak", f"the voice {voice!r} is gone")
            self._native.espeak_SetParameter(_RATE, words_per_minute, 0)
            self._native.espeak_SetParameter(_PITCH, pitch, 0)
            self._on_audio, self._raised = on_audio, None
            code = self._native.espeak_Synth(encoded, len(encoded) + 1, 0, _POSITION_CHARACTER, 0, _UTF8, None, None)
            raised, self._raised = self._raised, None
            self._on_audio = lambda _: False
        if raised is not None:
            raise raised
        if code != 0:
            raise EngineFailed("espeak", f"code {code}")

    def phonemes(self, text: str, voice: str) -> str:
        """How a voice reads it, in the International Phonetic Alphabet. Blocks for a moment. Raises `EngineError`."""
        rest = ctypes.c_char_p(text.encode())
        read: list[str] = []
        with its_turn():
            if not self._set_voice(voice):
                raise EngineFailed("espeak", f"the voice {voice!r} is gone")
            while rest.value:  # a clause each
                read.append(self._native.espeak_TextToPhonemes(ctypes.byref(rest), _UTF8, _IPA).decode())
        return " ".join(read)

    def _set_voice(self, name: str) -> bool:
        return bool(self._native.espeak_SetVoiceByName(name.encode()) == 0)

    def _voices(self) -> dict[str, str]:
        """Identifiers, by language and by identifier, both in lower case."""
        found: dict[str, str] = {}
        listed = self._native.espeak_ListVoices(None)
        index = 0
        while listed[index]:
            voice = listed[index].contents
            identifier = voice.identifier.decode(errors="replace")
            # A language begins with a byte that is its priority.
            found.setdefault(voice.languages[1:].decode(errors="replace").lower(), identifier)
            found.setdefault(identifier.lower(), identifier)
            index += 1
        return found

    def _heard(self, samples: "ctypes._Pointer[ctypes.c_short]", count: int, _events: int | None) -> int:
        """0 goes on, 1 stops."""
        if not samples or count <= 0:
            return 0
        try:
            return 0 if self._on_audio(ctypes.string_at(samples, 2 * count)) else 1
        except BaseException as exc:  # noqa: BLE001 - no exception may cross native frames; `say` raises it again
            self._raised = exc
            return 1
