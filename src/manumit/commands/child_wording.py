"""What went the way of child protection: how much, and where it is to be reported. Never what it said."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from manumit.commands.looking import rows_of
from manumit.commands.terminal import Config, Json, explained, put_json, put_table, say, settings_of, when
from manumit.streams.assembly import protection
from manumit.streams.child_terms import write_child_terms
from manumit.streams.protecting import reference_of

child_wording = typer.Typer(no_args_is_help=True, help="Listings kept from analysis for the protection of children.")

COUNT_SQL = "SELECT count() AS held FROM child_referrals FINAL"
DAYS_SQL = """SELECT toUnixTimestamp64Micro(day_us) AS day, count() AS held FROM child_referrals FINAL
GROUP BY day_us ORDER BY day_us DESC LIMIT {limit:UInt32}"""
ONE_SQL = "SELECT count() AS held FROM child_referrals FINAL WHERE reference = {reference:String}"


@child_wording.command("show")
def show(
    config: Config = None,
    limit: Annotated[int, typer.Option(min=1, help="How many days, the newest first.")] = 30,
    as_json: Json = False,
) -> None:
    """How many listings were kept back, by day, and the hotlines to report to."""
    with explained():
        settings = settings_of(config)
        held = int(rows_of(settings, COUNT_SQL, {})[0]["held"])
        days = [(when(int(row["day"]))[:10], int(row["held"])) for row in rows_of(settings, DAYS_SQL, {"limit": limit})]
        if as_json:
            put_json({"held": held, "days": dict(days), "hotlines": settings.child_hotlines})
            return
        put_table(("held",), [(held,)])
        put_table(("day", "held"), days)
        put_table(("report to",), [(line,) for line in settings.child_hotlines])


@child_wording.command("reference")
def reference(
    source: Annotated[str, typer.Argument(help="The listing's source.")],
    listing_id: Annotated[str, typer.Argument(help="Its id there.")],
    config: Config = None,
    as_json: Json = False,
) -> None:
    """Whether a listing you name was kept back: its keyed hash, and if the store holds it."""
    with explained():
        settings = settings_of(config)
        hashed = protection(settings).refer(reference_of(source, listing_id))
        held = bool(rows_of(settings, ONE_SQL, {"reference": hashed})[0]["held"])
        put_json({"reference": hashed, "held": held}) if as_json else put_table(
            ("reference", "held"), [(hashed, "yes" if held else "no")]
        )


@child_wording.command("hash")
def hash_terms(
    terms: Annotated[Path, typer.Argument(help="Terms you may hold, one a line; `#` begins a remark.")],
    out: Annotated[Path, typer.Argument(help="The hashed list, a new file for the setting `child_terms`.")],
) -> None:
    """Hash a list of terms under a new salt; destroy the list itself afterwards."""
    with explained():
        say(f"{write_child_terms(terms, out):,} terms hashed")
