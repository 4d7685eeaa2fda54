"""Addresses that may be connected to, and those never."""

from __future__ import annotations

import pytest

from manumit.connectors.listings.addresses import checked_address, may_connect
from manumit.schemas.errors import BadRecord, EdgeDown

NEVER = (
    "169.254.169.254",
    "10.1.2.3",
    "172.16.0.1",
    "192.168.1.1",
    "100.64.0.1",
    "0.0.0.0",  # noqa: S104 - refused, not bound to
    "192.0.2.1",
    "198.18.0.1",
    "224.0.0.1",
    "255.255.255.255",
    "fe80::1%eth0",
    "fc00::1",
    "fd00:ec2::254",
    "::",
    "ff02::1",
    "::ffff:169.254.169.254",
    "::ffff:10.0.0.1",
    "64:ff9b::a9fe:a9fe",
    "2002:7f00:1::1",
    "2001:0:7f00:1::1",
    "2001:db8::1",
    "168.63.129.16",
    "192.88.99.1",
    "fec0::1",
    "::169.254.169.254",
    "::7f00:1",
    "::ffff:0:a9fe:a9fe",
    "3fff::1",
    "5f00::1",
    "no address",
    "",
)
SELF = ("127.0.0.1", "127.255.0.1", "::1", "::ffff:127.0.0.1")


@pytest.mark.parametrize("address", ["93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c", "::ffff:93.184.215.14"])
def test_public_addresses_may(address: str) -> None:
    assert may_connect(address, loopback=False)


@pytest.mark.parametrize("address", NEVER)
def test_others_may_not_even_in_tests(address: str) -> None:
    assert not may_connect(address, loopback=False)
    assert not may_connect(address, loopback=True)


@pytest.mark.parametrize("address", SELF)
def test_this_machine_only_in_tests(address: str) -> None:
    assert not may_connect(address, loopback=False)
    assert may_connect(address, loopback=True)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "2130706433", "0x7f.1", "0177.0.0.1", "::1"])
def test_a_host_is_what_its_name_leads_to(host: str) -> None:
    with pytest.raises(BadRecord) as refused:
        checked_address(host, 80, loopback=False)
    assert refused.value.reason == "refused-address"
    assert checked_address(host, 80, loopback=True) in SELF


@pytest.mark.parametrize("host", ["nowhere.invalid", "", "a" * 300, "\udc80"])
def test_a_name_that_is_none(host: str) -> None:
    with pytest.raises((EdgeDown, BadRecord)):
        checked_address(host, 80, loopback=False)
