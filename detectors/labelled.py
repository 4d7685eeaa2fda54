"""Reading label bits: who is a known business, who is on a list."""

from __future__ import annotations

import numpy as np

from manumit.detectors.contract import Mask, Masks
from manumit.schemas.label import label_bit

BUSINESSES = ("exchange", "gambling", "mixer", "service", "coin-swap", "kiosk")


def labelled(bits: Masks, *categories: str) -> Mask:
    """bool[n]: the party carries at least one of `categories`. Raises ValueError for an unknown one."""
    wanted = 0
    for category in categories:
        wanted |= label_bit(category)
    carries: Mask = (bits & np.uint32(wanted)) != 0
    return carries
