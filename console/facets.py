"""What there is to filter by, with counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from manumit.connectors.contract import Store
from manumit.console import forms
from manumit.console.alerts import COLUMN_FILTERS, FULLY_MUTED, HUMAN
from manumit.streams.veil import GENERAL, RESTRICTED

GROUPS = f"""SELECT detector, severity, state, typology, {FULLY_MUTED} AS is_muted, count() AS alerts
FROM alerts FINAL WHERE {GENERAL} GROUP BY detector, severity, state, typology, is_muted"""  # noqa: S608 - constants
DECIDED = f"""SELECT human, count() AS alerts FROM ({HUMAN})
WHERE alert_id NOT IN (SELECT alert_id FROM alerts FINAL WHERE {RESTRICTED})
  AND ({{muted:UInt8}} OR alert_id NOT IN (SELECT alert_id FROM alerts FINAL WHERE {FULLY_MUTED}))
GROUP BY human"""  # noqa: S608 - constants
HIDDEN = f"SELECT uniqExact(alert_id) AS alerts FROM alerts FINAL WHERE {RESTRICTED} AND state != 'withdrawn'"  # noqa: S608


def facets(store: Store, *, muted: bool) -> forms.Facets:
    """Counts of the newest revisions, with or without the fully muted; an alert nobody has touched is `new`."""
    held = store.query(GROUPS)
    groups = [group for group in held if muted or not int(group["is_muted"])]
    fully_muted = sum(int(group["alerts"]) for group in held if int(group["is_muted"]))
    total = sum(int(group["alerts"]) for group in groups)
    counts: dict[str, Counter[str]] = {name: Counter() for name in COLUMN_FILTERS}
    for group in groups:
        for name in COLUMN_FILTERS:
            counts[name][group[name]] += int(group["alerts"])
    human = Counter({row["human"]: int(row["alerts"]) for row in store.query(DECIDED, {"muted": int(muted)})})
    human["new"] += max(0, total - human.total())
    hidden = int(store.query(HIDDEN)[0]["alerts"])
    columns = {name: _ranked(counts[name]) for name in COLUMN_FILTERS}
    return forms.Facets(total=total, muted=fully_muted, human=_ranked(human), restricted=hidden, **columns)


def _ranked(counts: Mapping[str, int]) -> tuple[forms.Facet, ...]:
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return tuple(forms.Facet(value=value, alerts=alerts) for value, alerts in ordered if alerts)
