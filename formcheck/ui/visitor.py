"""Who is looking: a secret in a cookie, so that nobody sees another browser's clips."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator
from http import HTTPStatus

from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

COOKIE = "formcheck_visitor"
_TOKEN = re.compile(r"[A-Za-z0-9_-]{32,64}")
_YEAR_S = 365 * 86400


def new_token() -> str:
    """A secret that cannot be guessed."""
    return secrets.token_urlsafe(32)


def valid(token: object) -> str | None:
    """The token, if it looks like one of ours."""
    return token if isinstance(token, str) and _TOKEN.fullmatch(token) else None


def token_of(request: HTTPConnection) -> str | None:
    """The visitor who sent a request; None for a stranger."""
    return valid(request.cookies.get(COOKIE))


def same_origin(request: HTTPConnection) -> bool:
    """Whether a request comes from our own page, not from another site in the same browser."""
    origin = request.headers.get("origin", "")
    return origin.partition("://")[2] == request.headers.get("host", "")


class VisitorCookie:
    """Gives each browser its cookie: not readable by scripts, not sent by other sites' requests.

    Where somebody follows a link to the page it is sent (``Lax``): a new one would take the place
    of theirs, and with it all their sets. Each visit renews it for a year.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on a request; who asks for the page is given a cookie, or the own one again."""
        if scope["type"] != "http" or scope["path"].startswith("/formcheck/"):
            await self.app(scope, receive, send)
            return
        secure = "; Secure" if scope.get("scheme") == "https" else ""
        token = token_of(HTTPConnection(scope)) or new_token()
        cookie = f"{COOKIE}={token}; Path=/; Max-Age={_YEAR_S}; HttpOnly; SameSite=Lax{secure}"

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start" and _is_page(scope, message):
                message["headers"] = [*message["headers"], (b"set-cookie", cookie.encode())]
            await send(message)

        await self.app(scope, receive, answer)


def _is_page(scope: Scope, message: Message) -> bool:
    """Only the page itself gets one: its many parts, asked for at once, would each get another.

    Also where the browser has the page already: its cookie may have gone meanwhile.
    """
    if message["status"] == HTTPStatus.NOT_MODIFIED:
        return any(accepted.startswith("text/html") for accepted in _headers(scope, b"accept"))
    return any(kind.startswith("text/html") for kind in _headers(message, b"content-type"))


def _headers(told: Scope | Message, name: bytes) -> Iterator[str]:
    """The values of a header of a request or an answer."""
    return (value.decode("latin-1") for key, value in told["headers"] if key.lower() == name)
