"""Spanish: patience, hands-free use, the words somebody uses, and help."""

from graph.intent_words import Wording

_WAKE = r"(?:(?:la |una |tu |con |sin )*palabra (?:de activación|clave|para despertar|de despertar))"

WORDINGS: tuple[Wording, ...] = (
    ("patience", "very-patient", r"(?:sé|sea|ten) (?:muy paciente|mucha paciencia)|dame (?:todo el|mucho) tiempo"),
    ("patience", "unhurried", r"sin prisas?|no tengas prisa"),
    (
        "more-patient",
        "",
        (
            r"tómate tu tiempo|tómese su tiempo|(?:sé|sea) (?:un poco )?(?:más )?paciente|ten(?:ga)? (?:más "
            r")?paciencia|"
            r"dame (?:un poco )?(?:más )?(?:de )?tiempo|espera (?:un poco )?más(?: tiempo)?|no me (?:cortes|"
            r"interrumpas|"
            r"metas prisa|apures)|déjame (?:terminar|acabar)"
        ),
    ),
    (
        "less-patient",
        "",
        (
            r"(?:responde|contesta) (?:más rápido|antes|más pronto)|no esperes tanto|espera menos|(?:sé|sea) menos "
            r"paciente"
        ),
    ),
    (
        "say-over",
        "",
        (
            r"(?:diré|digo|voy a decir) (?:cambio|fin|over|terminado)(?: (?:al final|cuando (?:termine|acabe|haya "
            r"terminado)))?|te (?:digo|diré|aviso|avisaré) cuando (?:termine|acabe|haya terminado)|espera a que diga "
            r"(?:cambio|fin|over)"
        ),
    ),
    (
        "normal-waiting",
        "",
        (r"paciencia normal|espera como (?:siempre|de costumbre)|ya no (?:diré|digo) (?:cambio|fin|over)"),
    ),
    (
        "normal-manner",
        "",
        (r"(?:vuelve|volver|vuelva) a (?:la normalidad|lo normal)|todo (?:como antes|normal otra vez)"),
    ),
    *(
        (
            "wake-word",
            name,
            (
                rf"(?:(?:cambia|pon|usa) )?{_WAKE} (?:(?:a|por|es|como) )*(?:{said})|(?:usa|pon) (?:{said}) como "
                r"palabra (?:de activación|clave)"
            ),
        )
        for name, said in (
            ("okay-nabu", "ok(?:ay)? nabu"),
            ("hey-jarvis", "hey jarvis|jarvis"),
            ("hey-mycroft", "hey mycroft"),
            ("alexa", "alexa"),
            ("hey-rhasspy", "hey rhasspy"),
        )
    ),
    (
        "wake-word",
        "on",
        (
            rf"(?:activa|enciende|usa|utiliza|pon) {_WAKE}|con palabra de activación|(?:duerme|espera) "
            r"(?:a|hasta) que te llame|(?:solo )?(?:escucha|escúchame|responde|respóndeme)(?: solo)? "
            r"(?:cuando|si) te llame|"
            r"(?:solo )?(?:escucha|responde)(?: solo)? a tu nombre"
        ),
    ),
    (
        "wake-word",
        "off",
        (
            rf"(?:desactiva|apaga|quita|no uses) {_WAKE}|sin palabra (?:de activación|clave)|no (?:esperes|duermas) "
            r"(?:a|hasta) que te llame|(?:escucha|escúchame) sin (?:que te llame|tu nombre)"
        ),
    ),
    (
        "which-wake-word",
        "",
        (
            rf"(?:cuál es|dime|qué es|cuáles son) {_WAKE}|cómo te (?:despierto|llamo)|qué digo para despertarte|"
            r"a qué (?:nombre|palabra) respondes"
        ),
    ),
    (
        "hands-free",
        "on",
        (r"(?:(?:activa|usa|pon|enciende) )?(?:el )?(?:modo )?manos libres|escucha (?:siempre|todo el tiempo)"),
    ),
    (
        "hands-free",
        "off",
        (
            r"(?:desactiva|apaga|quita|sin|sal del?) (?:el )?(?:modo )?manos libres|no escuches (?:siempre|todo el "
            r"tiempo)"
        ),
    ),
    (
        "read-back",
        "off",
        (
            r"no (?:me )?(?:repitas|leas) lo que (?:digo|has entendido|entiendes|oyes)|deja de repetir lo que (?:digo|"
            r"oyes)"
        ),
    ),
    (
        "read-back",
        "on",
        (
            r"(?:repíteme|repite|léeme|dime) (?:siempre )?lo que (?:entiendes|has entendido|oyes)|(?:confirma|"
            r"comprueba)(?: conmigo)? lo que (?:entiendes|has entendido|oyes)|pregúntame si no estás segur[oa]"
        ),
    ),
    (
        "learn-word",
        "",
        (
            r"(?:añade|agrega|añadir|agregar|pon)(?: (?:la palabra|el nombre))? (?P<about>\S+(?: \S+){0,3}) (?:a|en) "
            r"(?:mis palabras|mi vocabulario|mi diccionario|mi lista de palabras)|(?:aprende|aprender) (?:la "
            r"palabra|el "
            r"nombre) (?P<more>\S+(?: \S+){0,2})"
        ),
    ),
    (
        "unlearn-word",
        "",
        (
            r"(?:quita|borra|elimina|saca)(?: (?:la palabra|el nombre))? (?P<about>\S+(?: \S+){0,3}) de "
            r"(?:mis palabras|"
            r"mi vocabulario|mi diccionario|mi lista de palabras)"
        ),
    ),
    (
        "pronounce",
        "",
        (
            r"(?!(?:eso|esto|cómo|no|lo|que) )(?P<about>\S+(?: \S+){0,2}) se pronuncia (?:como )?(?!(?:cómo|"
            r"bien|mal|en|"
            r"así|con)\b)(?P<how>\S+(?: \S+){0,3})"
        ),
    ),
    (
        "pronounce",
        "",
        (r"pronuncia(?: (?:la palabra|el nombre))? (?P<about>\S+(?: \S+){0,2}) como (?P<how>\S+(?: \S+){0,3})"),
    ),
    ("help", "talking", r"ayuda (?:para|sobre|con) (?:hablar|deletrear)"),
    ("help", "voice", r"(?:ayuda (?:para|sobre|con)|qué puedo decir sobre) (?:la voz|el volumen|la velocidad)"),
    ("help", "conversations", r"(?:ayuda (?:para|sobre|con)|qué puedo decir sobre) (?:las )?conversaciones"),
    ("help", "memory", r"(?:ayuda (?:para|sobre|con)|qué puedo decir sobre) (?:la|tu) memoria"),
    (
        "help",
        "listening",
        (r"(?:ayuda (?:para|sobre|con)|qué puedo decir sobre) (?:el micrófono|la escucha|los idiomas)"),
    ),
    (
        "help",
        "",
        (
            r"(?:ayuda|ayúdame|ayúdeme|socorro)|qué (?:puedo|puedes|sabes) (?:decir|hacer|preguntar|decirte|"
            r"preguntarte)(?: aquí)?|(?:cuáles son )?(?:los )?comandos|cómo funcionas|dime (?:los comandos|qué puedo "
            r"decir)"
        ),
    ),
)
