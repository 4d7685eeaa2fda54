from __future__ import annotations

import os
import re
import subprocess
import sys
import unicodedata
from collections import Counter, defaultdict
from pathlib import Path

import msgspec
import numpy as np
import pyarrow.parquet as pq
import pytest

from manumit.connectors.world.generate import generate, quiet, rounds_at
from manumit.connectors.world.table import NATIVE_ASSET, stable_asset
from manumit.connectors.world.truth import TYPOLOGIES, PlantedCase
from manumit.connectors.world.world import World, write
from manumit.schemas.account_event import AccountEvent
from manumit.schemas.arrow import arrow_schema, from_arrow
from manumit.schemas.customer import Customer
from manumit.schemas.errors import ConfigError
from manumit.schemas.label import Label
from manumit.schemas.listing import Listing
from manumit.schemas.transfer import Transfer

START_US = 1_735_689_600_000_000
DAY = 86_400_000_000
FILES = ("transfers.parquet", "listings.ndjson", "customers.ndjson", "account_events.ndjson", "labels.ndjson")
DETECTORS = {
    "tx-funnel-fan-in",
    "tx-rapid-pass-through",
    "tx-structuring-below-threshold",
    "tx-accumulate-then-cashout",
    "tx-kept-depleted",
    "tx-watchlist-address",
    "tx-mixer-exposure",
    "tx-trial-then-large",
    "tx-csam-subscription-pattern",
    "tx-rapid-multi-hop",
    "tx-round-trip",
    "tx-collected-wages",
    "tx-debt-repayment-schedule",
    "tx-smuggling-staged-fee",
    "tx-collector-intermediary",
    "tx-one-to-one-then-many-to-one",
    "tx-escrow-with-percentage-fee",
    "tx-adult-ad-platform-payments",
    "tx-darknet-illicit-service-exposure",
    "tx-csam-labelled-exposure",
    "tx-guarantee-platform-exposure",
    "tx-international-escort-high-value",
    "tx-labour-placement-payments",
    "tx-cluster-multi-illicit-category",
    "tx-gambling-loop",
    "tx-chain-hop-low-fee-exit",
    "tx-foreign-classified-payments",
    "tx-prepaid-to-crypto-to-ads",
    "tx-privacy-coin-conversion",
    "tx-vc-small-multiple-purchases",
    "tx-night-activity",
    "tx-many-origins-one-corridor-beneficiary",
    "tx-kiosk-scatter-same-address",
    "li-crypto-discount-or-only",
    "li-job-all-paid-travel",
    "lk-advert-wallet-on-chain",
}


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def test_the_same_seed_writes_the_same_bytes(tmp_path: Path) -> None:
    for name in ("first", "second"):
        write(generate(11, 2), tmp_path / name)
    assert files(tmp_path / "first") == files(tmp_path / "second")
    assert set(files(tmp_path / "first")) == {*FILES, "truth.json", "twins.json"}


