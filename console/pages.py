"""The pages and their assets: read once from the package, served from memory, revalidated by ETag."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from importlib import resources

from fastapi import APIRouter, HTTPException, Request
from starlette.responses import Response

MEDIA = {
    "html": "text/html; charset=utf-8",
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
}
PAGES = {
    "/": "live.html",
    "/alerts/{alert_id}": "alert.html",
    "/search": "search.html",
    "/gaps": "gaps.html",
    "/protection": "protection.html",
    "/suppressions": "suppressions.html",
    "/dead-letters": "dead_letters.html",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Asset:
    content: bytes
    media: str
    etag: str


def packaged() -> Mapping[str, Asset]:
    """Every file of `console/web` a browser may ask for, by name."""
    found = (file for file in resources.files("manumit.console.web").iterdir() if file.is_file())
    return {
        file.name: _asset(file.read_bytes(), file.name.rpartition(".")[2])
        for file in found
        if file.name.rpartition(".")[2] in MEDIA
    }


def _asset(content: bytes, ending: str) -> Asset:
    return Asset(content=content, media=MEDIA[ending], etag=f'"{sha256(content).hexdigest()[:32]}"')


def routes(assets: Mapping[str, Asset]) -> APIRouter:
    router = APIRouter(include_in_schema=False)

    @router.get("/assets/{name}")
    def asset(request: Request, name: str) -> Response:
        if name not in assets or name.endswith(".html"):
            raise HTTPException(404, "no such asset")
        return _revalidated(request, assets[name])

    for path, name in PAGES.items():
        router.add_api_route(path, _page(assets[name]), methods=["GET"], name=name)
    return router


def _page(asset: Asset) -> Callable[[Request], Response]:
    def show(request: Request) -> Response:
        return _revalidated(request, asset)

    return show


def _revalidated(request: Request, asset: Asset) -> Response:
    headers = {"etag": asset.etag, "cache-control": "no-cache"}
    if request.headers.get("if-none-match") == asset.etag:
        return Response(status_code=304, headers=headers)
    return Response(asset.content, media_type=asset.media, headers=headers)
