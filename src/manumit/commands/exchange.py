"""An exchange's own files: checked whole, and loaded only when nothing is wrong with them."""

from __future__ import annotations

import time
from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from typing import Annotated, Any

import typer

from manumit.commands.terminal import UNUSABLE, Config, Json, escaped, explained, put_json, put_table, say, settings_of
from manumit.connectors.exchange.checking import Checked, Checking
from manumit.connectors.exchange.damage import REMEDIES
from manumit.connectors.exchange.mapping import MAPPABLE, Mapping, own_mapping, read_mapping
from manumit.connectors.exchange.rows import Export, open_export
from manumit.connectors.files.own import own_kind
from manumit.connectors.store.opening import open_store
from manumit.connectors.store.staging import write_whole
from manumit.connectors.tokens import kind_tokeniser, load_key
from manumit.schemas.customer import Customer
from manumit.schemas.errors import ConfigError
from manumit.schemas.records import table_of
from manumit.schemas.settings import Settings
from manumit.streams.assembly import known_labels, now_us, pipeline
from manumit.streams.known import known_in
from manumit.streams.label_book import in_force
from manumit.streams.loaded import judge_loaded

exchange = typer.Typer(no_args_is_help=True, help="Customers and account events of an exchange.")

File = Annotated[Path, typer.Argument(help="CSV, Parquet or JSON lines.")]
Map = Annotated[Path | None, typer.Option("--mapping", "-m", help="TOML file: the export's columns. Else our names.")]
Known = Annotated[Path | None, typer.Option("--customers", help="Customers the events must belong to.")]
KnownMap = Annotated[Path | None, typer.Option("--customers-mapping", help="TOML file for --customers.")]
ROWS_SHOWN = 12
NAME_SHOWN = 60
PLACEHOLDER = "placeholder"
WHY = "stands for no data"
ROWS_WRITTEN = 10_000


def mapped(path: Path, mapping: Path | None) -> tuple[Mapping, Export]:
    """The export and how to read it; without a mapping file by our own column names."""
    export = open_export(path)
    if mapping is not None:
        return read_mapping(mapping), export
    for record, struct in sorted(MAPPABLE.items(), key=lambda entry: -len(own_kind(entry[1]).required)):
        if own_kind(struct).required <= export.columns:
            return own_mapping(record, export.columns), export
    found = ", ".join(sorted(export.columns)[:20])
    raise ConfigError(f"{path} has the columns {found}; name a mapping file with --mapping (see deploy/exchange/)")


def checking(settings: Settings, mapping: Mapping, known: Path | None, known_mapping: Path | None) -> Checking:
    tokenise = kind_tokeniser(load_key(Path(settings.token_key_file)))
    now_us = time.time_ns() // 1000
    openings: dict[str, int] | None = None
    if known is not None:
        how, export = mapped(known, known_mapping)
        customers = Checking(mapping=how, tokenise=tokenise, now_us=now_us)
        openings = {c.customer_id: c.opened_us for c in customers.records(export) if isinstance(c, Customer)}
    return Checking(mapping=mapping, tokenise=tokenise, now_us=now_us, openings=openings)


def told(checked: Checked, *, as_json: bool) -> None:
    """Every kind of damage with its rows; in JSON all of them, one by one."""
    kinds = checked.by_kind()
    if as_json:
        damage = [_kind(kind, found) for kind, found in kinds]
        put_json({"rows": checked.rows, "bad": checked.bad, "damage": damage, **_remarked(checked)})
        return
    rows = []
    for kind, found in kinds:
        numbers = sorted({problem.row for problem in found})
        columns = ", ".join(sorted({problem.column for problem in found} - {""}))
        rows.append((kind, len(found), columns, found[0].why, _shown(numbers), REMEDIES[kind]))
    for column, places in sorted(checked.remarks.items()):
        remark = f"{PLACEHOLDER} (a remark)"
        rows.append((remark, len(places), column, WHY, _shown(places), REMEDIES[PLACEHOLDER]))
    if rows:
        put_table(("damage", "times", "columns", "reason", "rows", "remedy"), rows)
    put_table(("rows", "unusable"), [(checked.rows, checked.bad)])
    say_unread(checked)


