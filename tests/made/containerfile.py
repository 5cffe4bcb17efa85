"""A Containerfile read into steps, enough to run it by hand: no heredocs, no build arguments."""

import json
import re
import shlex
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Step:
    instruction: str
    rest: str

    def words(self) -> list[str]:
        return shlex.split(self.rest)


@dataclass(slots=True)
class Stage:
    base: str
    name: str
    steps: list[Step] = field(default_factory=list)

    def all(self, instruction: str) -> list[Step]:
        return [step for step in self.steps if step.instruction == instruction]

    def last(self, instruction: str) -> Step:
        return self.all(instruction)[-1]

    def environment(self, path: str) -> dict[str, str]:
        """What ENV sets; `path` stands for $PATH."""
        found: dict[str, str] = {}
        for step in self.all("ENV"):
            for word in step.words():
                name, _, value = word.partition("=")
                found[name] = value.replace("$PATH", path)
        return found

    def command(self) -> list[str]:
        return _words_of_json(self.last("CMD").rest)

    def health_check(self) -> list[str]:
        return _words_of_json(self.last("HEALTHCHECK").rest.split("CMD", 1)[1])


def _words_of_json(text: str) -> list[str]:
    words = json.loads(text)
    assert isinstance(words, list)
    return [str(word) for word in words]


def read_containerfile(path: Path) -> list[Stage]:
    lines = [line for line in path.read_text().splitlines() if not line.lstrip().startswith("#")]
    text = re.sub(r"\\\n\s*", " ", "\n".join(lines))
    stages: list[Stage] = []
    for line in filter(None, (line.strip() for line in text.splitlines())):
        instruction, _, rest = line.partition(" ")
        if instruction == "FROM":
            base, _, name = rest.partition(" AS ")
            stages.append(Stage(base, name))
        else:
            stages[-1].steps.append(Step(instruction, rest.strip()))
    return stages
