"""USD worth of transfers in Arrow tables, column-wise; equal to `Rates.usd` row by row. Pure."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from manumit.connectors.files.arrow_columns import codes, microseconds, one_array, plain_text, usd_floats
from manumit.connectors.rates import DAY_US, Rates
from manumit.schemas.block import Floats, Int64s

EXACT_DIGITS = 15  # such integers, and powers of ten up to 10^22, are exact as float64
EXACT_DECIMALS = 22


def usd_worth(table: Any, rates: Rates) -> Floats:
    """float64[n]: the table's estimates, and ours where it has none and the asset has a price; else NaN."""
    if "amount_usd" in table.column_names:
        usd = usd_floats(table.column("amount_usd"))
    else:
        usd = np.full(table.num_rows, np.nan)
    missing = np.flatnonzero(np.isnan(usd))
    if not len(missing) or "asset" not in table.column_names:
        return usd
    filled = usd.copy()
    filled[missing] = estimates(table.take(pa.array(missing)), rates)
    return filled


def estimates(table: Any, rates: Rates) -> Floats:
    """float64[n]: `Rates.usd` of every row, NaN where it is None."""
    chains, chain = codes(table.column("chain"))
    assets, asset = codes(table.column("asset"))
    decimals = one_array(table.column("decimals")).to_numpy(zero_copy_only=False).astype(np.int64)
    days = microseconds(table.column("at_us")) // DAY_US
    first_day = int(days.min())
    spans = (len(chains), len(assets), 256, int(days.max()) - first_day + 1)
    keys = np.ravel_multi_index((chain, asset, decimals, days - first_day), spans)
    kinds, kind = np.unique(keys, return_inverse=True)
    parts = zip(*(part.tolist() for part in np.unravel_index(kinds, spans)), strict=True)
    prices = [rates.coin_usd(chains[c], assets[a], d, (first_day + day) * DAY_US) for c, a, d, day in parts]
    price = np.array([np.nan if p is None else p for p in prices], np.float64)[kind]
    return coins(table.column("amount"), decimals, np.flatnonzero(~np.isnan(price))) * price


def coins(amounts: Any, decimals: Int64s, wanted: Int64s) -> Floats:
    """float64[n]: whole coins of the wanted rows, correctly rounded, NaN elsewhere."""
    whole = np.full(len(decimals), np.nan)
    texts = plain_text(amounts).take(pa.array(wanted))
    short = (pc.binary_length(texts).to_numpy() <= EXACT_DIGITS) & (decimals[wanted] <= EXACT_DECIMALS)
    numbers = texts.filter(pa.array(short)).cast(pa.int64()).to_numpy()
    whole[wanted[short]] = numbers / np.power(10.0, decimals[wanted[short]])
    long = wanted[~short]
    exact = texts.filter(pa.array(~short)).to_pylist()
    whole[long] = [int(amount) / 10 ** int(places) for amount, places in zip(exact, decimals[long], strict=True)]
    return whole