def _shown(texts: Sequence[object]) -> str:
    more = f" and {len(texts) - ROWS_SHOWN} more" if len(texts) > ROWS_SHOWN else ""
    return ", ".join(map(str, texts[:ROWS_SHOWN])) + more


def _remarked(checked: Checked) -> dict[str, Any]:
    """What is told of a file without making a row unusable."""
    places = [
        {"row": row, "column": column, "why": WHY} for column, rows in sorted(checked.remarks.items()) for row in rows
    ]
    told = {"kind": PLACEHOLDER, "times": len(places), "remedy": REMEDIES[PLACEHOLDER], "places": places}
    return {"remarks": [told] if places else [], "unread": checked.unread}


def say_unread(checked: Checked) -> None:
    """Which columns give no field: a misspelt one would be missing without a word."""
    if checked.unread:
        names = _shown([escaped(name[:NAME_SHOWN]) for name in checked.unread])
        say(f"no field is made of these columns, they are not loaded: {names}")


def _kind(kind: str, found: tuple[Any, ...]) -> dict[str, Any]:
    places = [{"row": p.row, "column": p.column, "why": p.why} for p in found]
    return {"kind": kind, "times": len(found), "remedy": REMEDIES[kind], "places": places}


@exchange.command("check")
def exchange_check(
    file: File,
    mapping: Map = None,
    customers: Known = None,
    customers_mapping: KnownMap = None,
    config: Config = None,
    as_json: Json = False,
) -> None:
    """Every unusable row with its number, reason and remedy; exit code 3 when there is one. Nothing is loaded."""
    with explained():
        how, export = mapped(file, mapping)
        checked = checking(settings_of(config), how, customers, customers_mapping).check(export)
        told(checked, as_json=as_json)
    if checked.bad:
        raise typer.Exit(UNUSABLE)


@exchange.command("load")
def exchange_load(
    file: File,
    mapping: Map = None,
    customers: Known = None,
    customers_mapping: KnownMap = None,
    judge_all: Annotated[
        bool, typer.Option("--judge/--no-judge", help="Judge all that is loaded afterwards, and write the alerts.")
    ] = True,
    config: Config = None,
    as_json: Json = False,
) -> None:
    """Check a file, and load all of it into the store, or nothing; then judge everything that is loaded.

    Judging reads all customers and events of the store: load the files of one delivery with --no-judge but the last.
    """
    with explained():
        settings = settings_of(config)
        how, export = mapped(file, mapping)
        judge = checking(settings, how, customers, customers_mapping)
        checked = judge.check(export)
        if checked.bad:
            told(checked, as_json=as_json)
            say("nothing was loaded")
        else:
            say_unread(checked)
            if checked.remarks:
                count = sum(map(len, checked.remarks.values()))
                say(f"{count:,} cells hold a placeholder and are read as empty; `exchange check` lists them")
            found = {"loaded": checked.rows, **_write(settings, judge, export, judge_all=judge_all)}
            put_json(found) if as_json else put_table(tuple(found), [tuple(found.values())])
    if checked.bad:
        raise typer.Exit(UNUSABLE)


def _write(settings: Settings, judge: Checking, export: Export, *, judge_all: bool) -> dict[str, int]:
    """What judging found, nothing when it was not asked for."""
    store = open_store(settings.store_url)
    try:
        store.migrate()
        records = judge.records(export)
        batches = iter(lambda: list(islice(records, ROWS_WRITTEN)), [])
        write_whole(store, table_of(judge.mapping.struct), batches)
        if not judge_all:
            return {}
        told = known_in(store)
        judging = pipeline(settings, told.suppressions)
        judging.learn_labels(in_force((*known_labels(settings)[0], *told.labels), settings.label_mode, now_us()))
        count, alerts = judge_loaded(store, judging, clock=now_us)
        return {"judged": count, "alerts": alerts}
    finally:
        store.close()
