"""The set-up scripts on machines of every kind: what they do, what they leave alone, and what they say.

Each test has a folder of its own with the real scripts, a PATH that holds only what that machine is said to have,
and an installer that writes down how it was called. The last ones use Debian's own pip and the real installer.
"""

import os
import re
import shutil
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.made import checkout

PLAIN_TOOLS = [
    "bash",
    "cat",
    "cksum",
    "cut",
    "dirname",
    "grep",
    "head",
    "ln",
    "mkdir",
    "rm",
    "sed",
    "sort",
    "tail",
    "tee",
]

UV = """#!/usr/bin/env bash
# A uv that installs nothing much and writes down what it was asked.
echo "$*" >> "$CALLS"
case $1 in
  --version) echo "uv 0.13.8" ;;
  python) [ -z "${NO_INTERPRETER:-}" ] || { echo "error: No interpreter found for Python >=3.11,<3.14"; exit 2; } ;;
  sync)
    [ -z "${SYNC_FAILS_WITH:-}" ] || { echo "error: $SYNC_FAILS_WITH" >&2; exit 1; }
    mkdir -p .venv/bin .venv/lib/python3.11/site-packages/llama_cpp
    ln -sf "$(type -P true)" .venv/bin/python
    echo "Installed 2 packages"; echo " + one==1.0"; echo " + two==2.0" ;;
esac
"""


@dataclass(slots=True)
class Machine:
    folder: Path
    calls: Path
    environment: dict[str, str]

    @property
    def bin(self) -> Path:
        return self.folder.parent / "bin"

    def has(self, name: str, script: str = "exit 0") -> None:
        """A program of that name, on PATH."""
        program = self.bin / name
        program.unlink(missing_ok=True)
        program.write_text(script if script.startswith("#!") else f"#!/usr/bin/env bash\n{script}\n")
        program.chmod(0o755)

    def lacks(self, *names: str) -> None:
        for name in names:
            (self.bin / name).unlink()

    def run(self, script: str, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [self.folder / "deploy" / script, *words],
            env=self.environment | environment,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )

    def syncs(self) -> list[str]:
        calls = self.calls.read_text().splitlines() if self.calls.exists() else []
        return [call for call in calls if call.startswith("sync")]


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    folder = tmp_path / "night in gale"  # a space in the path is nobody's fault
    shutil.copytree(checkout.TOP / "deploy", folder / "deploy")
    for name in ("uv.lock", "pyproject.toml"):
        (folder / name).write_text(f"# stands for {name}\n")
    (tmp_path / "bin").mkdir()
    for name in [*PLAIN_TOOLS, "env", "true"]:
        (tmp_path / "bin" / name).symlink_to(shutil.which(name) or pytest.fail(f"no {name} here"))
    calls = tmp_path / "calls"
    machine = Machine(folder, calls, {"PATH": str(tmp_path / "bin"), "CALLS": str(calls), "LC_ALL": "C"})
    for name in ("cc", "c++", "python3"):
        machine.has(name)
    machine.has("uv", UV)
    return machine


def test_the_first_start_syncs_from_the_lock_file_and_says_that_it_may_take_minutes(machine: Machine) -> None:
    result = machine.run("bootstrap", "run")
    assert result.returncode == 0
    assert machine.syncs() == ["sync --frozen --no-progress --compile-bytecode --no-dev --inexact"]
    assert "llama.cpp" in result.stdout
    assert "minutes" in result.stdout


def test_the_list_of_packages_goes_to_the_log_and_not_to_the_screen(machine: Machine) -> None:
    assert " + one==1.0" not in machine.run("bootstrap", "run").stdout
    assert " + one==1.0" in (machine.folder / ".tools/set-up.log").read_text()


def test_a_second_start_calls_nobody_and_says_nothing(machine: Machine) -> None:
    machine.run("bootstrap", "run")
    machine.calls.unlink()
    result = machine.run("bootstrap", "run")
    assert (result.returncode, result.stdout) == (0, "")
    assert not machine.calls.exists()


