"""Which pages of a host are known, what was last seen of them, and when each is due: on disk, safe at any moment.

One SQLite file per host. A step changes several pages at once and is numbered; the journal keeps what was before, so
that the frontier can go back to any step that a checkpoint names: what was read after it is read again, and no
advert is lost or given twice. It holds addresses, marks and hashes, sealed, and no word of a page.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from manumit.connectors.listings.crawling.frames import PageKind
from manumit.connectors.listings.crawling.seal import Seal
from manumit.schemas.errors import ConfigError, EdgeDown

JOURNAL_STEPS = 50_000  # at one page a second, more than half a day between two checkpoints
FIRST, OFTEN, AGAIN = 0, 1, 2  # new adverts, then lists of them, then adverts that were read before
NEVER_US = 2**62
TABLES = """
CREATE TABLE IF NOT EXISTS pages (
    name TEXT PRIMARY KEY, turn INTEGER NOT NULL, due_us INTEGER NOT NULL, listed_in TEXT NOT NULL, row BLOB NOT NULL
);
CREATE INDEX IF NOT EXISTS by_turn ON pages (turn, due_us);
CREATE INDEX IF NOT EXISTS by_list ON pages (listed_in) WHERE listed_in != '';
CREATE TABLE IF NOT EXISTS journal (step INTEGER NOT NULL, name TEXT NOT NULL, before BLOB);
CREATE INDEX IF NOT EXISTS by_step ON journal (step);
CREATE TABLE IF NOT EXISTS marks (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
"""

PUT = """
INSERT INTO pages VALUES (?, ?, ?, ?, ?) ON CONFLICT (name) DO UPDATE
SET turn = excluded.turn, due_us = excluded.due_us, listed_in = excluded.listed_in, row = excluded.row
"""  # keeps the place among those that are due at the same time


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of an address. `revision` is the last one given, -1 for none; `stands`: it was not taken down."""

    url: str
    kind: PageKind
    due_us: int
    turn: int
    etag: str = ""
    modified: str = ""
    digest: str = ""
    revision: int = -1
    stands: bool = False
    fails: int = 0
    hops: int = 0
    listed_in: str = ""
    missing: int = 0
    changed: str = ""
    gone_us: int = 0


class Frontier:
    """The pages of one host. Raises ConfigError for a file that another run holds or that lies behind `after`."""

    def __init__(self, path: Path, after: int | None, seal: Seal) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path = path
        self._seal = seal
        self._db = sqlite3.connect(path, isolation_level=None, timeout=1.0, check_same_thread=False)
        try:
            self._db.execute("PRAGMA locking_mode = EXCLUSIVE")
            self._db.execute("PRAGMA journal_mode = WAL")
            self._db.execute("PRAGMA synchronous = FULL")
            self._db.executescript(f"BEGIN IMMEDIATE; {TABLES} COMMIT;")
            self._go_to(after)
            self._count = self._counted()
        except sqlite3.Error as error:
            self._db.close()
            raise ConfigError(f"{path}: {error}; another run may hold it, or it is no frontier") from error
        except ConfigError:
            self._db.close()
            raise

    def close(self) -> None:
        """Lets another run open it."""
        self._db.close()

    @property
    def step(self) -> int:
        """The number of the last finished step: the source's position."""
        return self.mark("step")

    def mark(self, name: str) -> int:
        """A number kept beside the pages, 0 until it is set. Marks are not taken back with steps."""
        found = self._db.execute("SELECT value FROM marks WHERE name = ?", (name,)).fetchone()
        return int(found[0]) if found else 0

    def set_mark(self, name: str, value: int) -> None:
        self._db.execute("INSERT OR REPLACE INTO marks VALUES (?, ?)", (name, value))

    def _go_to(self, after: int | None) -> None:
        """Back to the step `after`; to the very beginning for None."""
        if after is None:
            self._db.executescript("BEGIN; DELETE FROM pages; DELETE FROM journal; DELETE FROM marks; COMMIT;")
            return
        step = self.step
        oldest = self._db.execute("SELECT min(step) FROM journal").fetchone()[0]
        if after > step:
            raise ConfigError(f"{self._path} is older than the checkpoint (step {step} of {after}): restore it")
        if after < step and (oldest is None or oldest > after + 1):
            raise ConfigError(f"{self._path} cannot go back to step {after}: start without the checkpoint")
        self._db.execute("BEGIN IMMEDIATE")
        undone = self._db.execute("SELECT name, before FROM journal WHERE step > ? ORDER BY rowid DESC", (after,))
        for name, before in undone.fetchall():
            if before is None:
                self._db.execute("DELETE FROM pages WHERE name = ?", (name,))
            else:
                self._put(self._page(before))
        self._db.execute("DELETE FROM journal WHERE step > ?", (after,))
        self.set_mark("step", after)
        self._db.execute("COMMIT")

    @contextmanager
    def stepping(self) -> Iterator[None]:
        """All that is put inside happens together, or not at all. Raises EdgeDown when the disk refuses."""
        try:
            self._db.execute("BEGIN IMMEDIATE")
            self.set_mark("step", self.step + 1)
            yield
            self._db.execute("DELETE FROM journal WHERE step <= ?", (self.step - JOURNAL_STEPS,))
            self._db.execute("COMMIT")
        except sqlite3.Error as error:
            raise EdgeDown(f"{self._path}: {error}") from error
        finally:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
                self._count = self._counted()

    def put(self, page: Page) -> None:
        """Only inside of `stepping`."""
        name = self._seal.name(page.url)
        before = self._db.execute("SELECT row FROM pages WHERE name = ?", (name,)).fetchone()
        kept = (self.step, name, before[0] if before else None)
        self._db.execute("INSERT INTO journal VALUES (?, ?, ?)", kept)
        self._put(page)
        self._count += before is None

    def _put(self, page: Page) -> None:
        name, listed_in = self._seal.name(page.url), self._seal.name(page.listed_in)
        row = (name, page.turn, page.due_us, listed_in, self._seal.closed(msgspec.msgpack.encode(page)))
        self._db.execute(PUT, row)

    def get(self, url: str) -> Page | None:
        found = self._db.execute("SELECT row FROM pages WHERE name = ?", (self._seal.name(url),)).fetchone()
        return self._page(found[0]) if found else None

    def next_due(self, now_us: int) -> Page | None:
        """The page whose turn it is."""
        query = "SELECT row FROM pages WHERE turn = ? AND due_us <= ? ORDER BY due_us, rowid LIMIT 1"
        found = (self._db.execute(query, (turn, now_us)).fetchone() for turn in (FIRST, OFTEN, AGAIN))
        return next((self._page(row[0]) for row in found if row), None)

    def first_due_us(self) -> int:
        """When the next page will be due; NEVER_US when none."""
        found = self._db.execute("SELECT min(due_us) FROM pages").fetchone()[0]
        return NEVER_US if found is None else int(found)

    def listed_in(self, sitemap: str) -> list[Page]:
        """The pages that this sitemap listed when it was last read."""
        name = self._seal.name(sitemap)
        query = "SELECT row FROM pages WHERE listed_in = ? AND listed_in != '' ORDER BY rowid"
        return [self._page(row) for (row,) in self._db.execute(query, (name,)).fetchall()]

    def _page(self, row: bytes) -> Page:
        return msgspec.msgpack.decode(self._seal.opened(row), type=Page)

    def _counted(self) -> int:
        return int(self._db.execute("SELECT count(*) FROM pages").fetchone()[0])

    def __len__(self) -> int:
        return self._count


def known_pages(path: Path) -> int | None:
    """How many pages a frontier holds, without changing it; None while a run holds it, or when there is none."""
    if not path.exists():
        return None
    database = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, timeout=0.1)
    try:
        return int(database.execute("SELECT count(*) FROM pages").fetchone()[0])
    except sqlite3.Error:
        return None
    finally:
        database.close()
