"""The Containerfile does what it says: a linter reads it, and its steps are run by hand in an empty folder.

Not run are the steps for system packages and users (they would change the machine that tests) and `pip install uv`
(the uv of this checkout is used). Everything else is: what is copied, what is synced, what is started, as whom.
"""

import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.made import checkout
from tests.made.containerfile import Step, read_containerfile

BUILDER, FINAL = read_containerfile(checkout.TOP / "Containerfile")
INSIDE = "/opt/nightingale"
ELSEWHERE = re.compile(r"^(apt-get|useradd|pip) ")

pytestmark = pytest.mark.timeout(600)  # with an empty package cache llama.cpp is built


@dataclass(frozen=True, slots=True)
class Image:
    """A folder that stands for the image's file system."""

    root: Path
    python: Path

    def at(self, text: str) -> str:
        """The image's own paths, as they are here."""
        return re.sub(r"(?<![\w./])/(opt/nightingale|data)\b", lambda found: f"{self.root}/{found[1]}", text)

    @property
    def home(self) -> Path:
        return Path(self.at(INSIDE))


def a_python_for_everyone() -> Path:
    """An interpreter that user 1001 can reach too; those in somebody's home folder are not."""
    names = [f"{folder}/python3.{minor}" for folder in ("/usr/local/bin", "/usr/bin") for minor in (11, 12, 13)]
    for candidate in [Path(sys.base_prefix, "bin", "python3"), *map(Path, names)]:
        real = candidate.resolve()
        if candidate.exists() and all(parent.stat().st_mode & 0o001 for parent in real.parents):
            return candidate
    pytest.skip("no Python 3.11-3.13 here that another user could start")


def run_step(step: Step, context: Path, image: Image, environment: dict[str, str]) -> None:
    match step.instruction:
        case "WORKDIR":
            Path(image.at(step.rest)).mkdir(parents=True)
        case "COPY":
            *sources, target = step.words()
            for source in sources:
                if (context / source).is_dir():
                    shutil.copytree(context / source, image.home / target)
                else:
                    shutil.copy2(context / source, image.home / target)
        case "RUN" if not ELSEWHERE.match(step.rest):
            result = subprocess.run(
                ["bash", "-c", step.rest], cwd=image.home, env=environment, text=True, capture_output=True
            )
            assert result.returncode == 0, result.stderr


@pytest.fixture(scope="module")
def image() -> Generator[Image, None, None]:
    uv = subprocess.run(
        [checkout.TOP / "deploy/bootstrap", "uv"], text=True, capture_output=True, check=True
    ).stdout.strip()
    folder = Path(tempfile.mkdtemp(prefix="nightingale-image-"))  # pytest's own folders are closed to other users
    folder.chmod(0o755)
    try:
        image = Image(folder / "root", a_python_for_everyone())
        context = checkout.copy_to(folder / "context")
        environment = {
            **{
                name: value
                for name, value in os.environ.items()
                if name not in {"VIRTUAL_ENV", "UV_PROJECT_ENVIRONMENT"}
            },
            **BUILDER.environment(os.environ["PATH"]),
            "PATH": f"{Path(uv).parent}:{os.environ['PATH']}",
            "UV_PYTHON": str(image.python),
            "UV_LINK_MODE": "hardlink",  # the image copies because its cache is thrown away; here the cache stays
        }
        for step in BUILDER.steps:
            run_step(step, context, image, environment)
        (image.root / "data").mkdir()
        if os.geteuid() == 0:
            os.chown(image.root / "data", 1001, 1001)
        else:
            for each in [
                image.home,
                *(path for path in image.home.rglob("*") if path.is_dir() and not path.is_symlink()),
            ]:
                each.chmod(0o555)
        yield image
    finally:
        for each in folder.rglob("*"):
            if each.is_dir() and not each.is_symlink() and each.stat().st_uid == os.geteuid():
                each.chmod(0o755)
        shutil.rmtree(folder)


