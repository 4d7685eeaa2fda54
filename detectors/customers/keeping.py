"""The customer engine's whole memory as bytes, for a checkpoint, and back."""

from __future__ import annotations

import io
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from manumit.detectors.customers.engine import Engine
from manumit.detectors.customers.history import History, Stretch
from manumit.detectors.customers.kernel import Cells, Log, Pairs
from manumit.detectors.customers.plan import Plan
from manumit.detectors.customers.texts import Interner
from manumit.schemas.errors import Broken

Kept = tuple[str, tuple[str, ...], dict[str, tuple[bytes, bytes]], list[Stretch], int, bytes]


def snapshot(engine: Engine) -> bytes:
    """Everything, for a checkpoint."""
    out = io.BytesIO()
    used = int(engine.log.place[0])
    log, pairs = engine.log, engine.pairs
    arrays: dict[str, npt.NDArray[Any]] = {"values": engine.values.cells, "value_base": engine.values.base}
    arrays |= {"lasts": engine.lasts.cells, "last_base": engine.lasts.base}
    arrays |= {"log_at_us": log.at_us[:used], "log_usd": log.usd[:used], "log_keys": log.keys[:used]}
    arrays |= {"log_bits": log.bits[:used], "place": log.place}
    arrays |= {"pair_keys": pairs.keys, "pair_counts": pairs.counts, "pair_used": pairs.used}
    arrays |= {"facts": engine.facts[:, : engine.told], "latest": engine.latest}
    for name, halves in engine.halves.items():
        arrays |= {f"{name}_keys": halves.keys, f"{name}_numbers": halves.numbers, f"{name}_used": halves.used}
    np.savez(out, **arrays)  # type: ignore[arg-type]  # numpy's stub takes a flag among the arrays
    names = {name: interner.dump() for name, interner in engine.names.items()}
    kept = (engine.plan.digest, engine.subjects, names, engine.history.dump(), engine.newest_us, out.getvalue())
    return msgspec.msgpack.encode(kept)


def restored(plan: Plan, raw: bytes) -> Engine:
    """Raises Broken for a snapshot of other rules."""
    digest, subjects, names, stretches, newest_us, packed = msgspec.msgpack.decode(raw, type=Kept)
    if digest != plan.digest:
        raise Broken("the snapshot was made with other customer rules")
    engine = Engine(plan, subjects)
    with np.load(io.BytesIO(packed), allow_pickle=False) as arrays:
        engine.values = Cells(arrays["values"], arrays["value_base"], engine.values.width)
        engine.lasts = Cells(arrays["lasts"], arrays["last_base"], engine.lasts.width)
        engine.pairs = Pairs(arrays["pair_keys"], arrays["pair_counts"], arrays["pair_used"])
        columns = ("log_at_us", "log_usd", "log_keys", "log_bits", "place")
        engine.log = Log(*(arrays[name] for name in columns))
        engine.facts, engine.latest = arrays["facts"], arrays["latest"]
        engine.told = engine.facts.shape[1]
        for name, halves in engine.halves.items():
            halves.keys, halves.numbers = arrays[f"{name}_keys"], arrays[f"{name}_numbers"]
            halves.used = arrays[f"{name}_used"]
    engine.names = {name: Interner.load(*parts) for name, parts in names.items()}
    engine.history = History.load(stretches)
    engine.newest_us = newest_us
    return engine
