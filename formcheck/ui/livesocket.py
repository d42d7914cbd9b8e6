"""Live frames over a WebSocket of the page's own server: JPEG in, landmarks and verdicts out.

A message is eight bytes of time (float64, little endian, seconds) and a JPEG, or a wish as JSON:
``{"do": "start", "exercise": "squat"}``, ``{"do": "watch"}``, or, from a page that is hidden and
has no frames, ``{"do": "wait"}``. Each frame is answered: with what was seen, or with
``{"dropped": true}`` when a newer one had come meanwhile.
"""

from __future__ import annotations

import asyncio
import json
import struct
from contextlib import suppress
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.websockets import WebSocket, WebSocketDisconnect

from formcheck.errors import FormCheckError
from formcheck.ui.livecoach import MOST_SIDE_PX, LiveCoach, decode
from formcheck.ui.visitor import same_origin, token_of

FRAME_MAX_BYTES = 400_000
WISH_MAX_CHARS = 500
LEAST_GAP_S = 1 / 40
SILENCE_S = 30.0
"""A tab that sends nothing for so long is taken to be gone."""
MOST_SESSIONS = 3
POLICY, TOO_BIG, BUSY, BROKEN = 1008, 1009, 1013, 1011
_open: set[WebSocket] = set()


async def live(socket: WebSocket) -> None:
    """One camera, from the tab's first frame until it goes."""
    if token_of(socket) is None or not same_origin(socket):
        await socket.close(POLICY)
        return
    if len(_open) >= MOST_SESSIONS:
        await socket.accept()  # browsers are told the reason only of what was open
        await socket.close(BUSY)
        return
    _open.add(socket)
    coach = LiveCoach()
    try:
        await socket.accept()
        await _talk(socket, coach)
    except (WebSocketDisconnect, TimeoutError):
        pass
    except FormCheckError as error:
        with suppress(RuntimeError, WebSocketDisconnect):
            await socket.send_text(json.dumps({"error": str(error)}))
            await socket.close(BROKEN)
    finally:
        _open.discard(socket)
        await run_in_threadpool(coach.close)


class _Slot:
    """Holds what came last: a newer frame takes the place of one that still waits."""

    def __init__(self) -> None:
        self.frame: bytes | None = None
        self.wishes: list[dict[str, Any]] = []
        self.filled = asyncio.Event()
        self.over = False


async def _talk(socket: WebSocket, coach: LiveCoach) -> None:
    slot = _Slot()
    reader = asyncio.create_task(_read(socket, slot))
    try:
        while not slot.over or slot.wishes:
            await slot.filled.wait()
            slot.filled.clear()
            while slot.wishes:
                answer = await run_in_threadpool(coach.wish, slot.wishes.pop(0))
                await socket.send_text(json.dumps(answer))
            frame, slot.frame = slot.frame, None
            if frame is not None:
                await socket.send_text(await run_in_threadpool(_look, coach, frame))
        await reader
    finally:
        reader.cancel()
        with suppress(asyncio.CancelledError, WebSocketDisconnect, TimeoutError):
            await reader


def _look(coach: LiveCoach, message: bytes) -> str:
    image = decode(message[8:])
    if image is None or max(image.shape) > MOST_SIDE_PX:
        return json.dumps({"dropped": True})
    (time_s,) = struct.unpack("<d", message[:8])
    return json.dumps(coach.look(time_s, image))


async def _read(socket: WebSocket, slot: _Slot) -> None:
    """Take in what comes; answers frames that are not looked at."""
    loop = asyncio.get_running_loop()
    last = -1.0
    try:
        while True:
            message = await asyncio.wait_for(socket.receive(), SILENCE_S)
            if message["type"] == "websocket.disconnect":
                return
            data, text = message.get("bytes"), message.get("text")
            if data is not None:
                if not 8 < len(data) <= FRAME_MAX_BYTES:
                    await socket.close(TOO_BIG)
                    return
                early = loop.time() - last < LEAST_GAP_S
                if early or slot.frame is not None:
                    await socket.send_text('{"dropped": true}')
                if not early:
                    slot.frame, last = data, loop.time()
            elif text is not None and len(text) <= WISH_MAX_CHARS:
                with suppress(TypeError, ValueError):
                    slot.wishes.append(dict(json.loads(text)))
            slot.filled.set()
    finally:
        slot.over = True
        slot.filled.set()
