"""Whose the data folder of these settings is: a Nightingale's that runs, or ours, for one wish.

The lock of the folder says which.
"""

from collections.abc import AsyncGenerator
from contextlib import ExitStack, asynccontextmanager

from anyio import to_thread

from app.folder import FolderInUse, own_data_folder
from app.rights.calling import Running, open_running
from app.rights.restore import finish_restore
from app.settings import Settings
from app.shell import prepare_shell
from resilience.errors import EngineFailed


@asynccontextmanager
async def tenant_of(settings: Settings) -> AsyncGenerator[Running | None]:
    """The server that has it; None where nobody had: then it is ours, and a house can be opened in it. Raises
    `FolderRefused` when the data folder cannot be used, `NotNow` when nobody answers for it.
    """
    with ExitStack() as ours:
        try:
            ours.enter_context(own_data_folder(settings.data_dir))
        except FolderInUse:
            async with open_running(settings) as running:
                yield running
            return
        await to_thread.run_sync(prepare, settings)
        yield None


def prepare(settings: Settings) -> None:
    """Before anything is opened in the folder, which is ours, or Chainlit is imported. Raises `EngineFailed`."""
    try:
        finish_restore(settings.data_dir)
        prepare_shell(settings.data_dir)
    except OSError as exc:
        raise EngineFailed("data folder", f"{exc.filename}: {exc.strerror}") from exc


def quiet(settings: Settings) -> Settings:
    """The same house with nothing to hear, speak or think with."""
    return settings.model_copy(
        update={
            "voice": settings.voice.model_copy(update={"stt": (), "tts": ()}),
            "graph": settings.graph.model_copy(update={"models": ()}),
        }
    )
