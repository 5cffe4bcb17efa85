"""The words that tell a stutter from what people say twice on purpose; for each language, lower case."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class Habits:
    """Of one language."""

    fillers: frozenset[str]
    """Mean nothing; letters that are drawn out are written twice."""
    single: frozenset[str]
    """Words that nobody says twice on end: articles, pronouns, helping verbs, question words."""
    starters: frozenset[str]
    """Words with which a phrase begins that somebody says anew; `single` ones, and more."""
    doubled: frozenset[str]
    """Words that may follow upon themselves, but not at the beginning."""
    emphatic: frozenset[str]
    """Words that are said again, and again, for their weight, and that no longer word is begun with."""
    numbers: frozenset[str]
    echoes: frozenset[str]
    """Phrases that are said twice for their weight."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


def _phrases(text: str) -> frozenset[str]:
    return frozenset(each.strip() for each in text.replace("\n", " ").split(","))


_EN_SINGLE: Final = _words(
    """
    i a an the my your his our their its we he she they it i'm i'll i'd i've you're he's she's it's we're they're
    we'll they'll what's where's how's who's can could would will should shall may might must did does don't can't
    what where when why how who which whose and but or if because with for from of at as to into by about this these
    those want need let get tell show give put set turn take make play call
    """
)
_FR_SINGLE: Final = _words(
    """
    je j'ai j'aime tu il elle on ils elles le la les l' un une des du de d' mon ma mes ton ta tes son sa ses notre votre
    leur ce cet cette ces c'est est et mais ou donc car que qui quand comment pourquoi où quel quelle peux peut pouvez
    veux veut voudrais avec pour dans sur chez par sans à au aux
    """
)
_DE_SINGLE: Final = _words(
    """
    ich du er wir ihr es ein eine einen einem einer eines mein meine meinen dein deine sein seine unser und aber oder
    wenn weil dass ob kann kannst könnte will möchte muss soll habe hast hat ist bist war wird werde was wer wie wo wann
    warum welche welcher mit von für bei nach aus auf an im am vom zum zur
    """
)
_ES_SINGLE: Final = _words(
    """
    yo tú él ella el la los las un una unos unas mi tu su mis tus sus nuestro de del al en con por para sin y e pero
    o que quien quién qué cuándo cómo dónde cuál puedo puedes puede podría quiero quieres quiere necesito es está son
    """
)

HABITS: Final[dict[str, Habits]] = {
    "en": Habits(
        fillers=_words("um umm uh uhh uhm er err erm hm hmm mm mmm"),
        single=_EN_SINGLE,
        starters=_EN_SINGLE | _words("you are is was were do have has that there in on not me him her us"),
        doubled=_words(
            "that had is are was were do have has her you in on up out there who one not me us him be been like"
        ),
        emphatic=_words(
            """
            very really so too much many more no yes yeah yep nope okay ok bye hey hi hello well oh ah ha haha ho la
            na knock tut hush there now never again please stop wait come go good great nice right sure
            thanks stay far long
            big old new little blah chop yum night half quick slow easy wow boo choo woof pom cha row day step hear
            over down round around on deep pretty quite bad sorry just quickly slowly louder faster slower
            higher ping beep tick
            """
        ),
        numbers=_words(
            """
            zero oh nought one two three four five six seven eight nine ten eleven twelve twenty thirty
            forty fifty sixty
            seventy eighty ninety hundred thousand million double triple point
            """
        ),
        echoes=_phrases("i know, you know, i see, i do, i did, i am, it is, we can, i can, we will, i will, to do"),
    ),
    "fr": Habits(
        fillers=_words("euh euhh heu hum hm hmm mm mmm"),
        single=_FR_SINGLE,
        starters=_FR_SINGLE | _words("nous vous suis sont as ai a ont se te me ne pas si"),
        doubled=_words("en y"),
        emphatic=_words(
            """
            nous vous se très non oui si merci bravo vite bien tout trop plus encore jamais allez allô
            stop attends doucement bon
            ha hé oh ah papa toc tic ron beaucoup petit petite grand tellement vraiment doux joli
            """
        ),
        numbers=_words(
            """
            zéro un deux trois quatre cinq six sept huit neuf dix onze douze vingt trente quarante cinquante soixante
            cent mille
            """
        ),
        echoes=_phrases("je sais, c'est ça, je vois, ça va, je veux, il est"),
    ),
    "de": Habits(
        fillers=_words("äh ähh ähm öh öhm ehm hm hmm mm mmm"),
        single=_DE_SINGLE,
        starters=_DE_SINGLE | _words("sie die der das den dem bitte nicht haben sind wird bin in mir mich dir dich so"),
        doubled=_words("sie die der das den dem ihnen wir es sich in"),
        emphatic=_words(
            """
            sehr ganz nein ja doch so viel mehr nie bitte danke stopp halt warte komm los gut schön toll schnell langsam
            lange ha haha ho na tja ach oh ah toi hallo tschüss bald immer wieder weiter weit klopf tick lauter leiser
            genau
            """
        ),
        numbers=_words(
            """
            null eins ein zwei zwo drei vier fünf sechs sieben acht neun zehn elf zwölf zwanzig dreißig
            vierzig fünfzig sechzig
            siebzig achtzig neunzig hundert tausend
            """
        ),
        echoes=_phrases("ich weiß, ich sehe, ja gut, ist gut, es ist, ich komme, ich will"),
    ),
    "es": Habits(
        fillers=_words("eh ehh ehm em emm hm hmm mm mmm"),
        single=_ES_SINGLE,
        starters=_ES_SINGLE | _words("me te se lo le nos soy estoy tengo ha he hay no si cuando como"),
        doubled=_words("se lo le nos me te no si"),
        emphatic=_words(
            """
            muy no sí si más mucho nunca gracias vale bien ya hola adiós espera ven vamos venga rápido despacio
            poco ay oh ah ja jaja siempre casi todo tan bueno claro basta dale luego toc
            """
        ),
        numbers=_words(
            """
            cero uno un dos tres cuatro cinco seis siete ocho nueve diez once doce veinte treinta cuarenta
            cincuenta sesenta
            setenta ochenta noventa cien mil
            """
        ),
        echoes=_phrases("lo sé, ya veo, ya está, lo es, sí que"),
    ),
}

ANYWHERE: Final = _words("uh uhh uhm erm hmm euh euhh äh ähm öh öhm ehm")
"""Fillers that are no word in any of these languages."""
LABELLED: Final = _words(
    """
    vitamin plan type size letter grade group class hepatitis section option gate platform room row seat team bus line
    appendix exhibit point category apartment channel model version note key drive
    lettre groupe porte quai plan type buchstabe gleis gruppe tor zimmer letra grupo puerta andén vitamina tipo
    """
)
"""After these a lone letter is a name."""
JOINED: Final = _words("can-can d-day h-hour t-test b-boy b-ball c-clamp s-shaped t-table")
"""Written with a hyphen, and no stutter."""
TITLES: Final = _words("dr mr mrs ms")
PREFIXES: Final = _words("re co de pre ex dé ré pré")
"""A word may begin with them twice: "re-read", "co-cook"."""
