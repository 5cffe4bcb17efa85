"""Packets on Chainlit's socket from somebody whose connection is over, or has not begun: dropped, and counted.

Sound comes as two packets, of which the second means nothing by itself. Where a connection ends between them, or before
them, the library takes what still arrives for a fault and logs a traceback for each.
"""

from collections.abc import Callable
from typing import Final

from socketio import AsyncServer

NAMESPACE: Final = "/"
"""The one that Chainlit uses."""
CONNECT: Final = "0"
"""How the only packet begins that makes sense without a connection: https://socket.io/docs/v4/socket-io-protocol/."""


def drop_strays(server: AsyncServer, dropped: Callable[[], None]) -> None:
    """From now on; `dropped` is called for each of them."""
    take, peers = server.eio.handlers["message"], server.manager

    async def take_if_connected(line: str, packet: object) -> None:
        """`line`: what carries the connection, and may outlive it."""
        begins = isinstance(packet, str) and packet.startswith(CONNECT)
        if begins or peers.is_connected(peers.sid_from_eio_sid(line, NAMESPACE), NAMESPACE):
            await take(line, packet)
        else:
            dropped()

    server.eio.on("message", take_if_connected)
