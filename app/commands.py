"""What commands that work on the data folder have in common: settings, and what goes wrong, in plain words."""

from collections.abc import Generator
from contextlib import contextmanager

import click

from app.folder import FolderRefused
from app.rights.types import RightsError
from app.settings import BadSettings, Settings, load_settings
from app.telemetry.logs import set_up_logging
from resilience.errors import EngineError


def settings_in_words() -> Settings:
    """Raises `click.ClickException`."""
    try:
        settings = load_settings()
    except BadSettings as exc:
        raise click.ClickException(f"a setting is wrong:\n{exc}") from exc
    # what goes wrong is said in plain words already
    quiet = settings.log.model_copy(update={"level": "error"})
    set_up_logging(settings.log if settings.log.level == "debug" else quiet)
    return settings


@contextmanager
def plain_errors() -> Generator[None]:
    try:
        yield
    except* (RightsError, EngineError, FolderRefused) as failed:
        raise click.ClickException(str(failed.exceptions[0])) from failed
