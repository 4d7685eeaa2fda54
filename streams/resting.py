"""Which labels a rule's signals rest on: the rule is asked again without them.

Asked of the label bits of both parties. A rule that counts labelled counterparties over a window rests on labels of
accounts that do not stand in the event; those signals count as resting on none.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from manumit.detectors.contract import FeatureBlock, Mask, Masks, Rule, Values
from manumit.detectors.folding import Need
from manumit.schemas.block import Int64s
from manumit.schemas.label import LABEL_CATEGORIES, TRAITS, label_bit
from manumit.streams.label_book import LabelBook

OWN, OTHER = 0, 1
Asked = Callable[[Masks, Masks], Mask]
Clause = tuple[tuple[int, str], ...]
"""Alternatives, one of which must hold: whose label, and its category."""


def clauses(rule: Rule, values: Values, block: FeatureBlock, rows: Int64s) -> list[tuple[Clause, ...]]:
    """Of each of `rows`, which the rule fires at, what must hold of the labels: all clauses; none where it fires
    without them. rows int64[k]."""
    own, other = block.own_labels[rows], block.other_labels[rows]
    taken = FeatureBlock(
        at_us=block.at_us[rows],
        usd=block.usd[rows],
        own_labels=own,
        other_labels=other,
        columns={name: column[rows] for name, column in block.columns.items()},
    )
    none = np.zeros(len(rows), np.uint32)

    def fires(mine: Masks, theirs: Masks) -> Mask:
        return rule.fires(replace(taken, own_labels=mine, other_labels=theirs), values)

    bare = fires(none, none)
    found: list[list[Clause]] = [[] for _ in rows]
    _of_one_side(found, OWN, own, fires(none, other), lambda bits: fires(bits, other))
    _of_one_side(found, OTHER, other, fires(own, none), lambda bits: fires(own, bits))
    either = [(side, category, fired) for side, category, fired in _alone(own, other, fires)]
    for row, clause in enumerate(found):
        alternatives = tuple((side, category) for side, category, fired in either if fired[row])
        if not bare[row] and not clause and alternatives:
            clause.append(alternatives)
    return [() if bare[row] else tuple(clause) for row, clause in enumerate(found)]


def _of_one_side(
    found: list[list[Clause]], side: int, bits: Masks, without: Mask, fires: Callable[[Masks], Mask]
) -> None:
    """Where the rule does not fire without this side's labels: any label that is enough, else each that must be."""
    if without.all():
        return
    present = _present(bits)
    enough = [(category, fires(bits & bit) & ((bits & bit) != 0)) for category, bit in present]
    needed = [(category, ~fires(bits & ~bit)) for category, bit in present]
    for row in np.flatnonzero(~without):
        alternatives = tuple((side, category) for category, fired in enough if fired[row])
        if alternatives:
            found[row].append(alternatives)
        else:
            found[row] += [((side, category),) for category, gone in needed if gone[row]]


def _alone(own: Masks, other: Masks, fires: Asked) -> list[tuple[int, str, Mask]]:
    """Where one label of one party is enough on its own."""
    none = np.zeros(len(own), np.uint32)
    mine = [(OWN, category, fires(own & bit, none) & ((own & bit) != 0)) for category, bit in _present(own)]
    theirs = [(OTHER, category, fires(none, other & bit) & ((other & bit) != 0)) for category, bit in _present(other)]
    return [*mine, *theirs]


def _present(bits: Masks) -> list[tuple[str, np.uint32]]:
    whole = int(np.bitwise_or.reduce(bits)) if len(bits) else 0
    named = ((category, label_bit(category)) for category in (*LABEL_CATEGORIES, *TRAITS))
    return [(category, np.uint32(bit)) for category, bit in named if whole & bit]


def needs(found: Sequence[Clause], parties: tuple[str, str], at_us: int, labels: LabelBook) -> tuple[Need, ...]:
    """The clauses with the accounts' names; `parties` are the subject and its counterparty.

    A clause that something else than a label of the book may meet, a trait of the record or the place of the customer,
    is left out: no list can withdraw it.
    """
    named = [tuple((parties[side], category) for side, category in clause) for clause in found]
    return tuple(
        _need(any_of, at_us, labels)
        for any_of in named
        if all(labels.supports(account, category, at_us) for account, category in any_of)
    )


def _need(any_of: tuple[tuple[str, str], ...], at_us: int, labels: LabelBook) -> Need:
    sources = {
        label.source
        for account, category in any_of
        for label in labels.labels_at(account, at_us)
        if label.category == category
    }
    return Need(any_of=any_of, sources=tuple(sorted(sources)))
