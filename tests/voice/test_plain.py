import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from voice.plain import spoken


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("**Bold** and *italic*, ***both***, `code` and ~~gone~~.", "Bold and italic, both, code and gone."),
        ("__Strong__ and _weak_.", "Strong and weak."),
        ("## A title ##", "A title"),
        ("- one\n* two\n  + three\n• four", "one\ntwo\nthree\nfour"),
        ("- [ ] open\n- [x] done", "open\ndone"),
        ("1. Wash\n2. Rinse", "1. Wash\n2. Rinse"),
        ("> quoted\n> twice", "quoted\ntwice"),
        ('See [the manual](https://x.org/a_(b)?c=1 "A title").', "See the manual."),
        ("Here: ![a cat on a mat](cat.png)", "Here: a cat on a mat"),
        ("[![badge](b.svg)](https://x.org)", "badge"),
        ("Noted.[^1]\n\n[^1]: Elsewhere.", "Noted.\nElsewhere."),
        ("As [said].\n\n[said]: https://x.org/said", "As [said]."),
        ("```python\nprint(1)\n```", "print(1)"),
        ("| a | b |\n|---|:-:|\n| 1 | 2 |", "a, b\n1, 2"),
        ("a | b\n--- | ---\n1 | 2", "a, b\n1, 2"),
        ("<p>One<br>two <b>three</b></p><!-- four -->", "One two three"),
        ("Fish &amp; chips&nbsp;&#8212; hot", "Fish & chips — hot"),
        ("Great 😀! Thanks 👨‍👩‍👧‍👦 and 🇫🇷 👍🏽.", "Great! Thanks and."),
        ("1️⃣ First", "1 First"),
        ("Read https://docs.python.org/3/library/x_y.html?q=*a*#z.", "Read docs.python.org."),
        ("(at <http://www.example.com/>)", "(at example.com)"),
        ("Write to <a_b@example.com>", "Write to a_b@example.com"),
        ("One\n\n---\n\n***\n\nTwo\n===", "One\nTwo"),
        ("这是**重点**内容", "这是重点内容"),
        ("Not \\*this\\*, but 2 \\* 3", "Not this, but 2 * 3"),
        ("much    white\tspace", "much white space"),
    ],
)
def test_marks_go_and_words_stay(written: str, said: str) -> None:
    assert spoken(written) == said


@pytest.mark.parametrize(
    "plain",
    [
        "It is 3.5 metres, or C# minor, or snake_case.",
        "2 * 3 = 6, 2*3 = 6 and 2**8 = 256.",
        "It costs $5; write to a_b@example.com (before 5 p.m.).",
        "x < y and y > z, so |x| = 3.",
        "He said: “No – never!” – and left…",
        "Item #1 costs ~5 €, see [1].",
        "table[i](x) and a[0] + b[1]",
        "AT&T, R&D, 50% off, e-mail, and/or.",
        "Ça va ? Très bien !",
        "می‌خواهم",
        "今日は、いい天気ですね。",
    ],
)
def test_plain_text_is_left_alone(plain: str) -> None:
    assert spoken(plain) == plain


@pytest.mark.parametrize(
    ("half", "said"),
    [
        ("**First one.", "First one."),
        ("Second one.**", "Second one."),
        ("[See this.", "See this."),
        ("And that](http://x.y/z)", "And that"),
        ("Look at ![the", "Look at the"),
        ("`open", "open"),
        ("It ends in [a link](http://x.y/", "It ends in a link"),
        ("| only | half", "only, half"),
    ],
)
def test_half_of_a_construct_leaves_no_marks(half: str, said: str) -> None:
    assert spoken(half) == said


WORD = st.from_regex(r"[a-z]{2,8}", fullmatch=True)
WORDS = st.lists(WORD, min_size=1, max_size=5).map(" ".join)


@settings(deadline=None, max_examples=80)
@given(st.lists(WORDS, min_size=1, max_size=6))
def test_prose_is_unchanged(clauses: list[str]) -> None:
    prose = ", ".join(clauses) + "."
    assert spoken(prose) == prose


@settings(deadline=None, max_examples=80)
@given(
    st.lists(
        st.one_of(
            WORDS,
            WORDS.map("**{}**".format),
            WORDS.map("*{}*".format),
            WORDS.map("_{}_".format),
            WORDS.map("~~{}~~".format),
            WORDS.map("`{}`".format),
            WORDS.map("[{}](https://example.org/a_b)".format),
            WORDS.map("\n# {}\n".format),
            WORDS.map("\n- {}\n".format),
            WORDS.map("\n> {}\n".format),
            WORDS.map("\n```\n{}\n```\n".format),
            WORDS.map("<em>{}</em>".format),
            WORDS.map("{} 🎉".format),
        ),
        min_size=1,
        max_size=8,
    )
)
def test_no_mark_survives_and_no_word_is_lost(parts: list[str]) -> None:
    written = " ".join(parts)
    said = spoken(written)
    assert not re.search(r"[*`~<>\[\]#_🎉]|\]\(|://|^- ", said, re.MULTILINE)
    bare = re.sub(r"\(https://example.org/a_b\)|</?em>", " ", written)
    assert said.split() == re.findall(r"[a-z]+", bare)


MARKS = st.lists(
    st.sampled_from([*"ab1 *_`~#>-+=|[]()!<>/\\&;:.\n😀\u200d\ufe0f", "http://", "](", "www."]), max_size=40
).map("".join)


@settings(deadline=None, max_examples=80)
@given(st.one_of(MARKS, st.text(max_size=80)))
def test_what_is_plain_stays_as_it_is(text: str) -> None:
    once = spoken(text)
    assert spoken(once) == once


@settings(deadline=None, max_examples=80)
@given(st.text(st.characters(), max_size=200))
def test_any_unicode_will_do_and_nothing_is_added(text: str) -> None:
    said = spoken(text)
    assert not any(0xD800 <= ord(char) <= 0xDFFF for char in said)
    assert said.count("*") <= text.count("*") + text.count("&")


@pytest.mark.parametrize(
    "hostile",
    ["[" * 50_000, "](" * 25_000, "*a" * 25_000, "<!--" * 12_000, "-" * 50_000, "[](a '" * 8_000, " \u200d" * 25_000],
)
def test_fifty_thousand_hostile_characters_come_to_an_end(hostile: str) -> None:
    assert len(spoken(hostile)) <= len(hostile)
