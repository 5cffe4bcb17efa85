"""Secrets in what people say: found, and taken out of it before anything is kept.

Numbers are found by their check digits (cards, bank accounts) or by the word before them, so that telephone numbers,
prices and years stay; they may be typed or said, a digit or a pair at a time.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

Secret = Literal["card number", "bank account number", "password", "PIN", "identity number", "access key"]
CARD: Final = "card number"
ACCOUNT: Final = "bank account number"
PASSWORD: Final = "password"  # noqa: S105 - its name, not one
PIN: Final = "PIN"
IDENTITY: Final = "identity number"
KEY: Final = "access key"


@dataclass(frozen=True, slots=True)
class Masked:
    text: str
    """With `[password]` and the like in the secrets' places."""
    kinds: tuple[Secret, ...]
    """What was taken out, each kind once."""


_ONES = """
zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen
nineteen
"""
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
_NUMBERS = {word: str(value) for value, word in enumerate(_ONES.split())} | {"oh": "0", "o": "0", "nought": "0"}
_NUMBERS |= {word: str(10 * value) for value, word in enumerate(_TENS.split(), start=2)}
_TIMES = {"double": 2, "triple": 3}
_SPOKEN = rf"(?:\d+|{'|'.join([*_NUMBERS, *_TIMES])})"
_RUN = re.compile(rf"(?<![\w]){_SPOKEN}(?:[\s,.\-]{{1,3}}{_SPOKEN})*(?![\w])", re.IGNORECASE)
_DIGITS = rf"{_SPOKEN}(?:[\s,.\-]{{1,3}}{_SPOKEN})*"

_IBAN = re.compile(r"(?<![\w])[a-z]{2}\d{2}(?:[ -]?[a-z0-9]){11,30}(?![\w])", re.IGNORECASE)
_IDENTITIES = re.compile(
    r"(?<![\w-])(?!000|666|9)\d{3}([- ])\d{2}\1\d{4}(?![\w-])"
    r"|(?<!\w)(?![DFIQUV])[A-Z](?![DFIQUVO])[A-Z] ?\d{2} ?\d{2} ?\d{2} ?[A-D](?!\w)"
)
_KEYS = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)"
    r"|(?<![\w-])(?:"
    r"(?:sk|pk|rk)[-_][\w-]{16,}|gh[pousr]_\w{20,}|github_pat_\w{20,}|(?:AKIA|ASIA)[A-Z0-9]{16}|xox[abprs]-[\w-]{10,}|"
    r"AIza[\w-]{30,}|glpat-[\w-]{16,}|hf_\w{20,}|npm_\w{30,}|eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]{8,}|[0-9a-fA-F]{32,}|"
    r"(?=[\w+/]*\d)(?=[\w+/]*[a-z])(?=[\w+/]*[A-Z])[A-Za-z0-9+/_]{28,}={0,2}"
    r")(?![\w-])"
    r"|(?<=[Bb]earer )[\w.~+/-]{16,}"
    r"|(?<=://)[^\s:/@]+:[^\s@/]+(?=@)",
    re.DOTALL,
)

