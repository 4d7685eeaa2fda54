"""Geohash cells: the form in which places are coarse, comparable and no address.

Source: the public geohash encoding (base 32 without a, i, l, o; bits alternate, longitude first).
"""

from __future__ import annotations

from math import asin, cos, radians, sin, sqrt

ALPHABET = "0123456789bcdefghjkmnpqrstuvwxyz"
LONGEST, BITS = 12, 5
COARSE = 4  # characters from which a cell is a place of some 39 by 20 km, not a country or a region
EARTH_KM = 6371.0088  # mean radius, IUGG
VALUES = {letter: value for value, letter in enumerate(ALPHABET)}


def is_geohash(text: str) -> bool:
    return 0 < len(text) <= LONGEST and all(letter in VALUES for letter in text)


def centre(cell: str) -> tuple[float, float]:
    """Latitude and longitude of a cell's middle, in degrees. Raises ValueError for another text."""
    if not is_geohash(cell):
        raise ValueError(f"not a geohash: {cell!r}")
    bits = [VALUES[letter] >> bit & 1 for letter in cell for bit in range(BITS - 1, -1, -1)]
    return _middle(bits[1::2], 90.0), _middle(bits[0::2], 180.0)


def _middle(bits: list[int], bound: float) -> float:
    low, high = -bound, bound
    for bit in bits:
        middle = (low + high) / 2
        low, high = (middle, high) if bit else (low, middle)
    return (low + high) / 2


def distance_km(one: str, other: str) -> float:
    """Great-circle distance between the middles of two cells (haversine). Raises ValueError."""
    (lat_1, lon_1), (lat_2, lon_2) = centre(one), centre(other)
    phi_1, phi_2 = radians(lat_1), radians(lat_2)
    chord = sin((phi_2 - phi_1) / 2) ** 2 + cos(phi_1) * cos(phi_2) * sin(radians(lon_2 - lon_1) / 2) ** 2
    return 2 * EARTH_KM * asin(sqrt(min(1.0, chord)))


def cells_apart_km(one: str, other: str) -> int:
    """Whole kilometres between two coarse cells, with or without a country before them; -1 where one is none."""
    first, second = one.rpartition("-")[2].lower(), other.rpartition("-")[2].lower()
    both = all(is_geohash(cell) and len(cell) >= COARSE for cell in (first, second))
    return round(distance_km(first, second)) if both else -1
