"""Account events in several books: every rule of an exchange's records fires, and nothing depends on how they come."""

from __future__ import annotations

from random import Random

import msgspec
import pytest

from manumit.detectors.catalogue import detectors
from manumit.detectors.stories import DAY, HOUR, START_US, account, booked, snapshot
from manumit.schemas.label import Label
from manumit.schemas.wire import encode
from manumit.streams.label_book import LabelBook
from manumit.streams.merging import Bundle
from manumit.streams.movements import Movements, event_id, outside, written
from tests.streams.flow import Event, new_pipeline, rich_event, run, source

EXCHANGE_RULES = {
    one.about.id for one in detectors() if one.about.id.startswith("tx-") and "chain" not in one.about.books
}


def told(seed: int, count: int = 300) -> list[Event]:
    dice = Random(seed)  # noqa: S311 - a test's dice
    sums = (24.0, 60.0, 91.0, 900.0, 6_000.0)
    return [
        rich_event(f"r{n}", dice.randrange(3), dice.randrange(6), dice.choice(sums), n * 3 * HOUR) for n in range(count)
    ]


def test_every_rule_of_an_exchange_fires_in_the_streams_that_the_properties_use() -> None:
    fired = {alert.detector for alert in run(source("all", told(1))).store.alerts.values()}
    assert len(EXCHANGE_RULES) == 8
    assert fired >= EXCHANGE_RULES


@pytest.mark.parametrize("size", [1, 7])
def test_batches_and_restarts_change_nothing(size: int) -> None:
    events = told(2, 120)
    whole = run(source("all", events)).store.alerts
    assert run(source("all", events, size)).store.alerts == whole
    first, second = new_pipeline(), new_pipeline()
    run(source("all", events[:70], size), pipeline=first)
    second.load(first.dump(), ())
    assert second.movements.homes.known == first.movements.homes.known
    assert len(second.movements.homes.known) == 3


def test_an_alert_names_the_customer_and_what_led_there() -> None:
    trades = [booked(f"b{n}", "trade", 24, at=n * HOUR, asset="BTC", direction="buy") for n in range(6)]
    deposit = booked("d", "fiat-in", 500, at=HOUR + 1)
    ran = run(source("all", [*trades[:2], deposit, *trades[2:]]))
    found = [a for a in ran.store.alerts.values() if a.detector == "tx-vc-small-multiple-purchases"]
    assert [alert.subject for alert in found] == ["customer:made-up-exchange:customer"]
    assert found[0].evidence == tuple(trade.event_id for trade in trades)


def test_a_payment_to_a_labelled_address_tells_the_list() -> None:
    label = Label(subject=account("advert-site"), category="adult-ads", source="made-up", name="a site")
    paid = [
        booked(f"p{n}", "withdrawal", 30, at=n * DAY, channel="crypto", counterparty=account("advert-site"))
        for n in range(3)
    ]
    ran = run(source("all", paid), labels=(label,))
    alerts = [a for a in ran.store.alerts.values() if a.detector == "tx-adult-ad-platform-payments"]
    assert [alert.subject for alert in alerts] == ["customer:made-up-exchange:customer"]
    assert alerts[0].label_sources == ("counterparty: adult-ads: a site (made-up, no date given)",)


def test_one_event_is_one_event_in_every_book() -> None:
    event = booked("k", "withdrawal", 90, at=0, channel="kiosk", counterparty=account("w"), place="9whx5gt")
    rows = list(written(event))
    assert [row.chain.partition(":")[0] for row in rows] == ["customer", "kiosk"]
    assert {event_id(row) for row in rows} == {event.event_id}
    assert outside(f"customer:made-up-exchange:{rows[0].receiver}") == account("w")
    assert event.customer_id not in rows[1].sender


@pytest.mark.parametrize("counterparty", ["", "x:y:z", "bip122:00:" + "a" * 30, f"eip155:1:0x{'a' * 80}"])
def test_a_kiosk_payout_to_no_known_chain_stands_in_no_kiosk_book(counterparty: str) -> None:
    rows = list(written(booked("k", "withdrawal", 90, at=0, channel="kiosk", counterparty=counterparty)))
    assert [row.chain.partition(":")[0] for row in rows] == ["customer"]


@pytest.mark.parametrize("outcome", ["refused", "abandoned"])
def test_what_did_not_happen_stands_in_no_book(outcome: str) -> None:

    for kind in ("trade", "withdrawal", "fiat-in"):
        event = booked("e", kind, 9, at=0, asset="BTC", place="u33d")
        assert list(written(msgspec.structs.replace(event, outcome=outcome))) == []


def test_a_place_lies_in_every_area_that_begins_it_while_the_label_holds() -> None:
    book = LabelBook()
    assert book.place_bits("9tbq", START_US) == 0
    spans = book.add(
        [Label(subject="place:9t", category="corridor", source="x", valid_from_us=START_US, valid_to_us=START_US + 1)]
    )
    assert spans == []
    assert [book.place_bits("9tbq", START_US + n) != 0 for n in (-1, 0, 1)] == [False, True, False]
    assert book.place_bits("9", START_US) == 0


def test_a_home_is_what_was_last_told() -> None:
    moves = Movements(LabelBook())
    stay = booked("a", "login", at=1, place="u33d")
    assert moves.block([stay], [snapshot(residence="CA", at=0)]) is None
    home = moves.homes.of(stay)
    assert (home.country, home.place) == ("CA", "u33d")
    moves.block([booked("b", "fiat-in", 5, at=3, place="9t")], [snapshot(residence="NL", at=2)])
    home = moves.homes.of(stay)
    assert (home.country, home.place) == ("NL", "u33d")


def test_a_bundle_of_account_events_alone_is_taken() -> None:
    events = [event for event in told(3, 5) if hasattr(event, "account_event_id")]
    changes = new_pipeline().take(Bundle(until_us=START_US + DAY, account_events=tuple(events)))  # type: ignore[arg-type]
    assert changes.events == len(events)
    assert all(encode(event) for event in events)
