"""A crawl from the settings to the store: adverts, deletions and dead letters, and no contact in the clear."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec
import pytest

from manumit.schemas.dead_letter import DeadLetter
from manumit.schemas.errors import ConfigError
from manumit.schemas.listing import Listing
from manumit.schemas.settings import Settings
from manumit.streams.assembly import assemble, runner
from manumit.streams.replay import ReplayStore
from tests.connectors.listings.crawling.site import Answer, Site, serving

PHONE, MAIL, STREET = "202-555-0143", "kitchen@board.example", "14 Harbour Street"
ADVERT = f"A cook is wanted at the harbour kitchen, call +1 {PHONE} or {MAIL}, {STREET}, evenings only."
RESTING = (
    '[[source]]\nhost = "{0}"\nname = "board"\nkind = "job"\nlegal_basis = "invented"\nterms = "none"\n'
    'contact = "desk@board.example"\ntest_only_loopback = true\n'
)
CRAWLED = '[source.crawl]\nadverts = ["/ads/*"]\ndelay_s = 0.0\nlook_s = 0.1\nrevisit_s = 0.1\n'


class Ledger(ReplayStore):
    """Keeps every row of every table."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: dict[str, list[msgspec.Struct]] = defaultdict(list)

    def write(self, table: str, rows: Sequence[msgspec.Struct]) -> None:
        super().write(table, rows)
        self.rows[table] += rows

    @property
    def listings(self) -> list[Listing]:
        return [row for row in self.rows["listings"] if isinstance(row, Listing)]

    @property
    def letters(self) -> list[DeadLetter]:
        return [row for row in self.rows["dead_letters"] if isinstance(row, DeadLetter)]


def settings_for(site: Site, folder: Path, register: str) -> Settings:
    (folder / "sources.toml").write_text(register.format(site.netloc))
    return Settings(
        state_dir=str(folder / "state"),
        token_key_file=str(folder / "token.key"),
        source_register=str(folder / "sources.toml"),
        crawls=(site.url("/sitemap.xml"),),
        checkpoint_every_s=0.0,
    )


def run_until(settings: Settings, store: Ledger, is_enough: Callable[[], bool]) -> None:
    stop = threading.Event()

    def progress(*told: object) -> None:
        if is_enough():
            stop.set()

    runner(assemble(settings, store=store), progress=progress, resumable=True).run(stop)


def test_from_the_site_to_the_store_and_on_after_a_stop(tmp_path: Path) -> None:
    with serving() as site:
        settings = settings_for(site, tmp_path, RESTING + CRAWLED)
        site.advert("/ads/1", ADVERT)
        site.advert(f"/ads/{PHONE}", f"{ADVERT} Weekends too.")
        site.pages[f"/ads/call-{PHONE}"] = Answer(b"\x1f\x8b broken", headers=(("Content-Encoding", "gzip"),))
        site.sitemap("/ads/1", f"/ads/{PHONE}", f"/ads/call-{PHONE}")
        store = Ledger()
        run_until(settings, store, lambda: len(store.listings) == 2 and len(store.letters) == 1)
        site.pages["/ads/1"] = Answer(status=410)
        asked = len(site.asked)
        run_until(settings, store, lambda: len(store.listings) == 3 and len(site.asked) > asked + 6)
    first, second, gone = store.listings
    assert [(row.op, row.revision, row.kind, row.source) for row in store.listings] == [
        (1, 0, "job", "board"),
        (1, 0, "job", "board"),
        (-1, 1, "job", "board"),
    ]
    assert gone.listing_id == first.listing_id == site.url("/ads/1")
    assert first.contacts == second.contacts
    assert len(first.contacts) == 2
    assert (first.language, second.listing_id.startswith("listing-")) == ("en", True)
    assert {letter.reason for letter in store.letters} == {"truncated"}
    assert len({letter.letter_id for letter in store.letters}) == 1, "the same again is the same row"
    kept = b"".join(msgspec.json.encode(rows) for rows in store.rows.values())
    kept += b"".join(file.read_bytes() for file in tmp_path.glob("state/**/*") if file.is_file())
    assert kept
    for secret in (PHONE, PHONE.replace("-", ""), MAIL, STREET):
        assert secret.encode() not in kept


def test_a_host_without_rules_for_a_crawl_stops_before_anything_starts(tmp_path: Path) -> None:
    with serving() as site:
        with pytest.raises(ConfigError, match=r"no \[source.crawl\]"):
            assemble(settings_for(site, tmp_path, RESTING), store=ReplayStore())
        assert site.asked == []
