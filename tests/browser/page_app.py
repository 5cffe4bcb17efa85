"""Chainlit with our page and no engines behind it: `python -m tests.browser.page_app PORT FOLDER`.

What the page sent is told at /seen; PUT /listens/false makes the server refuse to listen; PUT /hands_free/true makes
pages that come listen by themselves. The recording of every
offer is a tone of two seconds, but for `lost`, which is not there.
"""

import base64
import hashlib
import io
import os
import re
import sys
import wave
from pathlib import Path
from typing import Any

import uvicorn
from fastapi import FastAPI, Request, Response
from starlette.middleware.base import RequestResponseEndpoint

from app.shell import lay_out_shell

POLICY = (
    "default-src 'self'; base-uri 'none'; object-src 'none'; frame-ancestors 'none'; form-action 'self'; "
    "script-src 'self' {scripts}; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
    "media-src 'self' blob:; font-src 'self' data:; connect-src 'self'"
)


def inline_script_hashes(page: str) -> str:
    scripts = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    digests = [base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() for script in scripts]
    return " ".join(f"'sha256-{digest}'" for digest in digests)


def create_app(root: Path) -> FastAPI:
    """Chainlit reads its folder when it is imported, so it is laid out before."""
    lay_out_shell(root)
    os.environ["CHAINLIT_APP_ROOT"] = str(root)
    os.environ["CHAINLIT_AUTH_SECRET"] = "for-tests-only-" * 4

    from chainlit.server import app as chainlit_app
    from chainlit.server import get_html_template

    from tests.browser.page_chat import SEEN, tone

    app = FastAPI()

    @app.middleware("http")
    async def guard(request: Request, proceed: RequestResponseEndpoint) -> Response:
        response = await proceed(request)
        response.headers["Content-Security-Policy"] = POLICY.format(scripts=inline_script_hashes(get_html_template("")))
        return response

    @app.get("/seen")
    async def tell_seen() -> dict[str, Any]:
        return SEEN

    @app.put("/listens/{whether}")
    async def set_listens(whether: bool) -> None:
        SEEN["listens"] = whether

    @app.put("/hands_free/{whether}")
    async def set_hands_free(whether: bool) -> None:
        SEEN["hands_free"] = whether

    @app.get("/api/recordings/{saying}")
    async def recording(saying: str) -> Response:
        if saying == "lost":
            return Response(status_code=404)
        SEEN["recordings"].append(saying)
        file = io.BytesIO()
        with wave.open(file, "wb") as out:
            out.setnchannels(1)
            out.setsampwidth(2)
            out.setframerate(24_000)
            out.writeframes(tone(330, 2.0))
        return Response(file.getvalue(), media_type="audio/wav")

    app.mount("/", chainlit_app)
    return app


if __name__ == "__main__":
    uvicorn.run(create_app(Path(sys.argv[2])), host="127.0.0.1", port=int(sys.argv[1]), log_level="warning")
