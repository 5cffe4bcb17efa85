"""French: what is asked of the house: conversations, the microphone, what is wrong."""

from graph.intent_words import Wording

_ONE = r"(?:conversation|discussion|chat)"
_MANY = r"(?:conversations|discussions|chats)"
_OUR = r"(?:la |ma |notre |nos |mes |les |cette |celle |des |une )*"
_ABOUT = (
    r"(?:sur|à propos (?:de|du|des)|au sujet (?:de|du|des)|qui parle (?:de|du|des)|appelée?|nommée?|intitulée?|où "
    r"on a parlé (?:de|du|des))"
)
_MIC = r"(?:(?:le |mon |ton )?(?:micro|microphone))"
_OUVRE = (
    r"(?:ouvre|ouvrez|ouvrir|rouvre|reprends|reprenons|reprendre|retourne à|retourner à|retournons à|reviens à|"
    r"revenons à|revenir à|va à|aller à|passe à)"
)
_SUPPRIME = r"(?:supprime|supprimez|supprimer|efface|effacez|effacer|détruis)"
_LIS = r"(?:lis|lisez|lire|relis)(?: moi)?"

WORDINGS: tuple[Wording, ...] = (
    (
        "new-conversation",
        "",
        (
            rf"(?:(?:commence|commençons|commencer|ouvre|ouvrir|démarre|fais|crée|lance) )?(?:une )?nouvelle {_ONE}|"
            rf"(?:commence|commençons) une autre {_ONE}|on recommence (?:à zéro|du début)|recommençons à zéro|nouveau "
            r"sujet"
        ),
    ),
    *(
        (
            "open-conversation",
            number,
            (
                rf"(?:(?:ouvre|prends|choisis|va à|je veux|lis) )?(?:la |le )?(?:{word})(?: (?:{_ONE}|résultat))?|"
                rf"(?:ouvre|prends|choisis)? ?(?:le )?numéro {count}"
            ),
        )
        for number, word, count in (
            ("#1", "première?", "un"),
            ("#2", "deuxième|seconde?", "deux"),
            ("#3", "troisième", "trois"),
            ("#4", "quatrième", "quatre"),
            ("#5", "cinquième", "cinq"),
        )
    ),
    ("delete-conversation", "#-1", rf"{_SUPPRIME} (?:la |ma |notre )?(?:dernière {_ONE}|{_ONE} précédente)"),
    ("delete-conversation", "", rf"{_SUPPRIME} (?:cette|la|notre) {_ONE}"),
    ("delete-conversation", "", rf"{_SUPPRIME} {_OUR}{_ONE} {_ABOUT} (?P<about>.+)"),
    (
        "which-conversation",
        "",
        (
            rf"(?:dans )?quelle {_ONE} (?:est ce|est ce que c'est|c'est|sommes nous|on est|suis je)|c'est "
            rf"quelle {_ONE}|"
            rf"comment s'appelle (?:cette|la) {_ONE}|où (?:suis je|en sommes nous)"
        ),
    ),
    ("read-conversation", "", rf"{_LIS} (?:la |ma |notre )?(?:dernière {_ONE}|{_ONE} précédente)"),
    ("read-conversation", "#0", rf"{_LIS} (?:cette|la) {_ONE}"),
    ("read-conversation", "", rf"{_LIS} {_OUR}{_ONE} {_ABOUT} (?P<about>.+)"),
    (
        "search-conversations",
        "",
        (
            r"(?:cherche|cherchez|chercher|recherche|trouve|trouver) (?P<about>.+?) dans "
            rf"{_OUR}(?:{_MANY}|historique)|"
            rf"(?:cherche|chercher|recherche|fouille) dans {_OUR}(?:{_MANY}) (?P<more>.+)"
        ),
    ),
    (
        "search-conversations",
        "",
        (
            rf"(?:cherche|trouve|montre|chercher|trouver)(?: moi)? {_OUR}(?:{_ONE}|{_MANY}) (?:sur|à propos (?:de|du|"
            r"des)|où on a parlé (?:de|du|des)|qui parlent? (?:de|du|des)) (?P<about>.+)|quand (?:est "
            r"ce qu'on a|avons "
            r"nous|on a) parlé (?:de |du |des |d')(?P<more>.+)"
        ),
    ),
    (
        "search-conversations",
        "",
        (
            rf"(?:montre|liste|lis)(?: moi)? (?:toutes )?(?:mes|les|nos) {_MANY}|quelles {_MANY} (?:y a t il|"
            r"ai je|il y "
            r"a)"
        ),
    ),
    ("open-conversation", "", rf"{_OUVRE} {_OUR}(?:dernière {_ONE}|{_ONE} (?:précédente|d'avant))"),
    ("open-conversation", "", rf"{_OUVRE} {_OUR}(?:{_ONE} )?{_ABOUT} (?P<about>.+)"),
    (
        "rename-conversation",
        "",
        (
            rf"(?:renomme|renommez|renommer|appelle|appeler|nomme|intitule) (?:cette|la|notre) {_ONE}(?: en)? "
            r"(?P<about>.+)"
        ),
    ),
    ("rename-conversation", "", rf"(?:renomme|renommer) (?:cette|la) {_ONE}"),
    (
        "undo",
        "",
        (
            r"annule(?:z|r)?(?: (?:ça|cela|la dernière action|ce que tu (?:as fait|viens de faire)))?|reviens en "
            r"arrière|défais(?: ça)?|ce n'est pas ce que je voulais|c'était une erreur"
        ),
    ),
    (
        "meant",
        "",
        (
            r"(?:(?:non|pardon|désolée?|mais non) )+(?:je voulais dire|j'ai dit|je disais|je veux dire)(?: que)? "
            r"(?P<about>.+)|je voulais dire (?P<more>.+)"
        ),
    ),
    (
        "mute",
        "",
        (
            rf"(?:coupe|coupez|couper|éteins|désactive|ferme) {_MIC}|{_MIC} (?:coupé|éteint)|muet|(?:arrête|arrêtez) "
            r"(?:de m'écouter|d'écouter)|n'écoute plus|ne m'écoute plus"
        ),
    ),
    (
        "sleep",
        "",
        (r"(?:dors|dormez|va dormir|endors toi|mets toi en veille|passe en veille|mode veille|en veille|veille)"),
    ),
    (
        "what-went-wrong",
        "",
        (
            r"qu'est ce qui (?:ne va pas|n'a pas marché|s'est passé|n'allait pas)|(?:quel est le|c'est quoi le|où est "
            r"le) problème|pourquoi (?:ça|cela) (?:n'a pas marché|ne marche pas|marche pas|n'a pas fonctionné)|que "
            r"s'est il passé|il y a un problème"
        ),
    ),
    (
        "which-engines",
        "",
        (
            r"(?:quels?|quelles?) (?:moteurs?|modèles?|logiciels?)(?: de \w+)? (?:utilises tu|tu utilises|est "
            r"ce que tu "
            r"utilises|sont utilisés|tournent)|tu utilises (?:quels? moteurs?|quel modèle)|(?:liste|montre)(?: moi)? "
            r"les moteurs"
        ),
    ),
    (
        "which-voices",
        "",
        (
            r"quelles voix (?:as tu|tu as|y a t il|il y a|sont disponibles|est ce que tu as|connais tu)|tu as quelles "
            r"voix|(?:liste|montre|donne)(?: moi)? (?:les|tes) voix|change(?:r)? (?:de|la|ta) voix|une autre voix"
        ),
    ),
    (
        "which-voices",
        "",
        (
            r"(?:utilise|prends|utiliser|choisis|mets|passe à) la voix (?:de |d')?(?:appelée )?(?!(?:normale|haute|"
            r"plus)\b)(?P<about>\S+(?: \S+)?)"
        ),
    ),
    (
        "next",
        "",
        (
            r"(?:la |le )?(?:suite|suivante?|prochaine?)(?: (?:page|partie|résultat))?|(?:va|passe|lis) (?:à "
            r"la |au |la "
            r"|le )?(?:suite|suivante?)|encore|plus|continue la lecture"
        ),
    ),
    (
        "previous",
        "",
        (
            r"(?:la |le )?précédente?|(?:va|passe|lis|reviens) (?:à la |au |la |le )?précédente?|"
            r"(?:retour|reviens) en "
            r"arrière|celle d'avant|retour"
        ),
    ),
)
