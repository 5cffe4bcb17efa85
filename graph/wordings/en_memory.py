"""English: what is asked of memory, of documents and of the clock, and what is said out of courtesy."""

from graph.intent_words import Wording

_MODEL = r"(?:an? |the |another |better |some |local |big |bigger )*(?:language )?models?"

WORDINGS: tuple[Wording, ...] = (
    (
        "models",
        "",
        (
            r"models?|engines?|(?:how (?:do|can|could|should) i )?(?:get|install|add|download|pull) "
            rf"{_MODEL}|(?:which|"
            rf"what) {_MODEL} (?:are you|do you|should i|can i).*|"
            r"list (?:the )?models"
        ),
    ),
    (
        "forget-everything",
        "",
        (
            r"(?:forget|erase|delete|clear|wipe|remove) (?:(?:about )?(?:everything|it all)|(?:all|"
            r"everything) (?:about me|you know|you know about me|that you know about me|i (?:ever )?told you|"
            r"i've (?:ever )?told you|you remember|of it)|all (?:(?:of )?(?:my|your|the) )?(?:memories|memory|notes|"
            r"facts)(?: about me)?|(?:my|your|the) (?:whole |entire )?memor(?:y|ies)(?: of me)?|me(?: completely)?)"
        ),
    ),
    (
        "forget-last",
        "",
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
        "",
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
        "",
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
        "",
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
        "",
        (
            r"(?:which|what|how many) (?:of )?(?:my |the )?(?:documents|files|papers|books|pdfs) (?:do you (?:have|"
            r"know|keep)|have you(?: got| read)?|have i (?:given you|added|uploaded)|did i (?:give "
            r"you|add|upload)|are "
            r"there|(?:do )?i have(?: given you)?)(?: to read| so far| of mine| from me| in your library)*|"
            r"(?:list|show|tell|read)(?: me)?(?: all)?(?: of)? (?:my|the|your) (?:documents|files|papers|library)|"
            r"what (?:have|did) (?:i (?:given?|add(?:ed)?) you to read|you read)(?: so far)?|what(?:'s| is) in (?:my|"
            r"your|the) (?:library|documents)|(?:my|the) documents"
        ),
    ),
    (
        "recall-everything",
        "",
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
        "",
        (
            r"(?:(?:hello|hi|hey|hiya|howdy|greetings|good (?:morning|afternoon|evening|day)|yo|"
            r"hallo)(?: there| again|"
            r" nightingale| everyone| to you)*)(?: how (?:are you|is it going)(?: doing)?(?: today)?)?|"
            r"how are you(?: doing)?(?: today)?|how do you do|are you (?:there|awake)|what's up"
        ),
    ),
    (
        "thanks",
        "",
        (
            r"(?:thanks|thank you|cheers|much appreciated|many thanks)(?: (?:so|very|a|much|lot|again|nightingale|"
            r"for (?:that|your help|everything|helping)|that's (?:great|all|it)))*"
        ),
    ),
    (
        "goodbye",
        "",
        (
            r"(?:good ?bye|bye|bye bye|see you|see ya|farewell|good ?night|talk to you)(?: (?:later|"
            r"soon|tomorrow|then|"
            r"now|for now|nightingale|again))*|that's all(?: for (?:now|today))?"
        ),
    ),
    (
        "time",
        "",
        (
            r"(?:what's|what is|tell me|give me|do you (?:know|have)) (?:the )?(?:current |"
            r"exact )?time(?: is it)?(?: (?:right )?now)?|(?:do you know |tell me )?what time (?:is it|"
            r"it is)(?: (?:right )?now)?|time|how late is it"
        ),
    ),
    (
        "date",
        "",
        (
            r"(?:what's|what is|tell me|give me) (?:the |today's )?(?:current )?date(?: today)?|(?:tell me )?(?:what|"
            r"which) (?:day|date|month|year)(?: of the week)? (?:is it|is today|it is)(?: today| now)?|what(?:'s|"
            r" is) today(?:'s date)?|(?:today's )?date|what(?:'s| is) the (?:day|day of the week|month|"
            r"year)(?: today)?"
        ),
    ),
)
