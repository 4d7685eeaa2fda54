"""What a file takes back: as if it had never been where it is in memory, else a dead letter; the run goes on."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from manumit.connectors.contract import Source
from manumit.connectors.files.survey import open_files
from manumit.connectors.rates import Rates
from manumit.detectors.stories import DAY, account
from manumit.schemas.alert import Alert
from manumit.schemas.transfer import Transfer
from manumit.schemas.wire import encode
from manumit.streams.withdrawing import REORG
from tests.streams.flow import PEOPLE, Event, Kept, Listed, batch_of, chain_block, retracted, run, small_worlds, source

MEMORY = 65_536


def file_of(folder: Path, rows: Sequence[Transfer]) -> list[Source]:
    path = folder / "t.ndjson"
    path.write_bytes(b"".join(encode(row) + b"\n" for row in rows))
    return open_files(path, Rates(assets={}))


def taken_back(rows: Sequence[Transfer]) -> list[Transfer]:
    return [msgspec.structs.replace(row, op=-1) for row in reversed(rows)]


def final(rows: Sequence[Transfer]) -> list[Transfer]:
    return [msgspec.structs.replace(row, finality="final") for row in rows]


def standing(store: Kept) -> dict[str, Alert]:
    alerts = store.alerts.values()
    return {a.alert_id: msgspec.structs.replace(a, revision=0) for a in alerts if a.state != "withdrawn"}


@pytest.mark.parametrize("finality", ["final", "provisional"])
def test_alerts_on_what_a_file_takes_back_are_withdrawn(tmp_path: Path, finality: str) -> None:
    funnel = [
        msgspec.structs.replace(row, finality=finality)
        for row in chain_block(5, [(f"payer-{i}", "till", 80) for i in range(9)])
    ]
    quiet = final(chain_block(9, [("a", "b", 80)]))
    before = run(*file_of(tmp_path, [*funnel, *quiet]))
    assert {a.state for a in before.store.alerts.values() if a.subject == account("till")} == {"final"}
    after = run(*file_of(tmp_path, [*funnel, *quiet, *taken_back(funnel), *final(chain_block(10, [("a", "b", 80)]))]))
    alerts = [a for a in after.store.alerts.values() if a.subject == account("till")]
    assert alerts
    assert {(a.state, a.withdrawn_reason) for a in alerts} == {("withdrawn", REORG)}
    assert not after.store.dead_letters


@settings(max_examples=60, deadline=None, phases=(Phase.generate,))
@given(small_worlds(), st.integers(0, 60), st.integers(1, 60), st.sampled_from((1, 7, 1000)))
def test_what_is_taken_back_leaves_no_trace(world: list[Event], first: int, count: int, size: int) -> None:
    """Within 20 days, in which no episode closes: a closed one stands."""
    rows = [row for row in world if isinstance(row, Transfer)]
    soon = [row for row in rows[first : first + count] if row.at_us < rows[first].at_us + 20 * DAY]
    kept, gone, rest = rows[:first], soon, rows[first + len(soon) :]
    pieces = [batch_of(part[i : i + size]) for part in (kept, gone) for i in range(0, len(part), size)]
    back = [retracted(gone)] if gone else []
    flipped = run(Listed(name="file", given=[*pieces, *back, *([batch_of(rest)] if rest else [])]))
    straight = run(source("file", [*kept, *rest], size))
    assert standing(flipped.store) == standing(straight.store)
    assert not flipped.store.dead_letters


def test_what_was_never_seen_is_a_dead_letter_and_the_run_goes_on(tmp_path: Path) -> None:
    funnel = final(chain_block(5, [(f"payer-{i}", "till", 80) for i in range(9)]))
    stranger = taken_back(final(chain_block(4, [("a", "b", 80)])))
    ran = run(*file_of(tmp_path, [*funnel[:4], *stranger, *funnel[4:]]))
    assert [letter.reason for letter in ran.store.dead_letters.values()] == ["unknown-retraction"]
    assert [letter.place for letter in ran.store.dead_letters.values()] == [stranger[0].event_id]
    assert standing(ran.store) == standing(run(*file_of(tmp_path, funnel)).store)
    assert ran.totals.dead_letters == 1


def test_what_is_said_twice_is_taken_back_once(tmp_path: Path) -> None:
    funnel = final(chain_block(5, [(f"payer-{i}", "till", 80) for i in range(9)]))
    ran = run(*file_of(tmp_path, [*funnel, *taken_back(funnel[-1:]), *final(chain_block(6, [])), *funnel[:0]]))
    again = final(chain_block(7, [("a", "b", 80)]))
    twice = run(*file_of(tmp_path, [*funnel, *taken_back(funnel[-1:]), *again, *taken_back(funnel[-1:])]))
    assert standing(ran.store).keys() == standing(twice.store).keys()
    assert [letter.reason for letter in twice.store.dead_letters.values()] == ["unknown-retraction"]


def test_what_is_deeper_than_the_memory_is_a_dead_letter_and_so_is_what_would_replace_it() -> None:
    old = final(chain_block(1, [("payer", "till", 80)]))
    many = [row for height in range(2, 37) for row in final(chain_block(height, [("payer", "till", 80)] * 2_000))]
    other = final(chain_block(1, [("payer", "till", 90)], fork="b"))
    given = [
        batch_of(old),
        batch_of(many),
        retracted([*old, many[-2001]]),
        batch_of(other),
        batch_of(final(chain_block(38, [(PEOPLE[0], PEOPLE[1], 80)]))),
    ]
    ran = run(Listed(name="file", given=given))
    assert sorted(letter.reason for letter in ran.store.dead_letters.values()) == ["late", "unknown-retraction"]
    assert ran.totals.events == 1 + len(many) + 1
    assert len(many) > MEMORY
