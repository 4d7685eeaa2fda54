from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from manumit.connectors.rates import Rates, known_assets, read_rates
from manumit.schemas.addresses import ETHEREUM, TRON, normalise
from manumit.schemas.errors import ConfigError

USDT = "0xdac17f958d2ee523a2206206994597c13d831ec7"
USDT_TRON = "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t"


def at(year: int, month: int, day: int) -> int:
    return int(datetime(year, month, day, 23, 59, 59, tzinfo=UTC).timestamp()) * 1_000_000


def test_every_asset_is_canonical_and_says_its_source() -> None:
    for (chain, asset), row in known_assets().items():
        assert row.source
        assert row.native or normalise(chain, asset) == asset


def test_pegged_tokens_are_worth_their_amount() -> None:
    rates = Rates()
    assert rates.usd(ETHEREUM, USDT, 6, 1_500_000, 0) == 1.5
    assert rates.usd(TRON, USDT_TRON, 6, 1, 0) == 1e-6


def test_what_is_not_known_is_none_and_never_zero() -> None:
    rates = Rates(daily={"ETH": {0: 100.0}})
    assert rates.usd(ETHEREUM, "0x" + "11" * 20, 6, 1, 0) is None
    assert rates.usd(ETHEREUM, USDT, None, 1, 0) is None
    assert rates.usd(ETHEREUM, USDT, 18, 10**18, 0) is None, "decimals that contradict the table"
    assert rates.usd(ETHEREUM, "ETH", 18, 10**18, at(2020, 1, 1)) is None, "no rate that day"
    assert rates.usd(ETHEREUM, "ETH", 18, 10**18, 86_399_999_999) == 100.0
    assert rates.usd(ETHEREUM, "ETH", 18, 10**18, 86_400_000_000) is None, "the next day begins"


def test_an_older_rate_is_taken_only_where_that_is_allowed() -> None:
    daily = {"ETH": {10: 5.0}}
    assert Rates(daily=daily).price("ETH", 12 * 86_400_000_000) is None
    assert Rates(daily=daily, max_age_days=2).price("ETH", 12 * 86_400_000_000) == 5.0
    assert Rates(daily=daily, max_age_days=2).price("ETH", 13 * 86_400_000_000) is None


@given(st.integers(0, 2**256 - 1))
def test_any_amount_has_a_finite_worth(amount: int) -> None:
    worth = Rates().usd(ETHEREUM, USDT, 6, amount, 0)
    assert worth is not None
    assert 0 <= worth < float("inf")


def test_rates_files_of_both_forms(tmp_path: Path) -> None:
    (tmp_path / "ETH-USD.csv").write_text("Date,Open,Close\n2020-01-01,1.0,2.5\n2020-01-02,1.0,null\n")
    (tmp_path / "rates.json").write_text(
        '{"date":"2020-01-01","fiatValues":{"EUR":0.01,"USD":0.02}}\n{"date":"2020-01-02","fiatValues":{"USD":null}}\n'
    )
    rates = read_rates([tmp_path / "ETH-USD.csv", f"TRX={tmp_path / 'rates.json'}"])
    assert rates.price("ETH", at(2020, 1, 1)) == 2.5
    assert rates.price("TRX", at(2020, 1, 1)) == 0.02
    assert rates.price("ETH", at(2020, 1, 2)) is None
    assert rates.price("TRX", at(2020, 1, 2)) is None


@pytest.mark.parametrize("text", ["", "Date,Close\n", "a,b\n1,2\n", "Date,Close\nyesterday,1\n", "{nonsense", "\x00"])
def test_a_file_without_rates_is_a_config_error(tmp_path: Path, text: str) -> None:
    (tmp_path / "ETH-USD.csv").write_text(text)
    with pytest.raises(ConfigError, match=r"ETH-USD\.csv"):
        read_rates([tmp_path / "ETH-USD.csv"])


def test_a_file_that_does_not_say_whose_rates_it_holds() -> None:
    with pytest.raises(ConfigError, match="SYMBOL="):
        read_rates(["exchange_rates.json"])


def test_real_rates(shared_data: Path) -> None:
    chains = shared_data / "chains"
    trx = chains / "graphsense-lib/account/trx/56804500to56805500/exchange_rates.json"
    rates = read_rates([chains / "raphtory/ETH-USD.csv", f"TRX={trx}"])
    assert rates.price("ETH", at(2017, 11, 9)) == 320.884003
    assert rates.price("ETH", at(2017, 11, 8)) is None
    assert rates.price("TRX", at(2017, 12, 21)) == 0.0459691