@pytest.mark.parametrize("name", ["uv.lock", "pyproject.toml"])
def test_a_change_to_what_is_wanted_syncs_again(machine: Machine, name: str) -> None:
    machine.run("bootstrap", "run")
    with (machine.folder / name).open("a") as file:
        file.write("changed\n")
    machine.run("bootstrap", "run")
    assert len(machine.syncs()) == 2


def test_a_folder_that_was_moved_is_set_up_anew(machine: Machine) -> None:
    machine.run("bootstrap", "run")
    machine.folder = machine.folder.rename(machine.folder.with_name("elsewhere"))
    machine.run("bootstrap", "run")
    assert len(machine.syncs()) == 2


def test_an_environment_whose_python_has_gone_is_set_up_anew(machine: Machine) -> None:
    machine.run("bootstrap", "run")
    (machine.folder / ".venv/bin/python").unlink()
    machine.run("bootstrap", "run")
    assert len(machine.syncs()) == 2


def test_running_and_testing_in_turns_does_not_rebuild_anything(machine: Machine) -> None:
    for level in ("run", "test", "run", "test", "run"):
        machine.run("bootstrap", level)
    assert machine.syncs() == [
        "sync --frozen --no-progress --compile-bytecode --no-dev --inexact",
        "sync --frozen --no-progress --compile-bytecode",
    ]


def test_a_set_up_that_failed_is_tried_again(machine: Machine) -> None:
    assert machine.run("bootstrap", "run", SYNC_FAILS_WITH="something").returncode == 1
    assert machine.run("bootstrap", "run").returncode == 0
    assert len(machine.syncs()) == 2


def test_without_pip_it_names_the_package_and_stops(machine: Machine) -> None:
    machine.lacks("uv")
    machine.has("python3", 'echo "No module named pip"; exit 1')
    result = machine.run("bootstrap", "run")
    assert result.returncode == 1
    assert "apt-get install python3-pip" in result.stdout


def test_without_python_it_names_the_packages_and_stops(machine: Machine) -> None:
    machine.lacks("uv", "python3")
    result = machine.run("bootstrap", "run")
    assert result.returncode == 1
    assert "apt-get install python3 python3-pip" in result.stdout


def test_without_a_compiler_it_says_so_before_the_build(machine: Machine) -> None:
    machine.lacks("c++")
    result = machine.run("bootstrap", "run")
    assert result.returncode == 1
    assert "apt-get install gcc g++" in result.stdout
    assert not machine.syncs()


def test_once_llama_cpp_is_built_no_compiler_is_asked_for(machine: Machine) -> None:
    machine.run("bootstrap", "run")
    machine.lacks("cc", "c++")
    assert machine.run("bootstrap", "test").returncode == 0


def test_without_a_python_that_will_do_it_says_which_will(machine: Machine) -> None:
    result = machine.run("bootstrap", "run", NO_INTERPRETER="1")
    assert result.returncode == 1
    assert "no Python 3.11, 3.12 or 3.13" in result.stdout


@pytest.mark.parametrize(
    ("complaint", "told"),
    [
        ("dns error: failed to lookup address information", "could not be reached"),
        ("Connection refused (os error 111)", "could not be reached"),
        ("failed to write: No space left on device (os error 28)", "the disk is full"),
        ("Failed to build `llama-cpp-python==0.3.36`", "llama.cpp could not be built"),
        ("something nobody thought of", "the reason stands above"),
    ],
)
def test_a_failure_is_shown_and_explained(machine: Machine, complaint: str, told: str) -> None:
    result = machine.run("bootstrap", "run", SYNC_FAILS_WITH=complaint)
    assert result.returncode == 1
    assert complaint in result.stdout
    assert told in result.stdout
    assert "same command again" in result.stdout


def test_an_old_uv_on_the_path_is_passed_over(machine: Machine) -> None:
    machine.has("uv", "echo 'uv 0.8.22'")
    machine.has("python3", '[ "$3" = --version ] || { echo "ERROR: (from versions: none)"; exit 1; }')
    result = machine.run("bootstrap", "uv")
    assert "Fetching uv" in result.stdout
    assert "could not be reached" in result.stdout


