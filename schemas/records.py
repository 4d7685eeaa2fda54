"""Every record there is: its topic name with version, and the table it is stored in."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import msgspec

from manumit.schemas.account_event import AccountEvent
from manumit.schemas.alert import Alert
from manumit.schemas.child_referral import ChildReferral
from manumit.schemas.customer import Customer
from manumit.schemas.dead_letter import DeadLetter
from manumit.schemas.label import Label
from manumit.schemas.listing import Listing
from manumit.schemas.signal import Signal
from manumit.schemas.transfer import Transfer
from manumit.schemas.triage import AccessRecord, Suppression, TriageAction
from manumit.schemas.utxo import ClusterLink, UtxoTransaction

RECORDS: Mapping[str, type[msgspec.Struct]] = MappingProxyType(
    {
        "transfer.v1": Transfer,
        "listing.v1": Listing,
        "customer.v1": Customer,
        "account-event.v1": AccountEvent,
        "label.v1": Label,
        "signal.v1": Signal,
        "alert.v1": Alert,
        "dead-letter.v1": DeadLetter,
        "triage-action.v1": TriageAction,
        "suppression.v1": Suppression,
        "access-record.v1": AccessRecord,
        "utxo-transaction.v1": UtxoTransaction,
        "cluster-link.v1": ClusterLink,
        "child-referral.v1": ChildReferral,
    }
)

TABLES: Mapping[str, type[msgspec.Struct]] = MappingProxyType(
    {
        "transfers": Transfer,
        "listings": Listing,
        "customers": Customer,
        "account_events": AccountEvent,
        "labels": Label,
        "signals": Signal,
        "alerts": Alert,
        "dead_letters": DeadLetter,
        "triage_actions": TriageAction,
        "suppressions": Suppression,
        "access_records": AccessRecord,
        "utxo_transactions": UtxoTransaction,
        "cluster_links": ClusterLink,
        "child_referrals": ChildReferral,
    }
)


def name_of(struct: type[msgspec.Struct]) -> str:
    """`Transfer` -> `transfer.v1`. Raises KeyError for a struct that is no record."""
    return {record: name for name, record in RECORDS.items()}[struct]


def table_of(struct: type[msgspec.Struct]) -> str:
    """`Transfer` -> `transfers`. Raises KeyError for a struct that is no record."""
    return {record: table for table, record in TABLES.items()}[struct]
