"""What assistive technology is given of the page, in every state, is what was reviewed."""

import difflib

import pytest
from playwright.async_api import Browser

from tests.browser.states import STATES
from tests.browser.trees import REVIEWED, trees

pytestmark = [pytest.mark.anyio, pytest.mark.browser]


@pytest.fixture(scope="module")
async def found(chromium: Browser, server: str) -> dict[str, str]:
    return await trees(chromium, server)


def test_every_state_was_reviewed_and_no_other() -> None:
    assert sorted(path.stem for path in REVIEWED.glob("*.yml")) == sorted(name for name, _ in STATES)


@pytest.mark.parametrize("name", [name for name, _ in STATES])
async def test_the_tree_of_a_state_is_the_one_that_was_reviewed(found: dict[str, str], name: str) -> None:
    reviewed = (REVIEWED / f"{name}.yml").read_text()
    changes = difflib.unified_diff(reviewed.splitlines(), found[name].splitlines(), "reviewed", "found", lineterm="")
    assert found[name] == reviewed, "\n".join(["python -m tests.browser.trees writes it anew:", *changes])