def as_the_image_would(image: Image, words: list[str]) -> list[str]:
    user = ["setpriv", "--reuid=1001", "--regid=1001", "--clear-groups", "--no-new-privs"] if os.geteuid() == 0 else []
    return [*user, *(image.at(word) for word in words)]


def its_environment(image: Image, **changed: str) -> dict[str, str]:
    base = FINAL.environment("/usr/local/bin:/usr/bin:/bin")
    return {name: image.at(value) for name, value in base.items()} | {"LANG": "C.UTF-8"} | changed


def test_the_linter_has_nothing_to_say() -> None:
    hadolint = Path(sys.executable).with_name("hadolint")
    result = subprocess.run([hadolint, checkout.TOP / "Containerfile"], text=True, capture_output=True)
    assert (result.returncode, result.stdout) == (0, "")


def test_both_stages_start_from_the_same_pinned_image() -> None:
    assert BUILDER.base == FINAL.base
    assert re.search(r":3\.1[123]-slim-\w+$", BUILDER.base)


def test_the_installer_is_the_one_that_make_uses() -> None:
    bootstrap = (checkout.TOP / "deploy/bootstrap").read_text()
    (version,) = re.findall(r"^UV_VERSION=(\S+)", bootstrap, re.MULTILINE)
    assert any(step.rest.endswith(f" uv=={version}") for step in BUILDER.all("RUN"))


def test_it_runs_as_user_1001_with_a_volume_for_what_is_kept() -> None:
    assert FINAL.last("USER").rest == "1001"
    assert FINAL.last("VOLUME").rest == FINAL.environment("")["NIGHTINGALE_DATA_DIR"] == "/data"
    assert FINAL.steps.index(FINAL.last("USER")) > FINAL.steps.index(FINAL.all("RUN")[-1])


def test_everything_that_is_copied_gets_past_the_ignore_file() -> None:
    ignored = (checkout.TOP / ".containerignore").read_text().split()
    for step in BUILDER.all("COPY"):
        for source in step.words()[:-1]:
            assert f"!{source}" in ignored


def test_every_room_is_in_the_image_and_nothing_of_the_workshop(image: Image) -> None:
    present = {path.name for path in image.home.iterdir()}
    assert {"app", "graph", "voice", "memory", "resilience", "public", ".chainlit", ".venv"} <= present
    assert not {"tests", "bench", "data", ".env", ".git"} & present
    assert not list(image.home.glob(".venv/bin/pytest"))


def test_user_1001_can_write_to_the_data_volume_and_not_to_the_code(image: Image) -> None:
    asked = "/data", "/opt/nightingale", "/opt/nightingale/public"
    words = as_the_image_would(image, ["python", "-c", f"import os; print(*[os.access(p, os.W_OK) for p in {asked}])"])
    result = subprocess.run(
        words, cwd=image.home, env=its_environment(image), text=True, capture_output=True, check=True
    )
    assert result.stdout.split() == ["True", "False", "False"]


def test_it_serves_and_its_health_check_knows(image: Image) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    environment = its_environment(image, NIGHTINGALE_HOST="127.0.0.1", NIGHTINGALE_PORT=str(port))
    health_check = as_the_image_would(image, FINAL.health_check())

    def healthy() -> bool:
        return subprocess.run(health_check, cwd=image.home, env=environment, capture_output=True).returncode == 0

    assert not healthy()
    with tempfile.TemporaryFile("w+") as log:
        words = as_the_image_would(image, FINAL.command())
        with subprocess.Popen(words, cwd=image.home, env=environment, stdout=log, stderr=subprocess.STDOUT) as server:
            try:
                for _ in range(300):
                    if healthy() or server.poll() is not None:
                        break
                    time.sleep(0.2)
                log.seek(0)
                assert server.poll() is None, log.read()
                assert healthy(), log.read()
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=10) as page:
                    assert b"<html" in page.read()
            finally:
                server.terminate()
                try:
                    server.wait(timeout=30)
                except subprocess.TimeoutExpired:
                    server.kill()
        assert server.returncode in (0, -15)
    assert any((image.root / "data").iterdir())
