from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from manumit.schemas.addresses import (
    BITCOIN,
    BITCOIN_REGTEST,
    ETHEREUM,
    LITECOIN,
    TRON,
    chain_of,
    normalise,
    tron_text,
)
from manumit.schemas.base58 import decode_check, encode_check
from manumit.schemas.errors import BadRecord

# Addresses of the examples in EIP-55, BIP-173 and BIP-350, and on public sanctions lists.
EIP55 = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"
P2WPKH = "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4"
TAPROOT = "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0"
SANCTIONED_TRON = "TUCsTq7TofTCJRRoHk6RvhMoS2mJLm5Yzq"
SANCTIONED_BITCOIN = "123WBUDmSJv4GctdVEz6Qq6z8nXSKrJ4KX"


@pytest.mark.parametrize(
    ("chain", "text", "canonical"),
    [
        (ETHEREUM, EIP55, EIP55.lower()),
        (ETHEREUM, EIP55.lower(), EIP55.lower()),
        ("eip155:31337", "0x" + EIP55[2:].upper(), EIP55.lower()),
        (TRON, SANCTIONED_TRON, SANCTIONED_TRON),
        (TRON, "0x" + "00" * 20, tron_text(bytes(20))),
        (TRON, "41" + "00" * 20, tron_text(bytes(20))),
        (BITCOIN, SANCTIONED_BITCOIN, SANCTIONED_BITCOIN),
        (BITCOIN, P2WPKH.upper(), P2WPKH),
        (BITCOIN, TAPROOT, TAPROOT),
        (BITCOIN_REGTEST, encode_check(b"\x6f" + bytes(20)), encode_check(b"\x6f" + bytes(20))),
        (LITECOIN, encode_check(b"\x30" + bytes(20)), encode_check(b"\x30" + bytes(20))),
    ],
)
def test_normalise_gives_the_canonical_form(chain: str, text: str, canonical: str) -> None:
    assert normalise(chain, text) == canonical


@pytest.mark.parametrize(
    ("chain", "text"),
    [
        (ETHEREUM, EIP55.replace("aA", "Aa")),
        (ETHEREUM, EIP55[:-1]),
        (ETHEREUM, EIP55.lower() + "\n"),
        (ETHEREUM, EIP55.lower().replace("0x", "0X")),
        (ETHEREUM, "0x" + "٣" * 40),
        (TRON, SANCTIONED_TRON[:-1] + "r"),
        (TRON, SANCTIONED_BITCOIN),
        (BITCOIN, SANCTIONED_TRON),
        (BITCOIN, SANCTIONED_BITCOIN.lower()),
        (BITCOIN, P2WPKH[:-1] + "5"),
        (BITCOIN, P2WPKH[:6].upper() + P2WPKH[6:]),
        (BITCOIN, "tb" + P2WPKH[2:]),
        (BITCOIN, ""),
        ("polkadot:91b171bb158e2d3848fa23a9f1c25182", "1"),
        ("", EIP55),
    ],
)
def test_normalise_refuses(chain: str, text: str) -> None:
    with pytest.raises(BadRecord) as caught:
        normalise(chain, text)
    assert caught.value.reason == "bad-address"


# BIP-350's table of segwit addresses that must fail.
@pytest.mark.parametrize(
    "text",
    [
        "tc1qw508d6qejxtdg4y5r3zarvary0c5xw7kg3g4ty",
        "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqh2y7hd",
        "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kemeawh",
        "bc1p38j9r5y49hruaue7wxjce0updqjuyyx0kh56v8s25huc6995vvpql3jow4",
        "BC130XLXVLHEMJA6C4DQV22UAPCTQUPFHLXM9H8Z3K2E72Q4K9HCZ7VQ7ZWS8R",
        "bc1pw5dgrnzv",
        "BC1QR508D6QEJXTDG4Y5R3ZARVARYV98GJ9P",
        "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7v07qwwzcrf",
        "bc1gmk9yu",
    ],
)
def test_segwit_addresses_that_bip_350_calls_wrong(text: str) -> None:
    with pytest.raises(BadRecord):
        normalise(BITCOIN, text)


@given(st.binary(min_size=1, max_size=32))
def test_base58check_round_trip(payload: bytes) -> None:
    assert decode_check(encode_check(payload)) == payload


@given(st.binary(min_size=20, max_size=20), st.integers(0, 33), st.sampled_from("123456789ABCDEFGHJKLMNPQRSTUVWXYZ"))
def test_one_wrong_letter_is_always_found(account: bytes, place: int, letter: str) -> None:
    text = tron_text(account)
    spoilt = text[:place] + letter + text[place + 1 :]
    if spoilt != text:
        with pytest.raises(BadRecord):
            normalise(TRON, spoilt)


@given(st.sampled_from([ETHEREUM, TRON, BITCOIN, LITECOIN, "eip155:56", "x", ""]), st.text(max_size=100))
def test_any_text_is_an_address_or_a_bad_record(chain: str, text: str) -> None:
    try:
        canonical = normalise(chain, text)
    except BadRecord as error:
        assert error.reason == "bad-address"
    else:
        assert normalise(chain, canonical) == canonical


def test_chain_of_names_the_only_chain_that_fits() -> None:
    assert chain_of(EIP55) == ETHEREUM
    assert chain_of(SANCTIONED_TRON) == TRON
    assert chain_of(P2WPKH) == BITCOIN
    assert chain_of("not an address") is None


def test_every_sanctioned_tron_address_is_one(shared_data: Path) -> None:

    lines = (shared_data / "chains/ofac-2026/sanctioned_addresses_TRX.txt").read_text().split()
    assert len(lines) == 184
    assert all(normalise(TRON, line) == line for line in lines)
