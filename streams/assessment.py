"""A list of customers, counterparties, suppliers or wallets, and what is known to be risky about each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType

from manumit.detectors.customers.names import identifiers
from manumit.detectors.gaps.gaps import gaps
from manumit.detectors.gaps.score import LINK
from manumit.schemas.alert import Alert
from manumit.schemas.assessment import Assessment, FindingKind, PartyFinding, PartyGap
from manumit.schemas.customer import Customer
from manumit.schemas.customer_check import Gap
from manumit.schemas.label import Label
from manumit.schemas.screening import CategoryExposure, Screening
from manumit.schemas.subject import customer_subject
from manumit.streams.customer_book import CustomerBook
from manumit.streams.customer_check import Screen, around
from manumit.streams.customer_lane import ADVERSE
from manumit.streams.label_book import LabelBook
from manumit.streams.risk_map import by_gap, cells

UNKNOWN = "unknown"
UNSPECIFIED = "trafficking-unspecified"
MOST_WALLETS = 16
LEAST_WEIGHT = 0.01
UNWEIGHED = 0.0
UNWEIGHED_TOLD = (
    "Alerts about a party's own account, and records about people that nobody has confirmed, are shown without weight: "
    "whom they concern may be controlled or be somebody else. They are no deeds of the party."
)
TYPOLOGIES: Mapping[str, str] = MappingProxyType(
    {
        "child-abuse": "child-exploitation",
        "trafficking": UNSPECIFIED,
        "escort": "sexual-exploitation",
        "adult-ads": "sexual-exploitation",
        "advert-wallet": "sexual-exploitation",
        "labour-placement": "forced-labour",
        "guarantee": "scam-compound",
        "scam": "scam-compound",
        "corridor": "smuggling",
    }
)
"""Ours: what a label's category points to; every other category is generic laundering."""
Told = tuple[FindingKind, str, float, str, tuple[str, ...], tuple[str, ...]]
Row = tuple[int, Customer]


def assess(
    rows: Iterable[Row],
    *,
    file: str,
    book: CustomerBook,
    labels: LabelBook,
    screen: Screen,
    at_us: int,
    due_diligence: bool,
) -> Assessment:
    """`rows` are the numbers and records of a checked file; `due_diligence`: it has columns to find gaps in.

    Takes the book's lock.
    """
    findings: list[PartyFinding] = []
    lacking: list[PartyGap] = []
    parties = restricted = unscreened = 0
    without: list[int] = []
    transfers = False
    for row, one in rows:
        parties += 1
        subject = customer_subject(one.exchange, one.customer_id)
        with book.lock:
            hidden = one.is_minor or book.is_restricted(subject)
            met = None if hidden else around(book, subject, one)
        if met is None:
            restricted += 1
            continue
        answers = [answer for wallet in one.wallets[:MOST_WALLETS] for answer in screen(wallet)]
        unscreened += len(one.wallets) > MOST_WALLETS
        transfers |= any(answer.basis.transfers for answer in answers)
        found = [*_exposed(answers), *_own(met.own), *_adverts(met.links), *_records(one, labels, at_us)]
        nothing = gaps(one, met.control, at_us) if due_diligence else ()
        findings += _numbered(found, len(findings), row, one)
        lacking += _numbered_gaps(nothing, len(lacking), row, one)
        without += [] if found or nothing else [row]
    return Assessment(
        file=file,
        made_us=at_us,
        parties=parties,
        assessed=parties - restricted,
        restricted=restricted,
        without=tuple(without),
        findings=tuple(findings),
        gaps=tuple(lacking),
        by_typology=cells(findings, lambda one: (one.typology,)),
        by_country=cells(findings, lambda one: (one.country,)),
        by_sector=cells(findings, lambda one: (one.sector,)),
        risk_map=cells(findings, lambda one: (one.typology, one.country)),
        by_gap=by_gap(lacking),
        missing=tuple(_missing(book, labels, transfers, unscreened, due_diligence)),
        basis=(
            f"{book.customers:,} customers and {book.alerts:,} alerts of the store",
            f"{labels.count:,} labels and records",
            "Points and weights are ours (detectors/gaps, detectors/exposure); jurisdictions: schemas/jurisdictions.",
            UNWEIGHED_TOLD,
        ),
    )


def country(one: Customer) -> str:
    return one.jurisdiction or one.residence or UNKNOWN


