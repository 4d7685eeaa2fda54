from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from manumit.connectors.labels.ftm import parse_ftm
from manumit.connectors.labels.ofac import parse_ofac
from manumit.connectors.labels.read import parse_etherscan, read_labels
from manumit.connectors.labels.subjects import LabelRow, Unusable, usable
from manumit.connectors.labels.tagpack import parse_tagpack
from manumit.schemas.addresses import BITCOIN, ETHEREUM, TRON
from manumit.schemas.dead_letter import DeadLetter
from manumit.schemas.errors import ConfigError
from manumit.schemas.fields import YEAR_2200_US
from manumit.schemas.label import Label
from manumit.schemas.wire import encode

# On OFAC's public list.
BITCOIN_ADDRESS = "123WBUDmSJv4GctdVEz6Qq6z8nXSKrJ4KX"
EVM_ADDRESS = "0x01e2919679362dFBC9ee1644Ba9C6da6D6245BB1"
TRON_ADDRESS = "TUCsTq7TofTCJRRoHk6RvhMoS2mJLm5Yzq"
LISTED_US = 1_727_395_200_000_000


def day(year: int, month: int, of: int) -> int:
    return int(datetime(year, month, of, tzinfo=UTC).timestamp()) * 1_000_000


def test_ofac_lists_take_their_chain_from_the_name(tmp_path: Path) -> None:
    (tmp_path / "sanctioned_addresses_XBT.txt").write_text(f"{BITCOIN_ADDRESS}\n{TRON_ADDRESS}\n")
    (tmp_path / "sanctioned_addresses_ETH.json").write_text(json.dumps([EVM_ADDRESS]))
    (tmp_path / "sanctioned_addresses_USDT.txt").write_text(f"{EVM_ADDRESS}\n{TRON_ADDRESS}\n{BITCOIN_ADDRESS}\n")
    (tmp_path / "sanctioned_addresses_XMR.txt").write_text("4" + "1" * 94 + "\n")
    (tmp_path / "LICENSE").write_text("text")
    labels, letters = read_labels(tmp_path, listed_us=LISTED_US, evm_chains=(ETHEREUM, "eip155:31337"))
    lower = EVM_ADDRESS.lower()
    assert [label.subject for label in labels] == [
        f"{ETHEREUM}:{lower}",
        f"eip155:31337:{lower}",
        f"{ETHEREUM}:{lower}",
        f"eip155:31337:{lower}",
        f"{TRON}:{TRON_ADDRESS}",
        f"{BITCOIN}:{BITCOIN_ADDRESS}",
        f"{BITCOIN}:{BITCOIN_ADDRESS}",
        f"{TRON}:{TRON_ADDRESS}",
    ], "a TRON address in the list of Bitcoin addresses is still sanctioned"
    assert {(x.category, x.listed_us, x.valid_from_us, x.valid_to_us) for x in labels} == {
        ("sanctions", LISTED_US, LISTED_US, YEAR_2200_US)
    }
    assert [(letter.place, letter.reason) for letter in letters] == [
        ("sanctioned_addresses_XMR.txt:1", "unusable-label")
    ]


TAGPACK = f"""
title: An invented pack
creator: nobody
currency: BTC
category: exchange
confidence: service_data
lastmod: 2021-11-14
source: https://example.org/pack
tags:
- address: {BITCOIN_ADDRESS}
  label: first
- address: '{EVM_ADDRESS}'
  currency: ETH
  label: second
  abuse: scam
  lastmod: 2023-08-16 12:18:52.619444
  confidence: web_crawl
  concepts: [human_trafficking, service]
- address: {BITCOIN_ADDRESS}x
  label: wrong checksum
- label: no address
- address: {BITCOIN_ADDRESS}
  lastmod: someday
- 7
"""


