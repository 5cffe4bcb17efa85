"""The pass of whoever runs this house: they can read its log-in secret, so they may ask its server in anybody's name.

A pass is for one request, and for a minute.
"""

import base64
import hashlib
import hmac
from pathlib import Path

HEADER = "X-Nightingale-Pass"
VALID_SECONDS = 60.0


def make_pass(secret: str, method: str, path: str, user: str, now: float) -> str:
    """`now`: seconds since the epoch."""
    name = base64.urlsafe_b64encode(user.encode()).decode()
    return f"{now:.0f}.{name}.{_sign(secret, method, path, name, f'{now:.0f}')}"


def user_by_pass(given: str, secret: str, method: str, path: str, now: float) -> str | None:
    """In whose name; None when it is no pass for that, or no longer."""
    at, _, rest = given.partition(".")
    name, _, signature = rest.partition(".")
    if not hmac.compare_digest(signature.encode(), _sign(secret, method, path, name, at).encode()):
        return None
    return base64.urlsafe_b64decode(name).decode() if abs(now - float(at)) <= VALID_SECONDS else None


def read_secret(file: Path) -> str | None:
    """None when there is none yet. Blocking."""
    try:
        return file.read_text().strip()
    except OSError:
        return None


def _sign(secret: str, *words: str) -> str:
    return hmac.new(secret.encode(), "|".join(("nightingale operator", *words)).encode(), hashlib.sha256).hexdigest()
