"""Whatever way a text comes in, marks that nobody sees are gone before anything is stored."""

from __future__ import annotations

import threading
from pathlib import Path

import msgspec

from manumit.connectors.files.survey import open_files
from manumit.connectors.rates import read_rates
from manumit.detectors.stories import START_US
from manumit.detectors.text.reading import read
from manumit.schemas.unfit import UNFIT
from manumit.streams.runner import Desk, Runner
from tests.streams.flow import NOW_US, Kept, new_pipeline

HIDDEN = "ca\u202esh\u200b \u2066only\ufeff\x1b"
ADVERT = {"source": "bo\u202eard", "listing_id": "x\u202e1", "kind": "job", "at_us": START_US, "seen_us": START_US}


def test_files_of_each_form(tmp_path: Path) -> None:
    folder = tmp_path / "inputs"
    folder.mkdir()
    advert = {**ADVERT, "title": HIDDEN, "text": HIDDEN, "payments": [HIDDEN], "poster": HIDDEN, "place": HIDDEN}
    broken = {**advert, "at_us": HIDDEN}
    (folder / "a.ndjson").write_bytes(b"\n".join(map(msgspec.json.encode, (advert, broken))))
    names = ",".join((*ADVERT, "title", "text"))
    (folder / "b.csv").write_text(f"{names}\nboard,2,job,{START_US},{START_US},{HIDDEN},{HIDDEN}\n", "utf-8")
    event = {"exchange": "ex", "account_event_id": "1", "customer_id": "c1", "at_us": START_US, "kind": "note"}
    (folder / "c.ndjson").write_bytes(msgspec.json.encode({**event, "note": HIDDEN, "provider": HIDDEN}))
    customer = {"exchange": "ex", "customer_id": "c1", "at_us": START_US, "occupation": HIDDEN}
    (folder / "d.ndjson").write_bytes(msgspec.json.encode(customer))
    store = Kept()
    desk = Desk(store=store, clock=lambda: NOW_US, read=lambda row: read(row, lambda contact: "contact:" + "0" * 16))
    sources = open_files(str(folder), read_rates(()))
    Runner(sources=sources, pipeline=new_pipeline(), desk=desk).run(threading.Event())
    rows = [row for table in ("listings", "account_events", "customers") for row in store.rows[table]]
    assert len(rows) == 4
    assert store.dead_letters
    for row in (*rows, *store.dead_letters):
        told = msgspec.json.encode(row).decode()
        assert UNFIT.search(told) is None, told
        assert "\\u" not in told
    assert b"cash only" in msgspec.json.encode(store.rows["listings"][0])
