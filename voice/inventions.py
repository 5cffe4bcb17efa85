"""Words that nobody said. Recognisers that were trained on subtitles, Whisper above all, write some for any sound.

What they say of themselves is weighed where they are (`voice/stt/whisper_doubts.py`). This is about what any of them
gives: is there enough speech for it? Nothing is refused for its words alone, since nearly all of it may also be said in
earnest, and nothing short unless it is one of the phrases that come of silence.
"""

import re
from collections.abc import Sequence
from typing import Final

from voice.stt.sound import is_steady, sound_seconds
from voice.types import Utterance

FASTEST_SPEECH: Final = 30
"""Characters per second of speech. The fastest speakers reach 25, and an ear misses some of what is soft."""
SHORTEST_TEXT: Final = 20
"""Characters that any speech may hold."""
LEAST_SHARE: Final = 0.25
"""Of an utterance without its last pause: where less is speech, it was more of a noise. Of a lone "no", with what is
heard before it, half is.
"""
MOST_REPEATS: Final = 8
"""A word; and half as often a phrase. People do say "no" five times."""
LONGEST_LOOP: Final = 8
"""Words."""
LEAST_ECHO: Final = 3
"""Names in a row. Two may be called: "Anna, Tom"."""

PHRASES: Final = frozenset(
    {
        "you",
        "bye",
        "bye bye",
        "thanks",
        "thank you",
        "thank you very much",
        "thank you so much",
        "thank you bye",
        "thanks for watching",
        "thank you for watching",
        "thank you so much for watching",
        "please subscribe",
        "please subscribe to my channel",
        "like and subscribe",
        "see you next time",
        "see you in the next video",
        "i'll see you in the next video",
        "vielen dank",
        "vielen dank fürs zuschauen",
        "bis zum nächsten mal",
        "merci d'avoir regardé cette vidéo",
        "abonnez vous",
        "gracias",
        "gracias por ver el video",
        "gracias por ver el vídeo",
        "suscríbete",
        "obrigado por assistir",
        "obrigada por assistir",
        "grazie per la visione",
        "bedankt voor het kijken",
        "dziękuję za uwagę",
        "dziękuję za oglądanie",
        "izlediğiniz için teşekkür ederim",
        "abone olmayı unutmayın",
        "спасибо за просмотр",
        "продолжение следует",
        "ご視聴ありがとうございました",
        "시청해주셔서 감사합니다",
        "谢谢观看",
    }
)
"""What subtitles end with, and videos."""
_DIGITS: Final = frozenset(["zero", "oh", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"])
_CREDITS: Final = re.compile(
    r".*\bamara ?org\b.*|(?:sub)?titles? by .*|subtitled by .*|(?:closed )?caption\w* (?:provided )?by .*|"
    r"transcri(?:bed|ption|pt) by .*|"
    r"untertitel(?:ung)? (?:der|von|im auftrag|aufgrund) .*|"
    r"sous ?titr\w* (?:par|pour|réalisée?s?|faite?s?|st) .*|"
    r"subt[ií]tul\w* (?:por|realizad|hech|cread).*|legendas? (?:pela|por|de) .*|"
    r"sottotitoli (?:creati|e revisione|a cura) .*|ondertitel\w* (?:door|ingediend) .*|"
    r"napisy (?:stworzone|wykonane|przez) .*|altyazı .*|редактор субтитров .*|субтитры (?:сделал|создавал|делал)\w* .*"
)
"""Who made the subtitles."""


def is_phrase(text: str) -> bool:
    """Whether it is what comes of silence: all of it, and nothing beside it."""
    plain = _plain(text.casefold().replace(".org", "org"))
    return plain in PHRASES or bool(_CREDITS.fullmatch(plain))


def _plain(text: str) -> str:
    return " ".join(re.findall(r"[\w']+", text.casefold().replace("\u2019", "'")))


def is_echo(text: str, vocabulary: Sequence[str]) -> bool:
    """Whether it is nothing but the list of words that the recogniser was told to expect: some in a row, in the order
    of the list. Where there is little to hear, that is what it hears.
    """
    said, listed = _plain(text), [_plain(each) for each in vocabulary]
    return any(
        said == " ".join(listed[start:end])
        for start in range(len(listed))
        if said.startswith(listed[start])
        for end in range(start + LEAST_ECHO, len(listed) + 1)
    )


def is_invented(text: str, utterance: Utterance) -> bool:
    """Whether so much cannot be in so little sound; or hardly any is speech, and this is what then comes of it."""
    speech, sound = speech_seconds(utterance), utterance.audio.seconds
    scant = not speech
    if utterance.speech_seconds is not None:
        scant = speech < LEAST_SHARE * (sound - utterance.pause_seconds)
        sound = max(speech, sound_seconds(utterance))
    if len(text) > SHORTEST_TEXT + FASTEST_SPEECH * (speech if scant else sound):
        return True
    return is_phrase(text) and (scant or len(text) > FASTEST_SPEECH * speech)


def speech_seconds(utterance: Utterance) -> float:
    """What the ear took for speech; where it is not known, all that stands out, and nothing of an even noise."""
    if utterance.speech_seconds is not None:
        return utterance.speech_seconds
    return 0.0 if is_steady(utterance) else sound_seconds(utterance)


def without_loops(text: str) -> str:
    """With words that follow upon themselves again and again said once. Numbers may be meant."""
    said = words = text.split()
    for size in range(1, LONGEST_LOOP + 1):
        words = _once(words, size, MOST_REPEATS if size == 1 else MOST_REPEATS // 2)
    return text if words == said else " ".join(words)


def _once(words: list[str], size: int, most: int) -> list[str]:
    bare = ["".join(filter(str.isalnum, each.casefold())) for each in words]
    kept: list[str] = []
    at = 0
    while at < len(words):
        phrase = bare[at : at + size]
        end = at + size
        while bare[end : end + size] == phrase:
            end += size
        if (end - at) // size <= most or _is_number(phrase):
            kept.append(words[at])
            at += 1
        else:
            kept += words[at : at + size]
            at = end
    return kept


def _is_number(phrase: Sequence[str]) -> bool:
    return all(each.isdecimal() or each in _DIGITS for each in phrase)
