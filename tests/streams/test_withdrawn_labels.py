"""A label that is withdrawn takes the alerts with it that rest on it, and only those."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from manumit.detectors.catalogue import detector
from manumit.detectors.stories import DAY, START_US, account, pay
from manumit.detectors.windows.contract import WindowEngine
from manumit.detectors.windows.engine import Engine
from manumit.detectors.windows.oracle import Oracle
from manumit.schemas.alert import Alert
from manumit.schemas.block import TransferBlock
from manumit.schemas.fields import YEAR_1970_US, YEAR_2200_US
from manumit.schemas.label import Label, LabelCategory
from manumit.schemas.transfer import Transfer
from manumit.streams.label_book import LabelBook
from manumit.streams.merging import Bundle
from manumit.streams.pipeline import Pipeline
from manumit.streams.resting import needs
from manumit.streams.rule_pack import Configured
from manumit.streams.withdrawing import LABEL_GONE, LABEL_WITHDRAWN

RULES = ("tx-mixer-exposure", "tx-watchlist-address")


def label(category: LabelCategory, *, source: str = "made-up", until: int = YEAR_2200_US) -> Label:
    return Label(
        subject=account("listed"), category=category, source=source, valid_from_us=YEAR_1970_US, valid_to_us=until
    )


def pipeline(*labels: Label, mode: str = "as-of", engine: type[WindowEngine] = Engine) -> Pipeline:
    found = Pipeline(
        Configured(detectors=tuple(map(detector, RULES)), overrides={}),
        label_mode=mode,
        make_engine=engine,
    )
    found.learn_labels(labels)
    return found


def take(running: Pipeline, rows: Sequence[Transfer] = (), *, labels: Sequence[Label] = (), at: int = 0) -> list[Alert]:
    blocks = ((False, TransferBlock.of(rows)),) if rows else ()
    return list(running.take(Bundle(until_us=START_US + at, transfers=blocks, labels=tuple(labels))).alerts)


PAID = pay("t", "payer", "listed", 500, at=0)


@pytest.mark.parametrize("engine", [Engine, Oracle])
@pytest.mark.parametrize("mode", ["as-of", "today"])
def test_the_alert_is_withdrawn_with_its_reason(mode: str, engine: type[WindowEngine]) -> None:
    running = pipeline(label("sanctions"), mode=mode, engine=engine)
    (before,) = take(running, [PAID])
    (after,) = take(running, labels=[label("sanctions", until=1)], at=DAY)
    assert (after.alert_id, after.state, after.withdrawn_reason) == (before.alert_id, "withdrawn", LABEL_WITHDRAWN)
    assert after.revision > before.revision
    assert take(running, [pay("u", "payer", "listed", 500, at=2 * DAY)], at=2 * DAY) == []


def test_what_happened_while_it_held_stands() -> None:
    running = pipeline(label("sanctions"))
    assert len(take(running, [PAID])) == 1
    assert take(running, labels=[label("sanctions", until=START_US + 1)], at=DAY) == []
    today = pipeline(label("sanctions"), mode="today")
    assert len(take(today, [PAID])) == 1
    assert [a.state for a in take(today, labels=[label("sanctions", until=START_US + 1)], at=DAY)] == ["withdrawn"]


def test_another_label_holds_it_up() -> None:
    running = pipeline(label("sanctions"), label("frozen", source="issuer"))
    assert len(take(running, [PAID])) == 1
    assert take(running, labels=[label("sanctions", until=1)], at=DAY) == []
    assert len(take(running, labels=[label("frozen", source="issuer", until=1)], at=DAY)) == 1


def test_the_counterparty_s_label_counts_for_the_subject() -> None:
    running = pipeline(label("mixer"))
    assert [a.subject for a in take(running, [PAID])] == [account("payer")]
    assert [a.state for a in take(running, labels=[label("mixer", until=1)], at=DAY)] == ["withdrawn"]


def test_a_closed_alert_is_withdrawn_too_for_400_days() -> None:
    running = pipeline(label("sanctions"))
    take(running, [PAID])
    take(running, at=100 * DAY)
    assert [a.state for a in take(running, labels=[label("sanctions", until=1)], at=101 * DAY)] == ["withdrawn"]
    late = pipeline(label("sanctions"))
    take(late, [PAID])
    take(late, at=401 * DAY)
    assert take(late, labels=[label("sanctions", until=1)], at=402 * DAY) == []


def test_a_list_that_dropped_the_label_withdraws_at_the_next_start() -> None:
    other = Label(subject=account("someone"), category="scam", source="made-up")
    running = pipeline(label("sanctions"), other)
    (before,) = take(running, [PAID])
    for labels, states in (([label("sanctions"), other], []), ([other], ["withdrawn"]), ([], [])):
        again = pipeline()
        again.load(running.dump(), labels)
        found = take(again, at=DAY)
        assert [alert.state for alert in found] == states
        assert all((a.alert_id, a.withdrawn_reason) == (before.alert_id, LABEL_GONE) for a in found)


def test_a_withdrawn_label_is_not_brought_back_by_an_older_copy() -> None:
    running = pipeline(label("sanctions", until=1), label("sanctions"))
    assert take(running, [PAID]) == []


def test_what_no_list_says_is_not_withdrawn() -> None:
    book = LabelBook()
    book.add([label("adult-ads")])
    parties = (account("payer"), account("listed"))
    (need,) = needs((((1, "adult-ads"),), ((1, "prepaid"),)), parties, START_US, book)
    assert (need.any_of, need.sources) == (((account("listed"), "adult-ads"),), ("made-up",))
