"""A reply as it is written, regrouped into sentences as they are said; the first one as early as is safe.

The text is taken a character at a time and judged a word at a time, so where the stream is cut makes no difference.
A sentence goes out with the first character that shows it to be over, mostly the first of the next word; a "Sure,"
with its comma. Targets of
links, tags and URLs are never cut in two; other marks need no care here, because `spoken` cleans halves.
"""

import re
from collections.abc import AsyncGenerator, AsyncIterable, Iterator

from voice.plain import spoken

FIRST_CLAUSE = 40
LONGEST = 250
LONGEST_ADDRESS = 4000
"""Characters in one word that is, or holds, a URL: it is not said, but must be recognised to the end."""

_CLOSERS = "\"'”’»)]}」』）】》*_~`"
_OPENERS = "\"'“‘«([{「『（【《*_~`"
_STOPS = ".!?…؟۔।‽"
_WIDE_STOPS = "。！？｡"
_WIDE_CLAUSE_MARKS = "，、；："
_CLAUSE_MARKS = ",;:—" + _WIDE_CLAUSE_MARKS

_LIST_NUMBER = re.compile(r"\(?\d{1,3}[.)]")
_INITIALS = re.compile(r"(?:[^\W\d_]\.)*[^\W\d_]")
_SCHEME = re.compile(r".*(?:https?|ftp)://", re.IGNORECASE)
_TAG_OPENS = re.compile(r"<[a-zA-Z/!]")


def _words(listed: str) -> frozenset[str]:
    return frozenset(listed.split())


_NEVER_LAST = _words(
    "adm approx capt cf cmdr col dr e.g esp fr gen gov hon i.e lt maj messrs mlle mme mr mrs ms mt pres prof rep rev"
    " sen sgt st viz vs z.b d.h bzw ca usw"
)
_BEFORE_A_NUMBER = _words(
    "art ch chap eq fig figs no nos nr p pp para sec vol jan feb mar apr jun jul aug sep sept oct nov dec"
)
_PERHAPS_LAST = _words("a.m al ave blvd bros co corp dept est etc inc jr ltd p.m ph.d rd sr")
_SAID_FIRST = _words(
    "absolutely all-right alright certainly exactly good-question great hm indeed no of-course oh ok okay right sure"
    " that's-right true well yes ja klar gern gut natürlich nein bien-sûr d'accord non oui claro por-supuesto sí vale"
)
"""What is said before a sentence, with a small pause of its own after it."""
_SENTENCE_STARTERS = _words(
    "a after also although an and as at because before but by did do does during every finally first for from he her"
    " here his how however i i'd i'll i'm i've if in it it's its let let's many maybe my next no not now of on once one"
    " or our perhaps please she since so some sometimes still that that's the their then there there's these they"
    " they're this those though to today until we we're well what when where which while who why with would yes yet you"
    " you're your"
)


async def sentences(
    deltas: AsyncIterable[str], *, first_clause: int = FIRST_CLAUSE, longest: int = LONGEST
) -> AsyncGenerator[str, None]:
    """Plain sentences, none empty. `deltas` belongs to the caller, who closes it.

    The first may be a clause of at least `first_clause` characters, and a "Sure," may go out before it; none is much
    longer than `longest`.
    """
    splitter = _Splitter(first_clause, longest)
    async for delta in deltas:
        for raw in splitter.feed(delta):
            if sentence := spoken(raw):
                yield sentence
    for raw in splitter.finish():
        if sentence := spoken(raw):
            yield sentence


