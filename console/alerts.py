"""Reading alerts: the newest revision of each, filtered, a page at a time.

The list is ordered by (last_us, alert_id), newest first, as that of the command line; a cursor names the last row of
a page.
No FINAL: candidates are read on narrow columns, those that a newer revision replaced are dropped by
primary key, and whole rows are read for one page only.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from manumit.connectors.contract import Store
from manumit.console import forms
from manumit.console.cursor import OVERLAP_US, Cursor, Position
from manumit.schemas.alert import Alert
from manumit.schemas.stored import from_stored
from manumit.schemas.triage import TriageAction
from manumit.streams.veil import GENERAL, RESTRICTED

ROW = ", ".join(f"`{name}`" for name in Alert.__struct_fields__)
DECISION = ", ".join(f"`{name}`" for name in TriageAction.__struct_fields__)

HUMAN = "SELECT alert_id, argMax(state, (at_us, action_id)) AS human FROM triage_actions GROUP BY alert_id"
IN_HUMAN = f"alert_id IN (SELECT alert_id FROM ({HUMAN}) WHERE has({{human:Array(String)}}, human))"  # noqa: S608 - constants
NOT_IN_OTHER_HUMAN = IN_HUMAN.replace("alert_id IN", "alert_id NOT IN", 1).replace("WHERE has", "WHERE NOT has")
TEXT = """(alert_id = {text:String} OR positionCaseInsensitiveUTF8(title, {text:String}) > 0
  OR positionCaseInsensitiveUTF8(subject, {text:String}) > 0
  OR positionCaseInsensitiveUTF8(reason, {text:String}) > 0
  OR arrayExists(e -> positionCaseInsensitiveUTF8(e, {text:String}) > 0, evidence))"""
BEFORE = "(last_us, alert_id) < (fromUnixTimestamp64Micro({before_us:Int64}, 'UTC'), {before_id:String})"
CURRENT = """SELECT alert_id, newest.1 AS newest_revision, newest.2 AS newest_us FROM (
  SELECT alert_id, max((revision, stored_us)) AS newest FROM alerts
  WHERE alert_id IN {ids:Array(String)} GROUP BY alert_id)"""
LOOK = 512
MAX_ROWS = 20_000  # rows a stream reads in one look: the newest
FULLY_MUTED = "(suppressed > 0 AND suppressed >= signals)"
STORED = f"SELECT toUnixTimestamp64Micro(max(stored_us)) AS us FROM alerts WHERE {GENERAL}"  # noqa: S608 - constants
DECIDED = "SELECT toUnixTimestamp64Micro(max(at_us)) AS us FROM triage_actions"
STORED_ROWS = f"""SELECT uniqExact(alert_id, revision) AS told FROM alerts WHERE {GENERAL} AND stored_us
  BETWEEN fromUnixTimestamp64Micro({{from_us:Int64}}, 'UTC') AND fromUnixTimestamp64Micro({{us:Int64}}, 'UTC')"""  # noqa: S608
DECIDED_ROWS = """SELECT uniqExact(action_id) AS told FROM triage_actions WHERE at_us
  BETWEEN fromUnixTimestamp64Micro({from_us:Int64}, 'UTC') AND fromUnixTimestamp64Micro({us:Int64}, 'UTC')"""
COLUMN_FILTERS = ("detector", "severity", "state", "typology")


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Which alerts to show; an empty tuple or text asks for all. `human` are triage states.

    Alerts of which every signal is muted are left out unless `muted`; `restricted` asks for what concerns minors and
    people under pressure, and nothing else.
    """

    detector: tuple[str, ...] = ()
    severity: tuple[str, ...] = ()
    state: tuple[str, ...] = ()
    typology: tuple[str, ...] = ()
    human: tuple[str, ...] = ()
    text: str = ""
    muted: bool = False
    restricted: bool = False

    def conditions(self) -> tuple[list[str], dict[str, Any]]:
        """SQL conditions over `alerts` and their parameters."""
        asked = [name for name in COLUMN_FILTERS if getattr(self, name)]
        sql = [f"has({{{name}:Array(String)}}, {name})" for name in asked]
        parameters: dict[str, Any] = {name: list(getattr(self, name)) for name in asked}
        if self.human:
            sql.append(NOT_IN_OTHER_HUMAN if "new" in self.human else IN_HUMAN)
            parameters["human"] = list(self.human)
        if self.text:
            sql.append(TEXT)
            parameters["text"] = self.text
        if not self.muted:
            sql.append(f"NOT {FULLY_MUTED}")
        sql.append(RESTRICTED if self.restricted else GENERAL)
        return sql, parameters


def page(store: Store, wanted: Filter, *, before: Cursor | None, limit: int) -> forms.AlertPage:
    """At most `limit` alerts, newest first, older than `before`."""
    live = newest(store)
    cursors = _page_cursors(store, wanted, before=before, limit=limit + 1)
    kept = cursors[:limit]
    whole = Filter(muted=True, restricted=wanted.restricted)
    rows = {alert.alert_id: alert for alert in by_ids(store, [cursor.alert_id for cursor in kept], whole)}
    found = [rows[cursor.alert_id] for cursor in kept if cursor.alert_id in rows]
    following = str(kept[-1]) if len(cursors) > limit else None
    return forms.AlertPage(alerts=summaries(store, found), next=following, live=str(live))


def _page_cursors(store: Store, wanted: Filter, *, before: Cursor | None, limit: int) -> list[Cursor]:
    """Where the next `limit` alerts stand. Rows that a newer revision replaced are passed over.

    Few such rows live long (the engine merges them away), so a look finds a page; a longer one grows.
    """
    found: list[Cursor] = []
    look = LOOK
    while len(found) < limit:
        rows = _candidates(store, wanted, before, look)
        current = _current(store, [row.alert_id for row, _ in rows])
        found += [row for row, revision in rows if current.get(row.alert_id) == revision]
        if len(rows) < look:
            break
        before, look = rows[-1][0], look * 4
    return list(dict.fromkeys(found))[:limit]


