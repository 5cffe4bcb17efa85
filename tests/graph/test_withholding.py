"""What is not remembered is told of in the user's own language, with the reason and without the secret."""

from typing import get_args

import pytest

from graph.strings import LANGUAGES
from graph.types import Language
from graph.withholding import not_kept, withheld
from memory.gate import Refusal, Verdict, Why
from memory.masking import Secret
from tests.graph.fakes import ListedMemory
from tests.graph.talking import SARAH, house, say
from tests.graph.test_errands import ScriptedDesk

REFUSALS = [Refusal(why, ("password",) if why == "secret" else ()) for why in get_args(Why)]
SECRETS: tuple[Secret, ...] = get_args(Secret)


@pytest.mark.parametrize("refusal", REFUSALS, ids=lambda refusal: refusal.why)
def test_each_reason_has_its_sentence_in_each_language(refusal: Refusal) -> None:
    told = [withheld(Verdict((), (refusal,)), language) for language in LANGUAGES]
    assert all(len(each) == 1 and each[0].endswith(".") for each in told)
    assert len({each[0] for each in told}) == len(LANGUAGES)


def test_secrets_are_named_each_once() -> None:
    assert not_kept(SECRETS, "en") == (
        "I keep no card numbers, bank account numbers, passwords, PINs, identity numbers and access keys in my memory, "
        "so I have not noted that."
    )
    assert withheld(Verdict((), (), ("card number", "PIN", "card number")), "en") == [
        "I have left the card number and the PIN out of my notes."
    ]
    assert withheld(Verdict((), (), ("password", "access key")), "de") == [
        "In meinen Notizen habe ich das Passwort und den Zugangsschlüssel weggelassen."
    ]


@pytest.mark.anyio
@pytest.mark.parametrize("anyio_backend", ["asyncio"])
@pytest.mark.parametrize(
    ("language", "words", "answer"),
    [
        (
            "de",
            "merk dir, mein Passwort ist hunter2",
            "Ich merke mir keine Passwörter, darum habe ich das nicht notiert.",
        ),
        (
            "fr",
            "retiens que mon mot de passe est soleil22",
            "Je ne l'ai pas noté, car ceci n'entre pas dans ma mémoire : les mots de passe.",
        ),
        (
            "es",
            "recuerda que mi contraseña es gato99",
            "No guardo contraseñas en mi memoria, así que no lo he anotado.",
        ),
    ],
)
async def test_who_tells_a_password_hears_in_their_language_that_it_is_not_kept(
    language: Language, words: str, answer: str
) -> None:
    memory = ListedMemory()
    async with house(memory=memory) as conversations:
        talk = conversations.of("t", SARAH, ScriptedDesk(language=language))
        assert await say(talk, "1", words) == answer
