"""English: patience, hands-free use, the words somebody uses, languages, and help."""

from graph.intent_words import Wording

_TO_ANSWER = r" before (?:you )?(?:answer|answering|reply|replying)(?: me)?"
_WHEN_DONE = r" (?:when|once|as soon as) (?:i'm|i am|i have|i've) (?:done|finished|ready)"
_ON = r"(?:turn|switch)"
_WAKE = r"(?:the |a |an |your |my )?wake ?word"
_CALLED = (
    r"(?:i call(?:ed)? (?:you|your name)(?: by (?:your )?name)?|(?:i say|you hear) your name|you(?:'re| are) called)"
)
_BACK = r"(?: from now on| again| with me| now| instead| please)*"
_SPEAK = (
    r"(?:(?:let's |we |you )?(?:(?:speak|talk|answer|reply|respond|continue|use|switch|change|go)(?: with me| to me|"
    r" me|"
    r" back| the language)*(?: in| to| into)? |in |the language is |my language is ))"
)
_WORD = r"(?:the )?(?:word|name|term|words|names)"
_MY_WORDS = r"(?:my|the|your) (?:(?:personal |own )?(?:words|vocabulary|dictionary)|word list|list of words)"

WORDINGS: tuple[Wording, ...] = (
    (
        "patience",
        "very-patient",
        (
            r"(?:be )?very patient(?: with me)?|be as patient as (?:you can|possible)|(?:give|leave) "
            rf"me (?:lots of|plenty of|a lot of|all the) time(?:{_TO_ANSWER})?"
        ),
    ),
    ("patience", "unhurried", r"(?:be )?unhurried(?: with me)?"),
    (
        "patience",
        "brisk",
        (
            r"(?:be )?brisk|(?:answer|reply)(?: me)? (?:right away|immediately|at once|as (?:soon|quickly|fast) as "
            r"(?:you can|"
            r"possible|i stop))"
        ),
    ),
    (
        "more-patient",
        "",
        (
            rf"take your time|give me (?:a (?:bit|little) )?more time(?:{_TO_ANSWER})?|"
            r"be (?:a (?:bit|little) )?(?:more )?patient(?: with me)?|more patience|(?:don't|do not) (?:rush|hurry) "
            r"me|"
            rf"(?:don't|do not) (?:cut me off|answer so soon)|wait (?:a (?:bit|little) )?longer(?:{_TO_ANSWER})?|let "
            r"me "
            r"finish|(?:stop|don't) interrupt(?:ing)? me|you (?:keep )?(?:cut|cutting) me off"
        ),
    ),
    (
        "less-patient",
        "",
        (
            rf"be less patient(?: with me)?|less patience|wait less(?: long)?(?:{_TO_ANSWER})?|"
            rf"(?:don't|do not) wait (?:so|that) long(?:{_TO_ANSWER})?|(?:answer|reply|respond)(?: me)? sooner"
        ),
    ),
    (
        "say-over",
        "",
        (
            rf"(?:i'll|i will|i'm going to|i) say over(?: at the end|{_WHEN_DONE})?|wait (?:until|till) i say over|"
            rf"wait for (?:the word over|me to say over)(?:{_WHEN_DONE})?|(?:answer|reply)(?: only)? "
            rf"(?:when|once|after) i say over|i(?:'ll| will)? (?:say|tell you){_WHEN_DONE}"
        ),
    ),
    (
        "normal-waiting",
        "",
        (
            r"(?:i won't|i will not|i don't want to) say over(?: any ?more)?|(?:don't|do not) wait for (?:me to say |"
            r"the word )?over(?: any ?more)?|(?:normal|usual|standard) patience|wait as (?:long as )?usual|"
            r"answer by yourself"
        ),
    ),
    *(
        (
            "wake-word",
            name,
            (
                rf"(?:(?:change|set|switch|make) )?{_WAKE}(?: to| is| should be)? (?:{said})|(?:use|"
                r"wake (?:up )?(?:to|"
                r"on|at)|"
                rf"(?:only )?listen (?:for|to)|react to)(?: (?:the )?(?:wake ?)?word)? (?:{said})|your name is "
                rf"(?:{said})"
            ),
        )
        for name, said in (
            ("okay-nabu", "ok(?:ay)? nabu|nabu"),
            ("hey-jarvis", "(?:(?:hey|hay|the) )?jarvis"),
            ("hey-mycroft", "hey mycroft|mycroft"),
            ("alexa", "alexa"),
            ("hey-rhasspy", "hey rhasspy|rhasspy"),
        )
    ),
    (
        "wake-word",
        "on",
        (
            rf"{_ON} on {_WAKE}|{_ON} {_WAKE} (?:back )?on|{_WAKE} on|(?:use|enable|i want|activate) {_WAKE}|(?:only "
            r")?listen "
            rf"(?:only )?(?:for|to) {_WAKE}|wait for {_WAKE}|(?:only )?(?:answer|listen|react) (?:only )?(?:after|to|"
            rf"on) {_WAKE}|(?:sleep|stay asleep|wait|(?:don't|do not) (?:listen|answer)) "
            rf"(?:until|till|unless) {_CALLED}|"
            rf"(?:only )?(?:answer|listen|react|wake(?: up)?)(?: to me)?(?: only)? (?:when|once|after|if) {_CALLED}|"
            r"(?:only )?(?:listen|wait)(?: only)? for your name|"
            r"(?:only )?(?:answer|listen|react)(?: only)? to your name"
        ),
    ),
    (
        "wake-word",
        "off",
        (
            rf"{_ON} off {_WAKE}|{_ON} {_WAKE} off|{_WAKE} off|(?:no|disable|stop using|without|remove|deactivate) "
            rf"{_WAKE}|i "
            rf"(?:don't|do not) (?:want|need)(?: to (?:use|say))? {_WAKE}|(?:listen|answer|work) without {_WAKE}|"
            rf"(?:don't|do not|stop) (?:wait(?:ing)?|sleep(?:ing)?|listen(?:ing)?) (?:(?:until|till) {_CALLED}|"
            r"for your name)|(?:listen|answer)(?: to me)? without (?:your|the|a) name"
        ),
    ),
    (
        "which-wake-word",
        "",
        (
            rf"(?:what(?:'s| is)|tell me|which is) {_WAKE}|{_WAKE}|(?:which|what) wake ?words?(?: "
            r"(?:are|is|do|can|have) "
            rf".{{0,30}})?"
            r"|what (?:do i|must i|should i|can i)(?: have to)? say to wake you(?: up)?|how (?:do|can) i wake "
            r"you(?: up)?|(?:what|which) (?:name|word)s? (?:do|can|are) you (?:listen(?:ing)?|wak(?:e|ing)(?: up)?) "
            r"(?:for|to)|how (?:do|can|should) i call you"
        ),
    ),
    (
        "hands-free",
        "on",
        (
            rf"hands ?free(?: mode)?(?: on)?|{_ON} on (?:the )?hands ?free(?: mode)?|{_ON} (?:the )?hands ?free(?: "
            r"mode)? on|(?:go|"
            r"use|start|enable|switch to) (?:the )?hands ?free(?: mode)?|listen (?:all the time|always|by yourself)|"
            r"always listen"
        ),
    ),
    (
        "hands-free",
        "off",
        (
            rf"(?:no |leave |stop |end |disable )(?:the )?hands ?free(?: mode)?|hands ?free(?: mode)? off|{_ON} off "
            r"(?:the )?hands "
            rf"?free(?: mode)?|{_ON} (?:the )?hands ?free(?: mode)? off|(?:don't|do not) (?:always "
            r"listen|listen (?:all "
            r"the time|"
            r"always|by yourself))"
        ),
    ),
    (
        "read-back",
        "off",
        (
            r"(?:don't|do not|stop) (?:(?:read|say|reading|saying) (?:it |me )?back|(?:repeat|"
            r"repeating)(?: back)?)(?: "
            r"what (?:i "
            r"(?:say|said)|you (?:hear|heard|understand|understood))| to me| everything(?: i say)?| "
            r"any ?more)*|(?:turn|"
            r"switch) "
            r"(?:off (?:the )?read(?:ing)? ?back|(?:the )?read(?:ing)? ?back off)|read(?:ing)? ?back off|no "
            r"read(?:ing)? ?back|"
            r"(?:don't|do not) (?:check|confirm)(?: with me)? what (?:i say|you heard|you hear)"
        ),
    ),
    (
        "read-back",
        "on",
        (
            r"(?:read|say|repeat) back(?: to me)? what (?:you (?:heard|hear|understood|understand)|i "
            r"say)(?: .{0,30})?|"
            r"(?:turn|"
            r"switch) (?:on (?:the )?read(?:ing)? ?back|(?:the )?read(?:ing)? ?back (?:back )?on)|"
            r"read(?:ing)? ?back on|"
            r"(?:check|"
            r"confirm)(?: with me)? what you (?:heard|hear|understood)|(?:ask|check with) me (?:if|when) you(?:'re| "
            r"are) not sure"
        ),
    ),
    ("learn-word", "", rf"(?:add|put|save) (?:{_WORD} )?(?P<about>\S+(?: \S+){{0,3}}) (?:to|in|into|on) {_MY_WORDS}"),
    ("learn-word", "", r"learn the (?:word|name|term) (?P<about>\S+(?: \S+)?)"),
    (
        "unlearn-word",
        "",
        (
            rf"(?:remove|delete|take|drop|strike) (?:{_WORD} )?(?P<about>\S+(?: \S+){{0,3}}) (?:from|out of|off) "
            rf"{_MY_WORDS}"
        ),
    ),
    (
        "pronounce",
        "",
        (
            r"(?:the (?:word|name) )?(?!(?:it|that|this|what|how|which|my|your|his|her|the) )(?P<about>\S+(?: "
            r"\S+){0,2}) (?:is|"
            r"should be) pronounced (?:as |like )?(?!(?:differently|wrong|badly|in|the|by|with)\b)(?P<how>\S+(?: "
            r"\S+){0,3})"
        ),
    ),
    (
        "pronounce",
        "",
        (
            r"pronounce (?:the (?:word|name) )?(?!(?:it|that|this) )(?P<about>\S+(?: \S+){0,2}) (?:as|like) "
            r"(?P<how>\S+(?: \S+){0,3})"
        ),
    ),
    (
        "pronounce",
        "",
        (
            r"say (?!(?:it|that|this|things|something|hello|goodbye|yes|no|so) )(?P<about>\S+) (?:as|"
            r"like) (?!(?:you|a|"
            r"an|the|i|"
            r"in|if|this|that)\b)(?P<how>\S+(?: \S+){0,2})"
        ),
    ),
    *(
        ("language", code, rf"{_SPEAK}{names}{_BACK}")
        for code, names in (
            ("en", "english"),
            ("fr", "french"),
            ("de", "german"),
            ("es", "spanish"),
        )
    ),
    *(
        (
            "help",
            section,
            (
                r"(?:help(?: me)? (?:with|on|about)|what can i (?:say|ask)(?: you)? (?:about|to do "
                r"with|for)|(?:which |"
                r"the )?commands "
                rf"(?:for|about)|tell me about the commands for) (?:the |your )?(?:{topics})"
            ),
        )
        for section, topics in (
            ("talking", "talking|stopping|repeating|spelling|interrupting"),
            ("voice", "voices?|speed|volume|speech|speaking|pitch|sound|pronunciation|signals"),
            ("listening", "listening|microphone|hearing|wake ?words?|hands ?free|patience|waiting|languages?"),
            ("conversations", "conversations?|chats?|history"),
            ("memory", "memory|memories|remembering|documents|notes"),
        )
    ),
    (
        "help",
        "",
        (
            r"help(?: me)?|what can (?:you do|i (?:say|ask|do))(?: here| for me| to you| with you| you| now)*|"
            r"what (?:do you do|are you able to do)|what are (?:your|the) (?:commands|abilities|skills|features|"
            r"capabilities)|(?:(?:show|list|tell|read)(?: me)? )?(?:the |your |all )?(?:voice )?commands|how (?:do "
            r"you work|"
            r"can you help(?: me)?|do i use (?:you|this|nightingale))|what (?:else )?can nightingale do|what are my "
            r"options|"
            r"i (?:need|want) help|i (?:don't|do not) know what to (?:say|do)"
        ),
    ),
)
