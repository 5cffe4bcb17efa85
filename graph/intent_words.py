"""The wordings of each intent, as patterns over all that is said, in plain words (`graph.words.plain`)."""

from typing import Literal

Intent = Literal[
    "empty",
    "stop",
    "nevermind",
    "repeat",
    "slower",
    "faster",
    "normal-speed",
    "louder",
    "quieter",
    "normal-loudness",
    "more-patient",
    "less-patient",
    "say-over",
    "normal-waiting",
    "normal-manner",
    "help",
    "models",
    "remember",
    "forget",
    "forget-last",
    "forget-everything",
    "confirm",
    "decline",
    "recall",
    "recall-everything",
    "recall-when",
    "why",
    "documents",
    "remove-document",
    "confirm-removal",
    "off-record",
    "on-record",
    "greeting",
    "thanks",
    "goodbye",
    "time",
    "date",
    "chat",
]

Asks = Literal["", "forget-everything", "remove-document"]
"""A question of ours that waits for the user's yes or no."""

_VOICE = (
    r"(?:(?:speak|talk|go|read|say (?:it|that)|be|make it|a|little|bit|much|even|more|try|answer|your voice|"
    r"speaking|talking) )*"
)
_A_BIT = r"(?: (?:a|little|bit|lot|more|again|than that|now))*"
_TURN = r"(?:turn|put|bring) "
_SOUND = r"(?:it|yourself|that|(?:the |your )?(?:volume|sound|voice))"
_TO_ANSWER = r" before (?:you )?(?:answer|answering|reply|replying)(?: me)?"
_WHEN_DONE = r" (?:when|once|as soon as) (?:i'm|i am|i have|i've) (?:done|finished|ready)"
_MODEL = r"(?:an? |the |another |better |some |local |big |bigger )*(?:language )?models?"

