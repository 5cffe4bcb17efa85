"""The rules of `graph.facts`: a pattern for a whole clause with long verb forms, and what to make of its match.

Those about the user come first, those of `graph.kin_rules` after them.
"""

import re

from graph.fact_makers import (
    ANAPHORA,
    CALL_ME,
    NOT_A_PLACE,
    VERY,
    Fact,
    Rule,
    about,
    age,
    diet,
    diet_over,
    eats,
    eats_not,
    introduced,
    named,
    trade,
)
from graph.fact_words import (
    CONDITIONS,
    DIETS,
)
from graph.kin_rules import THEIRS

_OWN: tuple[Rule, ...] = (
    (
        r"my (?:(?:full|first|real|actual|new|given) )?name is not \w+ (?:but|it is|my name is) (?P<v>.+)",
        named("The user's name is {}.", "name"),
    ),
    (
        r"my (?:(?:full|first|real|actual|new|given) )?name is (?:(?:now|actually|really) )?(?P<v>.+)",
        named("The user's name is {}.", "name"),
    ),
    (r"my (?:last name|surname|family name) is (?P<v>.+)", named("The user's surname is {}.", "surname")),
    (r"i am (?:now )?(?:called|named) (?P<v>.+)", named("The user's name is {}.", "name")),
    (CALL_ME.pattern, named("The user wants to be called {}.", "preferred name")),
    (
        r"(?:people|everyone|everybody|my friends|friends|they|most people) calls? me (?P<v>.+)",
        named("The user wants to be called {}.", "preferred name", confidence=0.9),
    ),
    (r"i go by (?P<v>.+)", named("The user wants to be called {}.", "preferred name")),
    (r"i am (?:now )?(?P<v>[\w .-]+?)(?: years? old)(?: now| today)?", age),
    (
        (
            r"i am (?P<v>\d{1,3}|(?:twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety)(?:[ -](?:one|two|three|four|"
            r"five|six|seven|eight|nine))?)(?: now)?"
        ),
        age,
    ),
    (r"my age is (?P<v>\d{1,3})", age),
    (
        r"my birthday is (?:on )?(?P<v>.+)",
        about("The user's birthday is {v}", "fact", "birthday", proper=True, avoid=r"(?:not|coming|soon|in )"),
    ),
    (
        (
            r"i was born on (?:the )?(?P<v>.*\d.*|.*\b(?:of|january|february|march|april|may|june|july|august|"
            r"september|october|november|december)\b.*)"
        ),
        about("The user was born on {v}", "fact", "birthday", proper=True),
    ),
    (r"i was born in (?P<v>\d{4})", about("The user was born in {v}", "fact", "birth year")),
    (r"i (?:was born|grew up) in (?P<v>.+)", about("The user comes from {v}", "fact", "origin", proper=True)),
    (
        r"i (?:come|am originally|am) from (?P<v>.+)",
        about("The user comes from {v}", "fact", "origin", proper=True, avoid=NOT_A_PLACE),
    ),
    (
        (
            r"i (?:(?:now|currently|actually|still|also) )?(?:live|am living|reside|am based|have lived|have been "
            r"living) (?:now )?(?P<at>in|on|at|near|outside) (?P<v>.+)"
        ),
        about("The user lives {at} {v}", "fact", "home", proper=True, avoid=NOT_A_PLACE),
    ),
    (
        r"i (?:have )?(?:(?:just|recently|now) )?moved (?:house |back |over |away |out |in )?to (?P<v>.+)",
        about("The user lives in {v}", "fact", "home", proper=True, avoid=NOT_A_PLACE),
    ),
    (
        r"my (?:home )?address is (?P<v>.+)",
        about("The user's address is {v}", "fact", "address", proper=True, avoid=r"not\b"),
    ),
    (
        r"my home ?town is (?P<v>.+)",
        about("The user comes from {v}", "fact", "origin", proper=True, avoid=r"not\b"),
    ),
    (
        r"i (?:no longer|do not) work (?P<at>at|for|in|as) (?P<v>.+)",
        about("The user no longer works {at} {v}", "fact", "work", proper=True, avoid=NOT_A_PLACE),
    ),
    (
        r"i (?:have )?(?:just |recently )?(?:quit|left|lost|resigned from) my job(?: .*)?",
        lambda _: Fact("The user has left their job.", "fact", "work"),
    ),
    (r"i (?:have )?(?:just |recently )?retired(?: .*)?", lambda _: Fact("The user is retired.", "fact", "work")),
    (
        (
            r"i (?:(?:now|currently|also) )?(?:work|am working|have worked|have been working|(?:have )?(?:just )?"
            r"started (?:working|work)|(?:have )?(?:just )?got a (?:new )?job|have a (?:new )?job) as (?P<v>.+)"
        ),
        about("The user works as {v}", "fact", "work"),
    ),
    (
        (
            r"i (?:(?:now|currently|also) )?(?:work|am working|have worked|have been working|(?:have )?(?:just "
            r")?started (?:working|work)|(?:have )?(?:just )?got a (?:new )?job|have a (?:new )?job) (?P<at>at|for|"
            r"in|with) (?P<v>.+)"
        ),
        about(
            "The user works {at} {v}",
            "fact",
            "work",
            proper=True,
            avoid=NOT_A_PLACE + r"|nights?\b|weekends?\b|night|the weekend|a while|ages|free|money|progress|charity\b$",
        ),
    ),
    (
        r"my (?:job|profession|occupation) is (?P<v>.+)",
        about(
            "The user's job is {v}",
            "fact",
            "work",
            avoid=r"(?:not|so|too|very|really|boring|hard|great|stressful|killing|good|bad|fun|ok)\b",
        ),
    ),
    (r"i am (?P<a>an?) (?P<v>.+)", trade),
    (r"i am (?P<v>retired|unemployed|self-employed|self employed)", about("The user is {v}", "fact", "work")),
    (
        r"i (?:study|am studying) (?P<v>.+)",
        about("The user studies {v}", "fact", "studies", avoid=ANAPHORA + r"|for\b|hard\b"),
    ),
    (
        r"i am (?:very |really |severely |also )?allergic to (?P<v>.+)",
        about(
            "The user is allergic to {v}",
            "fact",
            "allergy",
            many=True,
            avoid=ANAPHORA + r"|bullshit|mondays?|work\b",
        ),
    ),
    (r"i have an? (?P<v>.+?) allergy", about("The user has an allergy: {v}", "fact", "allergy", many=True)),
    (rf"i am (?:(?:now|a strict|strictly|also) )?(?:an? )?(?P<v>{DIETS})(?: now| again)?", diet),
    (
        rf"i (?:am (?:no longer|not)|stopped being) (?:an? )?(?P<v>{DIETS})(?: now| any ?more| any longer)?",
        diet_over,
    ),
    (
        r"i (?:(?:do|now|can|have|just|also) )*(?:started )?eat(?:ing)? (?P<v>[\w' -]+?) (?:again|now|these days)",
        eats,
    ),
    (
        rf"i am (?:also |now )?(?P<a>an? )?(?P<v>{CONDITIONS['be']})",
        about("The user is {a} {v}", "fact", "health", many=True),
    ),
    (
        rf"i (?:have|suffer from|was diagnosed with) (?P<a>an? )?(?P<v>{CONDITIONS['have']})",
        about("The user has {a} {v}", "fact", "health", many=True),
    ),
    (r"i (?:cannot|do not|never|no longer) (?P<do>eat|drink|smoke) (?P<v>.+)", eats_not),
    (
        r"i (?:have )?(?:just )?(?:quit|stopped|gave up|given up) smoking(?: .*)?|i (?:do not|no longer|never) smoke",
        lambda _: Fact("The user does not smoke.", "fact", "smoking"),
    ),
    (r"i (?:still |also )?smoke(?: .*)?|i am a smoker", lambda _: Fact("The user smokes.", "fact", "smoking")),
    (
        r"i (?:have to |need to )?take (?P<v>.+? (?:every|for my|once|twice|against|in the|at) .+)",
        about("The user takes {v}", "fact", "medication", many=True, avoid=ANAPHORA + r"|the (?:bus|train|car)|care"),
    ),
    (
        (
            r"i (?:wear|use|need) (?P<v>(?:reading )?glasses|contact lenses|(?:a )?hearing aids?|a wheelchair|a "
            r"(?:walking )?(?:stick|frame|cane)|crutches|a screen reader|a cpap.*)"
        ),
        about("The user uses {v}", "fact", "health", many=True),
    ),
    (
        r"my blood (?:type|group) is (?P<v>.+)",
        about("The user's blood type is {v}", "fact", "blood type", proper=True),
    ),
    (
        r"my favourite (?P<what>[\w ]{2,30}?) (?:is|are) (?P<v>.+)",
        about(
            "The user's favourite {what} is {v}",
            "preference",
            "favourite {what}",
            avoid=r"(?:not|it|that|this|what|when)\b",
        ),
    ),
    (
        rf"i {VERY}prefer (?P<v>.+)",
        about("The user prefers {v}", "preference", "taste: {bare}", avoid=ANAPHORA + r"|not\b"),
    ),
    (
        rf"i {VERY}(?P<do>like|love|adore|enjoy) (?P<v>.+)",
        about("The user {do}s {v}", "preference", "taste: {bare}", avoid=ANAPHORA),
    ),
    (
        r"i am (?:really |very )?(?:into|fond of|a (?:big |huge |great )?fan of) (?P<v>.+)",
        about("The user likes {v}", "preference", "taste: {bare}", avoid=ANAPHORA),
    ),
    (
        rf"i {VERY}(?P<do>hate|dislike|detest) (?P<v>.+)",
        about("The user {do}s {v}", "preference", "taste: {bare}", avoid=ANAPHORA),
    ),
    (
        (
            r"i (?:cannot stand|(?:do not|no longer) (?:really |much )?(?:like|enjoy|love)|do not care for|(?:have )?"
            r"stopped liking|am (?:no longer|not) (?:into|fond of)) (?P<v>.+)"
        ),
        about("The user does not like {v}", "preference", "taste: {bare}", avoid=ANAPHORA),
    ),
)
_I_AM = re.compile(r"(?:I am|i am) (?P<v>[^\W\d_][\w'-]+)")

RULES = (*((re.compile(pattern, re.IGNORECASE), tell) for pattern, tell in (*_OWN, *THEIRS)), (_I_AM, introduced))
"""Each is tried on the whole of a clause; the first that matches and makes something of it wins."""
