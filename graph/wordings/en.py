"""English: how somebody wants to be talked with."""

from graph.intent_words import Wording
from graph.wordings import en_sound

_MOMENT = r"(?:moment|minute|second|sec|bit|mo)"
_FROM_NOW = r"(?: (?:from now on|in general|in future|only|always|now|again))*"
_ANSWERS = r"(?:answers?|replies|reply|responses?)"

WORDINGS: tuple[Wording, ...] = (
    (
        "tier",
        "text",
        (
            r"(?:(?:switch|change) to )?text only(?: mode)?|no voice at all|keyboard and screen only|i(?:'ll| will) "
            r"(?:type "
            r"and read|read and type)"
        ),
    ),
    (
        "tier",
        "stt-only",
        (
            r"(?:don't|do not) (?:speak|talk)(?: to me| aloud| out loud| any ?more)*|(?:stop|don't) (?:speak|"
            r"talk)(?:ing)?"
            r"(?: to me)?(?: and)? (?:just|only) (?:write|show).{0,20}|(?:switch|change|go)(?: over)? to (?:text|"
            r"writing|"
            rf"written {_ANSWERS}|text mode)|(?:answer|reply|respond)(?: me)?(?: only)? (?:in (?:text|writing)|with "
            rf"text|silently)(?: only)?|(?:text|written|silent)(?: only)? (?:{_ANSWERS}|mode)|(?:just |only "
            r")?(?:write|"
            rf"show)(?: me)? (?:your|the) {_ANSWERS}(?: only)?|no (?:voice|spoken|speech) (?:output|{_ANSWERS})"
        ),
    ),
    (
        "tier",
        "full",
        (
            r"(?:switch|change|go)(?: back)?(?: over)? to (?:voice|speech|speaking|talking|spoken answers|sound)(?: "
            r"mode)?|(?:speak|talk)(?: to me)? again|(?:you (?:can|may)|start) (?:speak|talk)(?:ing)?(?: to me)?(?: "
            rf"again)?|(?:speak|read)(?: me)? (?:your|the) {_ANSWERS}(?: aloud| out loud| again)*|voice (?:mode|on|"
            rf"{_ANSWERS})|(?:speak|answer) (?:aloud|out loud|with your voice|by voice)|i want to hear you(?: again)?"
        ),
    ),
    (
        "tier",
        "tts-only",
        (
            r"(?:i'll|i will|i want to|i'd rather|i would rather|i prefer to|let me|i'm going to) type(?: instead| "
            r"from "
            r"now on| my questions)*|(?:switch|go|change)(?: over)? to typing|typing mode"
        ),
    ),
    (
        "stop",
        "",
        (
            r"stop(?: stop)*(?: (?:it|that|there|talking|speaking|reading|now|answering|right there))*|(?:be |keep |"
            r"stay )?(?:quiet|silent)|shut up|hush|shush|sh+|silence|(?:that's |that is )?enough(?: now| of that)*|"
            r"that'll do|that will do|no more"
        ),
    ),
    (
        "wait",
        "",
        (
            rf"(?:(?:wait|hold on|hang on|hold it|pause)(?: (?:wait|there|up))*(?: (?:a|one|just a|for a|just one) "
            rf"{_MOMENT})?)|(?:just |wait )?(?:a|one) {_MOMENT}|(?:give me|i need) (?:a|one|just a|another) "
            rf"{_MOMENT}|bear "
            r"with me(?: for a (?:moment|minute|second))?"
        ),
    ),
    (
        "go-on",
        "",
        (
            r"(?:you (?:can|may) )?(?:go on|go ahead|continue|carry on|keep (?:going|talking|reading|speaking)|"
            r"resume|"
            r"proceed|finish (?:that|your (?:answer|sentence)|what you were saying))(?: (?:then|now|talking|speaking|"
            r"reading|with (?:that|it|your answer|what you were saying)|(?:from )?where you (?:left off|stopped|"
            r"were)|"
            r"from there))*|i'm back|(?:and )?then what|what were you going to say"
        ),
    ),
    (
        "repeat",
        "sentence",
        (
            r"(?:repeat|say|read|tell me|give me|what was|what were)(?: me)?(?: again)? (?:the |your |that )?(?:last|"
            r"previous) (?:sentence|bit|line|few words|words?)(?: again| once more| you said)*"
        ),
    ),
    (
        "repeat",
        "said",
        (
            r"(?:(?:repeat|say|tell me|read)(?: me)?(?: back)? )?what (?:did i|i|have i)(?: just)? (?:say|said|"
            r"ask(?:ed)?)"
            r"(?: you)?(?: again| just now| last)*|(?:repeat|read)(?: me)?(?: back)? my (?:last )?(?:question|words|"
            r"sentence|message)|what was my (?:last )?(?:question|message)|what did you (?:hear|understand|think i "
            r"said)"
        ),
    ),
    (
        "repeat",
        "",
        (
            r"(?:repeat|say)(?: (?:that|it|this|yourself|what you(?: just)? said))(?: (?:again|once more|"
            r"one more time))?|repeat(?: again)?|(?:repeat|say|read)(?: me)? (?:the |your )?(?:last|"
            r"previous) (?:answer|thing|one|part|reply|message)(?: again)?|repeat (?:the |your )?(?:answer|reply|"
            r"message)|"
            r"(?:say|tell me|come)(?: that| it)? again|(?:and )?(?:once|one more time|once more) (?:again|more)|"
            r"once more|"
            r"again|one more time|pardon(?: me)?|"
            r"what did you(?: just)? say|what was (?:that|your (?:last )?answer)(?: again)?|sorry what(?: was that| "
            r"did "
            r"you say)?|what were you saying|(?:sorry )?i (?:didn't|did not|couldn't|could not) (?:hear|catch|get|"
            r"understand) (?:that|you|it|what you said)(?: again)?|come again|say again"
        ),
    ),
    (
        "spell",
        "",
        (
            r"spell (?:that|it|this)(?: out)?(?: again| slowly| letter by letter| word)*|how (?:do you|is|would you|"
            r"do i|"
            r"does one) (?:spell|write) (?:that|it|this)|how is (?:that|it|this) (?:spelled|spelt|written)|letter by "
            r"letter|what(?:'s| is) the spelling(?: of that)?"
        ),
    ),
    (
        "spell",
        "",
        (
            r"(?:spell|how (?:do you|would you|do i|should i|does one|do we) spell|what(?:'s| is) the spelling "
            r"of)(?: out)?"
            r"(?: (?:the|my) (?:words?|names?))? (?!(?:is|are|was|of|check|checker|out|my|your|the|a|an|as|and) )"
            r"(?P<about>\S+(?: \S+){0,2})"
        ),
    ),
    ("spell", "", r"how is (?:the (?:word|name) )?(?P<about>\S+(?: \S+)?) (?:spelled|spelt)"),
    (
        "brief",
        "",
        (
            rf"(?:be|keep (?:it|that|them|your {_ANSWERS})|make it|answer(?: me)?|reply)(?: (?:a|bit|little|more|"
            r"very))* "
            rf"(?:brief|briefer|short|shorter|concise|briefly|shortly|to the point){_FROM_NOW}|shorter|briefly|brief|"
            rf"(?:give me |use |i want |i prefer )?(?:shorter|short|brief|briefer|concise) {_ANSWERS}{_FROM_NOW}|"
            r"(?:don't|"
            rf"do not) (?:talk|say|ramble) so much|you (?:talk|say) too much|(?:your {_ANSWERS} are |that was |"
            r"that's )too "
            rf"(?:long|wordy)|get to the point|less detail{_FROM_NOW}"
        ),
    ),
    (
        "full",
        "",
        (
            rf"say more{_FROM_NOW}|(?:give me )?more details?{_FROM_NOW}|be (?:a (?:bit|little) )?(?:more "
            r")?(?:detailed|"
            rf"thorough){_FROM_NOW}|(?:give me |use |i want |i prefer )?(?:longer|more detailed|fuller|detailed|"
            r"full) "
            rf"{_ANSWERS}{_FROM_NOW}|(?:answer|explain|tell me)(?: me)? (?:at length|in full|more fully|in (?:more |"
            r"full )?"
            rf"detail){_FROM_NOW}|in more detail{_FROM_NOW}|go into (?:more )?detail{_FROM_NOW}|(?:don't|do not) be "
            r"so "
            rf"(?:brief|short)|(?:your {_ANSWERS} are |that was |that's )too (?:short|brief)"
        ),
    ),
    (
        "normal-length",
        "",
        (
            rf"(?:give me |back to )?(?:answers of )?(?:normal|usual|regular|medium|standard)(?: length)? {_ANSWERS}|"
            rf"(?:give me |back to )?{_ANSWERS} of (?:normal|usual|regular|medium) length|(?:answer (?:at |with "
            r")?(?:the )?|"
            r"back to (?:the )?)?(?:normal|usual|regular) length"
        ),
    ),
    *en_sound.WORDINGS,
    ("normal-manner", "", r"(?:go |come )?back to normal|(?:be|everything) (?:back to )?normal again"),
    ("nevermind", "", r"never ?mind|forget (?:it|about it)|no matter|it doesn't matter|leave it"),
)

YES = (
    r"(?:oh |well )?(?:yes|yeah|yep|yup|yea|sure|okay|ok|do it|go ahead|please do|i am sure|i'm sure|i am|"
    r"confirm(?:ed)?|of course|absolutely|certainly|definitely|correct|right|that's right|affirmative)(?: (?:yes|"
    r"please|sure|do|do it|do that|i am|i'm sure|i am sure|go ahead|forget everything|forget it all|everything|"
    r"erase everything|delete everything|delete it|that's right|nightingale))*"
)
NO = (
    r"(?:oh |well )?(?:no|nope|nah|never|don't|do not|cancel|wait|not (?:really|now|yet)|never ?mind|negative|"
    r"keep (?:it|them|everything))\b.*"
)
