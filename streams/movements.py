"""Account events as transfers the engine can read: a deposit moves money to the customer, a withdrawal from them.

The customer is the account `customer:EXCHANGE:ID`; the other side is `~` and whatever the exchange calls
it, which is never a subject of its own. Some events are written into another book too (`detectors.books`).
What a record tells of the other side goes along as label bits: the labels of the address it names, and traits.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from hashlib import blake2b

import numpy as np

from manumit.detectors.books import CUSTOMER, KIOSK, PLACE, TRADE
from manumit.detectors.geohash import is_geohash
from manumit.detectors.labelled import BUSINESSES
from manumit.detectors.parties import OUTSIDE
from manumit.schemas.account_event import AccountEvent
from manumit.schemas.addresses import BITCOIN, DASH, DOGECOIN, ETHEREUM, LITECOIN, TRON
from manumit.schemas.block import TransferBlock
from manumit.schemas.customer import Customer
from manumit.schemas.label import label_bit
from manumit.schemas.subject import quoted, short, unquoted
from manumit.schemas.transfer import Transfer
from manumit.streams.homes import Home, Homes
from manumit.streams.label_book import LabelBook

SENDER_BITS = 32
MAX_ADDRESS = 62

INTO = ("deposit", "fiat-in")
OUT_OF = ("withdrawal", "fiat-out", "card")
PREPAID = ("prepaid", "gift-card", "voucher")
PRIVACY_COINS = ("XMR", "ZEC", "DASH")  # source: catalogue entry tx-privacy-coin-conversion
CHEAP_COINS = ("TRX", "BNB", "SOL")  # source: catalogue entry tx-chain-hop-low-fee-exit
CHEAP_CHAINS = ("tron:", "eip155:56:", "solana:")

KIOSK_CHAINS = (BITCOIN, LITECOIN, DOGECOIN, DASH, ETHEREUM, TRON)
ACCOUNTS = (CUSTOMER, TRADE, PLACE)
CLASSIFIEDS = label_bit("classifieds")
BUSINESS_BITS = sum(map(label_bit, BUSINESSES))

Told = tuple[Transfer, int]
"""A row and the label bits that go along, as in `TransferBlock.known`."""


def moves(event: AccountEvent) -> bool:
    """True when money was moved: a refused or abandoned attempt moves none, a refund has its own event."""
    return event.kind in (*INTO, *OUT_OF) and event.outcome in ("", "done")


def trades(event: AccountEvent) -> bool:
    return event.kind == "trade" and bool(event.asset) and event.outcome in ("", "done")


class Movements:
    """The rows of account events, which must come in event-time order. Remembers where each customer is."""

    def __init__(self, labels: LabelBook) -> None:
        self.homes = Homes()
        self._labels = labels

    def block(self, events: Sequence[AccountEvent], customers: Sequence[Customer]) -> TransferBlock | None:
        """All rows of a bundle; None when no money moved."""
        both: list[Customer | AccountEvent] = [*customers, *events]
        records = sorted(both, key=lambda record: record.at_us)
        return told_block([row for record in records for row in self._rows(record)])

    def _rows(self, record: Customer | AccountEvent) -> Iterator[Told]:
        if isinstance(record, AccountEvent):
            home = self.homes.of(record)
            named = self._labels.bits(record.counterparty, record.at_us) if ":" in record.counterparty else 0
            for row in written(record):
                if not row.chain.startswith(KIOSK):
                    yield row, self._bits(record, home, named, row)
                elif not named & BUSINESS_BITS:  # a merchant's address is many customers' business
                    yield row, named
        self.homes.learn(record)

    def _bits(self, event: AccountEvent, home: Home, named: int, row: Transfer) -> int:
        other = named | self._traits(event, home, named)
        own = self._labels.place_bits(home.place, event.at_us) if home.place else 0
        into = row.sender.startswith(OUTSIDE)
        return other << SENDER_BITS | own if into else own << SENDER_BITS | other

    def _traits(self, event: AccountEvent, home: Home, labels: int) -> int:
        country = event.country or self._labels.country(event.counterparty, event.at_us)
        holds = {
            "prepaid": event.channel in PREPAID,
            "privacy-coin": event.asset.upper() in PRIVACY_COINS,
            "cheap-coin": event.asset.upper() in CHEAP_COINS or event.counterparty.startswith(CHEAP_CHAINS),
            "classifieds-abroad": bool(labels & CLASSIFIEDS and country and home.country and country != home.country),
        }
        return sum(label_bit(trait) for trait, held in holds.items() if held)


def written(event: AccountEvent) -> Iterator[Transfer]:
    """Every row of one event, in the books it belongs in."""
    if moves(event):
        yield movement(event)
        if event.kind in INTO and event.place:
            yield _row(event, f"{PLACE}:{quoted(event.exchange)}", OUTSIDE + short(event.place), _customer(event))
        chain, _, address = event.counterparty.rpartition(":")
        if event.channel == KIOSK and event.kind in OUT_OF and chain in KIOSK_CHAINS and len(address) <= MAX_ADDRESS:
            yield _row(event, f"{KIOSK}:{chain}", kiosk_name(event), address, event.event_id)
    elif trades(event):
        coin, customer = OUTSIDE + short(event.asset), _customer(event)
        ends = (coin, customer) if event.direction == "sell" else (customer, coin)
        yield _row(event, f"{TRADE}:{quoted(event.exchange)}", *ends)


def movement(event: AccountEvent) -> Transfer:
    """`block_hash` is empty and `tx_hash` the event's own id.

    Names are percent-encoded where they hold a colon or a tilde, for those part an account id.
    """
    outside = OUTSIDE + short(event.counterparty or event.channel or "unknown")
    ends = (outside, _customer(event)) if event.kind in INTO else (_customer(event), outside)
    return _row(event, f"{CUSTOMER}:{quoted(event.exchange)}", *ends)


def _row(event: AccountEvent, chain: str, sender: str, receiver: str, name: str = "") -> Transfer:
    return Transfer(
        chain=chain,
        block_height=0,
        block_hash="",
        tx_hash=name or event.account_event_id,
        position=0,
        at_us=event.at_us,
        seen_us=event.at_us,
        sender=sender,
        receiver=receiver,
        asset="USD",
        amount=0,
        decimals=0,
        amount_usd=event.amount_usd,
    )


def kiosk_name(event: AccountEvent) -> str:
    """`~PLACE~o~CUSTOMER`: a geohash or nothing, `o` for an address the customer called their own, and a digest."""
    place = event.place if is_geohash(event.place) else ""
    owner = "o" if event.counterparty_kind == "own" else ""
    who = blake2b(f"{event.exchange}:{event.customer_id}".encode(), digest_size=16).hexdigest()
    return f"{OUTSIDE}{place}{OUTSIDE}{owner}{OUTSIDE}{who}"


def _customer(event: AccountEvent) -> str:
    return short(event.customer_id)


def told_block(rows: Sequence[Told]) -> TransferBlock | None:
    """Rows as a block; None when there are none."""
    if not rows:
        return None
    bits = np.array([known for _, known in rows], np.int64)
    return replace(TransferBlock.of([row for row, _ in rows]), known=bits)


def outside(account: str) -> str:
    """The address that the other side of a movement stands for, as lists spell it; any other account as it is."""
    _, here, name = account.partition(f":{OUTSIDE}")
    return unquoted(name) if here else account


def event_id(transfer: Transfer) -> str:
    """The id an alert names: the account event's for a movement, the transfer's own otherwise."""
    scheme, _, exchange = transfer.chain.partition(":")
    if scheme == KIOSK:
        return transfer.tx_hash
    return f"account:{unquoted(exchange)}:{transfer.tx_hash}" if scheme in ACCOUNTS else transfer.event_id
