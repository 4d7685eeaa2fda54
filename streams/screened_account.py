"""What a book knows of one account, gathered once for an answer, and the parts of the answer made from it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from manumit.detectors.exposure.contract import Piece, Standing
from manumit.detectors.exposure.follow import arrived, forward
from manumit.detectors.exposure.log import AT, RECEIVER, SENDER, USD
from manumit.detectors.exposure.paths import Trail, heaviest
from manumit.detectors.exposure.score import exposures, share_of
from manumit.detectors.exposure.walk import Walked, back
from manumit.schemas.block import MICRO_USD
from manumit.schemas.label import Label
from manumit.schemas.screening import CategoryExposure, Direction, LabelRef, Path, Step
from manumit.streams.book import Book
from manumit.streams.label_book import split_account

MOST_LABELS = 16
PATHS_EACH = 3
CATEGORIES_SHOWN = 4
NEWEST_READ = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Screened:
    """`newest` are the account's latest transfers, newest first, at most 2,000."""

    book: Book
    account: str
    standing: Standing
    came: Walked
    went: Walked
    sources: tuple[CategoryExposure, ...]
    destinations: tuple[CategoryExposure, ...]
    newest: tuple[int, ...]
    first_us: int

    @property
    def truncated(self) -> bool:
        return self.came.cut or self.went.cut


def screened(book: Book, account: str, most: int) -> Screened | None:
    """None where no transfer names the account. At most `most` transfers are walked each way."""
    number, standing = book.engine.number(*split_account(account)), book.engine.standing(*split_account(account))
    if standing is None:
        return None
    came, _ = back(book.log, book.engine.state, book.terms, number, most=most)
    went = forward(book.log, book.engine.state, number, most=most)
    newest = book.log.of(number, NEWEST_READ)
    return Screened(
        book=book,
        account=account,
        standing=standing,
        came=came,
        went=went,
        sources=exposures(standing.gained, standing.received),
        destinations=exposures(_sent_to(standing, went), standing.sent),
        newest=tuple(newest),
        first_us=book.log.first_us(number),
    )


def _sent_to(standing: Standing, went: Walked) -> dict[Piece, int]:
    """What was paid directly is known whole, however far the walk came."""
    direct: dict[Piece, int] = {(category, 1): amount for category, amount in standing.paid.items()}
    return direct | {piece: amount for piece, amount in arrived(went).items() if piece[1] > 1}


def label_refs(labels: Sequence[Label]) -> tuple[LabelRef, ...]:
    """At most 16, each once."""
    found = [
        LabelRef(
            category=label.category,
            name=label.name,
            source=label.source,
            source_url=label.source_url,
            listed_us=label.listed_us,
            confidence=label.confidence,
            valid_from_us=label.valid_from_us,
            valid_to_us=label.valid_to_us,
        )
        for label in labels
    ]
    return tuple(dict.fromkeys(found))[:MOST_LABELS]


def paths(one: Screened) -> tuple[Path, ...]:
    """The heaviest of each of the first categories, sources first."""
    ways: tuple[tuple[Direction, Walked, tuple[CategoryExposure, ...], int], ...] = (
        ("sources", one.came, one.sources, one.standing.received),
        ("destinations", one.went, one.destinations, one.standing.sent),
    )
    return tuple(
        _path(one.book, direction, trail, whole)
        for direction, walked, found, whole in ways
        for exposure in found[:CATEGORIES_SHOWN]
        for trail in heaviest(walked, exposure.category, PATHS_EACH)
    )


def _path(book: Book, direction: Direction, trail: Trail, whole: int) -> Path:
    steps = tuple(step(book, sequence) for sequence in trail.steps)
    end = steps[0] if direction == "sources" else steps[-1]
    labelled = end.sender if direction == "sources" else end.receiver
    labels = [one for one in book.labels.labels_at(labelled, end.at_us) if one.category == trail.category]
    return Path(
        direction=direction,
        category=trail.category,
        usd=trail.micro / MICRO_USD,
        share=share_of(trail.micro, whole),
        hops=len(steps),
        labelled=labelled,
        labels=label_refs(labels),
        steps=steps,
    )


def step(book: Book, sequence: int) -> Step:
    entry = book.log.entries[sequence]
    return Step(
        event_id=book.event_id(sequence),
        at_us=int(entry[AT]),
        sender=book.engine.name(int(entry[SENDER])),
        receiver=book.engine.name(int(entry[RECEIVER])),
        usd=int(entry[USD]) / MICRO_USD,
    )


def unweighed_contacts(one: Screened) -> tuple[str, ...]:
    """Categories of those the account dealt with in transfers whose worth nobody knows, among its newest."""
    return tuple(sorted(set(_contacts(one))))


def _contacts(one: Screened) -> Iterator[str]:
    if not one.standing.unvalued_in + one.standing.unvalued_out:
        return
    for sequence in one.newest:
        entry = one.book.log.entries[sequence]
        if entry[USD] >= 0:
            continue
        ends = [one.book.engine.name(int(entry[side])) for side in (SENDER, RECEIVER)]
        other = ends[1] if ends[0] == one.account else ends[0]
        yield from (label.category for label in one.book.labels.labels_at(other, int(entry[AT])))