def _candidates(
    store: Store, wanted: Filter, before: Cursor | None, limit: int
) -> list[tuple[Cursor, tuple[int, int]]]:
    """Rows that pass the filter, with (revision, stored_us), newest first, whether or not they are replaced.

    Of rows at one place the newest revision comes first: a look may end among them.
    """
    conditions, parameters = wanted.conditions()
    if before is not None:
        conditions.append(BEFORE)
        parameters |= {"before_us": before.at_us, "before_id": before.alert_id}
    rows = store.query(
        f"SELECT alert_id, last_us, revision, stored_us FROM alerts WHERE {_all(conditions)}"  # noqa: S608 - our own words
        f" ORDER BY last_us DESC, alert_id DESC, revision DESC, stored_us DESC LIMIT {limit:d}",
        parameters,
    )
    return [
        (Cursor(int(row["last_us"]), row["alert_id"]), (int(row["revision"]), int(row["stored_us"]))) for row in rows
    ]


def _current(store: Store, ids: Sequence[str]) -> dict[str, tuple[int, int]]:
    """(revision, stored_us) of the newest row of each alert."""
    rows = store.query(CURRENT, {"ids": list(dict.fromkeys(ids))}) if ids else []
    return {row["alert_id"]: (int(row["newest_revision"]), int(row["newest_us"])) for row in rows}


def newest(store: Store) -> Position:
    """Where the stream of arrivals and decisions stands now."""
    stored_us, stored_rows = _end(store, STORED, STORED_ROWS)
    decided_us, decided_rows = _end(store, DECIDED, DECIDED_ROWS)
    return Position(stored_us, decided_us, stored_rows, decided_rows)


def _end(store: Store, newest_sql: str, rows_sql: str) -> tuple[int, int]:
    """The newest time of a table and the rows in the overlap before it, as many as a stream reads."""
    us = int(store.query(newest_sql)[0]["us"])
    rows = store.query(rows_sql, {"from_us": max(0, us - OVERLAP_US), "us": us})
    return us, min(MAX_ROWS, int(rows[0]["told"]))


def by_ids(store: Store, ids: Sequence[str], wanted: Filter) -> list[Alert]:
    """The newest revision of those of `ids` that pass the filter, oldest first."""
    conditions, parameters = wanted.conditions()
    return _newest_of(store, list(dict.fromkeys(ids)), conditions, parameters)


def matching(
    store: Store, condition: str, parameters: Mapping[str, Any], *, limit: int, restricted: bool = False
) -> list[Alert]:
    """The newest revision of alerts for which `condition` (our own SQL, never a user's) holds, newest first."""
    condition = f"({condition}) AND {RESTRICTED if restricted else GENERAL}"
    rows = store.query(
        f"SELECT alert_id FROM alerts WHERE {condition} ORDER BY last_us DESC, alert_id DESC"  # noqa: S608 - as above
        f" LIMIT 1 BY alert_id LIMIT {limit:d}",
        parameters,
    )
    return _newest_of(store, [row["alert_id"] for row in rows], [condition], parameters)[::-1]


def _newest_of(store: Store, ids: list[str], conditions: Sequence[str], parameters: Mapping[str, Any]) -> list[Alert]:
    if not ids:
        return []
    sql = (
        f"SELECT {ROW} FROM (SELECT {ROW} FROM alerts WHERE alert_id IN {{ids:Array(String)}}"  # noqa: S608 - as above
        f" ORDER BY revision DESC, stored_us DESC LIMIT 1 BY alert_id) WHERE {_all(conditions)}"
        " ORDER BY last_us, alert_id"
    )
    return [from_stored(Alert, row) for row in store.query(sql, {**parameters, "ids": ids})]


def _all(conditions: Sequence[str]) -> str:
    return " AND ".join(conditions) or "1"


def summaries(store: Store, alerts: Sequence[Alert]) -> tuple[forms.AlertSummary, ...]:
    """Alerts with their human state beside them, in the same order."""
    latest = {d.alert_id: d for d in decisions(store, [a.alert_id for a in alerts])}
    return tuple(summary(alert, latest.get(alert.alert_id)) for alert in alerts)


def decisions(store: Store, ids: Iterable[str]) -> list[TriageAction]:
    """Every triage action on these alerts, oldest first (written twice, read once)."""
    wanted = sorted(set(ids))
    if not wanted:
        return []
    rows = store.query(
        f"SELECT {DECISION} FROM triage_actions WHERE alert_id IN {{ids:Array(String)}}"  # noqa: S608 - constants
        " ORDER BY at_us, action_id LIMIT 1 BY action_id",
        {"ids": wanted},
    )
    return [from_stored(TriageAction, row) for row in rows]


def summary(alert: Alert, latest: TriageAction | None) -> forms.AlertSummary:
    return forms.AlertSummary(
        alert_id=alert.alert_id,
        revision=alert.revision,
        detector=alert.detector,
        version=alert.version,
        title=alert.title,
        reason=alert.reason,
        domain=alert.domain,
        typology=alert.typology,
        severity=alert.severity,
        score=alert.score,
        subject=alert.subject,
        state=alert.state,
        opened_us=alert.opened_us,
        last_us=alert.last_us,
        stored_us=alert.stored_us,
        signals=alert.signals,
        suppressed=alert.suppressed,
        human_state=latest.state if latest else "new",
        human_author=latest.author if latest else "",
        changed_since=latest is not None and latest.state != "new" and alert.stored_us > latest.at_us,
    )
