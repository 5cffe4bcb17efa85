"""Spanish: what is asked of the house: conversations, the microphone, what is wrong."""

from graph.intent_words import Wording

_ONE = r"(?:conversación|charla|chat)"
_MANY = r"(?:conversaciones|charlas|chats|historial)"
_OUR = r"(?:(?:la|mi|nuestra|nuestras|mis|las|los|esta|esa|una|el|todas|de|a) )*"
_ABOUT = r"(?:sobre|acerca de|del|de la|de|llamada|titulada|que se llama|en la que hablamos de)"
_MIC = r"(?:(?:el |mi |tu )?(?:micrófono|micro))"
_BORRA = r"(?:borra|borre|borrar|elimina|elimine|eliminar|suprime)"
_LEE = r"(?:lee|léeme|lea|léame|leer|leerme)"
_ABRE = (
    r"(?:abre|abra|abrir|vuelve a|volver a|volvamos a|regresa a|regresar a|ve a|ir a|retoma|retomar|continúa|cambia "
    r"a)"
)

WORDINGS: tuple[Wording, ...] = (
    (
        "new-conversation",
        "",
        (
            r"(?:(?:empieza|empecemos|empezar|comienza|comenzar|abre|abrir|inicia|crea|haz) )?(?:una "
            rf")?(?:nueva {_ONE}|"
            rf"{_ONE} nueva)|(?:empieza|empecemos) (?:de cero|de nuevo|otra {_ONE})|nuevo tema"
        ),
    ),
    *(
        (
            "open-conversation",
            number,
            (
                rf"(?:(?:abre|elige|toma|ve a|quiero|escoge|lee) )?(?:la |el ){word}(?: {_ONE}| resultado)?|(?:abre |"
                rf"elige )?(?:la |el )?número {count}"
            ),
        )
        for number, word, count in (
            ("#1", "primer[oa]?", "uno"),
            ("#2", "segund[oa]", "dos"),
            ("#3", "tercer[oa]?", "tres"),
            ("#4", "cuart[oa]", "cuatro"),
            ("#5", "quint[oa]", "cinco"),
        )
    ),
    ("delete-conversation", "#-1", rf"{_BORRA} (?:la |mi |nuestra )?(?:última {_ONE}|{_ONE} anterior)"),
    ("delete-conversation", "", rf"{_BORRA} (?:esta|la|nuestra) {_ONE}"),
    ("delete-conversation", "", rf"{_BORRA} {_OUR}{_ONE} {_ABOUT} (?P<about>.+)"),
    (
        "which-conversation",
        "",
        (
            rf"(?:qué|cuál) (?:{_ONE} es esta|es esta {_ONE})|en qué {_ONE} (?:estoy|estamos)|cómo se llama "
            rf"esta {_ONE}|"
            r"dónde (?:estoy|estamos)"
        ),
    ),
    ("read-conversation", "", rf"{_LEE} (?:la |mi |nuestra )?(?:última {_ONE}|{_ONE} anterior)"),
    ("read-conversation", "#0", rf"{_LEE} (?:esta|la) {_ONE}"),
    ("read-conversation", "", rf"{_LEE} {_OUR}{_ONE} {_ABOUT} (?P<about>.+)"),
    (
        "search-conversations",
        "",
        (
            rf"(?:busca|buscar|busque|encuentra) en {_OUR}{_MANY} (?P<about>.+)|(?:busca|buscar|busque|encuentra) "
            rf"(?P<more>.+?) en {_OUR}{_MANY}"
        ),
    ),
    (
        "search-conversations",
        "",
        (
            rf"(?:busca|encuentra|muéstrame|buscar) {_OUR}(?:{_ONE}|{_MANY}) (?:sobre|acerca de|en la que hablamos de|"
            r"donde hablamos de) (?P<about>.+)|cuándo hablamos (?:de |del |sobre )(?P<more>.+)"
        ),
    ),
    (
        "search-conversations",
        "",
        (rf"(?:muestra|muéstrame|lista|lee|dime) (?:todas )?(?:mis|las|nuestras) {_MANY}|qué {_MANY} (?:hay|tengo)"),
    ),
    ("open-conversation", "", rf"{_ABRE} {_OUR}(?:última {_ONE}|{_ONE} (?:anterior|de antes))"),
    ("open-conversation", "", rf"{_ABRE} {_OUR}(?:{_ONE} )?{_ABOUT} (?P<about>.+)"),
    (
        "rename-conversation",
        "",
        (
            rf"(?:cambia el nombre de (?:esta|la) {_ONE} (?:a|por)|(?:llama|nombra|titula|renombra|ponle)(?: "
            r"a)? (?:esta|"
            rf"la) {_ONE}(?: como| a| el nombre)?) (?P<about>.+)"
        ),
    ),
    ("rename-conversation", "", rf"(?:renombra|cambia el nombre de) (?:esta|la) {_ONE}"),
    (
        "undo",
        "",
        (
            r"(?:deshaz|deshacer|anula|revierte)(?:lo)?(?: (?:eso|esto|lo último|el último cambio|lo que (?:has hecho|"
            r"hiciste)))?|vuelve atrás|no quería eso|eso fue un error"
        ),
    ),
    (
        "meant",
        "",
        (
            r"(?:(?:no|perdón|perdona) )+(?:quería decir|quise decir|he dicho|dije|me refería a|decía)(?: que)? "
            r"(?P<about>.+)|(?:quería|quise) decir (?P<more>.+)"
        ),
    ),
    (
        "mute",
        "",
        (
            rf"(?:apaga|silencia|desactiva|cierra|corta) {_MIC}|{_MIC} apagado|(?:deja de|no me) (?:escucharme|"
            r"escuches|"
            r"escuchar)(?: más)?|no escuches(?: más)?|silénciame"
        ),
    ),
    (
        "sleep",
        "",
        (
            r"(?:duérmete|duerme|vete a dormir|ponte a dormir|modo (?:de )?(?:reposo|suspensión|sueño)|a dormir|"
            r"descansa)"
        ),
    ),
    (
        "what-went-wrong",
        "",
        (
            r"qué (?:ha pasado|pasó|pasa|salió mal|ha salido mal|ha fallado|falló|está mal)|(?:cuál es|qué) (?:el "
            r")?problema(?: hay)?|por qué no (?:ha funcionado|funcionó|funciona)(?: eso)?|hay algún problema"
        ),
    ),
    (
        "which-engines",
        "",
        (
            r"(?:qué|cuáles) (?:motores|motor|modelos?|programas?)(?: de \w+)? (?:usas|utilizas|estás usando|están "
            r"funcionando|están activos)|(?:lista|dime|muestra) los motores"
        ),
    ),
    (
        "which-voices",
        "",
        (
            r"(?:qué|cuáles) voces (?:tienes|hay|puedes usar|conoces|están disponibles)|(?:lista|dime|muestra|"
            r"muéstrame) (?:las|tus) voces|(?:cambia|cambiar) (?:de|la|tu) voz|otra voz"
        ),
    ),
    (
        "which-voices",
        "",
        (
            r"(?:usa|utiliza|pon|elige|cambia a|habla con) la voz (?:de |llamada )?(?!(?:normal|alta|"
            r"más)\b)(?P<about>\S+(?: \S+)?)"
        ),
    ),
    (
        "next",
        "",
        (
            r"(?:la |el |lo )?(?:siguiente|próxim[oa])(?: (?:página|parte|resultado))?|(?:ve|pasa|lee) (?:a "
            r"la |al |la |"
            r"el )?siguiente|más|sáltalo|salta(?: esto)?"
        ),
    ),
    (
        "previous",
        "",
        (
            r"(?:la |el |lo )?anterior(?: (?:página|parte))?|(?:ve|pasa|lee|vuelve) (?:a la |al |la |el )?anterior|"
            r"atrás|vuelve"
        ),
    ),
)
