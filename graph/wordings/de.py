"""German: how somebody wants to be talked with."""

from graph.intent_words import Wording
from graph.wordings import de_errands, de_house, de_memory

OPENING = (
    r"(?:bitte|also|äh+|ähm+|hm+|na|nun|und|ok|okay|gut|ja gut|hey|hallo|oh|ach|nightingale|hör mal|jetzt|danke|mal|"
    r"(?:kannst|könntest|würdest|willst) du(?: bitte| mal| vielleicht)*|(?:können|könnten|würden) sie(?: bitte| "
    r"mal)*|ich "
    r"(?:will|möchte)(?:,)?(?: dass du)?|entschuldigung|verzeihung)"
)
CLOSING = r"(?:bitte|danke(?: schön| sehr)?|mal|jetzt|nightingale|für mich|sofort|okay|ok|doch|doch bitte)"
YES = (
    r"(?:ja|jawohl|jo|klar|okay|ok|gerne?|mach das|mach es|tu das|tu es|sicher|natürlich|genau|richtig|bestätigt?|"
    r"auf jeden "
    r"fall|stimmt|ich bin(?: mir)? sicher)(?: (?:ja|bitte|klar|mach das|mach es|tu das|lösch(?:e)? (?:es|sie|alles)|"
    r"ich bin(?: "
    r"mir)? sicher|gerne?))*"
)
NO = r"(?:nein|nee|nö|nicht|lieber nicht|abbrechen|abbruch|stopp?|warte|auf keinen fall|niemals|behalt)\b.*"

_BISSCHEN = r"(?:(?:ein (?:bisschen|wenig|klein wenig)|etwas|noch|viel|deutlich|mal|bitte) )*"
_SPRICH = r"(?:(?:sprich|sprechen|sprechen sie|rede|reden|red|lies|lesen|mach|mache) )?"
_SIGNALS = (
    r"(?:(?:die |keine |alle |deine )*(?:signale|signaltöne|signaltone|töne|pieptöne|piepser|pieper|hinweistöne))"
)
_ANSWERS = r"(?:antworten|antwort)"

