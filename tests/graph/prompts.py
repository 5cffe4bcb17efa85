"""Prompts for language models under test."""

from datetime import UTC, datetime

from graph.types import Message, Prompt


def asking(question: str = "Who are you?", *history: str, memories: tuple[str, ...] = (), summary: str = "") -> Prompt:
    """`history` alternates, the user first."""
    said = tuple(Message("user" if i % 2 == 0 else "assistant", text) for i, text in enumerate(history))
    return Prompt("You are brief.", said, memories, datetime(2026, 5, 4, 12, 0, tzinfo=UTC), question, summary)
