"""The program that decodes with pocketsphinx, in its own process: the library never lets go of the interpreter lock.

Its standard input is a Unix socket, over which its owner hands it one end of a fresh connection for every utterance;
when that socket ends so does the program, however the owner died. Each connection is served by a forked child. The
child has the loaded decoder for nothing, keeps no one waiting, takes no one down with it, and is killed in mid-word as
soon as the other end is closed. A whole utterance is one exchange (PCM there, words back); one that is still
growing is many on the same connection, each with what was said since. Every message goes after its length.
"""

import os
import select
import signal
import socket
import struct
import sys
from dataclasses import dataclass
from typing import Any

LENGTH = struct.Struct("<I")
WHOLE = b"w"
GROWING = b"g"
"""What a connection is for: the byte that hands it over."""

_INTERIM_NICENESS = 5
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
    def __init__(self, control: socket.socket, decoder: Any) -> None:
        self._control = control
        self._decoder = decoder
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
            _serve(self._decoder, kind, connection)
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


def _serve(decoder: Any, kind: bytes, connection: socket.socket) -> None:
    """The whole life of a child; does not return."""
    status = 1
    try:
        os.close(0)
        if kind == WHOLE:
            _decode_whole(decoder, connection)
        else:
            os.nice(_INTERIM_NICENESS)
            _decode_growing(decoder, connection)
        status = 0
    except OSError:
        pass  # nobody is left to tell, or nobody asks any more
    finally:
        os._exit(status)


def _decode_whole(decoder: Any, connection: socket.socket) -> None:
    """All at once is more exact than piece by piece: the level is normalised over the whole utterance."""
    pcm = _receive(connection)
    if pcm is not None:
        decoder.start_utt()
        decoder.process_raw(pcm, full_utt=True)
        decoder.end_utt()
        _send(connection, _words(decoder))


def _decode_growing(decoder: Any, connection: socket.socket) -> None:
    connection.settimeout(_IDLE_SECONDS)
    decoder.set_cmn(_SPEECH_MEAN)
    decoder.start_utt()
    while (pcm := _receive(connection)) is not None:
        decoder.process_raw(pcm)
        _send(connection, _words(decoder))


def _words(decoder: Any) -> str:
    hypothesis = decoder.hyp()
    return "" if hypothesis is None else str(hypothesis.hypstr)


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


def _send(connection: socket.socket, text: str) -> None:
    payload = text.encode()
    connection.sendall(LENGTH.pack(len(payload)) + payload)


def main() -> int:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole terminal; the owner decides when we end
    try:
        from pocketsphinx import Decoder

        decoder = Decoder(loglevel="FATAL")
    except (ImportError, RuntimeError, OSError, ValueError) as exc:
        sys.stderr.write(f"pocketsphinx cannot be loaded: {exc}\n")
        return 1
    _Worker(socket.socket(fileno=0), decoder).run()
    return 0


if __name__ == "__main__":
    sys.exit(main())
