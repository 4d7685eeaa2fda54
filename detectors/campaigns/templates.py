"""What stays and what varies in the copies of one text: a template with slots, as evidence for a reader.

The constant words are those that stand in every copy in the same order, found by folding longest common
subsequences one copy after the other. Needs the texts, so it runs where they are kept for their time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from manumit.detectors.campaigns.letters import CLASS_SHIFT, IDEOGRAPH, TABLE_SIZE, letter_table
from manumit.detectors.text.normalise import fold

MOST_TEXTS = 24
MOST_PIECES = 250  # of a text; the work is their square for each text


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """`constant` stands in every copy; where it is "", `values` are what the copies have there, "" for nothing."""

    constant: str
    values: tuple[str, ...] = ()


def template(texts: Sequence[str]) -> tuple[Part, ...]:
    """Constants and slots in turn; at most MOST_TEXTS texts and MOST_PIECES pieces of each are read."""
    copies = [_pieces(text)[:MOST_PIECES] for text in texts[:MOST_TEXTS]]
    if not copies:
        return ()
    common = [_key(piece) for piece in copies[0]]
    for copy in copies[1:]:
        common = _shared(common, [_key(piece) for piece in copy])
    aligned = [_gaps(copy, common) for copy in copies]
    parts: list[Part] = []
    words: list[str] = []
    for i in range(len(common) + 1):
        values = tuple(gaps[i][0] for gaps in aligned)
        if any(values):
            parts += [Part(constant=_joined(words))] if words else []
            parts.append(Part(constant="", values=values))
            words = []
        words += [aligned[0][i][1]] if i < len(common) else []
    return (*parts, Part(constant=_joined(words))) if words else tuple(parts)


def _pieces(text: str) -> list[str]:
    """Words, or single characters of scripts that do not part words."""
    found: list[str] = []
    for word in text.split():
        for single, run in groupby(word, _stands_alone):
            letters = list(run)
            found += letters if single else ["".join(letters)]
    return found


def _stands_alone(character: str) -> bool:
    code = ord(character)
    return code >= TABLE_SIZE or int(letter_table()[code]) >> CLASS_SHIFT >= IDEOGRAPH


def _key(piece: str) -> str:
    return fold(piece).text


def _shared(one: Sequence[str], other: Sequence[str]) -> list[str]:
    """A longest common subsequence."""
    rows = [[0] * (len(other) + 1) for _ in range(len(one) + 1)]
    for i in range(len(one) - 1, -1, -1):
        for j in range(len(other) - 1, -1, -1):
            same = one[i] == other[j]
            rows[i][j] = rows[i + 1][j + 1] + 1 if same else max(rows[i + 1][j], rows[i][j + 1])
    found, i, j = [], 0, 0
    while i < len(one) and j < len(other):
        if one[i] == other[j]:
            found.append(one[i])
            i, j = i + 1, j + 1
        elif rows[i + 1][j] >= rows[i][j + 1]:
            i += 1
        else:
            j += 1
    return found


def _gaps(copy: Sequence[str], common: Sequence[str]) -> list[tuple[str, str]]:
    """For each common piece (what this copy has before it, the piece); last, what comes after all of them."""
    found: list[tuple[str, str]] = []
    before: list[str] = []
    for piece in copy:
        if len(found) < len(common) and _key(piece) == common[len(found)]:
            found.append((_joined(before), piece))
            before = []
        else:
            before.append(piece)
    return [*found, (_joined(before), "")]


def _joined(pieces: Sequence[str]) -> str:
    """With a blank between words, none between characters that stand alone."""
    text = ""
    for piece in pieces:
        parted = bool(text) and not (_stands_alone(text[-1]) and _stands_alone(piece[0]))
        text += f" {piece}" if parted else piece
    return text
