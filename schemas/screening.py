"""The answer to `who is this address dealing with`: shares by label category, the paths behind them, and a score."""

from __future__ import annotations

from typing import Literal

import msgspec

Status = Literal["known", "label-only", "unknown", "unreadable"]
Band = Literal["none", "low", "medium", "high", "severe", "unknown"]
Direction = Literal["sources", "destinations"]


class LabelRef(msgspec.Struct, frozen=True, kw_only=True):
    """What a source says of an address. `listed_us` is 0 where the source gives no date."""

    category: str
    name: str
    source: str
    source_url: str
    listed_us: int
    confidence: float
    valid_from_us: int
    valid_to_us: int


class HopAmount(msgspec.Struct, frozen=True, kw_only=True):
    """`hops` transfers away, 1 is direct."""

    hops: int
    usd: float
    share: float


class CategoryExposure(msgspec.Struct, frozen=True, kw_only=True):
    """One category one way. Shares are of all the address received (sources) or sent (destinations) in USD.

    `points` is what it alone would make the score: `weight` times the larger of the decayed share and the decayed
    amount against the full amount.
    """

    category: str
    direct_usd: float
    direct_share: float
    indirect_usd: float
    indirect_share: float
    by_hops: tuple[HopAmount, ...]
    weight: float
    points: float


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One transfer of a path. `usd` is its whole value."""

    event_id: str
    at_us: int
    sender: str
    receiver: str
    usd: float


class Path(msgspec.Struct, frozen=True, kw_only=True):
    """`usd` came, or went, all the way along `steps`, which stand in the order of time.

    `labels` are those of the labelled end as of the transfer that touched it.
    """

    direction: Direction
    category: str
    usd: float
    share: float
    hops: int
    labelled: str
    labels: tuple[LabelRef, ...]
    steps: tuple[Step, ...]


class Basis(msgspec.Struct, frozen=True, kw_only=True):
    """What an answer rests on: enough to give it again.

    `as_of_us` is the time of the newest transfer that was known, 0 when there was none; `labels_digest` tells label
    sets apart; `method`, `terms` and `score_formula` name the rule and its version.
    """

    as_of_us: int
    transfers: int
    labels: int
    labels_digest: str
    label_mode: str
    method: str
    score_formula: str
    terms: dict[str, float]


class Screening(msgspec.Struct, frozen=True, kw_only=True):
    """The answer about one account. `asked` is what was asked for, `account` the CAIP-10 id it was read as.

    `score` is null for an address nothing is known of: that is no clean address. `truncated`: a walk met its limit;
    sources and direct destinations are whole nevertheless, paths and indirect destinations rest on what was walked.
    Transfers of unknown worth are counted in `unvalued_in` and `unvalued_out` and weigh nothing.
    """

    asked: str
    account: str
    status: Status
    score: float | None
    band: Band
    reasons: tuple[str, ...]
    labels: tuple[LabelRef, ...] = ()
    received_usd: float = 0.0
    sent_usd: float = 0.0
    unvalued_in: int = 0
    unvalued_out: int = 0
    first_us: int = 0
    last_us: int = 0
    sources: tuple[CategoryExposure, ...] = ()
    destinations: tuple[CategoryExposure, ...] = ()
    paths: tuple[Path, ...] = ()
    truncated: bool = False
    basis: Basis
