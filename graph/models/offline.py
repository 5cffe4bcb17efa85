"""The last rung: no language model at all, and honest about it.

It greets, tells the time, notes what it is told, answers from the notes and quotes it is given, and says otherwise
that it cannot think, what it can do, and how that can be mended: at length once in a conversation, shortly after that.
"""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Final

from graph.commands import name_in, tell_date, tell_time, told_back, will_remember
from graph.facts import facts_in
from graph.intents import is_yes_or_no, wish_of
from graph.prompts import SUMMARISE, clip
from graph.quoting import gist
from graph.record import is_aside
from graph.settings import OfflineSpec
from graph.strings import LANGUAGES, said
from graph.tongues.asking import is_about_the_user
from graph.types import Language, Prompt
from graph.words import content_words, plain

DAYTIMES: Final = "good-morning", "good-afternoon", "good-evening"
SHORTLY: Final = "no-model-1", "no-model-2", "no-model-3"
DIGEST_CHARACTERS: Final = 1_500


@asynccontextmanager
async def open_offline(_spec: OfflineSpec) -> AsyncGenerator["Offline"]:
    yield Offline()


class Offline:
    async def generate(self, prompt: Prompt) -> AsyncGenerator[str, None]:
        yield _digest(prompt) if prompt.system == SUMMARISE else _answer(prompt)


def _answer(prompt: Prompt) -> str:
    name = name_in(prompt.memories)
    match wish_of(prompt.question, language=prompt.language).intent:
        case "greeting":
            return _greeting(prompt, name)
        case "thanks":
            return _varied(prompt, *(said(prompt.language, f"welcome-{each}") for each in (1, 2, 3)))
        case "goodbye":
            return said(prompt.language, "goodbye-by-name", name=name) if name else said(prompt.language, "goodbye")
        case "help":
            return said(prompt.language, "help")
        case "models":
            return said(prompt.language, "models")
        case "time":
            return tell_time(prompt.now, prompt.language)
        case "date":
            return tell_date(prompt.now, prompt.language)
    if prompt.noted:
        thanks = _varied(prompt, *(said(prompt.language, f"thanks-for-that-{each}") for each in (1, 2, 3)))
        return f"{thanks} {will_remember(prompt.noted, prompt.language)}"
    if prompt.off_the_record and (facts_in(prompt.question, prompt.language) or is_aside(prompt.question)):
        return said(prompt.language, "stays-off-record")
    if known := _from_notes(prompt) or (gist(prompt.quotes[0], prompt.question) if prompt.quotes else ""):
        return known
    if is_yes_or_no(prompt.question, prompt.language):
        return said(prompt.language, "nevermind")
    if any(said(each, "no-model") in heard.text for each in LANGUAGES for heard in prompt.history):
        return _varied(prompt, *(said(prompt.language, key) for key in SHORTLY))
    return at_length(prompt.language)


def at_length(language: Language) -> str:
    return said(language, "no-model-at-length", models=said(language, "models"))


def _greeting(prompt: Prompt, name: str) -> str:
    """As one was greeted, else by the clock."""
    hour = prompt.now.hour
    daytime = DAYTIMES[0] if 5 <= hour < 12 else DAYTIMES[1] if 12 <= hour < 18 else DAYTIMES[2]
    asked = plain(prompt.question)
    heard = (each for each in DAYTIMES if plain(said(prompt.language, each)) in asked)
    greeting = said(prompt.language, next(heard, daytime))
    if name:
        return said(prompt.language, "greeting-by-name", greeting=greeting, name=name)
    return said(prompt.language, "greeting", greeting=greeting)


def _from_notes(prompt: Prompt) -> str:
    """Notes that share words with a question about the user, or all the words of another question; unless a document
    has more of them.
    """
    words = set(plain(prompt.question).split())
    asked = content_words(prompt.question)
    about_user = bool(words & {"i", "my", "me", "i'm", "mine", "our", "we"}) or is_about_the_user(
        words, prompt.language
    )
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
    told = [clip(each.text.split(". ", 1)[0].rstrip("."), 120) for each in prompt.history if each.role == "user"]
    lines = [prompt.summary.removesuffix(".")] if prompt.summary else []
    lines += [f'the user said "{each}"' for each in told]
    while len(lines) > 1 and sum(len(each) + 2 for each in lines) > DIGEST_CHARACTERS:
        del lines[0 if len(lines[0]) > DIGEST_CHARACTERS // 2 or not prompt.summary else 1]
    return "; ".join(lines)[-DIGEST_CHARACTERS:] + "."
