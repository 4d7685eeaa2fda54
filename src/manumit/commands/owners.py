"""The command that says which addresses share an owner."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import msgspec
import typer

from manumit.commands.terminal import Config, Json, explained, put_json, put_table, settings_of
from manumit.connectors.store.opening import open_store
from manumit.streams.ownership import ownership


def owner(
    account: Annotated[
        str, typer.Argument(help="CHAIN:ADDRESS, for example bip122:000000000019d6689c085ae165831e93:…")
    ],
    config: Config = None,
    as_json: Json = False,
) -> None:
    """Addresses that share an owner with this one: by which heuristic, by which transaction, how sure."""
    with explained():
        store = open_store(settings_of(config).store_url)
        try:
            store.migrate()
            found = ownership(store, account)
        finally:
            store.close()
        if as_json:
            put_json(msgspec.to_builtins(asdict(found)))
            return
        about = found.cluster
        put_table(
            ("cluster", "addresses", "confidence", "whole"), [(about.name, about.size, about.confidence, found.whole)]
        )
        rows = [(link.heuristic, link.confidence, link.first, link.second, link.tx_hash) for link in found.links]
        put_table(("heuristic", "confidence", "one", "other", "transaction"), rows)
        if found.held:
            held = [(link.first, link.second, link.tx_hash) for link in found.held]
            put_table(("held: one", "other", "transaction"), held)
