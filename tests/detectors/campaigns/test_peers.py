"""The robust model of a number: against the plain definition, in pieces, and when voices turn out to be one."""

from __future__ import annotations

from math import exp
from statistics import median_low

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from manumit.detectors.campaigns.peers import MILLIONTH, MOST_VOICES, Group, Peers, Spoken, Stood, median_deviation

WINDOW = 100
numbers = st.lists(st.integers(-50, 50), min_size=1, max_size=30)
said = st.tuples(
    st.sampled_from("gh"), st.sampled_from("abcdef"), st.integers(-40, 40), st.sampled_from([0, 1, 30, 99, 100])
)
stories = st.lists(said, max_size=40)


@given(numbers, st.integers(-60, 60))
def test_median_deviation_is_the_plain_one(values: list[int], middle: int) -> None:
    assert median_deviation(sorted(values), middle) == median_low(sorted(abs(v - middle) for v in values))


def plainly(heard: list[tuple[str, str, int, int]], group: str, voice: str, number: int, now: int) -> Stood:
    """By the definition: the latest number of every other voice of the group within the window."""
    latest: dict[str, tuple[int, int]] = {}
    for g, v, n, at in heard:
        if g == group and v != voice:
            latest[v] = (n, at)
    values = sorted(n for n, at in latest.values() if at > now - WINDOW)
    if not values:
        return Stood(0, 0, 0)
    middle = median_low(values)
    spread = max(median_low(sorted(abs(v - middle) for v in values)), 7)
    ratio = round(exp((number - middle) / MILLIONTH) * 1_000)
    return Stood(len(values), (number - middle) * 6745 // (10 * spread), ratio)


@given(stories, st.integers(1, 9))
def test_as_of_each_number_by_definition_and_in_pieces(story: list[tuple[str, str, int, int]], piece: int) -> None:
    running, now = Peers(WINDOW), 0
    heard: list[tuple[str, str, int, int]] = []
    for i, (group, voice, number, wait) in enumerate(story):
        now += wait
        assert running.see(group, voice, number, now, 7) == plainly(heard, group, voice, number, now)
        heard.append((group, voice, number, now))
        if i % piece == 0:
            dump = msgspec.msgpack.encode(running.dump())
            running = Peers(WINDOW)
            running.load(msgspec.msgpack.decode(dump, type=list[tuple[str, list[Spoken]]]))
            assert msgspec.msgpack.encode(running.dump()) == dump


@given(stories, st.integers(0, 40), st.integers(1, 9))
def test_two_voices_that_are_one_speak_once(story: list[tuple[str, str, int, int]], at: int, piece: int) -> None:
    """After `b` ends in `a` both count as one, whether or not a restart lies between."""
    running, restarted, now = Peers(WINDOW), Peers(WINDOW), 0
    for i, (group, voice, number, wait) in enumerate(story):
        now += wait
        if i == at:
            running.merge("a", "b")
            restarted.merge("a", "b")
        name = "a" if i >= at and voice == "b" else voice
        assert running.see(group, name, number, now, 7) == restarted.see(group, name, number, now, 7)
        assert all(spoken.voice != "b" for _, voices in running.dump() for spoken in voices) or i < at
        if i % piece == 0:
            dump = restarted.dump()
            restarted = Peers(WINDOW)
            restarted.load(dump)


def test_the_later_number_of_two_that_are_one_stays() -> None:
    peers = Peers(WINDOW)
    peers.see("g", "a", 1, 0, 7)
    peers.see("g", "b", 2, 1, 7)
    peers.see("g", "c", 3, 2, 7)
    peers.merge("c", "a")
    assert [(s.voice, s.number) for _, voices in peers.dump() for s in voices] == [("b", 2), ("c", 3)]
    peers.merge("d", "b")
    peers.merge("nobody", "unheard")
    assert [s.voice for _, voices in peers.dump() for s in voices] == ["d", "c"]


def test_what_nobody_says_any_more_is_forgotten() -> None:
    peers = Peers(WINDOW)
    for i in range(500):
        peers.see(f"group {i}", f"voice {i}", i, i * 10, 7)
    assert len(peers.dump()) == WINDOW // 10
    for i in range(500):
        peers.see("one group", f"voice {i}", i, 10_000 + i * 10, 7)
    assert [len(voices) for _, voices in peers.dump()] == [WINDOW // 10]
    assert peers.voices <= WINDOW // 10


def test_a_group_holds_so_many_voices_and_no_more() -> None:
    group = Group()
    for i in range(MOST_VOICES + 10):
        group.put(Spoken(str(i), i, i))
    assert len(group.of) == len(group.ordered) == MOST_VOICES
    assert next(iter(group.of)) == "10"
    assert group.ordered[0] == 10
