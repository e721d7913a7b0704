"""Where the key may be sent at all."""

import pytest

from omixa_studio.gateway.address import spell_target, target_of
from omixa_studio.gateway.client import Gateway, check_base_url


@pytest.mark.parametrize(
    ("given", "normal"),
    [
        ("https://www.omixa.cloud/api/v1", "https://www.omixa.cloud/api/v1"),
        (" HTTPS://WWW.Omixa.Cloud/api/v1/ \n", "https://www.omixa.cloud/api/v1"),
        ("https://omixa.cloud:8443", "https://omixa.cloud:8443"),
        ("https://[2001:db8::1]:8443/api/", "https://[2001:db8::1]:8443/api"),
        ("http://localhost:8001/api/v1", "http://localhost:8001/api/v1"),
        ("http://127.0.0.1:8001/api/v1", "http://127.0.0.1:8001/api/v1"),
        ("http://127.8.9.1/api", "http://127.8.9.1/api"),
        ("http://[::1]:80/api", "http://[::1]:80/api"),
    ],
)
def test_it_takes_https_anywhere_and_http_on_this_machine(given: str, normal: str) -> None:
    assert check_base_url(given) == normal


@pytest.mark.parametrize(
    "url",
    [
        "",
        "www.omixa.cloud/api/v1",
        "ftp://www.omixa.cloud/api/v1",
        "file:///etc/passwd",
        "http://www.omixa.cloud/api/v1",
        "http://192.168.1.2/api/v1",
        "http://0.0.0.0/api/v1",
        "http://localhost.example.com/api",
        "http://127.0.0.1.example.com/api",
        "http://2130706433/api",
        "http://127.0.0.1@example.com/api",
        "http://127.0.0.1\\@example.com/api",
        "https://someone:secret@www.omixa.cloud/api",
        "https://www.omixa.cloud/api?x=1",
        "https://www.omixa.cloud/api#x",
        "https://www.omixa.cloud:99999/api",
        "https://www.omixa.cloud:0/api",
        "https://www.omixa.cloud:x/api",
        "https://www.omixa cloud/api",
        "https://www.omixa.cloud/a\r\nHost: x",
        "https://ömixa.cloud/api",
        "https:///api",
        "https://[::1/api",
        f"https://{'a' * 191}/api",
    ],
)
def test_it_refuses_any_other_address_with_a_sentence(url: str) -> None:
    with pytest.raises(ValueError, match=r"^The gateway's address must .*\.$"):
        check_base_url(url)


@pytest.mark.parametrize(
    ("spellings", "target"),
    [
        (
            [
                "https://www.omixa.cloud/api/v1",
                "https://WWW.Omixa.Cloud",
                "https://www.omixa.cloud:443/api/v2",
                "https://www.omixa.cloud./api/v1",
            ],
            "www.omixa.cloud",
        ),
        (
            ["https://www.omixa.cloud:8443", "https://www.omixa.cloud.:08443"],
            "www.omixa.cloud:8443",
        ),
        # Whoever serves https at port 80 is another gateway; 80 is usual on this machine alone.
        (["https://www.omixa.cloud:80"], "www.omixa.cloud:80"),
        (["https://XN--BCHER-KVA.example"], "xn--bcher-kva.example"),
        (
            [
                "http://localhost:8001/api/v1",
                "http://LOCALHOST:8001",
                "http://127.0.0.1:8001/api",
                "https://[::1]:8001",
                "https://[0:0::0001]:8001",
                "https://[::ffff:127.0.0.1]:8001",
            ],
            "localhost:8001",
        ),
        (["http://localhost", "http://127.0.0.1:80", "https://[::1]:443"], "localhost"),
        (["http://127.8.9.1:8001"], "127.8.9.1:8001"),
        (["https://[2001:DB8:0::1]", "https://[2001:db8::1]:443"], "[2001:db8::1]"),
        (["https://[2001:DB8::1]:8443"], "[2001:db8::1]:8443"),
        (["https://sandbox/api", "https://Sandbox.:443"], "sandbox:443"),
    ],
)
def test_a_gateway_has_one_name_however_its_address_is_spelled(
    spellings: list[str], target: str
) -> None:
    assert {target_of(url) for url in spellings} == {target}
    assert spell_target(target) == target


def test_practice_keeps_its_name() -> None:
    assert spell_target("sandbox") == "sandbox"


@pytest.mark.parametrize("key", ["", "   ", "two words", "line\nbreak", "schlüssel", "a\x00b"])
def test_it_refuses_a_key_that_cannot_travel_in_a_header_and_does_not_repeat_it(key: str) -> None:
    with pytest.raises(ValueError, match="one word") as caught:
        Gateway("https://www.omixa.cloud/api/v1", key)
    assert not key.strip() or key not in str(caught.value)


def test_it_trims_the_key_that_a_file_ends_with_a_line_break() -> None:
    assert Gateway("https://www.omixa.cloud/api/v1", "omx_live_x\n").redact("omx_live_x") == "[key]"
