"""The rule of combination: one advert or one sign alone never alerts a person. Over the whole catalogue."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from manumit.detectors.catalogue import detectors
from manumit.detectors.combining import MIN_SCORE, WINDOW_US, Combination, words_mark
from manumit.detectors.contract import ListingRule, TextFlag
from manumit.detectors.stories import advert
from manumit.schemas.signal import Signal
from manumit.streams.withdrawing import only_signals

LISTED = [one for one in detectors() if isinstance(one, TextFlag | ListingRule)]
COUNTERS = [one.about.id for one in LISTED if isinstance(one, TextFlag) and one.counts == "down"]
SIGNS = [one.about.id for one in LISTED if one.about.id not in COUNTERS]
COUNTER = "li-movement-language-counter"
HIGH, MEDIUM, LOW, OTHER_LOW = "li-job-fee-or-debt", "li-obscured-phone", "li-trustworthy-language", "li-youth-language"


def sign(detector: str, advert: str, at_us: int = 0, subject: str = "contact:one", revision: int = 0) -> Signal:
    event = f"listing:board:{advert}:{revision}"
    return Signal(detector=detector, version=1, subject=subject, event_id=event, at_us=at_us)


def told(*signals: Signal) -> list[tuple[str, str]]:
    return [(s.detector, s.event_id.split(":")[2]) for s in only_signals(Combination(detectors()).told(signals))]


@pytest.mark.parametrize("detector", SIGNS)
def test_one_sign_alone_never_alerts(detector: str) -> None:
    assert told(*(sign(detector, f"a{i}", i) for i in range(50))) == []


def test_one_advert_alone_never_alerts() -> None:
    """Not even with every sign there is, in every revision."""
    assert told(*(sign(name, "a", i, revision=i) for i in range(9) for name in SIGNS)) == []


@pytest.mark.parametrize("subject", ["contact:one", "eip155:1:0xc0", "poster:somebody", "listing:board:a"])
def test_every_kind_of_subject_but_a_campaign_is_a_persons(subject: str) -> None:
    assert told(*(sign(HIGH, f"a{i}", i, subject) for i in range(9))) == []
    assert told(sign(HIGH, "a", 0, "campaign:c0ffee")) == [(HIGH, "a")]


def test_two_signs_of_two_adverts_alert_and_tell_what_was_held() -> None:
    assert told(sign(HIGH, "a"), sign(MEDIUM, "b", 1)) == [(HIGH, "a"), (MEDIUM, "b")]
    assert told(sign(HIGH, "a"), sign(MEDIUM, "b", 1), sign(HIGH, "c", 2))[2:] == [(HIGH, "c")]


def test_a_mirrored_advert_is_one_advert() -> None:
    """The same words on another site, or under another id."""
    pair = [sign(HIGH, "a"), sign(MEDIUM, "b", 1), sign(MEDIUM, "c", 2)]
    words = dict.fromkeys((one.event_id for one in pair), "same")
    assert list(Combination(detectors()).told(pair, words)) == []
    words[pair[2].event_id] = "others"
    assert [s.event_id for s in only_signals(Combination(detectors()).told(pair, words))] == [s.event_id for s in pair]


def test_words_are_marked_whatever_stands_between_them() -> None:
    text = "New in town, sweet and discreet, ask for details"
    one = advert("a", "escort", f"{text} [phone] $100")
    assert words_mark(one) == words_mark(advert("b", "massage", f"{text.upper()}!! [PHONE] 120$"))
    assert words_mark(one) != words_mark(advert("a", "escort", f"{text} and more"))
    assert words_mark(advert("a", "escort", "call me 12345678901234567890")) == ""


def test_they_must_weigh_enough() -> None:
    assert told(sign(LOW, "a"), sign(OTHER_LOW, "b", 1)) == []
    assert told(sign(LOW, "a"), sign(MEDIUM, "b", 1)) == [(LOW, "a"), (MEDIUM, "b")]


def test_a_counter_indicator_counts_down_and_is_never_told() -> None:
    assert COUNTERS == [COUNTER]
    assert told(sign(COUNTER, "a"), sign(LOW, "a"), sign(MEDIUM, "b", 1)) == []
    assert told(sign(COUNTER, "a"), sign(COUNTER, "b"), sign(HIGH, "a"), sign(MEDIUM, "b", 1)) == [
        (HIGH, "a"),
        (MEDIUM, "b"),
    ]
    assert told(*(sign(COUNTER, f"a{i}", i) for i in range(20))) == []


def test_signs_of_two_contacts_do_not_add_up() -> None:
    assert told(sign(HIGH, "a"), sign(MEDIUM, "b", 1, "contact:two")) == []


def test_a_sign_as_old_as_the_window_is_out() -> None:
    assert told(sign(HIGH, "a", 0), sign(MEDIUM, "b", WINDOW_US)) == []
    assert told(sign(HIGH, "a", 1), sign(MEDIUM, "b", WINDOW_US)) == [(HIGH, "a"), (MEDIUM, "b")]


def test_what_is_told_says_what_it_rests_on() -> None:
    rows = only_signals(Combination(detectors()).told([sign(COUNTER, "a"), sign(HIGH, "a"), sign(MEDIUM, "b", 1)]))
    assert rows[0].values == {"signs": 2, "score_of_signs": 4}
    assert rows[0].spans == (f"beside it: {MEDIUM}", f"against it: {COUNTER}")


def test_other_detectors_pass_through() -> None:
    assert told(sign("tx-funnel-fan-in", "a")) == [("tx-funnel-fan-in", "a")]


MADE = st.builds(
    sign,
    st.sampled_from([*SIGNS, COUNTER]),
    st.sampled_from("abc"),
    st.integers(0, 3 * WINDOW_US),
    st.sampled_from(("contact:one", "contact:two", "campaign:c")),
)


@settings(deadline=None, max_examples=60)
@given(st.lists(MADE, max_size=40), st.integers(1, 7))
def test_batches_and_snapshots_never_matter(signals: list[Signal], size: int) -> None:
    ordered = sorted(signals, key=lambda one: one.at_us)
    whole = list(only_signals(Combination(detectors()).told(ordered)))
    parts: list[Signal] = []
    running = Combination(detectors())
    for start in range(0, len(ordered), size):
        parts += only_signals(running.told(ordered[start : start + size]))
        fresh = Combination(detectors())
        fresh.load(running.dump())
        running = fresh
    assert parts == whole
    _holds(ordered, whole)


def _holds(given_signals: Iterable[Signal], told_signals: list[Signal]) -> None:
    """Whatever is told of a person rests on two signs and two adverts within the window, read to the letter."""
    for one in told_signals:
        if one.subject.startswith("campaign:"):
            continue
        assert one.values["signs"] >= 2
        assert one.values["score_of_signs"] >= MIN_SCORE
        near = [s for s in given_signals if s.subject == one.subject and abs(s.at_us - one.at_us) < WINDOW_US]
        assert len({s.detector for s in near} - {COUNTER}) >= 2
        assert len({s.event_id for s in near if s.detector != COUNTER}) >= 2
