"""Who owns what in the cluster: shards of accounts, and what no shard can own alone. Pure.

A rule asks only of its own subject, so the transfers of an account are enough to judge it: every transfer goes to its
sender's shard and to its receiver's. A finder follows money over several accounts: a chain's stories have one owner.
Adverts are compared with each other, and customers share devices and names whatever exchange they are of: one owner
each. A unit is one such state: a pipeline with the detectors it can judge exactly.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from zlib import crc32

import msgspec

from manumit.detectors.contract import (
    CustomerRule,
    Detector,
    Finder,
    Joiner,
    ListingRule,
    Rule,
    Scorer,
    TextFlag,
)
from manumit.schemas.account_event import AccountEvent
from manumit.schemas.customer import Customer
from manumit.schemas.errors import Broken
from manumit.schemas.label import Label
from manumit.schemas.listing import Listing
from manumit.schemas.signal import Signal
from manumit.schemas.transfer import Transfer

ACCOUNTS, STORIES, ADVERTS, CUSTOMERS = "accounts", "stories", "adverts", "customers"
EVERYBODY, LETTERS = "all", "letters"
MINUTE_US = 60_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    """What a kind of unit judges and reads.

    `first` are the records whose order counts; the other `reads` wait for them. `forward` detectors say which labels
    hold and are judged elsewhere. `stores` are the records this unit alone puts into the store.
    """

    judges: tuple[type[object], ...]
    forward: tuple[type[object], ...] = ()
    first: type[msgspec.Struct]
    reads: tuple[type[msgspec.Struct], ...]
    stores: tuple[type[msgspec.Struct], ...] = ()
    patience_us: int = 0


ROLES: dict[str, Role] = {
    ACCOUNTS: Role(judges=(Rule, Scorer, Joiner), first=Transfer, reads=(Listing, Label)),
    STORIES: Role(judges=(Finder,), forward=(Joiner,), first=Transfer, reads=(Listing, Label), stores=(Transfer,)),
    ADVERTS: Role(judges=(TextFlag, ListingRule), first=Listing, reads=(Label,), stores=(Listing,)),
    CUSTOMERS: Role(
        judges=(Rule, Scorer, Finder, CustomerRule),
        forward=(Joiner,),
        first=AccountEvent,
        reads=(Customer, Listing, Label),
        stores=(AccountEvent, Customer),
        patience_us=MINUTE_US,
    ),
}


def role_of(unit: str) -> Role:
    """`accounts/eip155:1` -> that of accounts. Raises Broken for a unit of another build."""
    role = ROLES.get(unit.partition("/")[0])
    if role is None:
        raise Broken(f"no unit is called {unit!r}: legs.v1 was written by another version of manumit")
    return role


def shard_of(account: str, shards: int) -> int:
    """Of a CAIP-10 account id."""
    return crc32(account.encode()) % shards


def home_of(unit: str, shards: int) -> int:
    """The partition of a unit that has one owner."""
    return crc32(unit.encode()) % shards


def detectors_of(unit: str, detectors: tuple[Detector, ...]) -> tuple[Detector, ...]:
    """Those the unit runs, also those it runs for their labels only."""
    role = role_of(unit)
    return tuple(one for one in detectors if isinstance(one, (*role.judges, *role.forward)))


def keeper(unit: str, detectors: tuple[Detector, ...], partition: int, shards: int) -> Callable[[Signal], bool]:
    """Whether a signal is this unit's to give: what it sees of another shard's accounts is not all there is."""
    role = role_of(unit)
    judged = {one.about.id for one in detectors if isinstance(one, role.judges)}
    if unit.partition("/")[0] != ACCOUNTS:
        return lambda signal: signal.detector in judged
    return lambda signal: signal.detector in judged and shard_of(signal.subject, shards) == partition