def test_another_process_writes_the_same_bytes(tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from manumit.connectors.world.generate import generate;"
        "from manumit.connectors.world.world import write; write(generate(11, 1), Path(sys.argv[1]))"
    )
    for hash_seed in ("1", "2"):
        environment = {**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": os.pathsep.join(sys.path)}
        subprocess.run([sys.executable, "-c", program, str(tmp_path / hash_seed)], check=True, env=environment)
    assert files(tmp_path / "1") == files(tmp_path / "2")


def test_another_seed_shares_no_account(world: World) -> None:
    other = generate(8, 2)
    senders = set(world.transfers.column("sender").to_pylist())
    assert senders.isdisjoint(other.transfers.column("sender").to_pylist())
    assert {x.text for x in other.listings}.isdisjoint({x.text for x in world.listings if "@" in x.text})


def test_files_decode_as_the_records_they_hold(world: World, tmp_path: Path) -> None:
    write(world, tmp_path)
    lines: tuple[tuple[str, type[msgspec.Struct], tuple[msgspec.Struct, ...]], ...] = (
        ("listings", Listing, world.listings),
        ("customers", Customer, world.customers),
        ("account_events", AccountEvent, world.account_events),
        ("labels", Label, world.labels),
    )
    for name, struct, records in lines:
        decoder = msgspec.json.Decoder(struct)
        assert tuple(decoder.decode_lines((tmp_path / f"{name}.ndjson").read_bytes())) == records
    table = pq.read_table(tmp_path / "transfers.parquet")
    assert table.schema.equals(arrow_schema(Transfer))
    assert from_arrow(Transfer, table.slice(0, 500)) == from_arrow(Transfer, world.transfers.slice(0, 500))
    truth = msgspec.json.decode((tmp_path / "truth.json").read_bytes(), type=list[PlantedCase])
    assert tuple(truth) == world.truth


def test_scale_is_about_a_thousand_transfers(world: World) -> None:
    assert 9_000 <= world.transfers.num_rows <= 11_000
    assert 3_600 <= quiet(3, 4).transfers.num_rows <= 4_400


def test_transfers_stand_in_the_order_of_the_chain(world: World) -> None:
    rows = list(world.each_transfer())
    places = [(t.at_us, t.position) for t in rows]
    assert places == sorted(places)
    assert len(set(places)) == len({t.event_id for t in rows}) == len(rows)
    assert all(t.at_us == START_US + t.block_height * 12_000_000 < t.seen_us for t in rows)
    assert rows[0].at_us >= START_US
    assert 60 * DAY <= rows[-1].at_us - rows[0].at_us <= 90 * DAY
    hashes = {t.block_height: t.block_hash for t in rows}
    assert all(hashes[t.block_height] == t.block_hash for t in rows)


@pytest.mark.parametrize("kind", ["listings", "customers", "account_events"])
def test_other_records_are_sorted_with_ids_of_their_own(world: World, kind: str) -> None:
    records: tuple[Listing | Customer | AccountEvent, ...] = getattr(world, kind)
    times = [record.at_us for record in records]
    assert times == sorted(times)
    assert len({record.event_id for record in records}) == len(records) > 100


def test_amounts_are_exact(world: World) -> None:
    native = 0
    for t in world.each_transfer():
        assert t.chain == "eip155:31337"
        assert t.amount > 0
        if t.asset == NATIVE_ASSET:
            native += 1
            assert (t.decimals, t.amount_usd, t.position >= 1_000_000) == (18, None, True)
            continue
        assert (t.asset, t.decimals) == (stable_asset(world.seed), 6)
        assert t.amount_usd is not None
        assert round(t.amount_usd * 1_000_000) == t.amount
    assert native > 100


def test_nobody_but_exchanges_and_mixers_spends_what_they_do_not_have(world: World) -> None:
    banks = {x.subject for x in world.labels if x.category in ("exchange", "mixer") and "deposit" not in x.name}
    balance: dict[str, int] = defaultdict(int)
    overdrawn: set[str] = set()
    for t in world.each_transfer():
        if t.asset == NATIVE_ASSET:
            continue
        sender = f"{t.chain}:{t.sender}"
        balance[sender] -= t.amount
        balance[f"{t.chain}:{t.receiver}"] += t.amount
        if balance[sender] < 0:
            overdrawn.add(sender)
    assert overdrawn - banks == set()


def test_truth_names_what_exists(world: World) -> None:
    events = {t.event_id for t in world.each_transfer()}
    events |= {x.event_id for x in world.listings} | {x.event_id for x in world.account_events}
    accounts = {
        f"eip155:31337:{a}" for side in ("sender", "receiver") for a in world.transfers.column(side).to_pylist()
    }
    subjects = accounts | {f"customer:{c.exchange}:{c.customer_id}" for c in world.customers}
    subjects |= {x.counterparty for x in world.account_events if x.channel == "kiosk"}  # on a chain kiosks pay out on
    for case in world.truth:
        assert case.events and set(case.events) <= events, case.case_id
        assert len(set(case.events)) == len(case.events)
        assert case.subjects and set(case.subjects) <= subjects, case.case_id
        assert set(case.expected_detectors) == set(case.expected) <= DETECTORS
        for named in case.expected.values():
            assert set(named) <= set(case.subjects) | set(case.events)
    assert len({case.case_id for case in world.truth}) == len(world.truth)


def test_every_typology_and_every_rule_has_three_cases(world: World) -> None:
    typologies = Counter(case.typology for case in world.truth)
    assert set(typologies) == set(TYPOLOGIES)
    assert min(typologies.values()) >= 3
    rules = Counter(rule for case in world.truth for rule in case.expected_detectors)
    assert set(rules) == DETECTORS


def test_planted_transfers_are_few(world: World) -> None:
    planted = sum(event.startswith("eip155:") for case in world.truth for event in case.events)
    assert 0 < planted < 0.15 * world.transfers.num_rows
    assert [rounds_at(scale) for scale in (1, 10, 100, 1000)] == [1, 3, 17, 95]


def test_cases_differ_in_shape(world: World) -> None:
    for typology in TYPOLOGIES:
        sizes = {len(case.events) for case in world.truth if case.typology == typology}
        assert len(sizes) > 1 or typology in ("debt-repayment", "watch-listed")
    recruiting = [c.expected_detectors for c in world.truth if c.typology == "recruitment-funnel"]
    assert len(set(recruiting)) == 2


def test_the_quiet_world_has_no_cases(quiet_world: World) -> None:
    assert quiet_world.truth == ()
    assert quiet_world.listings
    assert not [x for x in quiet_world.labels if x.category in ("trafficking", "law-enforcement")]


def test_labels_of_lists_begin_before_the_payments(world: World) -> None:
    begins = {x.subject: x.valid_from_us for x in world.labels if x.category in ("sanctions", "trafficking")}
    named = {s for case in world.truth for s in case.expected.get("tx-watchlist-address", ())}
    assert all(begins[s] < START_US for s in named if s in begins)
    late = [twin for twin in world.twins if twin.near == "tx-watchlist-address"]
    assert late and not any(twin.satisfied for twin in late)


def digits_of(text: str) -> str:
    return re.sub(r"[\s.\-]", "", unicodedata.normalize("NFKC", text))


def test_telephones_are_from_ranges_kept_for_fiction(world: World) -> None:
    allowed = re.compile(r"\+(1(212|305|415|702|613)55501\d\d|447700900\d{3}|61491570(006|110|15[6-9]))(?!\d)")
    seen = 0
    for listing in world.listings:
        raw = digits_of(listing.text)
        assert raw.count("+") == len(allowed.findall(raw)), listing.text
        seen += raw.count("+")
        assert re.findall(r"\d{9,}", re.sub(r"0x[0-9a-fA-F]{40}|@fiction_[0-9a-f]{8}", "", allowed.sub("", raw))) == []
        assert all(mail.endswith("@example.org") for mail in re.findall(r"box\d+@\S+?\.org", listing.text))
    assert seen > 100


def test_adverts_are_raw_and_of_many_scripts(world: World) -> None:
    scripts = {unicodedata.name(c).split()[0] for x in world.listings for c in x.title + x.text if c.isalpha()}
    assert {"LATIN", "CYRILLIC", "CJK", "ARABIC", "THAI", "DEVANAGARI"} <= scripts
    for x in world.listings:
        assert (x.contacts, x.wallets, x.prices, x.payments, x.language, x.price_usd) == ((), (), (), (), "", None)
        assert x.seen_us > x.at_us
        assert not re.search(r"[{}]", x.title + x.text)
    assert {"job", "rental", "massage", "escort", "domestic", "travel"} <= {x.kind for x in world.listings}


def test_wallets_in_adverts_are_accounts_of_the_world(world: World) -> None:
    active = set(world.transfers.column("receiver").to_pylist())
    planted = {e for case in world.truth for e in case.events if e.startswith("listing:")}
    for x in world.listings:
        wallets = {w.lower() for w in re.findall(r"0x[0-9a-fA-F]{40}", x.text)}
        if x.event_id in planted:
            assert wallets and wallets <= active
        else:
            assert wallets.isdisjoint(active)


def test_customers_events_mirror_the_chain(world: World) -> None:
    ids = {c.customer_id for c in world.customers}
    assert len(ids) == len(world.customers)
    assert {e.customer_id for e in world.account_events} == ids
    amounts = Counter(t.amount_usd for t in world.each_transfer())
    planted = {event for case in world.truth for event in case.events}
    mirrored = [e for e in world.account_events if e.channel == "crypto" and e.event_id not in planted]
    assert {e.kind for e in mirrored} == {"deposit", "withdrawal"}
    assert all(amounts[e.amount_usd] for e in mirrored)
    wallets = {w for c in world.customers for w in c.wallets}
    assert {e.counterparty for e in mirrored if e.kind == "withdrawal"} <= wallets


def test_hashes_are_well_formed(world: World) -> None:
    head = world.transfers.slice(0, 50)
    for name, width in (("block_hash", 64), ("tx_hash", 64), ("sender", 40), ("receiver", 40)):
        assert all(re.fullmatch(rf"0x[0-9a-f]{{{width}}}", text) for text in head.column(name).to_pylist())
    assert np.unique(world.transfers.column("tx_hash").to_numpy()).size == world.transfers.num_rows


@pytest.mark.parametrize(("seed", "scale"), [(-1, 10), (1, 0)])
def test_impossible_worlds_are_refused(seed: int, scale: int) -> None:
    with pytest.raises(ConfigError):
        generate(seed, scale)
    with pytest.raises(ConfigError):
        quiet(seed, scale)
