"""Who is let in, and what every answer carries."""

from __future__ import annotations

import pytest

from manumit.console.app import make_app
from manumit.console.desk import Snapshot
from manumit.console.gate import host_name
from manumit.schemas.errors import ConfigError
from manumit.streams.outages import Outage
from tests.console.gated import BEARER, ORIGIN, TOKEN, AwayStore, ask, away_app

APP = away_app(hosts=frozenset({"desk.example"}))
PATHS = ["/", "/alerts/1", "/search", "/suppressions", "/dead-letters", "/assets/base.css", "/v1/alerts", "/v1/stream"]
PATHS += ["/v1/openapi.json", "/v1/health", "/v1/ready", "/nowhere"]
JSON = {"content-type": "application/json"}


def cookie_of(token: str = TOKEN) -> str:
    return ask(APP, "GET", "/", params={"token": token}).headers["set-cookie"].partition(";")[0]


@pytest.mark.parametrize("path", PATHS)
def test_nothing_is_shown_without_the_token(path: str) -> None:
    assert ask(APP, "GET", path).status_code == 401
    assert ask(APP, "GET", path, headers={"authorization": "Bearer wrong"}).status_code == 401
    assert ask(APP, "GET", path, headers={"cookie": "manumit_00000000=x"}).status_code == 401


def test_the_token_becomes_a_cookie_and_leaves_the_address() -> None:
    answer = ask(APP, "GET", "/", params={"token": TOKEN})
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert TOKEN not in cookie
    assert ask(APP, "GET", "/", headers={"cookie": cookie.partition(";")[0]}).status_code == 200


@pytest.mark.parametrize("token", ["", "wrong", TOKEN[:-1], TOKEN + "x", "tökén-not-in-ascii"])
def test_a_wrong_token_gets_no_cookie(token: str) -> None:
    answer = ask(APP, "GET", "/", params={"token": token}, headers={"accept": "text/html"})
    assert answer.status_code == 401
    assert "set-cookie" not in answer.headers
    assert "This console is locked" in answer.text


def test_a_cookie_of_another_console_is_refused() -> None:
    name = cookie_of().partition("=")[0]
    assert ask(APP, "GET", "/v1/health", headers={"cookie": f"{name}={'0' * 64}"}).status_code == 401
    assert ask(APP, "GET", "/v1/health", headers={"cookie": f"{name}={TOKEN}"}).status_code == 401


def test_a_short_token_is_a_wrong_setting() -> None:
    with pytest.raises(ConfigError, match="16 characters"):
        make_app(AwayStore(), "short", clock=lambda: 1)


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "evil.example:8717", "", "[", "127.0.0.2"])
def test_a_foreign_host_is_refused_even_with_the_token(host: str) -> None:
    answer = ask(APP, "GET", "/v1/health", headers={**BEARER, "host": host})
    assert answer.status_code == 421


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost:8717", "LOCALHOST", "[::1]:8717", "desk.example"])
def test_its_own_names_are_answered(host: str) -> None:
    assert ask(APP, "GET", "/v1/health", headers={**BEARER, "host": host}).status_code == 200


def test_host_names_are_read_without_their_port() -> None:
    assert [host_name(host) for host in ("a:1", "[::1]:2", "A", "", "[")] == ["a", "::1", "a", "", ""]


@pytest.mark.parametrize(
    ("path", "headers"),
    [(path, {}) for path in [*PATHS, "/?token=wrong"]] + [(path, BEARER) for path in PATHS if path != "/v1/stream"],
)
def test_every_answer_carries_the_security_headers(path: str, headers: dict[str, str]) -> None:
    answer = ask(APP, "GET", path, headers=headers)
    assert answer.headers["content-security-policy"] == (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    )
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["cache-control"] in ("no-store", "no-cache")
    assert answer.headers["cache-control"] == "no-store" or not path.startswith("/v1")


def changed(**headers: str) -> int:
    """The status of a request that would change something; 200 means it was let in."""
    return ask(APP, "POST", "/v1/analyst", content='{"name": "Ada"}', headers=headers).status_code


def test_a_change_needs_json_and_the_consoles_own_origin() -> None:
    cookie = {"cookie": cookie_of()}
    assert changed(**cookie, **JSON, origin=ORIGIN) == 200
    assert changed(**cookie, **JSON) == 403
    assert changed(**cookie, **JSON, origin="http://evil.example") == 403
    assert changed(**cookie, **JSON, origin="http://127.0.0.1:9999") == 403
    assert changed(**cookie, **JSON, origin="null") == 403
    assert changed(**cookie, **{"content-type": "text/plain"}, origin=ORIGIN) == 415
    assert changed(**cookie, **{"content-type": "application/x-www-form-urlencoded"}, origin=ORIGIN) == 415


def test_a_script_with_the_token_needs_no_origin_but_no_foreign_one_either() -> None:
    assert changed(**BEARER, **JSON) == 200
    assert changed(**BEARER, **JSON, origin="http://evil.example") == 403


def test_a_source_that_is_away_is_said_with_since_when() -> None:
    away: dict[str, Outage] = {}
    app = away_app(snapshot=lambda: Snapshot(progress={"events": 3}, away=dict(away)))
    assert ask(app, "GET", "/v1/health", headers=BEARER).json() == {
        "status": "ok",
        "progress": {"events": 3},
        "away": [],
    }
    away["node:main"] = Outage(since_us=7, why="connection refused")
    answer = ask(app, "GET", "/v1/health", headers=BEARER).json()
    assert answer["status"] == "degraded"
    assert answer["away"] == [{"source": "node:main", "since_us": 7, "why": "connection refused"}]


@pytest.mark.parametrize(
    ("path", "named"),
    [
        ("/v1/alerts?cursor=zz", "'cursor'"),
        ("/v1/alerts?limit=3&severty=high", "'severty'"),
        ("/v1/stream?before=1.a", "'before'"),
        ("/v1/health?x", "'x'"),
    ],
)
def test_a_parameter_that_does_not_exist_is_refused(path: str, named: str) -> None:
    answer = ask(APP, "GET", path, headers=BEARER)
    assert (answer.status_code, answer.headers["content-type"]) == (400, "application/problem+json")
    assert f"there is no parameter {named} here" in answer.json()["detail"]
    if path.startswith("/v1/alerts"):
        assert "before" in answer.json()["detail"]


def test_a_cursor_that_is_none_is_refused() -> None:
    answer = ask(APP, "GET", "/v1/alerts?before=zz", headers=BEARER)
    assert (answer.status_code, answer.json()["detail"]) == (422, "not a cursor of this console")


def test_a_store_that_is_away_is_said_plainly() -> None:
    for path in ("/v1/ready", "/v1/alerts", "/v1/search?identifier=x", "/v1/suppressions", "/v1/dead-letters"):
        answer = ask(APP, "GET", path, headers=BEARER)
        assert (answer.status_code, answer.json()["detail"]) == (503, "the store does not answer")
    assert ask(APP, "GET", "/v1/health", headers=BEARER).status_code == 200
