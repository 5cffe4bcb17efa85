"""German: patience, hands-free use, the words somebody uses, and help."""

from graph.intent_words import Wording

_WAKE = r"(?:(?:das |ein |dein |kein |dem |einem )*(?:weckwort|aktivierungswort|wake ?word|aufwachwort))"

WORDINGS: tuple[Wording, ...] = (
    ("patience", "very-patient", r"sei sehr geduldig|(?:gib|lass) mir (?:viel|alle|sehr viel) zeit"),
    ("patience", "unhurried", r"sei gemächlich|ganz gemächlich"),
    (
        "more-patient",
        "",
        (
            r"lass dir zeit|nimm dir zeit|sei (?:ein bisschen |etwas )?geduldig(?:er)?|(?:gib|lass) mir (?:(?:ein "
            r"bisschen|etwas|noch) )?(?:mehr )?zeit|warte? (?:ein bisschen |etwas )?länger|(?:hetz|dräng|"
            r"unterbrich)(?:e)? mich nicht|lass mich (?:ausreden|aussprechen)|fall mir nicht ins wort"
        ),
    ),
    (
        "less-patient",
        "",
        (r"antworte? (?:schneller|früher)|warte? (?:nicht so lange?|weniger lange?|kürzer)|sei weniger geduldig"),
    ),
    (
        "say-over",
        "",
        (
            r"ich sage? (?:over|ende|fertig)(?: wenn ich fertig bin| am ende)?|ich sage?(?: dir| es dir| bescheid)? "
            r"wenn ich fertig bin|warte? bis ich (?:over|ende|fertig) sage"
        ),
    ),
    (
        "normal-waiting",
        "",
        (r"normale geduld|warte? wie (?:sonst|immer|üblich)|ich sage? nicht mehr (?:over|ende|fertig)"),
    ),
    (
        "normal-manner",
        "",
        (r"(?:zurück zum normalen|alles wieder normal|wieder normal|alles (?:wie|auf) (?:vorher|normal|anfang))"),
    ),
    *(
        (
            "wake-word",
            name,
            (
                rf"(?:(?:ändere|stell|mach|nimm|benutze?|verwende?) )?{_WAKE} (?:(?:auf|in|zu|ist|soll|sein) "
                rf")*(?:{said})(?: um| sein)?|(?:nimm|benutze?|verwende?) (?:{said}) als (?:weckwort|"
                r"aktivierungswort)"
            ),
        )
        for name, said in (
            ("okay-nabu", "ok(?:ay)? nabu"),
            ("hey-jarvis", "hey jarvis|jarvis"),
            ("hey-mycroft", "hey mycroft"),
            ("alexa", "alexa"),
            ("hey-rhasspy", "hey rhasspy"),
        )
    ),
    (
        "wake-word",
        "on",
        (
            rf"(?:schalte?|mach) {_WAKE}(?: wieder)? (?:ein|an)|(?:aktiviere|benutze?|verwende?|nutze?) {_WAKE}|mit "
            r"weckwort|(?:weckwort|aktivierungswort) (?:an|ein)|(?:schlafe?|warte?) bis ich dich rufe|"
            r"(?:hör|höre|antworte?)(?: mir)?(?: nur| erst)? (?:wenn ich dich rufe|auf deinen namen)|hör(?:e)?(?: mir)?"
            r"(?: nur| erst)? zu wenn ich dich rufe"
        ),
    ),
    (
        "wake-word",
        "off",
        (
            rf"(?:schalte?|mach) {_WAKE} (?:aus|ab)|(?:deaktiviere) {_WAKE}|(?:kein|ohne) (?:weckwort|"
            r"aktivierungswort)(?: mehr)?|(?:weckwort|aktivierungswort) aus|(?:warte?|schlafe?) nicht(?: mehr)? "
            r"(?:bis ich dich rufe|auf deinen namen)|hör(?:e)?(?: mir)?(?: auch)? ohne (?:deinen )?namen zu"
        ),
    ),
    (
        "which-wake-word",
        "",
        (
            rf"(?:was|wie|welches)(?: ist| heißt| lautet) {_WAKE}|welches (?:weckwort|"
            rf"aktivierungswort)(?: .{{0,30}})?|"
            r"wie (?:wecke?|kann) ich dich(?: auf| wecken| aufwecken)?|auf welche[ns]? (?:namen|wort|wörter) hörst du|"
            r"wie rufe? ich dich"
        ),
    ),
    (
        "hands-free",
        "on",
        (
            r"(?:schalte?|mach) (?:den )?(?:freihändig|freisprech|freihand)(?:modus|en)? (?:ein|an)|(?:freihändig|"
            r"freisprechen|freisprechmodus|freihandmodus)(?: (?:an|ein))?|hör (?:immer|ständig) zu"
        ),
    ),
    (
        "hands-free",
        "off",
        (
            r"(?:schalte?|mach) (?:den )?(?:freihändig|freisprech|freihand)(?:modus|en)? (?:aus|ab)|(?:freihändig|"
            r"freisprechen|freisprechmodus|freihandmodus) aus|hör nicht (?:immer|ständig) zu"
        ),
    ),
    (
        "read-back",
        "off",
        (
            r"(?:wiederhole?|lies) nicht(?: mehr)? was (?:ich sage|du (?:verstehst|verstanden hast|hörst))(?: "
            r"vor)?|hör "
            r"auf zu wiederholen was ich sage|(?:kein|ohne) (?:zurücklesen|vorlesen des verstandenen)"
        ),
    ),
    (
        "read-back",
        "on",
        (
            r"(?:wiederhole?|lies mir vor|sag mir) was du (?:verstehst|hörst)|(?:frag|frage)(?: mich)?(?: nach)? wenn "
            r"du (?:dir )?(?:nicht sicher bist|unsicher bist)|(?:prüfe?|bestätige?) was du (?:verstehst|"
            r"verstanden hast|"
            r"hörst)"
        ),
    ),
    (
        "learn-word",
        "",
        (
            r"(?:füge?|nimm)(?: (?:das wort|den namen))? (?P<about>\S+(?: \S+){0,3}) (?:zu|in) (?:meinen "
            r"wörtern|meinem "
            r"wortschatz|meinem wörterbuch|meine wörter|meinen wortschatz|mein wörterbuch|meine wortliste|meiner "
            r"wortliste)(?: hinzu| auf)?|(?:lerne?|merk dir) (?:das wort|den namen) (?P<more>\S+(?: \S+){0,2})"
        ),
    ),
    (
        "unlearn-word",
        "",
        (
            r"(?:entferne?|lösche?|nimm|streiche?)(?: (?:das wort|den namen))? (?P<about>\S+(?: \S+){0,3}) aus "
            r"(?:meinen wörtern|meinem wortschatz|meinem wörterbuch|meiner wortliste)"
        ),
    ),
    (
        "pronounce",
        "",
        (
            r"(?!(?:das|es|wie|er|sie|dies|was) )(?P<about>\S+(?: \S+){0,2}) (?:wird|spricht man) "
            r"(?!(?:wie|anders|oft|"
            r"falsch)\b)(?:wie )?(?P<how>\S+(?: \S+){0,3}?) (?:ausgesprochen|aus)"
        ),
    ),
    (
        "pronounce",
        "",
        (
            r"sprich (?:das wort |den namen )?(?!(?:es|das|mich) )(?P<about>\S+(?: \S+){0,2}) (?:wie|als) "
            r"(?P<how>\S+(?: \S+){0,3}?) aus"
        ),
    ),
    ("help", "talking", r"hilfe (?:zum|beim) (?:sprechen|reden|buchstabieren)"),
    (
        "help",
        "voice",
        (r"hilfe (?:zur|zu|bei der) (?:stimme|lautstärke|geschwindigkeit)|was kann ich zur stimme sagen"),
    ),
    ("help", "conversations", r"hilfe (?:zu|zu den|bei|mit) gesprächen|was kann ich (?:zu|über) gesprächen? sagen"),
    ("help", "memory", r"hilfe (?:zum|zu deinem|mit dem) gedächtnis"),
    ("help", "listening", r"hilfe (?:zum|beim) (?:zuhören|mikrofon)|hilfe zu (?:den )?sprachen"),
    (
        "help",
        "",
        (
            r"(?:hilfe|hilf mir)|was (?:kann ich|kannst du)(?: alles)? (?:sagen|fragen|tun|machen)|was kann ich dir "
            r"sagen|was kannst du(?: alles)?|(?:welche|was sind die) (?:befehle|kommandos)(?: gibt es| kennst du)?|"
            r"(?:zeig|zeige|nenne?)(?: mir)? (?:die |alle )?(?:befehle|kommandos)|befehle|wie funktionierst du"
        ),
    ),
)
