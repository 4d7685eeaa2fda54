"""Many batches into one table, all or none: a process that is killed half-way leaves nothing that is seen.

The rows go to a table beside the real one first. ClickHouse then takes over all its parts in one step (`attach
partition from`; our tables have one partition). A table that a killed process left is dropped by a later load.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import uuid4

import msgspec

from manumit.connectors.contract import Store
from manumit.connectors.store.statements import checked_name

LEFT_BEHIND = """
    select name from system.tables
    where database = currentDatabase() and startsWith(name, {prefix:String})
      and metadata_modification_time < now() - interval 1 day
"""


def write_whole(store: Store, table: str, batches: Iterable[Sequence[msgspec.Struct]]) -> None:
    """Raises as `Store.write`, ConfigError for a bad name; then `table` is as it was."""
    prefix = f"{checked_name(table, what='table')}_loading_"
    for left in store.query(LEFT_BEHIND, {"prefix": prefix}):
        _drop(store, left["name"])
    beside = f"{prefix}{uuid4().hex}"
    store.query(f"create table `{beside}` as `{table}`")
    try:
        for rows in batches:
            store.write(beside, rows)
        store.query(f"alter table `{table}` attach partition tuple() from `{beside}`")
    finally:
        _drop(store, beside)


def _drop(store: Store, name: str) -> None:
    store.query(f"drop table if exists `{checked_name(name, what='table')}`")
