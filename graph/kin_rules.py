"""The rules about the user's people, how things stand between them, and what is planned: see `graph.fact_rules`."""

from graph.fact_makers import (
    ANAPHORA,
    FELT,
    NOT_A_PLACE,
    TASK,
    WHO,
    Rule,
    about,
    dated,
    felt,
    relative,
    status,
    whole,
)

THEIRS: tuple[Rule, ...] = (
    (rf"(?:my|our) {WHO}(?:'s)? name is (?:now )?(?P<v>.+)", relative),
    (rf"(?:my|our) {WHO} is (?:called|named) (?P<v>.+)", relative),
    (
        (
            rf"(?:i|we) have (?:an?|one) (?:\w+ )?{WHO} (?:called|named|and (?:his|her|its) name is|(?:his|her|"
            rf"its) name is) (?P<v>.+)"
        ),
        relative,
    ),
    (
        rf"(?:i|we) have (?:an?|one|two|three|four|five|six|\d+|no) (?:\w+ )?{WHO}s?(?: and .+)?",
        whole("relation", "family"),
    ),
    (
        (
            rf"(?:my|our) {WHO} (?:(?:now|still|currently|also) )*(?:lives?|is living|resides|is based) (?:now )?"
            r"(?P<at>in|on|at|near|outside) (?P<v>.+)"
        ),
        about("The user's {who} lives {at} {v}", "relation", "home", proper=True, subject="{who}", avoid=NOT_A_PLACE),
    ),
    (
        rf"(?:my|our) {WHO} (?:has )?(?:(?:just|recently|now) )?moved (?:back |over )?to (?P<v>.+)",
        about("The user's {who} lives in {v}", "relation", "home", proper=True, subject="{who}", avoid=NOT_A_PLACE),
    ),
    (
        rf"(?:my|our) {WHO} (?:(?:now|still|currently|also) )*works? (?P<at>as|at|for|in|with) (?P<v>.+)",
        about("The user's {who} works {at} {v}", "relation", "work", proper=True, subject="{who}"),
    ),
    (
        rf"(?:my|our) {WHO}(?:'s)? birthday is (?:on )?(?P<v>.+)",
        about(
            "The user's {who}'s birthday is {v}",
            "relation",
            "birthday",
            proper=True,
            subject="{who}",
            avoid=r"(?:not|coming|soon|in )",
        ),
    ),
    (
        rf"(?:my|our) {WHO} (?:(?:really|also|just) )*(?P<do>like|love|enjoy|hate|dislike|adore)s (?P<v>.+)",
        about("The user's {who} {do}s {v}", "relation", "taste: {bare}", subject="{who}", avoid=ANAPHORA),
    ),
    (
        (
            rf"(?:my|our) {WHO} (?:is|was|has|likes?|loves?|hates?|studies|plays|died|had|turns?|speaks|goes|wants|"
            r"got|will) (?!hungry|tired|here|there|asleep|coming|calling|waiting|sleeping|crying|barking|late|back|"
            r"out|in the|not|so|being|it|that|you|ok|okay|fine|outside|inside|home\b).+"
        ),
        whole("relation", "family"),
    ),
    (
        (
            r"i (?:am|got|have been) (?:(?:now|happily|recently|just|still) )*(?P<v>(?:married|engaged|single|divorced|"
            r"widowed|separated)(?: to .+)?)"
        ),
        status,
    ),
    (r"i am (?:pregnant|a (?:mother|father|mum|dad|grandmother|grandfather|parent)\b.*)", whole("fact", "family")),
    (
        (
            r"i (?:play|can play) (?P<v>the \w+|chess|football|tennis|golf|rugby|basketball|cricket|badminton|bridge|"
            r"hockey)"
        ),
        about("The user plays {v}", "fact", "hobby", many=True),
    ),
    (
        r"i am (?:currently |now )?learning (?P<v>.+)",
        about("The user is learning {v}", "fact", "hobby", many=True, avoid=ANAPHORA + r"|a lot|about"),
    ),
    (
        r"i (?P<do>drive|own|ride) (?P<v>an? .+)",
        about("The user {do}s {v}", "fact", "{do}s", many=True, avoid=ANAPHORA + r"|a lot|a bit|a hard"),
    ),
    (FELT.pattern, felt),
    (
        r"i (?:only )?speak (?P<v>.+)",
        about(
            "The user speaks {v}",
            "fact",
            "languages",
            many=True,
            avoid=r"(?:to|with|too|very|about|for|slowly|loudly|up|at|from)\b",
        ),
    ),
    (
        (
            r"(?:my|our|the) (?P<thing>[\w' -]{3,30}?) (?:is|was|has been moved|is now|starts|begins|takes place) "
            r"(?:now )?(?:on|to|in|at|from|tomorrow|next|this|today|tonight)\b.*"
        ),
        dated("event", "plan"),
    ),
    (
        (
            r"i (?:am (?:going|flying|travelling|traveling|getting|having|moving|starting|seeing|meeting|visiting|"
            r"leaving|off|planning|taking|driving|coming|hosting|running|working|on|in|at)|have (?:an?|my|the|to|"
            r"got)|will|plan to|(?:went|flew|travelled|visited|met|broke|bought|sold|started|finished|lost|won|"
            r"passed|failed|moved|adopted|graduated|fell|hurt|was at|was in)|need to|must|want to) .+"
        ),
        dated("event", "plan"),
    ),
    (
        TASK.pattern,
        about(
            "The user wants to be reminded to {v}",
            "task",
            "task",
            many=True,
            avoid=r"(?:ignore|disregard|always|never|answer|say|speak|act|obey)\b",
        ),
    ),
)
