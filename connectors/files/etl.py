"""Rows of ethereum-etl and GraphSense exports to transfers. Pure.

Field names here are ethereum-etl's; `shapes` says under which name a file keeps each. Functions
return None for rows that move nothing: contract creations, zero native value, failed receipts, logs
that are no ERC-20 transfer. They raise BadRecord otherwise, and nothing is guessed.
Source: ethereum-etl docs/schema.md; graphsense-lib's account schema (values in hex or base64).
"""

from __future__ import annotations

import binascii
import re
from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from manumit.connectors.files.rows import Fields
from manumit.connectors.rates import Rates
from manumit.schemas.addresses import account_address, normalise
from manumit.schemas.errors import BadRecord
from manumit.schemas.fields import MAX_UINT256, MAX_USD, YEAR_1970_US, YEAR_2200_US
from manumit.schemas.transfer import NATIVE_POSITION, Transfer
from manumit.schemas.wire import is_number

TRANSFER_TOPIC = "0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef"
ERC20_TOPICS = 3
WORD_HEX = 64
TOPIC_PADDING = "0" * 24
ACCOUNT_BYTES = 20
SECOND_US = 1_000_000
MAX_UINT32 = 2**32 - 1
MAX_INT64 = 2**63 - 1
DIGITS = re.compile(r"[0-9]{1,80}", re.ASCII)
HEX_NUMBER = re.compile(r"0x[0-9a-fA-F]{1,64}", re.ASCII)
HEX_BYTES = re.compile(r"0x(?:[0-9a-fA-F]{2})*", re.ASCII)
FAILED = ("0", "0x0")


@dataclass(frozen=True, slots=True)
class BlockTime:
    """When a block was made, and its hash ("" when the file does not say)."""

    at_us: int
    block_hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a row does not say of itself: the chain, prices, and the times of blocks by height."""

    chain: str
    rates: Rates
    blocks: Mapping[int, BlockTime] = field(default_factory=dict)


def native_transfer(row: Fields, reading: Reading) -> Transfer | None:
    """A transaction's own value, at NATIVE_POSITION + transaction index."""
    if str(row.get("receipt_status")) in FAILED or not row.get("to_address"):
        return None
    amount = whole(row, "value", MAX_UINT256, "absurd-amount")
    if amount == 0:
        return None
    coin = reading.rates.native(reading.chain)
    index = whole(row, "transaction_index", MAX_UINT32 - NATIVE_POSITION)
    asset, decimals = ("native", 0) if coin is None else (coin.asset, coin.decimals)
    return transfer(row, reading, asset=asset, decimals=decimals, amount=amount, position=NATIVE_POSITION + index)


def token_transfer(row: Fields, reading: Reading) -> Transfer:
    """A row of token_transfers. Such files mix in ERC-721 ids as values; an unknown asset has no USD worth."""
    amount = whole(row, "value", MAX_UINT256, "absurd-amount")
    asset = address(row, "token_address", reading.chain)
    return transfer(
        row,
        reading,
        asset=asset,
        decimals=reading.rates.decimals(reading.chain, asset) or 0,
        amount=amount,
        position=whole(row, "log_index", NATIVE_POSITION - 1),
    )


def log_transfer(row: Fields, reading: Reading) -> Transfer | None:
    """ERC-20 Transfer: three topics and exactly 32 data bytes. Four topics are ERC-721, another token."""
    topics = [hex_text(topic, "topics") for topic in topic_list(row.get("topics"))]
    if len(topics) != ERC20_TOPICS or topics[0] != TRANSFER_TOPIC:
        return None
    data = hex_text(row.get("data") or "0x", "data")
    if len(data) != 2 + WORD_HEX:
        return None
    parties = {"from_address": topic_account(topics[1]), "to_address": topic_account(topics[2])}
    token = {"token_address": row.get("address"), "value": data}
    return token_transfer({**row, **parties, **token}, reading)


def transfer(row: Fields, reading: Reading, *, asset: str, decimals: int, amount: int, position: int) -> Transfer:
    """The rest of the record, which all three shapes share."""
    height = whole(row, "block_number", MAX_INT64)
    made = block_time(row, height, reading.blocks)
    worth = reading.rates.usd(reading.chain, asset, decimals, amount, made.at_us)
    if worth is not None and worth > MAX_USD:
        raise BadRecord("absurd-amount", f"{amount} of {asset} would be {worth} USD")
    return Transfer(
        chain=reading.chain,
        block_height=height,
        block_hash=made.block_hash,
        tx_hash=hex_text(row.get("transaction_hash"), "transaction_hash"),
        position=position,
        at_us=made.at_us,
        seen_us=made.at_us,
        sender=address(row, "from_address", reading.chain),
        receiver=address(row, "to_address", reading.chain),
        asset=asset,
        amount=amount,
        decimals=decimals,
        amount_usd=worth,
    )