class _Splitter:
    def __init__(self, first_clause: int, longest: int) -> None:
        self._first_clause = first_clause
        self._longest = longest
        self._sentence = ""  # finished words, with what stands between them
        self._clause_end = 0  # where its last clause ends
        self._gap = ""  # white space since then: a space, or one or two line ends
        self._word = ""
        self._word_longest = longest
        self._waits_for = ""  # what closes the link target or tag that the word is in
        self._undecided = False  # only the whole word will tell whether it begins a sentence
        self._is_first = True

    def feed(self, text: str) -> Iterator[str]:
        for char in text:
            if char.isspace() and not (self._waits_for and char != "\n" and len(self._word) < self._longest):
                yield from self._end_word()
                self._widen_gap(char)
                continue
            if self._word and self._breaks_before(char):
                yield from self._end_word()
            if not self._word:
                yield from self._begin_word(char)
            self._word += char
            self._watch(char)
            if char == "," and self._is_first and self._is_said_first():
                yield from self._end_word()
                yield from self._emit()
                self._is_first = True

    def finish(self) -> Iterator[str]:
        yield from self._end_word()
        yield from self._emit()

    def _begin_word(self, char: str) -> Iterator[str]:
        ends = bool(self._sentence) and _ends(self._sentence, self._gap, char)
        self._undecided = ends is None
        if ends or (self._is_first and self._gap and self._is_clause()):
            yield from self._emit()

    def _end_word(self) -> Iterator[str]:
        word, self._word = self._word, ""
        self._waits_for, self._word_longest = "", self._longest
        if not word:
            return
        if self._undecided and word.strip(_OPENERS + _CLOSERS + _CLAUSE_MARKS + _STOPS).lower() in _SENTENCE_STARTERS:
            yield from self._emit()
        self._undecided = False
        if self._sentence and len(self._sentence) + len(self._gap) + len(word) > self._longest:
            yield from self._emit_to_last_clause()
        self._sentence += (" " if self._gap and self._sentence else "") + word
        self._gap = ""
        if word[-1] in _CLAUSE_MARKS or word in ("–", "-", "—"):
            self._clause_end = len(self._sentence)

    def _emit(self) -> Iterator[str]:
        if self._sentence:
            yield self._sentence
            self._is_first = False
        self._sentence, self._clause_end = "", 0

    def _emit_to_last_clause(self) -> Iterator[str]:
        """Make room: up to the last clause if that is a good part of what there is, else all of it."""
        rest = ""
        if self._clause_end >= self._longest // 3:
            rest = self._sentence[self._clause_end :]
            self._sentence = self._sentence[: self._clause_end]
        yield from self._emit()
        self._sentence = rest.lstrip()

    def _is_clause(self) -> bool:
        return len(self._sentence) >= self._first_clause and self._clause_end == len(self._sentence)

    def _is_said_first(self) -> bool:
        said = f"{self._sentence} {self._word[:-1]}".lstrip()
        return said.lower().replace("’", "'").replace(" ", "-") in _SAID_FIRST

    def _widen_gap(self, char: str) -> None:
        if char == "\n":
            self._gap = "\n\n" if "\n" in self._gap else "\n"
        elif not self._gap:
            self._gap = " "

    def _breaks_before(self, char: str) -> bool:
        """Where a word ends without white space: after a wide stop, or when it is too long to be one."""
        if len(self._word) >= self._word_longest:
            return True
        if self._waits_for or char in _CLOSERS or char in _WIDE_STOPS + _STOPS:
            return False
        last = self._word.rstrip(_CLOSERS)[-1:] or " "
        return last in _WIDE_STOPS + _WIDE_CLAUSE_MARKS or (last in "!?…" and _is_wide(char))

    def _watch(self, char: str) -> None:
        """Notice where a link's target, a tag or a URL begins and ends."""
        if self._waits_for:
            if char == self._waits_for:
                self._waits_for = ""
        elif char == "(" and self._word.endswith("]("):
            self._waits_for = ")"
        elif _TAG_OPENS.fullmatch(self._word[-2:]):
            self._waits_for = ">"
        if char == "/" and _SCHEME.fullmatch(self._word[-8:]):
            self._word_longest = LONGEST_ADDRESS


def _ends(sentence: str, gap: str, next_char: str) -> bool | None:
    """Whether `sentence` is over, given the white space after it and what comes then; None: the next word will tell."""
    if "\n\n" in gap:
        return True
    last_word = sentence[sentence.rfind(" ") + 1 :]
    bare = last_word.rstrip(_CLOSERS)
    stop = bare[-1:] or " "
    if "\n" in gap:
        # A line that goes on in lower case was wrapped, unless it is a heading, a fence or a row.
        return not next_char.islower() or stop in _STOPS + _WIDE_STOPS or sentence[0] in "#`~|"
    if stop in _WIDE_STOPS or (not gap and stop in "!?…" and _is_wide(next_char)):
        return True
    if not gap or stop not in _STOPS or next_char.islower():
        return False
    return True if stop != "." else _full_stop_ends(sentence, bare, next_char)


def _full_stop_ends(sentence: str, bare: str, next_char: str) -> bool | None:
    if _LIST_NUMBER.fullmatch(sentence.lstrip(_OPENERS)):
        return False
    name = bare[:-1].lstrip(_OPENERS).lower()
    if name in _NEVER_LAST:
        return False
    if name in _BEFORE_A_NUMBER:
        return not next_char.isdigit()
    if name in _PERHAPS_LAST or _INITIALS.fullmatch(name):
        return None if next_char.isalpha() else False
    return True


def _is_wide(char: str) -> bool:
    """Chinese, Japanese, Korean: no space follows a stop."""
    return "\u3040" <= char <= "\u9fff" or "\uac00" <= char <= "\ud7a3"
