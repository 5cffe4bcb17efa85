"""How one person wants to talk: what they may choose, on the page or by voice, and what is usual.

What can be chosen is a field of `Manner`; one more is a line more.
"""

from collections.abc import Mapping
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from graph.types import AnswerLength, Language
from voice.settings import BargeInSettings, Ending, EndpointingSettings, Patience
from voice.tiers import Tier
from voice.types import Delivery
from voice.wake.words import Sensitivity, WordName

TierWord = Literal["full", "stt-only", "tts-only", "text"]
TurnEnding = Literal["automatic", "hold", "toggle", "over"]
BargeInMode = Literal["on", "off", "keyword"]
WakeWordName = Literal["none", WordName]
LanguageWord = Literal["auto", "en", "fr", "de", "es"]
TextSize = Literal["normal", "large", "largest"]
Theme = Literal["system", "light", "dark"]
Contrast = Literal["system", "normal", "high"]
Motion = Literal["system", "reduced"]
Font = Literal["plain", "dyslexic"]

SLOWEST: Final = 0.5
FASTEST: Final = 3.0
QUIETEST: Final = 0.1
LOUDEST: Final = 2.0
LOWEST: Final = 0.5
HIGHEST: Final = 2.0
MOST_WORDS: Final = 200
Word = Annotated[str, Field(min_length=1, max_length=60)]


class Manner(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)

    tier: TierWord = "full"
    patience: Patience = "standard"
    ending: TurnEnding = "automatic"
    """What ends what they say: silence; letting go of the talk button, or pressing it again; or the word "over"."""
    barge_in: BargeInMode = "on"
    rate: Annotated[float, Field(ge=SLOWEST, le=FASTEST)] = 1.0
    """1 is the voice's own."""
    volume: Annotated[float, Field(ge=QUIETEST, le=LOUDEST)] = 1.0
    pitch: Annotated[float, Field(ge=LOWEST, le=HIGHEST)] = 1.0
    """1 is the voice's own."""
    earcons: Annotated[float, Field(ge=0, le=LOUDEST)] = 1.0
    """How loud they are; 0: none."""
    voice: Annotated[str, Field(max_length=80)] = ""
    """By its name in the catalogue of voices; empty: the house's."""
    pronunciations: Annotated[dict[Word, Word], Field(max_length=MOST_WORDS)] = {}
    """How to say what is written otherwise."""
    vocabulary: Annotated[tuple[Word, ...], Field(max_length=MOST_WORDS)] = ()
    """Names and terms that they say, and others seldom do."""
    length: AnswerLength = "normal"
    reads_back: bool = True
    """Whether what was hardly made out is read back before it is answered."""
    language: LanguageWord = "auto"
    """Of the page, of what they say, and of what is said to them; auto: the browser's, or what they are heard to speak.
    """

    hands_free: bool = True
    """Whether the page listens by itself, once the microphone was allowed."""
    wake_word: WakeWordName = "none"
    """none: nothing needs to be said first."""
    sensitivity: Sensitivity = "normal"
    """Of the wake word: high misses the fewest, low mistakes the least for it."""
    follow_up_seconds: Annotated[float, Field(ge=0, le=600)] = 8.0
    """After an answer, for which no wake word is needed."""
    welcomed: bool = False
    """Whether they went through the first start, or passed it over."""
    greeted: Annotated[int, Field(ge=0)] = 0
    """How often it has begun by itself."""

    text_size: TextSize = "normal"
    theme: Theme = "system"
    contrast: Contrast = "system"
    motion: Motion = "system"
    spacing: bool = False
    """Whether letters, words and lines stand further apart."""
    font: Font = "plain"
    captions: bool = False
    """Whether what both say stands in a band of its own."""
    screen_reader: bool = False
    """Whether a screen reader is in use, which must never talk over the assistant's voice, nor that over it."""

    @property
    def choice(self) -> Tier:
        return Tier[self.tier.upper().replace("-", "_")]

    def delivery(self, language: Language) -> Delivery:
        return Delivery(self.rate, self.pitch, self.voice, language, tuple(self.pronunciations.items()))

    @property
    def endpointed(self) -> Ending:
        """As the endpointer knows it: how the talk button is pressed is the page's affair."""
        return "push-to-talk" if self.ending == "hold" or self.ending == "toggle" else self.ending


def checked(chosen: Mapping[str, object]) -> dict[str, object]:
    """Some fields of `Manner` by their names, as they are kept; None: as is usual. Raises `ValueError`."""
    if unknown := chosen.keys() - Manner.model_fields.keys():
        raise ValueError(f"not among what can be chosen: {', '.join(sorted(unknown))}")
    given = Manner.model_validate({name: value for name, value in chosen.items() if value is not None})
    return dict.fromkeys(chosen) | given.model_dump(mode="json", exclude_unset=True)


def usual(
    endpointing: EndpointingSettings,
    barge_in: BargeInSettings,
    rate: float,
    *,
    hands_free: bool = True,
    welcomes: bool = True,
) -> Manner:
    """Of somebody who has chosen nothing."""
    ending: TurnEnding = "hold" if endpointing.ending == "push-to-talk" else endpointing.ending
    return Manner(
        patience=endpointing.patience,
        ending=ending,
        barge_in=barge_in.mode,
        rate=rate,
        hands_free=hands_free,
        welcomed=not welcomes,
    )
