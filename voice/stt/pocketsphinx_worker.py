"""The program that decodes with pocketsphinx, in its own process: the library never lets go of the interpreter lock.

Its standard input is a Unix socket, over which its owner hands it one end of a fresh connection for every utterance;
when that socket ends so does the program, however the owner died. Each connection is served by a forked child. The
child has the loaded decoder for nothing, keeps no one waiting, takes no one down with it, and is killed in mid-word as
soon as the other end is closed. A whole utterance is one exchange (PCM there; words back, and how sure one may be of
them: `pocketsphinx_doubts`); one that is still growing is many on the same connection, each with what was said since.
Before that comes what is known of who speaks (`pocketsphinx_hints`). Every message goes after its length.
"""

import json
import os
import select
import signal
import socket
import struct
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from voice.stt.pocketsphinx_doubts import SCORER, Doubts, doubts_of, oddity_of
from voice.stt.pocketsphinx_hints import LONGEST_SAYING_SECONDS, Hints, hear_again, teach

LENGTH = struct.Struct("<I")
WHOLE = b"w"
GROWING = b"g"
"""What a connection is for: the byte that hands it over."""

_INTERIM_NICENESS = 5
_LONGEST_SAYING_BYTES = round(LONGEST_SAYING_SECONDS * 32_000)
_IDLE_SECONDS = 10.0
"""A growing utterance that has not grown for this long is over; its owner forgets it sooner."""
_SPEECH_MEAN = "51.2,2.4,3.3,19.7,-6.4,2.1,-0.5,-5.9,-2.4,-3.8,6.2,-2.1,2.0"
"""The cepstral mean that a growing utterance is taken to have, for as long as its own is not known: that of seven
voices, human and made. With the library's own guess every third interim word is wrong, with this every sixth.
"""


@dataclass(frozen=True, slots=True)
class _Call:
    connection: socket.socket
    child: int
    alive: int
    """A pipe that ends when the child does."""

    def end(self) -> None:
        os.kill(self.child, signal.SIGKILL)  # not yet waited for, so it is no one else's
        os.waitpid(self.child, 0)
        os.close(self.alive)
        self.connection.shutdown(socket.SHUT_RDWR)
        self.connection.close()


class _Worker:
    def __init__(self, control: socket.socket, decoder: Any, scorer: Any) -> None:
        self._control = control
        self._decoder = decoder
        self._scorer = scorer
        self._calls: dict[int, _Call] = {}
        """Each call twice: by its connection and by its child's pipe."""
        self._news = select.poll()

    def run(self) -> None:
        self._news.register(self._control, select.POLLIN)
        while True:
            for file, _ in self._news.poll():
                if file == self._control.fileno():
                    if not self._accept():
                        self._end_all()
                        return
                elif file in self._calls:
                    self._end(self._calls[file])

    def _accept(self) -> bool:
        """False when the owner is gone."""
        kind, files, _, _ = socket.recv_fds(self._control, 1, 1)
        if not kind:
            return False
        connection = socket.socket(fileno=files[0])
        alive, child_alive = os.pipe()
        child = os.fork()
        if child == 0:
            _serve(self._decoder, self._scorer, kind, connection)
        os.close(child_alive)
        call = _Call(connection, child, alive)
        for file in (connection.fileno(), alive):
            self._calls[file] = call
            self._news.register(file, 0)  # a hang-up is reported unasked
        return True

    def _end(self, call: _Call) -> None:
        for file in (call.connection.fileno(), call.alive):
            self._news.unregister(file)
            del self._calls[file]
        call.end()

    def _end_all(self) -> None:
        for call in {id(each): each for each in self._calls.values()}.values():
            call.end()


def _serve(decoder: Any, scorer: Any, kind: bytes, connection: socket.socket) -> None:
    """The whole life of a child; does not return."""
    status = 1
    try:
        os.close(0)
        if kind == WHOLE:
            _decode_whole(decoder, scorer, connection)
        else:
            os.nice(_INTERIM_NICENESS)
            _decode_growing(decoder, connection)
        status = 0
    except OSError:
        pass  # nobody is left to tell, or nobody asks any more
    finally:
        os._exit(status)


def _decode_whole(decoder: Any, scorer: Any, connection: socket.socket) -> None:
    hints, pcm = _receive(connection), _receive(connection)
    if hints is None or pcm is None:
        return
    told = Hints.unpacked(hints)
    own = teach(decoder, told.words)
    words, doubts = make_out(decoder, scorer, pcm, told.sayings)
    _send(connection, _written(words, own), None if doubts is None else doubts.confidence)


def make_out(decoder: Any, scorer: Any, pcm: bytes, sayings: Sequence[str]) -> tuple[list[str], Doubts | None]:
    """The words of a whole utterance; no doubts where there are none. Both decoders are then spent. All at once is more
    exact than piece by piece: the level is normalised over the whole utterance.
    """
    decoder.start_utt()
    decoder.process_raw(pcm, full_utt=True)
    decoder.end_utt()
    words, odd = _words(decoder), oddity_of(decoder)
    if sayings and len(pcm) <= _LONGEST_SAYING_BYTES:
        words = hear_again(decoder, pcm, words, sayings)
    if not words:
        return words, None
    return words, doubts_of(decoder, scorer, pcm, words, odd, expected=" ".join(words) in sayings)


def _decode_growing(decoder: Any, connection: socket.socket) -> None:
    connection.settimeout(_IDLE_SECONDS)
    hints = _receive(connection)
    if hints is None:
        return
    own = teach(decoder, Hints.unpacked(hints).words)
    decoder.set_cmn(_SPEECH_MEAN)
    decoder.start_utt()
    while (pcm := _receive(connection)) is not None:
        decoder.process_raw(pcm)
        _send(connection, _written(_words(decoder), own))


def _words(decoder: Any) -> list[str]:
    hypothesis = decoder.hyp()
    return [] if hypothesis is None else str(hypothesis.hypstr).split()


def _written(words: list[str], own: dict[str, str]) -> str:
    return " ".join(own.get(each, each) for each in words)


def _receive(connection: socket.socket) -> bytes | None:
    """None when there is no more."""
    header = _exactly(connection, LENGTH.size)
    return None if header is None else _exactly(connection, LENGTH.unpack(header)[0])


def _exactly(connection: socket.socket, size: int) -> bytes | None:
    parts = bytearray()
    while len(parts) < size:
        part = connection.recv(size - len(parts))
        if not part:
            return None
        parts += part
    return bytes(parts)


def _send(connection: socket.socket, text: str, confidence: float | None = None) -> None:
    payload = json.dumps([text, confidence]).encode()
    connection.sendall(LENGTH.pack(len(payload)) + payload)


def main() -> int:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole terminal; the owner decides when we end
    try:
        from pocketsphinx import Decoder

        decoder, scorer = Decoder(loglevel="FATAL"), Decoder(**SCORER)
    except (ImportError, RuntimeError, OSError, ValueError) as exc:
        sys.stderr.write(f"pocketsphinx cannot be loaded: {exc}\n")
        return 1
    _Worker(socket.socket(fileno=0), decoder, scorer).run()
    return 0


if __name__ == "__main__":
    sys.exit(main())
