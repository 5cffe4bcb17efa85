"""What may become a memory, and what may not: looked at before anything is kept, whoever found it, a rule or a model.

A memory must be the user's own words about themselves and theirs. Orders to the assistant, what the assistant itself
has said or was shown, what was quoted or pasted, and secrets stay out; the user can be told why.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from memory import gate_tongues
from memory.masking import Secret, masked
from memory.stems import stem, stems_of
from memory.types import USER, NewMemory, Source

Why = Literal["order", "secret", "quoted", "recalled", "echo", "invented"]


@dataclass(frozen=True, slots=True)
class Telling:
    """One turn, as far as something may be learnt from it."""

    source: Source
    said_at: datetime
    words: str
    """What the user said."""
    answers: str = ""
    """What the assistant had said before, which they answered to."""
    recalled: tuple[str, ...] = ()
    """Memories and documents that the assistant was shown for it."""
    noted: tuple[str, ...] = ()
    """What was learnt from it already."""
    language: str = "en"
    """The user's own, by its code; they may have spoken another all the same."""


@dataclass(frozen=True, slots=True)
class Refusal:
    why: Why
    secrets: tuple[Secret, ...] = ()
    """Where that is why: which."""


@dataclass(frozen=True, slots=True)
class Verdict:
    passed: tuple[NewMemory, ...]
    refused: tuple[Refusal, ...]
    left_out: tuple[Secret, ...] = ()
    """What was taken out of those that passed."""


_HIJACK = re.compile(
    r"(?<!\bi )(?<!\bto )(?<!\bwe )(?<!\bthey )(?<!always )(?<!never )"
    r"\b(?:ignore|disregard|forget|override|bypass|discard|do not follow|don't follow|stop following)\b[^.?!\n]{0,40}"
    r"\b(?:previous|prior|above|earlier|preceding|all|your|system|former)\b[^.?!\n]{0,30}"
    r"\b(?:instructions?|prompts?|rules|guidelines|directives|programming|training|constraints|safeguards|messages?)\b"
    r"|<\|?/?\s*(?:im_start|im_end|system|assistant|endoftext|begin_of_text|eot_id|start_header_id|inst)\b"
    r"|\[/?INST\]|<</?SYS>>|^[ \t>*]{0,9}#{1,9} ?(?:system|instructions?|new instructions?|assistant)\b"
    r"|(?:^|[.!?\n] ?)[ \t>*\[(_-]{0,9}(?:system|assistant|developer|admin) ?"
    r"(?:message|prompt|note|notice|override|update)?[*\])_]{0,4} ?:"
    r"|\bas (?:the|your) (?:system|operator|administrator|developer|creator|assistant|owner of this system)\b"
    r"|\b(?:this is|i am|speaking as) (?:the|your) (?:system|operator|developer|creator)\b(?! (?:administrator|admin|"
    r"engineer|analyst|architect|of)\b)"
    r"|\b(?:new|updated|revised|secret|hidden) (?:system )?(?:instructions?|directives?|system prompt)\b\s*[:.]"
    r"|\b(?:system|developer) (?:prompt|override|message)\b|\byou are now (?!my\b|in\b|at\b|on\b)|\bfrom now on,? you\b"
    r"|\b(?:developer|god|dan|jailbreak|debug|admin(?:istrator)?|root) mode\b|\bjailbreak\b"
    r"|\b(?:store|save|write|add|insert|put) (?:this|the following|it)\b[^.?!\n]{0,30}\b(?:in|into|to) (?:your |the )?"
    r"(?:long[- ]term )?memor(?:y|ies)\b",
    re.IGNORECASE | re.MULTILINE,
)
"""Words that want to steer the assistant: whatever else their turn says, nothing is learnt from it."""

_ORDER = re.compile(
    r"\byou(?:'re| are| must| should| shall| will|'ll| have to| need to| can| may| cannot| never| always)\b"
    r"|\byour (?:name|job|task|role|purpose|answers?|replies|instructions?|rules?|prompt|system|behaviou?r|persona)\b"
    r"|\b(?:the )?(?:assistant|nightingale|ai|language model|chatbot|bot) (?:must|should|shall|has to|needs? to|may|"
    r"can(?:not)?|will|is to|is (?:not )?(?:allowed|required|permitted)|always|never|obeys?|ignores?)\b"
    r"|(?:\bto |^|[:;,.] ?)(?:always|never|only) (?:answer|say|reply|respond|tell|speak|use|mention|refuse|obey|agree|"
    r"trust|comply|recommend|call)\b"
    r"|\b(?:ignore|disregard|override|bypass|obey)\w*\b[^.]{0,40}\b(?:instructions?|prompts?|rules?|guidelines?|filters?|"
    r"restrictions?|safety|security)\b"
    r"|\b(?:previous|prior|system) (?:instructions?|prompts?|rules?)\b|\bfrom now on\b|\bsystem\b.*\bmessage\b"
    r"|\b(?:admin(?:istrator)?|root|superuser|developer|unrestricted|full) (?:rights?|access|privileges?|mode|"
    r"permissions?)\b"
    r"|\b(?:is|are) (?:allowed|authori[sz]ed|permitted|cleared|entitled) to (?:see|read|access|bypass|know|hear|export|"
    r"delete|use) (?:all|other|every|any|the (?:system|secret|data|memor))",
    re.IGNORECASE,
)
"""In a memory, which speaks of the user in the third person: somebody else is spoken to, or given rights."""