WORDINGS: tuple[Wording, ...] = (
    ("tier", "text", r"nur(?: noch)? (?:text|schriftlich)|ausschließlich text"),
    (
        "tier",
        "stt-only",
        (
            r"(?:sprich|rede|sprechen sie) (?:nicht|nicht mehr)(?: mit mir| laut)?|nicht (?:mehr "
            r")?sprechen|(?:wechsle|"
            r"wechsel|geh|schalte?|umschalten) (?:zu|auf|in den) (?:text|textmodus)(?: um)?|textmodus|(?:antworte?|"
            r"antworten sie)(?: mir)?(?: nur)? schriftlich|(?:schreib|schreibe)(?: mir)? (?:deine |die "
            rf")?{_ANSWERS}(?: "
            r"nur)?"
        ),
    ),
    (
        "tier",
        "full",
        (
            r"(?:sprich|rede) (?:wieder|noch einmal|nochmal)(?: mit mir)?|(?:sprich|rede) mit mir wieder|(?:wechsle|"
            r"wechsel|geh|schalte?)(?: zurück)? (?:zu|zur|auf|in den) (?:sprache|sprachmodus|stimme|sprachausgabe)(?: "
            r"um)?|sprachmodus|(?:sprich|antworte) (?:laut|mit stimme)|du (?:kannst|darfst) wieder (?:sprechen|reden)"
        ),
    ),
    (
        "tier",
        "tts-only",
        (
            r"ich (?:tippe|schreibe)(?: lieber| jetzt)?|lass mich (?:tippen|schreiben)|(?:wechsle|wechsel|umschalten) "
            r"(?:zu|auf) (?:tastatur|tippen)"
        ),
    ),
    (
        "stop",
        "",
        (
            r"(?:stopp?)(?: stopp?)*|halt(?: an)?|hör auf(?: zu (?:reden|sprechen|lesen)| damit)?|aufhören|"
            r"sei (?:still|"
            r"ruhig|leise)|ruhe|still jetzt|schweig(?: still)?|genug(?: jetzt)?|das reicht|es reicht|"
            r"halt den mund|psst"
        ),
    ),
    (
        "wait",
        "",
        (
            r"(?:warte?|warten sie)(?: warte)?(?: (?:kurz|mal|(?:einen|eine|ein) (?:moment|augenblick|sekunde|minute)|"
            r"einen kleinen moment))*|(?:einen )?(?:moment|augenblick)(?: mal)?|(?:eine )?sekunde|pause|gib mir "
            r"(?:einen moment|eine sekunde|eine minute)"
        ),
    ),
    (
        "go-on",
        "",
        (
            r"(?:du (?:kannst|darfst) )?(?:weiter(?:machen|sprechen|reden|lesen)?|mach weiter|mache weiter|sprich "
            r"weiter|rede weiter|red weiter|lies weiter|fahre? fort|fortfahren|weitermachen|"
            r"weitersprechen|weiterreden|"
            r"weiterlesen)(?: (?:wo du (?:aufgehört hast|warst)|mit deiner antwort))?|und weiter"
        ),
    ),
    (
        "repeat",
        "sentence",
        (
            r"(?:wiederhole?|wiederholen|sag|sage|lies)(?: mir)?(?: noch ?mal| noch einmal)? (?:den|deinen) letzten "
            r"satz(?: noch ?mal| noch einmal| vor)?|(?:was war )?der letzte satz"
        ),
    ),
    (
        "repeat",
        "said",
        (
            r"was (?:habe?|hab) ich(?: gerade| eben)? gesagt|(?:wiederhole?|sag mir) was ich gesagt habe|was hast du "
            r"(?:verstanden|gehört)|(?:wiederhole?|lies) meine (?:frage|worte)(?: vor)?"
        ),
    ),
    (
        "repeat",
        "",
        (
            r"(?:das )?(?:bitte )?(?:wiederhole?|wiederholen)(?: (?:das|es|bitte|dich))*(?: noch ?mal| noch "
            r"einmal)?|(?:sag|sage|sagen "
            r"sie)(?: (?:das|es|mir das))? (?:noch ?mal|noch einmal)|noch ?mal|noch einmal|(?:wiederhole?|wiederholen|"
            r"sag) (?:die|deine) (?:letzte )?antwort(?: noch ?mal| noch einmal)?|wie bitte|was hast du(?: gerade| "
            r"eben)? gesagt|das habe? ich nicht (?:verstanden|gehört)|ich habe?(?: das| dich)? nicht (?:verstanden|"
            r"gehört)"
        ),
    ),
    (
        "spell",
        "",
        (
            r"(?:buchstabiere?|buchstabieren)(?: (?:das|es|mir das))?|wie (?:schreibt man|buchstabiert man|"
            r"wird) das(?: "
            r"geschrieben| buchstabiert)?|buchstabe für buchstabe"
        ),
    ),
    (
        "spell",
        "",
        (
            r"(?:buchstabiere?|buchstabieren)(?: mir)?(?: (?:das wort|den namen|das|den))? "
            r"(?P<about>\S+(?: \S+){0,2})|"
            r"wie (?:schreibt|buchstabiert) man(?: (?:das wort|den namen))? (?P<more>\S+(?: \S+){0,2})"
        ),
    ),
    (
        "brief",
        "",
        (
            r"(?:fass|fasse) dich (?:kurz|kürzer)|(?:sei |mach es )?(?:kürzer|kurz|knapp|knapper)|(?:gib mir "
            r")?(?:kurze|"
            rf"kürzere|knappe|knappere) {_ANSWERS}|(?:antworte) (?:kurz|kürzer|knapp)|du redest zu viel|(?:das "
            r"war|deine "
            r"antworten sind) zu lang"
        ),
    ),
    (
        "full",
        "",
        (
            r"(?:sag|sage|erzähl|erzähle)(?: mir)? mehr|(?:sei )?(?:ausführlicher|genauer)|ausführlich|(?:gib mir "
            rf")?(?:mehr details|mehr einzelheiten)|(?:gib mir )?(?:längere|ausführliche|ausführlichere) {_ANSWERS}|"
            r"antworte? (?:ausführlicher|ausführlich|länger)|(?:das war|deine antworten sind) zu kurz"
        ),
    ),
    (
        "normal-length",
        "",
        (rf"(?:normale|normal lange|normallange) {_ANSWERS}|{_ANSWERS} in normaler länge|normale länge"),
    ),
    ("signals", "louder", rf"(?:lautere (?:signale|signaltöne|töne)|(?:mach )?{_SIGNALS} lauter)"),
    ("signals", "quieter", rf"(?:leisere (?:signale|signaltöne|töne)|(?:mach )?{_SIGNALS} leiser)"),
    (
        "signals",
        "off",
        (
            r"(?:keine|ohne) (?:signale|signaltöne|töne|pieptöne|hinweistöne)(?: mehr)?|(?:schalte?|"
            r"mach) (?:die |alle "
            r")?(?:signale|signaltöne|töne|pieptöne|hinweistöne) (?:aus|ab)|(?:signale|signaltöne|töne|"
            r"pieptöne) (?:aus|"
            r"ausschalten)|hör auf zu piepen"
        ),
    ),
    (
        "signals",
        "on",
        (
            r"(?:schalte?|mach) (?:die |alle )?(?:signale|signaltöne|töne|pieptöne|hinweistöne)(?: "
            r"wieder)? (?:ein|an)|"
            r"(?:signale|signaltöne|töne|pieptöne) (?:an|ein|einschalten)|mit (?:signalen|signaltönen)"
        ),
    ),
    (
        "slower",
        "",
        (
            rf"{_SPRICH}{_BISSCHEN}(?:langsamer|langsam)(?: (?:sprechen|reden|lesen))?|(?:nicht so schnell)|(?:du "
            r"(?:sprichst|redest) |das ist )?(?:viel )?zu schnell"
        ),
    ),
    (
        "faster",
        "",
        (
            rf"{_SPRICH}{_BISSCHEN}(?:schneller)(?: (?:sprechen|reden|lesen))?|(?:nicht so langsam)|(?:du (?:sprichst|"
            r"redest) |das ist )?(?:viel )?zu langsam"
        ),
    ),
    (
        "normal-speed",
        "",
        (
            r"(?:(?:sprich|rede|zurück) )?(?:(?:mit|in|zu|zur) )?(?:normaler|normale|normales|normalem|im normalen) "
            r"(?:geschwindigkeit|tempo)|(?:sprich|rede) normal"
        ),
    ),
    (
        "louder",
        "",
        (
            rf"{_SPRICH}{_BISSCHEN}(?:lauter)(?: (?:sprechen|reden|stellen))?|(?:stell|mach|"
            r"dreh)(?:e)? (?:den ton|die "
            r"lautstärke|es|das) (?:lauter|höher|auf)|ich (?:höre|hör|verstehe) dich (?:nicht|schlecht|kaum)|(?:du "
            r"(?:bist|sprichst) )?zu leise"
        ),
    ),
    (
        "quieter",
        "",
        (
            rf"{_SPRICH}{_BISSCHEN}(?:leiser)(?: (?:sprechen|reden|stellen))?|(?:stell|mach|"
            r"dreh)(?:e)? (?:den ton|die "
            r"lautstärke|es|das) (?:leiser|niedriger|runter)|nicht so laut|(?:du (?:bist|sprichst) )?zu laut"
        ),
    ),
    ("normal-loudness", "", r"(?:(?:zurück )?(?:zu|zur|auf|in) )?normale[r]? lautstärke"),
    (
        "higher",
        "",
        (rf"{_SPRICH}{_BISSCHEN}(?:höher|mit (?:höherer|einer höheren) stimme)(?: sprechen)?|(?:eine )?höhere stimme"),
    ),
    (
        "lower",
        "",
        (
            rf"{_SPRICH}{_BISSCHEN}(?:tiefer|mit (?:tieferer|einer tieferen) stimme)(?: sprechen)?|(?:eine )?tiefere "
            r"stimme"
        ),
    ),
    (
        "normal-pitch",
        "",
        (
            r"(?:(?:sprich |rede )?(?:mit|zurück zur|zur|in) )?(?:normale[r]?|deine[r]? normale[n]?) "
            r"(?:stimme|tonhöhe|"
            r"stimmlage)"
        ),
    ),
    *de_house.WORDINGS,
    *de_errands.WORDINGS,
    *de_memory.WORDINGS,
)
