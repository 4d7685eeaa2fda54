"""What is not known of one customer, by the profile of their jurisdiction. Pure.

Points are ours: an order for work, to be set by each exchange's own policy, never a measure of suspicion.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType

from manumit.schemas.alert import Alert
from manumit.schemas.customer import Customer
from manumit.schemas.customer_check import Cited, Gap, Profile
from manumit.schemas.jurisdiction import Jurisdiction, jurisdiction_of
from manumit.schemas.placeholders import filled

NO_SNAPSHOT = 60
MISSING = 10
UNVERIFIED = 25
EXPIRED = 15
UNATTESTED = 5
MOST_UNATTESTED = 3
CONTROL: Mapping[str, int] = MappingProxyType({"low": 10, "medium": 20, "high": 30, "critical": 40})
WHOLE = 100
DATA: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "name": ("name", "Ask for the name and verify it."),
        "birth": ("date of birth", "Ask for the date of birth and verify it."),
        "address": ("address", "Ask for the address and verify it."),
        "national-id": ("document or register number", "Ask for a document or register number and verify it."),
    }
)


def profile_of(customer: Customer | None) -> Profile:
    """Of the country whose rules hold, else of the residence; FATF's where that has no profile."""
    country = (customer.jurisdiction or customer.residence) if customer else ""
    found = jurisdiction_of(country)
    return Profile(id=found.id, name=found.name, country=country, assumed=country not in found.countries)


def gaps(customer: Customer | None, control: Iterable[Alert], at_us: int) -> tuple[Gap, ...]:
    """Of the latest snapshot, then of standing control alerts. The heaviest first."""
    profile = jurisdiction_of((customer.jurisdiction or customer.residence) if customer else "")
    found = [*(_of_snapshot(customer, profile, at_us) if customer else [_nothing(profile)])]
    found += map(_of_alert, control)
    return tuple(sorted(found, key=lambda gap: (-gap.points, gap.kind, gap.datum)))


def whole(found: Iterable[Gap]) -> int:
    """The gap of a customer: the sum, at most 100."""
    return min(WHOLE, sum(gap.points for gap in found))


def of_snapshot(customer: Customer) -> int:
    """The points of a snapshot's own gaps but for what expires with time."""
    profile = jurisdiction_of(customer.jurisdiction or customer.residence)
    return sum(gap.points for gap in _of_snapshot(customer, profile, 0))


def _of_snapshot(one: Customer, profile: Jurisdiction, at_us: int) -> Iterator[Gap]:
    cited = (cited_by(profile, profile.due_diligence.source, profile.due_diligence.section),)
    asked = profile.due_diligence.legal if one.kind == "legal" else profile.due_diligence.natural
    held = {"name": filled(one.name), "birth": filled(one.birth), "address": filled(one.address)}
    held["national-id"] = next(filter(None, map(filled, one.documents)), "")
    for datum in asked:
        if datum in DATA and not held[datum]:
            what, remedy = DATA[datum]
            reason = f"No {what} is on file; asked for by: {profile.name}."
            yield Gap(kind="missing", datum=datum, reason=reason, remedy=remedy, points=MISSING, cited=cited)
    if one.verification != "full":
        reason = f"What is on file is not fully verified ({one.verification or 'no status given'})."
        remedy = "Verify it, or give the status."
        yield Gap(kind="unverified", datum="verification", reason=reason, remedy=remedy, points=UNVERIFIED, cited=cited)
    if 0 < one.document_expires_us < at_us:
        remedy = "Ask for a document that is in force."
        reason = "The document on file has expired."
        yield Gap(kind="expired", datum="document", reason=reason, remedy=remedy, points=EXPIRED, cited=cited)
    yield from _unattested(one, profile)


def _unattested(one: Customer, profile: Jurisdiction) -> Iterator[Gap]:
    hosted = profile.self_hosted
    if hosted is None:
        return
    cited = (cited_by(profile, hosted.source, hosted.section),)
    unknown = [wallet for wallet in dict.fromkeys(one.wallets) if wallet not in one.attested]
    for wallet in unknown[:MOST_UNATTESTED]:
        reason = f"Control of a wallet was not shown; asked for from {hosted.amount:,.0f} {profile.currency} on"
        yield Gap(
            kind="unattested",
            datum=wallet,
            reason=f"{reason}, if it is self-hosted, by: {profile.name}.",
            remedy="Ask the customer to sign a message with the wallet, or note which provider holds it.",
            points=UNATTESTED,
            cited=cited,
        )


def _nothing(profile: Jurisdiction) -> Gap:
    return Gap(
        kind="no-snapshot",
        datum="customer",
        reason="Nothing at all is on file about this customer.",
        remedy="Load the customer's snapshot; hold value back until it is there.",
        points=NO_SNAPSHOT,
        cited=(cited_by(profile, profile.due_diligence.source, profile.due_diligence.section),),
    )


def _of_alert(alert: Alert) -> Gap:
    refs = [
        Cited(name=one.source, ref=one.ref, section=one.section, url=one.url, dated="", verification="see red flags")
        for one in alert.citations
    ]
    return Gap(
        kind="control",
        datum=alert.detector,
        reason=alert.reason,
        remedy=next(iter(alert.next_steps), ""),
        points=CONTROL[alert.severity],
        cited=tuple(refs),
        alert_id=alert.alert_id,
    )


def cited_by(profile: Jurisdiction, key: str, section: str) -> Cited:
    source = profile.cited(key)
    return Cited(
        name=source.name,
        ref=source.ref,
        section=section,
        url=source.url,
        dated=source.dated,
        verification=source.verification,
    )
