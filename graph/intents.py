"""What the user wants of a turn, by its words alone: patterns over the whole of it, and no model.

A command must be all that is said. "Stop" is a command; "what is a stop word", "tell me about repeat prescriptions" and
"help me with my homework" are conversation, and so is everything that is not recognised. The user's own language is
tried first, then English, which many mix in. To be spoken with in another language can be asked for in any.
"""

import re
from dataclasses import dataclass
from types import ModuleType
from typing import Final, Literal, NamedTuple

from graph.intent_words import Asks, Intent, Wording
from graph.record import told_how, told_when
from graph.tongues.asking import WHICH, asked_in, topic_in
from graph.types import Language
from graph.wordings import de, en, en_asked, en_errands, en_house, en_memory, es, fr, languages
from graph.words import as_written, bare, folded, plain

LONGEST_COMMAND = 200
"""Characters."""


@dataclass(frozen=True, slots=True)
class Wish:
    intent: Intent
    about: str = ""
    """What to recall, to forget or to remove: a topic of memory, words to look for, or what a document is called; and
    otherwise as `graph.intent_words.Wording` has it, in the user's own spelling.
    """


class _Tongue(NamedTuple):
    commands: tuple[tuple[Intent, str, re.Pattern[str]], ...]
    yes: re.Pattern[str]
    no: re.Pattern[str]
    opening: re.Pattern[str] | None
    """What politeness puts before a request; None where `graph.words.bare` knows it."""
    closing: re.Pattern[str] | None

    def bare(self, said: str) -> str:
        if self.opening is None or self.closing is None:
            return bare(said)
        for wrapping in (self.opening, self.closing):
            while (rest := wrapping.sub("", said)) != said:
                said = rest
        return said

    def wish(self, text: str) -> Wish | None:
        said = folded(plain(text))
        request = self.bare(said)
        for words in dict.fromkeys((said, request)):
            for intent, about, pattern in self.commands:
                # Politeness is no part of what it is about.
                if (match := pattern.fullmatch(words)) and (words == request or not pattern.groups):
                    return Wish(intent, about or _about(match, text))
        return None


def _about(match: re.Match[str], text: str) -> str:
    """With the user's capitals and accents."""
    found = match.groupdict()
    about = [found.get("about") or found.get("more") or "", found.get("how") or ""]
    return "|".join(as_written(text, each) for each in about if each)


def _compiled(wordings: tuple[Wording, ...]) -> tuple[tuple[Intent, str, re.Pattern[str]], ...]:
    return tuple((intent, about, re.compile(folded(pattern))) for intent, about, pattern in wordings)


def _tongue(language: Language, room: ModuleType) -> _Tongue:
    return _Tongue(
        _compiled((*languages.ASKED[language], *room.WORDINGS)),
        re.compile(folded(room.YES)),
        re.compile(folded(room.NO)),
        re.compile(folded(f"^{room.OPENING} (?=\\w)")),
        re.compile(folded(f"(?<=\\w) {room.CLOSING}$")),
    )


_ENGLISH: Final = _Tongue(
    _compiled((*languages.ASKED["en"], *en_errands.WORDINGS, *en_house.WORDINGS, *en.WORDINGS, *en_memory.WORDINGS)),
    re.compile(en.YES),
    re.compile(en.NO),
    None,
    None,
)
_TONGUES: Final[dict[Language, _Tongue]] = {
    "en": _ENGLISH,
    "fr": _tongue("fr", fr),
    "de": _tongue("de", de),
    "es": _tongue("es", es),
}
_LANGUAGES: Final = _compiled(languages.WORDINGS)
_ASKED = tuple((topic, re.compile(pattern)) for topic, pattern in en_asked.ASKED)

