"""The gate in German, French and Spanish: what is an order or somebody else's words there, and what says nothing."""

import re
import unicodedata
from typing import Final

HIJACK: Final = re.compile(
    r"\b(?:ignorier\w*|missachte\w*|vergiss|umgeh\w*|überschreib\w*)\b[^.?!\n]{0,40}\b(?:bisherig\w*|vorherig\w*|früher\w*|"
    r"all\w*|dein\w*|obig\w*)\b[^.?!\n]{0,30}\b(?:anweisung\w*|anleitung\w*|regeln?|vorgaben?|prompts?|befehle?)\b"
    r"|\b(?:ignore[sz]?|oublie[sz]?|contourne[sz]?)\b[^.?!\n]{0,40}\b(?:instructions?|consignes?|règles|prompts?|ordres)\b"
    r"|\b(?:ignora|olvida|omite|desobedece)\b[^.?!\n]{0,40}\b(?:instrucciones|instrucción|reglas|prompts?|órdenes)\b"
    r"|\b(?:ab jetzt|von nun an) (?:bist|heißt|musst) du\b|\bdu bist (?:ab jetzt|von nun an|jetzt) (?:ein|eine|"
    r"mein|der|die)\b"
    r"|\b(?:désormais|dorénavant|à partir de maintenant),? tu\b|\b(?:a partir de ahora|desde ahora),? (?:eres|debes)\b",
    re.IGNORECASE,
)
_SPEAKING = (
    r"(?:antwort\w*|sag(?:en|st)|erwähn\w*|gehorch\w*|verweiger\w*|répondre|réponds|dire|obéir|refuser|mentionner|"
    r"responder|respondes|decir|obedecer|negarte|mencionar)"
)
ORDER: Final = re.compile(
    rf"\b(?:immer|nie|niemals|nur|toujours|jamais|ne|siempre|nunca|solo)\b[^.]{{0,30}}\b{_SPEAKING}\b"
    r"|\b(?:der assistent|nightingale|das sprachmodell|l'assistant|le modèle|el asistente|el modelo) (?:muss|soll|"
    r"darf|doit|"
    r"peut|debe|puede)\b|\b(?:admin\w*|root)[- ]?(?:rechte|zugriff)\b|\bdroits? d'admin\w*|\b(?:derechos|"
    r"acceso) de admin\w*"
    r"|\b(?:anweisung|systemprompt|instruction|consigne|instrucci[oó]n)\w*\b",
    re.IGNORECASE,
)
"""In a memory, which speaks to the user: nobody is told there how to answer."""

