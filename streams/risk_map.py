"""Findings counted by what they have in common; every count keeps the numbers of what it counts. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from manumit.schemas.assessment import Cell, GapCell, PartyFinding, PartyGap


def cells(findings: Sequence[PartyFinding], names: Callable[[PartyFinding], tuple[str, ...]]) -> tuple[Cell, ...]:
    """One for each combination of names that occurs: most parties first."""
    grouped: dict[tuple[str, ...], list[PartyFinding]] = {}
    for one in findings:
        grouped.setdefault(names(one), []).append(one)
    found = [
        Cell(
            names=key,
            parties=len({one.row for one in members}),
            highest=max(one.weight for one in members),
            findings=tuple(one.number for one in members),
        )
        for key, members in grouped.items()
    ]
    return tuple(sorted(found, key=lambda cell: (-cell.parties, -cell.highest, cell.names)))


def by_gap(lacking: Sequence[PartyGap]) -> tuple[GapCell, ...]:
    grouped: dict[str, list[PartyGap]] = {}
    for one in lacking:
        grouped.setdefault(one.datum, []).append(one)
    found = [
        GapCell(datum=datum, parties=len({one.row for one in members}), gaps=tuple(one.number for one in members))
        for datum, members in grouped.items()
    ]
    return tuple(sorted(found, key=lambda cell: (-cell.parties, cell.datum)))