WORDINGS: tuple[tuple[Intent, str], ...] = (
    (
        "stop",
        (
            r"stop(?: stop)*(?: (?:it|that|there|talking|speaking|reading|now|answering))?|(?:be |keep |"
            r"stay )?(?:quiet|silent)|shut up|hush|shush|sh+|silence|(?:that's |that is )?enough(?: now)?|"
            r"stop it(?: now)?|no more|hold on|wait(?: wait)*|pause"
        ),
    ),
    ("nevermind", r"never ?mind|forget (?:it|about it)|no matter|it doesn't matter|leave it"),
    (
        "repeat",
        (
            r"(?:repeat|say)(?: (?:that|it|this|yourself|what you(?: just)? said))(?: (?:again|once more|"
            r"one more time))?|repeat(?: again)?|(?:repeat|say|read)(?: me)? (?:the |your )?(?:last|"
            r"previous) (?:answer|thing|one|part|sentence|reply|message)(?: again)?|(?:say|tell me|come|once|"
            r"one more time|once more)(?: that| it)? ?(?:again|more)|again|one more time|pardon(?: me)?|"
            r"what did you(?: just)? say|what was that(?: again)?|sorry what(?: was that| did you say)?|"
            r"what were you saying|(?:sorry )?i (?:didn't|did not|couldn't|could not) (?:hear|catch|get|"
            r"understand) (?:that|you|it|what you said)(?: again)?"
        ),
    ),
    (
        "slower",
        (
            rf"{_VOICE}(?:slower|slowly|less fast|less quickly){_A_BIT}|slow (?:it )?down{_A_BIT}|"
            rf"slow your speech(?: down)?|"
            r"(?:that's |that is |it's |you are |you're )?(?:(?:speaking|talking|going|reading) )?(?:too|way too|"
            r"far too|much too) (?:fast|quick|quickly)|(?:not|don't (?:talk|speak|go)) so (?:fast|quick|quickly)|"
            r"(?:reduce|lower|decrease) (?:the |your )?(?:speed|speaking rate|rate)"
        ),
    ),
    (
        "faster",
        (
            rf"{_VOICE}(?:faster|quicker|quickly|less slowly){_A_BIT}|speed (?:it )?up{_A_BIT}|"
            r"(?:that's |that is |it's |you are |you're )?(?:(?:speaking|talking|going|reading) )?(?:too|way too|"
            r"far too|much too) (?:slow|slowly)|(?:not|don't (?:talk|speak|go)) so (?:slow|slowly)|(?:increase|"
            r"raise) (?:the |your )?(?:speed|speaking rate|rate)"
        ),
    ),
    (
        "normal-speed",
        (
            r"(?:speak|talk|go|go back|read|return)?(?: ?(?:at|to|in|with|back to))?(?: ?(?:a|the|your))? ?(?:normal|"
            r"regular|usual|default|original) (?:speed|pace|rate|speaking rate)|(?:speak|talk) normally|reset (?:the |"
            r"your )?(?:speed|rate|pace)"
        ),
    ),
    (
        "louder",
        (
            rf"{_VOICE}(?:louder|more loudly|loud){_A_BIT}|speak up|{_TURN}(?:up {_SOUND}|{_SOUND} up|up){_A_BIT}|"
            rf"volume up|"
            r"(?:raise|increase) (?:the |your )?(?:volume|voice)|i (?:can't|cannot|can hardly|"
            r"can barely) hear you(?: well)?|(?:that's |you are |you're )?(?:speaking |talking )?(?:too|"
            r"way too) (?:quiet|quietly|soft|softly)"
        ),
    ),
    (
        "quieter",
        (
            rf"{_VOICE}(?:quieter|quietly|softer|softly|less loud|less loudly){_A_BIT}|{_TURN}(?:down {_SOUND}|"
            rf"{_SOUND} down|down){_A_BIT}|volume down|"
            r"(?:lower|reduce|decrease) (?:the |your )?(?:volume|voice)|keep (?:it|your voice) down|not so loud(?:ly)?|"
            r"(?:that's |it's |you are |you're )?(?:speaking |talking )?(?:too|way too) loud(?:ly)?"
        ),
    ),
    (
        "normal-loudness",
        (
            r"(?:speak|talk|go back|return)?(?: ?(?:at|to|with|back to))?(?: ?(?:a|the|your))? ?(?:normal|regular|"
            r"usual|default|original) (?:volume|loudness)|reset (?:the |your )?volume"
        ),
    ),
    (
        "more-patient",
        (
            rf"take your time|give me (?:a (?:bit|little) )?more time(?:{_TO_ANSWER})?|"
            r"be (?:a (?:bit|little) )?(?:more )?patient(?: with me)?|more patience|(?:don't|do not) (?:rush|hurry) me|"
            rf"(?:don't|do not) (?:cut me off|answer so soon)|wait (?:a (?:bit|little) )?longer(?:{_TO_ANSWER})?"
        ),
    ),
    (
        "less-patient",
        (
            rf"be less patient(?: with me)?|less patience|wait less(?: long)?(?:{_TO_ANSWER})?|"
            rf"(?:don't|do not) wait (?:so|that) long(?:{_TO_ANSWER})?|(?:answer|reply|respond)(?: me)? sooner"
        ),
    ),
    (
        "say-over",
        (
            rf"(?:i'll|i will|i'm going to) say over(?: at the end|{_WHEN_DONE})?|wait (?:until|till) i say over|"
            rf"wait for (?:the word over|me to say over)(?:{_WHEN_DONE})?|(?:answer|reply)(?: only)? "
            r"(?:when|once|after) i say over"
        ),
    ),
    (
        "normal-waiting",
        (
            r"(?:i won't|i will not|i don't want to) say over(?: any ?more)?|(?:don't|do not) wait for (?:me to say |"
            r"the word )?over(?: any ?more)?|(?:normal|usual|standard) patience|wait as (?:long as )?usual|"
            r"answer by yourself"
        ),
    ),
    ("normal-manner", r"(?:go |come )?back to normal|(?:be|everything) (?:back to )?normal again"),
    (
        "help",
        (
            r"help(?: me)?|what can (?:you do|i (?:say|ask|do))(?: here| for me| to you| with you| you)?|"
            r"what (?:do you do|are you able to do)|what are (?:your|the) (?:commands|abilities|skills|features|"
            r"capabilities)|(?:show|list|tell)(?: me)? (?:the |your |all )?(?:voice )?commands|how (?:do you work|"
            r"can you help(?: me)?|do i use (?:you|this|nightingale))|what (?:else )?can nightingale do"
        ),
    ),
    (
        "models",
        (
            rf"models?|engines?|(?:how (?:do|can|could|should) i )?(?:get|install|add|download|pull) {_MODEL}|(?:which|"
            rf"what) {_MODEL} (?:are you|do you|should i|can i).*|"
            r"list (?:the )?models"
        ),
    ),
    (
        "forget-everything",
        (
            r"(?:forget|erase|delete|clear|wipe|remove) (?:(?:about )?(?:everything|it all)|(?:all|"
            r"everything) (?:about me|you know|you know about me|that you know about me|i (?:ever )?told you|"
            r"i've (?:ever )?told you|you remember|of it)|all (?:(?:of )?(?:my|your|the) )?(?:memories|memory|notes|"
            r"facts)(?: about me)?|(?:my|your|the) (?:whole |entire )?memor(?:y|ies)(?: of me)?|me(?: completely)?)"
        ),
    ),
    (
        "forget-last",
        (
            r"(?:forget|erase|delete|scrap|scratch|strike|unremember|remove) (?:(?:about )?(?:that|this)(?: one| "
            r"memory| note| thing| last (?:one|bit|part|thing))?|(?:that )?(?:what|the last thing|everything|all "
            r"that) i(?: have|'ve)? (?:just )?(?:said|told you|mentioned)|(?:that )?i (?:just |ever )?(?:said|told "
            r"you|mentioned) (?:that|this|it|so|anything)|the last (?:thing|one|memory|note|bit)(?: i (?:said|told "
            r"you))?)(?: again)?(?: from (?:your |the )?(?:memory|notes|record))?(?: at once| immediately| right "
            r"away)?|(?:don't|do not) (?:remember|keep|save|note|store|write down) (?:that|this|what i (?:just "
            r")?(?:said|told you))(?: down)?|you (?:never|didn't) (?:hear|heard) that|i (?:never|didn't) (?:say|"
            r"said) that|that (?:was|is|stays) (?:off the record|between us)"
        ),
    ),
    (
        "off-record",
        (
            r"(?:(?:go|let's go|we(?:'re| are)|this is|i(?:'d| would)? (?:want|like) to (?:be|go|talk|speak)|can we "
            r"(?:go|talk|speak|be)|we should go|be|stay|talk|switch to) )?(?:now )?off (?:the )?record(?: mode)?(?: "
            r"from now on| for (?:now|a while|a moment|a bit))?|(?:stop|pause|quit) (?:remembering|noting|recording|"
            r"learning|memori[sz]ing|taking notes|keeping notes|your memory|the memory|memory|note ?taking)(?: "
            r"(?:things|anything|everything|what i (?:say|tell you)|about me|stuff|down|for now|for a while))*|"
            r"(?:don't|do not) (?:remember|note|keep|save|store|learn|memori[sz]e|write down) (?:anything|any of "
            r"(?:this|it)|what i(?:'m| am)? (?:say|tell you|about to (?:say|tell you)|going to (?:say|tell you)|"
            r"saying)|the (?:next|following)(?: things?)?)(?: (?:i say|i tell you|from now on|for now|in this "
            r"conversation|now|today|about me))*|(?:turn|switch) (?:off (?:your |the )?(?:memory|notes)|(?:your |the "
            r")?(?:memory|notes) off)|(?:go )?incognito(?: mode)?|private mode"
        ),
    ),
    (
        "on-record",
        (
            r"(?:(?:go|let's go|we(?:'re| are)|we can go|be|you can go|switch) )?(?:back )?(?:on|onto) (?:the "
            r")?record(?: mode)?(?: again)?|(?:you (?:can|may) )?(?:start|resume|continue|go back to|begin) (?:to "
            r")?(?:remember(?:ing)?|not(?:e|ing)|learn(?:ing)?|tak(?:e|ing) notes|keep(?:ing)? notes)(?: (?:things|"
            r"again|what i (?:say|tell you)|about me))*|(?:you (?:can|may) )?(?:remember|note|learn|take notes)(?: "
            r"(?:things|everything|what i say))? again|(?:turn|switch) (?:on (?:your |the )?(?:memory|notes)|(?:your "
            r"|the )?(?:memory|notes) (?:back )?on)(?: again)?|(?:leave|end|stop) (?:incognito|private|off the "
            r"record)(?: mode)?"
        ),
    ),
    (
        "why",
        (
            r"(?:and )?(?:why|how|where|when|since when|how come|how long|from where) (?:do|did|have|would|could|can|"
            r"are) you (?:know|remember|learn|known|hear|find out|get|come to know|aware of|find that out|know "
            r"about)(?: (?:that|this|it|of it|about (?:that|this|it)))?(?: about me)?(?: from)?|how come you know(?: "
            r"(?:that|this|it))?|(?:why|how) (?:is it )?(?:that )?you know (?:that|this)|who (?:told you|said)(?: "
            r"(?:that|this|so|it))?|did i (?:really )?(?:tell you|say|mention) (?:that|this|so|it)|when did i "
            r"(?:tell you|say|mention)(?: (?:that|this|so|it))?|where(?:'s| is| does) (?:that|this|it)(?: come)? "
            r"from|what(?:'s| is) (?:your|the) source(?: (?:for|of) (?:that|this))?|what makes you (?:think|say|"
            r"believe) (?:that|so|this)|says who|i never told you (?:that|this)|have i (?:ever )?told you (?:that|"
            r"this)"
        ),
    ),
    (
        "documents",
        (
            r"(?:which|what|how many) (?:of )?(?:my |the )?(?:documents|files|papers|books|pdfs) (?:do you (?:have|"
            r"know|keep)|have you(?: got| read)?|have i (?:given you|added|uploaded)|did i (?:give you|add|upload)|are "
            r"there|(?:do )?i have(?: given you)?)(?: to read| so far| of mine| from me| in your library)*|"
            r"(?:list|show|tell|read)(?: me)?(?: all)?(?: of)? (?:my|the|your) (?:documents|files|papers|library)|"
            r"what (?:have|did) (?:i (?:given?|add(?:ed)?) you to read|you read)(?: so far)?|what(?:'s| is) in (?:my|"
            r"your|the) (?:library|documents)|(?:my|the) documents"
        ),
    ),
    (
        "recall-everything",
        (
            r"(?:what|tell me (?:everything|what|all)|(?:list|show me|read me) (?:everything|what|"
            r"all)) (?:that )?(?:do )?you (?:know|remember|have (?:learned|noted))(?: about me)?|what (?:have|"
            r"did) (?:you (?:learned|noted|remembered?)|i (?:told|tell) you)(?: so far| about me| about myself)*|"
            r"(?:list|show|read)(?: me)?(?: all)? (?:my|your|the) (?:memories|notes|facts)(?: about me)?|"
            r"do you (?:know|remember) (?:anything about )?me|who am i|tell me about (?:me|myself)|"
            r"what do you know(?: about me)?(?: so far)?"
        ),
    ),
    (
        "greeting",
        (
            r"(?:(?:hello|hi|hey|hiya|howdy|greetings|good (?:morning|afternoon|evening|day)|yo|hallo)(?: there| again|"
            r" nightingale| everyone| to you)*)(?: how (?:are you|is it going)(?: doing)?(?: today)?)?|"
            r"how are you(?: doing)?(?: today)?|how do you do|are you (?:there|awake)|what's up"
        ),
    ),
    (
        "thanks",
        (
            r"(?:thanks|thank you|cheers|much appreciated|many thanks)(?: (?:so|very|a|much|lot|again|nightingale|"
            r"for (?:that|your help|everything|helping)|that's (?:great|all|it)))*"
        ),
    ),
    (
        "goodbye",
        (
            r"(?:good ?bye|bye|bye bye|see you|see ya|farewell|good ?night|talk to you)(?: (?:later|soon|tomorrow|then|"
            r"now|for now|nightingale|again))*|that's all(?: for (?:now|today))?"
        ),
    ),
    (
        "time",
        (
            r"(?:what's|what is|tell me|give me|do you (?:know|have)) (?:the )?(?:current |"
            r"exact )?time(?: is it)?(?: (?:right )?now)?|(?:do you know |tell me )?what time (?:is it|"
            r"it is)(?: (?:right )?now)?|time|how late is it"
        ),
    ),
    (
        "date",
        (
            r"(?:what's|what is|tell me|give me) (?:the |today's )?(?:current )?date(?: today)?|(?:tell me )?(?:what|"
            r"which) (?:day|date|month|year)(?: of the week)? (?:is it|is today|it is)(?: today| now)?|what(?:'s|"
            r" is) today(?:'s date)?|(?:today's )?date|what(?:'s| is) the (?:day|day of the week|month|"
            r"year)(?: today)?"
        ),
    ),
)

