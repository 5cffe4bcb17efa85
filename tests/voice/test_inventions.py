"""Words that nobody said go; words that somebody said stay, however short, fast or familiar they are."""

import json
from pathlib import Path

import pytest

from tests.made.speech import noise, read_wav, silence, speech, tone, utterance
from voice.inventions import FASTEST_SPEECH, is_echo, is_invented, is_phrase, speech_seconds, without_loops
from voice.types import AudioFrame, Utterance

RECORDINGS = Path(__file__).parents[3] / "shared" / "data" / "speech"


def heard(text: str, speech: float, *, said: float | None = None, pause: float = 0.7) -> bool:
    """Whether it is taken for invented when the ear took so much for speech, of an utterance so long to its pause."""
    said = speech + 0.3 if said is None else said
    pcm = silence(said - speech) + tone(speech) + silence(pause)
    return is_invented(text, Utterance(AudioFrame(pcm), 0.0, said + pause, pause, speech_seconds=speech))


@pytest.mark.parametrize(
    "text",
    [
        "Thank you.",
        "Thanks for watching!",
        "You",
        "Bye-bye.",
        "Untertitel der Amara.org-Community",
        "Untertitelung im Auftrag des ZDF für funk, 2017",
        "Sous-titres réalisés par la communauté d'Amara.org",
        "Subtítulos realizados por la comunidad de Amara.org",
        "Sottotitoli creati dalla comunità Amara.org",
        "Legendas pela comunidade Amara.org",
        "Ondertiteld door de Amara.org gemeenschap",
        "Редактор субтитров А.Семкин",
        "ご視聴ありがとうございました",
        "Subtitles by the Amara.org community",
    ],
)
def test_what_comes_of_silence_is_known_and_goes_when_there_is_hardly_any_speech(text: str) -> None:
    assert is_phrase(text)
    assert heard(text, 0.2, said=3.0)


@pytest.mark.parametrize(
    ("text", "speech"),
    [
        ("No.", 0.2),
        ("Yes", 0.2),
        ("Stop!", 0.25),
        ("You.", 0.2),
        ("Bye!", 0.22),
        ("Thanks.", 0.3),
        ("Thank you.", 0.4),
        ("Thank you very much.", 0.8),
        ("Thanks for watching!", 0.8),
        ("What is amara.org?", 1.0),
    ],
)
def test_what_is_said_in_earnest_stays(text: str, speech: float) -> None:
    assert not heard(text, speech)


@pytest.mark.parametrize(
    "text", ["Thank you for the tea.", "Bye, I am off", "you know", "Subtitles are too small", "Untertitel bitte"]
)
def test_what_only_begins_like_it_is_no_phrase(text: str) -> None:
    assert not is_phrase(text)
    assert not heard(text, 1.0)


def test_a_word_that_is_no_phrase_stays_with_the_faintest_sign_of_speech() -> None:
    assert not heard("No.", 0.2, said=6.0)
    assert not heard("Turn on the light.", 0.2, said=6.0)


@pytest.mark.parametrize(("letters", "seconds", "invented"), [(75, 3.0, False), (109, 3.0, False), (160, 3.0, True)])
def test_nobody_says_so_much_in_so_little_sound(letters: int, seconds: float, invented: bool) -> None:
    assert heard("word " * (letters // 5), seconds, pause=0.0) is invented


def test_a_long_text_out_of_hardly_any_speech_goes() -> None:
    assert heard("I am going to show you how to make a cake.", 0.2, said=4.0)


def test_who_whispers_while_they_press_to_talk_is_believed() -> None:
    pcm = noise(3.0, 0.01)
    whispered = Utterance(AudioFrame(silence(0.3) + pcm + silence(0.3)), 0.0, 3.6)
    assert not is_invented("I would like a cup of tea, please.", whispered)


def test_in_an_even_noise_that_no_ear_has_judged_a_phrase_is_not_believed_and_a_word_is() -> None:
    fan = utterance(noise(3.0))
    assert speech_seconds(fan) == 0.0
    assert is_invented("Thanks for watching!", fan)
    assert not is_invented("Stop.", fan)


@pytest.mark.parametrize("voice", ["slt", "kal16"])
@pytest.mark.parametrize("text", ["no", "stop", "yes", "you", "bye", "thanks", "thank you", "thanks for watching"])
def test_made_voices_are_believed_without_an_ear(voice: str, text: str) -> None:
    assert not is_invented(text, utterance(silence(0.3) + speech(text, voice) + silence(0.3)))


@pytest.mark.skipif(not RECORDINGS.is_dir(), reason="no recordings of people beside this checkout")
def test_people_are_believed() -> None:
    for name, words in json.loads((RECORDINGS / "transcripts.json").read_text()).items():
        pcm, _ = read_wav((RECORDINGS / name).read_bytes())
        assert not is_invented(words, utterance(pcm))
        assert len(words) < FASTEST_SPEECH * speech_seconds(utterance(pcm))


@pytest.mark.parametrize(
    ("text", "once"),
    [
        ("no no no no no", "no no no no no"),
        ("very " * 9 + "good", "very good"),
        ("So " + "I'm sorry. " * 6, "So I'm sorry."),
        ("wait a minute, wait a minute, wait a minute", "wait a minute, wait a minute, wait a minute"),
        ("0 " * 12, "0 " * 12),
        ("five " * 10, "five " * 10),
        ("one two " * 6, "one two " * 6),
        ("how are you  today\n", "how are you  today\n"),
        ("", ""),
    ],
)
def test_a_loop_is_said_once_and_numbers_are_not_touched(text: str, once: str) -> None:
    assert without_loops(text) == once


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("Anna, Siobhan, metformin.", True),
        ("Siobhan, metformin, Tom", True),
        ("Siobhan, metformin", False),
        ("Anna and Siobhan take metformin", False),
        ("metformin, Siobhan, Anna", False),
        ("", False),
    ],
)
def test_a_list_of_the_words_that_it_was_told_to_expect_is_an_echo(text: str, is_one: bool) -> None:
    assert is_echo(text, ("Anna", "Siobhan", "metformin", "Tom")) is is_one
