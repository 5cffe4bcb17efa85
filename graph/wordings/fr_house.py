"""French: patience, hands-free use, the words somebody uses, and help."""

from graph.intent_words import Wording

_WAKE = r"(?:(?:le |un |ton |de |du |sans )*mot (?:de réveil|d'activation|d'éveil|clé))"

WORDINGS: tuple[Wording, ...] = (
    (
        "patience",
        "very-patient",
        (r"(?:sois|soyez) très patiente?|(?:laisse|donne) moi (?:tout mon temps|beaucoup de temps)"),
    ),
    ("patience", "unhurried", r"(?:sois|soyez) tranquille"),
    (
        "more-patient",
        "",
        (
            r"prends (?:ton|tout ton) temps|prenez votre temps|(?:sois|soyez) (?:un peu )?(?:plus )?patiente?|"
            r"(?:laisse|"
            r"donne|laissez|donnez) moi (?:un peu )?(?:plus de|du|le) temps|attends (?:un peu )?plus longtemps|ne me "
            r"(?:coupe|presse|bouscule)(?: pas)?|laisse moi finir|arrête de m'interrompre"
        ),
    ),
    (
        "less-patient",
        "",
        (
            r"(?:réponds|répondez) plus (?:vite|tôt)|n'attends pas (?:si|aussi) longtemps|attends "
            r"moins(?: longtemps)?|"
            r"(?:sois|soyez) moins patiente?"
        ),
    ),
    (
        "say-over",
        "",
        (
            r"je (?:dirai|dis|vais dire) (?:terminé|over|fini)(?: quand j'ai (?:fini|terminé)| à la fin)?|je (?:te "
            r")?(?:dis|dirai) quand j'ai (?:fini|terminé)|attends que je dise (?:terminé|over|fini)"
        ),
    ),
    (
        "normal-waiting",
        "",
        (r"patience normale|attends comme d'habitude|je ne (?:dirai|dis) plus (?:terminé|over|fini)"),
    ),
    (
        "normal-manner",
        "",
        (r"(?:reviens|retourne|revenir|retour) à la normale|tout (?:comme|redevient) (?:avant|normal)"),
    ),
    *(
        (
            "wake-word",
            name,
            (
                rf"(?:(?:change|mets|utilise|prends|passe) )?(?:{_WAKE} )?(?:à |en |sur |est |pour |par "
                rf")*(?:{said})(?: comme {_WAKE})?"
            ),
        )
        for name, said in (
            ("okay-nabu", "ok(?:ay)? nabu"),
            ("hey-jarvis", "hey jarvis"),
            ("hey-mycroft", "hey mycroft"),
            ("hey-rhasspy", "hey rhasspy"),
        )
    ),
    (
        "wake-word",
        "alexa",
        (rf"(?:(?:change|mets|utilise|prends) )?{_WAKE} (?:à |en |sur |est |par )*alexa|utilise alexa comme {_WAKE}"),
    ),
    (
        "wake-word",
        "on",
        (
            rf"(?:active|activez|utilise|utilisez|mets) {_WAKE}|avec {_WAKE}|{_WAKE} activé|(?:dors|attends) "
            r"(?:jusqu'à ce )?que je t'appelle|n'(?:écoute|réponds) que (?:quand|si) je t'appelle|"
            r"(?:écoute|réponds)(?: moi)?(?: seulement| uniquement)? (?:quand je t'appelle|à ton nom)"
        ),
    ),
    (
        "wake-word",
        "off",
        (
            rf"(?:désactive|désactivez|enlève|coupe|n'utilise (?:pas|plus)|plus|pas) {_WAKE}|sans mot (?:de réveil|"
            r"d'activation|d'éveil)|n'attends (?:pas|plus) que je t'appelle|écoute(?: moi)? sans que je t'appelle"
        ),
    ),
    (
        "which-wake-word",
        "",
        (
            rf"(?:quel est|c'est quoi|dis moi|quels sont) (?:les )?{_WAKE}|comment (?:je te|te) "
            r"réveiller?|que dois je "
            r"dire pour te réveiller|à quel (?:nom|mot) (?:est ce que tu réponds|tu réponds|réponds tu)|comment (?:je "
            r"t'appelle|t'appeler)"
        ),
    ),
    (
        "hands-free",
        "on",
        (
            r"(?:active |passe en |mets |utilise )?(?:le )?(?:mode )?mains libres(?: activé)?|écoute (?:tout le temps|"
            r"toujours)"
        ),
    ),
    (
        "hands-free",
        "off",
        (
            r"(?:désactive |quitte |arrête |sans |pas de |coupe )(?:le )?(?:mode )?mains libres|n'écoute pas "
            r"(?:tout le "
            r"temps|toujours)"
        ),
    ),
    (
        "read-back",
        "off",
        (
            r"ne (?:répète|relis)(?: moi)? (?:pas|plus) (?:ce que (?:je dis|tu as compris|tu entends))|arrête de "
            r"(?:répéter|relire) ce que (?:je dis|tu entends)|sans relecture"
        ),
    ),
    (
        "read-back",
        "on",
        (
            r"(?:relis|répète)(?: moi)? (?:toujours )?ce que tu (?:as compris|entends|as entendu)|(?:vérifie|"
            r"confirme)(?: avec moi)? ce que tu (?:as compris|entends)|demande moi si tu n'es pas sûre?"
        ),
    ),
    (
        "learn-word",
        "",
        (
            r"(?:ajoute|ajoutez|ajouter|mets)(?: le (?:mot|nom))? (?P<about>\S+(?: \S+){0,3}) (?:à|dans) (?:mes mots|"
            r"mon vocabulaire|mon dictionnaire|ma liste de mots)|(?:apprends|retiens) le (?:mot|nom) (?P<more>\S+(?: "
            r"\S+){0,2})"
        ),
    ),
    (
        "unlearn-word",
        "",
        (
            r"(?:enlève|retire|supprime|efface)(?: le (?:mot|nom))? (?P<about>\S+(?: \S+){0,3}) (?:de|à) (?:mes mots|"
            r"mon vocabulaire|mon dictionnaire|ma liste de mots)"
        ),
    ),
    (
        "pronounce",
        "",
        (
            r"(?!(?:ça|cela|il|elle|comment|ce) )(?P<about>\S+(?: \S+){0,2}) se prononce (?:comme "
            r")?(?!(?:comment|bien|"
            r"mal|en|avec|à)\b)(?P<how>\S+(?: \S+){0,3})"
        ),
    ),
    (
        "pronounce",
        "",
        (
            r"(?:prononce|prononcez|prononcer)(?: le (?:mot|nom))? (?P<about>\S+(?: \S+){0,2}) comme (?P<how>\S+(?: "
            r"\S+){0,3})"
        ),
    ),
    ("help", "talking", r"aide (?:sur|pour) (?:la parole|parler|l'épellation)"),
    ("help", "voice", r"(?:aide (?:sur|pour)|que dire (?:sur|pour)|aide moi avec) (?:la voix|le volume|la vitesse)"),
    (
        "help",
        "conversations",
        (r"(?:aide (?:sur|pour)|que dire (?:sur|pour)|aide moi avec|qu'est ce que je peux dire sur) les conversations"),
    ),
    ("help", "memory", r"(?:aide (?:sur|pour)|que dire (?:sur|pour)|aide moi avec) (?:la|ta) mémoire"),
    (
        "help",
        "listening",
        (r"(?:aide (?:sur|pour)|que dire (?:sur|pour)|aide moi avec) (?:l'écoute|le micro|les langues)"),
    ),
    (
        "help",
        "",
        (
            r"(?:à l'aide|aide(?: moi)?|aidez moi)|qu'est ce que (?:tu sais|tu peux|je peux) (?:faire|dire|te dire|te "
            r"demander)|que (?:sais tu|peux tu|puis je) (?:faire|dire|te dire|te demander)|(?:quelles sont )?les "
            r"commandes|comment ça marche|que faire"
        ),
    ),
)
