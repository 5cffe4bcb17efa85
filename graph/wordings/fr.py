"""French: how somebody wants to be talked with."""

from graph.intent_words import Wording
from graph.wordings import fr_errands, fr_house, fr_memory

OPENING = (
    r"(?:s'il te plaît|s'il vous plaît|stp|svp|bon|bien|alors|euh+|heu+|hum|ben|et|ok|okay|d'accord|dis|hé|hey|oh|ah|"
    r"nightingale|écoute|maintenant|merci|pardon|(?:est ce que )?(?:tu peux|tu pourrais|vous pouvez|vous pourriez)|"
    r"peux tu|"
    r"pourrais tu|pouvez vous|pourriez vous|(?:je veux|je voudrais|j'aimerais) que (?:tu|vous)|je (?:veux|voudrais)|"
    r"j'aimerais)"
)
CLOSING = (
    r"(?:s'il te plaît|s'il vous plaît|stp|svp|merci(?: beaucoup)?|maintenant|nightingale|pour moi|tout de suite|"
    r"d'accord|alors)"
)
YES = (
    r"(?:oui|ouais|ok|okay|d'accord|bien sûr|vas y|allez y|certainement|absolument|exactement|je confirme|fais le|"
    r"c'est ça|je "
    r"suis sûre?)(?: (?:oui|vas y|allez y|fais le|faites le|je suis sûre?|supprime(?: la| tout)?|efface(?: la| "
    r"tout)?))*"
)
NO = r"(?:non|surtout pas|pas (?:maintenant|encore|vraiment)|annule|annuler|laisse|arrête|attends|jamais|garde)\b.*"

_UN_PEU = r"(?: (?:un peu|encore|beaucoup|plus|que ça))*"
_PARLE = r"(?:(?:parler?|parlez|lis|lisez|lire|va|allez|aller|un peu|encore|dis le|moins|beaucoup) )*"
_SIGNALS = r"(?:(?:les |tes |vos |des |tous |de |d')*(?:signaux|bips?|sons(?: de signal)?|signaux sonores|tonalités))"
_ANSWERS = r"(?:réponses?)"

