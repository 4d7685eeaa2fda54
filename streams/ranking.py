"""The worst gaps of an exchange's knowledge first, the accounts of one person together.

Who is ranked is nobody's suspicion: see `detectors.gaps.score`. What concerns minors or people under pressure is left
out and only counted.
"""

from __future__ import annotations

from dataclasses import dataclass
from heapq import heappush, heappushpop

from manumit.detectors.customers.columns import identifiers
from manumit.detectors.gaps.gaps import gaps, profile_of, whole
from manumit.detectors.gaps.score import FORMULA, listing_of, score, sentence, value
from manumit.schemas.alert import Alert
from manumit.schemas.customer import Customer
from manumit.schemas.customer_check import Gap, Ranked, RankedPerson, Ranking
from manumit.schemas.subject import unquoted
from manumit.streams.customer_book import CustomerBook
from manumit.streams.customer_check import Screen, around, screened

MOST = 500
MOST_ACCOUNTS = 16
MANY_SHARE = 8
"""An identifier that more customers gave is no one person's: a firm's telephone, a care home's, a shared computer."""
SURE = ("document:", "person:")
LIKELY = ("contact:",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A customer with a gap. `bound` is the highest score that any exposure could make of it."""

    subject: str
    found: tuple[Gap, ...]
    links: list[Alert]
    bound: float


def rank(book: CustomerBook, *, screen: Screen, at_us: int, limit: int = 50) -> Ranking:
    """At most `limit` persons, exact: whom no exposure and no advert could lift among them is not looked at.

    Takes the book's lock, one customer at a time.
    """
    with book.lock:
        hidden = {subject for subject in book.subjects() if book.is_restricted(subject)}
        listing = 1.0 if book.advertised else 0.0
        gap = [
            (value(points, 1.0 if weight.wallets else 0.0, listing), subject)
            for subject, points, weight in book.bounds(at_us)
            if points and subject not in hidden
        ]
        sizes = book.customers
    ranked = _worst(book, sorted(gap, key=lambda one: (-one[0], one[1])), screen, at_us, limit)
    persons = _persons(book, ranked, hidden, screen, at_us)[:limit]
    return Ranking(
        formula=FORMULA,
        persons=tuple(persons),
        customers=sizes,
        without_gap=sizes - len(hidden) - len(gap),
        restricted=len(hidden),
        exposure=any(part.of == "exposure" for one in persons for a in one.accounts for part in a.score.parts),
    )


def candidate(book: CustomerBook, subject: str, at_us: int) -> Candidate:
    one = book.customer(subject)
    met = around(book, subject, one)
    found = gaps(one, met.control, at_us)
    best = 1.0 if one and one.wallets else 0.0
    bound = value(whole(found), best, listing_of(met.links))
    return Candidate(subject=subject, found=found, links=met.links, bound=bound)


def _worst(
    book: CustomerBook, gap: list[tuple[float, str]], screen: Screen, at_us: int, limit: int
) -> dict[str, Ranked]:
    """All whose score is among the first `limit`; `gap` by falling bound."""
    kept: list[float] = []
    ranked: dict[str, Ranked] = {}
    for bound, subject in gap:
        if len(kept) == limit and bound < kept[0]:
            break
        with book.lock:
            one = candidate(book, subject, at_us)
        if len(kept) == limit and one.bound < kept[0]:
            continue
        ranked[subject] = _ranked(book, one, screen)
        worth = ranked[subject].score.score
        heappush(kept, worth) if len(kept) < limit else heappushpop(kept, worth)
    least = kept[0] if len(kept) == limit else 0.0
    return {subject: one for subject, one in ranked.items() if one.score.score >= least}


def _ranked(book: CustomerBook, one: Candidate, screen: Screen) -> Ranked:
    customer = book.customer(one.subject)
    worth = score(one.found, screened(customer, screen), one.links)
    _, exchange, name = one.subject.split(":", 2)
    return Ranked(
        subject=one.subject,
        exchange=unquoted(exchange),
        customer_id=customer.customer_id if customer else unquoted(name),
        jurisdiction=profile_of(customer).id,
        reason=sentence(one.subject, worth, one.found),
        score=worth,
    )


def _persons(
    book: CustomerBook, ranked: dict[str, Ranked], hidden: set[str], screen: Screen, at_us: int
) -> list[RankedPerson]:
    """Each account in one person, the worst first."""
    taken: set[str] = set()
    persons: list[RankedPerson] = []
    for subject in sorted(ranked, key=lambda name: (-ranked[name].score.score, name)):
        if subject in taken:
            continue
        members, joined_by, cut = person(book, subject, hidden | taken)
        for other in members:
            if other not in ranked:
                ranked[other] = _ranked(book, candidate(book, other, at_us), screen)
        taken |= set(members)
        accounts = sorted((ranked[other] for other in members), key=lambda one: (-one.score.score, one.subject))
        persons.append(
            RankedPerson(score=accounts[0].score.score, accounts=tuple(accounts), joined_by=joined_by, cut=cut)
        )
    return persons


def person(book: CustomerBook, subject: str, without: set[str]) -> tuple[list[str], tuple[str, ...], bool]:
    """Accounts that seem to be one person's: joined by a document, by name and birthday, or by a contact where names
    do not contradict. At most 16; an identifier that more than 8 gave joins nobody.
    """
    members: dict[str, None] = {subject: None}
    joined: dict[str, None] = {}
    waiting = [subject]
    while waiting:
        one = book.customer(waiting.pop(0))
        for identifier in dict.fromkeys(identifiers(one)) if one else ():
            holders = book.holders(identifier)
            if not identifier.startswith((*SURE, *LIKELY)) or not 1 < len(holders) <= MANY_SHARE:
                continue
            for other in holders:
                if other in members or other in without or not _is_same(one, book.customer(other), identifier):
                    continue
                if len(members) == MOST_ACCOUNTS:
                    return list(members), tuple(joined), True
                members[other] = joined[identifier] = None
                waiting.append(other)
    return list(members), tuple(joined), False


def _is_same(one: Customer | None, other: Customer | None, identifier: str) -> bool:
    """A family shares a telephone; one person has one name and birthday."""
    if one is None or other is None:
        return False
    if identifier.startswith("person:"):
        return True
    pairs = ((one.name, other.name), (one.birth, other.birth))
    return all(not a or not b or a == b for a, b in pairs)
