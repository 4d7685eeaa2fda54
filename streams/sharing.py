"""One history on several cores: every process reads all of it and judges by its share of the detectors.

What a detector says does not depend on the others, except among adverts, whose signs add up, and among customers, who
share an engine: those stay together. Joiners label the wallets they watch, which any alert may name: every share has
them. So the shares' alerts together are the alerts of one process.
"""

from __future__ import annotations

import signal
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, wait
from dataclasses import dataclass
from multiprocessing import get_context
from threading import Event

import msgspec

from manumit.detectors.contract import CustomerRule, Detector, Finder, Joiner, Rule, Scorer
from manumit.schemas.alert import Alert
from manumit.schemas.dead_letter import DeadLetter
from manumit.schemas.settings import Settings
from manumit.streams.assembly import assemble, chosen_detectors, runner
from manumit.streams.digest import AlertDigest
from manumit.streams.known import Known
from manumit.streams.replay import ReplayStore
from manumit.streams.runner import Totals

FINDER_WEIGHT = 12  # a finder costs about as much as twelve features
LOOK_EVERY_S = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """What one process found."""

    totals: Totals
    signals: Mapping[str, int]
    alerts: Sequence[Alert]
    letters: Sequence[DeadLetter]
    muted: Mapping[str, int]
    hidden: frozenset[str]


def shares(chosen: Sequence[Detector], count: int) -> list[list[str]]:
    """Ids of the detectors for each of at most `count` processes: heavy groups first, each to the lightest share."""
    groups: dict[str, list[Detector]] = {}
    everywhere = [one.about.id for one in chosen if isinstance(one, Joiner)]
    for one in chosen:
        if not isinstance(one, Joiner):
            groups.setdefault(_group(one), []).append(one)
    weighed = sorted(((sum(map(_weight, group)), name) for name, group in groups.items()), reverse=True)
    loads, found = [0] * count, [list[str]() for _ in range(count)]
    for weight, name in weighed:
        lightest = loads.index(min(loads))
        loads[lightest] += weight
        found[lightest] += [one.about.id for one in groups[name]]
    return [ids + everywhere for ids in found if ids] or [everywhere]


def _group(one: Detector) -> str:
    if isinstance(one, CustomerRule):
        return "customers"
    return one.about.id if isinstance(one, Rule | Finder | Scorer) else "adverts"


def _weight(one: Detector) -> int:
    values = one.about.values()
    if isinstance(one, Finder):
        return FINDER_WEIGHT
    return len(one.features(values)) * len(one.sides) if isinstance(one, Rule | Scorer) else 1


def replay_on(
    cores: int, settings: Settings, known: Known, *, store: ReplayStore, stop: Event
) -> tuple[Totals, Mapping[str, int]]:
    """A replay in several processes, their alerts brought together in `store`. Returns totals, and what each
    suppression muted."""
    chosen = chosen_detectors(settings)
    everyone = {one.about.id for one in chosen}
    pool = ProcessPoolExecutor(cores, mp_context=get_context("spawn"), initializer=_leave_interrupts_to_the_parent)
    with pool:
        asked = [
            pool.submit(
                _judged,
                msgspec.structs.replace(settings, disabled=(*settings.disabled, *sorted(everyone - set(ids)))),
                known,
            )
            for ids in shares(chosen, cores)
        ]
        _await(asked, pool, stop)
        return (Totals(), {}) if stop.is_set() else _together([one.result() for one in asked], store)


def _leave_interrupts_to_the_parent() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _judged(settings: Settings, known: Known) -> Share:
    store = ReplayStore()
    parts = assemble(settings, store=store, known=known)
    totals = runner(parts, progress=lambda totals, positions: None, resumable=False, keep_events=False).run(Event())
    return Share(
        totals=totals,
        signals=dict(store.signals),
        alerts=list(store.alerts.values()),
        letters=list(store.dead_letters.values()),
        muted=dict(parts.pipeline.suppressions.muted),
        hidden=store.hidden,
    )


def _await(asked: Sequence[Future[Share]], pool: ProcessPoolExecutor, stop: Event) -> None:
    """Until all are done, one fails or `stop` is set: then the processes end at once, for they keep nothing."""
    while not stop.is_set():
        done, waiting = wait(asked, timeout=LOOK_EVERY_S)
        if not waiting or any(one.exception() for one in done):
            break
    if stop.is_set() or any(not one.done() for one in asked):
        for process in list(pool._processes.values()):
            process.terminate()


def _together(found: Sequence[Share], store: ReplayStore) -> tuple[Totals, Mapping[str, int]]:
    """Every share has read the same events and refused the same records."""
    first, digest, muted = found[0].totals, AlertDigest(), dict[str, int]()
    for share in found:
        digest.take(share.alerts)
        store.write("alerts", share.alerts)
        store.write("dead_letters", share.letters)
        store.hide(share.hidden)
        for name, count in share.muted.items():
            muted[name] = muted.get(name, 0) + count
    totals = Totals(
        events=first.events,
        signals=sum({name: count for share in found for name, count in share.signals.items()}.values()),
        alerts=len(digest),
        dead_letters=first.dead_letters,
        watermark_us=first.watermark_us,
        late=first.late,
        digest=digest,
    )
    return totals, muted
