"""Spanish: how somebody wants to be talked with."""

from graph.intent_words import Wording
from graph.wordings import es_errands, es_house, es_memory

OPENING = (
    r"(?:por favor|bueno|bien|pues|eh+|em+|mm+|y|a ver|ok|okay|vale|oye|oiga|hola|ay|oh|ah|nightingale|escucha|"
    r"ahora|gracias|"
    r"perdón|perdona|(?:me )?(?:puedes|podrías|puede|podría|quieres)|(?:quiero|quisiera|me gustaría) que|quiero|"
    r"quisiera|me "
    r"gustaría)"
)
CLOSING = r"(?:por favor|gracias|muchas gracias|ahora|ahora mismo|nightingale|para mí|de acuerdo|vale|porfa)"
YES = (
    r"(?:sí|si|claro|vale|ok|okay|de acuerdo|por supuesto|adelante|hazlo|confirmo|correcto|exacto|seguro|estoy "
    r"segur[oa]|desde "
    r"luego)(?: (?:sí|si|claro|hazlo|adelante|que sí|bórral[oa]|elimínal[oa]|estoy segur[oa]))*"
)
NO = r"(?:no|nunca|jamás|mejor no|cancela|cancelar|espera|para|todavía no|ni hablar)\b.*"

_UN_POCO = r"(?:(?:un poco|un poquito|mucho|todavía|aún|algo) )*"
_HABLA = r"(?:(?:habla|hable|hablar|háblame|lee|ve|vaya|dilo) )?"
_SIGNALS = r"(?:(?:las |los |tus |todas )*(?:señales|pitidos|tonos|bips|sonidos))"
_ANSWERS = r"(?:respuestas?)"

