"""USD estimates: a peg table by contract address, and daily rates from files.

A missing rate is None, never 0: a rule must be able to tell "worth nothing" from "not known".
"""

from __future__ import annotations

import csv
import io
import math
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from importlib.resources import files
from pathlib import Path

import msgspec

from manumit.schemas.errors import ConfigError

DAY_US = 86_400_000_000
EPOCH_DAY = date(1970, 1, 1).toordinal()
CSV_DATE, CSV_PRICE = "Date", "Close"

Daily = Mapping[int, float]


class Asset(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One row of `assets.toml`. `price` is `USD` or the symbol of a daily rate."""

    chain: str
    asset: str
    symbol: str
    decimals: int
    price: str
    source: str
    native: bool = False


class FiatValues(msgspec.Struct, frozen=True):
    """One line of GraphSense's exchange_rates.json."""

    date: date
    fiat_values: dict[str, float | None] = msgspec.field(name="fiatValues")


def known_assets() -> dict[tuple[str, str], Asset]:
    """The peg and native table shipped with manumit, by (chain, asset)."""
    text = files("manumit.connectors").joinpath("assets.toml").read_text()
    rows = msgspec.convert(tomllib.loads(text)["asset"], list[Asset])
    return {(row.chain, row.asset): row for row in rows}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rates:
    """`daily` holds, per symbol, USD per whole coin by days since 1970.

    A day without a rate takes the newest one at most `max_age_days` older; 0 takes none but its own.
    """

    assets: Mapping[tuple[str, str], Asset] = field(default_factory=known_assets)
    daily: Mapping[str, Daily] = field(default_factory=dict)
    max_age_days: int = 0

    def decimals(self, chain: str, asset: str) -> int | None:
        """Decimals of a known asset, else None."""
        known = self.assets.get((chain, asset))
        return None if known is None else known.decimals

    def native(self, chain: str) -> Asset | None:
        """The coin fees are paid in, where it is known."""
        return next((a for a in self.assets.values() if a.native and a.chain == chain), None)

    def usd(self, chain: str, asset: str, decimals: int | None, amount: int, at_us: int) -> float | None:
        """USD worth of `amount` base units on that day, or None.

        None too when the record's decimals contradict the table: one of the two is a fake.
        """
        price = None if decimals is None else self.coin_usd(chain, asset, decimals, at_us)
        return None if decimals is None or price is None else amount / 10**decimals * price

    def coin_usd(self, chain: str, asset: str, decimals: int, at_us: int) -> float | None:
        """USD per whole coin of an asset that day, or None; see `usd`."""
        known = self.assets.get((chain, asset))
        if known is None or decimals != known.decimals:
            return None
        return 1.0 if known.price == "USD" else self.price(known.price, at_us)

    def price(self, symbol: str, at_us: int) -> float | None:
        """USD per whole coin on the UTC day of `at_us`."""
        days = self.daily.get(symbol, {})
        today = at_us // DAY_US
        return next((days[d] for d in range(today, today - self.max_age_days - 1, -1) if d in days), None)


def read_rates(specs: Iterable[str | Path], *, max_age_days: int = 0) -> Rates:
    """Rates from files given as `SYMBOL=path`, or as a path whose name starts with `SYMBOL-USD`.

    Read are CSV with Date and Close columns, and JSON lines {"date", "fiatValues": {"USD"}}.
    Raises ConfigError, naming the file and the remedy.
    """
    daily: dict[str, dict[int, float]] = {}
    for spec in specs:
        symbol, path = split_spec(str(spec))
        daily.setdefault(symbol, {}).update(read_daily(path))
    return Rates(daily=daily, max_age_days=max_age_days)


def split_spec(spec: str) -> tuple[str, Path]:
    """`ETH=rates.csv` or `…/ETH-USD.csv` to symbol and path."""
    symbol, given, rest = spec.partition("=")
    if given and symbol.isalnum():
        return symbol.upper(), Path(rest)
    stem, pair, _ = Path(spec).name.partition("-USD")
    if not pair or not stem.isalnum():
        raise ConfigError(f"rates {spec!r}: say whose rates they are, as SYMBOL={spec}")
    return stem.upper(), Path(spec)


def read_daily(path: Path) -> dict[int, float]:
    """Days since 1970 to USD. Raises ConfigError."""
    try:
        text = path.read_text("utf-8-sig")
        days = parse_json_rates(text) if text.lstrip().startswith("{") else parse_csv_rates(text)
    except (OSError, ValueError, KeyError, csv.Error, msgspec.MsgspecError) as error:
        raise ConfigError(f"rates file {path}: cannot be read ({error})") from error
    if not days:
        raise ConfigError(f"rates file {path}: no rate in it; wanted are Date,…,Close or date, fiatValues.USD")
    return days


def parse_csv_rates(text: str) -> dict[int, float]:
    """Date,Open,High,Low,Close,…: the day's close. Rows without a number are days without a rate."""
    rows = csv.DictReader(io.StringIO(text))
    priced = ((row[CSV_DATE], number(row[CSV_PRICE])) for row in rows)
    return {day_number(date.fromisoformat(day)): price for day, price in priced if price is not None}


def parse_json_rates(text: str) -> dict[int, float]:
    """GraphSense's lines. Null values are days without a rate."""
    rows = msgspec.json.Decoder(FiatValues).decode_lines(text)
    priced = ((row.date, row.fiat_values.get("USD")) for row in rows)
    return {day_number(day): price for day, price in priced if price is not None and price > 0}


def number(text: str | None) -> float | None:
    """A finite price above 0, or None for an empty or `null` cell."""
    if text is None or text.strip().lower() in ("", "null", "nan"):
        return None
    value = float(text)
    return value if math.isfinite(value) and value > 0 else None


def day_number(day: date) -> int:
    """Days since 1970-01-01."""
    return day.toordinal() - EPOCH_DAY
