"""A real Redis server, on a free loopback port, that can be stopped, killed and wiped in every way that hurts."""

import os
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import redis


class RedisServer:
    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._port = _free_port()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self._port}/0"

    @property
    def port(self) -> int:
        return self._port

    def start(self) -> None:
        """Empty, and on the same port as before. Returns when it answers."""
        assert self._process is None, "it runs already"
        command = ["redis-server", "--port", str(self._port), "--bind", "127.0.0.1", "--dir", str(self._folder)]
        with (self._folder / "redis.log").open("ab") as said:
            self._process = subprocess.Popen(
                [*command, "--save", "", "--appendonly", "no"], stdin=subprocess.DEVNULL, stdout=said, stderr=said
            )
        for _ in range(1000):
            if self._process.poll() is not None:
                break
            if self._answers():
                return
            time.sleep(0.01)
        self.kill()
        raise RuntimeError("redis-server does not start: " + (self._folder / "redis.log").read_text()[-2000:])

    def kill(self) -> None:
        """At once, as by `kill -9`; also when it is paused. Nothing when it does not run."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait()

    def pause(self) -> None:
        """It keeps its connections, takes new ones, and answers none of them."""
        assert self._process is not None, "it does not run"
        self._process.send_signal(signal.SIGSTOP)
        os.waitpid(self._process.pid, os.WUNTRACED)

    def resume(self) -> None:
        assert self._process is not None, "it does not run"
        self._process.send_signal(signal.SIGCONT)

    def flush(self) -> None:
        """Forget everything, scripts too."""
        with redis.Redis.from_url(self.url, socket_timeout=10) as client:
            client.flushall()
            client.script_flush()

    def _answers(self) -> bool:
        try:
            with redis.Redis.from_url(self.url, socket_timeout=1) as client:
                return bool(client.ping())
        except (redis.ConnectionError, redis.TimeoutError):
            return False


@contextmanager
def redis_server() -> Iterator[RedisServer]:
    with tempfile.TemporaryDirectory(prefix="nightingale-redis-") as folder:
        server = RedisServer(Path(folder))
        server.start()
        try:
            yield server
        finally:
            server.kill()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
        return port
