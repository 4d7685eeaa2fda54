"""What the crawl's process may not do, whatever a page or a library says: three locks, each enough by itself.

`GuardedResolver` hands on only addresses that were checked, so a name that changes its mind (DNS rebinding) changes
nothing: the connection goes to the address that was looked at. `lock_process` is the last lock: an audit hook, which
cannot be taken off again, refuses connections to other addresses, programs, and files to write, before they happen.
"""

from __future__ import annotations

import errno
import os
import socket
import sys
from typing import Any

from twisted.internet.interfaces import IHostnameResolver, IResolutionReceiver
from zope.interface import implementer

from manumit.connectors.listings.addresses import may_connect

LOOPBACK = "MANUMIT_LOOPBACK"  # a Scrapy setting that only `child` sets
PROGRAMS = frozenset(
    ("subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.spawn", "os.fork", "os.forkpty", "pty.spawn")
)
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_TRUNC


@implementer(IResolutionReceiver)
class _Checking:
    """Holds addresses back until all are known: one that is refused refuses the name."""

    def __init__(self, receiver: Any, loopback: bool) -> None:
        self._receiver = receiver
        self._loopback = loopback
        self.addresses: list[Any] = []

    def resolutionBegan(self, resolution: Any) -> None:
        self._receiver.resolutionBegan(resolution)

    def addressResolved(self, address: Any) -> None:
        self.addresses.append(address)

    def resolutionComplete(self) -> None:
        if not self.refused:
            for address in self.addresses:
                self._receiver.addressResolved(address)
        self._receiver.resolutionComplete()

    @property
    def refused(self) -> list[str]:
        return [one.host for one in self.addresses if not may_connect(one.host, loopback=self._loopback)]


@implementer(IHostnameResolver)
class GuardedResolver:
    """Resolves anew for every connection. `refusals(host)` says which addresses of the last look-up were refused."""

    def __init__(self, reactor: Any, loopback: bool) -> None:
        self._reactor = reactor
        self._asks = reactor.nameResolver
        self._loopback = loopback
        self._last: dict[str, _Checking] = {}

    @classmethod
    def from_crawler(cls, crawler: Any, reactor: Any) -> GuardedResolver:
        """As Scrapy makes its resolvers."""
        return cls(reactor, crawler.settings.getbool(LOOPBACK))

    def install_on_reactor(self) -> None:
        """As Scrapy installs its resolvers."""
        self._reactor.installNameResolver(self)

    def refusals(self, host: str) -> list[str]:
        found = self._last.get(host)
        return found.refused if found else []

    def resolveHostName(
        self,
        resolutionReceiver: Any,
        hostName: str,
        portNumber: int = 0,
        addressTypes: Any = None,
        transportSemantics: str = "TCP",
    ) -> Any:
        """See IHostnameResolver."""
        checking = _Checking(resolutionReceiver, self._loopback)
        self._last = {hostName: checking}
        return self._asks.resolveHostName(checking, hostName, portNumber, addressTypes, transportSemantics)


def lock_process(*, loopback: bool) -> None:
    """From here on this process connects to no refused address, starts no program and writes no file."""

    def look(event: str, arguments: tuple[Any, ...]) -> None:
        if event in PROGRAMS:
            raise PermissionError(errno.EPERM, f"the crawl starts no programs ({event})")
        if event == "socket.connect":
            _check_connection(*arguments, loopback=loopback)
        elif event == "open":
            _check_file(*arguments)

    sys.addaudithook(look)


def _check_connection(connection: socket.socket, address: Any, *, loopback: bool) -> None:
    if connection.family not in (socket.AF_INET, socket.AF_INET6):
        raise PermissionError(errno.EACCES, "the crawl speaks TCP only")
    if not may_connect(str(address[0]), loopback=loopback):
        raise PermissionError(errno.EACCES, f"{address[0]} is not on the public Internet")


def _check_file(path: object, mode: str | None, flags: int) -> None:
    """Opening a device such as /dev/null to write stays possible."""
    if flags & WRITING and not (isinstance(path, str) and path.startswith("/dev/")):
        raise PermissionError(errno.EACCES, "the crawl writes no files")
