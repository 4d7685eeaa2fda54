"""Who may speak to the console: host, token and origin are checked before any route runs.

Host: a foreign name that resolves to this machine (DNS rebinding) is refused. Token: `/?token=…`
trades the printed token for a cookie, scripts send `Authorization: Bearer`. Origin: a request that
changes something must be JSON and come from the console's own pages.
"""

from __future__ import annotations

from hashlib import sha256
from hmac import compare_digest, new
from urllib.parse import urlsplit

from fastapi import Request
from starlette.datastructures import MutableHeaders
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from manumit.console.answers import problem

LOOPBACK_HOSTS = frozenset({"127.0.0.1", "localhost", "::1"})
SAFE_METHODS = frozenset({"GET", "HEAD"})
COOKIE_AGE_S = 12 * 3600

HEADERS = {
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}

LOCKED = """<!doctype html><html lang="en"><meta charset="utf-8"><meta name="color-scheme" content="light dark">
<meta name="viewport" content="width=device-width"><title>manumit: locked</title>
<h1>This console is locked</h1>
<p>Open the address that was printed when manumit started, or paste its token.</p>
<form action="/" method="get"><label>Token <input name="token" type="password" autocomplete="off" required></label>
<button>Open</button></form></html>
"""


class Gate:
    """ASGI middleware. `hosts` are the names this console answers to, beside the loopback ones.

    Who comes with `protection_token` may also see what concerns minors; empty: nobody may.
    """

    def __init__(
        self, app: ASGIApp, *, token: str, protection_token: str = "", hosts: frozenset[str] = frozenset()
    ) -> None:
        self._app = app
        self._token = token.encode()
        self._protection = protection_token.encode()
        self._hosts = LOOPBACK_HOSTS | hosts
        self._cookie = f"manumit_{sha256(self._token).hexdigest()[:8]}"
        self._session = _session(self._token)
        self._protected_session = _session(self._protection)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":
            await send({"type": "websocket.close", "code": 1008})
            return
        answer = self._answer(Request(scope)) or self._app
        await answer(scope, receive, _with_headers(send))

    def _answer(self, request: Request) -> Response | None:
        """What to say instead of the app; None lets the request in."""
        if host_name(request.headers.get("host", "")) not in self._hosts:
            return problem(421, "Wrong host", "This console answers only to its own name; use the printed address.")
        offered = request.query_params.get("token")
        if request.url.path == "/" and request.method == "GET" and offered is not None:
            return self._admit(request, offered)
        restricted = bool(self._protection) and self._comes_with(request, self._protection, self._protected_session)
        if not restricted and not self._comes_with(request, self._token, self._session):
            return _locked(request)
        request.scope.setdefault("state", {})["restricted"] = restricted
        return _cross_site(request) if request.method not in SAFE_METHODS else None

    def _admit(self, request: Request, offered: str) -> Response:
        restricted = bool(self._protection) and compare_digest(offered.encode(), self._protection)
        if not restricted and not compare_digest(offered.encode(), self._token):
            return _locked(request)
        response = RedirectResponse("/protection" if restricted else "/", status_code=303)
        session = self._protected_session if restricted else self._session
        response.set_cookie(self._cookie, session, max_age=COOKIE_AGE_S, httponly=True, samesite="strict")
        return response

    def _comes_with(self, request: Request, token: bytes, session: str) -> bool:
        scheme, _, bearer = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer":
            return compare_digest(bearer.strip().encode(), token)
        return compare_digest(request.cookies.get(self._cookie, "").encode(), session.encode())


def _session(token: bytes) -> str:
    return new(token, b"manumit console session", sha256).hexdigest()


def host_name(host: str) -> str:
    """The name in a Host header without its port, lower case; empty when it cannot be read."""
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""


def _cross_site(request: Request) -> Response | None:
    """Refuses a change that is not JSON or comes from another origin; a script without Origin needs the token."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        return problem(415, "JSON only", "Send the body as application/json.")
    origin = request.headers.get("origin")
    if origin is None and "authorization" in request.headers:
        return None
    if origin != f"{request.url.scheme}://{request.headers['host']}":
        return problem(403, "Wrong origin", "Changes are taken only from the console's own pages.")
    return None


def _locked(request: Request) -> Response:
    if "text/html" in request.headers.get("accept", ""):
        return HTMLResponse(LOCKED, status_code=401)
    response = problem(401, "Locked", "Send the token printed at start: Authorization: Bearer TOKEN.")
    response.headers["www-authenticate"] = "Bearer"
    return response


def _with_headers(send: Send) -> Send:
    async def guarded(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            headers.update(HEADERS)
            headers.setdefault("cache-control", "no-store")
        await send(message)

    return guarded
