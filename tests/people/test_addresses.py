"""Where a request comes from: only our own proxies are believed."""

from typing import Any

import pytest
from django.test import RequestFactory

from portefeuille.people.addresses import client_address


def address(peer: str, forwarded: str = "") -> str:
    headers = {"HTTP_X_FORWARDED_FOR": forwarded} if forwarded else {}
    return client_address(RequestFactory().get("/", REMOTE_ADDR=peer, **headers))


def test_the_peer_without_proxies(settings: Any) -> None:
    settings.TRUSTED_PROXIES = 0
    assert address("198.51.100.7", "203.0.113.9") == "198.51.100.7"


@pytest.mark.parametrize(
    ("proxies", "forwarded", "expected"),
    [
        (1, "203.0.113.9", "203.0.113.9"),
        (1, "192.0.2.66, 203.0.113.9", "203.0.113.9"),  # what the client wrote itself is not believed
        (2, "192.0.2.66, 203.0.113.9, 10.0.0.2", "203.0.113.9"),
        (2, "203.0.113.9", "198.51.100.7"),  # somebody came round a proxy
    ],
)
def test_as_many_entries_as_proxies(settings: Any, proxies: int, forwarded: str, expected: str) -> None:
    settings.TRUSTED_PROXIES = proxies
    assert address("198.51.100.7", forwarded) == expected


def test_one_ipv6_network_is_one_address(settings: Any) -> None:
    settings.TRUSTED_PROXIES = 0
    assert address("2001:db8:1:2:3::4") == address("2001:db8:1:2:ffff::9") == "2001:db8:1:2::/64"
    assert address("2001:db8:1:3::4") != address("2001:db8:1:2::4")
    assert address("::ffff:198.51.100.7") == "198.51.100.7"


@pytest.mark.parametrize("peer", ["", "unix:", "127.0.0.1' OR 1=1", "999.1.1.1"])
def test_nonsense_is_one_unknown_address(settings: Any, peer: str) -> None:
    settings.TRUSTED_PROXIES = 0
    assert address(peer) == "unknown"
