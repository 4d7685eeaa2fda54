"""Why the score is what it is, in sentences a person can check and pass on."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from manumit.schemas.screening import CategoryExposure, Direction, LabelRef

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MOST_NAMED = 6
UNKNOWN = (
    "Nothing is known of this address: no transfer and no label that was read names it. "
    "Unknown is not the same as clean."
)
NO_TRANSFERS = "No transfer that was read names the address."
VERBS: dict[Direction, tuple[str, str]] = {"sources": ("received", "came from"), "destinations": ("sent", "went to")}


def listed(label: LabelRef) -> str:
    """A label on the address itself."""
    name = f" as {label.name}" if label.name else ""
    day = (EPOCH + timedelta(microseconds=label.listed_us)).date().isoformat() if label.listed_us else "date not given"
    return f"{label.source} lists the address itself under {label.category}{name} ({day})."


def exposed(direction: Direction, found: Sequence[CategoryExposure], whole_usd: float, hops: int) -> list[str]:
    """One sentence for each category, the weightiest first."""
    did, way = VERBS[direction]
    return [_sentence(one, did, way, whole_usd, hops) for one in found[:MOST_NAMED]]


def _sentence(one: CategoryExposure, did: str, way: str, whole_usd: float, hops: int) -> str:
    whole = f"of the {money(whole_usd)} it {did}"
    if not one.indirect_usd:
        return f"{percent(one.direct_share)} {whole} ({money(one.direct_usd)}) {way} {one.category} directly."
    usd = one.direct_usd + one.indirect_usd
    share = min(1.0, one.direct_share + one.indirect_share)
    through = "one other address" if hops == 2 else f"1 to {hops - 1} other addresses"
    parts = f"{money(one.direct_usd)} directly, {money(one.indirect_usd)} through {through}"
    return f"{percent(share)} {whole} ({money(usd)}) {way} {one.category}: {parts}."


def unlinked(hops: int) -> str:
    return f"No transfer that was read links it to a labelled address within {hops} hops."


def unweighed(count: int, categories: Sequence[str]) -> str:
    """Transfers nobody knows the worth of, and the labelled addresses among those on their other side."""
    met = f"; among them transfers with {', '.join(categories)}" if categories else ""
    return f"{count:,} of its transfers have no known worth in USD and weigh nothing in the shares{met}."


def business(category: str) -> str:
    return (
        f"It is labelled {category}: the money of its customers mixes, so what reached it says little about any one of "
        "them, and nothing is followed through it."
    )


def truncated(most: int) -> str:
    return (
        f"More lies around it than the {most:,} transfers a walk reads: sources and direct destinations are whole, "
        "indirect destinations and paths are a part."
    )


def scored(score: float, band: str, because: str) -> str:
    return f"Score {score:g} ({band}), set by the gravest single finding: {because}."


def money(usd: float) -> str:
    return f"{usd:,.2f} USD"


def percent(share: float) -> str:
    """With the digits a small share needs; what is not nothing is not shown as nothing."""
    if 0 < share < 0.0001:
        return "less than 0.01 %"
    return f"{share * 100:.2f} %" if share < 0.1 else f"{share * 100:.1f} %"