def block_time(row: Fields, height: int, blocks: Mapping[int, BlockTime]) -> BlockTime:
    """From the row, else from the block files beside it. Raises BadRecord("bad-time")."""
    known = blocks.get(height)
    given = row.get("block_hash")
    block_hash = hex_text(given, "block_hash") if given else known.block_hash if known else ""
    stamp = row.get("block_timestamp")
    if stamp not in (None, ""):
        return BlockTime(time_us(stamp), block_hash)
    if known is None:
        raise BadRecord("bad-time", f"no time for block {height}: put the export's blocks file beside this one")
    return BlockTime(known.at_us, block_hash)


def time_us(value: object) -> int:
    """Seconds since 1970, ISO 8601 or BigQuery's `… UTC` to microseconds. Raises BadRecord("bad-time")."""
    try:
        at_us = int(str(value)) * SECOND_US if is_digits(value) else date_us(value)
    except (ValueError, OverflowError, TypeError) as error:
        raise BadRecord("bad-time", f"{str(value)[:60]!r} is not a time") from error
    if not YEAR_1970_US <= at_us <= YEAR_2200_US:
        raise BadRecord("bad-time", f"{str(value)[:60]!r} is before 1970 or after 2200")
    return at_us


def date_us(value: object) -> int:
    """A datetime or its text; block times are UTC where they do not say. Raises ValueError, TypeError."""
    moment = value if isinstance(value, datetime) else datetime.fromisoformat(str(value).replace(" UTC", "+00:00"))
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    spent = aware - datetime(1970, 1, 1, tzinfo=UTC)
    return (spent.days * 86_400 + spent.seconds) * SECOND_US + spent.microseconds


def is_digits(value: object) -> bool:
    """True for a whole number or its decimal text."""
    return type(value) is int or (isinstance(value, str) and DIGITS.fullmatch(value) is not None)


def whole(row: Fields, name: str, limit: int, reason: str = "malformed") -> int:
    """An exact integer in [0, limit], as number, decimal text or 0x text.

    Raises BadRecord(reason) for other numbers, BadRecord("malformed") for what is none.
    """
    value = row.get(name)
    if is_digits(value):
        number = int(str(value))
    elif isinstance(value, str) and HEX_NUMBER.fullmatch(value):
        number = int(value, 16)
    else:
        why = reason if is_number(value) else "malformed"
        raise BadRecord(why, f"{name} is {str(value)[:80]!r}, not an exact whole number")
    if not 0 <= number <= limit:
        raise BadRecord(reason, f"{name} is {str(number)[:80]}, outside 0 to {limit}")
    return number


def address(row: Fields, name: str, chain: str) -> str:
    """Canonical; base64 of 20 bytes is read too. Raises BadRecord."""
    value = row.get(name)
    if not isinstance(value, str) or not value:
        raise BadRecord("malformed", f"{name} is missing")
    raw = base64_bytes(value)
    return account_address(chain, raw) if raw is not None and len(raw) == ACCOUNT_BYTES else normalise(chain, value)


def hex_text(value: object, name: str) -> str:
    """0x… in lower case, from hex or base64. Raises BadRecord("malformed")."""
    if isinstance(value, str) and HEX_BYTES.fullmatch(value):
        return value.lower()
    raw = base64_bytes(value) if isinstance(value, str) else None
    if not raw:
        raise BadRecord("malformed", f"{name} is {str(value)[:80]!r}, neither 0x text nor base64")
    return "0x" + raw.hex()


def base64_bytes(text: str) -> bytes | None:
    """Bytes of padded base64 (GraphSense's JSON form of binary columns), or None."""
    if not text.endswith("="):
        return None
    try:
        return b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None


def topic_list(value: object) -> list[object]:
    """Topics as a list, or as the comma-joined text of CSV exports."""
    if isinstance(value, str):
        return list(value.split(",")) if value else []
    return list(value) if isinstance(value, list | tuple) else []


def topic_account(topic: str) -> str:
    """The account in an indexed address topic. Raises BadRecord("bad-address")."""
    if len(topic) != 2 + WORD_HEX or not topic.startswith(TOPIC_PADDING, 2):
        raise BadRecord("bad-address", f"topic {topic[:80]!r} is not an address")
    return "0x" + topic[26:]
