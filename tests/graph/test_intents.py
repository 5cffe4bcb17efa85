from typing import get_args

import pytest

from graph.intent_words import Intent
from graph.intents import wish_of
from graph.record import is_aside
from tests.graph.phrasings import read

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
    "more-patient": [
        "take your time",
        "please be more patient",
        "wait a bit longer",
        "Could you wait longer before you answer?",
        "don't rush me",
    ],
    "less-patient": ["don't wait so long", "answer sooner please", "be less patient"],
    "say-over": ["I'll say over when I'm done", "wait until I say over", "I will say over"],
    "normal-waiting": ["I won't say over any more", "normal patience", "don't wait for over"],
    "normal-manner": ["go back to normal", "okay, back to normal please"],
    "help": ["help", "what can you do?", "what can I say", "how do you work"],
    "models": ["models", "how do i get a language model", "install a model"],
    "remember": [
        "remember that i like tea",
        "please remember my name is sarah",
        "can you remember that my car is on level 3",
        "don't forget that i am vegan",
    ],
    "documents": [
        "which documents do you have",
        "What documents do you have to read?",
        "how many files are there",
        "please list my documents",
        "what have i given you to read",
        "what's in my library",
    ],
    "remove-document": [
        "remove the document kettle manual",
        "please delete the kettle manual document",
        "Forget the file called taxes.",
        "remove the tax return from my documents",
        "delete all my documents",
    ],
    "forget": ["forget that i like tea", "forget my name", "please forget about my dog"],
    "forget-last": [
        "forget that",
        "Please forget that.",
        "forget what i just said",
        "forget that i said that",
        "forget i told you that",
        "don't remember that",
        "don't save that",
        "delete that from your memory",
        "scratch that",
        "strike that from the record",
        "you didn't hear that",
        "that was off the record",
    ],
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
    "recall-when": [
        "what did i tell you last week",
        "what did I say about my sister yesterday?",
        "what have i told you on monday",
        "what did we talk about last spring",
    ],
    "why": [
        "why do you know that",
        "how do you know that?",
        "how come you know this",
        "who told you that",
        "when did i tell you that",
        "did I tell you that?",
        "where do you know that from",
        "how did you find that out",
        "where is that from",
        "how do you know my name",
        "how do you know where i live",
        "why do you know that i like tea",
        "when did i tell you about my sister",
    ],
    "off-record": [
        "off the record",
        "Let's go off the record.",
        "this is off the record",
        "please stop remembering things",
        "stop taking notes",
        "don't remember anything from now on",
        "don't note what i'm about to tell you",
        "pause your memory",
        "switch off your memory",
    ],
    "on-record": [
        "on the record",
        "Back on the record, please.",
        "you can take notes again",
        "start remembering again",
        "switch your memory back on",
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
        "how do you know that the earth is round",
        "how do you know when pasta is done",
        "why do you know so much",
        "what did you tell me last week",
        "what did they say yesterday",
        "he spoke off the record to the paper",
        "what does off the record mean",
        "who holds the world record",
        "put on a record",
        "is the record broken",
        "i don't remember this song",
        "do you remember that film",
        "who told you that story about the fox",
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
        "what does the document say about vinegar",
        "tell me about the files in the cabinet",
        "do you have a document about tea",
        "what is my computer doing",
        "how do i become more patient",
        "take your time machine apart",
        "i will say over and over that it is so",
        "when will things go back to normal",
    ],
}


@pytest.mark.parametrize(("text", "intent"), [(text, intent) for intent, texts in MEANT.items() for text in texts])
def test_a_turn_is_understood_by_its_words(text: str, intent: Intent) -> None:
    assert wish_of(text).intent == intent


def test_every_intent_but_yes_and_no_has_an_example() -> None:
    intents = {each for names in get_args(Intent) for each in get_args(names)}
    examples = {*MEANT, *(each.wish.intent for each in read("en") if each.wish)}
    assert intents - examples == {"confirm", "confirm-removal", "confirm-errand", "decline"}


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
    assert wish_of(text, confirming="forget-everything").intent == intent


def test_a_yes_is_about_what_we_asked() -> None:
    assert wish_of("yes", confirming="remove-document").intent == "confirm-removal"
    assert wish_of("no", confirming="remove-document").intent == "decline"


@pytest.mark.parametrize(
    ("text", "about"),
    [
        ("remove the document kettle manual", "kettle manual"),
        ("delete the kettle manual document", "kettle manual"),
        ("forget the file called taxes", "taxes"),
        ("remove the tax return from my documents", "tax return"),
        ("delete my documents", ""),
        ("erase all of my files", ""),
    ],
)
def test_it_is_heard_which_document_is_to_go(text: str, about: str) -> None:
    assert wish_of(text).about == about


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


ASIDES = [
    "don't remember this, but my boss is pregnant",
    "Please don't note this: I am leaving my job.",
    "do not write this down but i hate my job",
    "off the record, i cannot stand my boss",
    "Between you and me, I voted for the others.",
    "just between us, i have no idea",
    "keep this off the record: i am ill",
    "i am pregnant, but don't remember that",
    "i hate my job. don't write that down",
    "I'm ill, that's off the record",
    "i like her, keep that to yourself",
    "i quit today, forget that i said that",
    "my boss is a fool, off the record",
]
NO_ASIDES = [
    "i don't remember this song",
    "do you remember this",
    "remember this: the key is under the mat",
    "don't remember this wrong, it is level three",
    "the record is off the shelf",
    "he said it off the record to a friend of mine",
    "the shop is between us and the church",
    "my house stands between two farms",
    "i forgot that i said this to him",
    "please don't save money on the food",
    "keep that in mind: i like tea",
    "don't forget that i am vegan",
    "i never remember that film",
]


@pytest.mark.parametrize("text", ASIDES)
def test_one_turn_may_be_off_the_record(text: str) -> None:
    assert is_aside(text)


@pytest.mark.parametrize("text", NO_ASIDES)
def test_what_only_sounds_so_is_on_the_record(text: str) -> None:
    assert not is_aside(text)
