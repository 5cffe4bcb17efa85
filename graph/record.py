"""What the user wants of the record itself: to be left off it, or to know what stands on it since when."""

import re

from graph.dates import names_a_day
from graph.words import straight

ENDS = 500
"""Characters: where in what is said such a wish stands."""

_WHY = re.compile(
    r"(?:and |so )?(?:(?:(?:why|how) (?:do|did|come|would) you (?:know|remember|learn|find out|hear)|how come you "
    r"know|who told you|when did i (?:tell|say to) you|when did i (?:say|mention)|where did you (?:get|hear|"
    r"learn))(?: that| of| about| from)* (?P<what>(?:my|i|i'm|i've|where i|what i|who i|when i|how old i|that i|"
    r"about my|our)\b.*))"
)
_TOLD_WHEN = re.compile(
    r"(?:what|which things|everything) (?:did|have) i (?:tell|told|say|said|mention|mentioned|talk|talked)(?: to| "
    r"about| with)*(?: you)?(?: (?:about|of|on) (?P<about>.+?))?(?: (?P<when>(?:on |in |last |this |yesterday|today|"
    r"the day|two|three|four|a (?:week|month|year)|\w+ (?:days|weeks|months|years) ago).*))|what did we (?:talk|"
    r"speak) about (?P<we>.+)"
)
_ASIDE = re.compile(
    r"^\W*(?:(?:but |and |so |please |this is |keep this |what i say (?:now )?is )*(?:off the record|(?:just "
    r")?between (?:you and me|us|ourselves)|in confidence|(?:don't|do not|never) (?:remember|note|keep|save|store|"
    r"write(?: down)?|memori[sz]e) (?:this|that|any of this|what i say (?:now|next)|what i(?:'m| am) (?:about|going) "
    r"to (?:say|tell you))(?: down)?)(?:\s*[,:;.-]\s*|\s+but\s+|\s+)(?!because\b|wrong|of\b|is\b)\S)|(?:[,.;:!-]|"
    r"\bbut|\band|\bso|\bplease)\s*(?:please )?(?:(?:don't|do not) (?:remember|note|keep|save|store|write(?: down)?|"
    r"memori[sz]e) (?:this|that|any of (?:this|that|it)|what i (?:just )?said|it)(?: down)?(?: please| ok(?:ay)?)?|"
    r"forget (?:that )?i (?:just )?(?:said|told you) (?:that|this|it|so)|(?:that|this)(?:'s| is| was| stays) (?:off "
    r"the record|between (?:us|you and me))|keep (?:that|this|it) (?:to yourself|between us|off the record)|(?:that "
    r")?you (?:didn't|"
    r"never) hear(?:d)? (?:that|this|it) from me|off the record)\W*$",
    re.IGNORECASE,
)
_ASIDE_ABROAD = re.compile(
    r"^\W*(?:(?:aber |und |also |bitte |das (?:ist|bleibt) )*(?:(?:ganz )?unter uns(?: gesagt)?|"
    r"im vertrauen(?: gesagt)?|"
    r"merke? dir (?:das|dies) (?:bitte )?nicht|(?:mais |et |alors |ceci reste |ça reste )*(?:entre nous|"
    r"en confidence)|(?:ne )?"
    r"(?:note|retiens) pas (?:ça|ceci|cela)|(?:pero |y |esto queda |que quede )*(?:entre nosotros|en confianza)|"
    r"no (?:apuntes|"
    r"guardes|recuerdes) esto))(?:\s*[,:;.-]\s*|\s+)\S|(?:[,.;:!-]|\baber|\bund|\bmais|\bet|\bpero|"
    r"\by)\s*(?:(?:bitte )?merke? "
    r"dir (?:das|dies)(?: bitte)? nicht|(?:das|dies|aber das|es) (?:bleibt|ist) unter uns|behalte? (?:das|"
    r"es) für dich|(?:s'il te "
    r"plaît )?(?:ne )?(?:note|retiens|garde) pas (?:ça|cela)|(?:ça|cela|ceci) reste entre nous|garde (?:ça|"
    r"cela) pour toi|no (?:"
    r"apuntes|guardes|recuerdes) (?:eso|esto)|(?:eso|esto)? ?(?:queda|que quede) entre nosotros|guárdatelo)\W*$",
    re.IGNORECASE,
)


def is_aside(text: str) -> bool:
    """Does the user ask that nothing of this turn be noted?"""
    ends = straight(text if len(text) <= 2 * ENDS else f"{text[:ENDS]} … {text[-ENDS:]}")
    return _ASIDE.search(ends) is not None or _ASIDE_ABROAD.search(ends) is not None


def told_how(said: str) -> str:
    """What of themselves the user asks how we know it: "where I live"."""
    match = _WHY.fullmatch(said)
    return match["what"] if match else ""


def told_when(request: str) -> str:
    """What the user asks to have told us at some time, as `about|when`: "my sister|last week"."""
    match = _TOLD_WHEN.fullmatch(request)
    when = (match["when"] or match["we"] or "") if match else ""
    return f"{match['about'] or ''}|{when}" if match and names_a_day(when) else ""
