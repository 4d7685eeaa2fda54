"""The fields of transfer.v1 in their order, as tables for the compiled loop of `connectors.scan`."""

from __future__ import annotations

from typing import NamedTuple

import msgspec
import numpy as np

from manumit.connectors.lanes import LANES
from manumit.connectors.scan_fields import LONGEST_AMOUNT
from manumit.schemas.fields import kinds_of
from manumit.schemas.transfer import Transfer

NAMES = tuple(kinds_of(Transfer))
FIELDS = len(NAMES)
(CHAIN, HEIGHT, BLOCK, TX, POSITION, AT_US, SEEN_US, SENDER, RECEIVER, ASSET, AMOUNT, DECIMALS, USD, OP, FINALITY) = (
    range(FIELDS)
)
LOST = 0
"""The address behind a field that could not be read."""


class _Field(NamedTuple):
    """What stands before a value, with the quote that opens a text; least and greatest length or value; whether
    the field may be absent; digits that are within the limits whatever they are."""

    key: bytes
    least: int
    most: int
    optional: bool
    unread: int


def _fields() -> list[_Field]:
    """Read from the record itself: the order of its fields, and what msgspec allows in each."""
    info = msgspec.inspect.type_info(Transfer)
    assert isinstance(info, msgspec.inspect.StructType)  # noqa: S101 - tells mypy what Transfer is
    return [_field(place, field) for place, field in enumerate(info.fields)]


def _field(place: int, field: msgspec.inspect.Field) -> _Field:
    kind = field.type.type if isinstance(field.type, msgspec.inspect.Metadata) else field.type
    least, most, quote = 0, 0, ""
    if isinstance(kind, msgspec.inspect.StrType):
        least, most, quote = kind.min_length or 0, kind.max_length or 2**31, '"'
    elif isinstance(kind, msgspec.inspect.IntType):
        least, most = (1, LONGEST_AMOUNT) if kind.le is None else (kind.ge or 0, kind.le)
    key = f'{"," if place else "{"}"{field.encode_name}":{quote}'.encode()
    unread = len(str(most)) - 1 if least == 0 and place != AT_US else 0
    return _Field(key, least, most, not field.required, unread)


TABLE = _fields()
KEYS = np.array([np.frombuffer(field.key.ljust(LANES, b"\0"), np.uint8) for field in TABLE])
KEY_SIZES = tuple(len(field.key) for field in TABLE)
LEAST = tuple(field.least for field in TABLE)
MOST = tuple(field.most for field in TABLE)
OPTIONAL = tuple(field.optional for field in TABLE)
UNREAD = tuple(field.unread for field in TABLE)
