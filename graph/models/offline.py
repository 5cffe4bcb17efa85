"""The last rung: no language model at all, and honest about it.

It greets, tells the time, notes what it is told, answers from the notes and quotes it is given, and says otherwise
that it cannot think, what it can do, and how that can be mended: at length once in a conversation, shortly after that.
"""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Final

from graph.commands import CAN_DO, HOW_TO_GET_A_MODEL, name_in, tell_date, tell_time, told_back, will_remember
from graph.facts import facts_in
from graph.intents import wish_of
from graph.prompts import SUMMARISE, clip
from graph.quoting import gist
from graph.record import is_aside
from graph.settings import OfflineSpec
from graph.types import Prompt
from graph.words import content_words, plain

NO_MODEL: Final = "No language model is at work, so I cannot think that through."
AT_LENGTH: Final = (
    f"{NO_MODEL} I can listen, remember what you tell me, and do simple things. {HOW_TO_GET_A_MODEL} "
    "Say help to hear what I can do."
)
SHORTLY: Final = (
    "Without a language model I cannot answer that. Say models to hear how to get one.",
    "That needs a language model, and none is at work. Say help to hear what I can do.",
    "I cannot work that out without a language model. I can still remember things for you.",
)
DIGEST_CHARACTERS: Final = 1_500


@asynccontextmanager
async def open_offline(_spec: OfflineSpec) -> AsyncGenerator["Offline"]:
    yield Offline()


class Offline:
    async def generate(self, prompt: Prompt) -> AsyncGenerator[str, None]:
        yield _digest(prompt) if prompt.system == SUMMARISE else _answer(prompt)


def _answer(prompt: Prompt) -> str:
    name = name_in(prompt.memories)
    match wish_of(prompt.question).intent:
        case "greeting":
            return _greeting(prompt, name)
        case "thanks":
            return _varied(prompt, "You are welcome.", "My pleasure.", "Gladly.")
        case "goodbye":
            return f"Goodbye, {name}." if name else "Goodbye."
        case "help":
            return CAN_DO
        case "models":
            return HOW_TO_GET_A_MODEL
        case "time":
            return tell_time(prompt.now)
        case "date":
            return tell_date(prompt.now)
    if prompt.noted:
        return f"{_varied(prompt, 'Thank you.', 'All right.', 'Noted.')} {will_remember(prompt.noted)}"
    if prompt.off_the_record and (facts_in(prompt.question) or is_aside(prompt.question)):
        return "All right. That stays off the record, and I do not note it."
    if known := _from_notes(prompt) or (gist(prompt.quotes[0], prompt.question) if prompt.quotes else ""):
        return known
    if any(NO_MODEL in said.text for said in prompt.history):
        return _varied(prompt, *SHORTLY)
    return AT_LENGTH


def _greeting(prompt: Prompt, name: str) -> str:
    hour = prompt.now.hour
    part = "Good morning" if 5 <= hour < 12 else "Good afternoon" if 12 <= hour < 18 else "Good evening"
    return f"{part}, {name}." if name else f"{part}. What can I do for you?"


def _from_notes(prompt: Prompt) -> str:
    """Notes that share words with a question about the user, or all the words of another question; unless a document
    has more of them.
    """
    words = set(plain(prompt.question).split())
    asked = content_words(prompt.question)
    about_user = bool(words & {"i", "my", "me", "i'm", "mine", "our", "we"})
    if not about_user and not any(asked and asked <= content_words(note) for note in prompt.memories):
        return ""
    scores = [(len(asked & content_words(note)), note) for note in prompt.memories]
    best = max((score for score, _ in scores), default=0)
    if any(len(asked & content_words(f"{quote.name} {quote.text}")) > best for quote in prompt.quotes):
        return ""
    return told_back([note for score, note in scores if score == best][:3]) if best else ""


def _varied(prompt: Prompt, *wordings: str) -> str:
    """Another wording each time, and the same one for the same place in the same conversation."""
    return wordings[len(prompt.history) // 2 % len(wordings)]


def _digest(prompt: Prompt) -> str:
    """The first sentence of each thing the user said, newest kept where they do not all fit."""
    said = [clip(each.text.split(". ", 1)[0].rstrip("."), 120) for each in prompt.history if each.role == "user"]
    lines = [prompt.summary.removesuffix(".")] if prompt.summary else []
    lines += [f'the user said "{each}"' for each in said]
    while len(lines) > 1 and sum(len(each) + 2 for each in lines) > DIGEST_CHARACTERS:
        del lines[0 if len(lines[0]) > DIGEST_CHARACTERS // 2 or not prompt.summary else 1]
    return "; ".join(lines)[-DIGEST_CHARACTERS:] + "."