_FORGET = re.compile(
    r"(?:forget|erase|delete|remove) (?:about |the fact )?(?:that )?(?P<what>.+)|(?:don't|do not|"
    r"stop) remember(?:ing)? (?:that )?(?P<other>.+)"
)
_SEVERAL = re.compile(r"\b(?:documents|files|pdfs|papers|uploads|attachments)\b")
_FILE = r"(?:documents?|files?|pdfs?|papers?|uploads?|attachments?)"
_REMOVE = re.compile(
    rf"(?:forget|erase|delete|remove|throw away|take away) (?:(?:(?:all (?:of )?)?(?:the |my |your |that |this )*"
    rf"{_FILE}(?: (?:called|named|about|on|with the name))?(?: (?P<after>.+))?)|(?:the |my |that )?(?P<before>.+?) "
    rf"(?:document|file|pdf)|(?:the |my )?(?P<out>.+?) (?:from|out of) (?:the |my |your )*(?:{_FILE}|library))"
)
_REMEMBER = re.compile(
    r"(?:remember|don't forget|do not forget|make a note|take a note|note|keep in mind|bear in mind|write down|"
    r"memori[sz]e)\b"
)
_NOT_REMEMBER = re.compile(r"(?:remember|don't forget|do not forget) (?:when|what|how|who|where|why|the time|to)\b")
_REMIND = re.compile(
    r"(?:do you (?:know|remember)|can you remember|tell me|remind me(?: of)?|you know|say) (?P<what>(?:what|where|"
    r"who|when|how|which|my|if|whether|the name of)\b.+)"
)
_CONFIRMED: Final[dict[Asks, Intent]] = {
    "forget-everything": "confirm",
    "remove-document": "confirm-removal",
    "errand": "confirm-errand",
}
Order = Literal["stop", "wait", "go-on"]


def wish_of(text: str, *, confirming: Asks = "", language: Language = "en") -> Wish:
    """What is wanted. `confirming`: the yes-or-no question that we have just asked."""
    said = plain(text)
    if not said:
        return Wish("empty")
    if len(said) > LONGEST_COMMAND:
        return Wish("chat")
    tongues = [_TONGUES[language]] if language == "en" else [_TONGUES[language], _ENGLISH]
    if confirming:
        for tongue in tongues:
            if reply := _reply(tongue, folded(said), confirming):
                return Wish(reply)
    request = bare(text)
    if told := told_when(request):
        return Wish("recall-when", told)
    for tongue in tongues:
        if wish := tongue.wish(text):
            return wish
    asked = asked_in(text, (language,) if language != "en" else ())
    return (
        _of_another_language(folded(said))
        or (Wish(asked.intent, asked.about) if asked else None)
        or _of_memory(said, request)
    )


def _of_another_language(said: str) -> Wish | None:
    for tongue in _TONGUES.values():
        for _, asked, pattern in _LANGUAGES:
            if pattern.fullmatch(tongue.bare(said)):
                return Wish("language", asked)
    return None


def order_of(text: str) -> Order | None:
    """Whether all that is said is an order to a reply that sounds, in any language: one calls out in one's own."""
    said = folded(plain(text))
    for tongue in _TONGUES.values():
        for words in dict.fromkeys((said, tongue.bare(said))):
            for intent, _, pattern in tongue.commands:
                if intent in _ORDERS and pattern.fullmatch(words):
                    return _ORDERS[intent]
    return None


_ORDERS: Final[dict[Intent, Order]] = {"stop": "stop", "wait": "wait", "go-on": "go-on"}


def is_yes_or_no(text: str, language: Language) -> bool:
    """Whether that is all that is said: "no, I meant Paris" is more."""
    said = folded(plain(text))
    tongues = [_TONGUES[each] for each in dict.fromkeys((language, "en"))]
    return any(each.yes.fullmatch(said) or (" " not in said and each.no.fullmatch(said)) for each in tongues)


def _reply(tongue: _Tongue, said: str, asked: Asks) -> Intent | None:
    if tongue.yes.fullmatch(said):
        return _CONFIRMED[asked]
    return "decline" if tongue.no.fullmatch(said) else None


def _of_memory(said: str, request: str) -> Wish:
    if told := told_how(said):
        return Wish("why", told)
    if topic := asked_topic(request):
        return Wish("recall", topic)
    if match := _REMOVE.fullmatch(request):
        return Wish("remove-document", next((each for each in match.groups() if each), _unnamed(request)))
    if (match := _FORGET.fullmatch(request)) and not request.startswith(("forget to ", "don't forget")):
        return Wish("forget", match["what"] or match["other"])
    if _REMEMBER.match(request) and not _NOT_REMEMBER.match(request) and not said.startswith(("do you", "did you")):
        return Wish("remember")
    return Wish("chat")


def _unnamed(request: str) -> str:
    return "" if _SEVERAL.search(request) else WHICH


def asked_topic(request: str) -> str:
    """The topic of memory that a question about the user themselves is after, if it is plainly one of those we keep."""
    if match := _REMIND.fullmatch(request):
        request = match["what"]
    for topic, pattern in _ASKED:
        if match := pattern.fullmatch(request):
            named = next((each for each in match.groups() if each), "")
            return topic.format(named.removesuffix("'s").strip())
    return topic_in(request)
