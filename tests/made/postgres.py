"""A PostgreSQL server of the tests' own, on a socket in a folder of its own, while a test session needs it."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

SERVER_USER = "postgres"
"""Who runs it where we are root, which it refuses."""
PROGRAMS = ("initdb", "pg_ctl")


def why_not() -> str | None:
    """Why there can be none here; None where there can."""
    if find_spec("asyncpg") is None:
        return "asyncpg is not installed"
    missing = [name for name in PROGRAMS if _program(name) is None]
    if missing:
        return f"there is no {missing[0]}"
    if os.geteuid() == 0 and not any(user.pw_name == SERVER_USER for user in pwd.getpwall()):
        return f"there is no user {SERVER_USER}"
    return None


@contextmanager
def a_postgres() -> Generator[str]:
    """The `postgresql://` address of its database."""
    folder = Path(tempfile.mkdtemp(prefix="pg-", dir="/tmp"))  # the path of a socket must be short
    try:
        if os.geteuid() == 0:
            shutil.chown(folder, SERVER_USER)
        _run("initdb", "--auth=trust", "--username=night", "--no-sync", "--encoding=UTF8", folder / "data")
        address = f"postgresql://night@/postgres?host={folder}"
        start(address)
        try:
            yield address
        finally:
            stop(address)
    finally:
        shutil.rmtree(folder)


def start(address: str) -> None:
    """Returns when it answers."""
    folder = _folder(address)
    options = f"-k {folder} -c listen_addresses= -c fsync=off -c max_connections=50"
    _run("pg_ctl", "--wait", "-D", folder / "data", "-l", folder / "log", "-o", options, "start")


def stop(address: str) -> None:
    """At once, as by a loss of power."""
    _run("pg_ctl", "-D", _folder(address) / "data", "-m", "immediate", "stop")


def _folder(address: str) -> Path:
    return Path(address.partition("host=")[2])


def _run(program: str, *arguments: object) -> None:
    as_server = ["setpriv", f"--reuid={SERVER_USER}", "--clear-groups"] if os.geteuid() == 0 else []
    command = [*as_server, str(_program(program)), *map(str, arguments)]
    subprocess.run(command, check=True, cwd="/", stdout=subprocess.DEVNULL)


def _program(name: str) -> str | None:
    """Debian keeps them out of the path."""
    debians = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    return shutil.which(name) or (str(debians[-1]) if debians else None)
