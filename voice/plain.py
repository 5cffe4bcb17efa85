"""What is on the screen is what was said: a language model's text without anything that cannot be read aloud.

Markdown loses its marks and keeps its words (a link its text, an image its description, a table its cells), a bare
URL becomes the name of its host, emoji go. Marks are judged by what stands beside them, not in pairs, so half of a
construct is cleaned as well as the whole: a sentence cut out of a bold paragraph leaves nothing behind.
"""

import html
import re
from urllib.parse import urlsplit

_PASSES = 20
"""A bound for text that nests constructs on purpose; real text is done after two."""
_NESTED = 2
"""A picture may be a link."""

_UNSAYABLE = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u00ad\u200b\u2060\ufeff\ufffe\uffff\ud800-\udfff\ue000-\uf8ff]"
)
_PICTURE = (
    "[\u231a\u231b\u23e9-\u23f3\u23f8-\u23fa\u25fb-\u25fe\u2600-\u27bf\u2b05-\u2b07\u2b1b\u2b1c\u2b50\u2b55"
    "\U0001f000-\U0001faff][\u200d\ufe0e\ufe0f\u20e3\U000e0020-\U000e007f]*"
)
_EMOJI = re.compile(rf"(?P<gap>(?<!\s)\s+)?(?<!\u200d)\u200d*{_PICTURE}(?:\s?{_PICTURE})*(?P<stop>\s*[.,!?;:…)])?")
_VARIATION = re.compile("[\ufe0e\ufe0f\u20e3\U000e0020-\U000e007f]")

_FENCE = re.compile(r"(?:`{3,}|~{3,})[\w+#.-]*")
_RULE = re.compile(r"(?:[-*_=]\s*){3,}|[-*•]")
_TABLE_RULE = re.compile(r"(?=.*\|)[|:\s-]+")
_TABLE_ROW = re.compile(r"\|(?:\s.*|.*\|)")
_LINK_DEFINITION = re.compile(r"\[[^\[\]]+\]:\s+<?\w+://\S+.*")
_WORDLESS_LINES = (_FENCE, _RULE, _TABLE_RULE, _LINK_DEFINITION)
_LINE_START = re.compile(r"(?:>\s?|#{1,6}(?:\s+|$)|[-*+•‣◦▪●–](?:\s+|$)(?:\[[ xX]\](?:\s+|$))?)+")
_CLOSING_HASHES = re.compile(r"\s+#+$")

_TARGET = r"\(\s*(?:[^()\s]|\([^()\s]{0,500}\)){0,2000}(?:\s+(?:\"[^\"]{0,500}\"|'[^']{0,500}'))?\s*(?:\)|$)"
_LINK = re.compile(r"!?\[(?P<text>[^\[\]]*)\](?P<target>" + _TARGET + ")")
_LINK_TAIL = re.compile(r"\](?P<target>" + _TARGET + ")")
_FOOTNOTE = re.compile(r"\[\^[^\[\]\s]{1,40}\]:?")
_ADDRESS = re.compile(r"[:/.#@]")

_COMMENT = re.compile(r"<!--.{0,2000}?-->")
_AUTOLINK = re.compile(r"<((?:https?://|ftp://|mailto:|www\.)[^\s<>]+|[\w.+-]+@[\w-]+\.[\w.-]+)>")
_BLOCK_TAG = re.compile(
    r"</?(?:br|p|div|hr|li|ul|ol|dl|dt|dd|table|thead|tbody|tr|td|th|h[1-6])(?:\s[^<>]*)?/?>", re.IGNORECASE
)
_INLINE_TAG = re.compile(
    r"</?(?:a|abbr|b|big|blockquote|center|cite|code|del|details|em|font|i|img|ins|kbd|mark|pre|q|s|samp|section"
    r"|small|span|strike|strong|sub|summary|sup|tt|u|var)(?:\s[^<>]*)?/?>",
    re.IGNORECASE,
)
_ENTITY = re.compile(r"&(?:[a-zA-Z]{2,8}|#\d{1,6}|#x[0-9a-fA-F]{1,6});")
_URL = re.compile(r"(?:\b(?:https?|ftp)://|\bwww\.)[^\s<>\"“”«»，。、；！？）】」]+", re.IGNORECASE)
_TRAILING = ".,;:!?…'’*_~`|\\)]}>"

_ESCAPE = re.compile(r"\\([\\*_#\[\]()`~>|+.!$-])")
_STARS = re.compile(r"\*+")
_UNDERSCORES = re.compile(r"_+")
_TILDES = re.compile(r"~~+")
_PIPE = re.compile(r"\s*(?<!\S)\|(?!\S)\s*")
_OUTER_PIPE = re.compile(r"^\|\s+|\s+\|$")
_BRACKET = re.compile(r"[\[\]]")


