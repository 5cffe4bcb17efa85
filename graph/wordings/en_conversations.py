"""English: what is asked of conversations."""

from graph.intent_words import Intent, Wording

_ONE = r"(?:conversation|chat|discussion|thread)"
_MANY = r"(?:conversations|chats|discussions|threads)"
_OUR = r"(?:the |my |our |that |this |those |these |all |of )*"
_ABOUT = (
    r"(?:about|on|regarding|concerning|called|named|titled|with the (?:name|title)|where we (?:talked|spoke) about|"
    r"in which we (?:talked|spoke) about)"
)
_BACK_TO = (
    r"(?:(?:let's )?(?:go|get|come|jump|return|take me|bring me|switch|move)(?: back)?(?: over)?(?: to)|open(?: "
    r"up)?|reopen|resume|"
    r"continue(?: with)?|pick up|load|show me|show)"
)
_DELETE = r"(?:delete|erase|remove|throw away|discard|trash|get rid of|wipe)"
_READ = r"(?:read|play)(?: me| us)?(?: out)?(?: aloud)?(?: back)?"
_NOT_THAT = r"(?!(?:last|previous|next|new|same|first|second|third|fourth|fifth|this|current|other|whole|a)\b)"
PART = r"(?:one|page|part|bit|result|hit|turn|message|conversation)"
_NUMBERS = (
    ("#1", "first", "one"),
    ("#2", "second", "two"),
    ("#3", "third", "three"),
    ("#4", "fourth", "four"),
    ("#5", "fifth", "five"),
    ("#-1", "last", "last"),
)
_DONE_TO_ONE: tuple[tuple[Intent, str], ...] = (("read-conversation", _READ), ("delete-conversation", _DELETE))

