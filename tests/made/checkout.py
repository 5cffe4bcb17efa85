"""A clean copy of this checkout: what git would carry, without environments, caches and anybody's data."""

import shutil
import subprocess
from pathlib import Path

TOP = Path(__file__).parents[2]

_NEVER = {".git", ".venv", ".tools", "data", ".env", ".files"}


def files() -> list[Path]:
    """Relative paths. Works in an unpacked archive too, where there is no git."""
    listing = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"], cwd=TOP, capture_output=True, text=True
    )
    if listing.returncode == 0:
        found = [Path(name) for name in listing.stdout.split("\0") if name]
    else:
        found = [path.relative_to(TOP) for path in TOP.rglob("*") if "__pycache__" not in path.parts]
    return [path for path in found if path.parts[0] not in _NEVER and (TOP / path).is_file()]


def copy_to(folder: Path) -> Path:
    for path in files():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(TOP / path, target)
    return folder
