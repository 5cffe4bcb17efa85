"""German: what is asked of the house: conversations, the microphone, what is wrong."""

from graph.intent_words import Wording

_ONE = r"(?:gespräch|unterhaltung|unterhaltungen|chat|konversation)"
_MANY = r"(?:gespräche[n]?|unterhaltungen|chats|konversationen|verlauf)"
_OUR = (
    r"(?:(?:das|die|den|dem|der|mein|meine|meinen|meiner|unser|unsere|unseren|unserem|unserer|diese|dieses|zum|zur|"
    r"alle|allen|ein|eine) )*"
)
_ABOUT = r"(?:über|namens|mit dem (?:namen|titel)|zum thema|von|vom|in dem wir über|zu)"
_MIC = r"(?:(?:das |mein |dein )?(?:mikrofon|mikrophon|mikro))"
_LOESCH = r"(?:lösche?|löschen|entferne?|entfernen|vernichte)"
_LIES = r"(?:lies|lese|lesen)(?: sie)?(?: mir| uns)?"
_ENDS = r"(?: (?:vor|laut vor|laut|noch einmal vor|nochmal vor|vorlesen))?"

WORDINGS: tuple[Wording, ...] = (
    (
        "new-conversation",
        "",
        (
            r"(?:(?:beginne?|starte?|fang|öffne|mach|lass uns|beginnen wir|anfangen) )?(?:ein |eine |mit )*(?:neues?|"
            rf"neuer) {_ONE}(?: an| anfangen| beginnen| starten)?|(?:fangen wir|lass uns) (?:von vorne|"
            r"noch einmal von "
            r"vorne|neu) an(?:fangen)?|von vorne|neues thema"
        ),
    ),
    *(
        (
            "open-conversation",
            number,
            (
                r"(?:(?:öffne|nimm|wähle?|geh zu|ich nehme|ich will|zeig mir) )?(?:das|die|den|der|zum|zur) "
                rf"{word}(?: {_ONE}| ergebnis)?|(?:öffne |nimm |wähle? )?nummer {count}"
            ),
        )
        for number, word, count in (
            ("#1", "erste[ns]?", "eins"),
            ("#2", "zweite[ns]?", "zwei"),
            ("#3", "dritte[ns]?", "drei"),
            ("#4", "vierte[ns]?", "vier"),
            ("#5", "fünfte[ns]?", "fünf"),
        )
    ),
    (
        "delete-conversation",
        "#-1",
        (
            rf"{_LOESCH} (?:das|mein|unser|die|meine|unsere) (?:letztes?|vorheriges?) {_ONE}|(?:das|die) (?:letzte|"
            rf"vorherige) {_ONE} löschen"
        ),
    ),
    (
        "delete-conversation",
        "",
        (rf"{_LOESCH} (?:dieses|diese|das|den|diesen|die|unser) {_ONE}|(?:dieses|diese|das|diesen|die) {_ONE} löschen"),
    ),
    ("delete-conversation", "", rf"{_LOESCH} {_OUR}{_ONE} {_ABOUT} (?P<about>.+)"),
    (
        "which-conversation",
        "",
        (
            rf"(?:welches|welche|welcher|in welchem|in welcher) {_ONE} (?:ist (?:das|dies)|bin ich|sind wir|läuft)(?: "
            rf"hier| gerade)?|wie heißt (?:dieses|diese|das|unser) {_ONE}|wo (?:bin ich|sind wir)"
        ),
    ),
    ("read-conversation", "", rf"{_LIES} (?:das|mein|unser|die|meine|unsere) (?:letztes?|vorheriges?) {_ONE}{_ENDS}"),
    ("read-conversation", "#0", rf"{_LIES} (?:dieses|diese|das|unser) {_ONE}{_ENDS}"),
    ("read-conversation", "", rf"{_LIES} {_OUR}{_ONE} {_ABOUT} (?P<about>.+?)(?: vor)?"),
    (
        "search-conversations",
        "",
        (
            rf"(?:suche?|such|finde?|durchsuche?|schau|suchen)(?: mal)? (?:in )?{_OUR}{_MANY} nach (?P<about>.+)|"
            rf"(?:suche?|such|finde?|suchen)(?: nach)? (?P<more>.+?) in {_OUR}{_MANY}"
        ),
    ),
    (
        "search-conversations",
        "",
        (
            rf"(?:suche?|such|finde?|zeig|zeige)(?: mir)? {_OUR}(?:{_ONE}|{_MANY}) (?:über|zum thema|mit|zu) "
            r"(?P<about>.+)|wann haben wir (?:zuletzt )?über (?P<more>.+?) (?:gesprochen|geredet)"
        ),
    ),
    (
        "search-conversations",
        "",
        (
            rf"(?:zeig|zeige|liste?|nenne?)(?: mir)? (?:alle )?(?:meine|unsere|die) {_MANY}(?: auf)?|welche {_MANY} "
            r"(?:gibt es|habe ich)"
        ),
    ),
    (
        "open-conversation",
        "",
        (
            rf"(?:öffne|geh|gehe|zurück|wechsle|wechsel|lade)(?: zurück)?(?: in| zu)? ?{_OUR}(?:letzten?s?|"
            r"vorherigen?s?|"
            rf"früheren?s?) {_ONE}(?: zurück)?"
        ),
    ),
    (
        "open-conversation",
        "",
        (
            r"(?:öffne|geh|gehe|zurück|wechsle|wechsel|lade|zeig)(?: zurück| mir)?(?: in| zu)? "
            rf"?{_OUR}{_ONE} {_ABOUT} "
            r"(?P<about>.+?)(?: zurück| gesprochen haben)?"
        ),
    ),
    (
        "rename-conversation",
        "",
        (
            rf"(?:nenne?|benenne?|bezeichne) (?:dieses|diese|das|unser|die) {_ONE}(?: um)?(?: in| zu)? "
            r"(?P<about>.+?)(?: "
            r"um)?"
        ),
    ),
    (
        "rename-conversation",
        "",
        (rf"(?:benenne?) (?:dieses|diese|das) {_ONE} um|(?:dieses|diese|das) {_ONE} umbenennen"),
    ),
    (
        "undo",
        "",
        (
            r"(?:mach(?:e)?|nimm) (?:das|es) (?:rückgängig|zurück|wieder rückgängig)|rückgängig(?: "
            r"machen)?|widerrufen|"
            r"zurücknehmen|das war (?:ein fehler|nicht gemeint|falsch)|das wollte ich nicht"
        ),
    ),
    (
        "meant",
        "",
        (
            r"(?:(?:nein|entschuldigung|sorry|falsch|ach) )+(?:ich (?:meinte|habe?|meine)|gemeint war)(?: gesagt)?(?: "
            r"dass)? (?P<about>.+?)(?: gesagt| gemeint)?|ich meinte (?P<more>.+)"
        ),
    ),
    (
        "mute",
        "",
        (
            rf"(?:schalte?|mach|dreh) {_MIC}(?: stumm| aus| ab)|{_MIC} (?:aus|stumm|ausschalten)|stumm(?: schalten)?|"
            r"(?:hör|höre) (?:mir )?(?:nicht mehr zu|auf zuzuhören|auf zu hören)|nicht mehr zuhören"
        ),
    ),
    (
        "sleep",
        "",
        (
            r"schlaf(?:e|en)?(?: ein| jetzt)?|geh (?:schlafen|in den ruhezustand|in den schlafmodus)|(?:ruhezustand|"
            r"schlafmodus|standby)"
        ),
    ),
    (
        "what-went-wrong",
        "",
        (
            r"was (?:ist|war|lief|läuft|ging|geht) (?:schief ?gelaufen|schief ?gegangen|schief|falsch|"
            r"los|passiert|das "
            r"problem|kaputt)(?: gelaufen| gegangen)?|(?:wo ist|was ist) (?:das problem|der fehler)|warum (?:hat|ging|"
            r"geht|funktioniert) (?:das|es) nicht(?: (?:funktioniert|geklappt))?|gibt es ein problem"
        ),
    ),
    (
        "which-engines",
        "",
        (
            r"(?:welche|welches|was für) (?:engines?|modelle?|sprachmodelle?|spracherkennung|motoren|software|"
            r"systeme?) "
            r"(?:benutzt|nutzt|verwendest|hast) du|welche (?:engines|modelle|systeme) (?:laufen|sind (?:aktiv|in "
            r"betrieb))|(?:zeig|nenne?)(?: mir)? (?:die|deine) (?:engines|modelle)"
        ),
    ),
    (
        "which-voices",
        "",
        (
            r"(?:welche|was für) stimmen (?:hast du|gibt es|kannst du|kennst du|sind (?:da|verfügbar))|(?:zeig|nenne?|"
            r"liste?)(?: mir)? (?:die|deine|alle) stimmen(?: auf)?|(?:andere|eine andere) stimme|(?:wechsle|wechsel|"
            r"ändere?) (?:die|deine) stimme"
        ),
    ),
    (
        "which-voices",
        "",
        (
            r"(?:nimm|benutze?|verwende?|wähle?|wechsle zu|wechsel zu|sprich mit) (?:die|der) stimme (?:von |namens "
            r")?(?P<about>\S+(?: \S+)?)"
        ),
    ),
    (
        "next",
        "",
        (
            r"(?:das |die |der |den )?(?:nächste[rsn]?|nächstes)(?: (?:ergebnis|seite|teil|bitte))?|(?:geh|"
            r"lies) (?:zum|"
            r"zur) nächsten|mehr|überspring(?:en|e)?(?: das)?"
        ),
    ),
    (
        "previous",
        "",
        (
            r"(?:das |die |der |den )?(?:vorherige[rsn]?|vorige[rsn]?)(?: (?:ergebnis|seite|teil))?|(?:geh|geh(?:e)?) "
            r"(?:zum|zur) (?:vorherigen|vorigen)|zurück|geh zurück|eins zurück|das davor"
        ),
    ),
)
