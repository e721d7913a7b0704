"""The address of a visitor is what trusted proxies say of it, and no more."""

import pytest
from django.conf import LazySettings
from django.test import RequestFactory

from omixa_studio.hosts import neighbourhood
from omixa_studio.visitors import address_of, is_path_here


@pytest.mark.parametrize(
    ("proxies", "told", "address"),
    [
        (0, "", "10.0.0.9"),
        (0, "1.1.1.1", "10.0.0.9"),
        (1, "6.6.6.6, 1.1.1.1", "1.1.1.1"),
        (1, "", "10.0.0.9"),
        (2, "6.6.6.6, 1.1.1.1, 10.0.0.1", "1.1.1.1"),
        (2, "1.1.1.1", "1.1.1.1"),
        (2, " , ,", "10.0.0.9"),
        (1, "unknown", ""),
        (1, "1.1.1.1:4711", "1.1.1.1"),
        (1, "[2001:db8::1]:4711", "2001:db8::1"),
        (1, "2001:db8::1", "2001:db8::1"),
        (1, "::ffff:1.1.1.1", "1.1.1.1"),
        (1, "fe80::1%eth0", "fe80::1"),
    ],
)
def test_it_believes_as_many_entries_as_there_are_proxies(
    settings: LazySettings, proxies: int, told: str, address: str
) -> None:
    settings.PROXIES = proxies
    headers = {"x-forwarded-for": told} if told else {}
    request = RequestFactory(headers=headers).get("/", REMOTE_ADDR="10.0.0.9")
    assert address_of(request) == address


@pytest.mark.parametrize(
    ("address", "counts_for"),
    [
        ("1.1.1.1", "1.1.1.1"),
        ("::ffff:1.1.1.1", "1.1.1.1"),
        ("2001:db8:1:2:3::4", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", ""),
    ],
)
def test_an_address_counts_for_its_visitor(address: str, counts_for: str) -> None:
    assert neighbourhood(address) == counts_for


@pytest.mark.parametrize(
    ("text", "is_here"),
    [
        ("/", True),
        ("/gallery/?q=fox#top", True),
        *((text, False) for text in ("", "people", "?q=fox", "#top", "%", "a.b", "{}", "[")),
        *((text, False) for text in ("//evil.example", "/\\evil.example", "\\\\evil", "http://[")),
        *((text, False) for text in ("http://localhost/", "javascript:x()", " //evil", "\t//evil")),
    ],
)
def test_only_a_path_of_the_studio_is_followed(text: str, is_here: bool) -> None:
    assert is_path_here(text) is is_here
