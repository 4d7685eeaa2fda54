"""The command that screens addresses."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from manumit.commands.running import Labels, RatesFiles
from manumit.commands.terminal import (
    UNUSABLE,
    Config,
    Json,
    complain,
    explained,
    put_json,
    put_table,
    say,
    settings_of,
    when,
)
from manumit.connectors.rates import read_rates
from manumit.connectors.store.opening import open_store
from manumit.schemas.errors import ConfigError
from manumit.schemas.fields import YEAR_2200_US
from manumit.schemas.screening import CategoryExposure, LabelRef, Screening
from manumit.schemas.settings import Settings
from manumit.streams.address_screening import screen as screened
from manumit.streams.assembly import all_labels, file_sources, now_us, with_inputs
from manumit.streams.book import Book
from manumit.streams.bookkeeping import Keeper, fill

STDIN = "-"


def screen(
    addresses: Annotated[
        list[str] | None, typer.Argument(help="Addresses, or CAIP-10 ids; - reads them from stdin.")
    ] = None,
    file: Annotated[Path | None, typer.Option("--file", "-f", help="A file of addresses, one a line.")] = None,
    inputs: Annotated[
        list[str] | None, typer.Option("--from", help="Files or folders to read instead of the store; repeatable.")
    ] = None,
    labels: Labels = None,
    rates: RatesFiles = None,
    label_mode: Annotated[str, typer.Option(help="`as-of` or `today`; left out: as in the settings.")] = "",
    config: Config = None,
    as_json: Json = False,
) -> None:
    """Who an address dealt with: score, exposure both ways by category, the paths behind it, labels and dates.

    Exit code 3 when something that was asked for is no address.
    """
    with explained():
        settings = _settings(settings_of(config), inputs or (), labels or (), rates or (), label_mode)
        asked = _asked(addresses or [], file)
        with _book(settings, from_files=bool(inputs)) as book:
            found = list(_answers(book, asked, quiet=as_json))
        if as_json:
            put_json(found)
        else:
            _show(found)
    if any(one.status == "unreadable" for one in found):
        raise typer.Exit(UNUSABLE)


def _settings(
    settings: Settings, inputs: Sequence[str], labels: Sequence[str], rates: Sequence[str], label_mode: str
) -> Settings:
    if label_mode not in ("", "as-of", "today"):
        raise ConfigError(f"--label-mode {label_mode!r}: want as-of or today")
    settings = msgspec.structs.replace(settings, inputs=()) if inputs else settings
    settings = with_inputs(settings, inputs=inputs, labels=labels, rates=rates)
    return msgspec.structs.replace(settings, label_mode=label_mode) if label_mode else settings


def _asked(addresses: Sequence[str], file: Path | None) -> list[str]:
    """Each once, in the order given. Raises ConfigError when there is none."""
    lines: list[str] = []
    for address in addresses:
        lines += sys.stdin.read().splitlines() if address == STDIN else [address]
    if file is not None:
        lines += file.read_text("utf-8", "replace").splitlines()
    asked = list(dict.fromkeys(line.strip() for line in lines if line.strip()))
    if not asked:
        raise ConfigError("nothing to screen: give addresses, --file FILE, or - to read them from stdin")
    return asked


@contextmanager
def _book(settings: Settings, *, from_files: bool) -> Iterator[Book]:
    """Out of files, or of the settings' store. Raises ConfigError, also while a runner holds the embedded store."""
    known, unusable = all_labels(settings.labels)
    if unusable:
        say(f"{len(unusable):,} rows of the label lists give no label")
    if from_files:
        book = Book(label_mode=settings.label_mode)
        book.learn(known)
        refused = fill(book, file_sources(settings, read_rates(settings.rates)))
        say(f"{book.log.length:,} transfers read" + (f", {refused:,} records refused" if refused else ""))
        yield book
        return
    try:
        store = open_store(settings.store_url)
    except ConfigError as error:
        raise ConfigError(f"{error}; while `manumit up` runs ask its POST /v1/screen, or give --from FILES") from error
    try:
        store.migrate()
        keeper = Keeper(
            store, clock=now_us, labels=known, label_mode=settings.label_mode, written_us=lambda: YEAR_2200_US
        )
        book = keeper.book()
        say(f"{book.log.length:,} transfers read from {settings.store_url.partition(':')[0]}")
        yield book
    finally:
        store.close()


def _answers(book: Book, asked: Sequence[str], *, quiet: bool) -> Iterator[Screening]:
    columns = (TextColumn("screening"), BarColumn(bar_width=24), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=complain, disable=quiet or len(asked) < 2 or not complain.is_terminal) as progress:
        for address in progress.track(asked):
            yield from screened(book, address)


def _show(found: Sequence[Screening]) -> None:
    columns = ("address", "status", "score", "band", "sources", "destinations")
    put_table(columns, [_row(one) for one in found])
    for one in found:
        put_table((f"why {one.account or one.asked}",), [(reason,) for reason in one.reasons])
        if one.paths:
            rows = [
                (
                    path.direction,
                    path.category,
                    f"{path.usd:,.2f}",
                    path.hops,
                    path.labelled,
                    _spoken_labels(path.labels),
                )
                for path in one.paths
            ]
            put_table(("path", "category", "USD", "hops", "labelled", "says"), rows)
    basis = found[0].basis
    put_table(
        ("as of", "transfers", "labels", "label set", "mode", "method", "score"),
        [
            (
                when(basis.as_of_us) if basis.as_of_us else "-",
                basis.transfers,
                basis.labels,
                basis.labels_digest,
                basis.label_mode,
                basis.method,
                basis.score_formula,
            )
        ],
    )


def _row(one: Screening) -> tuple[object, ...]:
    score = "-" if one.score is None else f"{one.score:g}"
    return (
        one.account or one.asked,
        one.status,
        score,
        one.band,
        _shares(one.sources),
        _shares(one.destinations),
    )


def _shares(found: Sequence[CategoryExposure]) -> str:
    return ", ".join(f"{one.category} {100 * min(1.0, one.direct_share + one.indirect_share):.1f} %" for one in found)


def _spoken_labels(labels: Sequence[LabelRef]) -> str:
    return "; ".join(
        f"{one.source}{f': {one.name}' if one.name else ''}, {when(one.listed_us)[:10] if one.listed_us else 'undated'}"
        for one in labels
    )
