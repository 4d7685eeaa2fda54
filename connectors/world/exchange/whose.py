"""Which innocents an alert is about: a customer's population, or who is behind a shared device, payee or address."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from manumit.connectors.world.exchange.generate import Census
from manumit.connectors.world.exchange.plan import ExchangeCase, number_of
from manumit.connectors.world.exchange.rows import LETTER_BITS

BLOCK_BITS = 40  # the upper bits of a token's number say which habit made it
PLANTED = "planted"
SHARED: Mapping[tuple[str, int], str] = MappingProxyType(
    {
        ("d", 4): "libraries",
        ("b", 1): "letting agencies",
        ("b", 13): "tax advisers",
        ("b", 6): "licensed recruiters",
        ("b", 7): "small agencies",
        ("p", 4): "savings circles",
        ("w", 2): "staking contracts",
    }
)
OF_GROUPS = {("d", 1), ("d", 2), ("d", 3), ("d", 6), ("b", 5)}


class Whose:
    """Answers for one generated exchange."""

    def __init__(self, census: Census, cases: Sequence[ExchangeCase]) -> None:
        self._census = census
        self._planted = {subject for case in cases for subject in case.subjects}
        self._customers = {customer for case in cases for customer in case.customers}

    def __call__(self, subject: str) -> str:
        """`planted` for the subject of a case or a customer of one; else a population or a circumstance."""
        kind, _, rest = subject.partition(":")
        if subject in self._planted:
            return PLANTED
        if kind == "customer":
            customer = rest.rpartition(":")[2]
            return PLANTED if customer in self._customers else self._population(number_of(customer))
        if rest.startswith("adr-g"):
            return self._group(int(rest.removeprefix("adr-g")))
        if rest.startswith(("adr-", "con-c", "doc-")):
            return "clerks' slips"
        if rest.startswith("con-"):
            return self._group(int(rest.removeprefix("con-")))
        return "hotels" if rest.startswith("hotel-") else self._token(rest)

    def _token(self, text: str) -> str:
        letter, _, digits = text.partition("-")
        number = int(digits, 16) & ((1 << LETTER_BITS) - 1)
        block, rest = number >> BLOCK_BITS, number & ((1 << BLOCK_BITS) - 1)
        if letter == "l":
            return "private landlords"
        if (letter, block) in OF_GROUPS:
            return self._group(rest)
        if (letter, block) == ("d", 0):
            return self._population(rest)
        return SHARED.get((letter, block), "others")

    def _population(self, customer: int) -> str:
        return self._census.populations[self._census.of[customer]]

    def _group(self, group: int) -> str:
        return self._census.populations[self._census.groups[group]]
