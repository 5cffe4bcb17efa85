"""Spanish: from "yo" to "tú", and numbers."""

import re

_FORMS = """
soy:eres estoy:estás voy:vas tengo:tienes he:has hago:haces digo:dices puedo:puedes quiero:quieres debo:debes
sé:sabes veo:ves doy:das vengo:vienes salgo:sales pongo:pones oigo:oyes vivo:vives como:comes bebo:bebes leo:lees
escribo:escribes prefiero:prefieres duermo:duermes juego:juegas pienso:piensas siento:sientes conozco:conoces
conduzco:conduces traigo:traes sufro:sufres padezco:padeces aprendo:aprendes corro:corres vuelvo:vuelves
empiezo:empiezas almuerzo:almuerzas cumplo:cumples recibo:recibes asisto:asistes pertenezco:perteneces
entiendo:entiendes vendo:vendes necesito:necesitas fui:fuiste hice:hiciste tuve:tuviste estuve:estuviste
vine:viniste puse:pusiste era:eras iba:ibas tenía:tenías estaba:estabas vivía:vivías resido:resides iré:irás
tendré:tendrás haré:harás veré:verás gusta:gusta detesto:detestas odio:odias adoro:adoras nací:naciste
perdí:perdiste conocí:conociste salí:saliste rompí:rompiste vendí:vendiste aprendí:aprendiste recibí:recibiste
"""
_STRONG = dict(each.split(":") for each in _FORMS.split())
_TO_YOU = tuple(
    (re.compile(pattern, re.IGNORECASE), word)
    for pattern, word in (
        (r"\bmis\b", "tus"),
        (r"\bmi\b", "tu"),
        (r"\bmí(o|a|os|as)\b", r"tuy\1"),
        (r"\bconmigo\b", "contigo"),
        (r"\bmí\b", "ti"),
        (r"\bme\b", "te"),
        (r"\byo\b", "tú"),
        (r"\bnuestr(o|a|os|as)\b", r"vuestr\1"),
    )
)
_I = re.compile(
    r"(?:yo )?(?P<before>(?:no |ya |ya no |me |lo |la |los |las |le |les )*)(?P<verb>[^\W\d_]+)(?P<rest>\W.*)?",
    re.IGNORECASE,
)
_MINE = re.compile(r"(?:mi|mis|nuestr\w+|el|la|los|las|un|una|hay)\b.*", re.IGNORECASE)
_AGAIN = re.compile(
    r"\b(?P<because>porque|que|cuando|y|pero) (?P<before>(?:no |ya |me |lo |la )*)(?P<verb>{verbs})\b".format(
        verbs="|".join(_STRONG)
    ),
    re.IGNORECASE,
)
_THAT = re.compile(r"que ", re.IGNORECASE)
_UP_TO_THIRTY = """
cero uno dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince dieciséis diecisiete dieciocho
diecinueve veinte veintiuno veintidós veintitrés veinticuatro veinticinco veintiséis veintisiete veintiocho veintinueve
"""
_FROM_THIRTY = "treinta cuarenta cincuenta sesenta setenta ochenta noventa"
_ONES, _TENS = _UP_TO_THIRTY.split(), _FROM_THIRTY.split()
NUMBERS = {word: n for n, word in enumerate(_ONES)} | {"veintiún": 21}
NUMBERS |= {
    f"{ten} y {one}" if n else ten: 10 * tens + n
    for tens, ten in enumerate(_TENS, 3)
    for n, one in enumerate(_ONES[:10])
}


def yours(words: str) -> str:
    for pattern, word in _TO_YOU:
        words = pattern.sub(word, words)
    return words


def second(clause: str) -> str:
    """Also of a verb alone; empty where it is one whose second person cannot be told from its first."""
    if re.fullmatch(r"[^\W\d_]+", clause):
        return _conjugated(clause.lower())
    if _MINE.fullmatch(clause):
        return yours(clause)
    match = _I.fullmatch(clause)
    verb = _conjugated(match["verb"].lower()) if match else ""
    if match is None or not verb:
        return ""
    rest = _AGAIN.sub(
        lambda again: f"{again['because']} {again['before']}{_STRONG[again['verb'].lower()]}", match["rest"] or ""
    )
    return f"{yours(match['before'])}{verb}{yours(rest)}"


def main(clause: str) -> str:
    """Without the "que" before it."""
    return _THAT.sub("", clause, count=1) if _THAT.match(clause) else clause


def _conjugated(verb: str) -> str:
    """Those in -ar are regular, and what is not known here is taken for one, but for other tenses and persons."""
    if verb in _STRONG:
        return _STRONG[verb]
    if verb.endswith("o") and len(verb) > 3:
        return f"{verb[:-1]}as"
    if verb.endswith("aré"):
        return f"{verb[:-1]}ás"
    if verb.endswith("qué"):
        return f"{verb[:-3]}caste"
    if verb.endswith("gué"):
        return f"{verb[:-2]}aste"
    return f"{verb[:-1]}aste" if verb.endswith("é") and len(verb) > 3 else ""
