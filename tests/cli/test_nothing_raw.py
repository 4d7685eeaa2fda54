"""No contact, name or exact address of an advert or customer is left in anything a run writes or says.

The whole program as a user runs it: files and a feed in, store, checkpoints, answers of /v1 and messages out.
"""

from __future__ import annotations

import csv
import io
import signal
import threading
from collections.abc import Iterator, Mapping, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, get_args
from xml.sax.saxutils import escape

import httpx
import msgspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from manumit.connectors.files.survey import open_files
from manumit.connectors.kafka.publisher import KafkaPublisher
from manumit.connectors.rates import read_rates
from manumit.schemas.envelope import Form, packed
from manumit.schemas.settings import Settings
from manumit.schemas.topic import Topic
from manumit.schemas.wire import encode
from manumit.streams.assembly import letter_sealer, listing_reader
from manumit.streams.publishing import Publishing
from tests.cli.program import Program
from tests.cli.remains import remains, told
from tests.cli.secrets import Secret, secrets
from tests.cli.test_up import announced
from tests.connectors.files.events import transfer
from tests.servers import wait_until

HOUR_US = 3_600_000_000
START_US = 1_767_225_600_000_000
LAST_US = START_US + 2_000 * HOUR_US
ALERTING = "Bitcoin only. Free flight, visa and meals included. Immediate departure. {}"
SECRETS = secrets()


def row(secret: Secret, number: int, **changes: Any) -> dict[str, Any]:
    """An advert as a file has it; two of each poster and contact, so that they alert."""
    return {
        "source": "board",
        "listing_id": f"ad-{number}",
        "kind": ("escort", "job", "rental", "massage")[number % 4],
        "at_us": START_US + number * HOUR_US,
        "title": secret.text,
        "text": ALERTING.format(secret.text),
        "place": secret.place,
        **changes,
    }


def good() -> Iterator[dict[str, Any]]:
    """Readable adverts, each secret once in the text and once in every field that takes words."""
    number = 0
    for secret in SECRETS:
        for fields in ({"kind": "job", "poster": secret.needles[0]}, hidden(secret, number)):
            yield row(secret, number, **fields)
            number += 1


def hidden(secret: Secret, number: int) -> dict[str, Any]:
    return {
        "text": "Bitcoin only, 200 USD per hour.",
        "title": "",
        "listing_id": f"https://board.example/{number}?tel={secret.text}"[:500],
        "contacts": [secret.text, secret.needles[0]],
        "payments": ["cash", secret.text],
        "wallets": [secret.needles[0]],
        "language": secret.needles[0][:200],
        "prices": [{"amount": secret.needles[0], "currency": secret.needles[-1], "per": "hour"}],
        "poster": secret.text,
    }


def refused(of: list[dict[str, Any]]) -> Iterator[bytes]:
    """The same adverts, each unusable in another way."""
    for number, one in enumerate(of):
        raw = msgspec.json.encode(one)
        words = one["text"]
        yield (
            raw[: len(raw) - 9],
            msgspec.json.encode({**one, words: 1}),
            msgspec.json.encode({**one, "at_us": words}),
            msgspec.json.encode({**one, "revision": words}),
            msgspec.json.encode({**one, "kind": words}),
            msgspec.json.encode({**one, "price_usd": -5}),
            msgspec.json.encode({**one, "at_us": 1}),
            msgspec.json.encode({**one, "prices": words}),
            msgspec.json.encode({**one, "contacts": f"[{words}"}),
            raw.replace(b'"source"', b'"source": "' + words.encode() + b'", "x'),
        )[number % 10]


