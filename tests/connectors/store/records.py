"""One invented record of every kind, with the values that are hard to store."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from manumit.schemas.account_event import AccountEvent
from manumit.schemas.alert import Alert, CitationRef
from manumit.schemas.customer import Customer
from manumit.schemas.dead_letter import dead_letter
from manumit.schemas.fields import MAX_UINT256, YEAR_2200_US
from manumit.schemas.label import Label
from manumit.schemas.listing import Listing, Price
from manumit.schemas.signal import Signal
from manumit.schemas.transfer import Transfer
from manumit.schemas.triage import AccessRecord, Suppression, TriageAction
from manumit.schemas.utxo import ClusterLink, Coin, UtxoTransaction

AT_US = 1_700_000_000_123_457
HOSTILE = "'; drop table alerts; -- \\' \\ \" ` \t\r\n\0 {x:String} %s %(x)s سلام 漢字 🛑"


def alert(number: int = 1, *, revision: int = 1, reason: str = HOSTILE) -> Alert:
    return Alert(
        alert_id=f"{number:032x}",
        revision=revision,
        detector="tx-funnel-fan-in",
        version=3,
        entry="tx-funnel-fan-in",
        title="Many small senders, one receiver",
        domain="transaction",
        typology="recruitment",
        severity="high",
        score=0.1 + 0.2,
        subject=f"eip155:1:0x{number:040x}",
        roles={f"eip155:1:0x{number:040x}": "unknown", HOSTILE: "payer"},
        state="provisional",
        opened_us=AT_US + number,
        last_us=YEAR_2200_US - 1,
        signals=2**32 - 1,
        evidence=("event-1", HOSTILE, ""),
        values={"senders": 12.0, "share": 1 / 3},
        thresholds={"min_senders": 10.0},
        citations=(CitationRef(entry="e", source="s", ref="r", section="§ 4", url="https://example.org/a?b=c&d"),),
        key_terms={"en": HOSTILE},
        reason=reason,
        disclosable="",
        next_steps=("Ask for the source of funds",),
        stored_us=AT_US + 60_000_000 + number,
    )


def transfer(number: int = 1) -> Transfer:
    return Transfer(
        chain="eip155:1",
        block_height=2**63 - 1,
        block_hash=f"0x{number:064x}",
        tx_hash=f"0x{number:064x}",
        position=1_000_000,
        at_us=AT_US,
        seen_us=AT_US + 1,
        sender="0x" + "0" * 40,
        receiver="0x" + "1" * 40,
        asset="native",
        amount=MAX_UINT256,
        decimals=255,
        amount_usd=None,
        op=-1,
        finality="provisional",
    )


ONE_OF_EACH: Mapping[str, msgspec.Struct] = {
    "transfers": transfer(),
    "utxo_transactions": UtxoTransaction(
        chain="bip122:0",
        block_height=7,
        block_hash="b",
        tx_hash="t",
        position=3,
        at_us=AT_US,
        seen_us=AT_US,
        fee=MAX_UINT256,
        inputs=(Coin(address=HOSTILE, amount=2**62, kind="multisig", members=("a", HOSTILE)),),
        outputs=(),
        op=-1,
    ),
    "cluster_links": ClusterLink(
        chain="bip122:0",
        block_height=7,
        block_hash="b",
        tx_hash="t",
        position=0,
        at_us=AT_US,
        seen_us=AT_US,
        first="a",
        second=HOSTILE,
        heuristic="common-input",
        confidence=0.9,
    ),
    "listings": Listing(
        source="invented.example",
        listing_id="L-1",
        revision=2,
        kind="job",
        at_us=0,
        seen_us=AT_US,
        title=HOSTILE,
        text=HOSTILE * 50,
        prices=(Price(amount="120.50", currency="EUR", per="hour"),),
        contacts=("token-1", "token-2"),
        price_usd=131.25,
    ),
    "customers": Customer(exchange="invented", customer_id="C-1", at_us=AT_US, contacts=(), devices=(HOSTILE,)),
    "account_events": AccountEvent(
        exchange="invented", account_event_id="A-1", customer_id="C-1", at_us=AT_US, kind="deposit", amount_usd=0.0
    ),
    "labels": Label(subject="eip155:1:0x" + "2" * 40, category="mixer", name=HOSTILE, source="invented"),
    "signals": Signal(
        detector="tx-kept-depleted", version=1, subject="customer:C-1", event_id="e", at_us=AT_US, values={"x": 1e-300}
    ),
    "alerts": alert(),
    "dead_letters": dead_letter(
        source="file", place="line 3", reason="malformed", message=HOSTILE, payload=b"\xff\xfe{", at_us=AT_US
    ),
    "triage_actions": TriageAction(
        action_id="T-1", alert_id="a", at_us=AT_US, author="analyst", state="dismissed", reason=HOSTILE
    ),
    "suppressions": Suppression(suppression_id="S-1", author="analyst", reason=HOSTILE, active=0),
    "access_records": AccessRecord(access_id="R-1", at_us=AT_US, author="analyst", subject=HOSTILE, purpose="casework"),
}
