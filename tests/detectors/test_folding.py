"""How signals become one episode."""

from __future__ import annotations

from manumit.detectors.folding import KEEP_FIRST, MAX_EVENTS, folded, opened
from manumit.schemas.signal import Signal


def signal(event_id: str, at_us: int = 1, score: float = 1.0) -> Signal:
    return Signal(detector="d", version=1, subject="s", event_id=event_id, at_us=at_us, score=score)


def test_a_revised_advert_is_still_one_advert() -> None:
    first, second = signal("listing:board:a:0"), signal("listing:board:a:1", 2)
    episode = folded(folded(opened(first, ()), first, ""), second, "")
    assert (episode.signals, episode.distinct) == (2, 1)
    other = signal("listing:board:b:0", 3)
    assert folded(episode, other, "").distinct == 2


def test_muted_signals_are_counted_by_whom() -> None:
    one = signal("e1")
    episode = folded(folded(opened(one, ()), one, "payroll"), signal("e2", 2), "")
    assert (episode.signals, episode.suppressed, episode.suppressed_by) == (2, 1, ("payroll",))


def test_the_first_events_and_the_latest_are_kept() -> None:
    episode = opened(signal("e0"), ())
    for number in range(MAX_EVENTS + 10):
        episode = folded(episode, signal(f"e{number}", number + 1), "")
    assert len(episode.events) == MAX_EVENTS
    assert episode.events[:KEEP_FIRST] == tuple(f"e{n}" for n in range(KEEP_FIRST))
    assert episode.events[-1] == f"e{MAX_EVENTS + 9}"
    assert episode.distinct == MAX_EVENTS + 10