def sector(one: Customer) -> str:
    """A firm's sector, a person's occupation is no sector."""
    return one.sector or ("private person" if one.kind == "natural" else UNKNOWN)


def _numbered(found: Sequence[Told], before: int, row: int, one: Customer) -> Iterator[PartyFinding]:
    for place, (kind, typology, weight, what, sources, evidence) in enumerate(found, 1):
        yield PartyFinding(
            number=before + place,
            row=row,
            party=one.customer_id,
            country=country(one),
            sector=sector(one),
            kind=kind,
            typology=typology,
            weight=round(weight, 4),
            what=what,
            sources=sources,
            evidence=evidence,
        )


def _numbered_gaps(found: Sequence[Gap], before: int, row: int, one: Customer) -> Iterator[PartyGap]:
    for place, gap in enumerate(found, 1):
        yield PartyGap(
            number=before + place,
            row=row,
            party=one.customer_id,
            country=country(one),
            datum=gap.datum if gap.kind != "unattested" else "attestation",
            reason=gap.reason,
            cited=gap.cited,
        )


def _exposed(answers: Sequence[Screening]) -> Iterator[Told]:
    for answer in answers:
        for label in answer.labels:
            typology = TYPOLOGIES.get(label.category, "generic-laundering")
            what = f"{answer.account} is listed under {label.category}"
            source = f"{label.source} {label.source_url}".strip()
            yield "label", typology, label.confidence, what, (source,), (answer.account,)
        for way, exposures in (("received from", answer.sources), ("sent to", answer.destinations)):
            for one in exposures:
                if one.points >= LEAST_WEIGHT:
                    yield _exposure(answer, way, one)


def _exposure(answer: Screening, way: str, one: CategoryExposure) -> Told:
    usd = one.direct_usd + one.indirect_usd
    what = f"{answer.account} {way} {one.category}: {usd:,.2f} USD, of which {one.direct_usd:,.2f} directly"
    side = "sources" if way == "received from" else "destinations"
    trails = [path for path in answer.paths if path.category == one.category and path.direction == side]
    sources = dict.fromkeys(f"{label.source} {label.source_url}".strip() for path in trails for label in path.labels)
    events = dict.fromkeys(step.event_id for path in trails for step in path.steps)
    typology = TYPOLOGIES.get(one.category, "generic-laundering")
    return "exposure", typology, one.points, what, tuple(sources), (answer.account, *events)


def _own(alerts: Sequence[Alert]) -> Iterator[Told]:
    """Those about the party, without weight; what stands behind several is no party's."""
    for one in alerts:
        yield "alert", one.typology, UNWEIGHED, one.reason, _cited(one), (one.alert_id, *one.evidence)


def _adverts(alerts: Sequence[Alert]) -> Iterator[Told]:
    """Alerts about adverts that give the party's contact or wallet."""
    for one in alerts:
        yield "advert", one.typology, LINK[one.severity], one.reason, _cited(one), (one.alert_id, *one.evidence)


def _cited(one: Alert) -> tuple[str, ...]:
    return tuple(f"{ref.source}, {ref.section}" for ref in one.citations)


def _records(one: Customer, labels: LabelBook, at_us: int) -> Iterator[Told]:
    """Supplied records about people and firms, met by tokens; without weight until a person confirms them elsewhere."""
    for identifier in dict.fromkeys(identifiers(one)):
        for label in labels.labels_at(identifier, at_us):
            if label.category in ADVERSE:
                yield _record(identifier, label)


def _record(identifier: str, label: Label) -> Told:
    what = f"{identifier} stands in a record about {label.category}; a person must confirm whom it means, in which role"
    sources = (f"{label.source} {label.name}".strip(), *filter(None, (label.source_url,)))
    return "record", TYPOLOGIES[label.category], UNWEIGHED, what, sources, (identifier,)


def _missing(
    book: CustomerBook, labels: LabelBook, transfers: bool, unscreened: int, due_diligence: bool
) -> Iterator[str]:
    if not due_diligence:
        yield "The list has no column of due diligence (name, birth, address, documents): gaps were not looked for."
    if not transfers:
        yield "No transfers are loaded: exposure on chain is not known."
    if not labels.count:
        yield "No label list and no record is loaded: nothing could be met."
    if not book.alerts:
        yield "The store holds no alerts: customers' behaviour and adverts were not judged."
    if unscreened:
        yield f"{unscreened} parties have more than {MOST_WALLETS} wallets; the others were not screened."
