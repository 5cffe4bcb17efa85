"""German: what is asked of memory and of the clock, and what is said out of courtesy."""

from graph.intent_words import Wording

WORDINGS: tuple[Wording, ...] = (
    (
        "off-record",
        "",
        (
            r"(?:merk|merke) dir (?:nichts|ab jetzt nichts|nichts mehr)(?: von dem was ich sage)?|(?:notiere?|"
            r"speichere?) (?:nichts|nichts mehr)|unter uns|hör auf (?:dir )?(?:notizen zu machen|sachen zu merken|"
            r"mitzuschreiben)|privater modus|ohne protokoll"
        ),
    ),
    (
        "on-record",
        "",
        (
            r"(?:du (?:kannst|darfst) )?(?:dir )?wieder (?:notizen machen|mitschreiben|etwas merken)|(?:merk|"
            r"merke) dir "
            r"wieder (?:alles|etwas|was ich sage)|(?:schreib|schreibe) wieder mit"
        ),
    ),
    (
        "forget-last",
        "",
        (r"vergiss (?:das|was ich (?:gerade |eben )?gesagt habe)(?: wieder)?|(?:merk|merke) dir das nicht"),
    ),
    (
        "forget-everything",
        "",
        (
            r"(?:vergiss|lösche?) alles(?: (?:über mich|was du (?:über mich|von mir) weißt))?|lösche? alle (?:meine "
            r")?erinnerungen"
        ),
    ),
    (
        "recall-everything",
        "",
        (r"was weißt du(?: alles)? (?:über|von) mich?r?|(?:sag|erzähl) mir was du über mich weißt"),
    ),
    (
        "why",
        "",
        (
            r"(?:woher|wieso|warum|wie) (?:weißt|kennst) du das|wer hat dir das (?:gesagt|erzählt)|habe? ich dir das "
            r"(?:gesagt|erzählt)"
        ),
    ),
    (
        "time",
        "",
        (
            r"(?:wie spät ist es|wie viel uhr ist es|wieviel uhr ist es|wie spät|uhrzeit|sag mir (?:die uhrzeit|wie "
            r"spät es ist))(?: gerade)?"
        ),
    ),
    (
        "date",
        "",
        (
            r"(?:welcher tag ist(?: heute| es)?|welches datum (?:haben wir|ist)(?: heute)?|der "
            r"wievielte ist heute|den "
            r"wievielten haben wir(?: heute)?|was ist heute für ein tag|datum)(?: heute)?"
        ),
    ),
    ("nevermind", "", r"(?:egal|vergiss es|macht nichts|schon gut|lass (?:es|gut sein)|nicht so wichtig)"),
    (
        "greeting",
        "",
        (
            r"(?:hallo|guten (?:morgen|tag|abend)|servus|moin|grüß dich|grüß gott|hi)(?: (?:nightingale|du))*(?: wie "
            r"geht(?:'s| es dir))?|wie geht(?:'s| es dir)"
        ),
    ),
    ("thanks", "", r"(?:danke|vielen dank|herzlichen dank)(?: (?:schön|sehr|dir|nightingale))*"),
    ("goodbye", "", r"(?:tschüss|auf wiedersehen|bis (?:bald|später|morgen|dann)|gute nacht|ciao)(?: nightingale)?"),
)