WORDINGS: tuple[Wording, ...] = (
    ("tier", "text", r"(?:sólo|solo|solamente) texto|texto solamente"),
    (
        "tier",
        "stt-only",
        (
            r"no (?:me )?(?:hables|hable)(?: más| en voz alta)?|deja de hablarme(?: y)?(?: solo| sólo)? escribe|"
            r"(?:cambia|cambiar|pasa|pasar) a(?:l)? (?:modo )?texto|modo texto|(?:responde|contesta|"
            r"respóndeme)(?: solo|"
            rf" sólo)? por escrito|escribe (?:tus|las) {_ANSWERS}"
        ),
    ),
    (
        "tier",
        "full",
        (
            r"(?:cambia|cambiar|pasa|pasar|vuelve|volver) a (?:la )?voz|(?:habla|háblame|hablar) "
            r"(?:de nuevo|otra vez)|"
            r"vuelve a hablar(?:me)?|puedes (?:volver a )?hablar(?:me)?|modo (?:de )?voz|(?:habla|responde|"
            r"contesta) en "
            r"voz alta"
        ),
    ),
    ("tier", "tts-only", r"(?:voy a|prefiero|déjame) (?:escribir|teclear)|(?:cambia|pasa) al teclado"),
    (
        "stop",
        "",
        (
            r"(?:para|pare|stop)(?: (?:ya|para|stop))*|(?:para|deja) de (?:hablar|leer)|cállate|cállese|silencio|"
            r"basta(?: ya)?|alto|detente|deténgase|ya basta|es suficiente|suficiente|calla|chitón"
        ),
    ),
    (
        "wait",
        "",
        (
            r"(?:espera|espere|espérate)(?: espera)?(?: (?:un (?:momento|momentito|segundo|minuto|"
            r"poco)))?|(?:un |sólo "
            r"un |solo un )(?:momento|momentito|segundo|minuto)|pausa|aguarda|dame un (?:momento|segundo|minuto)"
        ),
    ),
    (
        "go-on",
        "",
        (
            r"(?:puedes )?(?:sigue|siga|seguir|continúa|continúe|continuar|adelante|prosigue)(?: (?:hablando|leyendo|"
            r"donde (?:lo dejaste|estabas|te quedaste)|con (?:eso|tu respuesta)))*|termina (?:la|tu) (?:frase|"
            r"respuesta)"
        ),
    ),
    (
        "repeat",
        "sentence",
        (
            r"(?:repite|repita|repetir|repíteme|dime|di|lee)(?: otra vez)? la última frase(?: otra vez| de nuevo)?|"
            r"(?:cuál (?:fue|era) )?la última frase"
        ),
    ),
    (
        "repeat",
        "said",
        (
            r"qué (?:he dicho|dije|acabo de decir)(?: yo)?|(?:repite|dime) lo que (?:he dicho|dije)|"
            r"qué (?:has|habías) "
            r"(?:entendido|oído)|qué entendiste|repite mi (?:pregunta|frase)"
        ),
    ),
    (
        "repeat",
        "",
        (
            r"(?:repite|repita|repetir|repítelo|repetirlo|repítemelo|repíteme)(?: (?:eso|lo|lo que (?:has dicho|"
            r"dijiste)))?(?: otra vez| de nuevo)?|otra vez|de nuevo|dilo (?:otra vez|de nuevo)|una vez más|(?:repite|"
            r"repetir) (?:la|tu) (?:última )?respuesta|cómo(?: dices| has dicho)?|qué has dicho|qué dijiste|no (?:te "
            r")?(?:he|lo he) (?:entendido|oído)|no (?:te )?(?:entendí|oí)"
        ),
    ),
    (
        "spell",
        "",
        (
            r"(?:deletrea|deletrear|deletréalo|deletrearlo|deletree)(?: (?:eso|esto))?|cómo se "
            r"(?:escribe|deletrea)(?: "
            r"eso)?|letra por letra"
        ),
    ),
    (
        "spell",
        "",
        (
            r"(?:deletrea|deletrear|deletree|deletréame)(?: (?:la palabra|el nombre))? (?P<about>\S+(?: "
            r"\S+){0,2})|cómo "
            r"se (?:escribe|deletrea)(?: (?:la palabra|el nombre))? (?P<more>\S+(?: \S+){0,2})"
        ),
    ),
    (
        "brief",
        "",
        (
            rf"(?:sé|sea|ser) (?:más )?breve|(?:más )?(?:breve|corto)|(?:dame )?{_ANSWERS} (?:más )?(?:cortas|breves)|"
            r"(?:responde|contesta) (?:más )?(?:brevemente|corto)|hablas (?:demasiado|mucho)|(?:es|son|fue) demasiado "
            r"larg[oa]s?"
        ),
    ),
    (
        "full",
        "",
        (
            r"(?:di|dime|cuéntame|decir) más|(?:dame )?más detalles?|(?:sé|sea) más (?:detallad[oa]|complet[oa])|"
            rf"(?:dame )?{_ANSWERS} más (?:largas|detalladas|completas)|(?:responde|contesta) (?:con más detalle|más "
            r"largo)"
        ),
    ),
    ("normal-length", "", rf"{_ANSWERS} (?:normales|de longitud normal)|longitud normal"),
    ("signals", "louder", rf"{_SIGNALS} más (?:fuertes|altas|altos)|sube {_SIGNALS}"),
    ("signals", "quieter", rf"{_SIGNALS} más (?:bajas|bajos|suaves)|baja {_SIGNALS}"),
    ("signals", "off", rf"(?:sin|no más|quita|apaga|desactiva|silencia|no quiero) {_SIGNALS}"),
    ("signals", "on", rf"(?:activa|enciende|pon|con) {_SIGNALS}"),
    (
        "slower",
        "",
        (
            rf"{_HABLA}{_UN_POCO}(?:más (?:despacio|lento|lentamente)|menos rápido|despacio)|(?:ve|vaya) más despacio|"
            r"(?:hablas|vas|es) (?:demasiado|muy) (?:rápido|deprisa)|demasiado rápido|no tan rápido|"
            r"reduce la velocidad"
        ),
    ),
    (
        "faster",
        "",
        (
            rf"{_HABLA}{_UN_POCO}(?:más (?:rápido|deprisa|aprisa)|menos lento)|(?:hablas|vas|es) (?:demasiado|muy) "
            r"(?:lento|despacio)|demasiado lento|acelera|aumenta la velocidad"
        ),
    ),
    (
        "normal-speed",
        "",
        (r"(?:(?:habla|vuelve|hable|volver) )?(?:a (?:la )?|con )?velocidad normal|habla normal(?:mente)?"),
    ),
    (
        "louder",
        "",
        (
            rf"{_HABLA}{_UN_POCO}más (?:alto|fuerte)|(?:sube|suba|subir|aumenta) el (?:volumen|sonido)(?: un "
            r"poco| más)?|"
            r"no te oigo(?: bien)?|no se oye(?: bien)?|(?:hablas|es) (?:demasiado|muy) bajo"
        ),
    ),
    (
        "quieter",
        "",
        (
            rf"{_HABLA}{_UN_POCO}más (?:bajo|bajito|suave|flojo)|(?:baja|baje|bajar|reduce) (?:el (?:volumen|"
            r"sonido)|la "
            r"voz)(?: un poco| más)?|(?:hablas|es) (?:demasiado|muy) (?:alto|fuerte)|demasiado (?:alto|fuerte)|no tan "
            r"alto"
        ),
    ),
    ("normal-loudness", "", r"(?:(?:vuelve|volver) al? )?(?:el )?volumen normal"),
    (
        "higher",
        "",
        (r"(?:(?:habla|usa|con|pon|hablar) )*(?:(?:con )?una )?(?:voz|un tono) más agud[oa]|más agudo|sube el tono"),
    ),
    (
        "lower",
        "",
        (r"(?:(?:habla|usa|con|pon|hablar) )*(?:(?:con )?una )?(?:voz|un tono) más grave|más grave|baja el tono"),
    ),
    ("normal-pitch", "", r"(?:(?:usa|vuelve a|con|habla con|volver a) )?(?:tu |la |el )?(?:voz|tono) normal"),
    *es_house.WORDINGS,
    *es_errands.WORDINGS,
    *es_memory.WORDINGS,
)