WORDINGS: tuple[Wording, ...] = (
    (
        "new-conversation",
        "",
        (
            r"(?:(?:start|begin|open|make|create|have|let's (?:start|begin|have)|i(?:'d| would)? (?:want|like)(?: to "
            r"(?:start|begin|have))?|"
            r"can we (?:start|begin|have)|let's start over with|start over with|go to) )?(?:a |an |another )?(?:brand "
            r")?(?:new|fresh) "
            rf"{_ONE}|(?:start|begin) another {_ONE}|new topic|(?:let's )?start (?:over|afresh|anew|from scratch)"
        ),
    ),
    *(
        (intent, number, rf"{verb} (?:(?:the )?{word} (?:{PART})|(?:the )?{word}|number {count})")
        for number, word, count in _NUMBERS
        if number != "#-1"
        for intent, verb in _DONE_TO_ONE
    ),
    *(
        (
            "open-conversation",
            number,
            (
                r"(?:(?:open|take|go to|go back to|choose|pick|select|i want|i mean|show me|use|let's take|give me|"
                r"it's)(?: back)? )?"
                rf"(?:(?:the )?{word} {PART}|number {count})|(?:open|take|choose|pick|select) (?:the )?{word}"
            ),
        )
        for number, word, count in _NUMBERS
        if number != "#-1"
    ),
    (
        "delete-conversation",
        "#-1",
        rf"{_DELETE} (?:the |my |our )?(?:last|previous) {_ONE}",
    ),
    (
        "delete-conversation",
        "",
        (
            rf"throw (?:this|our) {_ONE} away|(?:{_DELETE}|forget) (?:(?:this|our|the current|this whole|this "
            rf"entire) {_ONE})|{_DELETE} the {_ONE}"
        ),
    ),
    ("delete-conversation", "", rf"{_DELETE} {_OUR}(?:{_ONE}|one) {_ABOUT} (?P<about>.+)"),
    ("delete-conversation", "", rf"{_DELETE} (?:the |my |our ){_NOT_THAT}(?P<about>\S+(?: \S+){{0,4}}) {_ONE}"),
    (
        "which-conversation",
        "",
        (
            rf"(?:which|what) {_ONE} (?:is (?:this|that|it)|(?:am i|are we) (?:in|having))(?: now| again| currently)*|"
            r"what(?:'s| is) "
            rf"(?:this|the|our) {_ONE} (?:called|named|about)|what(?:'s| is) (?:the (?:name|title) of "
            r"(?:this|the|our) "
            rf"{_ONE}|"
            rf"(?:this|the|our) {_ONE}'s (?:name|title))|where am i|(?:tell me )?the (?:name|title) of this {_ONE}"
        ),
    ),
    (
        "read-conversation",
        "",
        (
            rf"{_READ} {_OUR}(?:last|previous|latest|most recent) {_ONE}(?: again| aloud| out| out "
            r"loud| to me| back)*|"
            r"what was (?:our|my|"
            rf"the) last {_ONE}(?: about)?"
        ),
    ),
    (
        "read-conversation",
        "#0",
        (
            rf"{_READ} (?:this|our|the current|the) {_ONE}(?: again| aloud| out| out loud| to me| back| from the "
            r"(?:beginning|start))*"
        ),
    ),
    ("read-conversation", "", rf"{_READ} {_OUR}(?:{_ONE}|one) {_ABOUT} (?P<about>.+)"),
    (
        "search-conversations",
        "",
        (
            r"(?:search|look|look through|go through|search through|scan|check|look in|search in)(?: in| through)? "
            rf"{_OUR}(?:past |old |"
            rf"previous |earlier |chat )*(?:{_MANY}|history)(?: history)? for (?P<about>.+)"
        ),
    ),
    (
        "search-conversations",
        "",
        (
            r"(?:search|look|find)(?: for| up)? (?P<about>.+?) (?:in|from|among|through) "
            rf"{_OUR}(?:past |old |previous |"
            r"earlier |chat )*"
            rf"(?:{_MANY}|history)"
        ),
    ),
    (
        "search-conversations",
        "",
        (
            r"(?:find|show|list|search for|search|look for|are there|do we have|have we had|give me)(?: me)?(?: all| "
            r"any| the| my| our| a| "
            rf"that)* (?:{_ONE}|{_MANY}) (?:about|on|where we (?:talked|spoke|chatted) about|in which we (?:talked|"
            r"spoke) about|that mention|"
            rf"mentioning|containing|with the word) (?P<about>.+)"
        ),
    ),
    (
        "search-conversations",
        "",
        (
            r"(?:when|where|in which (?:conversation|chat)) did we (?:last |first )?(?:talk|speak|chat) about "
            r"(?P<about>.+)|(?:did we ever|did we|have we "
            r"ever|have we) (?:talk|talked|speak|spoken|chat|chatted) about (?P<more>.+)"
        ),
    ),
    (
        "search-conversations",
        "",
        (
            rf"(?:list|show|read|tell)(?: me)? (?:all )?(?:of )?(?:my|our|the) (?:past |old |last )?{_MANY}|(?:which|"
            rf"what) {_MANY} (?:are there|do i have|"
            rf"have we had|do we have)|my {_MANY}"
        ),
    ),
    (
        "open-conversation",
        "",
        (
            rf"{_BACK_TO} {_OUR}(?:last|previous|other|former|earlier) (?:{_ONE}|one)(?: before(?: "
            r"this)?| again)*|(?:go "
            r")?back to the "
            rf"(?:last|previous|other|earlier) (?:{_ONE}|one)"
        ),
    ),
    ("open-conversation", "", rf"(?:{_BACK_TO}|back to) {_OUR}(?:{_ONE}|one) {_ABOUT} (?P<about>.+)"),
    ("open-conversation", "", rf"{_BACK_TO} (?:the |my |our ){_NOT_THAT}(?P<about>\S+(?: \S+){{0,4}}) {_ONE}"),
    (
        "rename-conversation",
        "",
        (
            rf"(?:rename|retitle|name|call|title) (?:the |this |our |my ){_ONE}(?: (?:to|as|into))? "
            r"(?!off\b)(?P<about>.+)"
        ),
    ),
    ("rename-conversation", "", r"rename (?:it|this) (?:to|as|into) (?P<about>.+)"),
    (
        "rename-conversation",
        "",
        (
            rf"(?:change|set) (?:the |its )(?:name|title)(?: of (?:this|the|our) {_ONE})? to "
            r"(?P<about>.+)|give (?:this|"
            rf"the|our) {_ONE} the "
            rf"(?:name|title) (?P<more>.+)"
        ),
    ),
    (
        "rename-conversation",
        "",
        (
            rf"(?:rename|retitle) (?:the |this |our ){_ONE}|give (?:this|the) {_ONE} (?:a|another) (?:new )?(?:name|"
            r"title)"
        ),
    ),
)
