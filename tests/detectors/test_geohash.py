from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from manumit.detectors.geohash import ALPHABET, cells_apart_km, centre, distance_km, is_geohash

cells = st.text(ALPHABET, min_size=1, max_size=12)


def test_the_encodings_published_example() -> None:
    latitude, longitude = centre("u4pruydqqvj")
    assert (latitude, longitude) == pytest.approx((57.64911, 10.40744), abs=1e-5)


def test_a_cell_halves_the_world_where_the_bits_say() -> None:
    assert centre("s") == (22.5, 22.5)
    assert centre("0") == (-67.5, -157.5)


def test_a_quarter_of_the_equator() -> None:
    assert distance_km("s000000000", "w000000000") == pytest.approx(10_007.6, rel=1e-4)


@given(cells, cells)
def test_distance_is_a_distance(one: str, other: str) -> None:
    assert distance_km(one, other) == pytest.approx(distance_km(other, one))
    assert 0 <= distance_km(one, other) <= 20_016
    assert distance_km(one, one) == 0


@pytest.mark.parametrize("text", ["", "a", "XA-01", "9T", "ü", "s" * 13, "9~"])
def test_other_places_are_none(text: str) -> None:
    assert not is_geohash(text)
    with pytest.raises(ValueError, match="not a geohash"):
        centre(text)


@pytest.mark.parametrize(
    ("one", "other", "apart"),
    [
        ("XA-whrn", "XA-whrn", 0),
        ("XA-whrn", "XA-whrr", 40),
        ("w5xh", "XB-w5xm", 41),
        ("XA-W5XH", "w5xm", 41),
        ("XA", "XA-whrn", -1),
        ("XA-01", "XA-01", -1),
        ("", "XA-whrn", -1),
        ("Springfield", "XA-whrn", -1),
    ],
)
def test_only_cells_are_so_far_apart(one: str, other: str, apart: int) -> None:
    assert cells_apart_km(one, other) == cells_apart_km(other, one) == apart
