"""Placeholder for the live socket."""

from starlette.websockets import WebSocket


async def live(socket: WebSocket) -> None:
    """Close."""
    await socket.close()
