"""What was planted where: the answer sheet of a generated world."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal, get_args

import msgspec

Typology = Literal[
    "recruitment-funnel",
    "escort-payments",
    "scam-compound",
    "smuggling-fees",
    "debt-repayment",
    "subscription-pattern",
    "watch-listed",
    "layered-transfers",
    "wages-taken",
    "middlemen",
    "illicit-services",
    "exchange-accounts",
]
TYPOLOGIES: tuple[str, ...] = get_args(Typology)


class PlantedCase(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One planted story.

    `subjects` are CAIP-10 accounts or `customer:EXCHANGE:ID`. `events` are the ids of its transfers, adverts
    and account events. `expected` maps each rule that should speak to what it should name: accounts or
    customers for money, `listing:…` event ids for adverts (whose subject is a contact token made later).
    `expected_detectors` are the keys of `expected`.
    """

    case_id: str
    typology: Typology
    subjects: tuple[str, ...]
    events: tuple[str, ...]
    expected_detectors: tuple[str, ...]
    expected: dict[str, tuple[str, ...]]


class Twin(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An innocent who comes close to `near`. `satisfied` is true where the rule's letter holds all the same."""

    subject: str
    near: str
    satisfied: bool
    why: str


@dataclass(slots=True)
class CasePlan:
    """A case while it is planted; transfers carry its number, other events are listed here."""

    number: int
    typology: Typology
    index: int
    subjects: list[str] = field(default_factory=list)
    events: list[str] = field(default_factory=list)
    expected: dict[str, list[str]] = field(default_factory=dict)

    def expect(self, detector: str, subjects: Sequence[str]) -> None:
        """`detector` should name each of `subjects`, which become subjects of the case unless adverts."""
        self.expected.setdefault(detector, []).extend(s for s in subjects if s not in self.expected.get(detector, ()))
        self.subjects.extend(s for s in subjects if not s.startswith("listing:") and s not in self.subjects)

    def done(self, transfers: Sequence[str]) -> PlantedCase:
        return PlantedCase(
            case_id=f"{self.typology}-{self.index + 1}",
            typology=self.typology,
            subjects=tuple(self.subjects),
            events=(*transfers, *self.events),
            expected_detectors=tuple(sorted(self.expected)),
            expected={name: tuple(subjects) for name, subjects in sorted(self.expected.items())},
        )
