"""Rows of the history, and the dictionaries that Chainlit and our pages know."""

import json
from collections.abc import Mapping
from typing import Any

STEP_COLUMNS = frozenset(
    {
        *("id", "threadId", "parentId", "name", "type", "createdAt", "start", "end", "input", "output", "language"),
        *("streaming", "waitForAnswer", "isError", "showInput", "defaultOpen", "autoCollapse", "command", "modes"),
        *("metadata", "tags", "generation"),
    }
)
FLAGS = frozenset({"streaming", "waitForAnswer", "isError", "defaultOpen", "autoCollapse", "autoPlay"})
"""SQLite gives numbers for these."""
JSON_WITHOUT: Mapping[str, Any] = {
    "metadata": {},
    "generation": {},
    "props": {},
    "tags": [],
    "modes": None,
    "playerConfig": None,
}
"""Columns that hold JSON, and what stands for nothing in them."""


def encoded(value: Any) -> Any:
    return json.dumps(value) if isinstance(value, list | dict) else value


def writable(text: str) -> str:
    """Without what is no character: no database takes that, and no words need be lost for it."""
    return text.replace("\0", "").encode("utf-8", "replace").decode()


def as_dict(row: Mapping[str, Any]) -> dict[str, Any]:
    """With values where the row has JSON, and truth where it has numbers for it."""
    return {name: _as_value(name, value) for name, value in row.items()}


def as_step(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row of steps, joined with its feedback."""
    step = as_dict(row)
    value, comment, feedback = (step.pop(f"feedback_{each}") for each in ("value", "comment", "id"))
    step["feedback"] = (
        None if value is None else {"id": feedback, "forId": step["id"], "value": value, "comment": comment}
    )
    step["input"] = "" if step["showInput"] in (None, "false") else step["input"] or ""
    step["output"] = step["output"] or ""
    return step


def as_row(step: Mapping[str, Any]) -> dict[str, Any]:
    """The columns of a step that has been said something about; the others stay as they are."""
    row = {name: value for name, value in step.items() if name in STEP_COLUMNS and value is not None and value != {}}
    row |= {name: writable(row[name]) for name in ("input", "output") if isinstance(row.get(name), str)}
    if step.get("showInput") is not None:
        row["showInput"] = str(step["showInput"]).lower()
    row["metadata"] = step.get("metadata") or {}
    row["generation"] = step.get("generation") or {}
    return row


def _as_value(name: str, value: Any) -> Any:
    if name in FLAGS:
        return None if value is None else bool(value)
    if name not in JSON_WITHOUT:
        return value
    try:
        return JSON_WITHOUT[name] if value is None else json.loads(value)
    except ValueError:
        return JSON_WITHOUT[name]
