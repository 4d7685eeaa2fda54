"""What a ClickHouse error code means to the caller: change something, wait, or stop.

Codes: ClickHouse, src/Common/ErrorCodes.cpp. They never change their number.
"""

from __future__ import annotations

import re

from manumit.schemas.errors import Broken, ConfigError, EdgeDown, ManumitError

UNKNOWN_DATABASE = 81
LOGIN_REFUSED = frozenset({192, 193, 194, 516})
NOT_ALLOWED = frozenset({164, 497})  # READONLY, ACCESS_DENIED
UNKNOWN_TABLE = 60
NO_SPACE = frozenset({75, 243})  # CANNOT_WRITE_TO_FILE_DESCRIPTOR, NOT_ENOUGH_SPACE
BUSY = frozenset(
    {
        3,  # UNEXPECTED_END_OF_FILE
        159,  # TIMEOUT_EXCEEDED
        201,  # QUOTA_EXCEEDED
        202,  # TOO_MANY_SIMULTANEOUS_QUERIES
        203,  # NO_FREE_CONNECTION
        209,  # SOCKET_TIMEOUT
        210,  # NETWORK_ERROR
        225,  # NO_ZOOKEEPER
        236,  # ABORTED: the server is shutting down
        241,  # MEMORY_LIMIT_EXCEEDED
        242,  # TABLE_IS_READ_ONLY: a replica lost its keeper
        252,  # TOO_MANY_PARTS
        279,  # ALL_CONNECTION_TRIES_FAILED
        285,  # TOO_FEW_LIVE_REPLICAS
        319,  # UNKNOWN_STATUS_OF_INSERT
        394,  # QUERY_WAS_CANCELLED
        425,  # SYSTEM_ERROR
        999,  # KEEPER_EXCEPTION
    }
)
MESSAGE_LENGTH = 600  # the engine quotes the query in its messages; it may be long


def code_of(message: str) -> int:
    """The number in `Code: 60. DB::Exception: …`; 0 when there is none."""
    found = re.search(r"Code: (\d+)", message)
    return int(found.group(1)) if found else 0


def fault(code: int, message: str, *, where: str) -> ManumitError:
    """The error to raise for an engine error. `where` names the store without its password."""
    said = " ".join(message.split("Stack trace:")[0].split())[:MESSAGE_LENGTH]
    if code in LOGIN_REFUSED:
        return ConfigError(f"{where} refused the login: check user and password in store_url ({said})")
    if code in NOT_ALLOWED:
        return ConfigError(f"{where} does not allow this: grant the store's user the right it names ({said})")
    if code == UNKNOWN_DATABASE:
        return ConfigError(f"{where} has no such database: check store_url, or migrate the store ({said})")
    if code == UNKNOWN_TABLE:
        return ConfigError(f"{where} has no such table: migrate the store, or correct the name ({said})")
    if code in NO_SPACE:
        return EdgeDown(f"{where} cannot write to its disk: free some space ({said})")
    if code in BUSY:
        return EdgeDown(f"{where} cannot do it now ({said})")
    return Broken(f"{where} refused the statement, code {code} ({said})")