def test_tagpack_tags_inherit_from_their_head(tmp_path: Path) -> None:
    (tmp_path / "p.yaml").write_text(TAGPACK)
    labels, letters = read_labels(tmp_path / "p.yaml")
    first, second = labels
    assert (first.subject, first.category, first.name) == (f"{BITCOIN}:{BITCOIN_ADDRESS}", "exchange", "first")
    assert (first.listed_us, first.valid_from_us, first.confidence) == (day(2021, 11, 14), day(2021, 11, 14), 0.5)
    assert (first.source, first.source_url) == ("tagpack:An invented pack", "https://example.org/pack")
    assert (second.category, second.confidence) == ("trafficking", 0.2), "the weightiest of its words"
    assert second.listed_us == day(2023, 8, 16) + 44_332_619_444
    assert [letter.place for letter in letters] == [f"p.yaml:tag {n}" for n in (3, 4, 5, 6)]
    assert {letter.reason for letter in letters} == {"unusable-label"}


@pytest.mark.parametrize("text", ["", "a: [", "- 1", "tags: 3", "!!python/object/apply:os.system ['true']", "\x00"])
def test_yaml_that_is_no_tagpack(text: str, tmp_path: Path) -> None:
    (tmp_path / "p.yaml").write_text(text)
    with pytest.raises(ConfigError, match=r"p\.yaml"):
        read_labels(tmp_path / "p.yaml")


def test_yaml_aliases_do_not_grow(tmp_path: Path) -> None:
    laughs = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
        f"{chr(98 + i)}: &{chr(98 + i)} [{','.join(['*' + chr(97 + i)] * 9)}]\n" for i in range(12)
    )
    (tmp_path / "p.yaml").write_text(f"{laughs}title: t\ntags:\n- address: {BITCOIN_ADDRESS}\n  currency: BTC\n")
    started = time.monotonic()
    labels, _ = read_labels(tmp_path / "p.yaml")
    assert len(labels) == 1
    assert time.monotonic() - started < 5


FTM = [
    {
        "id": "w1",
        "schema": "CryptoWallet",
        "caption": "a wallet",
        "datasets": ["invented_sanctions"],
        "first_seen": "2022-03-04T05:06:07",
        "properties": {"publicKey": [EVM_ADDRESS], "currency": ["ETH"], "topics": ["sanction"]},
    },
    {
        "id": "w2",
        "schema": "CryptoWallet",
        "properties": {"publicKey": [TRON_ADDRESS], "holder": ["o1"], "createdAt": ["2021-01-01"]},
    },
    {
        "id": "w3",
        "schema": "CryptoWallet",
        "properties": {
            "publicKey": [BITCOIN_ADDRESS],
            "currency": ["BTC"],
            "holder": [{"id": "o1", "schema": "Organization"}],
        },
    },
    {"id": "w4", "schema": "CryptoWallet", "properties": {"publicKey": [BITCOIN_ADDRESS]}},
    {
        "id": "o1",
        "schema": "Organization",
        "properties": {"name": ["an organisation"], "topics": ["crime.traffick.human"]},
    },
]


def test_ftm_wallets_are_labelled_by_their_own_or_their_holders_topics(tmp_path: Path) -> None:
    path = tmp_path / "entities.ftm.json"
    path.write_text("\n".join(json.dumps(e) for e in FTM) + "\nnot json\n")
    labels, letters = read_labels(path, listed_us=LISTED_US)
    assert [(x.subject, x.category, x.listed_us) for x in labels] == [
        (f"{ETHEREUM}:{EVM_ADDRESS.lower()}", "sanctions", day(2022, 3, 4) + 18_367_000_000),
        (f"{TRON}:{TRON_ADDRESS}", "trafficking", day(2021, 1, 1)),
        (f"{BITCOIN}:{BITCOIN_ADDRESS}", "trafficking", LISTED_US),
    ]
    assert labels[0].source == "ftm:invented_sanctions"
    assert sorted(letter.place for letter in letters) == [f"{path.name}:4", f"{path.name}:6"]


