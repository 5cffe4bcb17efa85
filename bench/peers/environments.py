"""An environment for each peer, made by uv: none of their libraries is one of ours."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

import anyio

from bench.peers.systems import CARRIERS, PACKAGES
from bench.report import TOP

FOLDER: Final = TOP / ".tools" / "peers"
OURS: Final = ("numpy>=2", "anyio>=4.14,<5", "uvloop")
"""What the bench itself needs there."""
MAKING_SECONDS: Final = 600
_DONE: Final = ".made-of"


class NotMade(Exception):
    """The environment of a peer cannot be had; the message says why, in one line."""


async def interpreter(peer: str) -> Path:
    """Of the peer; made the first time. Raises `NotMade`."""
    if peer not in PACKAGES:
        return Path(sys.executable)
    folder = FOLDER / peer
    python, done, wanted = folder / "bin" / "python", folder / _DONE, _recipe(peer)
    if done.is_file() and done.read_text() == wanted and python.exists():
        return python
    shutil.rmtree(folder, ignore_errors=True)
    uv = (await _run(str(TOP / "deploy" / "bootstrap"), "uv")).splitlines()[-1]
    await _run(uv, "venv", "--quiet", "--python", sys.executable, str(folder))
    install = (uv, "pip", "install", "--quiet", "--python", str(python))
    await _run(*install, *PACKAGES[peer], *OURS)
    if peer in CARRIERS:
        await _run(*install, "--no-deps", *CARRIERS[peer])
    done.write_text(wanted)
    return python


def _recipe(peer: str) -> str:
    return "\n".join((*PACKAGES[peer], *OURS, *CARRIERS.get(peer, ()), sys.version))


async def _run(*command: str) -> str:
    """What it printed. Raises `NotMade`."""
    environment = os.environ | {"UV_PYTHON_DOWNLOADS": "never"}
    environment.pop("VIRTUAL_ENV", None)
    try:
        with anyio.fail_after(MAKING_SECONDS):
            ran = await anyio.run_process(command, env=environment, cwd=TOP, check=False, stderr=subprocess.PIPE)
    except TimeoutError as exc:
        raise NotMade(f"{Path(command[0]).name} took longer than {MAKING_SECONDS} s") from exc
    except OSError as exc:
        raise NotMade(f"{command[0]} cannot be started: {exc.strerror}") from exc
    if ran.returncode:
        said = ran.stderr.decode(errors="replace").split("\n")
        raise NotMade(next((line.strip() for line in said if line.strip()), f"{command[0]} failed without a word"))
    return ran.stdout.decode()
