"""What is written about Nightingale is true of it: settings, commands, examples, links."""

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest
from pydantic import BaseModel

from app.hub.catalogue import find
from app.settings import Settings
from app.watchdog import LIMITS
from resilience.breaker import BreakerState
from tests.made import checkout, settings_page
from voice.endpointing import Endpoint
from voice.tiers import Tier

PAPERS = [checkout.TOP / "README.md", *sorted((checkout.TOP / "docs").rglob("*.md"))]
OTHERS = [checkout.TOP / name for name in ("Containerfile", "Makefile", "deploy/bootstrap")]


def cited(pattern: str, papers: list[Path]) -> list[Any]:
    return [(paper.name, found) for paper in papers for found in re.findall(pattern, paper.read_text(), re.MULTILINE)]


def settings_below(model: type[BaseModel], prefix: str) -> Iterator[str]:
    for name, info in model.model_fields.items():
        variable = prefix + name.upper()
        yield variable
        if isinstance(info.annotation, type) and issubclass(info.annotation, BaseModel):
            yield from settings_below(info.annotation, f"{variable}__")


def test_the_settings_page_is_made_from_the_settings() -> None:
    written = (checkout.TOP / "docs/settings.md").read_text()
    assert written == settings_page.page(), "make docs writes it anew"


def test_every_setting_that_is_named_exists() -> None:
    known = set(settings_below(Settings, "NIGHTINGALE_"))
    named = cited(r"\bNIGHTINGALE_[A-Z0-9_]+", [*PAPERS, *OTHERS])
    assert [each for each in named if each[1] not in known] == []


EXAMPLES = [found for _, found in cited(r"^(?:.*--env )?(NIGHTINGALE_\w+)='(.+?)'", PAPERS)]


@pytest.mark.parametrize(("name", "written"), EXAMPLES)
def test_every_example_of_a_setting_is_accepted_as_it_is_written(
    name: str, written: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for other in [each for each in os.environ if each.startswith("NIGHTINGALE_")]:
        monkeypatch.delenv(other)
    file = tmp_path / ".env"
    file.write_text(f"{name}='{written}'\n")
    value: Any = Settings(_env_file=file)  # type: ignore[call-arg]  # pydantic-settings' own way to name the file
    default: Any = Settings(_env_file=None)  # type: ignore[call-arg]  # the same
    for part in name.removeprefix("NIGHTINGALE_").lower().split("__"):
        value, default = getattr(value, part), getattr(default, part)
    assert value != default


def test_every_command_that_is_named_exists() -> None:
    from app.cli import main

    for paper, words in cited(r"(?:bin/nightingale|`nightingale|nightingale nightingale) ((?:[a-z]+ ?)+)", PAPERS):
        command: click.Command = main
        for word in words.split():
            if not isinstance(command, click.Group):
                break
            assert word in command.commands, f"{paper}: nightingale {words}"
            command = command.commands[word]


def test_every_make_target_that_is_named_exists() -> None:
    targets = set(re.findall(r"^([a-z]+):", (checkout.TOP / "Makefile").read_text(), re.MULTILINE))
    for paper, target in cited(r"(?:`|^|PORT=\d+ )make ([a-z]+)", PAPERS):
        assert target in targets, f"{paper}: make {target}"


def test_every_model_that_is_named_is_in_the_catalogue() -> None:
    for _, models in cited(r"nightingale models pull (.+)$", PAPERS):
        for model in models.split():
            find(model)


@pytest.mark.parametrize("paper", PAPERS, ids=lambda paper: paper.name)
def test_every_link_within_the_checkout_leads_somewhere(paper: Path) -> None:
    for target in re.findall(r"\]\((?!https?:)([^)#]+)", paper.read_text()):
        assert (paper.parent / target).exists(), target


def test_the_first_commands_of_the_readme_are_run_and_test() -> None:
    first = re.search(r"```sh\n(.+?)```", (checkout.TOP / "README.md").read_text(), re.DOTALL)
    assert first is not None
    assert re.findall(r"^make \w+", first[1], re.MULTILINE) == ["make run", "make test"]


TURN_TAKING = (checkout.TOP / "docs/turn-taking.md").read_text()
TRANSITIONS = re.findall(r"^\| (?!from \|)(.+) \|$", TURN_TAKING, re.MULTILINE)


@pytest.mark.parametrize("row", TRANSITIONS, ids=lambda row: row.rsplit("|", 1)[0].replace(" | ", ", "))
def test_every_transition_is_shown_by_a_test_that_exists(row: str) -> None:
    shown_by = re.findall(r"`(\w+)::(\w+)`", row.rsplit("|", 1)[1])
    assert shown_by
    for module, test in shown_by:
        files = (checkout.TOP / "tests").rglob(f"{module}.py")
        assert any(re.search(rf"^(?:async )?def {test}\(", file.read_text(), re.MULTILINE) for file in files), test


def test_the_transitions_leave_out_no_state() -> None:
    for name in (each.name for kind in (Endpoint, Tier, BreakerState) for each in kind):
        assert re.search(rf"\b{name}\b", TURN_TAKING), name
    for where in LIMITS:
        assert re.search(rf"\([a-z:, ]*\b{where}\b[a-z, ]*\)", TURN_TAKING), where
