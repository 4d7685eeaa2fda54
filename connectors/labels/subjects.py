"""Which chain a label list means, and what is kept of rows that name no usable address. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import msgspec

from manumit.schemas.addresses import BITCOIN, DASH, DOGECOIN, ETHEREUM, LITECOIN, TRON, chain_of, normalise
from manumit.schemas.dead_letter import DeadLetter, dead_letter
from manumit.schemas.errors import BadRecord
from manumit.schemas.fields import YEAR_1970_US
from manumit.schemas.label import Label

EVM = (ETHEREUM,)
BY_FORM: tuple[str, ...] = ()
"""A token that lives on several chains: the address itself says on which."""

CHAINS: dict[str, tuple[str, ...]] = {
    "XBT": (BITCOIN,),
    "BTC": (BITCOIN,),
    "ETH": EVM,
    "TRX": (TRON,),
    "TRON": (TRON,),
    "LTC": (LITECOIN,),
    "DASH": (DASH,),
    "DOGE": (DOGECOIN,),
    "USDT": BY_FORM,
    "USDC": BY_FORM,
    "ARB": ("eip155:42161",),
    "BSC": ("eip155:56",),
    "BNB": ("eip155:56",),
    "BEP20": ("eip155:56",),
    "ETC": ("eip155:61",),
    "MATIC": ("eip155:137",),
    "AVAX": ("eip155:43114",),
    "KCS": ("eip155:321",),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelRow:
    """One row of a list before its address is checked. `currency` is the list's own word; "" where it has none."""

    place: str
    address: str
    currency: str
    label: Label


@dataclass(frozen=True, slots=True)
class Unusable:
    """A row no label can be made of."""

    place: str
    message: str
    payload: str


def subjects(row: LabelRow, evm_chains: tuple[str, ...]) -> tuple[str, ...]:
    """The CAIP-10 ids a row speaks of; an Ethereum address stands for the same key on each of `evm_chains`.

    An address that is none of the row's own chain, but by its checksum one of exactly one other, is taken
    for that one: OFAC's list of Bitcoin addresses holds a TRON address. Raises BadRecord("unusable-label").
    """
    chains = CHAINS.get(row.currency.upper()) if row.currency else BY_FORM
    if chains is None:
        raise BadRecord("unusable-label", f"{row.currency!r} is no chain whose addresses manumit can check")
    try:
        return accounts(row.address, evm_chains if chains == EVM else chains)
    except BadRecord:
        chain = chain_of(row.address)
    if chain is None:
        raise BadRecord("unusable-label", f"{row.address[:100]!r} is no address of {row.currency or 'a single chain'}")
    return accounts(row.address, evm_chains if (chain,) == EVM else (chain,))


def accounts(address: str, chains: tuple[str, ...]) -> tuple[str, ...]:
    """CAIP-10 ids on these chains. Raises BadRecord when there is no chain or the address is none of theirs."""
    if not chains:
        raise BadRecord("unusable-label", "the list names no chain")
    return tuple(f"{chain}:{normalise(chain, address)}" for chain in chains)


def usable(
    rows: Iterable[LabelRow | Unusable], *, source: str, evm_chains: tuple[str, ...]
) -> Iterator[Label | DeadLetter]:
    """Labels of the rows that name an address, dead letters of the others."""
    for row in rows:
        try:
            yield from labels_of(row, evm_chains)
        except BadRecord as error:
            payload = row.payload if isinstance(row, Unusable) else f"{row.currency} {row.address}".strip()
            yield dead_letter(
                source=source,
                place=row.place,
                reason=error.reason,
                message=str(error),
                payload=payload,
                at_us=YEAR_1970_US,
                record="label.v1",
            )


def labels_of(row: LabelRow | Unusable, evm_chains: tuple[str, ...]) -> list[Label]:
    """Raises BadRecord("unusable-label")."""
    if isinstance(row, Unusable):
        raise BadRecord("unusable-label", row.message)
    return [msgspec.structs.replace(row.label, subject=subject) for subject in subjects(row, evm_chains)]
