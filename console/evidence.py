"""From event ids back to the events: transfers, listings and account events behind an alert."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Context, Decimal
from typing import Any

from manumit.connectors.contract import Store
from manumit.console import forms
from manumit.schemas.account_event import AccountEvent
from manumit.schemas.listing import Listing
from manumit.schemas.stored import from_stored
from manumit.schemas.transfer import Transfer

MAX_EVIDENCE = 500
EXACT = Context(prec=100)  # 2^256 has 78 digits


def columns(of: type[Transfer] | type[Listing] | type[AccountEvent]) -> str:
    return ", ".join(f"`{name}`" for name in of.__struct_fields__)


TRANSFERS = f"SELECT {columns(Transfer)} FROM transfers WHERE "  # noqa: S608 - our own words only
LISTINGS = f"SELECT {columns(Listing)} FROM listings WHERE "  # noqa: S608 - our own words only
ACCOUNT_EVENTS = f"SELECT {columns(AccountEvent)} FROM account_events WHERE "  # noqa: S608 - our own words only


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The events that a list of event ids names, in time order, and the ids nothing was found for."""

    transfers: tuple[Transfer, ...]
    listings: tuple[Listing, ...]
    account_events: tuple[AccountEvent, ...]
    missing: tuple[str, ...]


def resolve(store: Store, event_ids: Sequence[str]) -> Found:
    """At most MAX_EVIDENCE ids are looked up; the others count as missing."""
    wanted = tuple(dict.fromkeys(event_ids))[:MAX_EVIDENCE]
    adverts = [i for i in wanted if i.startswith("listing:")]
    happenings = [i for i in wanted if i.startswith("account:")]
    moves = [i for i in wanted if not i.startswith(("listing:", "account:", "customer:"))]
    transfers = _transfers(store, moves)
    listings = _listings(store, adverts)
    account_events = _account_events(store, happenings)
    known = {t.event_id for t in transfers} | {a.event_id for a in listings} | {e.event_id for e in account_events}
    missing = tuple(i for i in dict.fromkeys(event_ids) if i not in known)
    return Found(transfers=transfers, listings=listings, account_events=account_events, missing=missing)


def _transfers(store: Store, event_ids: Sequence[str]) -> tuple[Transfer, ...]:
    hashes = sorted({part[2] for part in (i.rsplit(":", 3) for i in event_ids) if len(part) == 4})
    if not hashes:
        return ()
    found = transfers_where(store, "tx_hash IN {hashes:Array(String)}", {"hashes": hashes}, limit=20 * MAX_EVIDENCE)
    return tuple(t for t in found if t.event_id in set(event_ids))


def transfers_where(store: Store, condition: str, parameters: Mapping[str, Any], *, limit: int) -> tuple[Transfer, ...]:
    """Transfers for which `condition` (our own SQL) holds, newest `limit`, in time order.

    A transfer taken back by a reorg keeps its id and comes back with op -1.
    """
    rows = store.query(
        f"{TRANSFERS}{condition} ORDER BY at_us DESC, position DESC, op"
        f" LIMIT 1 BY chain, block_hash, tx_hash, position LIMIT {limit:d}",
        parameters,
    )
    return tuple(from_stored(Transfer, row) for row in reversed(rows))


def _listings(store: Store, event_ids: Sequence[str]) -> tuple[Listing, ...]:
    ids = sorted({i.split(":", 2)[2].rpartition(":")[0] for i in event_ids if i.count(":") >= 3})
    if not ids:
        return ()
    found = listings_where(store, "listing_id IN {ids:Array(String)}", {"ids": ids}, limit=MAX_EVIDENCE)
    return tuple(listing for listing in found if listing.event_id in set(event_ids))


def listings_where(store: Store, condition: str, parameters: Mapping[str, Any], *, limit: int) -> tuple[Listing, ...]:
    """Listings for which `condition` (our own SQL) holds, newest `limit`, in time order."""
    rows = store.query(
        f"{LISTINGS}{condition} ORDER BY at_us DESC, listing_id, revision"
        f" LIMIT 1 BY source, listing_id, revision LIMIT {limit:d}",
        parameters,
    )
    return tuple(from_stored(Listing, row) for row in reversed(rows))


def _account_events(store: Store, event_ids: Sequence[str]) -> tuple[AccountEvent, ...]:
    ids = sorted({i.split(":", 2)[2] for i in event_ids if i.count(":") >= 2})
    if not ids:
        return ()
    found = account_events_where(store, "account_event_id IN {ids:Array(String)}", {"ids": ids}, limit=MAX_EVIDENCE)
    return tuple(event for event in found if event.event_id in set(event_ids))


def account_events_where(
    store: Store, condition: str, parameters: Mapping[str, Any], *, limit: int
) -> tuple[AccountEvent, ...]:
    """Account events for which `condition` (our own SQL) holds, newest `limit`, in time order."""
    rows = store.query(
        f"{ACCOUNT_EVENTS}{condition} ORDER BY at_us DESC, account_event_id"
        f" LIMIT 1 BY exchange, account_event_id LIMIT {limit:d}",
        parameters,
    )
    return tuple(from_stored(AccountEvent, row) for row in reversed(rows))


def movement(transfer: Transfer, *, subject: str, evidence: Iterable[str]) -> forms.Movement:
    """`subject` is a CAIP-10 account; any other subject sees every direction as `other`."""
    sender, receiver = (f"{transfer.chain}:{side}" for side in (transfer.sender, transfer.receiver))
    sides = {sender: ("out", receiver), receiver: ("in", sender)}
    direction, counterparty = sides.get(subject, ("other", receiver))
    return forms.Movement(
        event_id=transfer.event_id,
        chain=transfer.chain,
        block_height=transfer.block_height,
        block_hash=transfer.block_hash,
        tx_hash=transfer.tx_hash,
        at_us=transfer.at_us,
        sender=transfer.sender,
        receiver=transfer.receiver,
        direction=direction,
        counterparty=counterparty,
        asset=transfer.asset,
        amount=decimal_text(transfer.amount, transfer.decimals),
        amount_usd=transfer.amount_usd,
        taken_back=transfer.op == -1,
        finality=transfer.finality,
        is_evidence=transfer.event_id in set(evidence),
    )


def decimal_text(amount: int, decimals: int) -> str:
    """Base units as exact decimal text without an exponent: (1500000, 6) -> `1.500000`."""
    return f"{Decimal(amount).scaleb(-decimals, context=EXACT):f}"


def happening(event: AccountEvent) -> forms.Happening:
    return forms.Happening(
        event_id=event.event_id,
        customer_id=event.customer_id,
        at_us=event.at_us,
        kind=event.kind,
        channel=event.channel,
        counterparty=event.counterparty,
        amount_usd=event.amount_usd,
        note=event.note,
    )