def test_our_own_labels(tmp_path: Path) -> None:
    good = Label(subject=f"{ETHEREUM}:{EVM_ADDRESS}", category="mixer", source="ours", valid_from_us=3, valid_to_us=9)
    lines = [encode(good), encode(good).replace(b"mixer", b"wizard"), encode(good).replace(b"eip155:1:0x", b"0x")]
    (tmp_path / "l.ndjson").write_bytes(b"\n".join(lines) + b"\n")
    labels, letters = read_labels(tmp_path / "l.ndjson")
    assert [x.subject for x in labels] == [f"{ETHEREUM}:{EVM_ADDRESS.lower()}"]
    assert (labels[0].valid_from_us, labels[0].valid_to_us) == (3, 9)
    assert [letter.reason for letter in letters] == ["unusable-label", "unusable-label"]


@pytest.mark.parametrize(("name", "text"), [("x.ndjson", "{}\n"), ("x.txt", "words\n"), ("x.csv", "a,b\n1,2\n")])
def test_a_file_that_is_no_label_list(name: str, text: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(ConfigError):
        read_labels(tmp_path / name)


@given(st.text(max_size=300))
def test_any_text_gives_labels_dead_letters_or_a_config_error(text: str) -> None:
    readers: tuple[Callable[[], Iterable[LabelRow | Unusable]], ...] = (
        lambda: parse_ofac(text, file_name="sanctioned_addresses_USDT.txt", listed_us=0),
        lambda: parse_tagpack(text, file_name="p.yaml"),
        lambda: parse_tagpack(f"tags:\n- {text!r}\n", file_name="p.yaml"),
        lambda: parse_ftm(text.encode().splitlines(), file_name="f"),
        lambda: parse_etherscan(f"address,name,family,type\n{text}".encode(), file_name="e", listed_us=0),
    )
    for reader in readers:
        try:
            rows = list(usable(reader(), source="labels:x", evm_chains=(ETHEREUM,)))
        except ConfigError:
            continue
        assert all(isinstance(row, Label) or row.reason == "unusable-label" for row in rows)
        assert all(isinstance(row, Label | DeadLetter) for row in rows)


def test_real_lists(shared_data: Path) -> None:
    chains = shared_data / "chains"
    labels, letters = read_labels(chains / "ofac", listed_us=LISTED_US)
    assert sum(x.subject.startswith(BITCOIN) for x in labels) == 434 + 7
    assert sum(x.subject.startswith("eip155:1:") for x in labels) == 152 + 8 + 2
    assert all(x.category == "sanctions" for x in labels)
    assert f"{TRON}:{TRON_ADDRESS}" in {x.subject for x in labels}
    assert {letter.message.split("'")[1] for letter in letters} == {"BCH", "BSV", "BTG", "XMR", "XRP", "XVG", "ZEC"}
    assert len(read_labels(chains / "ofac-2026")[0]) == 184


@pytest.mark.slow
def test_the_largest_real_tagpack_loads_whole(shared_data: Path) -> None:
    labels, letters = read_labels(shared_data / "chains/graphsense-tagpacks/sextortion_talos.yaml")
    assert (len(labels), len(letters)) == (58_600, 0)
    assert {x.category for x in labels} == {"scam"}


def test_real_tagpacks_of_many_kinds(shared_data: Path) -> None:
    folder = shared_data / "chains/graphsense-tagpacks"
    expected = {
        "tornado_cash.yaml": "mixer",
        "usdt_blacklist.yaml": "frozen",
        "lazarus.yaml": "sanctions",
        "ofac.yaml": "sanctions",
        "hydra.yaml": "darknet",
        "exchange-wallets-bybit.yaml": "exchange",
    }
    found = {name: {x.category for x in read_labels(folder / name)[0]} for name in expected}
    assert found == {name: {category} for name, category in expected.items()}
