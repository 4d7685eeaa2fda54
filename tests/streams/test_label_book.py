"""The labels in force, found by an index: the same as looking at each."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from manumit.schemas.label import Label, LabelCategory, label_bit
from manumit.streams.label_book import ADVERT, AS_OF, MAX_SOURCES, TODAY, LabelBook, split_account
from manumit.streams.span_index import FAN, SpanIndex

SUBJECTS = ("eip155:1:0xaa", "eip155:1:0xbb")
CATEGORIES: tuple[LabelCategory, ...] = ("mixer", "exchange", "advert-wallet")
MOMENT = st.integers(0, 40)


@st.composite
def labels(draw: st.DrawFn) -> list[Label]:
    """Of two subjects, in any order of time, some of no length, some twice, some withdrawn by an earlier end."""
    rows = draw(
        st.lists(st.tuples(st.sampled_from(SUBJECTS), st.sampled_from(CATEGORIES), MOMENT, MOMENT), max_size=150)
    )
    return [
        Label(subject=subject, category=category, source=f"s{i % 7}", valid_from_us=start, valid_to_us=stop)
        for i, (subject, category, start, stop) in enumerate(rows)
    ]


def looked_at(rows: list[Label], mode: str, subject: str, at_us: int) -> list[Label]:
    """The definition: of copies the earliest end counts, and those that have one are withdrawn from `today`."""
    found: list[Label] = []
    ends: dict[tuple[str, str, int, int], set[int]] = {}
    for i, row in enumerate(rows):
        if row.subject == subject:
            alone = i if row.category == ADVERT else -1
            ends.setdefault((row.category, row.source, row.valid_from_us, alone), set()).add(row.valid_to_us)
    for (category, source, start, alone), copies in ends.items():
        always = mode == TODAY and alone < 0
        if len(copies) == 1 if always else start <= at_us < min(copies):
            found += [row for row in rows if (row.subject, row.category, row.source) == (subject, category, source)][:1]
    return found


@given(labels(), st.sampled_from((AS_OF, TODAY)), MOMENT)
def test_what_holds_is_what_a_look_at_each_label_finds(rows: list[Label], mode: str, at_us: int) -> None:
    book = LabelBook(mode)
    book.add(rows)
    assert len(book.spans()) == book.count
    for subject in (*SUBJECTS, "eip155:1:0xcc"):
        found = looked_at(rows, mode, subject, at_us)
        assert book.bits(subject, at_us) == sum({label_bit(row.category) for row in found})
        spoken = [f"{row.category} ({row.source}, no date given)" for row in found[:MAX_SOURCES]]
        assert book.sources(subject, at_us) == tuple(dict.fromkeys(spoken))
    assert all(book.knows(row) for row in rows)
    assert not book.knows(Label(subject=split_account(SUBJECTS[0])[1], category="mixer", source="nobody"))


@pytest.mark.parametrize("count", [0, 1, FAN, FAN + 1, FAN**2, FAN**2 + 1, FAN**3 + 1])
def test_every_size_of_tree(count: int) -> None:
    index = SpanIndex()
    for place in range(count):
        index.append(place, place + 3, 1 << (place % 5))
    for at_us in range(count + 3):
        holding = [place for place in range(count) if place <= at_us < place + 3]
        assert list(index.at(at_us)) == holding
        assert index.bits(at_us) == sum({1 << (place % 5) for place in holding})


class Counted(int):
    """A moment that counts how often it is compared."""

    asked = 0

    def __ge__(self, other: int) -> bool:
        Counted.asked += 1
        return int(self) >= other

    def __lt__(self, other: int) -> bool:
        Counted.asked += 1
        return int(self) < other


def test_an_advert_posted_again_and_again_costs_a_look_at_few() -> None:
    day = 100
    index = SpanIndex()
    for place in range(50_000):
        index.append(place, place + 30 * day, 1)
    Counted.asked = 0
    assert index.bits(Counted(49_000)) == 1
    assert next(index.at(Counted(49_000))) == 49_000 - 30 * day + 1
    assert 0 < Counted.asked < 40 * FAN
