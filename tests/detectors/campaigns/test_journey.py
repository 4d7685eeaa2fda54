"""Movement over coarse cells: which stops are told, and that they travel with an alert's signals."""

from __future__ import annotations

from manumit.detectors.campaigns.journey import DAY_US, MOST_STOPS, Stop, folded, told, with_stop
from manumit.detectors.catalogue import detector
from manumit.detectors.stories import DAY, advert
from manumit.streams.repetition import Repetition

TEXT = "sweet {} just for you discreet upscale apartment near the harbour call now for a warm welcome every night"


def stop(day: int, place: str, kind: str = "escort") -> Stop:
    return Stop(day * DAY_US, place, kind)


def test_stops_are_told_in_order_with_their_days() -> None:
    stops = [stop(0, "XA-01"), stop(1, "XA-02"), stop(3, "XA-01")]
    assert told(stops, (), -1) == ("in XA-01 on 1970-01-01", "in XA-02 on 1970-01-02", "in XA-01 on 1970-01-04")
    assert told(stops, ("escort",), 0) == ("in XA-02 on 1970-01-02", "in XA-01 on 1970-01-04")
    assert told(stops, ("job",), -1) == ()


def test_one_place_is_no_journey() -> None:
    assert told([stop(0, "XA-01"), stop(5, "XA-01")], (), -1) == ()


def test_adverts_of_a_day_are_one_stop_and_old_ones_go() -> None:
    stops: list[Stop] = []
    for day in range(MOST_STOPS + 5):
        for _ in range(3):
            stops = with_stop(stops, stop(day, f"XA-{day}"))
    assert stops == [stop(day, f"XA-{day}") for day in range(5, MOST_STOPS + 5)]
    assert with_stop(stops, stop(99, "")) == stops


def test_two_groups_that_are_one_have_one_journey() -> None:
    assert folded([stop(3, "b"), stop(1, "a")], [stop(2, "c"), stop(1, "a")]) == [
        stop(1, "a"),
        stop(2, "c"),
        stop(3, "b"),
    ]


def test_a_signal_carries_cells_and_dates_also_after_a_restart() -> None:
    rule = detector("li-phone-many-cities")
    values = {rule.about.id: rule.about.values()}
    rows = [advert(f"a{i}", "escort", f"Advert {i}", at=i * DAY, contact="one", place=f"XA-0{i}") for i in range(4)]
    whole = Repetition([rule], values).take(rows)
    first, second = Repetition([rule], values), Repetition([rule], values)
    before = first.take(rows[:2])
    second.load(first.dump())
    assert [*before, *second.take(rows[2:])] == whole
    assert len(whole) == 2
    assert [span.split(" on ")[0] for span in whole[-1].spans] == ["in XA-00", "in XA-01", "in XA-02", "in XA-03"]


def test_a_campaign_that_moves_under_several_contacts_says_where() -> None:
    rule = detector("li-same-author-cluster")
    rows = [
        advert(f"c{i}", "escort", TEXT.format(name), at=i * DAY // 8, contact=f"c{i}", place=f"XA-0{i}")
        for i, name in enumerate(("poppy", "iris", "dahlia"))
    ]
    (signal,) = Repetition([rule], {rule.about.id: rule.about.values()}).take(rows)
    assert [span.split(" on ")[0] for span in signal.spans] == ["in XA-00", "in XA-01", "in XA-02"]
