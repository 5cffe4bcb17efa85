"""Spanish: what is asked of memory and of the clock, and what is said out of courtesy."""

from graph.intent_words import Wording

WORDINGS: tuple[Wording, ...] = (
    (
        "off-record",
        "",
        (
            r"no (?:apuntes|guardes|anotes|recuerdes|tomes nota)(?: (?:nada|de nada))?(?: de lo que digo)?|deja de "
            r"(?:tomar notas|anotar|apuntar)|entre nosotros|extraoficialmente|modo privado"
        ),
    ),
    (
        "on-record",
        "",
        (r"(?:puedes )?(?:vuelve|volver) a (?:tomar notas|anotar|apuntar)|(?:toma|tomar) notas (?:de nuevo|otra vez)"),
    ),
    (
        "forget-last",
        "",
        (
            r"(?:olvida|olvide|olvídate de|olvidar) (?:eso|lo que (?:acabo de decir|he dicho|dije))|no (?:recuerdes|"
            r"guardes) eso"
        ),
    ),
    (
        "forget-everything",
        "",
        (r"(?:olvida|borra|olvídate de) (?:todo|todo lo que sabes(?: de mí| sobre mí)?|todos mis recuerdos)"),
    ),
    ("recall-everything", "", r"(?:qué|dime qué|dime lo que) sabes (?:de|sobre) mí"),
    (
        "why",
        "",
        (r"(?:cómo|por qué|de dónde) (?:lo )?sabes(?: eso)?|quién te (?:ha dicho|dijo) eso|te lo (?:he dicho|dije) yo"),
    ),
    ("time", "", r"(?:qué hora es|dime la hora|la hora|qué hora tienes|me dices la hora)"),
    (
        "date",
        "",
        (
            r"(?:qué día es(?: hoy)?|a qué (?:día )?estamos(?: hoy)?|qué fecha es(?: hoy)?|cuál es la "
            r"fecha(?: de hoy)?|"
            r"la fecha|qué día estamos)"
        ),
    ),
    ("nevermind", "", r"(?:da igual|no importa|déjalo|olvídalo)"),
    (
        "greeting",
        "",
        (
            r"(?:hola|buenos días|buenas tardes|buenas noches|buenas)(?: nightingale)*(?: (?:qué tal|"
            r"cómo estás))?|qué "
            r"tal|cómo estás"
        ),
    ),
    ("thanks", "", r"(?:gracias|muchas gracias|mil gracias)(?: (?:por todo|nightingale|por tu ayuda))*"),
    ("goodbye", "", r"(?:adiós|hasta (?:luego|mañana|pronto|la vista)|chao|nos vemos)(?: nightingale)?"),
)
