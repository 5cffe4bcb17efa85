"""Languages: to be spoken with in another one, for which each is asked in its own words, whatever is spoken now; and
which of them we know, asked in the language that is spoken.
"""

from collections.abc import Mapping

from graph.intent_words import Wording
from graph.types import Language

_PARLE = (
    r"(?:(?:on |nous )?(?:parle(?:r|z|ons)?|réponds|répondez|répondre|passe(?:r|z|ons)?|continue(?:r|z)?)(?: "
    r"moi)?(?: (?:en|au|à "
    r"l'))?|en) ?"
)
_SPRICH = (
    r"(?:(?:lass uns |wir )?(?:sprich|sprechen|sprechen wir|rede|reden|antworte?|wechsle|wechsel|wechseln|"
    r"weiter)(?: mit mir| mir| zu|"
    r" auf| in)*|auf) "
)
_HABLA = (
    r"(?:(?:habla|háblame|hablar|hablemos|responde|contesta|cambia|cambiar|pasa|sigue)(?:me)?(?: (?:en|a|al))?|en) "
)

WORDINGS: tuple[Wording, ...] = (
    *(
        ("language", code, f"(?:{_PARLE}(?:{french})|{_SPRICH}(?:{german})(?: sprechen| reden)?|{_HABLA}(?:{spanish}))")
        for code, french, german, spanish in (
            ("en", "anglais", "englisch", "inglés"),
            ("fr", "français", "französisch", "francés"),
            ("de", "allemand", "deutsch", "alemán"),
            ("es", "espagnol", "spanisch", "español"),
        )
    ),
)

_KNOWN_TO_MANY = (
    "italian|dutch|portuguese|polish|russian|chinese|mandarin|japanese|korean|turkish|arabic|hindi|greek|swedish|"
    "danish|norwegian|finnish|czech|hungarian|ukrainian|romanian|hebrew|vietnamese|thai|welsh|irish|catalan|latin"
)
_OTHER = "other"


def _asked(which: str, knows: str, names: tuple[tuple[str, str], ...]) -> tuple[Wording, ...]:
    """`knows`: whether one of them is known; its name stands where the braces are."""
    return ("which-languages", "", which), *(
        ("which-languages", code, knows.replace("{}", f"(?:{name})")) for code, name in names
    )


ASKED: Mapping[Language, tuple[Wording, ...]] = {
    "en": _asked(
        r"(?:which|what)(?: other)? languages (?:(?:do|can) you (?:speak|understand|know|talk|hear|use|have)"
        r"(?: and (?:speak|understand))?(?: in)?|are (?:there|available|supported))|how many languages (?:do|can) you "
        r"(?:speak|understand|know)|(?:list|name|tell me|show me) (?:the |your |all )*languages"
        r"(?: (?:that )?you (?:speak|understand|know))?|(?:do|can) you (?:speak|understand|know) "
        r"(?:any )?other languages|languages",
        r"(?:do|can) you (?:also )?(?:speak|understand|know) {}(?: too| as well)?",
        (("en", "english"), ("fr", "french"), ("de", "german"), ("es", "spanish"), (_OTHER, _KNOWN_TO_MANY)),
    ),
    "de": _asked(
        r"(?:welche|was für|wie viele) sprachen (?:(?:sprichst|verstehst|kannst|kennst|hörst)"
        r"(?: und (?:sprichst|verstehst))? du(?: sprechen| verstehen)?|gibt es)|(?:nenne?|zeig)(?: mir)? "
        r"(?:die|deine|alle) sprachen|in welchen sprachen (?:können wir|kannst du) (?:sprechen|reden)|sprachen",
        r"(?:sprichst|verstehst|kannst|kennst) du (?:auch )?{}(?: sprechen| verstehen)?",
        (
            ("en", "englisch"),
            ("fr", "französisch"),
            ("de", "deutsch"),
            ("es", "spanisch"),
            (_OTHER, "italienisch|niederländisch|portugiesisch|polnisch|russisch|chinesisch|japanisch|türkisch"),
        ),
    ),
    "fr": _asked(
        r"(?:quelles|combien de) langues (?:(?:est ce que )?tu (?:parles|comprends|connais)|(?:parles|comprends|"
        r"connais|sais) tu(?: parler)?|peux tu (?:parler|comprendre)|y a t il)|tu (?:parles|comprends|connais) quelles "
        r"langues|(?:liste|donne|montre|dis)(?: moi)? (?:les|tes) langues|langues",
        r"(?:est ce que )?tu (?:parles|comprends|connais) (?:aussi )?(?:le |l')?{}|(?:parles|comprends|connais) tu "
        r"(?:aussi )?(?:le |l')?{}",
        (
            ("en", "anglais"),
            ("fr", "français"),
            ("de", "allemand"),
            ("es", "espagnol"),
            (_OTHER, "italien|néerlandais|portugais|polonais|russe|chinois|japonais|turc|arabe"),
        ),
    ),
    "es": _asked(
        r"(?:qué|cuáles|cuántos|cuántas) (?:idiomas|lenguas) (?:hablas|entiendes|conoces|sabes|puedes (?:hablar|"
        r"entender)|hay)(?: y (?:hablas|entiendes))?|(?:lista|dime|muestra|muéstrame) (?:los|tus) idiomas|en qué "
        r"idiomas (?:hablas|podemos hablar)|idiomas",
        r"(?:hablas|entiendes|sabes|conoces|puedes (?:hablar|entender)) (?:también )?(?:el )?{}",
        (
            ("en", "inglés"),
            ("fr", "francés"),
            ("de", "alemán"),
            ("es", "español"),
            (_OTHER, "italiano|holandés|portugués|polaco|ruso|chino|japonés|turco|árabe|catalán"),
        ),
    ),
}
