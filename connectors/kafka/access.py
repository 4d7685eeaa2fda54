"""What every client of a broker shares: where it is, and what its errors mean to us."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager

from kafka.errors import (
    AuthorizationError,
    InvalidTopicError,
    KafkaConfigurationError,
    KafkaError,
    SaslAuthenticationFailedError,
    UnknownTopicOrPartitionError,
)

from manumit.schemas.errors import ConfigError, EdgeDown

BOOTSTRAP_TIMEOUT_MS = 15_000
CONNECT_S = 5.0
LONGEST_REASON = 300  # the client's errors may quote whole answers
NOT_OURS_TO_RETRY = (AuthorizationError, InvalidTopicError, KafkaConfigurationError, SaslAuthenticationFailedError)


def addresses(servers: str) -> list[str]:
    """`host:port,host:port` as a list. Raises ConfigError for none or for one without a port."""
    found = [part.strip() for part in servers.split(",") if part.strip()]
    bad = [part for part in found if not part.rpartition(":")[2].isdigit()]
    if bad or not found:
        raise ConfigError(f"brokers {servers!r}: give host:port, several with commas between")
    return found


def answering(servers: str) -> list[str]:
    """The addresses, once one of them takes a connection: the client itself would wait and leave sockets behind.

    Raises EdgeDown naming why each does not, ConfigError.
    """
    found = addresses(servers)
    refusals: list[str] = []
    for address in found:
        host, _, port = address.rpartition(":")
        try:
            socket.create_connection((host.strip("[]"), int(port)), CONNECT_S).close()
        except OSError as error:
            refusals.append(f"{address}: {error}")
        else:
            return found
    raise EdgeDown(f"no broker answers ({'; '.join(refusals)})")


@contextmanager
def broker_errors(doing: str, servers: str) -> Iterator[None]:
    """Errors of the client as ours: EdgeDown for what may pass, ConfigError for what an operator must change."""
    try:
        yield
    except UnknownTopicOrPartitionError as error:
        raise ConfigError(f"{doing}: {servers} has no such topic; run `manumit topics apply`") from error
    except NOT_OURS_TO_RETRY as error:
        raise ConfigError(f"{doing}: {servers} refuses: {str(error)[:LONGEST_REASON]}") from error
    except (KafkaError, OSError) as error:
        raise EdgeDown(f"{doing}: {servers}: {type(error).__name__} {str(error)[:LONGEST_REASON]}") from error
