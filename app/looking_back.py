"""What the turn log tells of one thread: turn by turn, what was said, and how its answer came about."""

import json
import sqlite3
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.reviewing import Logged, Said

SAID = """
    SELECT id, text, said_at, engine, confidence, seconds, bytes IS NOT NULL, outcome, reason, verbatim, turn
    FROM sayings WHERE thread = ? AND user = ? ORDER BY number"""
RECORDS = "SELECT id, record FROM turns WHERE thread = ? AND user = ? ORDER BY settled_at"


def review(db: sqlite3.Connection, thread: str, user: str) -> tuple[Logged, ...]:
    """In the order in which they were first said; what never came to be a turn stands alone. Turns come last of which
    the words could not be kept.
    """
    said: dict[str, list[Said]] = {}
    turns: dict[str, str | None] = {}
    for id_, text, said_at, engine, confidence, seconds, recorded, outcome, reason, verbatim, turn in db.execute(
        SAID, (thread, user)
    ):
        at = datetime.fromisoformat(said_at)
        one = Said(id_, text, at, engine, confidence, seconds, bool(recorded), outcome, reason, verbatim)
        key = turn or id_
        turns[key] = turn
        said.setdefault(key, []).append(one)
    records: dict[str, Mapping[str, Any]] = {
        turn: json.loads(record) for turn, record in db.execute(RECORDS, (thread, user))
    }
    reviewed = [Logged(turn, tuple(said[key]), records.get(key)) for key, turn in turns.items()]
    return (*reviewed, *(Logged(turn, (), record) for turn, record in records.items() if turn not in turns))
