"""The words account events are written with, as codes: a column is made of small integers, never of texts."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from manumit.schemas.account_event import ACCOUNT_EVENT_KINDS

EXCHANGE = "lantern"  # invented
HOMES = ("NL", "DE", "GB", "US", "CA", "SG", "JP", "TH")  # jurisdictions with and without a profile of their own
ABROAD = ("FR", "ES", "IT", "PL", "RO", "BR", "MX", "ZA", "AU", "NZ", "KR", "VN")
COUNTRIES = (*HOMES, *ABROAD)
TOWNS_EACH = 40
TOWNS = tuple(f"{country}-{town:02}" for country in HOMES for town in range(TOWNS_EACH))
NOTES = (
    "",
    "rent",
    "rent and bills",
    "groceries",
    "dinner",
    "thanks",
    "happy birthday",
    "concert tickets",
    "holiday share",
    "books",
    "invoice",
    "salary",
    "support",
    "school fees",
    "gift",
    "savings circle",
    "bookkeeping",
    "tax return",
    "annual tax",
    "ford escort parts",
    "team kit",
    "wedding photos",
    "great video",
    "last payment of the sofa",
    "security deposit",
    "commission piece",
    "keep going",
    # notes of planted cases: from the same published concepts as the lexicon, none of a real person
    "escort",
    "incall",
    "outcall fri",
    "companion service",
    "gfe 1h",
    "withdrawal fee",
    "unlock fee",
    "penalty",
    "margin call",
    "verification deposit",
    "please delete the pics",
    "pls stop, thats all i have, delete the video",
    "please dont post the photos",
    "begging you no more pics",
    "training fee",
    "housing",
    "debt",
)
REGISTERS: tuple[tuple[str, ...], ...] = ((), ("recruitment",), ("recruitment", "violations"), ("violations",))

VOCABULARIES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "exchange": (EXCHANGE,),
        "kind": ACCOUNT_EVENT_KINDS,
        "channel": ("", "app", "spot", "bank", "crypto", "p2p", "cash", "kiosk", "prepaid", "gift-card", "card"),
        "place": ("", *TOWNS),
        "outcome": ("", "done", "abandoned", "refused", "passed", "refunded"),
        "direction": ("", "buy", "sell"),
        "asset": ("", "BTC", "ETH", "USDC", "XMR", "TRX"),
        "country": ("", *COUNTRIES),
        "counterparty_kind": (
            "",
            "person",
            "merchant",
            "processor",
            "provider",
            "self-hosted",
            "recruiter",
            "authority",
            "own",
            "other",
        ),
        "relation": ("", "family", "employer", "friend", "none"),
        "purpose": ("", "payroll", "tax", "insurance", "fee", "rent", "refund", "supplies"),
        "merchant_category": (
            "",
            "5411",
            "5812",
            "5814",
            "5912",
            "4121",
            "7011",
            "5651",
            "7230",
            "5732",
            "4900",
            "5541",
        ),
        "travel_rule": ("", "complete", "gaps", "absent", "not-due"),
        "note": NOTES,
    }
)
CODES: Mapping[str, Mapping[str, int]] = MappingProxyType(
    {
        column: MappingProxyType({word: code for code, word in enumerate(words)})
        for column, words in VOCABULARIES.items()
    }
)
REGISTER_CODES = MappingProxyType({registers: code for code, registers in enumerate(REGISTERS)})


def code(column: str, word: str) -> int:
    """Raises KeyError for a word the column does not know."""
    return CODES[column][word]
