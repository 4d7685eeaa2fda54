"""From settings to a worker's parts: what one member of the group screens with."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from manumit.connectors.contract import Store
from manumit.connectors.kafka.reading import committed, messages
from manumit.connectors.kafka.topics import require_topics
from manumit.connectors.rates import read_rates
from manumit.schemas.settings import Settings
from manumit.streams.assembly import all_labels, pipeline, sometimes
from manumit.streams.known import suppressions_in
from manumit.streams.pipeline import Pipeline
from manumit.streams.screening import Bench, Screening


def screening(
    settings: Settings,
    store: Store,
    *,
    servers: str,
    group: str,
    topic: str,
    clock: Callable[[], int],
    rebuilding: Callable[[int, int, int], None] = lambda partition, offset, stop: None,
) -> Screening:
    """What screens one topic of transfers into `store`; tables are made, unusable labels are dead letters.

    Raises ConfigError, EdgeDown.
    """
    require_topics(servers, [topic])
    labels, unusable = all_labels(settings.labels)
    pipeline(settings)  # a rule pack that cannot be built must not wait for the first message
    store.migrate()
    store.write("dead_letters", unusable)

    def fresh() -> Pipeline:
        made = pipeline(settings)
        made.learn_labels(labels)
        return made

    return Screening(
        Bench(
            store=store,
            pipeline=fresh,
            log=partial(messages, servers, topic),
            acknowledged=committed(servers, group, topic),
            rates=read_rates(settings.rates),
            clock=clock,
            suppressions=sometimes(lambda: suppressions_in(store)),
            rebuilding=rebuilding,
        )
    )
