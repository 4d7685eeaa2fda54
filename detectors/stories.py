"""Terse builders for the cases beside the detectors. Every party and identifier is invented.

A tag names an event of a story (`p3`); a `#` in a tag or a party is replaced by the running number,
which starts at 1. Times are microseconds after START_US.
"""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from typing import Literal

from manumit.detectors.contract import Case, Event
from manumit.schemas.account_event import AccountEvent, AccountEventKind
from manumit.schemas.customer import Customer
from manumit.schemas.fields import YEAR_1970_US, YEAR_2200_US
from manumit.schemas.label import TOKENS, Label, LabelCategory
from manumit.schemas.listing import Listing, ListingKind
from manumit.schemas.transfer import Transfer

CHAIN = "eip155:1"
EXCHANGE = "made-up-exchange"
START_US = 1_767_225_600_000_000  # 2026-01-01T00:00:00Z
MICROSECOND = 1
MINUTE = 60_000_000
HOUR = 60 * MINUTE
DAY = 24 * HOUR
MICRO = 1e-6  # one micro-USD, the engine's smallest amount

Part = Event | tuple[Event, ...]


def address(name: str) -> str:
    """A made-up EVM address; names that look like addresses already stay as they are."""
    return name if name.startswith("0x") else "0x" + sha256(name.encode()).hexdigest()[:40]


def account(name: str) -> str:
    """A made-up CAIP-10 id; a place or a person's token stays one."""
    return name if name.startswith(("place:", *TOKENS)) else f"{CHAIN}:{address(name)}"


def pay(tag: str, sender: str, receiver: str, usd: float | None, *, at: int) -> Transfer:
    """One transfer of a six-decimal coin; `usd` None is a transfer whose worth is unknown."""
    digest = sha256(tag.encode()).hexdigest()
    return Transfer(
        chain=CHAIN,
        block_height=max(0, at) // (12 * 1_000_000),
        block_hash="0x" + digest[::-1],
        tx_hash="0x" + digest,
        position=0,
        at_us=START_US + at,
        seen_us=START_US + at,
        sender=address(sender),
        receiver=address(receiver),
        asset="0x" + "c0" * 20,
        amount=1 if usd is None else round(usd * 1_000_000),
        decimals=6,
        amount_usd=usd,
    )


def pays(
    tag: str, count: int, sender: str, receiver: str, usd: float | None, *, at: int = 0, every: int = HOUR
) -> tuple[Transfer, ...]:
    """`count` transfers, the first at `at`, then one each `every`."""
    return tuple(
        pay(
            tag.replace("#", str(i)),
            sender.replace("#", str(i)),
            receiver.replace("#", str(i)),
            usd,
            at=at + (i - 1) * every,
        )
        for i in range(1, count + 1)
    )


def advert(
    tag: str,
    kind: ListingKind,
    text: str,
    *,
    title: str = "",
    at: int = 0,
    wallets: tuple[str, ...] = (),
    payments: tuple[str, ...] = (),
    language: str = "",
    contact: str = "",
    place: str = "",
    poster: str = "",
) -> Listing:
    """One advert as the edge leaves it: contacts are tokens, wallets CAIP-10 accounts.

    `contact` names who is to be contacted, several parted by blanks; unnamed, everybody has a contact of his own.
    """
    return Listing(
        source="made-up-board",
        listing_id=tag,
        kind=kind,
        at_us=START_US + at,
        seen_us=START_US + at,
        title=title,
        text=text,
        language=language,
        place=place,
        poster=poster,
        contacts=tuple("contact:" + sha256(name.encode()).hexdigest()[:16] for name in (contact or tag).split()),
        wallets=wallets,
        payments=payments,
    )


def booked(
    tag: str,
    kind: AccountEventKind,
    usd: float | None = None,
    *,
    at: int,
    channel: str = "bank",
    counterparty: str = "",
    place: str = "",
    asset: str = "",
    direction: Literal["", "buy", "sell"] = "",
    country: str = "",
    customer: str = "customer",
    own: bool = False,
) -> AccountEvent:
    """One event on a customer's account at an invented exchange."""
    return AccountEvent(
        exchange=EXCHANGE,
        account_event_id=tag,
        customer_id=customer,
        at_us=START_US + at,
        kind=kind,
        channel=channel,
        counterparty=counterparty,
        amount_usd=usd,
        place=place,
        asset=asset,
        direction=direction,
        country=country,
        counterparty_kind="own" if own else "",
    )


def snapshot(customer: str = "customer", *, residence: str = "", at: int = 0) -> Customer:
    """What the exchange says of a customer."""
    return Customer(exchange=EXCHANGE, customer_id=customer, at_us=START_US + at, residence=residence)


def label(name: str, category: LabelCategory, *, start: int | None = None, stop: int | None = None) -> Label:
    """A label of an invented list; without `start` and `stop` it always held and always will."""
    return Label(
        subject=account(name),
        category=category,
        name=name,
        source="made-up-list",
        valid_from_us=YEAR_1970_US if start is None else START_US + start,
        valid_to_us=YEAR_2200_US if stop is None else START_US + stop,
    )


def fires(name: str, *parts: Part, on: str, labels: tuple[Label, ...] = ()) -> Case:
    """`on` names the events that must signal, separated by blanks; a label begins as `named:` and its subject."""
    return _case("fires", name, parts, on, labels)


def near_miss(name: str, *parts: Part, labels: tuple[Label, ...] = ()) -> Case:
    return _case("near-miss", name, parts, "", labels)


def innocent(name: str, *parts: Part, labels: tuple[Label, ...] = ()) -> Case:
    return _case("innocent", name, parts, "", labels)


def edge(name: str, *parts: Part, on: str = "", labels: tuple[Label, ...] = ()) -> Case:
    return _case("edge", name, parts, on, labels)


def _case(
    kind: Literal["fires", "near-miss", "innocent", "edge"],
    name: str,
    parts: tuple[Part, ...],
    on: str,
    labels: tuple[Label, ...],
) -> Case:
    """Raises ValueError when `on` names an event that the story does not have."""
    events: list[Event] = []
    for part in parts:
        events.extend(part if isinstance(part, tuple) else (part,))
    events.sort(key=lambda event: event.at_us)
    ids = {_tag(event): event.event_id for event in events}
    ids |= {name: event.event_id for name, event in _snapshots(events)}
    ids |= {f"named:{label.subject}": label.event_id for label in labels}
    missing = [tag for tag in on.split() if _hashed(tag) not in ids and tag not in ids]
    if missing:
        raise ValueError(f"case {name!r} has no event {missing}")
    signalled = frozenset(ids[tag] if tag in ids else ids[_hashed(tag)] for tag in on.split())
    return Case(name=name, kind=kind, events=tuple(events), fires=signalled, labels=labels)


def _snapshots(events: list[Event]) -> Iterator[tuple[str, Customer]]:
    """`c@2` is the second snapshot of customer c; `c` alone its latest."""
    seen: dict[str, int] = {}
    for event in events:
        if isinstance(event, Customer):
            seen[event.customer_id] = seen.get(event.customer_id, 0) + 1
            yield f"{event.customer_id}@{seen[event.customer_id]}", event


def _hashed(tag: str) -> str:
    return "0x" + sha256(tag.encode()).hexdigest()


def _tag(event: Event) -> str:
    if isinstance(event, Transfer):
        return event.tx_hash
    if isinstance(event, AccountEvent):
        return event.account_event_id
    return event.listing_id if isinstance(event, Listing) else event.customer_id
