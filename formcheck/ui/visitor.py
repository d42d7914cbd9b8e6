"""Who is looking: a secret in a cookie, so that nobody sees another browser's clips."""

from __future__ import annotations

import re
import secrets
from http.cookies import CookieError, SimpleCookie

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
    """Gives each new browser its cookie: not readable by scripts, not sent from other sites."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on a request; strangers who ask for a page are given a cookie."""
        if scope["type"] != "http" or _known(scope) or scope["path"].startswith("/formcheck/"):
            await self.app(scope, receive, send)
            return
        secure = "; Secure" if scope.get("scheme") == "https" else ""
        cookie = (
            f"{COOKIE}={new_token()}; Path=/; Max-Age={_YEAR_S}; HttpOnly; SameSite=Strict{secure}"
        )

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start" and _is_page(message):
                message["headers"] = [*message["headers"], (b"set-cookie", cookie.encode())]
            await send(message)

        await self.app(scope, receive, answer)


def _known(scope: Scope) -> bool:
    for name, value in scope["headers"]:
        if name == b"cookie":
            try:
                jar = SimpleCookie(value.decode("latin-1"))
            except CookieError:
                return False
            if COOKIE in jar and valid(jar[COOKIE].value):
                return True
    return False


def _is_page(message: Message) -> bool:
    """Only the page itself gets one: its many parts, asked for at once, would each get another."""
    return any(
        name.lower() == b"content-type" and value.startswith(b"text/html")
        for name, value in message["headers"]
    )
