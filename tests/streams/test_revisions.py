"""A revised advert takes the place of what it said before, in alerts too; one that was taken down said what it said."""

from __future__ import annotations

from pathlib import Path

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from manumit.detectors.stories import DAY, HOUR, advert
from manumit.schemas.alert import Alert
from manumit.schemas.listing import Listing
from manumit.streams.withdrawing import REVISED
from tests.streams.flow import Kept, Ran, new_pipeline, run, source

TRAVEL = "Free flight, visa and meals included. Immediate departure."
COINS = "Bitcoin only. "
PLAIN = "Kitchen hand wanted for a bakery, day shifts, apply with a letter."
FLAG = "li-job-all-paid-travel"


def post(name: str, text: str, at: int, revision: int = 0, op: int = 1) -> Listing:
    row = advert(name, "job", text, at=at, contact="one")
    return msgspec.structs.replace(row, revision=revision, op=1 if op > 0 else -1)


def alerts(ran: Ran) -> dict[str, Alert]:
    """By detector: each has one subject here."""
    return {alert.detector: alert for alert in ran.store.alerts.values()}


def said(*rows: Listing) -> dict[str, Alert]:
    return alerts(run(source("board", rows), pipeline=new_pipeline(overrides={}), labels=()))


TWO = (post("a", FEE := TRAVEL + " You pay a fee of 900 USD before you start.", 0), post("b", FEE + " Ask soon.", HOUR))


def test_two_adverts_with_two_signs_alert() -> None:
    assert said(*TWO)[FLAG].state != "withdrawn"


def test_a_mirrored_advert_is_no_second_one() -> None:
    """The same words, on another site and under another id."""
    mirror = msgspec.structs.replace(post("a", FEE, HOUR), source="elsewhere")
    assert said(TWO[0], mirror, post("z", FEE + " 900 / 900.", 2 * HOUR)) == {}


def test_what_a_revision_no_longer_says_is_withdrawn() -> None:
    alert = said(*TWO, post("b", PLAIN, DAY, revision=1))[FLAG]
    assert (alert.state, alert.withdrawn_reason) == ("withdrawn", REVISED)


def test_a_revision_that_still_says_it_is_no_second_advert_and_no_other_alert() -> None:
    before, after = said(*TWO)[FLAG], said(*TWO, post("b", FEE + " Now.", DAY, revision=1))[FLAG]
    assert (after.alert_id, after.state) == (before.alert_id, before.state)
    assert after.revision > before.revision


def test_a_sign_that_comes_back_opens_it_again() -> None:
    alert = said(*TWO, post("b", PLAIN, DAY, revision=1), post("b", FEE + " Ask soon.", 2 * DAY, revision=2))[FLAG]
    assert alert.state != "withdrawn"


def test_a_third_advert_keeps_it_up() -> None:
    alert = said(*TWO, post("c", FEE + " Third week.", 2 * HOUR), post("b", PLAIN, DAY, revision=1))[FLAG]
    assert alert.state != "withdrawn"
    assert not any(event.split(":")[2] == "b" for event in alert.evidence)


def test_an_advert_that_was_taken_down_said_what_it_said() -> None:
    before, after = said(*TWO)[FLAG], said(*TWO, post("b", "", DAY, revision=1, op=-1))[FLAG]
    assert after == before


STEPS = st.lists(
    st.tuples(
        st.sampled_from("abcd"),
        st.sampled_from([FEE, TRAVEL, PLAIN, COINS + PLAIN, COINS + FEE]),
        st.sampled_from([0, 1, HOUR, 5 * DAY, 29 * DAY, 31 * DAY]),
        st.sampled_from([1, 1, 1, 1, -1]),
    ),
    max_size=24,
)


@settings(max_examples=25, deadline=None)
@given(STEPS, st.integers(1, 6))
def test_batches_and_restarts_never_matter(steps: list[tuple[str, str, int, int]], size: int) -> None:
    rows, now = [], 0
    for number, (name, text, wait, op) in enumerate(steps):
        now += wait
        rows.append(post(name, text, now, revision=number, op=op))
    whole = run(source("board", rows), pipeline=new_pipeline(overrides={}), labels=())
    parts = run(source("board", rows, size), pipeline=new_pipeline(overrides={}), labels=())
    standing = [{i: a for i, a in one.store.alerts.items() if a.state != "withdrawn"} for one in (whole, parts)]
    assert standing[0] == standing[1]
    assert whole.pipeline.dump().adverts == parts.pipeline.dump().adverts


def test_a_restart_in_between_changes_nothing(tmp_path: Path) -> None:
    rows = [*TWO, post("b", PLAIN, DAY, revision=1), post("d", FEE, 2 * DAY), post("a", PLAIN, 3 * DAY, revision=1)]
    whole = run(source("board", rows, 1), pipeline=new_pipeline(overrides={}), labels=())
    store = Kept()
    for stop in range(1, len(rows) + 1):
        run(
            source("board", rows[:stop], 1),
            pipeline=new_pipeline(overrides={}),
            labels=(),
            folder=tmp_path,
            store=store,
        )
    assert store.alerts == whole.store.alerts
