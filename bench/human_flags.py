"""`python -m bench.human_flags`: our flags against people's on fifty real job adverts, beside GPT-4o's published kappa.

The adverts carry human labels for eight fraud flags and GPT-4o's (EMSCAD-Fraud-Detection-Replication, commit 7924e74).
They are not ours to ship: without them the run says so and ends. Half of them, those whose SHA-256 of `job_id` is
even, may be looked at when words or thresholds are chosen; the other half is never looked at. The general English words
of high pay were chosen with the open half in view, and which parts of our flags are shown; nothing else was.

Their flags are about fraud, ours about trafficking: only where two mean nearly the same are they laid side by side,
and what we have no flag for is said to be missing. Parts of
our flags are shown too: a flag of ours wants several of them together. Fifty adverts are few: read the intervals.
"""

from __future__ import annotations

import csv
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

from bench.agreement import Marks, agreement
from bench.listing_pack import folder
from manumit.connectors.listings.emscad import advert_text
from manumit.detectors.catalogue import detector
from manumit.detectors.contract import ListingRule, TextFlag
from manumit.detectors.listings import job_vague_employer
from manumit.detectors.listings.job_vague_employer import SIGNS, tasks
from manumit.detectors.text.advert import folded
from manumit.detectors.text.lexicon import lexicon
from manumit.detectors.text.reading import read
from manumit.detectors.text.signs import signs
from manumit.schemas.fields import YEAR_1990_US
from manumit.schemas.listing import Listing
from manumit.streams.repetition import Repetition

SEED = 2031
ADVERTS, MACHINE = "sample_for_review_utf8.csv", "ai_flags_reference.csv"
HUMAN = "manual_"
Row = Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Flag:
    """`column` is theirs; `published` GPT-4o's kappa; `ours` the detectors that mean nearly the same."""

    column: str
    published: float
    ours: tuple[str, ...]
    note: str = ""


FLAGS = (
    Flag(column="flag1_sensitive_info", published=0.834, ours=("li-job-fee-or-debt", "li-job-document-retention")),
    Flag(column="flag2_unrealistic_comp", published=0.565, ours=("li-job-pay-outlier",), note="needs 20 peers a trade"),
    Flag(column="flag2_unrealistic_comp", published=0.565, ours=("words of high pay",)),
    Flag(column="flag3_pressure_tactics", published=0.922, ours=("words of haste",)),
    Flag(column="flag4_anon_employer", published=0.635, ours=("li-job-vague-employer",), note="only if it says so"),
    Flag(column="flag4_anon_employer", published=0.635, ours=("no company profile",)),
    Flag(column="flag5_req_role_mismatch", published=0.394, ours=()),
    Flag(column="flag6_info_conflict", published=0.308, ours=()),
    Flag(column="flag7_vague_info", published=0.559, ours=("li-job-vague-employer",)),
    Flag(column="flag7_vague_info", published=0.559, ours=("few tasks named",)),
    Flag(column="flag8_promo_template", published=0.623, ours=()),
)


READINGS: Mapping[str, Callable[[Row, Listing], bool]] = {
    "words of haste": lambda row, advert: lexicon("job_travel").has("urgent", folded(advert).text),
    "words of high pay": lambda row, advert: "high_pay" in signs("vague_employer", folded(advert).text, SIGNS),
    "no company profile": lambda row, advert: not row["company_profile"].strip(),
    "few tasks named": lambda row, advert: tasks(advert) <= job_vague_employer.FLAG.about.values()["max_tasks"],
}
"""Parts of our flags, and one field of the source: nothing alerts on them alone."""


def is_open(row: Row) -> bool:
    """True for the half that may be looked at."""
    return sha256(row["job_id"].encode()).digest()[-1] % 2 == 0


def listings(rows: Sequence[Row]) -> list[Listing]:
    """The adverts as the pipeline reads them, in the order of their ids."""
    plain = (
        Listing(
            source="emscad",
            listing_id=row["job_id"],
            kind="job",
            at_us=YEAR_1990_US + int(row["job_id"]),
            seen_us=YEAR_1990_US,
            text=advert_text(row),
            place=row["location"],
        )
        for row in rows
    )
    return [read(one, lambda contact: f"contact:{sha256(contact.encode()).hexdigest()[:16]}") for one in plain]


def said(rows: Sequence[Row], adverts: Sequence[Listing], name: str) -> Marks:
    """bool[n]: which adverts a detector, or a reading, speaks about."""
    if name in READINGS:
        return np.array([READINGS[name](row, advert) for row, advert in zip(rows, adverts, strict=True)])
    one = detector(name)
    values = one.about.values()
    if isinstance(one, TextFlag):
        return np.array([bool(one.find(advert, values)) for advert in adverts])
    if isinstance(one, ListingRule):
        hits = {signal.event_id for signal in Repetition([one], {name: values}).take(adverts)}
        return np.array([advert.event_id in hits for advert in adverts])
    raise KeyError(name)


def marks(rows: Sequence[Row], column: str) -> Marks:
    return np.array([row[column].strip() in ("1", "1.0") for row in rows])


def show(rows: Sequence[Row], machine: Sequence[Row], screen: Console) -> None:
    """One line a flag: what people, GPT-4o and we said, and how far beyond chance we agree with people."""
    adverts, ordered = listings(rows), {row["job_id"]: row for row in machine}
    theirs = [ordered[row["job_id"]] for row in rows]
    sides = np.array([is_open(row) for row in rows])
    halves: Sequence[tuple[str, Marks]] = (("all", sides | True), ("open half", sides), ("closed half", ~sides))
    table = Table(title=f"{len(rows)} job adverts, {int(sides.sum())} of them in the open half; 95 % intervals")
    for head in (
        "flag",
        "people",
        "GPT-4o published",
        "GPT-4o here",
        "ours",
        "we",
        *(f"kappa, {n}" for n, _ in halves),
    ):
        table.add_column(head)
    for flag in FLAGS:
        human = marks(rows, HUMAN + flag.column)
        gpt = agreement(human, marks(theirs, flag.column), SEED)
        cells = [flag.column, str(int(human.sum())), f"{flag.published:.3f}", str(gpt)]
        if flag.ours:
            ours = np.logical_or.reduce([said(rows, adverts, name) for name in flag.ours])
            told = [str(agreement(human[half], ours[half], SEED)) for _, half in halves]
            cells += [" or ".join(flag.ours) + (f" ({flag.note})" if flag.note else ""), str(int(ours.sum())), *told]
        else:
            cells += ["none: not in our catalogue", "-", *("-" for _ in halves)]
        table.add_row(*cells)
    screen.print(table)


def table_of(path: Path) -> list[Row]:
    with path.open(encoding="utf-8-sig", newline="") as lines:
        return list(csv.DictReader(lines))


def main(place: Callable[[], Path] = folder) -> int:
    where = place() / "emscad-flags50"
    if not (where / ADVERTS).is_file():
        print(f"skipped: the fifty labelled adverts are not here: {where} does not exist; set MANUMIT_SHARED_DATA")
        return 0
    width = int(os.environ.get("COLUMNS", "200"))
    show(table_of(where / ADVERTS), table_of(where / MACHINE), Console(width=width))
    return 0


if __name__ == "__main__":
    sys.exit(main())
