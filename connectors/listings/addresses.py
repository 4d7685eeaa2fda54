"""Which network addresses may be connected to. A name is resolved once, checked, and the checked address is used.

Everything that is not on the public Internet is refused: private, link-local (cloud metadata among it), loopback,
multicast, and the IPv6 forms that carry an IPv4 address inside. Source: IANA special-purpose address registries
(RFC 6890), RFC 6052, RFC 3056, RFC 4380.
"""

from __future__ import annotations

import socket
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address

from manumit.schemas.errors import BadRecord, EdgeDown

UNICAST = IPv6Network("2000::/3")  # all that IANA gives out; compatible, translated and site-local forms lie outside
REFUSED = (
    IPv4Network("192.88.99.0/24"),  # 6to4 relays
    IPv4Network("168.63.129.16/32"),  # a cloud's own services, on a public number
    IPv6Network("2002::/16"),  # carry an IPv4 address inside: 6to4 and Teredo
    IPv6Network("2001::/32"),
    IPv6Network("3fff::/20"),  # documentation
)


def may_connect(address: str, *, loopback: bool) -> bool:
    """`loopback` also allows this machine itself, and nothing else more: for tests."""
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    plain = (found.ipv4_mapped or found) if isinstance(found, IPv6Address) else found
    if loopback and plain.is_loopback:
        return True
    if isinstance(plain, IPv6Address) and plain not in UNICAST:
        return False
    return plain.is_global and not plain.is_multicast and not any(plain in net for net in REFUSED)


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
