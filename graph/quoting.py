"""Documents in an answer: what they are called, which passage an answer rests on, and an answer out of a passage."""

import re
from collections.abc import Iterable, Sequence
from pathlib import PurePath
from typing import Final

from graph.types import Quote
from graph.words import bare, content_words, plain
from memory.documents.types import Document, Found

SENTENCE_CHARACTERS: Final = 300
"""As much of a passage as is read out at once."""
CITED_AT_ONCE: Final = 2

_SENTENCE = re.compile(r"(?<=[.!?…])[\"”')\]]*\s+|\n+")
_ASKED_OF = re.compile(
    r"what (?:does|do|did) (?:my |the |this |that |your |our )?(?P<says>.+?) (?:say|tell me|tell us|tell|state|"
    r"mention) (?:about|on|of|regarding) (?P<about>.+)|"
    r"(?:look|search|check)(?: in| through)? (?:my |the |your )?(?P<look>.+?) for (?P<seek>.+)|"
    r"(?:look up|find|search for) (?P<find>.+) in (?:my |the |your )(?P<place>.+)"
)
_UNSPOKEN = re.compile(r"[\s_\"“”«»]+")


def called(name: str) -> str:
    """What a file is called when one speaks of it: "user_manual.pdf" is "user manual"."""
    return _UNSPOKEN.sub(" ", PurePath(name).stem).strip() or name


def quote_of(found: Found) -> Quote:
    passage = found.passage
    return Quote(passage.document, called(passage.name), " ".join(passage.place.split()), passage.text)


def asked_of(question: str) -> tuple[str, str]:
    """What is to be looked into, and what for: "what does my manual say about tea" asks a manual for tea."""
    match = _ASKED_OF.fullmatch(bare(question))
    if match is None:
        return "", question
    return match["says"] or match["look"] or match["place"], match["about"] or match["seek"] or match["find"]


def named_in(documents: Sequence[Document], words: str) -> list[Document]:
    """Those that the user means: called just so, or else those that have most of the words."""
    asked = plain(words)
    exactly = [each for each in documents if asked in {plain(each.name), plain(called(each.name)), plain(each.title)}]
    if exactly:
        return exactly
    wanted = content_words(words)
    shared = [(len(wanted & content_words(f"{called(each.name)} {each.title}")), each) for each in documents]
    best = max((count for count, _ in shared), default=0)
    return [each for count, each in shared if count == best] if best and 2 * best >= len(wanted) else []


def rests_on(answer: str, quotes: Sequence[Quote], *, question: str, notes: Iterable[str] = ()) -> list[Quote]:
    """The passages that the answer's sentences have their words from, where these are neither the question's own nor
    rather in a note.
    """
    asked = content_words(question)
    told = [content_words(note) for note in notes]
    there = [(content_words(quote.text), quote) for quote in quotes]
    found: list[Quote] = []
    for sentence in _SENTENCE.split(answer):
        new = content_words(sentence) - asked
        words, quote = max(there, key=lambda each: len(new & each[0]), default=(frozenset[str](), None))
        shared = len(new & words)
        from_notes = max((len(new & each) for each in told), default=0)
        enough = shared >= 2 or (shared == 1 and len(new) == 1)
        if quote is not None and enough and 2 * shared >= len(new) and shared > from_notes and quote not in found:
            found.append(quote)
    return found


def citation(quotes: Sequence[Quote], answer: str) -> str:
    """Where it stands; empty when the answer says so itself."""
    said = f" {plain(answer)} "
    places = dict.fromkeys(
        where(each)
        for each in quotes
        if not all(f" {plain(part)} " in said for part in (each.name, each.place) if plain(part))
    )
    return f"That is from {' and '.join([*places][:CITED_AT_ONCE])}." if places else ""


def where(quote: Quote) -> str:
    return f"“{quote.name}”, {quote.place}" if quote.place else f"“{quote.name}”"


def gist(quote: Quote, question: str = "") -> str:
    """The sentence of a passage that has most to do with the question, with its neighbour where there is room."""
    sentences = [each for piece in _SENTENCE.split(quote.text) if (each := " ".join(piece.split()))]
    if not sentences:
        return ""
    asked = content_words(question)

    def worth(index: int) -> tuple[int, bool]:
        """Headings end without a stop."""
        return len(asked & content_words(sentences[index])), sentences[index][-1] in ".!?…"

    best = max(range(len(sentences)), key=worth)
    told = sentences[best]
    if best + 1 < len(sentences) and len(told) + len(sentences[best + 1]) < SENTENCE_CHARACTERS:
        told = f"{told} {sentences[best + 1]}"
    return told if len(told) <= SENTENCE_CHARACTERS else f"{told[:SENTENCE_CHARACTERS].rsplit(' ', 1)[0]} …"
