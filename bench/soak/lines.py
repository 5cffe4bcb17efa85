"""What people say in a soak, and how: of every kind that a session knows."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

Manner = Literal["ask", "type", "talk-over", "stop", "say-stop", "noise", "silence"]
"""talk-over: another question into the answer. stop: the button. say-stop: the word, into the answer."""

VOICES: Final = ("slt", "rms", "awb")
TALK: Final = (
    "how do you make a cup of tea",
    "what time is it",
    "what day is it today",
    "good morning",
    "can you help me",
    "what can you do",
    "what is the capital of france",
    "tell me something about the weather",
    "how many days are there in a year",
    "one two three four five six seven",
    "twenty five plus thirty seven",
    "thank you very much",
    "say that again",
    "what do you know about me",
    "where is the spare key",
    "what is my dog called",
    "please explain to me how a house is built from the ground up and who has to work on it",
)
LONG: Final = ("what can you do", "help", "what do you know about me")
"""What is answered at length, so that there is time to speak into it."""
FACTS: Final = (
    "my name is sarah",
    "my dog is called rex",
    "remember that the spare key is with anna",
    "I like green tea with honey",
    "my sister lives in boston",
    "I work as a teacher in a small school",
    "remember that the meeting is on monday at ten",
)
NAMES: Final = ("Anna", "Boris", "Clara", "David", "Emma", "Felix", "Greta", "Henry", "Iris", "Jonas")
MANNERS: Final[dict[Manner, int]] = {
    "ask": 12,
    "type": 3,
    "talk-over": 2,
    "stop": 1,
    "say-stop": 1,
    "noise": 1,
    "silence": 1,
}
"""So many of each in turn."""


@dataclass(frozen=True, slots=True)
class Line:
    manner: Manner
    text: str
    voice: str
    pause_seconds: float
    """Before it."""


def said_by(number: int, pause_seconds: float) -> Iterator[Line]:
    """Without end; the same for the same number. `pause_seconds`: before each, half more or less."""
    chance = random.Random(number)
    voice = VOICES[number % len(VOICES)]
    while True:
        manners = [manner for manner, times in MANNERS.items() for _ in range(times)]
        chance.shuffle(manners)
        for manner in manners:
            text = chance.choice(TALK + FACTS)
            if manner == "type" and chance.random() < 0.5:
                friend = chance.choice(NAMES)
                text = f"remember that box {chance.randrange(100_000)} belongs to {friend}"
            elif manner in ("talk-over", "stop", "say-stop"):
                text = chance.choice(LONG)
            yield Line(manner, text, voice, pause_seconds * chance.uniform(0.5, 1.5))
