from typing import get_args

import pytest

from graph.intent_words import Intent
from graph.intents import wish_of

MEANT: dict[Intent, list[str]] = {
    "stop": [
        "stop",
        "Stop!",
        "please stop talking",
        "be quiet please",
        "that's enough",
        "okay stop",
        "shut up",
        "thank you, stop",
    ],
    "repeat": [
        "repeat that please",
        "Can you say that again?",
        "what did you say",
        "pardon",
        "say it once more",
        "I didn't catch that",
    ],
    "slower": [
        "slower",
        "could you please speak slower",
        "speak a little bit slower please",
        "Slow down a bit.",
        "you're talking too fast",
        "say it slowly",
        "I want you to speak slower",
    ],
    "faster": ["talk faster", "speed up", "a bit faster please", "you are too slow"],
    "normal-speed": ["speak at normal speed", "normal speed", "speak normally"],
    "louder": ["louder", "speak up please", "turn it up", "turn up the volume", "i can't hear you"],
    "quieter": ["quieter please", "turn the volume down", "you're too loud", "speak more quietly"],
    "normal-loudness": ["normal volume", "reset the volume"],
    "help": ["help", "what can you do?", "what can I say", "how do you work"],
    "models": ["models", "how do i get a language model", "install a model"],
    "remember": [
        "remember that i like tea",
        "please remember my name is sarah",
        "can you remember that my car is on level 3",
        "don't forget that i am vegan",
    ],
    "forget": ["forget that i like tea", "forget my name", "please forget about my dog"],
    "forget-last": ["forget that", "forget what i just said", "don't remember that"],
    "forget-everything": ["forget everything", "forget everything about me", "delete all my memories"],
    "nevermind": ["never mind", "forget it"],
    "recall-everything": ["what do you know about me", "what have i told you", "list my memories"],
    "recall": [
        "what is my name",
        "What's my name?",
        "do you remember my name",
        "can you tell me what my name is",
        "where do i live",
        "what's my dog called",
        "what is my sister's name",
        "how old am i",
        "what's my favourite colour",
    ],
    "greeting": ["hello", "Hi Nightingale, how are you?", "good morning"],
    "thanks": ["thank you", "thanks a lot"],
    "goodbye": ["goodbye", "good night", "see you later"],
    "time": ["what time is it", "what's the time please", "Can you tell me the time?"],
    "date": ["what is the date today", "what day is it"],
    "empty": ["", "  ", "?!"],
    "chat": [
        "what is a stop word",
        "tell me about repeat prescriptions",
        "how do i forget someone",
        "help me with my homework",
        "stop the world i want to get off",
        "what does louder mean",
        "is slower better than faster",
        "what is the loudest animal",
        "how do i say goodbye in french",
        "what is the time complexity of quicksort",
        "who wrote my fair lady",
        "what date did the war end",
        "play something louder than bombs",
        "repeat after me",
        "i forgot my keys",
        "do you remember when we met",
        "say hello to my mum",
        "what model is the tesla",
        "yes",
        "no",
        "tell me a story",
        "help my friend is unwell",
        "forget to call",
        "what is my computer doing",
    ],
}


@pytest.mark.parametrize(("text", "intent"), [(text, intent) for intent, texts in MEANT.items() for text in texts])
def test_a_turn_is_understood_by_its_words(text: str, intent: Intent) -> None:
    assert wish_of(text).intent == intent


def test_every_intent_but_yes_and_no_has_an_example_here() -> None:
    assert set(get_args(Intent)) - set(MEANT) == {"confirm", "decline"}


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("yes", "confirm"),
        ("Yes, please.", "confirm"),
        ("yes i am sure", "confirm"),
        ("no", "decline"),
        ("no don't", "decline"),
        ("of course not", "chat"),
        ("yes but only my name", "chat"),
        ("what time is it", "time"),
        ("stop", "stop"),
    ],
)
def test_yes_and_no_count_where_we_asked(text: str, intent: Intent) -> None:
    assert wish_of(text, confirming=True).intent == intent


@pytest.mark.parametrize(
    ("text", "about"),
    [
        ("what is my name", "name"),
        ("where do i live", "home"),
        ("what do i do for a living", "work"),
        ("what's my dog's name", "dog"),
        ("who is my boss", "boss"),
        ("what is my favourite colour", "favourite colour"),
        ("forget that i like tea", "i like tea"),
    ],
)
def test_a_wish_says_what_it_is_about(text: str, about: str) -> None:
    assert wish_of(text).about == about


def test_a_long_text_is_conversation_whatever_it_begins_with() -> None:
    assert wish_of("stop " * 60).intent == "chat"


@pytest.mark.parametrize(
    "text", ["a little bit more " * 10 + "x", "forget " + "that " * 30, "hello there again " * 11, "too " * 40]
)
def test_repetitive_words_do_not_send_the_patterns_astray(text: str) -> None:
    assert wish_of(text[:199]).intent in {"chat", "forget"}
