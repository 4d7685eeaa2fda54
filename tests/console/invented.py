"""Invented records: no real person, advert or number."""

from __future__ import annotations

from typing import Any

import msgspec

from manumit.schemas.alert import Alert, CitationRef
from manumit.schemas.dead_letter import DeadLetter, dead_letter
from manumit.schemas.listing import Listing
from manumit.schemas.transfer import Transfer

DAY_US = 86_400 * 1_000_000
OPENED_US = 1_770_000_000_000_000
SUBJECT_ADDRESS = "0x" + "5a" * 20
SUBJECT = f"eip155:1:{SUBJECT_ADDRESS}"
OTHER_ADDRESS = "0x" + "0b" * 20
ASSET = "0x" + "dc" * 20


def alert(number: int, **changes: Any) -> Alert:
    """Alert `number`, stored `number` microseconds after the first."""
    made = Alert(
        alert_id=f"{number:032x}",
        revision=1,
        detector="tx-funnel-fan-in",
        version=1,
        entry="TX-01",
        title=f"Many small payers, one collector ({number})",
        domain="transaction",
        typology="labour",
        severity="medium",
        score=0.75,
        subject=SUBJECT,
        roles={SUBJECT: "unknown"},
        state="final",
        opened_us=OPENED_US,
        last_us=OPENED_US + DAY_US + number,
        signals=3,
        values={"senders": 14.0, "inflow_usd": 2_345.5},
        thresholds={"min_senders": 10.0, "window_s": 86_400.0},
        citations=(
            CitationRef(
                entry="TX-01",
                source="FATF",
                ref="Financial flows from human trafficking (2018)",
                section="Annex B, item 4",
                url="https://example.org/report.pdf",
            ),
        ),
        key_terms={"FinCEN": "HUMAN TRAFFICKING FIN-2020-A008"},
        reason="14 different senders paid this account within 24 h, which resembles a collection account.",
        disclosable="A routine review of this account is under way.",
        next_steps=("Compare the payers' first funding source.",),
        innocent=("A small shop with regular customers.",),
        label_sources=("ofac-sdn, listed 2025-11-02",),
        stored_us=OPENED_US + 2 * DAY_US + number,
    )
    return msgspec.structs.replace(made, **changes)


def transfer(number: int, **changes: Any) -> Transfer:
    """Payment `number` of another account to the subject."""
    made = Transfer(
        chain="eip155:1",
        block_height=1_000 + number,
        block_hash="0x" + f"{number:064x}",
        tx_hash="0x" + f"{number + 0xABC000:064x}",
        position=number,
        at_us=OPENED_US + number * 3_600_000_000,
        seen_us=OPENED_US + number * 3_600_000_000,
        sender="0x" + f"{number + 0x1000:040x}",
        receiver=SUBJECT_ADDRESS,
        asset=ASSET,
        amount=150_000_000 + number,
        decimals=6,
        amount_usd=150.0 + number,
    )
    return msgspec.structs.replace(made, **changes)


def listing(number: int, **changes: Any) -> Listing:
    made = Listing(
        source="invented-board",
        listing_id=f"ad-{number}",
        kind="job",
        at_us=OPENED_US,
        seen_us=OPENED_US,
        title="Work abroad, all paid",
        text="We pay travel and visa. Start at once.",
        wallets=(SUBJECT,),
        contacts=("tok_0123456789abcdef",),
    )
    return msgspec.structs.replace(made, **changes)


def letter(number: int, *, reason: str = "malformed") -> DeadLetter:
    return dead_letter(
        source="file",
        place=f"line {number}",
        reason=reason,
        message=f"record {number} is not JSON",
        payload=f"{{broken {number}",
        at_us=OPENED_US + number,
    )