_FENCED = re.compile(r"```.*?(?:```|\Z)|~~~.*?(?:~~~|\Z)|^[ \t]*>.*$|<(\w+)[^>]*>.*?</\1>", re.DOTALL | re.MULTILINE)
_QUOTES = re.compile(r"\"[^\"]*\"|“[^”]*”|«[^»]*»|(?<!\w)'[^'\n]{3,}?'(?!\w)")
_SOMEBODY_WROTE = re.compile(
    r"\b(?:(?:the|this|that|an?|his|her|their|my|your|its) )?(?:[\w-]+ )?(?:e-?mail|letter|article|page|web ?page|"
    r"web ?site|text|message|document|note|post|book|song|lyrics?|sign|label|subtitle|file|pdf|comment|review|story|"
    r"tweet|advert|ad|poem|quote|calendar|it)s? (?:here )?(?:says?|said|reads?|states?|goes|went|claims?|tells|told me|"
    r"contains?|begins?|starts?)\b.*?(?=\n\n|\Z)"
    r"|\b(?:read(?:ing)?|quot(?:e|ing)|copied|pasted|translate|summari[sz]e|repeat after me|proofread|rewrite|spell"
    r"|correct)\b[^.?!\n]{0,40}[:\n].*\Z",
    re.IGNORECASE | re.DOTALL,
)
_SOMEBODY_SAID = re.compile(
    r"\b(?:he|she|they|someone|somebody|everyone|people|[A-Z][a-z]+) (?:said|says|say|wrote|writes|claims?|claimed|"
    r"told me|goes|was like|is like),?:? (?:that )?(?:i|my|me|i'm|i've|we|our)\b[^.?!\n]*",
    re.IGNORECASE,
)
_OF_THE_USER = re.compile(
    r"\bthe user(?:'s (?:\w+ ){1,4}(?:is|are|was|has|lives?|works?|likes?)\b| (?:is|are|was|has|have|had|likes?|loves?|"
    r"hates?|wants?|lives?|works?|prefers?|must|should|needs?|asked|said|told|named|called|does|did|will|can|trusts?|"
    r"states?|confirms?|agrees?|owns?|believes?)\b)",
    re.IGNORECASE,
)
"""Nobody calls themselves that: it is how notes are written, and forged."""
_SENTENCE = re.compile(r"(?<=[.?!\n])")
_TO_THE_ASSISTANT = re.compile(
    r"(?:\byou (?:must|should|shall|have to|need to|will|are to|are|can|may|never|always)\b|(?:^|[.!?,;:\n][ \t]*|\bto "
    r"|\bplease )(?:always|never|only) (?:answer|say|reply|respond|tell|speak|use|mention|refuse|obey|agree|trust|"
    r"comply|recommend|call)\b)"
    r"(?:(?! (?:and|but|because) (?:i|i'm|my|we|our)\b)[^.?!;,\n])*",
    re.IGNORECASE,
)

_DATE = re.compile(
    r"\b(?:(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day, )?(?:(?:week|weekend) of )?(?:\d{1,2} )?(?:January|February|"
    r"March|April|May|June|July|August|September|October|November|December|"
    r"(?:spring|summer|autumn|fall|winter) of) \d{4}(?:, (?:in the |at )(?:morning|afternoon|evening|night))?"
    r"|\bin \d{4}\b"
)
"""A day as `graph.dates` tells it: worked out from the user's words, not said."""
_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*")
_TEMPLATE = stems_of(
    """
    a an the and or but of to in on at for from with by as is are am was were be been being do does did done not no
    have has had having i you he she it we they me him us them my your his her its our their theirs mine this that
    these those there here than then more so too very just also still now again longer who whom which what when where
    how will would can could shall should may might must up out off about into over under around near user user's users
    name named call called surname preferred live lives lived living come comes coming born address reside move
    moved moving home work works working worked job employed employee allergic allergy allergies like likes liked
    love loves enjoy enjoys adore prefer prefers favourite favorite fond dislike dislikes hate hates detest want
    wants wish remind reminded remember need needs plan plans planning going go goes year years old age aged
    birthday eat eats eating drink drinks drinking smoke smokes smoking diet speak speaks speaking study studies
    someone something person called one two has got get gets become became themselves own owns every some any
    left leave use
    """
)
"""What memories are put into, and says nothing by itself."""
_NUMBER_WORDS = re.compile(r"\b(?:[a-z]+teen|(?:twen|thir|for|fif|six|seven|eigh|nine)ty|one|two|three|four|five|six|"
                           r"seven|eight|nine|ten|eleven|twelve|first|second|third)\b")  # fmt: skip
