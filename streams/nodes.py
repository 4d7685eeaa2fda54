"""Chain sources named in the settings."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from manumit.connectors.chains.backfill import Backfill
from manumit.connectors.chains.follower import Follower
from manumit.connectors.chains.sources import ChainDesk
from manumit.connectors.rates import Rates
from manumit.schemas.errors import ConfigError
from manumit.schemas.settings import NodeSettings, Settings


def followers(settings: Settings, rates: Rates, clock: Callable[[], int]) -> tuple[Follower, ...]:
    """A live source for each node of the settings."""
    return tuple(follower(settings, node, rates, clock) for node in settings.nodes)


def follower(settings: Settings, node: NodeSettings, rates: Rates, clock: Callable[[], int]) -> Follower:
    """A live source for one of them. Raises ConfigError for settings its chain cannot do with."""
    return ChainDesk(assets=rates, state_dir=Path(settings.state_dir), clock=clock).follower(node)


def backfill(settings: Settings, rates: Rates, spec: str) -> Backfill:
    """`NAME:FIRST-LAST` of a node in the settings. Raises ConfigError for another form or an unknown node."""
    name, _, span = spec.partition(":")
    first, dash, last = span.partition("-")
    if not (dash and first.isdigit() and last.isdigit()):
        raise ConfigError(f"backfill {spec!r}: want NODE:FIRST-LAST, for example main:19000000-19000100")
    return ChainDesk(assets=rates, state_dir=Path(settings.state_dir)).backfill(
        _named(settings, name), int(first), int(last)
    )


def _named(settings: Settings, name: str) -> NodeSettings:
    for node in settings.nodes:
        if node.name == name:
            return node
    raise ConfigError(f"the settings name no node {name!r}; they name {[node.name for node in settings.nodes]}")
