"""The world of a seed and a scale: `scale` is about how many thousand transfers, over twelve weeks of 2025.

The same seed and scale give the same files, byte for byte, under the same numpy and pyarrow releases.
"""

from __future__ import annotations

from manumit.connectors.world.adverts import ordinary
from manumit.connectors.world.customers import enrol
from manumit.connectors.world.draft import Draft, new_draft, swept
from manumit.connectors.world.innocents import services as innocents
from manumit.connectors.world.innocents.town import town
from manumit.connectors.world.plants import (
    accounts,
    compound,
    debt,
    escort,
    layering,
    middlemen,
    recruitment,
    services,
    smuggling,
    subscription,
    wages,
    watchlist,
)
from manumit.connectors.world.table import case_events, mine, transfer_table
from manumit.connectors.world.world import World
from manumit.schemas.errors import ConfigError

TOWN_TRANSFERS = 925  # measured, with the town's share of the services
ROUND_TRANSFERS = 550  # measured: one case of each typology with the supply of its payers
ADVERTS_PER_THOUSAND = 20


def generate(seed: int, scale: int) -> World:
    """Innocents and planted cases with their truth. Raises ConfigError for a negative seed or a scale below 1."""
    _check(seed, scale)
    rounds = rounds_at(scale)
    draft = _innocents(seed, scale, max(1, round((1000 * scale - ROUND_TRANSFERS * rounds) / TOWN_TRANSFERS)))
    mixer = int(innocents.mixers(draft)[0])
    for index in range(rounds):
        _plant(draft, index, mixer)
    return _finish(draft, scale)


def quiet(seed: int, scale: int) -> World:
    """Innocents only, to calibrate on. Raises ConfigError as `generate` does."""
    _check(seed, scale)
    return _finish(_innocents(seed, scale, max(1, round(1000 * scale / TOWN_TRANSFERS))), scale)


def rounds_at(scale: int) -> int:
    """Planted cases of each typology: 3 at scale 10, then slower than the world grows."""
    return max(1, round(3 * (scale / 10) ** 0.75)) if scale >= 10 else max(1, scale * 3 // 10)


def _check(seed: int, scale: int) -> None:
    if seed < 0:
        raise ConfigError(f"seed {seed} is negative; take 0 or more")
    if scale < 1:
        raise ConfigError(f"scale {scale} is below 1; scale 1 is about a thousand transfers")


def _innocents(seed: int, scale: int, towns: int) -> Draft:
    draft = new_draft(seed)
    innocents.services(draft, [town(draft, number) for number in range(towns)])
    ordinary(draft, scale * ADVERTS_PER_THOUSAND)
    return draft


def _plant(draft: Draft, index: int, mixer: int) -> None:
    recruitment.plant(draft, draft.dice("recruitment", index), index)
    escort.plant(draft, draft.dice("escort", index), index)
    compound.plant(draft, draft.dice("compound", index), index, mixer)
    smuggling.plant(draft, draft.dice("smuggling", index), index)
    debt.plant(draft, draft.dice("debt", index), index)
    subscription.plant(draft, draft.dice("subscription", index), index, mixer)
    watchlist.plant(draft, draft.dice("watchlist", index), index)
    layering.plant(draft, draft.dice("layering", index), index)
    wages.plant(draft, draft.dice("wages", index), index)
    middlemen.plant(draft, draft.dice("middlemen", index), index)
    services.plant(draft, draft.dice("services", index), index)
    accounts.plant(draft, draft.dice("accounts", index), index)


def _finish(draft: Draft, scale: int) -> World:
    payments = swept(draft, draft.ledger.payments())
    enrol(draft, payments)
    mined = mine(payments)
    table = transfer_table(draft.seed, draft.accounts, mined)
    events = case_events(table, mined, len(draft.cases))
    return World(
        seed=draft.seed,
        scale=scale,
        transfers=table,
        listings=tuple(sorted(draft.listings, key=lambda x: (x.at_us, x.event_id))),
        customers=tuple(sorted(draft.customers, key=lambda x: (x.at_us, x.customer_id))),
        account_events=tuple(sorted(draft.account_events, key=lambda x: (x.at_us, x.account_event_id))),
        labels=tuple(sorted(draft.labels, key=lambda x: x.subject)),
        truth=tuple(case.done(events[case.number]) for case in draft.cases),
        twins=tuple(draft.twins),
    )