WORDINGS: tuple[Wording, ...] = (
    ("tier", "text", r"(?:uniquement|seulement) (?:du|le) texte|(?:du )?texte (?:seulement|uniquement)"),
    (
        "tier",
        "stt-only",
        (
            r"ne parle(?:z)? (?:pas|plus)(?: à voix haute)?|ne me parle(?:z)? (?:pas|plus)|(?:passe(?:z)?|"
            r"passer) (?:au|"
            r"en mode) texte|mode texte|(?:réponds|répondez|répondre)(?: moi)? par écrit|écri[st](?:ez)? (?:tes|vos|"
            rf"les) {_ANSWERS}"
        ),
    ),
    (
        "tier",
        "full",
        (
            r"(?:passe(?:z)?|passer|reviens|revenir|repasse) (?:à la voix|en mode vocal)|(?:parle|parlez) (?:moi "
            r")?(?:de nouveau|à nouveau|encore)|reparle(?: moi)?|mode vocal|(?:parle|réponds)(?: moi)? à (?:voix "
            r")?haute(?: voix)?"
        ),
    ),
    (
        "tier",
        "tts-only",
        (r"(?:je vais|je préfère|laisse moi) (?:taper|écrire)(?: au clavier)?|(?:passe|passer) au clavier"),
    ),
    (
        "stop",
        "",
        (
            r"stop(?: stop)*|arrête(?:z)?(?: de (?:parler|lire)| ça| tout)?|arrête toi|tais toi|taisez vous|silence|"
            r"chut|ça suffit|c'est bon ça suffit|assez|plus un mot"
        ),
    ),
    (
        "wait",
        "",
        (
            r"attends?(?: attends)?(?: (?:un (?:moment|instant|peu)|une (?:minute|seconde)))?|"
            r"attendez(?: un (?:moment|"
            r"instant|peu))?|patiente(?:z)?|(?:juste )?(?:un (?:moment|instant)|une (?:minute|seconde))|pause|"
            r"donne moi "
            r"une (?:minute|seconde)"
        ),
    ),
    (
        "go-on",
        "",
        (
            r"(?:tu peux |vas y )?(?:continue|continuez|continuer|poursuis|poursuivez|reprends|reprenez|vas y|"
            r"allez y)(?: "
            r"(?:où tu (?:t'es arrêtée?|en étais)|ta phrase|ta réponse|la lecture))*|la suite de ta réponse|finis ta "
            r"(?:phrase|réponse)"
        ),
    ),
    (
        "repeat",
        "sentence",
        (
            r"(?:répète|répétez|répéter|redis|relis|dis) (?:moi )?(?:la|ta) dernière phrase|(?:quelle était )?la "
            r"dernière phrase"
        ),
    ),
    (
        "repeat",
        "said",
        (
            r"qu'est ce que j'ai dit|j'ai dit quoi|qu'ai je dit|(?:répète|redis|dis moi) ce que j'ai "
            r"dit|qu'est ce que "
            r"tu as (?:compris|entendu)|(?:répète|relis) ma (?:question|phrase)"
        ),
    ),
    (
        "repeat",
        "",
        (
            r"(?:répète|répétez|répéter|redis|redites)(?: (?:le|ça|cela|moi ça))?(?: encore(?: une "
            r"fois)?)?|encore une "
            r"fois|(?:répète|répéter|redis) (?:la|ta) (?:dernière )?réponse|comment|pardon|tu (?:peux|"
            r"pourrais) répéter|"
            r"qu'est ce que tu as dit|tu as dit quoi|qu'as tu dit|je n'ai pas (?:compris|entendu)"
        ),
    ),
    (
        "spell",
        "",
        (
            r"(?:épelle|épelez|épeler)(?: (?:ça|cela|le|moi ça))?|comment (?:ça s'écrit|est ce que ça s'écrit|ça "
            r"s'épelle)|lettre par lettre"
        ),
    ),
    (
        "spell",
        "",
        (
            r"(?:épelle|épelez|épeler)(?: moi)?(?: le (?:mot|nom))? (?P<about>\S+(?: \S+){0,2})|comment (?:s'écrit|"
            r"s'épelle|écrit on|on écrit)(?: le (?:mot|nom))? (?P<more>\S+(?: \S+){0,2})"
        ),
    ),
    (
        "brief",
        "",
        (
            r"(?:sois|soyez|être) (?:plus )?(?:brève?|brefs?|concise?|courte?)|(?:plus )?(?:court|bref|brièvement)|"
            rf"(?:fais|faites) (?:plus )?court|(?:des |donne moi des )?{_ANSWERS} (?:plus )?(?:courtes|brèves)|"
            r"(?:réponds|répondez|répondre) (?:plus )?brièvement|tu parles trop|c'est trop long"
        ),
    ),
    (
        "full",
        "",
        (
            r"(?:dis m'en|dites m'en|en dire) plus|(?:plus de|davantage de) détails|(?:sois|soyez) plus (?:détaillée?|"
            rf"complète?t?)|(?:des |donne moi des )?{_ANSWERS} plus (?:longues|détaillées|complètes)|(?:réponds|"
            r"répondez) (?:plus longuement|en détail)"
        ),
    ),
    ("normal-length", "", rf"(?:des )?{_ANSWERS} (?:normales|de longueur normale)|longueur normale"),
    ("signals", "louder", rf"{_SIGNALS} plus forts?|augmente {_SIGNALS}|monte {_SIGNALS}"),
    ("signals", "quieter", rf"{_SIGNALS} moins forts?|baisse {_SIGNALS}|{_SIGNALS} plus bas"),
    ("signals", "off", rf"(?:plus|pas|sans|coupe|coupez|désactive|arrête|enlève|supprime) {_SIGNALS}"),
    ("signals", "on", rf"(?:active|activez|remets|rallume|allume) {_SIGNALS}|avec {_SIGNALS}"),
    (
        "slower",
        "",
        (
            rf"{_PARLE}(?:plus lentement|moins vite|moins rapidement|doucement){_UN_PEU}|"
            rf"ralentis{_UN_PEU}|ralentissez|"
            r"ralentir|(?:tu parles|vous parlez|c'est|tu vas) trop vite|trop vite"
        ),
    ),
    (
        "faster",
        "",
        (
            rf"{_PARLE}(?:plus vite|plus rapidement|moins lentement){_UN_PEU}|accélère{_UN_PEU}|accélérez|accélérer|"
            r"(?:tu parles|vous parlez|c'est|tu vas) trop lentement|trop (?:lent|lentement)"
        ),
    ),
    (
        "normal-speed",
        "",
        (
            r"(?:(?:parle|reviens|parlez|parler|revenir|retourne) )?(?:à (?:la )?)?(?:vitesse|allure) normale|parle "
            r"normalement"
        ),
    ),
    (
        "louder",
        "",
        (
            rf"{_PARLE}(?:plus fort|plus haut){_UN_PEU}|(?:monte|augmente|montez|augmentez|monter|augmenter) (?:le "
            rf"(?:son|volume)){_UN_PEU}|je (?:ne )?t'entends (?:pas|mal)(?: bien)?|(?:tu parles|c'est) trop (?:bas|"
            r"doucement)"
        ),
    ),
    (
        "quieter",
        "",
        (
            rf"{_PARLE}(?:moins fort|plus bas|plus doucement){_UN_PEU}|(?:baisse|baissez|diminue|"
            r"réduis|baisser) (?:le "
            rf"(?:son|volume)|la voix|d'un ton){_UN_PEU}|(?:tu parles|c'est) trop fort|trop fort"
        ),
    ),
    ("normal-loudness", "", r"(?:(?:reviens|retourne|remets) )?(?:à |au |le )?volume normal"),
    (
        "higher",
        "",
        (
            r"(?:(?:parle|prends|avec|parler|utilise) )*(?:d')?(?:une )?(?:voix|un ton) plus (?:aiguë?|haute?)|plus "
            r"aigue?|(?:monte|hausse) (?:le|d'un) ton"
        ),
    ),
    (
        "lower",
        "",
        (r"(?:(?:parle|prends|avec|parler|utilise) )*(?:d')?(?:une )?(?:voix|un ton) plus (?:grave|basse?)|plus grave"),
    ),
    ("normal-pitch", "", r"(?:(?:reprends|reviens à|avec|à) )?(?:ta |une |la )?(?:voix|hauteur) normale"),
    *fr_house.WORDINGS,
    *fr_errands.WORDINGS,
    *fr_memory.WORDINGS,
)
