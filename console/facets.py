"""What there is to filter by, with counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from manumit.connectors.contract import Store
from manumit.console import forms
from manumit.console.alerts import COLUMN_FILTERS, HUMAN

GROUPS = """SELECT detector, severity, state, typology, count() AS alerts
FROM alerts FINAL GROUP BY detector, severity, state, typology"""
DECIDED = f"SELECT human, count() AS alerts FROM ({HUMAN}) GROUP BY human"  # noqa: S608 - constants


def facets(store: Store) -> forms.Facets:
    """Counts of the newest revisions; an alert nobody has touched is `new`."""
    groups = store.query(GROUPS)
    total = sum(int(group["alerts"]) for group in groups)
    counts: dict[str, Counter[str]] = {name: Counter() for name in COLUMN_FILTERS}
    for group in groups:
        for name in COLUMN_FILTERS:
            counts[name][group[name]] += int(group["alerts"])
    human = Counter({row["human"]: int(row["alerts"]) for row in store.query(DECIDED)})
    human["new"] += max(0, total - human.total())
    return forms.Facets(total=total, human=_ranked(human), **{name: _ranked(counts[name]) for name in COLUMN_FILTERS})


def _ranked(counts: Mapping[str, int]) -> tuple[forms.Facet, ...]:
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return tuple(forms.Facet(value=value, alerts=alerts) for value, alerts in ordered if alerts)
