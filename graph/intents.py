"""What the user wants of a turn, by its words alone: patterns over the whole of it, and no model.

A command must be all that is said. "Stop" is a command; "what is a stop word", "tell me about repeat prescriptions" and
"help me with my homework" are conversation, and so is everything that is not recognised.
"""

import re
from dataclasses import dataclass

from graph.intent_words import ASKED, WORDINGS, Asks, Intent
from graph.record import told_how, told_when
from graph.words import bare, plain

LONGEST_COMMAND = 200
"""Characters."""


@dataclass(frozen=True, slots=True)
class Wish:
    intent: Intent
    about: str = ""
    """What to recall, to forget or to remove: a topic of memory, words to look for, or what a document is called."""


_COMMANDS = tuple((intent, re.compile(f"(?:{pattern})")) for intent, pattern in WORDINGS)
_ASKED = tuple((topic, re.compile(pattern)) for topic, pattern in ASKED)

_YES = re.compile(
    r"(?:oh |well )?(?:yes|yeah|yep|yup|yea|sure|okay|ok|do it|go ahead|please do|i am sure|i'm sure|i am|"
    r"confirm(?:ed)?|of course|absolutely|certainly|definitely|correct|right|that's right|affirmative)(?: (?:yes|"
    r"please|sure|do|do it|do that|i am|i'm sure|i am sure|go ahead|forget everything|forget it all|everything|"
    r"erase everything|delete everything|that's right|nightingale))*"
)
_NO = re.compile(
    r"(?:oh |well )?(?:no|nope|nah|never|don't|do not|cancel|wait|not (?:really|now|yet)|never ?mind|negative|"
    r"keep (?:it|them|everything))\b.*"
)
_FORGET = re.compile(
    r"(?:forget|erase|delete|remove) (?:about |the fact )?(?:that )?(?P<what>.+)|(?:don't|do not|"
    r"stop) remember(?:ing)? (?:that )?(?P<other>.+)"
)
WHICH = "?"
"""A document that the user means and does not name; nothing stands for all."""
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


def wish_of(text: str, *, confirming: Asks = "") -> Wish:
    """What is wanted. `confirming`: the yes-or-no question that we have just asked."""
    said = plain(text)
    if not said:
        return Wish("empty")
    if len(said) > LONGEST_COMMAND:
        return Wish("chat")
    if confirming and (reply := _reply(said, confirming)):
        return Wish(reply)
    request = bare(text)
    if told := told_when(request):
        return Wish("recall-when", told)
    for words in dict.fromkeys((said, request)):
        for intent, pattern in _COMMANDS:
            if pattern.fullmatch(words):
                return Wish(intent)
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


def _reply(said: str, asked: Asks) -> Intent | None:
    if _YES.fullmatch(said):
        return "confirm" if asked == "forget-everything" else "confirm-removal"
    return "decline" if _NO.fullmatch(said) else None


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
    return ""
