"""Customers at the command line: one checked, the worst gaps ranked, what was loaded judged."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Annotated

import typer

from manumit.commands.exchange import exchange as exchange
from manumit.commands.terminal import UNUSABLE, Config, Json, explained, put_json, put_table, say, settings_of
from manumit.connectors.contract import Store
from manumit.connectors.store.opening import open_store
from manumit.schemas.customer_check import CustomerCheck, Finding, Ranking
from manumit.schemas.errors import ConfigError
from manumit.schemas.fields import YEAR_2200_US
from manumit.schemas.screening import Screening
from manumit.schemas.settings import Settings
from manumit.streams.address_screening import screener_over
from manumit.streams.assembly import all_labels, now_us
from manumit.streams.bookkeeping import Keeper
from manumit.streams.customer_book import CustomerBook
from manumit.streams.customer_check import check
from manumit.streams.customer_keeper import CustomerKeeper
from manumit.streams.ranking import MOST, rank

Screen = Callable[[str], Sequence[Screening]]


@contextmanager
def opened(settings: Settings, instead: str) -> Iterator[tuple[CustomerBook, Screen]]:
    """The customers of the settings' store. Raises ConfigError, also while a runner holds it."""
    store = _store(settings, instead)
    try:
        store.migrate()
        book = CustomerKeeper(store, clock=now_us).book()
        say(f"{book.customers:,} customers, {book.alerts:,} alerts read")
        yield book, screening(settings, store)
    finally:
        store.close()


def screening(settings: Settings, store: Store) -> Screen:
    known, _ = all_labels(settings.labels)
    mode = settings.label_mode
    return screener_over(Keeper(store, clock=now_us, labels=known, label_mode=mode, written_us=lambda: YEAR_2200_US))


def _store(settings: Settings, instead: str) -> Store:
    try:
        return open_store(settings.store_url)
    except ConfigError as error:
        raise ConfigError(f"{error}; while `manumit up` runs ask its {instead}") from error


@exchange.command("customer")
def exchange_customer(
    customer_id: Annotated[str, typer.Argument(help="The exchange's id of the customer, or the whole subject.")],
    of: Annotated[str, typer.Option("--exchange", help="Needed where two exchanges have such an id.")] = "",
    config: Config = None,
    as_json: Json = False,
) -> None:
    """One customer: gaps with the rule that asks, standing alerts, wallets' exposure, what is missing.

    What concerns minors is left out. Exit code 3 when nobody has such an id.
    """
    with explained(), opened(settings_of(config), "POST /v1/customers/{id}/check") as (book, screen):
        subjects = book.find(customer_id, of)
        if len(subjects) > 1:
            raise ConfigError(f"{customer_id} is a customer of {', '.join(book.exchanges())}: name one with --exchange")
        found = check(book, subjects[0], screen=screen, at_us=now_us()) if subjects else None
        if found is not None:
            put_json(found) if as_json else _show(found)
    if found is None:
        say(f"no customer has the id {customer_id}; load one with `manumit exchange load`")
        raise typer.Exit(UNUSABLE)


def _show(found: CustomerCheck) -> None:
    put_table(("answer",), [(found.summary,)])
    put_table(
        ("judged by", "country", "assumed"), [(found.profile.name, found.profile.country or "-", found.profile.assumed)]
    )
    if found.gaps:
        rows = [(gap.points, gap.reason, gap.remedy, _cited(gap.cited)) for gap in found.gaps]
        put_table(("points", "gap", "remedy", "asked by"), rows)
    for title, alerts in (("alert", found.findings), ("about what is shared", found.around)):
        if alerts:
            put_table((title, "severity", "why", "source"), [_finding(one) for one in alerts])
    if found.wallets:
        rows_ = [
            (one.account or one.asked, "-" if one.score is None else f"{one.score:g}", one.band)
            for one in found.wallets
        ]
        put_table(("wallet", "score", "band"), rows_)
    if found.shared:
        put_table(("shared", "customers"), [(one.identifier, one.customers) for one in found.shared])
    if found.missing:
        put_table(("not known",), [(line,) for line in found.missing])


def _cited(cited: Sequence[object]) -> str:
    return "; ".join(f"{getattr(one, 'ref', '')}, {getattr(one, 'section', '')}" for one in cited[:2])


def _finding(one: Finding) -> tuple[object, ...]:
    return (
        one.detector,
        one.severity,
        one.reason,
        "; ".join(f"{ref.source}, {ref.section}" for ref in one.citations[:2]),
    )


@exchange.command("rank")
def exchange_rank(
    limit: Annotated[int, typer.Option(min=1, max=MOST, help="How many persons.")] = 20,
    config: Config = None,
    as_json: Json = False,
) -> None:
    """The worst gaps first: gap x exposure of wallets x links to adverts, each number taken apart (--json).

    What concerns minors or people under pressure is left out and only counted.
    """
    with explained(), opened(settings_of(config), "GET /v1/customers/ranking") as (book, screen):
        found = rank(book, screen=screen, at_us=now_us(), limit=limit)
        put_json(found) if as_json else _show_ranking(found)


def _show_ranking(found: Ranking) -> None:
    rows = []
    for place, person in enumerate(found.persons, 1):
        for number, one in enumerate(person.accounts):
            worth = one.score
            apart = f"{worth.gap:g} x (1 + {worth.exposure:g}) x (1 + {worth.listing:g}) / 4"
            rows.append((place if not number else "", f"{worth.score:g}", apart, one.customer_id, one.reason))
    if rows:
        put_table(("", "score", "gap x exposure x listing", "customer", "why"), rows)
    put_table(
        ("customers", "without a gap", "restricted, not shown"),
        [(found.customers, found.without_gap, found.restricted)],
    )
