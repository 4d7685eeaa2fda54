"""What the exposure of an account is measured by, and the words for asking after it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from manumit.detectors.labelled import BUSINESSES
from manumit.schemas.block import MICRO_USD
from manumit.schemas.label import LABEL_CATEGORIES, label_bit

METHOD = "haircut-pool"
METHOD_VERSION = 1
MOST_HOPS = 8
MILLION = 1_000_000
POOL_LIMIT = 1 << 56  # micro-USD, 72 billion USD: what one account can hold before it is cut
TOTAL_LIMIT = 1 << 60  # micro-USD

Side = Literal["sender", "receiver"]
Whole = Literal["transfer", "received", "sent"]


def bits_of(*categories: str) -> int:
    """The label mask of several categories. Raises ValueError for an unknown one."""
    found = 0
    for category in categories:
        found |= label_bit(category)
    return found


NOBODY_BIT = 1 << 31
"""No category: an end of value, such as the address tokens are burnt at."""
SINK_BITS = NOBODY_BIT | bits_of(*BUSINESSES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """`hops`: how many transfers may lie between the labelled address and the account, 1 is direct.

    `dust_micro`: pieces of fewer micro-USD are followed no further. `forget_us`: an account that is silent for
    longer begins anew, 0 never. `sinks`: label bits of services, whose customers' money mixes: it is not
    followed through them. Raises ValueError outside 1 to 8 hops.
    """

    hops: int = 4  # the catalogue's tx-darknet-illicit-service-exposure looks up to four hops away
    dust_micro: int = MICRO_USD // 100  # ours: a cent
    forget_us: int = 0
    sinks: int = SINK_BITS

    def __post_init__(self) -> None:
        if not 1 <= self.hops <= MOST_HOPS:
            raise ValueError(f"exposure over {self.hops} hops: want 1 to {MOST_HOPS}")


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Exposure:
    """A feature: parts per million of a whole that descend from `category` within `hops`, as of the event.

    `of` `transfer`: of the value of this transfer, whichever side is judged. `received`: of all the subject has
    received, this transfer included. `sent`: of all it has sent, straight to `category` (`hops` is 1).
    0 where the whole is unknown or nothing.
    """

    category: str
    hops: int
    of: Whole = "transfer"


Asked = tuple[Side, Exposure]


def exposure(category: str, hops: int, of: Whole = "transfer") -> Exposure:
    """Raises ValueError for an unknown category, or hops that are not followed that way."""
    if category not in LABEL_CATEGORIES:
        raise ValueError(f"there is no label category {category!r}")
    if not 1 <= hops <= (1 if of == "sent" else MOST_HOPS):
        raise ValueError(f"exposure of what was {of} over {hops} hops cannot be followed")
    return Exposure(category=category, hops=hops, of=of)
