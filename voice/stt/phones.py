"""How a word sounds that stands in no dictionary: as espeak-ng reads it, in the phones of CMU Sphinx."""

import re
from functools import lru_cache
from typing import Final

from resilience.errors import EngineError
from voice.tts.espeak_library import load

VOICE: Final = "en-us"
_LONGEST: Final = 60
"""Characters of a word."""

# ruff's complaint about letters that look like others is the point of the International Phonetic Alphabet.
_PHONES: Final = {
    "tʃ": "CH",
    "dʒ": "JH",
    "aɪɚ": "AY ER",
    "aɪə": "AY AH",
    "eɪ": "EY",
    "aɪ": "AY",
    "aʊ": "AW",
    "ɔɪ": "OY",
    "oʊ": "OW",
    "əʊ": "OW",
    "oːɹ": "AO R",
    "əl": "AH L",
    "ɜː": "ER",
    "ɚ": "ER",
    "iː": "IY",
    "uː": "UW",
    "ɑː": "AA",
    "ɔː": "AO",
    "oː": "AO",
    "ɪ": "IH",
    "ɛ": "EH",
    "æ": "AE",
    "ʌ": "AH",
    "ʊ": "UH",
    "ə": "AH",
    "ɐ": "AH",
    "ᵻ": "IH",
    "i": "IY",
    "u": "UW",
    "ɑ": "AA",
    "ɒ": "AA",
    "ɔ": "AO",
    "e": "EY",
    "o": "OW",
    "a": "AA",
    "p": "P",
    "b": "B",
    "t": "T",
    "d": "D",
    "k": "K",
    "ɡ": "G",
    "f": "F",
    "v": "V",
    "θ": "TH",
    "ð": "DH",
    "s": "S",
    "z": "Z",
    "ʃ": "SH",
    "ʒ": "ZH",
    "h": "HH",
    "m": "M",
    "n": "N",
    "ŋ": "NG",
    "l": "L",
    "ɹ": "R",
    "r": "R",
    "j": "Y",
    "w": "W",
    "ɾ": "T",
    "x": "K",
    "ç": "HH",
    "ɲ": "N Y",
    "ɬ": "L",
}
"""From IPA, as espeak-ng writes American English, to the phones of CMU's dictionary."""
_PHONE: Final = re.compile("|".join(sorted(_PHONES, key=len, reverse=True)))


@lru_cache(maxsize=1000)
def phones(word: str) -> str:
    """Of `Siobhan`, `SH IH V AO N`. Empty where nobody knows. Takes espeak-ng's lock, and a millisecond."""
    try:
        ipa = load().phonemes(word[:_LONGEST], VOICE)
    except EngineError:
        return ""
    return in_cmu_phones(ipa)


def in_cmu_phones(ipa: str) -> str:
    """Marks of stress, and sounds that English has not, are left out."""
    return " ".join(_PHONES[each] for each in _PHONE.findall(ipa))
