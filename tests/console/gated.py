"""An app over no store, called in this process: for what the gate and the pages decide alone."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

import httpx
import msgspec
from fastapi import FastAPI

from manumit.connectors.contract import Store
from manumit.console.app import make_app
from manumit.schemas.errors import EdgeDown

TOKEN = "invented-token-for-the-gate"  # noqa: S105 - invented
BEARER = {"authorization": f"Bearer {TOKEN}"}
ORIGIN = "http://127.0.0.1:8717"


class AwayStore:
    """A store whose server does not answer."""

    def migrate(self) -> tuple[str, ...]:
        raise EdgeDown("the store does not answer")

    def write(self, table: str, rows: Sequence[msgspec.Struct]) -> None:
        raise EdgeDown("the store does not answer")

    def query(self, sql: str, parameters: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
        raise EdgeDown("the store does not answer")

    def close(self) -> None: ...


def away_app(**settings: Any) -> FastAPI:
    store: Store = AwayStore()
    return make_app(store, TOKEN, clock=lambda: 1, **settings)


def ask(app: FastAPI, method: str, path: str, **request: Any) -> httpx.Response:
    """One request; `headers` may override the Host. Redirects are not followed."""

    async def call() -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=ORIGIN) as client:
            return await client.request(method, path, **request)

    return asyncio.run(call())
