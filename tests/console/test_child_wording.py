"""The counter of wording of children, and nothing beside it but the hotlines."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from manumit.console.app import make_app
from tests.console.gated import BEARER, TOKEN, AwayStore, ask


class Counting(AwayStore):
    """Knows how many there are."""

    def query(self, sql: str, parameters: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
        assert "child_referrals" in sql
        return [{"held": 3}]


def test_it_shows_the_counter_and_the_hotlines() -> None:
    app = make_app(Counting(), TOKEN, clock=lambda: 1, hotlines=("a made-up hotline https://hotline.example",))
    shown = ask(app, "GET", "/v1/child-wording", headers=BEARER)
    assert shown.json() == {"held": 3, "hotlines": ["a made-up hotline https://hotline.example"]}
    assert ask(app, "GET", "/v1/child-wording").status_code == 401
