"""English: questions about the user themselves, by the topic of memory that answers them."""

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
            r"what (?:do i|i) (?:like|love|enjoy|prefer)(?: (?:best|most|to (?:do|eat|drink)))?|what "
            r"are my (?:hobbies|"
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
            r"what (?:do i|did i) (?:have|need|want) to (?:do|buy|remember)|what did i (?:want|ask "
            r"you) to (?:remember|"
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
