"""The command that assesses a whole list."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from manumit.commands.customers import Screen, opened
from manumit.commands.exchange import Map, checking, mapped, told
from manumit.commands.running import Labels, RatesFiles
from manumit.commands.terminal import UNUSABLE, Config, Json, explained, put_json, put_table, say, settings_of
from manumit.connectors.exchange.checking import Checking
from manumit.connectors.exchange.mapping import FieldMap, Mapping
from manumit.connectors.exchange.rows import Export, open_export
from manumit.connectors.rates import read_rates
from manumit.console.assessment_page import page
from manumit.schemas.assessment import Assessment
from manumit.schemas.customer import Customer
from manumit.schemas.errors import ConfigError
from manumit.schemas.settings import Settings
from manumit.streams.address_screening import screen
from manumit.streams.assembly import file_sources, known_labels, now_us, with_inputs
from manumit.streams.assessment import assess as assessed
from manumit.streams.book import Book
from manumit.streams.bookkeeping import fill
from manumit.streams.customer_book import CustomerBook
from manumit.streams.label_book import LabelBook

WALLET_COLUMNS = ("wallet", "address", "account")
OPTIONAL = {"country": ("residence", "country"), "sector": ("sector", "word"), "kind": ("kind", "word")}
DUE_DILIGENCE = frozenset(("name", "birth", "address", "documents", "verification"))
LIST = "list"
REPORT, NUMBERS = "assessment.html", "assessment.json"


def assess(
    file: Annotated[
        Path, typer.Argument(help="Customers, counterparties, suppliers or wallets: CSV, Parquet or JSON lines.")
    ],
    mapping: Map = None,
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder for assessment.html and assessment.json.")] = Path(
        "var/assessment"
    ),
    inputs: Annotated[
        list[str] | None, typer.Option("--from", help="Transfers to read instead of the store; repeatable.")
    ] = None,
    labels: Labels = None,
    rates: RatesFiles = None,
    config: Config = None,
    as_json: Json = False,
) -> None:
    """A list to a risk map by typology, country and sector, as JSON and as one HTML report; nothing is loaded.

    Without a mapping the columns are those of customer.v1, or one of them is `wallet`, `address` or `account`. Exit
    code 3 when a row cannot be used: it is told, and nothing is written.
    """
    with explained():
        settings = with_inputs(settings_of(config), inputs=inputs or (), labels=labels or (), rates=rates or ())
        how, export = listed(file, mapping)
        judge = checking(settings, how, None, None)
        found = judge.check(export)
        if found.bad:
            told(found, as_json=as_json)
        else:
            made = _made(settings, judge, export, file.name, from_files=bool(inputs))
            out.mkdir(parents=True, exist_ok=True)
            write(out, made)
            put_json(made) if as_json else _show(made, out)
    if found.bad:
        raise typer.Exit(UNUSABLE)


def write(out: Path, made: Assessment) -> None:
    (out / NUMBERS).write_bytes(msgspec.json.format(msgspec.json.encode(made), indent=1))
    (out / REPORT).write_text(page(made), "utf-8")


def listed(file: Path, mapping: Path | None) -> tuple[Mapping, Export]:
    """Raises ConfigError for a list whose columns say nothing of who is in it, or a mapping of another record."""
    export = open_export(file)
    own = next((name for name in WALLET_COLUMNS if name in export.columns), None)
    if mapping is None and own is not None and "customer_id" not in export.columns:
        return wallet_mapping(own, export.columns), export
    how, export = mapped(file, mapping)
    if how.struct is not Customer:
        raise ConfigError(f"{file} holds {how.record}; a list of parties is mapped to customer.v1")
    return how, export


def wallet_mapping(column: str, columns: frozenset[str]) -> Mapping:
    """One wallet a row, with the country and sector where there are such columns."""
    fields = {"customer_id": FieldMap(column=column), "wallets": FieldMap(column=column)}
    for name, (field, form) in OPTIONAL.items():
        if name in columns:
            fields[field] = FieldMap(column=name, form="country" if form == "country" else "word")
    return Mapping(record="customer.v1", exchange=LIST, fields=fields, constants={"at_us": now_us()})


def _made(settings: Settings, judge: Checking, export: Export, name: str, *, from_files: bool) -> Assessment:
    labels = LabelBook(settings.label_mode)
    known, unusable = known_labels(settings)
    labels.add(known)
    if unusable:
        say(f"{len(unusable):,} rows of the label lists give no label")
    with _knowing(settings, labels, from_files=from_files) as (book, ask):
        rows = ((number, one) for number, one in judge.numbered(export) if isinstance(one, Customer))
        return assessed(
            rows,
            file=name,
            book=book,
            labels=labels,
            screen=ask,
            at_us=now_us(),
            due_diligence=not DUE_DILIGENCE.isdisjoint(judge.mapping.fields),
        )


@contextmanager
def _knowing(settings: Settings, labels: LabelBook, *, from_files: bool) -> Iterator[tuple[CustomerBook, Screen]]:
    if not from_files:
        with opened(settings, "POST /v1/screen, or give --from FILES") as found:
            yield found
        return
    chain = Book(label_mode=settings.label_mode)
    chain.learn(labels.all())
    fill(chain, file_sources(settings, read_rates(settings.rates)))
    say(f"{chain.log.length:,} transfers read")
    yield CustomerBook(), lambda address: screen(chain, address)


def _show(made: Assessment, out: Path) -> None:
    rows = [(cell.names[0], cell.parties, f"{cell.highest:.2f}", len(cell.findings)) for cell in made.by_typology]
    if rows:
        put_table(("typology", "parties", "heaviest", "findings"), rows)
    gaps = [(cell.datum, cell.parties) for cell in made.by_gap]
    if gaps:
        put_table(("not known", "parties"), gaps)
    put_table(("parties", "with neither", "restricted"), [(made.parties, len(made.without), made.restricted)])
    say(f"{out / REPORT} and {out / NUMBERS} hold the whole with every row behind every number")