SOMEBODY_SAID: Final = re.compile(
    r"\b(?:er|sie|jemand|man|(?-i:[A-ZÄÖÜÉ])\w+) (?:sagte?|meinte|schrieb|behauptete?|hat gesagt|"
    r"erzählte?),?:? (?:dass )?(?:ich|"
    r"mein\w*|wir)\b[^.?!\n]*"
    r"|\b(?:il|elle|on|quelqu'un|(?-i:[A-ZÉ])\w+) (?:dit|a dit|disait|écrit|prétend),?:? (?:qu[e'] ?)?(?:je|j'|"
    r"mon|ma|mes|nous)[^.?!\n]*"
    r"|\b(?:él|ella|alguien|(?-i:[A-ZÁÉ])\w+) (?:dijo|dice|ha dicho|escribió|afirma),?:? (?:que )?(?:yo|me|mi|mis|"
    r"soy|tengo|vivo)\b[^.?!\n]*"
    r"|\b(?:übersetze?|lies vor|zitiere|traduis|lis|cite|traduce|lee)\b[^.?!\n]{0,40}[:\n].*\Z",
    re.IGNORECASE | re.DOTALL,
)
DATE: Final = re.compile(
    r"\b(?:\d{1,2}\.? )?(?:de )?(?:Januar|Februar|März|April|Mai|Juni|Juli|August|September|Oktober|November|"
    r"Dezember|janvier|"
    r"février|mars|avril|mai|juin|juillet|août|septembre|octobre|novembre|décembre|enero|febrero|marzo|abril|mayo|junio|julio|"
    r"agosto|septiembre|octubre|noviembre|diciembre|Frühling|Sommer|Herbst|Winter|printemps|été|automne|hiver|primavera|verano|"
    r"otoño|invierno)(?: de)? \d{4}\b|\b(?:Jahr|en) \d{4}\b|\b(?:Woche|Wochenende|semaine|week-end|fin de semana|"
    r"semana)\b",
    re.IGNORECASE,
)
NUMBERS: Final = re.compile(
    r"\b\w*(?:zwanzig|dreißig|dreissig|vierzig|fünfzig|sechzig|siebzig|achtzig|neunzig|zehn|elf|zwölf)\b|\b(?:vingt|trente|"
    r"quarante|cinquante|soixante|dix|onze|douze|quinze)\b|\b(?:veinti\w+|veinte|treinta|cuarenta|cincuenta|sesenta|setenta|"
    r"ochenta|noventa|diez|once|doce|quince)\b",
    re.IGNORECASE,
)
_WORD: Final = re.compile(r"[^\W_]+")
_ENDINGS: Final = (
    "aste",
    "iste",
    "test",
    "est",
    "ste",
    "st",
    "en",
    "es",
    "as",
    "ez",
    "te",
    "e",
    "t",
    "n",
    "s",
    "o",
    "a",
)


def root(word: str) -> str:
    """What the persons of a verb, and the numbers of a noun, have in common, about."""
    plain = "".join(each for each in unicodedata.normalize("NFD", word.casefold()) if not unicodedata.combining(each))
    ending = next((each for each in _ENDINGS if plain.endswith(each) and len(plain) - len(each) >= 3), "")
    return plain.removesuffix(ending)


def roots_in(text: str) -> frozenset[str]:
    return frozenset(map(root, _WORD.findall(text)))


EMPTY: Final = roots_in(
    """
    du dein deine deinen deinem deiner deines dich dir euer eure euch ich der die das den dem des ein eine einen
    einem einer und oder aber in im am an auf aus bei für gegen mit nach von vom zu zum zur als um seit bis ist
    bist sind war warst hat hast haben hatte hattest nicht kein keine keinen nie mehr wieder auch jetzt heißt
    nachnamen genannt werden willst wird wohnst wohnt lebst kommst arbeitest arbeitet beruf stelle rente jahre alt
    geburtstag geboren studierst magst mag liebst liebt hasst hasse isst trinkst gern am liebsten nimmst trägst
    benutzt brauchst rauchst sprichst spielst lernst fährst musst kannst sollst darfst weißt wirst liest siehst
    gibst hilfst schläfst läufst triffst vergisst hältst lässt verträgst allergisch erinnert gesagt deinem adresse
    anschrift tu ton ta tes te t votre vos vous toi je le la les un une des de du d l et ou mais à au aux en dans
    chez pour par sur avec sans est es suis sont était as ai a ne n pas plus jamais que qu c ce on veux appelle
    appelles nom famille né née grandi viens habites habite vis travailles travaille métier emploi retraite ans
    âge anniversaire année naissance étudies aimes aime adores déteste détestes préfères supportes manges bois
    prends utilises fumes parles joues apprends fan vas dois peux fais nouveau allergique rappel dit été s tú tus
    tu ti contigo te el la los las un una unos unas de del y o pero en con por para a al que no ya nunca es eres
    soy está estás son se le vives vive llamas llama llamen apellidas quieres años tienes trabajas trabaja trabajo
    profesión jubilado cumpleaños naciste estudias gusta gustan gustas encanta encantan odias prefieres soportas
    adoras comes bebes tomas usas fumas hablas juegas tocas aprendes otra vez mucho alergia alérgico alérgica
    recuerden dicho vas debes puedes haces has vuestro vuestra dirección
    """
)
"""What memories are put into, as `gate` has it for English."""