_IS = (
    r"(?:\s+(?:(?:is|was|are|will be|to|ist|lautet|war|est|c'est|était|es|son|era)(?!\w)|=|:)(?:\s+(?:now|currently|"
    r"just|simply|actually|still|set to))*|\s*[:=])\s*"
)
_FOR = (
    r"(?:\s+(?:for|to|of|on|at|in|für|von|vom|bei|zu|pour|de|du|para|del)\s+(?:(?:my|the|our|this|a|an|his|her|their|"
    r"mein\w*|das|den|die|mon|ma|le|la|mi|el)\s+)?[\w'-]+(?:\s+[\w'-]+)?)?"
)
_NO_VALUE = (
    r"(?:too|not|n't|very|so|on|in|at|under|inside|with|the|my|our|hard|easy|long|short|safe|secure|weak|strong|wrong|"
    r"expired?|lost|gone|stored|saved|written|kept|always|never|what|none|only|different|important|an?|being|about|due|"
    r"required|needed|invalid|changed|correct(?=\s*(?:[.!?,;]|$|now|again))|forgotten|stolen|unique|complicated|simple|good|bad|there|here|working|"
    r"protected|something|someone|really|quite|almost|going|getting|is|it|and|or|but|to|out|up|old|new|ok|okay|fine|"
    r"zu|nicht|sehr|im|auf|unter|in|falsch|vergessen|trop|pas|dans|sur|oublié|muy|no|en|bajo|olvidada|"
    r"that|this|rejected|accepted|known|secret|annoying|stupid|a secret)\b"
)
_NAMED: Final[tuple[tuple[Secret, re.Pattern[str]], ...]] = (
    (
        PASSWORD,
        re.compile(
            rf"\b(?:pass ?words?|pass ?phrases?|passwd|pwd|pass ?codes?|(?:\w+-?)?passwort|kennwort|passwörter|"
            rf"mots? de passe|"
            rf"contraseñas?|clave){_FOR}{_IS}"
            rf"(?P<v>[\"'“«][^\"'”»]+[\"'”»]|(?!{_NO_VALUE})[^\s,;]+(?:\s+(?!(?:and|but|so|because|please|for|it|i|my)\b)"
            r"[^\s,;.!?]+){0,5})",
            re.IGNORECASE,
        ),
    ),
    (
        PIN,
        re.compile(
            rf"\b(?:pin(?:[ -]?(?:code|number|nummer))?|geheimzahl|code secret|código pin|cvv2?|cvc2?|"
            rf"security code){_FOR}(?:{_IS}|\s+)(?P<v>{_DIGITS})(?![\w])",
            re.IGNORECASE,
        ),
    ),
    (
        KEY,
        re.compile(
            rf"\b(?:(?:api|access|secret|auth|private|licen[cs]e|recovery|account)[ _-]?(?:key|token)s?|token|seed "
            rf"phrase|recovery phrase){_FOR}{_IS}(?P<v>(?=\S*\d)\S{{8,}}|(?<=phrase is )[a-z]+(?: [a-z]+){{7,23}})",
            re.IGNORECASE,
        ),
    ),
    (
        IDENTITY,
        re.compile(
            r"\b(?:social security|national insurance|passport|identity card|id card|id|national id|personal id|"
            r"driving licen[cs]e|driver'?s licen[cs]e|tax(?:payer)?(?: id(?:entification)?)?|social insurance|"
            rf"health insurance|medicare|nhs|ssn)(?:\s+(?:number|no\.?|id|card number))?{_FOR}(?:{_IS}|\s+)"
            rf"(?P<v>[A-Z]{{0,3}}[ -]?\d(?:[ -]?\d){{4,}}(?: ?[A-Z]\b)?|(?=\w*\d\w*\d\w*\d)[A-Z0-9]{{6,}}|"
            rf"{_SPOKEN}(?:[\s,.\-]{{1,3}}{_SPOKEN}){{4,}})(?!\w)",
            re.IGNORECASE,
        ),
    ),
    (
        ACCOUNT,
        re.compile(
            rf"\b(?:bank )?account number{_FOR}(?:{_IS}|\s+)(?P<v>\d(?:[ -]?\d){{5,}}|"
            rf"{_SPOKEN}(?:[\s,.\-]{{1,3}}{_SPOKEN}){{5,}})(?!\w)",
            re.IGNORECASE,
        ),
    ),
)
_SHORTEST_PIN = 3


def masked(text: str) -> Masked:
    kinds: list[Secret] = []
    for kind, (start, end) in _secrets(text):
        kinds.append(kind)
        text = f"{text[:start]}[{kind}]{text[end:]}"
    return Masked(text, tuple(dict.fromkeys(reversed(kinds))))


def _secrets(text: str) -> list[tuple[Secret, tuple[int, int]]]:
    """Last first; where two overlap, the one found first."""
    found: list[tuple[Secret, tuple[int, int]]] = []
    for kind, span in _candidates(text):
        if not any(span[0] < end and start < span[1] for _, (start, end) in found):
            found.append((kind, span))
    return sorted(found, key=lambda each: each[1], reverse=True)


def _candidates(text: str) -> Iterator[tuple[Secret, tuple[int, int]]]:
    yield from ((KEY, match.span()) for match in _KEYS.finditer(text))
    for match in _IBAN.finditer(text):
        if (end := _account_ends(match[0])) is not None:
            yield ACCOUNT, (match.start(), match.start() + end)
    for match in _RUN.finditer(text):
        if len(number := digits_of(match[0])) in range(13, 20) and _luhn(number):
            yield CARD, match.span()
    yield from ((IDENTITY, match.span()) for match in _IDENTITIES.finditer(text))
    for kind, pattern in _NAMED:
        for match in pattern.finditer(text):
            if kind != PIN or len(digits_of(match["v"])) >= _SHORTEST_PIN:
                yield kind, match.span("v")


def digits_of(said: str) -> str:
    """The digits of a number that is written or said: "forty one, double one, 5" is 41115."""
    digits, times, tens = "", 1, False
    for word in re.findall(r"[^\W_]+", said.casefold()):
        if word in _TIMES:
            times = _TIMES[word]
            continue
        value = word if word.isdigit() else _NUMBERS.get(word, "")
        if tens and not word.isdigit() and len(value) == 1 and value != "0":
            digits = digits[:-1] + value
        else:
            digits += value * times
        times, tens = 1, word in _TENS.split()
    return digits


def _luhn(number: str) -> bool:
    doubled = [int(digit) * (2 if place % 2 else 1) for place, digit in enumerate(reversed(number))]
    return number.strip("0") != "" and sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0


def _account_ends(said: str) -> int | None:
    """Where an account number by ISO 13616 ends in it: what follows may be a word of the sentence."""
    for end in range(len(said), 14, -1):
        number = re.sub(r"[ -]", "", said[:end]).upper()
        if len(number) >= 15 and said[end - 1] not in " -":
            turned = number[4:] + number[:4]
            if int("".join(str(int(each, 36)) for each in turned)) % 97 == 1:
                return end
    return None
