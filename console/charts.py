"""Charts as inline SVG: presentation attributes and `currentColor` alone, so that they show without styles. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

BAR, GAP, LABEL, ROOM = 18, 8, 210, 420
LEAST = 2
MOST_BARS = 20
SHADES = (0.25, 0.4, 0.55, 0.75)


def linked(text: str, anchor: str) -> str:
    """A number that leads to the rows behind it."""
    return f'<a href="#{escape(anchor)}">{escape(text)}</a>'


def bars(title: str, rows: Sequence[tuple[str, int, float, str]]) -> str:
    """Horizontal bars: (name, count, highest weight 0..1, anchor of the rows). A heavier one is stronger in colour."""
    shown = rows[:MOST_BARS]
    most = max((count for _, count, _, _ in shown), default=1)
    height = len(shown) * (BAR + GAP) + GAP
    width = LABEL + ROOM + 70
    parts = [_bar(place, row, most) for place, row in enumerate(shown)]
    more = f"<p>{len(rows) - MOST_BARS} more stand in the appendix.</p>" if len(rows) > MOST_BARS else ""
    return (
        f'<svg role="img" aria-label="{escape(title)}" viewBox="0 0 {width} {height}" width="100%" '
        f'fill="currentColor" font-family="sans-serif" font-size="13">{"".join(parts)}</svg>{more}'
    )


def _bar(place: int, row: tuple[str, int, float, str], most: int) -> str:
    name, count, weight, anchor = row
    y = GAP + place * (BAR + GAP)
    long = max(LEAST, round(ROOM * count / most))
    middle = y + BAR - 5
    tip = f"{name}: {count}, highest weight {weight:.2f}"
    return (
        f'<a href="#{escape(anchor)}"><title>{escape(tip)}</title>'
        f'<text x="{LABEL - 8}" y="{middle}" text-anchor="end">{escape(_short(name))}</text>'
        f'<rect x="{LABEL}" y="{y}" width="{long}" height="{BAR}" rx="2" fill-opacity="{shade(weight):.2f}"/>'
        f'<text x="{LABEL + long + 8}" y="{middle}" font-weight="600">{count:,}</text></a>'
    )


def _short(name: str) -> str:
    return name if len(name) <= 30 else f"{name[:29]}…"


def shade(weight: float) -> float:
    """How strong, by quarters of the weight."""
    return SHADES[min(3, max(0, int(weight * 4)))]


def grid(
    title: str, rows: Sequence[str], columns: Sequence[str], cells: dict[tuple[str, str], tuple[int, float, str]]
) -> str:
    """A map: counts at (row, column), shaded by the highest weight; empty where nothing was found."""
    side, high, left, top = 58, 30, LABEL, 28
    width, height = left + side * len(columns) + 4, top + high * len(rows) + 4
    parts = [
        f'<text x="{left + side * i + side / 2}" y="{top - 9}" text-anchor="middle">{escape(_short(name)[:9])}</text>'
        for i, name in enumerate(columns)
    ]
    for j, row in enumerate(rows):
        y = top + high * j
        parts.append(f'<text x="{left - 8}" y="{y + high / 2 + 5}" text-anchor="end">{escape(_short(row))}</text>')
        for i, column in enumerate(columns):
            parts.append(_square(left + side * i, y, side - 3, high - 3, f"{row}, {column}", cells.get((row, column))))
    return (
        f'<svg role="img" aria-label="{escape(title)}" viewBox="0 0 {width} {height}" width="{width}" '
        f'fill="currentColor" font-family="sans-serif" font-size="13">{"".join(parts)}</svg>'
    )


def _square(x: int, y: int, width: int, height: int, name: str, held: tuple[int, float, str] | None) -> str:
    frame = f'<rect x="{x}" y="{y}" width="{width}" height="{height}" rx="2" fill-opacity="{{}}"/>'
    if held is None:
        return frame.format("0.03")
    count, weight, anchor = held
    tip = f"{name}: {count}, highest weight {weight:.2f}"
    middle = f'x="{x + width / 2}" y="{y + height / 2 + 5}" text-anchor="middle" font-weight="600"'
    return (
        f'<a href="#{escape(anchor)}"><title>{escape(tip)}</title>{frame.format(f"{shade(weight) * 0.6:.2f}")}'
        f"<text {middle}>{count:,}</text></a>"
    )
