"""One address, one answer: exposure both ways, the paths behind it, labels with source and date, and its basis."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from manumit.detectors.exposure import reasons
from manumit.detectors.exposure.score import FORMULA, UNVALUED_PART, band, weight
from manumit.detectors.exposure.terms import METHOD, METHOD_VERSION
from manumit.detectors.exposure.walk import MOST_TRANSFERS
from manumit.detectors.labelled import BUSINESSES
from manumit.schemas.addresses import chain_of, normalise
from manumit.schemas.block import MICRO_USD
from manumit.schemas.errors import BadRecord
from manumit.schemas.label import Label
from manumit.schemas.screening import Basis, Screening
from manumit.streams.book import Book
from manumit.streams.bookkeeping import Keeper
from manumit.streams.label_book import split_account
from manumit.streams.screened_account import Screened, label_refs, paths, screened, unweighed_contacts

MOST_ASKED = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something that may set the score, and what is said of it."""

    points: float
    because: str


def screen(book: Book, asked: str, *, most: int = MOST_TRANSFERS) -> list[Screening]:
    """An answer for each chain the address is known on, else one that says nothing is known.

    `asked` is an address, or a CAIP-10 id where the chain matters. Takes the book's lock.
    """
    with book.lock:
        book.fresh()
        try:
            accounts = accounts_of(book, asked)
        except BadRecord as error:
            return [_unread(book, asked, str(error))]
        return [_answer(book, asked, account, most) for account in accounts]


def screener_over(keeper: Keeper) -> Callable[[str], list[Screening]]:
    """Answers out of a store that is kept up with. Raises EdgeDown when it is away."""
    return lambda asked: screen(keeper.book(), asked)


def accounts_of(book: Book, asked: str) -> list[str]:
    """CAIP-10 ids. Raises BadRecord("bad-address") for what is no address of any chain that is known."""
    text = asked.strip()[:MOST_ASKED]
    chain, address = split_account(text)
    if chain.count(":") == 1:
        return [f"{chain}:{normalise(chain, address)}"]
    found = [f"{one}:{normal}" for one in book.engine.chains if (normal := _normal(one, text)) is not None]
    known = [account for account in found if _is_known(book, account)]
    guess = chain_of(text)
    fallback = [f"{guess}:{normalise(guess, text)}"] if guess else found[:1]
    if not known and not fallback:
        raise BadRecord("bad-address", f"{text!r} is no address of a chain that is known, or its checksum is wrong")
    return known or fallback


def _normal(chain: str, text: str) -> str | None:
    """The address on that chain; hexadecimal is read as TRON's only where its chain is named."""
    if chain.startswith("tron:") and not text.startswith("T"):
        return None
    try:
        return normalise(chain, text)
    except BadRecord:
        return None


def _is_known(book: Book, account: str) -> bool:
    return book.engine.number(*split_account(account)) >= 0 or bool(book.labels.labels(account))


def _answer(book: Book, asked: str, account: str, most: int) -> Screening:
    labels = _own_labels(book, account)
    one = screened(book, account, most)
    if one is None and not labels:
        return Screening(
            asked=asked,
            account=account,
            status="unknown",
            score=None,
            band="unknown",
            reasons=(reasons.UNKNOWN,),
            basis=basis(book),
        )
    findings = [*_named(labels), *(_exposed(one) if one else ())]
    score = max((finding.points for finding in findings), default=0.0)
    spoken = (*_scored(score, findings), *map(reasons.listed, label_refs(labels)))
    if one is None:
        return Screening(
            asked=asked,
            account=account,
            status="label-only",
            score=score,
            band=band(score),
            reasons=(*spoken, reasons.NO_TRANSFERS),
            labels=label_refs(labels),
            basis=basis(book),
        )
    return _whole(one, asked, score, (*spoken, *_said(one, labels, most)), labels)


def _whole(one: Screened, asked: str, score: float, spoken: tuple[str, ...], labels: list[Label]) -> Screening:
    standing, log = one.standing, one.book.log
    return Screening(
        asked=asked,
        account=one.account,
        status="known",
        score=score,
        band=band(score),
        reasons=spoken,
        labels=label_refs(labels),
        received_usd=standing.received / MICRO_USD,
        sent_usd=standing.sent / MICRO_USD,
        unvalued_in=standing.unvalued_in,
        unvalued_out=standing.unvalued_out,
        first_us=one.first_us,
        last_us=int(log.at_us[one.newest[0]]) if one.newest else 0,
        sources=one.sources,
        destinations=one.destinations,
        paths=paths(one),
        truncated=one.truncated,
        basis=basis(one.book),
    )


def _own_labels(book: Book, account: str) -> list[Label]:
    """Those in force when the newest transfer was made, and those that only begin later; the heaviest first."""
    found = [label for label in book.labels.labels(account) if not book.labels.ended(label, book.as_of_us)]
    return sorted(found, key=lambda label: (-weight(label.category), label.category, label.source, label.name))


def _named(labels: list[Label]) -> Iterator[Finding]:
    for label in labels:
        yield Finding(points=weight(label.category), because=f"{label.source} lists the address under {label.category}")


def _exposed(one: Screened) -> Iterator[Finding]:
    for exposure in one.sources:
        yield Finding(points=exposure.points, because=f"what it received from {exposure.category}")
    for exposure in one.destinations:
        yield Finding(points=exposure.points, because=f"what it sent to {exposure.category}")
    for category in unweighed_contacts(one):
        points = round(weight(category) * UNVALUED_PART, 4)
        yield Finding(points=points, because=f"a direct transfer of unknown worth with {category}")


def _scored(score: float, findings: list[Finding]) -> Iterator[str]:
    if score > 0:
        gravest = next(finding for finding in findings if finding.points == score)
        yield reasons.scored(score, band(score), gravest.because)


def _said(one: Screened, labels: list[Label], most: int) -> Iterator[str]:
    hops, standing = one.book.terms.hops, one.standing
    yield from reasons.exposed("sources", one.sources, standing.received / MICRO_USD, hops)
    yield from reasons.exposed("destinations", one.destinations, standing.sent / MICRO_USD, hops)
    unvalued, contacts = standing.unvalued_in + standing.unvalued_out, unweighed_contacts(one)
    if not one.sources and not one.destinations and not contacts:
        yield reasons.unlinked(hops)
    if unvalued:
        yield reasons.unweighed(unvalued, contacts)
    for category in sorted({label.category for label in labels} & set(BUSINESSES)):
        yield reasons.business(category)
    if one.truncated:
        yield reasons.truncated(most)


def _unread(book: Book, asked: str, why: str) -> Screening:
    return Screening(
        asked=asked,
        account="",
        status="unreadable",
        score=None,
        band="unknown",
        reasons=(f"{why}.",),
        basis=basis(book),
    )


def basis(book: Book) -> Basis:
    terms = book.terms
    return Basis(
        as_of_us=book.as_of_us,
        transfers=book.log.length,
        labels=book.labels.count,
        labels_digest=book.labels_digest(),
        label_mode=book.label_mode,
        method=f"{METHOD} {METHOD_VERSION}",
        score_formula=FORMULA,
        terms={"hops": float(terms.hops), "dust_usd": terms.dust_micro / MICRO_USD},
    )
