"""The lexical detector, on phrasings. Each line: finished or not, and what was said so far."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.made.speech import silence, utterance
from voice.endpointing import WHOLE
from voice.turn_detection.lexical import Lexical, completion, without_over
from voice.turn_detection.words import languages, words_of

FINISHED = """
yes
yeah
no
no thanks
okay thanks
stop
thank you
never mind
of course
yes please
that's it
good night
go on
go ahead
why
what
why not
i think so
i hope so
i don't think so
of course not
me too
yes i do
no i can't
yes it is
so do i
what time is it
what's the weather like
what is it like
what is this for
where are you from
who are you talking to
what is that
who is that
who am i
where are we
how are you
how are they
what is the capital of france
what should i do
what do you have
how long will it take
what can you do
do you know what time it is
i don't know why
i don't know
i don't know what to do
tell me why
guess what
turn it on
turn the lights off
switch the radio on
please come in
the game is over
what is two plus two
what is two times three
set a timer for ten minutes
set an alarm for seven
wake me at six
play some music
play some jazz please
tell me a joke
tell me more
tell me about yourself
my name is sarah
my dog is called rex
i like pizza
i need help
i love you
i want to go home
i don't want to
i'd love to
only if you want to
i used to
call her
remind me to call my mother tomorrow
remind me to buy milk, eggs and bread
i bought eggs, milk and butter
if it rains tomorrow remind me to take an umbrella
when it rains, i stay at home
when is the next train
where is the nearest station
who was the first person on the moon
can you help me
could you say that again please
could you turn down the heating
is it raining
are you there
do you like it
have you ever been to rome
i'm fine how are you
well i suppose we could go tomorrow
hey what's new
my phone number is 555 123 4567
my phone number is five five five one two three four five six seven
as soon as you can
whenever you like
i can't
i would like a cup of tea
there is somebody at the door
it was nice to meet you
i've been waiting for two hours
we should leave now
first we eat and then we talk
is there anything else
what do you think
how do you know that
thank you very much
i have been there before
i had never seen it before
why did you do that
"""

UNFINISHED = """
um
so
well
and
i want
i want to
i want to go to
i need
i would like
i would like a
i'd like to book a table for
i'm looking for
i was wondering
i was wondering if
i think
i think that
i think we should
because
because i
so i
and so i
and then
and then i
but
it's
it's because
my
my name is
my brother's name is and my
the
the problem is
the problem is that
what is
what is the
what is the capital of
what time
how do i get to
how much is
how many
can you
can you please
could you please
could you tell me the
could you set a timer for
please
remind me
remind me to
remind me to call
remind me to call my
set a timer for
wake me up at
turn on the
turn off the light in the
play some
play something by
send a message to
send a message to my
tell him
tell her that
what's the weather in
what's the weather like in
where is the
who is
who was the
is there a
is it
do you know
do you know if
have you ever
if
if it rains tomorrow
when i get home
before i go to bed
i went to the shop and
i went to the shop and i bought
eggs, milk and
i need eggs, milk,
i bought eggs, milk, bread
first i want to
first we need some flour
i would like to go, um
i would like to um
what was it called
let me see
let me think
hang on
hmm
how do you say
you know
the answer is, like
my phone number is
my phone number is five five five
my phone number is 555 12
my number is zero one
the code is three
one two three four
j o
my name is spelled j o
b as in
a as in
it starts with n for
a as in apple
i live at
i live in the
i'm from
i was born in
between
it's between the blue one and the
i can
she is
he told me
he said that
even if
as well as
for example
such as
instead of
next to
because of
a lot of
one of the
every
three hundred and
it costs about
i'd rather
let's
what about
and my favourite colour is
it was very
i just
there are
there were
this is my
we were going to the
i've been
it's not that i don't like it but
i didn't know whether
he's the one who
dear mister
two plus
"""

OTHERS = {
    "de": (
        """
ja
nein danke
stopp
wie spät ist es
wie ist das wetter heute
was ist das
wo bist du
mach das licht an
mach bitte das licht aus
ich weiß nicht
warum nicht
erzähl mir einen witz
mein name ist sarah
ich habe einen hund gehabt
stell einen wecker auf sieben uhr
meine telefonnummer ist null eins sieben sechs eins zwei drei vier fünf sechs
""",
        """
äh
ich möchte
ich möchte einen
ich habe gestern mit meiner
weil
weil ich
und dann
aber
kannst du
kannst du bitte
erinnere mich
mein name ist
das problem ist
wenn es morgen regnet
ich war in der
die nummer ist null eins sieben
wie sagt man
ich möchte, ähm
""",
    ),
    "fr": (
        """
oui
non merci
arrête
quelle heure est-il
quel temps fait-il aujourd'hui
je ne sais pas
pourquoi pas
moi aussi
raconte-moi une blague
je m'appelle sarah
mets un réveil à sept heures
où est la gare
""",
        """
