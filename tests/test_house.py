"""The laws of the house that no other tool keeps."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.made import checkout

ROOMS = ("app", "graph", "memory", "resilience", "voice")
SOURCES = sorted(path for room in ROOMS for path in (checkout.TOP / room).rglob("*.py"))


def named(path: Path) -> str:
    return str(path.relative_to(checkout.TOP))


def nodes(path: Path) -> Iterator[ast.AST]:
    return ast.walk(ast.parse(path.read_text()))


def test_the_import_rule_is_kept() -> None:
    lint_imports = Path(sys.executable).with_name("lint-imports")
    result = subprocess.run([lint_imports, "--no-cache"], cwd=checkout.TOP, text=True, capture_output=True)
    assert result.returncode == 0, result.stdout


@pytest.mark.parametrize("path", SOURCES, ids=named)
def test_the_first_line_of_a_file_says_what_it_is_about(path: Path) -> None:
    source = path.read_text()
    assert not source or ast.get_docstring(ast.parse(source))


def test_an_exemption_from_a_check_says_why() -> None:
    """The stock reason, a library's untyped decorator, is said by its own code."""
    bare = re.compile(
        r"# (?:noqa(?:: ?[A-Z0-9, ]+)?|type: ignore(?:\[(?!untyped-decorator\])[^]]*\])?)\s*$", re.MULTILINE
    )
    sources = [path for path in checkout.files() if path.suffix == ".py"]
    assert [str(path) for path in sources if bare.search((checkout.TOP / path).read_text())] == []


def test_only_the_settings_read_the_environment() -> None:
    """`app/shell.py` sets what Chainlit reads."""
    readers = {
        named(path)
        for path in SOURCES
        for node in nodes(path)
        if isinstance(node, ast.Attribute) and node.attr in {"environ", "getenv"}
    }
    assert readers <= {"app/settings.py", "app/shell.py"}


def test_no_file_in_app_hides_a_room_from_chainlit() -> None:
    """Chainlit puts `app/` first on the import path while it loads `chat.py`."""
    assert not {path.stem for path in (checkout.TOP / "app").iterdir()} & {*ROOMS, "bench", "tests"}
