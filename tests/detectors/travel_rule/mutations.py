"""Messages with known damage: every mutation says which gaps it must give, whatever else is damaged elsewhere.

A mutation works on one spot of a good message, given as path of keys in the 2023 spelling, and knows its
ground truth from the standard's text, not from the code under test.
"""

from __future__ import annotations

import copy
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from manumit.schemas.standards.ivms101.spelling import ENTITIES, OLDER, SLIPS

Key = str | int
Spot = tuple[Key, ...]
Expected = tuple[tuple[str, str], ...]
NATURAL: Spot = ("originator", "originatorPerson", 0, "naturalPerson")
NEWER = {name: old for old, name in OLDER.items()}
SLIP = {name: slip for slip, name in SLIPS.items()}
CAPITAL = {name: capital for capital, name in ENTITIES.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutation:
    """`spot` is what it touches: two mutations go together when neither spot lies in the other."""

    name: str
    spot: Spot
    do: Callable[[Any], None]
    expected: Expected


def dotted(spot: Spot) -> str:
    path = ""
    for key in spot:
        path += f"[{key}]" if isinstance(key, int) else f".{key}" if path else key
    return path


def at(message: Any, spot: Spot) -> Any:
    for key in spot:
        message = message[key]
    return message


def put(spot: Spot, value: Any, kind: str | None) -> Mutation:
    def do(message: Any) -> None:
        at(message, spot[:-1])[spot[-1]] = copy.deepcopy(value)

    expected = ((dotted(spot), kind),) if kind else ()
    return Mutation(name=f"put {value!r:.30}", spot=spot, do=do, expected=expected)


def drop(spot: Spot, *expected: tuple[str, str]) -> Mutation:
    def do(message: Any) -> None:
        del at(message, spot[:-1])[spot[-1]]

    return Mutation(name="drop", spot=spot, do=do, expected=expected)


def missing(spot: Spot) -> Mutation:
    return drop(spot, (dotted(spot), "missing"))


def required_text(spot: Spot, longest: int) -> list[Mutation]:
    return [
        missing(spot),
        put(spot, "", "missing"),
        put(spot, "  ", "missing"),
        put(spot, None, "missing"),
        put(spot, 7, "ill-formed"),
        put(spot, ["x"], "ill-formed"),
        put(spot, "Invented " * (longest // 9 + 1), "ill-formed"),
    ]


def code(spot: Spot) -> list[Mutation]:
    return [missing(spot), put(spot, "NOPE", "ill-formed"), put(spot, 1, "ill-formed"), put(spot, "legl", "ill-formed")]


def country(spot: Spot) -> list[Mutation]:
    return [put(spot, bad, "ill-formed") for bad in ("QQ", "nl", "NLD", "N", "12", 31, "NL\n")]


def names(spot: Spot, whole: str) -> list[Mutation]:
    """`spot` is one entry of nameIdentifier; filler is a gap only where the whole name is filler."""
    found = []
    for filler in ("12345", "xxx", "N/A", "unknown", "???", "TEST"):
        for given in (None, "Vera") if whole == "primaryIdentifier" else (None,):
            expected = () if given else ((dotted(spot), "filler"),)
            found.append(
                Mutation(name=f"filler {filler}", spot=spot, do=_filler(spot, whole, filler, given), expected=expected)
            )
    return found


def _filler(spot: Spot, whole: str, filler: str, given: str | None) -> Callable[[Any], None]:
    def do(message: Any) -> None:
        entry = at(message, spot)
        entry[whole] = filler
        entry.pop("secondaryIdentifier", None)
        if given:
            entry["secondaryIdentifier"] = given

    return do


def natural(spot: Spot, sole_name: bool) -> Iterator[Mutation]:
    first: Spot = (*spot, "name", "nameIdentifier", 0)
    yield from required_text((*first, "primaryIdentifier"), 100)
    yield from code((*first, "naturalPersonNameIdentifierType"))
    yield from names(first, "primaryIdentifier")
    yield missing((*spot, "name"))
    yield put((*spot, "name"), "Vera Exampleova", "ill-formed")
    yield put((*spot, "name", "nameIdentifier"), [], "missing")
    yield put((*first, "secondaryIdentifier"), "", None)
    yield drop((*first, "secondaryIdentifier"))
    if sole_name:
        listed = dotted((*spot, "name", "nameIdentifier"))
        value = "BIRT"
        change = put((*first, "naturalPersonNameIdentifierType"), value, None)
        yield Mutation(
            name="no legal name", spot=(*spot, "name", "nameIdentifier"), do=change.do, expected=((listed, "missing"),)
        )


def provider(spot: Spot) -> Iterator[Mutation]:
    first: Spot = (*spot, "legalPerson", "name", "nameIdentifier", 0)
    yield from required_text((*first, "legalPersonName"), 100)
    yield from code((*first, "legalPersonNameIdentifierType"))
    yield from names(first, "legalPersonName")
    yield from country((*spot, "legalPerson", "countryOfRegistration"))
    yield drop((*spot, "legalPerson", "countryOfRegistration"))
    yield drop((*spot, "legalPerson"), (dotted(spot), "missing"))
    yield put((*spot, "legalPerson"), 3, "ill-formed")


def registered(spot: Spot) -> Iterator[Mutation]:
    """An identification by a registry."""
    yield from required_text((*spot, "nationalIdentifier"), 35)
    yield missing((*spot, "registrationAuthority"))
    yield put((*spot, "registrationAuthority"), "RA12", "ill-formed")
    yield put((*spot, "registrationAuthority"), "RA0000001", "ill-formed")
    yield put((*spot, "countryOfIssue"), "NL", "ill-formed")
    yield put((*spot, "nationalIdentifierType"), "CCPT", "ill-formed")
    yield put((*spot, "nationalIdentifierType"), "XYZZ", "ill-formed")
    yield drop(spot)


def address(spot: Spot) -> Iterator[Mutation]:
    yield from required_text((*spot, "townName"), 35)
    yield missing((*spot, "country"))
    yield from country((*spot, "country"))
    yield from code((*spot, "addressType"))


def common(message: Any) -> Iterator[Mutation]:
    for entity in ("originator", "beneficiary"):
        yield missing((entity,))
        yield put((entity,), "nobody", "ill-formed")
        yield put((entity, f"{entity}Person"), [], "missing")
        yield put((entity, f"{entity}Person"), {}, "ill-formed")
        yield missing((entity, f"{entity}Person"))
        yield missing((entity, "accountNumber"))
        yield drop((entity, "accountNumber", 0), (f"{entity}.accountNumber", "missing"))
        yield put((entity, "accountNumber", 0), "", "missing")
        yield put((entity, "accountNumber", 0), "1" * 101, "ill-formed")
        yield put((entity, "accountNumber", 0), {"iban": 1}, "ill-formed")
    for entity in ("originatingVASP", "beneficiaryVASP"):
        if entity in message:
            yield missing((entity,))
            yield put((entity,), [1], "ill-formed")
            yield from provider((entity,))
    yield put(("invented",), {"deep": [1, {"x": None}]}, None)
    yield put(("originator", "invented"), "more", None)
    yield put(("beneficiary", "invented"), None, None)


def for_natural_2020() -> Iterator[Mutation]:
    yield from natural(NATURAL, sole_name=False)
    sender: Spot = ("beneficiary", "beneficiaryPerson", 0, "naturalPerson")
    yield from natural(sender, sole_name=True)
    yield from address((*sender, "geographicAddress", 0))
    home: Spot = (*NATURAL, "geographicAddress", 0)
    yield from address(home)
    yield from required_text((*home, "streetName"), 70)[-3:]
    yield Mutation(
        name="no street",
        spot=home,
        do=lambda message: at(message, home).pop("streetName"),
        expected=((dotted(home), "missing"),),
    )
    yield drop((*home, "postCode"))
    yield put((*home, "postCode"), "0" * 17, "ill-formed")
    yield from country((*NATURAL, "countryOfResidence"))
    yield drop((*NATURAL, "countryOfResidence"))
    born: Spot = (*NATURAL, "dateAndPlaceOfBirth", "dateOfBirth")
    yield missing(born)
    yield from (
        put(born, bad, "ill-formed")
        for bad in ("1985-02-30", "28.02.1985", "2999-01-01", "85-02-28", "1985-2-28", 1985)
    )
    yield put(born, "1801-01-01", "filler")
    yield from required_text((*NATURAL, "dateAndPlaceOfBirth", "placeOfBirth"), 70)
    passport: Spot = (*NATURAL, "nationalIdentification")
    yield from required_text((*passport, "nationalIdentifier"), 35)
    yield from code((*passport, "nationalIdentifierType"))
    yield from country((*passport, "countryOfIssue"))
    yield drop((*passport, "countryOfIssue"))
    yield drop((*NATURAL, "customerIdentification"))
    yield put((*NATURAL, "customerIdentification"), "c" * 51, "ill-formed")

    def unknown(message: Any) -> None:
        person = at(message, NATURAL)
        for name in ("geographicAddress", "nationalIdentification", "customerIdentification", "dateAndPlaceOfBirth"):
            person.pop(name, None)

    yield Mutation(name="known by nothing", spot=NATURAL, do=unknown, expected=((dotted(NATURAL), "missing"),))
    yield from registered(("originatingVASP", "legalPerson", "nationalIdentification"))
    lei: Spot = ("beneficiaryVASP", "legalPerson", "nationalIdentification")
    yield put((*lei, "nationalIdentifier"), "EXAMPLE", "ill-formed")
    yield put((*lei, "nationalIdentifier"), "example0000000000087", "ill-formed")
    yield put((*lei, "nationalIdentifier"), "EXAMPLE0000000000088", None)  # check digits are a remark
    yield put((*lei, "registrationAuthority"), "RA000001", "ill-formed")


def for_legal_2023() -> Iterator[Mutation]:
    firm: Spot = ("originator", "originatorPerson", 0, "legalPerson")
    yield from required_text((*firm, "name", "nameIdentifier", 0, "legalPersonName"), 100)
    yield from names((*firm, "name", "nameIdentifier", 1), "legalPersonName")
    yield put((*firm, "name", "nameIdentifier", 0, "legalPersonNameIdentifierType"), "LEGAL", "ill-formed")
    yield from address((*firm, "geographicAddress", 0))
    yield from registered((*firm, "nationalIdentification"))
    yield from natural(("originator", "originatorPerson", 1, "naturalPerson"), sole_name=True)
    payee: Spot = ("beneficiary", "beneficiaryPerson", 0, "naturalPerson")
    yield from natural(payee, sole_name=True)
    yield from country((*payee, "countryOfResidence"))
    yield drop((*payee, "customerIdentification"))
    row: Spot = ("transferPath", "transferPath")
    for wrong in (1, 5):
        change = put((*row, 0, "sequence"), wrong, None)
        yield Mutation(name="broken row", spot=row, do=change.do, expected=((dotted(row), "ill-formed"),))
    yield put((*row, 1, "sequence"), -1, "ill-formed")
    yield put((*row, 1, "sequence"), "1", "ill-formed")
    yield missing((*row, 0, "sequence"))
    yield drop(("transferPath",))
    version: Spot = ("payloadMetadata", "payloadVersion")
    yield put(version, "102", "ill-formed")
    yield put(version, "101", "ill-formed")
    yield missing(version)
    yield put(("payloadMetadata", "transliterationMethod"), ["runic"], None)


def mutations_of(form: str, message: Any) -> list[Mutation]:
    own = for_natural_2020() if form == "2020" else for_legal_2023()
    return [fixed(one) for one in (*common(message), *own)]


def fixed(one: Mutation) -> Mutation:
    """A bad code in a list is a gap of its own."""
    if one.spot == ("payloadMetadata", "transliterationMethod"):
        path = "payloadMetadata.transliterationMethod[0]"
        return Mutation(name=one.name, spot=one.spot, do=one.do, expected=((path, "ill-formed"),))
    return one


def apart(one: Spot, other: Spot) -> bool:
    shorter = min(len(one), len(other))
    return one[:shorter] != other[:shorter]


def chosen(dice: random.Random, mutations: list[Mutation]) -> list[Mutation]:
    """One to four that do not touch each other."""
    wanted = dice.randint(1, 4)
    found: list[Mutation] = []
    for one in dice.sample(mutations, 12):
        if len(found) < wanted and all(apart(one.spot, other.spot) for other in found):
            found.append(one)
    return found


def spelled_as_2020(value: Any, dice: random.Random, top: bool = True) -> Any:
    """In the older spelling, with capitals and slips as networks have them."""
    if isinstance(value, list):
        return [spelled_as_2020(part, dice, False) for part in value]
    if not isinstance(value, dict):
        return value
    capitals = CAPITAL if top and dice.random() < 0.5 else {}
    spelling = {**NEWER, **(SLIP if dice.random() < 0.3 else {}), **capitals}
    keys = list(value)
    dice.shuffle(keys)
    return {spelling.get(key, key): spelled_as_2020(value[key], dice, False) for key in keys}
