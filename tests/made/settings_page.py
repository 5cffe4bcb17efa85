"""docs/settings.md, made from the settings themselves. As a program it prints the page (`make docs`)."""

import ast
import inspect
import textwrap
from collections.abc import Iterator
from pathlib import PurePath
from typing import Any, get_args

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from app.settings import Settings
from graph.settings import LanguageSpec
from voice.settings import SttSpec, TtsSpec

INTRODUCTION = """\
# Settings

Written by `make docs` from the settings themselves; a test keeps it true.

Everything can be set by an environment variable, or by a line `NAME=value` in a file called `.env` beside the
Makefile. The environment wins. A value that is not allowed stops the start, and the message says which one it is.
Nothing needs to be set.
"""

ENGINES = """\
## Engines

The three ladders (`…VOICE__STT`, `…VOICE__TTS`, `…GRAPH__MODELS`) are JSON lists, best first. Left alone, each is the
best that is installed, above the embedded default. What one entry may say:
"""

LADDERS = {"Speech to text": SttSpec, "Text to speech": TtsSpec, "Language models": LanguageSpec}


def docstrings(model: type[BaseModel]) -> dict[str, str]:
    """What is written under each field, in the model and in those it grew from."""
    found: dict[str, str] = {}
    for each in reversed(model.__mro__):
        if not issubclass(each, BaseModel) or each.__module__.startswith("pydantic"):
            continue
        (definition,) = ast.parse(textwrap.dedent(inspect.getsource(each))).body
        assert isinstance(definition, ast.ClassDef)
        for field, text in zip(definition.body, definition.body[1:], strict=False):
            match field, text:
                case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(said))):
                    found[name] = " ".join(said.split())
    return found


def allowed(schema: dict[str, Any]) -> str:
    """The values that a JSON schema lets through, in few words."""
    for choice in schema.get("anyOf", ()):
        if choice.get("type") != "null":
            return allowed(schema | choice | {"anyOf": ()})
    if "enum" in schema:
        return ", ".join(f"`{value}`" for value in schema["enum"])
    bounds = [
        f"{word} {schema[key]}"
        for key, word in (
            ("minimum", "from"),
            ("exclusiveMinimum", "over"),
            ("maximum", "to"),
            ("exclusiveMaximum", "under"),
        )
        if key in schema
    ]
    if "pattern" in schema:
        bounds.append(f"like `{schema['pattern']}`")
    kind = {"boolean": "`true`, `false`", "integer": "whole number", "number": "number", "array": "JSON list"}
    form = {"uri": "URL", "path": "path", "password": "secret"}
    return " ".join([form.get(schema.get("format", ""), kind.get(schema.get("type", ""), "text")), *bounds])


def default(info: FieldInfo) -> str:
    if info.is_required():
        return "*needed*"
    match info.get_default(call_default_factory=True, validated_data={}):
        case None | ():
            return ""
        case bool(value):
            return f"`{str(value).lower()}`"
        case PurePath() | str() | int() | float() as value:
            return f"`{value}`"
        case value:
            return f"`{str(value).rstrip('/')}`"


def rows(model: type[BaseModel], prefix: str) -> Iterator[str]:
    """A row for each value, those of nested models included."""
    schema = model.model_json_schema()["properties"]
    texts = docstrings(model)
    for name, info in model.model_fields.items():
        variable = prefix + (name.upper() if prefix else name)
        if isinstance(info.annotation, type) and issubclass(info.annotation, BaseModel):
            yield from rows(info.annotation, f"{variable}__")
        elif name != "engine":
            yield f"| `{variable}` | {default(info)} | {allowed(schema[name])} | {texts.get(name, '')} |"


def table(first: str, lines: Iterator[str]) -> str:
    return "\n".join([f"| {first} | default | allowed | |", "|---|---|---|---|", *lines])


def specs(union: Any) -> Iterator[type[BaseModel]]:
    yield from get_args(get_args(union)[0])


def page() -> str:
    parts = [INTRODUCTION, table("variable", rows(Settings, "NIGHTINGALE_")), "", ENGINES]
    for title, union in LADDERS.items():
        parts.append(f"### {title}\n")
        for spec in specs(union):
            parts += [f'`"engine": "{spec.model_fields["engine"].default}"`\n', table("key", rows(spec, "")), ""]
    return "\n".join(parts)


if __name__ == "__main__":
    print(page(), end="")
