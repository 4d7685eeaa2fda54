"""Places to coarse cells: a country and a geohash of four characters, about 39 by 20 km. Nothing finer is kept."""

from __future__ import annotations

BASE32 = "0123456789bcdefghjkmnpqrstuvwxyz"
CELL_CHARACTERS = 4
BITS = 5 * CELL_CHARACTERS


def geohash(latitude: float, longitude: float) -> str:
    """The cell of a point in degrees. Method: G. Niemeyer's geohash, 10 bits for each coordinate."""
    halves = BITS // 2
    x = min(int((longitude + 180) / 360 * 2**halves), 2**halves - 1)
    y = min(int((latitude + 90) / 180 * 2**halves), 2**halves - 1)
    bits = sum(((x >> i & 1) << (2 * i + 1)) | ((y >> i & 1) << (2 * i)) for i in range(halves))
    return "".join(BASE32[bits >> shift & 31] for shift in range(BITS - 5, -1, -5))
