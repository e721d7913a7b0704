"""For whom a connection is counted: whoever has an IPv6 address has a whole network of them."""

import pytest

from omixa_studio.serving.connection import neighbourhood


@pytest.mark.parametrize(
    ("client", "counted_for"),
    [
        (("203.0.113.9", 5000), "203.0.113.9"),
        (("2001:db8:1:2::9", 5000, 0, 0), "2001:db8:1:2::/64"),
        (("2001:db8:1:2:ffff::1", 6000, 0, 0), "2001:db8:1:2::/64"),
        (("fe80::1%eth0", 5000, 0, 2), "fe80::/64"),
        ("", ""),
    ],
)
def test_a_connection_is_counted_for_an_address_or_its_network(
    client: object, counted_for: str
) -> None:
    assert neighbourhood(client) == counted_for