def test_an_externally_managed_python_installs_uv_beside_the_code(machine: Machine) -> None:
    debian = Path("/usr/bin/python3")
    if not list(Path("/usr/lib").glob("python3*/EXTERNALLY-MANAGED")):
        pytest.skip("this machine's Python is not externally managed")
    if subprocess.run([debian, "-m", "pip", "--version"], capture_output=True).returncode:
        pytest.skip("this machine's Python has no pip")
    machine.lacks("uv", "python3")
    (machine.bin / "python3").symlink_to(debian)
    shelf = machine.bin.parent / "shelf"
    shelf.mkdir()
    with zipfile.ZipFile(shelf / "uv-0.13.8-py3-none-any.whl", "w") as wheel:
        script = zipfile.ZipInfo("uv-0.13.8.data/scripts/uv")
        script.external_attr = 0o100755 << 16
        wheel.writestr(script, UV)
        wheel.writestr("uv-0.13.8.dist-info/METADATA", "Metadata-Version: 2.1\nName: uv\nVersion: 0.13.8\n")
        wheel.writestr("uv-0.13.8.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr("uv-0.13.8.dist-info/RECORD", "")
    result = machine.run("bootstrap", "run", PIP_NO_INDEX="1", PIP_FIND_LINKS=str(shelf), PIP_USER="1")
    assert result.returncode == 0, result.stdout
    assert (machine.folder / ".tools/uv/bin/uv").exists()
    assert len(machine.syncs()) == 1


def test_the_real_thing_makes_an_environment_that_starts(tmp_path: Path) -> None:
    here = checkout.copy_to(tmp_path / "checkout")
    shutil.copytree(checkout.TOP / ".tools", here / ".tools") if (checkout.TOP / ".tools").exists() else None
    environment = {name: value for name, value in os.environ.items() if name != "VIRTUAL_ENV"}
    environment["UV_PYTHON"] = sys.executable
    subprocess.run([here / "deploy/bootstrap", "run"], env=environment, check=True, capture_output=True, text=True)
    code = "import app, chainlit, llama_cpp, sys; print(app.__file__, sys.prefix)"
    shown = subprocess.run(
        [here / ".venv/bin/python", "-c", code], cwd=tmp_path, check=True, capture_output=True, text=True
    )
    assert shown.stdout.split() == [str(here / "app/__init__.py"), str(here / ".venv")]


def test_packages_that_are_there_are_left_alone(machine: Machine) -> None:
    for name in ("chromium", "flite", "espeak-ng", "redis-server", "pg_ctlcluster"):
        machine.has(name)
    machine.has("apt-get", "echo apt-get was called; exit 1")
    result = machine.run("test-packages")
    assert (result.returncode, result.stdout) == (0, "")


def test_root_gets_what_is_missing_and_nothing_else(machine: Machine) -> None:
    for name in ("google-chrome", "espeak-ng"):
        machine.has(name)
    machine.has("id", "echo 0")
    machine.has("apt-get", 'echo "$*" >> "$CALLS"')
    assert machine.run("test-packages").returncode == 0
    (call,) = machine.calls.read_text().splitlines()
    assert call == "install --yes --quiet --no-install-recommends flite redis-server postgresql"


def test_stale_package_lists_are_renewed_once(machine: Machine) -> None:
    machine.has("id", "echo 0")
    machine.has("apt-get", 'echo "$1" >> "$CALLS"; [ "$1" = update ] || [ "$(grep -c install "$CALLS")" = 2 ]')
    assert machine.run("test-packages").returncode == 0
    assert machine.calls.read_text().split() == ["install", "update", "install"]


def test_anybody_else_is_told_what_to_install(machine: Machine) -> None:
    machine.has("id", "echo 1000")
    machine.has("apt-get")
    result = machine.run("test-packages")
    assert result.returncode == 1
    named = (
        r"sudo apt-get install --no-install-recommends chromium(-browser)? flite espeak-ng redis-server postgresql\n"
    )
    assert re.search(named, result.stdout)
