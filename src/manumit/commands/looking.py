"""Commands that look: alerts, dead letters, rules, labels, schemas, doctor."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from manumit.commands.terminal import Config, Json, escaped, explained, put_json, put_table, say, settings_of, when
from manumit.connectors.labels.read import read_labels
from manumit.connectors.store.opening import open_store
from manumit.detectors.catalogue import detector, detectors
from manumit.detectors.contract import Detector
from manumit.schemas.alert import Alert
from manumit.schemas.dead_letter import NO_TIME_US
from manumit.schemas.errors import ConfigError
from manumit.schemas.json_schema import json_schemas
from manumit.schemas.settings import Settings
from manumit.schemas.stored import from_stored
from manumit.streams.case_check import check_cases
from manumit.streams.cluster_doctor import examine_cluster
from manumit.streams.doctor import examine
from manumit.streams.known import suppressions_in
from manumit.streams.veil import GENERAL, RESTRICTED, Veiled

rules = typer.Typer(no_args_is_help=True, help="The detectors.")
labels = typer.Typer(no_args_is_help=True, help="Label lists.")
schemas = typer.Typer(no_args_is_help=True, help="Record formats.")

ALERTS_SQL = f"""SELECT alert_id, detector, severity, subject, state, signals, suppressed, reason,
toUnixTimestamp64Micro(last_us) AS last
FROM alerts FINAL WHERE {GENERAL} ORDER BY last_us DESC, alert_id DESC LIMIT {{limit:UInt32}}"""  # noqa: S608 - constants
ONE_ALERT_SQL = f"SELECT * FROM alerts FINAL WHERE alert_id = {{alert_id:String}} AND {GENERAL}"  # noqa: S608
HIDDEN_SQL = f"SELECT count() AS alerts FROM alerts FINAL WHERE {RESTRICTED} AND state != 'withdrawn'"  # noqa: S608
LETTERS_SQL = """SELECT reason, source, place, message, toUnixTimestamp64Micro(at_us) AS at, letter_id
FROM dead_letters FINAL WHERE {reason:String} IN ('', reason) ORDER BY at_us, letter_id LIMIT {limit:UInt32}"""

ONE_LETTER_SQL = """SELECT reason, source, place, message, toUnixTimestamp64Micro(at_us) AS at, letter_id, payload
FROM dead_letters FINAL WHERE letter_id = {letter_id:String}"""


def rows_of(settings: Settings, sql: str, parameters: dict[str, Any]) -> list[dict[str, Any]]:
    store = Veiled(open_store(settings.store_url))
    try:
        store.migrate()
        return store.query(sql, parameters)
    finally:
        store.close()


def alerts(
    config: Config = None,
    limit: Annotated[int, typer.Option(min=1, help="How many, the newest first.")] = 50,
    alert_id: Annotated[
        str, typer.Option("--id", help="One alert whole: evidence, values, citations, next steps.")
    ] = "",
    as_json: Json = False,
) -> None:
    """The newest alerts of the store, or one of them."""
    with explained():
        settings = settings_of(config)
        if alert_id:
            _one_alert(settings, alert_id, as_json=as_json)
            return
        found = rows_of(settings, ALERTS_SQL, {"limit": limit})
        hidden = int(rows_of(settings, HIDDEN_SQL, {})[0]["alerts"])
        if hidden:
            say(f"{hidden} findings are for restricted eyes and are shown in the console's /protection alone")
        if as_json:
            put_json(found)
            return
        columns = ("last", "severity", "detector", "subject", "state", "signals", "reason", "alert_id")
        put_table(columns, [(when(int(row["last"])), *(row[name] for name in columns[1:])) for row in found])


def _one_alert(settings: Settings, alert_id: str, *, as_json: bool) -> None:
    rows = rows_of(settings, ONE_ALERT_SQL, {"alert_id": alert_id})
    if not rows:
        raise ConfigError(f"the store holds no alert {alert_id!r}; see `manumit alerts`")
    found = msgspec.to_builtins(from_stored(Alert, rows[0]))
    if as_json:
        put_json(found)
        return
    for name, value in found.items():
        listed = value.items() if isinstance(value, dict) else value
        put_table((name,), [(part,) for part in listed] if isinstance(value, dict | list | tuple) else [(value,)])


def dead_letters(
    config: Config = None,
    reason: Annotated[str, typer.Option(help="Only this reason.")] = "",
    limit: Annotated[int, typer.Option(min=1, help="How many, the oldest first.")] = 50,
    letter_id: Annotated[str, typer.Option("--show", "--id", help="One of them whole, with the record itself.")] = "",
    as_json: Json = False,
) -> None:
    """Records that could not be used, and why."""
    with explained():
        if letter_id:
            _one_letter(settings_of(config), letter_id, as_json=as_json)
            return
        found = rows_of(settings_of(config), LETTERS_SQL, {"limit": limit, "reason": reason})
        if as_json:
            put_json([_timed(row) for row in found])
            return
        columns = ("at", "reason", "source", "place", "message", "letter_id")
        put_table(columns, [(_spoken_time(row), *(row[name] for name in columns[1:])) for row in found])


def _one_letter(settings: Settings, letter_id: str, *, as_json: bool) -> None:
    rows = rows_of(settings, ONE_LETTER_SQL, {"letter_id": letter_id})
    if not rows:
        raise ConfigError(f"the store holds no dead letter {letter_id!r}; see `manumit dead-letters`")
    if as_json:
        put_json(_timed(rows[0]))
        return
    for name, value in {**rows[0], "at": _spoken_time(rows[0])}.items():
        put_table((name,), [(escaped(str(value)),)])


def _timed(letter: dict[str, Any]) -> dict[str, Any]:
    """`at` is null where no event time is known."""
    return {**letter, "at": None if int(letter["at"]) == NO_TIME_US else letter["at"]}


def _spoken_time(letter: dict[str, Any]) -> str:
    return "no time" if int(letter["at"]) == NO_TIME_US else when(int(letter["at"]))


def suppressions(config: Config = None, as_json: Json = False) -> None:
    """What is muted, by whom, why and until when; `manumit replay --suppressions` reads the JSON form."""
    with explained():
        store = open_store(settings_of(config).store_url)
        try:
            store.migrate()
            found = [msgspec.to_builtins(row) for row in suppressions_in(store)]
        finally:
            store.close()
        if as_json:
            put_json(found)
            return
        columns = ("suppression_id", "detector", "subject", "author", "reason", "active")
        put_table(columns, [tuple(row[name] for name in columns) for row in found])


def _named(rule_id: str) -> Detector:
    try:
        return detector(rule_id)
    except KeyError as error:
        raise ConfigError(f"there is no detector {rule_id!r}; see `manumit rules list`") from error


def _about(one: Detector) -> dict[str, Any]:
    about = one.about
    return {
        "id": about.id,
        "kind": type(one).__name__,
        "version": about.version,
        "status": about.status,
        "severity": about.severity,
        "title": about.title,
        "entries": about.entries,
        "needs": about.needs,
        "min_events": about.min_events,
        "thresholds": [msgspec.to_builtins(t) for t in about.thresholds],
        "innocent": about.innocent,
        "blind_to": about.blind_to,
        "next_steps": about.next_steps,
        "cases": len(about.cases),
    }


@rules.command("list")
def rules_list(as_json: Json = False) -> None:
    """Every detector."""
    found = [_about(one) for one in detectors()]
    if as_json:
        put_json(found)
        return
    columns = ("id", "kind", "version", "status", "severity", "cases", "title")
    put_table(columns, [tuple(row[name] for name in columns) for row in found])


@rules.command("show")
def rules_show(
    rule_id: Annotated[str, typer.Argument(help="A detector's id, as `rules list` names it.")], as_json: Json = False
) -> None:
    """One detector: thresholds with their origin, innocents, blind spots, next steps."""
    with explained():
        found = _about(_named(rule_id))
        if as_json:
            put_json(found)
            return
        told = {**found, "thresholds": [_spoken(one) for one in found["thresholds"]]}
        for name, value in told.items():
            listed = isinstance(value, list | tuple)
            put_table((name,), [(part,) for part in value] if listed else [(value,)])


def _spoken(threshold: Mapping[str, Any]) -> str:
    value = float(threshold["value"])
    number = f"{int(value):,}" if value.is_integer() else f"{value:,}"
    return f"{threshold['name']}: {number} {threshold['unit']} ({threshold['origin']})"


@rules.command("test")
def rules_test(
    rule_id: Annotated[str, typer.Argument(help="A detector's id; all of them when left out.")] = "",
    as_json: Json = False,
) -> None:
    """Run the cases beside the detectors; exit code 1 when one does not hold."""
    with explained():
        chosen = (_named(rule_id),) if rule_id else detectors()
        found = [result for one in chosen for result in check_cases(one)]
        failed = [result for result in found if not result.holds]
        if as_json:
            put_json([msgspec.to_builtins(result) for result in found])
        else:
            put_table(
                ("detector", "case", "fired"), [(r.detector, r.case, ", ".join(r.fired)) for r in failed]
            ) if failed else None
            put_table(("cases", "failed"), [(len(found), len(failed))])
    if failed:
        raise typer.Exit(1)


@labels.command("import")
def labels_import(
    paths: Annotated[list[str], typer.Argument(help="Label lists: OFAC, TagPack, FollowTheMoney, label.v1.")],
    config: Config = None,
    as_json: Json = False,
) -> None:
    """Read label lists into the store, rows that give no label into the dead letters."""
    with explained():
        settings = settings_of(config)
        store = open_store(settings.store_url)
        try:
            store.migrate()
            good, bad = 0, 0
            for path in paths:
                read, unusable = read_labels(path)
                store.write("labels", read)
                store.write("dead_letters", unusable)
                good, bad = good + len(read), bad + len(unusable)
        finally:
            store.close()
        put_json({"labels": good, "dead_letters": bad}) if as_json else put_table(
            ("labels", "dead letters"), [(good, bad)]
        )


@schemas.command("export")
def schemas_export(
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder for the files.")] = Path("var/schemas"),
    as_json: Json = False,
) -> None:
    """JSON Schema of every record, one file each, for other systems."""
    with explained():
        out.mkdir(parents=True, exist_ok=True)
        for name, schema in json_schemas().items():
            (out / f"{name}.json").write_bytes(msgspec.json.format(msgspec.json.encode(schema), indent=2))
        written = [str(out / f"{name}.json") for name in json_schemas()]
        put_json({"written": written}) if as_json else put_table(("written",), [(path,) for path in written])


def doctor(
    config: Config = None,
    servers: Annotated[
        str, typer.Option(envvar="KAFKA_BOOTSTRAP_SERVERS", help="Brokers of a cluster, to look at its parts too.")
    ] = "",
    prefix: Annotated[str, typer.Option(help="Stands before the topics' names.")] = "",
    group: Annotated[str, typer.Option(help="The group of workers.")] = "manumit-screen",
    as_json: Json = False,
) -> None:
    """Look at every part; exit code 1 when one is sick."""
    with explained():
        settings = settings_of(config)
        found = list(examine(settings))
        if servers:
            found += examine_cluster(settings, servers=servers, prefix=prefix, group=group)
        if as_json:
            put_json([{"part": f.part, "healthy": f.healthy, "says": f.says} for f in found])
        else:
            put_table(("part", "", "says"), [(f.part, "ok" if f.healthy else "SICK", f.says) for f in found])
    if not all(f.healthy for f in found):
        raise typer.Exit(1)
