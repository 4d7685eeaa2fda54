"""The two forms of a message, and how they spell the same thing. Pure.

Both are brought to one spelling, that of 2023, so that everything behind reads one tree. Networks mix the
forms (2020 person lists with 2023 customer numbers) and write the four entities with a capital: both are read.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Literal

Form = Literal["2020", "2023"]
Tree = dict[str, Any]
VERSION_2023 = "101.2023"

ENTITIES: Mapping[str, str] = MappingProxyType(
    {
        "Originator": "originator",
        "Beneficiary": "beneficiary",
        "OriginatingVASP": "originatingVASP",
        "BeneficiaryVASP": "beneficiaryVASP",
        "TransferPath": "transferPath",
        "PayloadMetadata": "payloadMetadata",
    }
)
OLDER: Mapping[str, str] = MappingProxyType(
    {
        "originatorPersons": "originatorPerson",
        "beneficiaryPersons": "beneficiaryPerson",
        "customerNumber": "customerIdentification",
        "nameIdentifierType": "naturalPersonNameIdentifierType",
    }
)
SLIPS: Mapping[str, str] = MappingProxyType({"postcode": "postCode"})
RENAMED: Mapping[str, str] = MappingProxyType({**OLDER, **SLIPS})
WRAPPED = ("originatingVASP", "beneficiaryVASP")


def form_of(tree: Tree) -> Form:
    """The form a message says it has, or by its spelling; 2020 where nothing tells."""
    metadata = tree.get("payloadMetadata", tree.get("PayloadMetadata"))
    if isinstance(metadata, dict) and metadata.get("payloadVersion") == VERSION_2023:
        return "2023"
    keys: set[str] = set()
    _collect(tree, keys)
    newer = keys & {"originatorPerson", "beneficiaryPerson", "naturalPersonNameIdentifierType"}
    return "2023" if newer and not keys & {"originatorPersons", "beneficiaryPersons", "nameIdentifierType"} else "2020"


def _collect(value: Any, keys: set[str]) -> None:
    if isinstance(value, dict):
        keys.update(value)
        for part in value.values():
            _collect(part, keys)
    elif isinstance(value, list):
        for part in value:
            _collect(part, keys)


def spelled(tree: Tree) -> tuple[Tree, tuple[str, ...]]:
    """The message in the one spelling, and paths of fields that stand in it twice under two spellings.

    Of two spellings the newer is kept. A VASP may stand in its entity or be it.
    """
    twice: list[str] = []
    plain = _renamed(tree, "", ENTITIES, twice)
    for name in WRAPPED:
        inner = plain.get(name)
        if isinstance(inner, dict) and isinstance(inner.get(name), dict):
            plain[name] = inner[name]
    return plain, tuple(twice)


def _renamed(value: Any, path: str, names: Mapping[str, str], twice: list[str]) -> Any:
    if isinstance(value, list):
        return [_renamed(part, f"{path}[{i}]", RENAMED, twice) for i, part in enumerate(value)]
    if not isinstance(value, dict):
        return value
    found: Tree = {}
    for key in sorted(value, key=lambda name: name not in names):  # older spellings first, the newer overwrite them
        name = names.get(key, key)
        place = f"{path}.{name}" if path else name
        if name in found:
            twice.append(place)
        found[name] = _renamed(value[key], place, RENAMED, twice)
    return found
