"""Where a reading of a text file stands, and what becomes of one record there. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from manumit.connectors.files.own import Event
from manumit.connectors.files.stream import Record
from manumit.schemas.dead_letter import DeadLetter, dead_letter
from manumit.schemas.errors import BadRecord, ConfigError
from manumit.schemas.fields import YEAR_1970_US

Parse = Callable[[bytes], Event | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class TextPlace:
    """A resume token: decompressed bytes and lines read, and time and op of the last good row."""

    offset: int = 0
    line: int = 0
    at_us: int = YEAR_1970_US
    op: int = 1

    def __str__(self) -> str:
        return f"{self.offset}:{self.line}:{self.at_us}:{self.op}"

    @classmethod
    def of(cls, token: str | None) -> TextPlace:
        """Raises ConfigError for a token of another kind of source."""
        if token is None:
            return cls()
        try:
            offset, line, at_us, op = (int(part) for part in token.split(":"))
        except ValueError as error:
            raise ConfigError(f"{token[:80]!r} is no position in a text file; start without the checkpoint") from error
        return cls(offset=offset, line=line, at_us=at_us, op=op)


def file_of(source: str) -> str:
    """Folder and file name of a source's name, without the digits that tell paths apart. Pure."""
    return source.removeprefix("file:").rpartition("#")[0] or source


def read_record(
    record: Record, parse: Parse, source: str, at_us: int, schema: str
) -> tuple[Event | None, DeadLetter | None]:
    """The event of one record of `schema`, or why there is none. Blank lines are neither. Pure."""
    try:
        if record.fault:
            raise record.fault
        return (parse(record.raw) if record.raw.strip() else None), None
    except BadRecord as error:
        cut_short = not record.ended and error.reason == "malformed"
        return None, dead_letter(
            source=source,
            place=f"{file_of(source)}:{record.line}",
            reason="truncated" if cut_short else error.reason,
            message=str(error),
            payload=record.raw,
            at_us=at_us,
            record=schema,
        )
