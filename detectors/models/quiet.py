"""Made-up populations, quiet and marked, so that a Scorer's cases can run without anybody's data.

Not for use: a model for real traffic learns from a replay of real, quiet traffic.
"""

from __future__ import annotations

import numpy as np

from manumit.detectors.contract import FeatureBlock
from manumit.detectors.windows.features import NEVER
from manumit.schemas.block import MICRO_USD, Floats, Int64s

ROWS, MARKED = 40_000, 4_000
DAY_US = 86_400_000_000
PRIMES = (2, 3, 5, 7, 11, 13, 17, 19, 23, 29)  # roots of primes fill the unit cube evenly (Kronecker's sequence)


def quiet_block(rows: int = ROWS) -> FeatureBlock:
    """Feature columns of small accounts: few payments a month, tens to hundreds of USD."""
    u = np.mod(np.outer(np.arange(1, rows + 1), np.sqrt(PRIMES)), 1.0)
    in_30d, out_30d = 1 + _whole(18 * u[:, 0] ** 2), _whole(14 * u[:, 1] ** 2)
    in_24h, out_24h = (
        np.minimum(in_30d, 1 + _whole(2.2 * u[:, 2] ** 2)),
        np.minimum(out_30d, _whole(2.5 * u[:, 3] ** 2)),
    )
    usd = np.round(np.exp(2 + 5 * u[:, 4]), 6)
    usual = np.exp(2 + 5 * u[:, 5])
    columns = {
        "in_24h": in_24h,
        "out_24h": out_24h,
        "usd_in_24h": _micro(usd + (in_24h - 1) * usual),
        "usd_out_24h": _micro(out_24h * usual),
        "senders_7d": np.minimum(in_30d, 1 + _whole(4 * u[:, 6] ** 2)),
        "receivers_7d": np.minimum(out_30d, _whole(5 * u[:, 7] ** 2)),
        "in_30d": in_30d,
        "out_30d": out_30d,
        "usd_in_30d": _micro(usd + (in_30d - 1) * usual),
        "usd_out_30d": _micro(out_30d * usual),
        "since_in": np.where(in_30d > 1, _whole(30 * DAY_US * u[:, 8] ** 2), NEVER),
        "since_out": np.where(out_30d > 0, _whole(30 * DAY_US * u[:, 9] ** 2), NEVER),
        "pair_30d": np.minimum(in_30d, 1 + _whole(5 * u[:, 6] * u[:, 0])),
    }
    none = np.zeros(rows, np.uint32)
    return FeatureBlock(at_us=np.zeros(rows, np.int64), usd=usd, own_labels=none, other_labels=none, columns=columns)


def marked_block(rows: int = MARKED) -> FeatureBlock:
    """Feature columns of made-up collectors and conduits: many payers within days, and large sums through at once."""
    u = np.mod(np.outer(np.arange(1, rows + 1), np.sqrt(PRIMES)), 1.0)
    conduit = np.arange(rows) % 2 == 1
    in_30d = 10 + _whole(40 * u[:, 0])
    out_30d = np.where(conduit, in_30d - 1, _whole(3 * u[:, 1]))
    in_24h = np.minimum(in_30d, 2 + _whole(12 * u[:, 2]))
    out_24h = np.where(conduit, in_24h - 1, _whole(1.5 * u[:, 3]))
    usd = np.round(np.exp(4 + 5 * u[:, 4]), 6)
    columns = {
        "in_24h": in_24h,
        "out_24h": out_24h,
        "usd_in_24h": _micro(usd * in_24h),
        "usd_out_24h": _micro(usd * out_24h),
        "senders_7d": np.minimum(in_30d, 8 + _whole(30 * u[:, 6])),
        "receivers_7d": np.minimum(out_30d, 1 + _whole(4 * u[:, 7])),
        "in_30d": in_30d,
        "out_30d": out_30d,
        "usd_in_30d": _micro(usd * in_30d),
        "usd_out_30d": _micro(usd * out_30d),
        "since_in": _whole(DAY_US * u[:, 8] ** 3),
        "since_out": np.where(out_30d > 0, _whole(DAY_US * u[:, 9] ** 3), NEVER),
        "pair_30d": 1 + _whole(2 * u[:, 6]),
    }
    none = np.zeros(rows, np.uint32)
    return FeatureBlock(at_us=np.zeros(rows, np.int64), usd=usd, own_labels=none, other_labels=none, columns=columns)


def _whole(values: Floats) -> Int64s:
    return np.floor(values).astype(np.int64)


def _micro(usd: Floats) -> Int64s:
    return np.round(usd * MICRO_USD).astype(np.int64)
