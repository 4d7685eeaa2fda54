"""The frontier goes back to any step exactly, whatever happened since."""

from __future__ import annotations

import sqlite3
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from manumit.connectors.listings.crawling.frontier import AGAIN, FIRST, NEVER_US, OFTEN, Frontier, Page
from manumit.connectors.listings.crawling.seal import Seal
from manumit.schemas.errors import ConfigError

SEAL = Seal(bytes(32))

pages = st.builds(
    lambda name, turn, due_us, revision: Page(
        url=f"http://x/{name}", kind="advert", turn=turn, due_us=due_us, revision=revision
    ),
    st.sampled_from("abcdef"),
    st.sampled_from([FIRST, OFTEN, AGAIN]),
    st.integers(0, 9),
    st.integers(-1, 3),
)


def whole(frontier: Frontier) -> dict[str, Page]:
    found = (frontier.get(f"http://x/{name}") for name in "abcdef")
    return {page.url: page for page in found if page is not None}


@settings(max_examples=15, deadline=None)
@given(st.lists(st.lists(pages, min_size=1, max_size=4), min_size=1, max_size=8), st.data())
def test_going_back_is_exact(steps: list[list[Page]], data: st.DataObject) -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "x.sqlite"
        frontier = Frontier(file, None, SEAL)
        states = [whole(frontier)]
        for step in steps:
            with frontier.stepping():
                for page in step:
                    frontier.put(page)
            states.append(whole(frontier))
        assert frontier.step == len(steps)
        for after in sorted(data.draw(st.sets(st.integers(0, len(steps)), min_size=1)), reverse=True):
            frontier.close()
            frontier = Frontier(file, after, SEAL)
            assert (whole(frontier), frontier.step, len(frontier)) == (states[after], after, len(states[after]))
        frontier.close()


def test_a_step_happens_whole_or_not_at_all(tmp_path: Path) -> None:
    frontier = Frontier(tmp_path / "x.sqlite", None, SEAL)
    with pytest.raises(ValueError, match="stop"), frontier.stepping():
        frontier.put(Page(url="http://x/a", kind="page", turn=OFTEN, due_us=0))
        raise ValueError("stop")
    assert (whole(frontier), frontier.step, len(frontier)) == ({}, 0, 0)
    frontier.close()


def test_new_adverts_come_first_and_nothing_before_its_time(tmp_path: Path) -> None:
    frontier = Frontier(tmp_path / "x.sqlite", None, SEAL)
    assert (frontier.next_due(9), frontier.first_due_us()) == (None, NEVER_US)
    with frontier.stepping():
        for name, turn, due_us in (("a", AGAIN, 1), ("b", OFTEN, 2), ("c", FIRST, 3), ("d", FIRST, 2)):
            frontier.put(Page(url=f"http://x/{name}", kind="page", turn=turn, due_us=due_us))
    for now_us, name in ((1, "a"), (2, "d"), (9, "d")):
        page = frontier.next_due(now_us)
        assert page is not None
        assert page.url == f"http://x/{name}"
    assert frontier.next_due(0) is None
    frontier.close()


def test_files_that_cannot_be_used_are_told(tmp_path: Path) -> None:
    file = tmp_path / "x.sqlite"
    file.write_bytes(b"no database " * 100)
    with pytest.raises(ConfigError, match=r"x\.sqlite"):
        Frontier(file, None, SEAL)
    file.unlink()
    frontier = Frontier(file, None, SEAL)
    with frontier.stepping():
        frontier.put(Page(url="http://x/a", kind="page", turn=OFTEN, due_us=0))
    frontier.close()
    with sqlite3.connect(file) as database:
        database.execute("DELETE FROM journal")
    database.close()
    with pytest.raises(ConfigError, match="cannot go back"):
        Frontier(file, 0, SEAL)


def test_no_address_stands_in_the_file_and_another_key_is_told(tmp_path: Path) -> None:
    file = tmp_path / "x.sqlite"
    frontier = Frontier(file, None, SEAL)
    with frontier.stepping():
        frontier.put(
            Page(url="http://x/vera-exampleova", kind="advert", turn=FIRST, due_us=0, listed_in="http://x/map")
        )
    (page,) = frontier.listed_in("http://x/map")
    assert frontier.get("http://x/vera-exampleova") == frontier.next_due(1) == page
    held = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert b"exampleova" not in held
    assert b"map" not in held.replace(b"bitmap", b"")
    frontier.close()
    frontier = Frontier(file, 1, Seal(bytes(31) + b"x"))
    with pytest.raises(ConfigError, match="another token key"):
        frontier.next_due(1)
    frontier.close()