def write_inputs(folder: Path) -> list[str]:
    """Every form a file of adverts or customers has, good rows and bad."""
    folder.mkdir()
    adverts = list(good())
    lines = [msgspec.json.encode(one) for one in adverts]
    late = [
        msgspec.json.encode({**one, "at_us": START_US - 9, "listing_id": f"late-{i}"})
        for i, one in enumerate(adverts[::7])
    ]
    (folder / "adverts.ndjson").write_bytes(b"\n".join([*lines, *late, *refused(adverts[::2])]))
    (folder / "adverts.csv").write_text(
        table([{**one, "source": "csv", "revision": one["text"]} for one in adverts[::5]])
    )
    flat = [{**one, "source": "pq", "kind": one["text"]} for one in adverts[::3] if "contacts" not in one]
    columns = {name: [str(one[name]) if name != "at_us" else one[name] for one in flat] for name in row(SECRETS[0], 0)}
    pq.write_table(pa.table(columns), folder / "adverts.parquet")
    (folder / "customers.ndjson").write_bytes(b"\n".join(customers()))
    (folder / "happenings.ndjson").write_bytes(b"\n".join(happenings()))
    (folder / "transfers.ndjson").write_bytes(encode(transfer(1)) + b"\n")
    return sorted(str(path) for path in folder.iterdir())


def table(rows: list[dict[str, Any]]) -> str:
    names = [*row(SECRETS[0], 0), "revision"]
    out = io.StringIO()
    written = csv.DictWriter(out, names, extrasaction="ignore")
    written.writeheader()
    written.writerows(rows)
    return out.getvalue()


def customers() -> Iterator[bytes]:
    """Snapshots that carry what should have been tokens in fields that take none."""
    plain = {"exchange": "ex", "customer_id": "c1", "at_us": START_US}
    yield msgspec.json.encode(plain)
    for number, secret in enumerate(SECRETS):
        bad = ("age", "face_score", "at_us", "residence_of", "opened_us", "declared_income_usd")[number % 6]
        yield msgspec.json.encode({**plain, "customer_id": f"c{number + 2}", bad: secret.text})


def happenings() -> Iterator[bytes]:
    plain = {"exchange": "ex", "customer_id": "c1", "kind": "note"}
    for number, secret in enumerate(SECRETS):
        event = {**plain, "account_event_id": f"n{number}", "at_us": START_US + number * HOUR_US}
        yield msgspec.json.encode({**event, "note": secret.text})
        yield msgspec.json.encode({**event, "account_event_id": f"bad{number}", "nights": secret.text})


def feed_body() -> bytes:
    """Entries with everything in title, text, guid and date; then the feed breaks off."""
    entries = []
    for number, secret in enumerate(SECRETS):
        stamp = secret.text if number % 3 == 0 else "Thu, 01 Jan 2026 10:00:00 GMT"
        entries.append(
            f"<item><guid>https://board.example/{escape(secret.text)}/{number}</guid>"
            f"<title>{escape(secret.text)}</title><pubDate>{escape(stamp)}</pubDate>"
            f"<author>{escape(secret.needles[0])}</author>"
            f"<description>{escape(escape(ALERTING.format(secret.text)))}</description></item>"
        )
    broken = f"<item><title>{escape(SECRETS[0].text)}</title><{SECRETS[-1].needles[0]}"
    return ("<?xml version='1.0'?><rss><channel>" + "".join(entries) + broken).encode()


@pytest.fixture
def board() -> Iterator[int]:
    """The port of a site with a feed."""
    body = feed_body()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield int(server.server_address[1])
    server.shutdown()
    thread.join()
    server.server_close()


REGISTER = """
[[source]]
host = "127.0.0.1:{port}"
name = "fed"
kind = "escort"
legal_basis = "invented"
terms = "https://board.example/terms"
contact = "a desk"
"""


def answers(client: httpx.Client) -> dict[str, bytes]:
    """All that /v1 says of alerts, evidence and refused records, one by one where it must be asked so."""
    found: dict[str, bytes] = {}

    def ask(path: str) -> Any:
        got = client.get(path)
        assert got.status_code == 200, got.text
        found[path] = got.content
        return got.json()

    for page, items, key in (("/v1/alerts", "alerts", "alert_id"), ("/v1/dead-letters", "letters", "letter_id")):
        following: str | None = ""
        while following is not None:
            got = ask(f"{page}?limit=200" + (f"&before={following}" if following else ""))
            for one in got[items][:60]:
                ask(f"{page}/{one[key]}")
            following = got["next"]
    for path in ("/v1/facets", "/v1/suppressions", "/v1/health", "/v1/search?identifier=contact:none"):
        ask(path)
    return found