euh
je voudrais
je voudrais un
je voudrais aller à la
parce que
parce que je
et puis
mais
est-ce que tu peux
rappelle-moi de
mon nom est
si demain il pleut, euh
comment dire
hier je suis allé avec mon
""",
    ),
    "es": (
        """
sí
no gracias
basta
qué hora es
qué tiempo hace hoy
no lo sé
yo también
cuéntame un chiste
me llamo sarah
pon una alarma a las siete
dónde está la estación
""",
        """
eh
quiero
quiero un
quiero ir a la
porque
porque yo
y luego
pero
me podrías
recuérdame que
mi nombre es
cómo se dice
ayer fui con mi
el problema es que
""",
    ),
}


def lines(text: str) -> list[str]:
    return text.strip().splitlines()


@pytest.mark.parametrize("said", lines(FINISHED))
def test_what_is_finished_is_likely_to_be(said: str) -> None:
    likely = completion(said)
    assert likely is not None
    assert likely > 0.7


@pytest.mark.parametrize("said", lines(UNFINISHED))
def test_what_is_unfinished_is_not(said: str) -> None:
    likely = completion(said)
    assert likely is not None
    assert likely <= 0.3


@pytest.mark.parametrize(
    ("language", "said"), [(language, said) for language, (whole, _) in OTHERS.items() for said in lines(whole)]
)
def test_so_it_is_in_other_languages(language: str, said: str) -> None:
    likely = completion(said, language)
    assert likely is not None
    assert likely > 0.7


@pytest.mark.parametrize(
    ("language", "said"), [(language, said) for language, (_, half) in OTHERS.items() for said in lines(half)]
)
def test_and_so_it_is_not(language: str, said: str) -> None:
    likely = completion(said, language)
    assert likely is not None
    assert likely <= 0.3


def test_no_list_has_a_phrase_that_is_too_long_to_be_found() -> None:
    for language in languages():
        known = words_of(language)
        assert max(len(phrase) for phrase in known.leading | known.hesitations) <= 6


@pytest.mark.parametrize("text", ["", "  ", "...", "?!"])
def test_without_words_there_is_nothing_to_go_by(text: str) -> None:
    assert completion(text) is None


def test_a_full_stop_says_nothing_a_comma_does() -> None:
    assert completion("I went to the.") == completion("I went to the")
    assert completion("I went home.") == completion("I went home")
    assert (completion("I went home,") or 1) < 0.1


def test_a_question_mark_is_believed() -> None:
    assert (completion("You went home?") or 0) > (completion("You went home") or 1)


def test_a_typographic_apostrophe_is_one() -> None:
    assert completion("I’m") == completion("I'm")


def test_an_unknown_language_is_taken_for_english() -> None:
    assert completion("I want to", "xx") == completion("I want to")


@pytest.mark.parametrize(
    ("said", "language", "whole"),
    [
        ("Yes.", "en", True),
        ("What time is it?", "en", True),
        ("Tais-toi !", "fr", True),
        ("Wie spät ist es?", "de", True),
        ("¿Qué hora es?", "es", True),
        ("yes but", "en", False),
        ("what time is it in", "en", False),
        ("stop,", "en", False),
        ("okay", "en", False),
    ],
)
def test_after_some_answers_and_commands_nobody_goes_on(said: str, language: str, whole: bool) -> None:
    likely = completion(said, language)
    assert likely is not None
    assert (likely >= WHOLE) == whole


@given(st.text(max_size=80), st.sampled_from(["en", "de", "fr", "es"]))
def test_whatever_was_said_gives_a_probability(text: str, language: str) -> None:
    likely = completion(text, language)
    assert likely is None or 0 <= likely <= 1


PIECES = st.sampled_from(["my", "phone", "number", "five", "555", "a", "b", "as", "in", "um", "yes", "like", "and"])


@given(st.lists(PIECES, max_size=9))
def test_however_the_words_are_put_it_gives_a_probability(words: list[str]) -> None:
    likely = completion(" ".join(words))
    assert likely is None or 0 <= likely <= 1


@pytest.mark.parametrize(
    ("said", "before"),
    [
        ("What time is it? Over.", "What time is it?"),
        ("tell me a joke over", "tell me a joke"),
        ("OVER", ""),
        ("Where is it from? Over.", "Where is it from?"),
        ("that is all, over and out", "that is all"),
    ],
)
def test_over_is_the_end_of_what_was_said(said: str, before: str) -> None:
    assert without_over(said) == before


@pytest.mark.parametrize("said", ["it is over", "turn over", "over the moon", "the game is over.", "", "moreover"])
def test_not_every_over_is(said: str) -> None:
    assert without_over(said) is None


@pytest.mark.anyio
async def test_the_detector_knows_nothing_without_words() -> None:
    detector = Lexical("de")
    assert await detector.completion(utterance(silence(1.0)), None) is None
    assert await detector.completion(utterance(silence(1.0)), "ich möchte einen") == completion(
        "ich möchte einen", "de"
    )
