"""What the page's server answers beside Streamlit: files of sets, recordings, live frames."""

from __future__ import annotations

import tempfile
from http import HTTPStatus
from pathlib import Path
from urllib.parse import unquote

from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route, WebSocketRoute

from formcheck.errors import FormCheckError, reason_of
from formcheck.exercises import EXERCISES
from formcheck.models import AUTO, MODELS
from formcheck.ui.jobs import JOBS, OVER
from formcheck.ui.livesocket import live
from formcheck.ui.sets import CLIP_MAX_BYTES, Shelf
from formcheck.ui.visitor import VisitorCookie, same_origin, token_of

PAGE = Path(__file__).with_name("page.py")
_HEADERS = {
    "Cache-Control": "private, max-age=3600",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
}
_SANDBOX = {"Content-Security-Policy": "sandbox allow-popups"}


async def set_file(request: Request) -> Response:
    """A file of one of the visitor's own sets; parts of it, too (HTTP ranges)."""
    visitor = token_of(request)
    stored = Shelf(visitor).get(request.path_params["set_id"]) if visitor else None
    path = stored.file(request.path_params["name"]) if stored else None
    if stored is None or path is None:
        return PlainTextResponse("not found", 404)
    name = None
    if "download" in request.query_params:
        name = f"{Path(stored.card.name).stem}_{path.name}"
    headers = _HEADERS | (_SANDBOX if path.suffix == ".html" else {})
    return FileResponse(path, headers=headers, filename=name)


async def status(request: Request) -> Response:
    """How far the work on one of the visitor's own sets is."""
    visitor = token_of(request)
    stored = Shelf(visitor).get(request.path_params["set_id"]) if visitor else None
    if stored is None:
        return PlainTextResponse("not found", 404)
    job = JOBS.resume(stored)
    busy = job is not None and job.state not in OVER
    card = stored.card  # after the job: one that is over has written its card
    return JSONResponse(
        {
            "rev": card.rev,
            "drawn": card.drawn,
            "busy": busy,
            "scoring": job is not None and job.state in ("waiting", "running"),
            "stage": JOBS.says(job) if job else "",
            "error": job.error if job else "",
        }
    )


async def recording(request: Request) -> Response:
    """Take in a set that the browser has recorded and analyse it; answers with the set's id."""
    visitor = token_of(request)
    if visitor is None or not same_origin(request):
        return PlainTextResponse("forbidden", 403)
    asked = request.query_params.get("exercise", "auto")
    model = request.query_params.get("model", AUTO)
    if (asked != "auto" and asked not in EXERCISES) or model not in (AUTO, *MODELS):
        return PlainTextResponse("unknown exercise or model", 400)
    name = unquote(request.query_params.get("name", "recording.webm"))
    try:
        with tempfile.TemporaryFile() as body:
            size = 0
            async for chunk in request.stream():
                size += len(chunk)
                if size > CLIP_MAX_BYTES:
                    return PlainTextResponse("too large", 413)
                body.write(chunk)
            body.seek(0)
            stored = await run_in_threadpool(Shelf(visitor).add, name, body, asked, model)
            if not stored.card.ready:  # here: whoever recorded it may have left the page
                JOBS.analyse(stored)
            return JSONResponse({"set": stored.card.id})
    except FormCheckError as error:
        return PlainTextResponse(str(error), 400)
    except OSError as error:
        said = f"The recording cannot be written: {reason_of(error)}."
        return PlainTextResponse(said, HTTPStatus.INSUFFICIENT_STORAGE)


def routes() -> list[BaseRoute]:
    """The routes beside Streamlit's own."""
    return [
        Route("/formcheck/sets/{set_id}/status", status, methods=["GET"]),
        Route("/formcheck/sets/{set_id}/{name}", set_file, methods=["GET", "HEAD"]),
        Route("/formcheck/recordings", recording, methods=["POST"]),
        WebSocketRoute("/formcheck/live", live),
    ]


def middleware() -> list[Middleware]:
    """What every request passes through."""
    return [Middleware(VisitorCookie)]