def leaks(places: Mapping[str, bytes]) -> list[str]:
    """Each needle once, with one place where it stands."""
    found = {(kind, form.decode("utf-8", "replace")): where for kind, where, form in told(places, SECRETS)}
    return [f"{kind}: {form!r} in {where}" for (kind, form), where in found.items()]


def progress(client: httpx.Client) -> dict[str, int]:
    told: dict[str, int] = client.get("/v1/health").json()["progress"]
    return told


@pytest.mark.timeout(400)
def test_nothing_that_tells_who_or_where_somebody_is_is_left(tmp_path: Path, board: int) -> None:
    inputs = write_inputs(tmp_path / "inputs")
    (tmp_path / "sources.toml").write_text(REGISTER.format(port=board))
    program = Program(tmp_path / "ours")
    program.configure(
        feeds=[f"http://127.0.0.1:{board}/feed"],
        source_register=str(tmp_path / "sources.toml"),
        checkpoint_every_s=1.0,
        allowed_lateness_s=0,
    )
    process = program.start("up", "--port", "0", *inputs)
    try:
        url = httpx.URL(announced(process))
        bearer = {"authorization": f"Bearer {url.params['token']}"}
        with httpx.Client(base_url=url.copy_with(query=None), headers=bearer, trust_env=False, timeout=30) as client:
            wait_until(lambda: progress(client)["watermark_us"] > LAST_US, what="the last advert", deadline_s=240)
            said = answers(client)
            searched = client.get("/v1/search", params={"identifier": "+12025550147 quendrix.vossle@example.com"})
            assert searched.status_code == 200
    finally:
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    places = {**remains(program.folder), **said, "standard output": out.encode(), "standard error": err.encode()}
    tables = [
        one["name"] for one in program.rows("SELECT name FROM system.tables WHERE database = currentDatabase()")[0]
    ]
    for name, rows in zip(tables, program.rows(*(f"SELECT * FROM {name}" for name in tables)), strict=True):  # noqa: S608 - our own tables
        places[f"table {name}"] = msgspec.json.encode(rows)
    for name in ("listings", "alerts", "signals", "dead_letters", "customers", "account_events", "access_records"):
        assert len(places[f"table {name}"]) > 100, name
    assert any(name.startswith("state/") for name in places)
    assert any(b"Bitcoin only" in places[name] and name.endswith("data.bin") for name in places), "nothing was opened"
    assert not leaks(places)


class Packed(KafkaPublisher):
    """A publisher whose messages stay here: keys and envelopes as a broker would get them."""

    def __init__(self) -> None:
        self.sent: dict[str, bytes] = {}

    @property
    def messages(self) -> int:
        return 0

    def clock(self, until_us: int) -> None:
        pass

    def flush(self) -> None:
        pass

    def _send(
        self,
        topic: Topic,
        key: str,
        records: Sequence[msgspec.Struct],
        *,
        live: bool = False,
        final: Mapping[str, int] | None = None,
    ) -> None:
        for form in get_args(Form):
            for message in packed(records, source="publish", form=form, live=live, final=final):
                before = self.sent.get(topic.name, b"")
                self.sent[topic.name] = before + key.encode() + b"\n" + message


def test_nothing_of_it_is_in_a_message_of_a_topic(tmp_path: Path) -> None:
    write_inputs(tmp_path / "inputs")
    settings = Settings(token_key_file=str(tmp_path / "token.key"))
    publisher = Packed()
    Publishing(
        sources=open_files(tmp_path / "inputs", read_rates(())),
        publisher=publisher,
        folder=tmp_path / "state",
        read=listing_reader(settings),
        seal=letter_sealer(settings),
    ).run(threading.Event())
    assert {"listings.v1", "dead-letters.v1", "account-events.v1", "customers.v1"} <= set(publisher.sent)
    assert not leaks({**publisher.sent, **remains(tmp_path / "state")})
