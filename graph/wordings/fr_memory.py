"""French: what is asked of memory and of the clock, and what is said out of courtesy."""

from graph.intent_words import Wording

WORDINGS: tuple[Wording, ...] = (
    (
        "off-record",
        "",
        (
            r"(?:ne note (?:rien|pas|plus rien)|ne retiens rien|n'enregistre (?:rien|pas)|arrête de (?:noter|retenir|"
            r"prendre des notes)|entre nous|mode privé|hors micro)(?: de ce que je dis)?"
        ),
    ),
    (
        "on-record",
        "",
        (
            r"(?:tu peux )?(?:recommence|recommencer|reprends|reprendre) (?:à noter|les notes|tes notes)|note "
            r"à nouveau|"
            r"tu peux (?:à nouveau )?noter"
        ),
    ),
    (
        "forget-last",
        "",
        (
            r"(?:oublie|oubliez|oublier) (?:ça|cela|ce que (?:je viens de dire|j'ai dit))|(?:ne (?:retiens|"
            r"note) pas|ne "
            r"garde pas) (?:ça|cela)"
        ),
    ),
    (
        "forget-everything",
        "",
        (r"(?:oublie|oubliez|efface) (?:tout|tout ce que tu sais(?: (?:de|sur) moi)?|tous mes souvenirs)"),
    ),
    (
        "recall-everything",
        "",
        (r"(?:qu'est ce que tu sais|que sais tu|tu sais quoi|dis moi ce que tu sais) (?:de|sur) moi"),
    ),
    (
        "why",
        "",
        (
            r"(?:comment|d'où) (?:tu (?:sais|connais)|sais tu|le sais tu) (?:ça|cela)|comment tu le sais|qui t'a dit "
            r"(?:ça|cela)|pourquoi tu sais ça"
        ),
    ),
    (
        "time",
        "",
        (r"(?:quelle heure est il|il est quelle heure|quelle heure il est|dis moi l'heure|l'heure|donne moi l'heure)"),
    ),
    (
        "date",
        "",
        (
            r"(?:quel jour (?:sommes nous|on est|est on)|on est quel jour|quelle est la date(?: "
            r"d'aujourd'hui)?|la date|"
            r"quelle date (?:sommes nous|on est))(?: aujourd'hui)?"
        ),
    ),
    ("nevermind", "", r"(?:laisse tomber|peu importe|ce n'est pas grave|c'est pas grave|oublie)"),
    (
        "greeting",
        "",
        (
            r"(?:bonjour|salut|bonsoir|coucou)(?: (?:nightingale|toi|à toi))*(?: (?:ça va|comment (?:ça va|"
            r"vas tu|allez "
            r"vous)))?"
        ),
    ),
    ("thanks", "", r"merci(?: (?:beaucoup|bien|infiniment|à toi|nightingale))*"),
    ("goodbye", "", r"(?:au revoir|à bientôt|à demain|à plus(?: tard)?|bonne nuit|salut à plus)(?: nightingale)?"),
)
