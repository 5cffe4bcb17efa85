"""German: from "ich" to "du", subordinate clauses turned into main clauses, and numbers."""

import re

from graph.words import word_set

_FORMS = """
bin:bist habe:hast hab:hast werde:wirst war:warst hatte:hattest wurde:wurdest kann:kannst muss:musst will:willst
soll:sollst darf:darfst mag:magst weiß:weißt möchte:möchtest esse:isst fahre:fährst lese:liest nehme:nimmst
sehe:siehst spreche:sprichst treffe:triffst gebe:gibst helfe:hilfst schlafe:schläfst laufe:läufst trage:trägst
vergesse:vergisst halte:hältst lasse:lässt backe:backst wasche:wäschst fange:fängst falle:fällst lade:lädst
rate:rätst werfe:wirfst breche:brichst empfehle:empfiehlst verlasse:verlässt vertrage:verträgst ging:gingst
fuhr:fuhrst flog:flogst kam:kamst traf:trafst verlor:verlorst zog:zogst fand:fandest bekam:bekamst brach:brachst
fiel:fielst hieß:hießt konnte:konntest musste:musstest wollte:wolltest sollte:solltest durfte:durftest
mochte:mochtest unterrichte:unterrichtest fühl:fühlst geh:gehst brauch:brauchst
"""
_STRONG = dict(each.split(":") for each in _FORMS.split())
_TO_YOU = (
    (re.compile(r"\b(m)(ein(?:e[rsmn]?|s)?)\b", re.IGNORECASE), r"d\2"),
    (re.compile(r"\bunser(e[rsmn]?)\b", re.IGNORECASE), r"eur\1"),
    (re.compile(r"\bunser\b", re.IGNORECASE), "euer"),
    (re.compile(r"\bmich\b", re.IGNORECASE), "dich"),
    (re.compile(r"\bmir\b", re.IGNORECASE), "dir"),
    (re.compile(r"\buns\b", re.IGNORECASE), "euch"),
    (re.compile(r"\bich\b", re.IGNORECASE), "du"),
)
_I = re.compile(r"ich (?P<verb>[\w-]+)(?P<rest> .+)?", re.IGNORECASE)
_MINE = re.compile(r"(?:mein|unser)\w* .+", re.IGNORECASE)
_THAT = re.compile(r"dass\s+", re.IGNORECASE)
_CLAUSE_OF_MINE = re.compile(
    r"(?P<who>ich|(?:mein|unser)\w* (?:(?-i:[a-zäöüß]+e[rnms]? (?=[A-ZÄÖÜ])))?[\w-]+|(?:der|die|"
    r"das) (?:(?-i:[a-zäöüß]+e[rnms]? (?=[A-ZÄÖÜ])))?[\w-]+(?: (?:des|der|"
    r"vom|von|meiner|meines) [\w-]+)?)(?P<rest> .+)? (?P<verb>[\wß]+)",
    re.IGNORECASE,
)
_NO_VERBS = word_set("nicht gern gerne sehr auch nur")
_ONES = "null eins zwei drei vier fünf sechs sieben acht neun zehn elf zwölf dreizehn vierzehn fünfzehn sechzehn"
_TENS = "zwanzig dreißig vierzig fünfzig sechzig siebzig achtzig neunzig"
NUMBERS = {word: n for n, word in enumerate(f"{_ONES} siebzehn achtzehn neunzehn".split())}
NUMBERS |= {
    f"{'ein' if one == 'eins' else one}und{ten}" if n else ten: 10 * tens + n
    for tens, ten in enumerate(_TENS.split(), 2)
    for n, one in enumerate(_ONES.split()[:10])
}


def yours(words: str) -> str:
    for pattern, word in _TO_YOU:
        words = pattern.sub(word, words)
    return words


def second(clause: str) -> str:
    """Also of a verb alone; empty where it is one of the strong ones that are not known here."""
    if re.fullmatch(r"[\w-]+", clause):
        return _conjugated(clause.casefold()) or clause
    if match := _I.fullmatch(clause):
        verb = _conjugated(match["verb"].casefold())
        return f"du {verb}{yours(match['rest'] or '')}" if verb else ""
    if re.search(r"\bich\b", clause, re.IGNORECASE):
        return ""
    return yours(clause)


def main(clause: str) -> str:
    """From "dass ich in Bern wohne" to "ich wohne in Bern"; where no subject is seen it is left as it is."""
    that = _THAT.match(clause)
    if that is None:
        return clause
    clause = clause[that.end() :].rstrip(" ,.")
    match = _CLAUSE_OF_MINE.fullmatch(clause)
    if match is None or match["verb"].casefold() in _NO_VERBS:
        return clause
    return " ".join(f"{match['who']} {match['verb']}{match['rest'] or ''}".split())


def _conjugated(verb: str) -> str:
    if verb in _STRONG:
        return _STRONG[verb]
    if not verb.endswith("e") or len(verb) < 4:
        return ""
    root = verb[:-1]
    if root.endswith(("s", "ß", "z", "x")):
        return f"{root}t"
    if re.search(r"[^aeiouäöülrhmn][mn]$", root) or root.endswith(("t", "d")):
        return f"{root}est"
    if re.search(r"[^aeiouäöül]l$", root):
        return f"{root[:-1]}elst"
    return f"{root}st"
