"""Which network addresses may be connected to. A name is resolved once, checked, and the checked address is used.

Everything that is not on the public Internet is refused: private, link-local (cloud metadata among it), loopback,
multicast, and the IPv6 forms that carry an IPv4 address inside. Source: IANA special-purpose address registries
(RFC 6890), RFC 6052, RFC 3056, RFC 4380.
"""

from __future__ import annotations

import socket
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

from manumit.schemas.errors import BadRecord, EdgeDown

CARRIERS = tuple(IPv6Network(net) for net in ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32"))


def may_connect(address: str, *, loopback: bool) -> bool:
    """`loopback` also allows this machine itself, and nothing else more: for tests."""
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    plain = _inside(found)
    if loopback and plain.is_loopback:
        return True
    return plain.is_global and not plain.is_multicast


def _inside(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """The IPv4 address inside of an IPv6 one; one that is carried is never public to us."""
    if isinstance(address, IPv4Address):
        return address
    if any(address in net for net in CARRIERS):
        return IPv4Address(0)
    return address.ipv4_mapped or address


def checked_address(host: str, port: int, *, loopback: bool) -> str:
    """The address to connect to. Raises BadRecord("refused-address") when any of the host's addresses is not
    allowed, EdgeDown when the name is not found."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise EdgeDown(f"{host}: name not found ({error})") from error
    addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
    for address in addresses:
        if not may_connect(address, loopback=loopback):
            raise BadRecord("refused-address", f"{host} leads to {address}, which is not on the public Internet")
    return addresses[0]
