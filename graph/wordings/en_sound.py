"""English: how fast, how loud and how high, and the signals."""

from graph.intent_words import Wording

_VOICE = (
    r"(?:(?:you (?:can|could|may|should)|speak|talk|go|read|(?:say|read)(?: it| that)?|be|make it|a|little|"
    r"bit|much|even|more|"
    r"try|answer|your voice|speaking|talking) )*"
)
_A_BIT = r"(?: (?:a|little|bit|lot|more|again|than that|now))*"
_TURN = r"(?:turn|put|bring) "
_SOUND = r"(?:it|yourself|that|(?:the |your )?(?:volume|sound|voice))"
_TOO = r"(?:too|way too|far too|much too)"
_IT_IS = r"(?:that's |that is |it's |you are |you're |you )?"
_SIGNALS = (
    r"(?:(?:the |your |all |those |any |these )*(?:signals?|signal (?:tones?|sounds?)|beeps?|beeping|earcons?|"
    r"(?:alert |notification )?(?:tones|sounds|chimes|dings)|sound effects|blips))"
)

WORDINGS: tuple[Wording, ...] = (
    (
        "signals",
        "louder",
        (
            rf"louder {_SIGNALS}|(?:turn up|raise) {_SIGNALS}|(?:make |turn )?{_SIGNALS} (?:a (?:bit|little) "
            r")?(?:louder|"
            rf"up)|{_SIGNALS} (?:are|is) {_TOO} (?:quiet|soft|low)|i can't hear {_SIGNALS}"
        ),
    ),
    (
        "signals",
        "quieter",
        (
            rf"(?:quieter|softer) {_SIGNALS}|(?:turn down|lower) {_SIGNALS}|(?:make |turn )?{_SIGNALS} (?:a (?:bit|"
            r"little) )?"
            rf"(?:quieter|softer|down|less loud)|{_SIGNALS} (?:are|is) {_TOO} loud"
        ),
    ),
    (
        "signals",
        "off",
        (
            r"(?:no(?: more)?|without|stop(?: making| playing)?|(?:turn|switch) off|mute|disable|silence|i (?:don't|"
            r"do not) "
            rf"(?:want|need)|(?:don't|do not) (?:play|make|use)) {_SIGNALS}(?: any ?more)?|(?:turn|switch) "
            rf"{_SIGNALS} off|"
            rf"{_SIGNALS} off|(?:don't|do not) beep(?: any ?more)?"
        ),
    ),
    (
        "signals",
        "on",
        (
            rf"(?:turn|switch) on {_SIGNALS}(?: again)?|(?:turn|switch) {_SIGNALS} (?:back )?on(?: again)?|"
            rf"{_SIGNALS} on|"
            rf"(?:i want|use|give me|bring back|enable|normal) {_SIGNALS}(?: (?:again|back))?"
        ),
    ),
    (
        "slower",
        "",
        (
            rf"{_VOICE}(?:slower|slowly|less fast|less quickly){_A_BIT}|slow (?:it )?down{_A_BIT}|"
            rf"slow your speech(?: down)?|{_IT_IS}(?:(?:speaking|talking|going|reading|speak|talk|read) )?{_TOO} "
            r"(?:fast|"
            r"quick|quickly)|(?:not|don't (?:talk|speak|go)) so (?:fast|quick|quickly)|"
            r"(?:reduce|lower|decrease) (?:the |your )?(?:speed|speaking rate|rate)"
        ),
    ),
    (
        "faster",
        "",
        (
            rf"{_VOICE}(?:faster|quicker|quickly|less slowly){_A_BIT}|speed (?:it )?up{_A_BIT}|"
            rf"{_IT_IS}(?:(?:speaking|talking|going|reading|speak|talk|read) )?{_TOO} (?:slow|slowly)|(?:not|don't "
            r"(?:talk|"
            r"speak|go)) so (?:slow|slowly)|(?:increase|raise) (?:the |your )?(?:speed|speaking rate|rate)"
        ),
    ),
    (
        "normal-speed",
        "",
        (
            r"(?:speak|talk|go|go back|read|return)?(?: ?(?:at|to|in|with|back to))?(?: ?(?:a|the|your))? ?(?:normal|"
            r"regular|usual|default|original) (?:speed|pace|rate|speaking rate)|(?:speak|talk) normally|reset "
            r"(?:the |"
            r"your )?(?:speed|rate|pace)"
        ),
    ),
    (
        "louder",
        "",
        (
            rf"{_VOICE}(?:louder|more loudly|loud){_A_BIT}|speak up{_A_BIT}|{_TURN}(?:up {_SOUND}|{_SOUND} up|"
            rf"up){_A_BIT}|"
            rf"volume up|(?:raise|increase) (?:the |your )?(?:volume|voice)|i (?:can't|cannot|can hardly|"
            rf"can barely) hear you(?: well)?|{_IT_IS}(?:speaking |talking )?{_TOO} (?:quiet|quietly|soft|softly)"
        ),
    ),
    (
        "quieter",
        "",
        (
            rf"{_VOICE}(?:quieter|quietly|softer|softly|less loud|less loudly){_A_BIT}|{_TURN}(?:down {_SOUND}|"
            rf"{_SOUND} down|down){_A_BIT}|volume down|"
            r"(?:lower|reduce|decrease) (?:the |your )?(?:volume|voice)|keep (?:it|your voice) down|not so "
            r"loud(?:ly)?|"
            rf"{_IT_IS}(?:speaking |talking )?{_TOO} loud(?:ly)?"
        ),
    ),
    (
        "normal-loudness",
        "",
        (
            r"(?:speak|talk|go back|return)?(?: ?(?:at|to|with|back to))?(?: ?(?:a|the|your))? ?(?:normal|regular|"
            r"usual|default|original) (?:volume|loudness)|reset (?:the |your )?volume"
        ),
    ),
    (
        "higher",
        "",
        (
            rf"{_VOICE}(?:higher|in a higher (?:voice|pitch|tone)){_A_BIT}|(?:raise|increase) (?:the |your "
            r")?(?:voice )?"
            r"pitch(?: a (?:bit|little))?|(?:use |with |give me |have )?(?:an? )?(?:(?:bit|little) )?(?:higher|"
            r"lighter|"
            rf"brighter)(?: pitched)? (?:voice|pitch|tone)|make your voice higher{_A_BIT}|(?:turn (?:the |your "
            r")?)?pitch "
            rf"up|(?:your voice is |you sound |your pitch is ){_TOO} (?:low|deep)"
        ),
    ),
    (
        "lower",
        "",
        (
            rf"{_VOICE}(?:lower|deeper|in a (?:lower|deeper) (?:voice|pitch|tone)){_A_BIT}|(?:lower|reduce|decrease) "
            r"(?:the "
            r"|your )?(?:voice )?pitch(?: a (?:bit|little))?|(?:use |with |give me |have )?(?:a )?(?:(?:bit|little) "
            r")?"
            rf"(?:lower|deeper|darker)(?: pitched)? (?:voice|pitch|tone)|make your voice (?:lower|deeper){_A_BIT}|"
            r"(?:turn "
            rf"(?:the |your )?)?pitch down|(?:your voice is |you sound |your pitch is ){_TOO} high"
        ),
    ),
    (
        "normal-pitch",
        "",
        (
            r"(?:speak|talk|go back|return|go)?(?: ?(?:at|to|with|in|back to))?(?: ?(?:a|the|your))? ?(?:normal|"
            r"regular|"
            r"usual|default|original) (?:pitch|voice)|reset (?:the |your )?pitch"
        ),
    ),
)
