"""JSON in and out: msgspec encodes and checks, FastAPI only routes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from http import HTTPStatus
from typing import Any, TypeVar

import msgspec
from fastapi import HTTPException, Request
from fastapi.dependencies.models import Dependant
from starlette.responses import Response

from manumit.console import forms

MAX_BODY = 65_536

Body = TypeVar("Body", bound=forms.Request)


def answer(form: forms.Form, status: int = 200) -> Response:
    return Response(msgspec.json.encode(form), status_code=status, media_type="application/json")


def problem(status: int, title: str, detail: str) -> Response:
    """An RFC 9457 answer."""
    body = msgspec.json.encode(forms.Problem(title=title, status=status, detail=detail))
    return Response(body, status_code=status, media_type="application/problem+json")


def body(of: type[Body], *, most: int = MAX_BODY) -> Callable[[Request], Awaitable[Body]]:
    """A dependency that reads the request as `of`. Raises 413 above `most` bytes and 422 for a wrong shape."""
    decoder = msgspec.json.Decoder(of)

    async def read(request: Request) -> Body:
        try:
            return decoder.decode(await _bounded(request, most))
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise HTTPException(422, f"the body is not a {of.__name__}: {error}") from error

    return read


def refuse_unknown(request: Request) -> None:
    """A dependency. Raises 400 for a query parameter the route does not have: a misspelt filter is not no filter."""
    route = request.scope["route"]
    known = set(_parameters(route.dependant))
    unknown = sorted(set(request.query_params) - known)
    if unknown:
        raise HTTPException(400, f"there is no parameter {unknown[0][:80]!r} here; there is {_listed(known)}")


def _parameters(dependant: Dependant) -> Iterator[str]:
    yield from (field.alias for field in dependant.query_params)
    for inner in dependant.dependencies:
        yield from _parameters(inner)


def _listed(known: set[str]) -> str:
    return ", ".join(sorted(known)) or "none"


async def _bounded(request: Request, most: int) -> bytes:
    taken = bytearray()
    async for chunk in request.stream():
        taken += chunk
        if len(taken) > most:
            raise HTTPException(413, f"the body is larger than {most} bytes")
    return bytes(taken)


def _content(of: type, media: str = "application/json") -> dict[str, Any]:
    return {"content": {media: {"schema": {"$ref": f"#/components/schemas/{of.__name__}"}}}}


REFUSAL: dict[str, Any] = {"description": "Problem", **_content(forms.Problem, "application/problem+json")}


def said(form: type[forms.Form], *, status: int = 200) -> dict[int | str, dict[str, Any]]:
    """The `responses` of a route for the OpenAPI document."""
    return {status: {"description": HTTPStatus(status).phrase, **_content(form)}, "default": REFUSAL}


def takes(of: type[forms.Request]) -> dict[str, Any]:
    """The `openapi_extra` of a route that reads a body of shape `of`."""
    return {"requestBody": {"required": True, **_content(of)}}
