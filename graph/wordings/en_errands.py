"""English: what is asked of the house: conversations, the microphone, what is wrong."""

from graph.intent_words import Wording
from graph.wordings import en_conversations
from graph.wordings.en_conversations import PART

_MIC = r"(?:(?:the |my |your )?(?:microphone|mic))"

WORDINGS: tuple[Wording, ...] = (
    *en_conversations.WORDINGS,
    (
        "undo",
        "",
        (
            r"(?:undo|reverse|revert)(?: (?:that|it|this|the last (?:thing|one|change|command|action)|what (?:you|i) "
            r"(?:just )?did|your last "
            r"(?:action|change)))?|(?:undo|take) (?:that|it|this) back|take back (?:that|what you (?:just )?did)|i "
            r"(?:didn't|did not) mean "
            r"(?:that|it|to do that)|that was a mistake|(?:that's )?not what i (?:meant|wanted)|put (?:it|that) "
            r"back|change (?:it|that) back"
        ),
    ),
    (
        "meant",
        "",
        (
            r"(?:(?:no|sorry|wait|oh|nope|not that|wrong) )+(?:i (?:meant|mean|said|wanted|asked(?: for)?)|what i "
            r"(?:meant|said) was)(?: to "
            r"(?:say|ask))?(?: that)? (?P<about>.+)"
        ),
    ),
    (
        "meant",
        "",
        (
            r"(?:i meant|what i (?:meant|said) was)(?: to (?:say|ask))? (?!(?:to|it|that|what|well|no|every|business|"
            r"nothing|him|her|them|you|"
            r"for|by|the world)\b)(?P<about>.+)"
        ),
    ),
    (
        "mute",
        "",
        (
            rf"mute(?: {_MIC}| me)?|(?:turn|switch) off {_MIC}|(?:turn|switch) {_MIC} off|(?:close|shut|disable|cut) "
            rf"{_MIC}|{_MIC} off|stop "
            r"listening(?: to me| now)*|(?:don't|do not) listen(?: to me| any ?more| now)*"
        ),
    ),
    (
        "sleep",
        "",
        (
            r"(?:go (?:back )?to |fall a)?sleep(?: now| mode)*|(?:go (?:in)?to |enter )?(?:sleep|stand ?by) "
            r"mode|take a "
            r"nap|stand ?by|doze off"
        ),
    ),
    (
        "what-went-wrong",
        "",
        (
            r"what (?:went|has gone|is going|was) wrong(?: there| just now)*|what(?:'s| is) wrong(?: with (?:you|it|"
            r"this))?|what happened(?: there| "
            r"just now)*|why (?:didn't|did|doesn't|isn't|does|wasn't) (?:that|it|this)(?: not)? "
            r"work(?:ing)?|what(?:'s| "
            r"is| was) the (?:problem|error|"
            r"matter|trouble|issue)(?: (?:with you|now|just now))?|is (?:something|anything) (?:wrong|broken|the "
            r"matter)|what failed|why did (?:that|"
            r"it|this) fail|what was that error|why (?:can't|don't|didn't) you (?:hear|speak|answer|understand)(?: "
            r"me)?|what are your problems"
        ),
    ),
    (
        "which-engines",
        "",
        (
            r"(?:which|what) (?:engines?|(?:language |ai )?models?|(?:speech )?recogni[sz]ers?|speech (?:engine|"
            r"recognition)|voice engine|software) "
            r"(?:(?:are|do) you (?:using|use|running|run|have|work with)|(?:is|are) (?:at work|in use|"
            r"active|on|working|"
            r"running|used))(?: now| right "
            r"now| at the moment)*|(?:list|show|tell)(?: me)? (?:the|your) engines|what are you running on|what do "
            r"you run on"
        ),
    ),
    (
        "which-voices",
        "",
        (
            r"(?:which|what)(?: other)? voices (?:do you have|are there|can you (?:use|do|speak with)|"
            r"have you(?: got)?|"
            r"do you know|can i (?:choose|use|"
            r"have|pick)|are available)(?: from)?|(?:list|show|tell|read)(?: me)?(?: all)? (?:the |"
            r"your |of |available "
            r")*voices|which voices|(?:change|"
            r"switch) (?:the |your )?voice|(?:use |try )?(?:another|a different|the next) voice|voices"
        ),
    ),
    (
        "which-voices",
        "",
        (
            r"(?:use|switch to|change to|take|set|choose|select|try|i want|speak with) (?:the |your )?voice(?: "
            r"to)?(?: (?:called|"
            r"named|of))? (?!(?:mode|output|"
            r"on|off|again|answers)\b)(?P<about>\S+(?: \S+){0,4})"
        ),
    ),
    ("which-voices", "", r"(?:change|set) (?:the |your )?voice to (?P<about>\S+(?: \S+){0,2})"),
    (
        "which-voices",
        "",
        (
            r"(?:use|speak (?:with|in)|talk (?:with|in)|switch to|take|try|change to) (?!(?:your|"
            r"my)\b)(?P<about>\S+)'s "
            r"voice"
        ),
    ),
    (
        "which-voices",
        "",
        (
            r"(?:use|switch to|try|take|speak with|change to) the (?!(?:other|next|same|normal|usual|higher|lower|"
            r"deeper|new|old|wake)\b)(?P<about>\S+"
            r"(?: \S+)?) voice"
        ),
    ),
    (
        "next",
        "",
        (
            rf"(?:the )?next(?: {PART})?|(?:go|read|move|skip|show)(?: on)?(?: me)?(?: to)? (?:the )?(?:next|"
            rf"following)(?: {PART})?|(?:read )?more|"
            r"skip(?: (?:it|that|this(?: one)?|ahead))?|what(?:'s| is) next|and next"
        ),
    ),
    (
        "previous",
        "",
        (
            rf"(?:the )?previous(?: {PART})?|(?:go|read|move|skip|show)(?: back)?(?: me)?(?: to)? "
            r"(?:the )?previous(?: "
            rf"{PART})?|(?:the )?one "
            r"before(?: that)?|(?:go )?back(?: (?:one|a page|a step|up))?|go back|one back|(?:the )?last one"
        ),
    ),
)
