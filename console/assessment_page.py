"""An assessment as one HTML file: no script, nothing fetched, everything escaped, every number linked to its rows."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from html import escape
from importlib import resources

from manumit.console.charts import bars, grid, linked
from manumit.schemas.assessment import Assessment, Cell, GapCell, PartyFinding, PartyGap

MOST_LINKS, MOST_ROWS = 400, 5_000
MOST_COLUMNS = 12
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
FINDING = ("no.", "row", "party", "country", "sector", "weight", "what", "source", "evidence")
GAP = ("no.", "row", "party", "country", "what is not known", "asked by")
GAPS = {
    "verification": "not fully verified",
    "national-id": "document or register number",
    "birth": "date of birth",
    "document": "expired document",
    "attestation": "wallet without proof",
}


def page(one: Assessment) -> str:
    """The whole document."""
    style = resources.files("manumit.console.web").joinpath("assessment.css").read_text("utf-8")
    digest = b64encode(sha256(style.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    when = (EPOCH + timedelta(microseconds=one.made_us)).strftime("%Y-%m-%d %H:%M UTC")
    body = "".join((_head(one, when), _charts(one), _gaps(one), _limits(one), _appendix(one)))
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
        '<meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark">'
        f"<title>Risk assessment: {escape(one.file)}</title><style>{style}</style></head>"
        f"<body><main>{body}</main></body></html>\n"
    )


def _head(one: Assessment, when: str) -> str:
    found = len({finding.row for finding in one.findings})
    lacking = len({gap.row for gap in one.gaps})
    numbers = (
        ("parties read", f"{one.parties:,}"),
        ("with a finding", linked(f"{found:,}", "findings")),
        ("with a gap of knowledge", linked(f"{lacking:,}", "gaps-list")),
        ("with neither", linked(f"{len(one.without):,}", "without")),
        ("restricted, not shown", f"{one.restricted:,}"),
    )
    told = "".join(f"<div><dt>{name}</dt><dd>{number}</dd></div>" for name, number in numbers)
    return (
        f"<header><h1>Risk assessment</h1><p>{escape(one.file)}, {when}. Nobody's role is known: a finding resembles a "
        "published sign and is a reason to look, never a verdict. Each number leads to its rows; row numbers are those "
        f'of the file.</p><dl class="numbers">{told}</dl></header>'
    )


def _charts(one: Assessment) -> str:
    if not one.findings:
        return "<section><h2>Findings</h2><p>Nothing was found. See below what could not be judged.</p></section>"
    columns = [cell.names[0] for cell in one.by_country][:MOST_COLUMNS]
    rows = [cell.names[0] for cell in one.by_typology]
    held = {(c.names[0], c.names[1]): (c.parties, c.highest, anchor("map", c.names)) for c in one.risk_map}
    left = len(one.by_country) - len(columns)
    more = f"<p>{left} more countries stand in the appendix.</p>" if left > 0 else ""
    return "".join(
        (
            "<section><h2>Risk map: parties by typology and country</h2>",
            f'<div class="scroll">{grid("Parties by typology and country", rows, columns, held)}</div>{more}',
            '<p class="note">Counts are parties with at least one finding; a heavier one is stronger in colour. '
            "One party may stand in several fields. Alerts about a party's own account and unconfirmed records "
            "count as findings and have no weight: the party may be controlled, or not be meant.</p></section>",
            _barred("By typology", "typology", one.by_typology),
            _barred("By country", "country", one.by_country),
            _barred("By sector", "sector", one.by_sector),
        )
    )


def _barred(title: str, prefix: str, cells: Sequence[Cell]) -> str:
    rows = [(cell.names[0], cell.parties, cell.highest, anchor(prefix, cell.names)) for cell in cells]
    return f"<section><h2>{title}</h2>{bars(f'Parties {title.lower()}', rows)}</section>"


def _gaps(one: Assessment) -> str:
    if not one.by_gap:
        return "<section><h2>Gaps of knowledge</h2><p>None.</p></section>"
    rows = [(GAPS.get(g.datum, g.datum), g.parties, 0.6, anchor("gap", (g.datum,))) for g in one.by_gap]
    note = '<p class="note">What is not on file although the jurisdiction asks for it. A gap suspects nobody.</p>'
    return f"<section><h2>Gaps of knowledge</h2>{bars('Parties by what is missing', rows)}{note}</section>"


def _limits(one: Assessment) -> str:
    missing = "".join(f"<li>{escape(line)}</li>" for line in one.missing) or "<li>Nothing that is known of.</li>"
    basis = "".join(f"<li>{escape(line)}</li>" for line in one.basis)
    return f"<section><h2>What could not be judged</h2><ul>{missing}</ul><h2>Rests on</h2><ul>{basis}</ul></section>"


def _appendix(one: Assessment) -> str:
    more = f" and {len(one.without) - MOST_ROWS:,} more in the JSON form" if len(one.without) > MOST_ROWS else ""
    rows = f"{', '.join(map(str, one.without[:MOST_ROWS])) or 'None'}{more}"
    return "".join(
        (
            '<section class="appendix"><h2>Appendix A: what each number counts</h2>',
            *_counted("typology", one.by_typology),
            *_counted("country", one.by_country),
            *_counted("sector", one.by_sector),
            *_counted("map", one.risk_map),
            *(_counted_gap(cell) for cell in one.by_gap),
            '</section><section class="appendix"><h2 id="findings">Appendix B: findings</h2>',
            _table(FINDING, one.findings, _finding),
            '</section><section class="appendix"><h2 id="gaps-list">Appendix C: gaps</h2>',
            _table(GAP, one.gaps, _gap),
            '</section><section class="appendix"><h2 id="without">Appendix D: rows with neither</h2>',
            f"<p>{rows}</p></section>",
        )
    )


def _counted(prefix: str, cells: Sequence[Cell]) -> Iterator[str]:
    for cell in cells:
        name = f"{prefix} {', '.join(cell.names)}"
        yield _numbers(anchor(prefix, cell.names), name, cell.parties, "finding", "f", cell.findings)


def _counted_gap(cell: GapCell) -> str:
    name = f"gap {GAPS.get(cell.datum, cell.datum)}"
    return _numbers(anchor("gap", (cell.datum,)), name, cell.parties, "gap", "g", cell.gaps)


def _numbers(place: str, name: str, parties: int, kind: str, letter: str, found: Sequence[int]) -> str:
    links = " ".join(linked(str(number), f"{letter}{number}") for number in found[:MOST_LINKS])
    more = f" and {len(found) - MOST_LINKS} more in the JSON form" if len(found) > MOST_LINKS else ""
    return f'<p id="{escape(place)}"><b>{escape(name)}</b>: {parties:,} parties, {kind}s {links}{more}</p>'


def _table(names: Sequence[str], rows: Sequence[PartyFinding] | Sequence[PartyGap], cells: Callable[..., str]) -> str:
    if not rows:
        return "<p>None.</p>"
    head = "".join(f"<th>{name}</th>" for name in names)
    return f'<div class="scroll"><table><tr>{head}</tr>{"".join(map(cells, rows))}</table></div>'


def _finding(one: PartyFinding) -> str:
    cells = (
        one.row,
        one.party,
        one.country,
        one.sector,
        f"{one.weight:.2f}" if one.weight else "none",
        f"{one.typology}: {one.what}",
    )
    return _line("f", one.number, (*cells, "; ".join(filter(None, one.sources)), ", ".join(one.evidence)))


def _gap(one: PartyGap) -> str:
    asked = "; ".join(f"{cited.ref}, {cited.section}" for cited in one.cited)
    return _line("g", one.number, (one.row, one.party, one.country, one.reason, asked))


def _line(letter: str, number: int, cells: Sequence[object]) -> str:
    told = "".join(f"<td>{escape(str(cell))}</td>" for cell in cells)
    return f'<tr id="{letter}{number}"><td>{number}</td>{told}</tr>'


def anchor(prefix: str, names: Sequence[str]) -> str:
    """An id for any names, whatever they hold."""
    return f"{prefix}-{sha256('|'.join(names).encode('utf-8', 'surrogatepass')).hexdigest()[:12]}"
