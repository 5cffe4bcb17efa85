"""In which language somebody is answered over HTTP."""

from fastapi import Request

from graph.strings import LANGUAGES
from graph.types import Language


def language_of(request: Request) -> Language:
    """The first that is asked for and is one of ours, else English. Browsers name what they want most first."""
    asked = request.headers.get("accept-language", "").split(",")
    words = [each.partition(";")[0].strip().partition("-")[0].lower() for each in asked]
    return next((language for word in words for language in LANGUAGES if language == word), "en")
