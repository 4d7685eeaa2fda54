"""A message judged for one transfer: which data had to travel, and which of them are missing. Pure.

Without a situation the message is judged by the standard alone, as a complete exchange between two providers.
A natural person named beside a legal one is taken for its representative, of whom only the name is asked.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from manumit.detectors.travel_rule.finding import Gap, Remark
from manumit.detectors.travel_rule.names import same_name
from manumit.detectors.travel_rule.standard import constraints, remarks
from manumit.schemas.jurisdiction import Jurisdiction, Requirement, requirement
from manumit.schemas.standards.ivms101.message import LegalPerson, NaturalPerson, Person
from manumit.schemas.standards.ivms101.reading import Reading
from manumit.schemas.standards.ivms101.spelling import Form

Counterparty = Literal["vasp", "self-hosted", "unknown"]
STANDARD_ORIGINATOR = ("name", "account", "address | national-id | customer-id | birth")
STANDARD_BENEFICIARY = ("name", "account")


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """The transfer the message belongs to. `usd_per_unit` is the worth of one unit of the profile's currency.

    `outgoing`: from our customer. `attested`: the customer has shown control of the self-hosted wallet. An amount
    or rate that is not known counts as reaching every level: a gap in our knowledge must not hide one.
    """

    profile: Jurisdiction
    amount_usd: float | None
    usd_per_unit: float | None
    at_us: int
    counterparty: Counterparty = "vasp"
    outgoing: bool = True
    attested: bool = False

    def amount(self) -> float:
        """In the profile's currency."""
        if self.amount_usd is None or not self.usd_per_unit:
            return float("inf")
        return self.amount_usd / self.usd_per_unit


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """`due`: data had to travel at all. Gaps in order of path; remarks are for a person's eyes."""

    form: Form | None
    due: bool
    gaps: tuple[Gap, ...]
    remarks: tuple[Remark, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """What is asked of each side, and who asks."""

    originator: tuple[str, ...]
    beneficiary: tuple[str, ...]
    rule: str


BY_STANDARD = Demand(originator=STANDARD_ORIGINATOR, beneficiary=STANDARD_BENEFICIARY, rule="IVMS101 C1, C4")


def judge(reading: Reading | None, situation: Situation | None = None) -> Judgement:
    """`reading` None: no message came with the transfer."""
    demand = BY_STANDARD if situation is None else _demand(situation)
    gaps = [] if situation is None else list(_attestation(situation))
    if demand is None:
        return Judgement(form=reading.form if reading else None, due=False, gaps=tuple(gaps), remarks=())
    if reading is None:
        gaps += _nothing(situation, demand)
        return Judgement(form=None, due=True, gaps=tuple(sorted(gaps)), remarks=())
    gaps += [Gap(path=f.path, kind=f.kind, rule="IVMS101", why=f.why) for f in reading.faults]
    gaps += constraints(reading, None if situation is None else situation.at_us)
    gaps += _demanded(reading, demand)
    gaps += _providers(reading, situation)
    notes = [*remarks(reading), *_one_name(reading)]
    return Judgement(form=reading.form, due=True, gaps=tuple(sorted(gaps)), remarks=tuple(sorted(notes)))


def _demand(situation: Situation) -> Demand | None:
    tier = situation.profile.tier(situation.amount())
    if tier is None:
        return None
    return Demand(
        originator=tier.originator,
        beneficiary=tier.beneficiary,
        rule=f"{situation.profile.cited(tier.source).ref}, {tier.section}",
    )


def _attestation(situation: Situation) -> Iterator[Gap]:
    level = situation.profile.self_hosted
    if situation.counterparty != "self-hosted" or situation.attested or level is None:
        return
    if level.reached(situation.amount()):
        party = "beneficiary" if situation.outgoing else "originator"
        rule = f"{situation.profile.cited(level.source).ref}, {level.section}"
        why = "control of the self-hosted wallet has not been shown"
        yield Gap(path=f"{party}.accountNumber", kind="unattested", rule=rule, why=why)


def _nothing(situation: Situation | None, demand: Demand) -> Iterator[Gap]:
    for name in ("originator", "beneficiary"):
        yield Gap(path=name, kind="missing", rule=demand.rule, why="no message came with the transfer")
    for name in _wanted_providers(situation):
        yield Gap(path=name, kind="missing", rule=demand.rule, why="no message came with the transfer")


def _demanded(reading: Reading, demand: Demand) -> Iterator[Gap]:
    message = reading.message
    if message.originator is not None:
        persons, accounts = message.originator.originator_person, message.originator.account_number
        side = Side(reading, "originator", "originatorPerson", persons, accounts)
        yield from side.gaps(demand.originator, demand.rule)
    if message.beneficiary is not None:
        persons, accounts = message.beneficiary.beneficiary_person, message.beneficiary.account_number
        side = Side(reading, "beneficiary", "beneficiaryPerson", persons, accounts)
        yield from side.gaps(demand.beneficiary, demand.rule)


@dataclass(frozen=True, slots=True)
class Side:
    """Originator or beneficiary. What is there but ill-formed has its own gap and is not called missing again."""

    reading: Reading
    name: str
    listed: str
    persons: tuple[Person, ...]
    accounts: tuple[str, ...]

    def gaps(self, wanted: tuple[str, ...], rule: str) -> Iterator[Gap]:
        for text in wanted:
            asked = requirement(text)
            if asked.ways == (("account",),):
                yield from self._account(rule)
            elif asked.ways != (("name",),):  # a name is the standard's own business, whoever is named
                yield from self._known_by(asked, rule)

    def _account(self, rule: str) -> Iterator[Gap]:
        path = f"{self.name}.accountNumber"
        given = any(self.accounts) or any(any(person.account_number) for person in self.persons)
        if not given and not self.reading.faulty(path):
            yield Gap(path=path, kind="missing", rule=rule, why="no account number or wallet address")

    def _known_by(self, asked: Requirement, rule: str) -> Iterator[Gap]:
        for path, person in self._principals():
            if not any(all(_has(self.reading, path, person, datum) for datum in way) for way in _ways(asked, person)):
                yield Gap(path=path, kind="missing", rule=rule, why=f"is not known by {asked}")

    def _principals(self) -> Iterator[tuple[str, NaturalPerson | LegalPerson]]:
        legal = any(person.legal_person is not None for person in self.persons)
        for i, person in enumerate(self.persons):
            path = f"{self.name}.{self.listed}[{i}]"
            if person.legal_person is not None:
                yield f"{path}.legalPerson", person.legal_person
            elif person.natural_person is not None and not legal:
                yield f"{path}.naturalPerson", person.natural_person


def _ways(asked: Requirement, person: NaturalPerson | LegalPerson) -> tuple[tuple[str, ...], ...]:
    """Nobody asks for an organisation's birthday: a way through it is closed, others stay."""
    if isinstance(person, NaturalPerson):
        return asked.ways
    return tuple(way for way in asked.ways if "birth" not in way)


FIELDS: Mapping[str, tuple[str, str]] = {
    "address": ("geographic_address", "geographicAddress"),
    "national-id": ("national_identification", "nationalIdentification"),
    "customer-id": ("customer_identification", "customerIdentification"),
    "birth": ("date_and_place_of_birth", "dateAndPlaceOfBirth"),
}


def _has(reading: Reading, path: str, person: NaturalPerson | LegalPerson, datum: str) -> bool:
    attribute, spelling = FIELDS[datum]
    return bool(getattr(person, attribute)) or reading.faulty(f"{path}.{spelling}")


def _wanted_providers(situation: Situation | None) -> tuple[str, ...]:
    """A self-hosted wallet has no provider behind it."""
    if situation is None or situation.counterparty != "self-hosted":
        return ("originatingVASP", "beneficiaryVASP")
    return ("originatingVASP",) if situation.outgoing else ("beneficiaryVASP",)


def _providers(reading: Reading, situation: Situation | None) -> Iterator[Gap]:
    there = {"originatingVASP": reading.message.originating_vasp, "beneficiaryVASP": reading.message.beneficiary_vasp}
    for name in _wanted_providers(situation):
        if there[name] is None and not reading.faulty(name):
            yield Gap(path=name, kind="missing", rule="FATF R.16", why="the provider is not named")


def _one_name(reading: Reading) -> Iterator[Remark]:
    """The catalogue names one name on both sides as a filler; it is as often somebody's own second account."""
    message = reading.message
    if message.originator is None or message.beneficiary is None:
        return
    senders = [_called(person) for person in message.originator.originator_person]
    for i, person in enumerate(message.beneficiary.beneficiary_person):
        if any(same_name(_called(person), sender) for sender in senders):
            yield Remark(path=f"beneficiary.beneficiaryPerson[{i}]", why="has the originator's name")


def _called(person: Person) -> str:
    if person.natural_person is not None and person.natural_person.name is not None:
        names = person.natural_person.name.name_identifier
        return " ".join(f"{n.primary_identifier or ''} {n.secondary_identifier or ''}" for n in names[:1])
    if person.legal_person is not None and person.legal_person.name is not None:
        return " ".join(n.legal_person_name or "" for n in person.legal_person.name.name_identifier[:1])
    return ""
