"""One customer, one answer: what is not known of them, what stands about them, where their wallets lead."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from manumit.detectors.customers.names import identifiers, standing_names
from manumit.detectors.gaps.gaps import gaps, profile_of
from manumit.schemas.alert import Alert
from manumit.schemas.customer import Customer
from manumit.schemas.customer_check import CheckBasis, CheckStatus, CustomerCheck, Finding, Gap, Shared
from manumit.schemas.screening import Screening
from manumit.streams.customer_book import ADVERTS, CONTROL, CustomerBook

Screen = Callable[[str], Sequence[Screening]]
MOST_WALLETS = 4
MOST_FINDINGS = 32
MOST_OTHERS = 16
SHARED_KINDS = ("device:", "contact:", "document:", "portrait:", "wallet:", "person:", "address:")
OPTIONAL = (
    ("kind", "whether the customer is a person or a firm"),
    ("jurisdiction", "the country whose rules hold"),
    ("opened_us", "when the account was opened"),
    ("declared_income_usd", "declared income"),
    ("occupation", "occupation"),
    ("contacts", "contacts"),
    ("devices", "devices"),
    ("wallets", "wallets"),
    ("address_type", "type of the address"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """What stands about a customer and about what they share, as far as the reader may see it."""

    own: list[Alert]
    control: list[Alert]
    others: list[Alert]
    links: list[Alert]


def check(book: CustomerBook, subject: str, *, screen: Screen, at_us: int, restricted: bool = False) -> CustomerCheck:
    """`restricted`: the reader may see what concerns minors. Takes the book's lock."""
    with book.lock:
        one = book.customer(subject)
        found = around(book, subject, one, restricted=restricted)
        shared = sharing(book, subject, one)
        sizes = book.customers, book.alerts
    status: CheckStatus = "known" if one or found.own or found.control else "unknown"
    return answer(subject, one, found, status=status, screen=screen, at_us=at_us, shared=shared, sizes=sizes)


def answer(
    subject: str,
    one: Customer | None,
    found: Around,
    *,
    status: CheckStatus,
    screen: Screen,
    at_us: int,
    shared: Sequence[Shared],
    sizes: tuple[int, int],
    rules: int = 0,
) -> CustomerCheck:
    wallets = screened(one, screen)
    lacking = gaps(one, found.control, at_us)
    exposure = any(wallet.basis.transfers for wallet in wallets)
    return CustomerCheck(
        subject=subject,
        status=status,
        summary=summary(subject, lacking, found, wallets),
        profile=profile_of(one),
        gaps=lacking,
        findings=told(found.own),
        around=told((*found.links, *found.others)),
        wallets=wallets,
        shared=tuple(shared),
        missing=tuple(missing(one, wallets, exposure=exposure)),
        basis=CheckBasis(
            as_of_us=one.at_us if one else 0,
            at_us=at_us,
            customers=sizes[0],
            alerts=sizes[1],
            exposure=exposure,
            rules=rules,
        ),
    )


def around(book: CustomerBook, subject: str, one: Customer | None, *, restricted: bool = False) -> Around:
    """Standing alerts. The book's lock is held."""
    own = book.standing(subject, restricted=restricted)
    met: list[Alert] = []
    for name in standing_names(one) if one else ():
        met += book.standing(name, restricted=restricted)
    return Around(
        own=[alert for alert in own if alert.nature != CONTROL],
        control=latest_each([alert for alert in own if alert.nature == CONTROL]),
        others=[alert for alert in met if alert.domain not in ADVERTS],
        links=[alert for alert in met if alert.domain in ADVERTS],
    )


def latest_each(alerts: Sequence[Alert]) -> list[Alert]:
    """The first of each detector: a gap found twice is one gap."""
    return list({alert.detector: alert for alert in reversed(alerts)}.values())[::-1]


def sharing(book: CustomerBook, subject: str, one: Customer | None) -> list[Shared]:
    """Identifiers others gave too. The book's lock is held."""
    found = []
    for identifier in dict.fromkeys(identifiers(one)) if one else ():
        others = [other for other in book.holders(identifier) if other != subject]
        if others:
            found.append(Shared(identifier=identifier, customers=len(others), others=tuple(others[:MOST_OTHERS])))
    return found


def screened(one: Customer | None, screen: Screen) -> tuple[Screening, ...]:
    """The first wallets on file."""
    wallets = tuple(dict.fromkeys(one.wallets))[:MOST_WALLETS] if one else ()
    return tuple(answer for wallet in wallets for answer in screen(wallet))


def told(alerts: Iterable[Alert]) -> tuple[Finding, ...]:
    once = {alert.alert_id or f"{alert.detector} {alert.subject}": alert for alert in alerts}
    return tuple(
        Finding(
            alert_id=one.alert_id,
            detector=one.detector,
            title=one.title,
            nature=one.nature,
            severity=one.severity,
            subject=one.subject,
            reason=one.reason,
            citations=one.citations,
            innocent=one.innocent,
            next_steps=one.next_steps,
            evidence=one.evidence,
            last_us=one.last_us,
        )
        for one in list(once.values())[:MOST_FINDINGS]
    )


def missing(one: Customer | None, wallets: Sequence[Screening], *, exposure: bool) -> list[str]:
    """Data that would have let more be judged; not having them is no gap of due diligence."""
    if one is None:
        return ["a snapshot of the customer: load one, or send it along"]
    found = [f"{what}: not on file" for name, what in OPTIONAL if not getattr(one, name)]
    if one.wallets and not exposure:
        found.append("transfers of the wallets' chains: none are loaded, exposure is not known")
    if len(set(one.wallets)) > MOST_WALLETS:
        found.append(f"exposure of more than {MOST_WALLETS} wallets: ask `screen` for the others")
    unread = [wallet.asked for wallet in wallets if wallet.status == "unreadable"]
    return [*found, *(f"exposure of {wallet}: it is no address" for wallet in unread)]


def summary(subject: str, lacking: Sequence[Gap], found: Around, wallets: Sequence[Screening]) -> str:
    worst = max((wallet.score or 0.0 for wallet in wallets), default=0.0)
    said = [f"{len(lacking)} gaps of knowledge" if lacking else "no gap of knowledge"]
    said.append(f"{len(found.own)} standing alerts" if found.own else "no standing alert")
    if worst:
        said.append(f"a wallet whose exposure scores {worst:g}")
    if found.links:
        said.append("a contact or wallet that stands in adverts under review")
    return f"{subject}: {', '.join(said)}. Nobody's role is known."
