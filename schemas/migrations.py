"""The numbered SQL files that make the tables. One statement a file; names order them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files

SQL = ".sql"


@dataclass(frozen=True, slots=True, kw_only=True)
class Migration:
    """`name` is the file without its ending (`0002_transfers`), `statement` one SQL statement without `;`."""

    name: str
    statement: str


@cache
def migrations() -> tuple[Migration, ...]:
    """Every migration in order. The first makes `schema_migrations`, where the names of the others go.

    Statements name tables without a database: they run in the database of the connection.
    """
    found = sorted((f for f in files("manumit.schemas.sql").iterdir() if f.name.endswith(SQL)), key=lambda f: f.name)
    return tuple(Migration(name=f.name.removesuffix(SQL), statement=_statement(f.read_text("utf-8"))) for f in found)


def _statement(text: str) -> str:
    lines = (line for line in text.splitlines() if not line.lstrip().startswith("--"))
    return "\n".join(lines).strip().removesuffix(";").rstrip()