ASKED: tuple[tuple[str, str], ...] = (
    (
        "name",
        (
            r"(?:what(?:'s| is| was)? )?my (?:full |first )?name(?: is)?|what (?:am i|i am) called|what do (?:you|"
            r"people) call me|who i am"
        ),
    ),
    (
        "home",
        (
            r"where (?:do i live|i live|am i living|is my (?:home|house|flat))|(?:what(?:'s| is) )?my (?:address|"
            r"home town)(?: is)?|(?:which|what) (?:city|town|country) (?:do i live|i live) in"
        ),
    ),
    (
        "work",
        (
            r"where (?:do i|i) work|what (?:do i|i) do(?: for (?:a living|work))?|(?:what(?:'s| is) )?my (?:job|"
            r"profession|work|occupation|employer)(?: is)?|(?:who|what) (?:do i|i) work (?:for|as)"
        ),
    ),
    ("age", r"how old (?:am i|i am)|(?:what(?:'s| is) )?my age(?: is)?"),
    ("birthday", r"(?:when(?:'s| is) |what(?:'s| is) )?my birthday(?: is)?|when (?:was i|i was) born"),
    ("origin", r"where (?:am i|i am|do i come|i come|was i) (?:from|born)"),
    (
        "allergy",
        (
            r"what (?:am i|i am) allergic to|(?:what(?:'s| are) )?my allerg(?:y|ies)(?: are| is)?|"
            r"do i have (?:any )?allergies|am i allergic to (?P<what>.+)"
        ),
    ),
    ("health", r"what (?:illness(?:es)?|conditions?) do i have"),
    (
        "likes",
        (
            r"what (?:do i|i) (?:like|love|enjoy|prefer)(?: (?:best|most|to (?:do|eat|drink)))?|what are my (?:hobbies|"
            r"interests|likes)"
        ),
    ),
    ("dislikes", r"what (?:do i|i) (?:hate|dislike|not like)|what (?:don't i|do i not) like"),
    (
        "family",
        (
            r"(?:who(?:'s| is) in|what do you know about|tell me about) my family|do i have (?:any )?(?:children|kids|"
            r"siblings|pets|brothers|sisters)"
        ),
    ),
    (
        "plan",
        (
            r"what are my plans|what (?:do i have|am i doing|are my plans|have i planned)(?: planned)? (?:today|"
            r"tomorrow|this week|next week|on .+)"
        ),
    ),
    (
        "task",
        (
            r"what (?:do i|did i) (?:have|need|want) to (?:do|buy|remember)|what did i (?:want|ask you) to (?:remember|"
            r"remind me of|be reminded of)"
        ),
    ),
    ("favourite {0}", r"(?:what(?:'s| is| are) )?my fav(?:ou)?rite (?P<what>[\w ]{2,30}?)(?: is| are)?"),
    (
        "{0}",
        (
            r"(?:(?:what(?:'s| is| are)|who(?:'s| is| are)|tell me about|where(?:'s| is|"
            r" are)) )?my (?P<what>[\w ]{2,30}?)(?:'s)? (?:name|called|names)(?: is)?|who(?:'s|"
            r" is) my (?P<who>[\w ]{2,30})|what do you know about my (?P<known>[\w ]{2,30})|"
            r"what is the name of my (?P<named>[\w ]{2,30})"
        ),
    ),
)
"""Which topic of memory a question about the user asks for; `{0}` is what the pattern captures."""