_SECRET_WORDS = stems_of(
    "password passwords pass word passcode passphrase phrase pin code number card credit debit bank account iban "
    "key token api access secret security social passport identity id licence license driving driver tax national "
    "insurance wifi wi-fi email mail login cvv cvc ssn expires seed recovery health medicare nhs visa mastercard "
    "server computer laptop phone"
)


def pass_on(news: Iterable[NewMemory], telling: Telling) -> Verdict:
    """Those that may be kept, without what is secret in them."""
    passed: list[NewMemory] = []
    refused: list[Refusal] = []
    left_out: list[Secret] = []
    hijacked = is_hijack(telling.words)
    for new in news:
        without = masked(new.text)
        why = "order" if hijacked else _objection(new, telling)
        if why is None and without.kinds:
            if len(_content(re.sub(r"\[[^\]]*\]", "", without.text)) - _SECRET_WORDS) < 2:
                refused.append(Refusal("secret", without.kinds))
                continue
            left_out.extend(without.kinds)
        if why is None:
            context = masked(new.context).text
            passed.append(replace(new, text=without.text, context=context, topic=masked(new.topic).text))
        else:
            refused.append(Refusal(why))
    return Verdict(tuple(passed), tuple(dict.fromkeys(refused)), tuple(dict.fromkeys(left_out)))


def is_hijack(words: str) -> bool:
    words = _straight(words)
    return _HIJACK.search(words) is not None or gate_tongues.HIJACK.search(words) is not None


def own_words(words: str) -> str:
    """Without what the user quotes, pastes or reads out, and what they tell the assistant to do."""
    words = _straight(words)
    foreign = gate_tongues.SOMEBODY_SAID
    for pattern in (_FENCED, _QUOTES, _SOMEBODY_WROTE, _SOMEBODY_SAID, foreign, _TO_THE_ASSISTANT):
        words = pattern.sub(" … ", words)
    return "".join(" … " if _OF_THE_USER.search(each) else each for each in _SENTENCE.split(words))


def _objection(new: NewMemory, telling: Telling) -> Why | None:
    english = telling.language == "en" or new.text.casefold().startswith("the user")
    told = _straight(f"{new.text} {new.topic} {new.subject}")
    if _ORDER.search(told) or (not english and gate_tongues.ORDER.search(told)):
        return "order"
    about = f"{new.text} {'' if new.subject == USER else new.subject}"
    content, missing_in = (_content, _missing) if english else (_content_abroad, _missing_abroad)
    missing = missing_in(content(about), own_words(telling.words))
    if not missing:
        return None
    if not missing_in(missing, telling.words):
        return "quoted"
    if not missing_in(missing, " ".join(telling.recalled)):
        return "recalled"
    if not missing_in(missing, telling.answers):
        return "echo"
    return "invented"


def _content(text: str) -> frozenset[str]:
    return frozenset(map(stem, _WORD.findall(_DATE.sub(" ", _straight(text)).casefold()))) - _TEMPLATE


def _missing(wanted: frozenset[str], words: str) -> frozenset[str]:
    said = words.casefold()
    numbers = bool(_NUMBER_WORDS.search(said))
    there = {stem(word) for word in _WORD.findall(said)}
    return frozenset(word for word in wanted - there if not (word.isdigit() and numbers))


def _content_abroad(text: str) -> frozenset[str]:
    """Roots: the verbs of a memory that speaks to the user have another person than theirs."""
    return gate_tongues.roots_in(gate_tongues.DATE.sub(" ", text)) - gate_tongues.EMPTY


def _missing_abroad(wanted: frozenset[str], words: str) -> frozenset[str]:
    numbers = bool(gate_tongues.NUMBERS.search(words))
    return frozenset(word for word in wanted - gate_tongues.roots_in(words) if not (word.isdigit() and numbers))


def _straight(text: str) -> str:
    return text.replace("\u2019", "'").replace("\u2018", "'").replace("\u02bc", "'")