def spoken(text: str) -> str:
    """Plain text, on one line for each line that has words. Never raises; what it gives, it would not change again."""
    for _ in range(_PASSES):
        cleaned = "\n".join(filter(None, map(_line, text.splitlines())))
        if cleaned == text:
            break
        text = cleaned
    return text


def _line(line: str) -> str:
    line = " ".join(_UNSAYABLE.sub("", line).split())
    line = _VARIATION.sub("", _EMOJI.sub(_without_emoji, line)).strip()
    if any(kind.fullmatch(line) for kind in _WORDLESS_LINES):
        return ""
    if line.startswith("#"):
        line = _CLOSING_HASHES.sub("", line)
    if start := _LINE_START.match(line):
        line = line[start.end() :]
    if _TABLE_ROW.fullmatch(line):
        line = _cells(line)
    line = _links(_tags(line))
    line = _URL.sub(_host, line)
    return " ".join(_marks(line).split())


def _without_emoji(found: re.Match[str]) -> str:
    """The space before an emoji goes with it where a stop follows."""
    return found["stop"].lstrip() if found["stop"] else found["gap"] or ""


def _cells(row: str) -> str:
    return ", ".join(filter(None, map(str.strip, row.split("|"))))


def _tags(line: str) -> str:
    line = _AUTOLINK.sub(r"\1", _COMMENT.sub("", line))
    line = _INLINE_TAG.sub("", _BLOCK_TAG.sub(" ", line))
    return _ENTITY.sub(lambda entity: html.unescape(entity[0]), line)


def _links(line: str) -> str:
    def text_of(link: re.Match[str]) -> str:
        return link["text"] if _is_link(link) else link[0]

    line = _FOOTNOTE.sub("", line)
    for _ in range(_NESTED):
        line = _LINK.sub(text_of, line)
    line = _LINK_TAIL.sub(lambda tail: "]" if _ADDRESS.search(tail["target"]) else tail[0], line)
    return _balanced(line)


def _is_link(found: re.Match[str]) -> bool:
    """`table[i](x)` in a line of code is none."""
    before = _before(found, 1)
    return not (before.isascii() and (before.isalnum() or before in "_)]")) or bool(_ADDRESS.search(found["target"]))


def _balanced(line: str) -> str:
    """Without the square brackets that have no partner: what is left of a link that was cut in two."""
    opened: list[int] = []
    lonely: set[int] = set()
    for bracket in _BRACKET.finditer(line):
        if bracket[0] == "[":
            opened.append(bracket.start())
        elif opened:
            opened.pop()
        else:
            lonely.add(bracket.start())
    lonely.update(opened)
    lonely.update(at - 1 for at in opened if line[:at].endswith("!") and (at < 2 or line[at - 2].isspace()))
    return "".join(char for at, char in enumerate(line) if at not in lonely) if lonely else line


def _host(url: re.Match[str]) -> str:
    address = url[0].rstrip(_TRAILING)
    after = url[0][len(address) :]
    try:
        host = urlsplit(address if "://" in address else f"http://{address}").netloc.rpartition("@")[2]
    except ValueError:
        host = ""
    return re.sub(r"^(?:www\.)+", "", host, flags=re.IGNORECASE) + after


def _marks(line: str) -> str:
    line = _ESCAPE.sub(r"\1", line).replace("`", "")
    line = _STARS.sub(lambda run: run[0] if _multiplies(run) else "", line)
    line = _UNDERSCORES.sub(lambda run: run[0] if _inside_a_name(run) else "", line)
    return _PIPE.sub(", ", _OUTER_PIPE.sub("", _TILDES.sub("", line)))


def _multiplies(run: re.Match[str]) -> bool:
    """`2 * 3`, `a*b`, `2**8`: between operands, spaced alike on both sides."""
    if len(run[0]) > 2:
        return False
    before, after = _before(run, 2), _after(run, 2)
    if before.endswith(" ") and after.startswith(" "):
        left, right = before[:1], after[1:]
        return (left.isalnum() or left == ")") and (right.isalnum() or right == "(")
    return _is_operand(before[-1:], before[:-1], ")") and _is_operand(after[:1], after[1:], "(")


def _is_operand(char: str, beyond: str, bracket: str) -> bool:
    """A digit, a bracket, or a letter that stands alone."""
    return char.isdigit() or char == bracket or (char.isascii() and char.isalpha() and not beyond.isalnum())


def _inside_a_name(run: re.Match[str]) -> bool:
    """`snake_case`, `a_b@example.com`."""
    return _before(run, 1).isalnum() and _after(run, 1).isalnum()


def _before(found: re.Match[str], count: int) -> str:
    return found.string[max(0, found.start() - count) : found.start()]


def _after(found: re.Match[str], count: int) -> str:
    return found.string[found.end() : found.end() + count]
