"""The folder that Chainlit runs in, made anew at each start; and what libraries must know before they are loaded.

It lies with the data, for the checkout may be read-only. Our page is linked to. The configuration is copied, because
Chainlit adds to it what it misses. Chainlit's own page is copied without its links to other hosts.
"""

import os
import re
import secrets
import shutil
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SECRET_BYTES = 48
FOREIGN_LINK = re.compile(r"<link[^>]*https://[^>]*>")


def prepare_shell(data_dir: Path) -> None:
    """Call before Chainlit and the engines are imported: they read their environment then. Raises `OSError`."""
    shell = data_dir.resolve() / "shell"
    shutil.rmtree(shell, ignore_errors=True)
    lay_out_shell(shell)
    os.environ["CHAINLIT_APP_ROOT"] = str(shell)
    os.environ["CHAINLIT_AUTH_SECRET"] = _secret(data_dir / "secret")
    os.environ.setdefault("TRACELOOP_TELEMETRY", "false")
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    # How long a thread of llama.cpp or CTranslate2 spins while it waits for the others of its matrix. By default so
    # long that on busy cores it takes them from the very thread that it waits for. Reading 45 tokens, 0.5B, two cores:
    # beside one busy process 0.77 s instead of 1.06 (of processor 0.77 instead of 1.37); alone 0.46 instead of 0.41.
    os.environ.setdefault("GOMP_SPINCOUNT", "1000")


def lay_out_shell(shell: Path) -> None:
    shutil.copytree(ROOT / ".chainlit", shell / ".chainlit", copy_function=shutil.copyfile)
    for name in ("public", "chainlit.md"):
        (shell / name).symlink_to(ROOT / name)
    for text in (ROOT / ".chainlit" / "help").iterdir():
        shutil.copyfile(text, shell / text.name)  # a link out of the folder is refused, but for the English one
    chainlit = find_spec("chainlit")
    assert chainlit is not None
    assert chainlit.origin is not None
    own_page = Path(chainlit.origin).parent / "frontend" / "dist"
    (shell / "build").mkdir()
    (shell / "build" / "assets").symlink_to(own_page / "assets")
    html = (own_page / "index.html").read_text(encoding="utf-8")
    (shell / "build" / "index.html").write_text(FOREIGN_LINK.sub("", html), encoding="utf-8")


def _secret(file: Path) -> str:
    """Made once, readable by its owner only."""
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        file.chmod(0o600)
        return file.read_text().strip()
    with os.fdopen(descriptor, "w") as new:
        secret = secrets.token_urlsafe(SECRET_BYTES)
        new.write(secret)
    return secret
