"""Travel-rule messages at the command line: what each lacks, what to do about it, and who asks for it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, get_args

import msgspec
import typer

from manumit.commands.terminal import UNUSABLE, Json, escaped, explained, put_json, put_table
from manumit.connectors.exchange.messages import Found, messages
from manumit.detectors.travel_rule.answer import answered, unusable
from manumit.schemas.errors import ConfigError
from manumit.schemas.travel_rule import MessageTransfer, Status, TravelRuleCheck, TravelRuleGap
from manumit.streams.assembly import now_us

Judged = tuple[str, int, TravelRuleCheck]
BY_STANDARD = {"direction": "out", "counterparty": "vasp", "attested": False}
COLUMNS = ("message", "field", "gap", "reason", "remedy", "asked by")


def travel_rule(
    files: Annotated[list[Path], typer.Argument(help="IVMS101 messages, 2020 or 2023: JSON, a list, or one a line.")],
    profile: Annotated[str, typer.Option(help="ca, eu, fatf, jp, sg, uk or us; left out: the standard alone.")] = "",
    amount: Annotated[float | None, typer.Option(help="Worth in the profile's currency; unknown: every level.")] = None,
    amount_usd: Annotated[float | None, typer.Option(help="Worth in USD instead, with --usd-per-unit.")] = None,
    usd_per_unit: Annotated[float | None, typer.Option(help="USD for one unit of the profile's currency.")] = None,
    direction: Annotated[str, typer.Option(help="out: from our customer; in: to our customer.")] = "out",
    counterparty: Annotated[str, typer.Option(help="vasp, self-hosted or unknown.")] = "vasp",
    attested: Annotated[bool, typer.Option("--attested", help="Control of the self-hosted wallet was shown.")] = False,
    sent: Annotated[str, typer.Option("--at", help="When they were sent, ISO 8601 in UTC; left out: now.")] = "",
    as_json: Json = False,
) -> None:
    """What each message lacks, with remedy and citation; exit code 3 when one is unusable. Nothing is stored.

    A line or object with nothing but `message` and `transfer` brings its own transfer; `message` null: none came.
    """
    with explained():
        options = {
            "amount": amount,
            "amount_usd": amount_usd,
            "usd_per_unit": usd_per_unit,
            "direction": direction,
            "counterparty": counterparty,
            "attested": attested,
            "at_us": _at_us(sent),
        }
        found = list(_judged(files, _transfer(profile, options)))
        counts = Counter(one.status for _, _, one in found)
        if as_json:
            put_json({**_counts(counts), "answers": [_plain(one) for one in found]})
        else:
            _show(found, counts)
    if counts["unusable"]:
        raise typer.Exit(UNUSABLE)


def _at_us(text: str) -> int | None:
    if not text:
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError as error:
        raise ConfigError(f"--at {text!r}: write a day or time as 2026-01-31T12:00:00") from error
    return round((at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()) * 1_000_000


def _transfer(profile: str, options: dict[str, Any]) -> MessageTransfer | None:
    given = {name: value for name, value in options.items() if value is not None}
    if not profile:
        if given != BY_STANDARD:
            raise ConfigError("what is asked of a transfer is a jurisdiction's: name one with --profile")
        return None
    try:
        return msgspec.convert({"profile": profile, **given}, MessageTransfer)
    except msgspec.ValidationError as error:
        raise ConfigError(f"the transfer: {error}") from error


def _judged(files: list[Path], transfer: MessageTransfer | None) -> Iterator[Judged]:
    at_us = now_us()
    for path in files:
        for one in messages(path):
            yield str(path), one.number, _one(one, one.transfer or transfer, at_us)


def _one(found: Found, transfer: MessageTransfer | None, at_us: int) -> TravelRuleCheck:
    return unusable(found.fault, transfer) if found.fault else answered(found.raw, transfer, at_us)


def _counts(counts: Counter[Status]) -> dict[str, int]:
    words: tuple[Status, ...] = get_args(Status)
    return {"messages": counts.total(), **{word.replace("-", "_"): counts[word] for word in words}}


def _plain(judged: Judged) -> dict[str, Any]:
    file, number, one = judged
    return {"file": file, "number": number, **msgspec.to_builtins(one)}


def _show(found: list[Judged], counts: Counter[Status]) -> None:
    rows = [row for one in found for row in _rows(*one)]
    if rows:
        put_table(COLUMNS, rows)
    totals = _counts(counts)
    put_table(tuple(totals), [tuple(totals.values())])


def _rows(file: str, number: int, one: TravelRuleCheck) -> Iterator[tuple[str, ...]]:
    place = f"{escaped(Path(file).name)}:{number}"
    if one.status == "unusable":
        yield place, "", "unusable", escaped(one.why), "Ask the other provider to send it again as IVMS101 JSON.", ""
    yield from ((place, gap.field, gap.kind, gap.why, gap.remedy, _asker(gap)) for gap in one.gaps)
    yield from ((place, note.field, "remark", note.why, "Have a person look at it.", "") for note in one.remarks)


def _asker(gap: TravelRuleGap) -> str:
    return f"{gap.cited.ref}, {gap.cited.section}" if gap.cited.section else gap.cited.ref
