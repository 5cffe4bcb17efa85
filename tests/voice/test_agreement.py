"""What two looks in a row agree on stands, whatever looks come; and no look has more and more to hear."""

import random
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voice.agreement import ANCHOR_SECONDS, WINDOW_SECONDS, Agreement, said_again
from voice.types import Look, Settled


def after(*looks: str) -> tuple[str, str]:
    agreement = Agreement()
    for second, text in enumerate(looks, 1):
        agreement.take(Look(tuple(text.split())), second)
    return agreement.agreed, agreement.tentative


@pytest.mark.parametrize(
    ("looks", "agreed", "tentative"),
    [
        (["what time"], "", "what time"),
        (["what time", "what time is"], "what time", "is"),
        (["what", "what time", "what time is it"], "what time", "is it"),
        (["watt time", "what time is"], "", "what time is"),
        (["what time", "What, time is"], "What, time", "is"),
        (["what time is", "what time was it"], "what time", "was it"),
        (["what time", "what time", "what day is", "what day is it"], "what time is", "it"),
        (["what time", "what time", "time is", "time is it"], "what time is", "it"),
        (["no", "no no", "no no no"], "no no", "no"),
        (["what time", "", "what time"], "what time", ""),
        (["what time is it", "what time is it", "what"], "what time is it", ""),
    ],
)
def test_what_two_looks_begin_with_stands_as_the_newer_writes_it(looks: list[str], agreed: str, tentative: str) -> None:
    assert after(*looks) == (agreed, tentative)


WORDS = st.sampled_from(["a", "A,", "b", "b.", "c", "the", "…", "ß", "1"])
LOOKS = st.lists(st.tuples(st.lists(WORDS, max_size=60), st.floats(0.1, 20), st.booleans()), max_size=12)


@given(LOOKS)
def test_what_stands_never_changes_and_what_is_left_off_stands(looks: list[tuple[list[str], float, bool]]) -> None:
    agreement, seconds, before, settled = Agreement(), 0.0, "", Settled()
    for words, longer, hears_all in looks:
        seconds += longer
        agreement.take(Look(tuple(words), 0.0 if hears_all else settled.until), seconds)
        assert agreement.agreed.startswith(before)
        assert agreement.agreed.startswith(agreement.settled.text)
        assert agreement.settled.text.startswith(settled.text)
        assert settled.until <= agreement.settled.until <= seconds
        before, settled = agreement.agreed, agreement.settled


@given(st.lists(WORDS, max_size=100), st.lists(WORDS, max_size=100))
def test_what_is_said_again_is_part_of_the_look(known: list[str], words: list[str]) -> None:
    assert 0 <= said_again(known, words) <= len(words)
    assert said_again(known, known) == len(known)


@dataclass
class Speech:
    """Words of uneven length at an uneven pace, and who hears them a little wrong at both ends."""

    words: list[str]
    ends: list[float]

    @classmethod
    def of(cls, seed: int, seconds: float) -> "Speech":
        dice, words, ends, at = random.Random(seed), list[str](), list[float](), 0.0
        while at < seconds:
            word = "".join(dice.choice("abcdefgh") for _ in range(dice.randint(1, 9)))
            at += 0.06 * len(word) * dice.uniform(0.7, 1.4) + 0.05 + (dice.random() < 0.08) * dice.uniform(0.2, 1.0)
            words.append(word)
            ends.append(at)
        return cls(words, ends)

    def look(self, since: float, until: float, dice: random.Random) -> Look:
        inside = [n for n, end in enumerate(self.ends) if since < end <= until]
        heard = [self.words[n] for n in inside]
        if inside and since and dice.random() < 0.5:
            heard[0] = heard[0][1:] or "x"
        if dice.random() < 0.5:
            heard.append("huh")
        if len(heard) > 3 and dice.random() < 0.2:
            heard[dice.randrange(len(heard))] = "hm"
        return Look(tuple(heard), since)


@pytest.mark.parametrize("seed", range(20))
def test_of_a_long_utterance_nothing_is_doubled_or_lost_and_little_is_heard_again(seed: int) -> None:
    speech, agreement, dice = Speech.of(seed, 60.0), Agreement(), random.Random(seed)
    at, heard = 1.0, list[float]()
    while at < speech.ends[-1]:
        since = agreement.settled.until
        heard.append(at - since)
        agreement.take(speech.look(since, at, dice), at)
        at += 1.0
    stands = agreement.agreed.split()
    wrong = sum(one != other for one, other in zip(stands, speech.words, strict=False))
    assert len(stands) > 0.9 * len(speech.words)
    assert wrong <= 0.1 * len(stands)  # a word that was misheard twice; after one too many or too few all would be
    assert max(heard) < WINDOW_SECONDS + ANCHOR_SECONDS
