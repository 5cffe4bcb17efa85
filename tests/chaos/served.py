"""The real app with faults before its engines: `python -m tests.chaos.served`, with the switches in $CHAOS_FAULTS."""

import os
import socket
from pathlib import Path

import anyio
import uvicorn

from app.engines import Openers
from app.folder import own_data_folder
from app.main import create_app
from app.server import LARGEST_MESSAGE_BYTES
from app.settings import load_settings
from app.telemetry.logs import set_up_logging
from graph.catalog import open_language_model
from tests.chaos.faults import Faults, FaultyLanguageModel, FaultyStt, FaultyTts
from voice.catalog import open_stt, open_tts


def main() -> None:
    settings = load_settings()
    set_up_logging(settings.log)
    faults = Faults(Path(os.environ["CHAOS_FAULTS"]))
    openers = Openers(
        stt=faults.opener("stt", open_stt, FaultyStt),
        tts=faults.opener("tts", open_tts, FaultyTts),
        language=faults.opener("language", open_language_model, FaultyLanguageModel),
    )
    with own_data_folder(settings.data_dir), socket.create_server((settings.host, settings.port)) as listener:
        config = uvicorn.Config(
            create_app(settings, openers=openers),
            log_config=None,
            access_log=False,
            ws_per_message_deflate=False,
            ws_max_size=LARGEST_MESSAGE_BYTES,
            timeout_graceful_shutdown=3,
            server_header=False,
        )
        anyio.run(uvicorn.Server(config).serve, [listener])


if __name__ == "__main__":
    main()
