"""Passkeys by hand-made answers of a device: what the browser of an attacker could send."""

import json
import re
from html import unescape
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from django.test import Client
from fido2.cose import ES256
from fido2.utils import sha256, websafe_decode, websafe_encode
from fido2.webauthn import (
    Aaguid,
    AttestationObject,
    AttestedCredentialData,
    AuthenticatorData,
    CollectedClientData,
)

from omixa_studio.models import Person
from tests.factories import PASSWORD, make_person

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("models_toml")]
# Browsers know passkeys at localhost without HTTPS.
HOST = "localhost"
Flag = AuthenticatorData.FLAG


class Device:
    """A key that somebody holds: it says whatever its holder wants of PIN and finger."""

    def __init__(self, handle: bytes, name: bytes = b"a key") -> None:
        self.private, self.handle, self.name = ec.generate_private_key(ec.SECP256R1()), handle, name

    def made(self, options: Any) -> str:
        """What a browser sends of a new passkey."""
        key = self.private.public_key()
        public = ES256.from_cryptography_key(key)  # type: ignore[no-untyped-call]
        told = AttestedCredentialData.create(Aaguid(bytes(16)), self.name, public)
        flags = Flag.UP | Flag.UV | Flag.AT
        data = AuthenticatorData.create(sha256(HOST.encode()), flags, 0, told)
        return self._sent(
            clientDataJSON=self._client_data("webauthn.create", options),
            attestationObject=AttestationObject.create("none", data, {}),
        )

    def used(self, options: Any, *, verified: bool) -> str:
        """What a browser sends of a login, with a PIN or finger or without one."""
        flags = Flag.UP | Flag.UV if verified else Flag.UP
        data = AuthenticatorData.create(sha256(HOST.encode()), flags, 1)
        client = self._client_data("webauthn.get", options)
        signature = self.private.sign(data + client.hash, ec.ECDSA(SHA256()))
        return self._sent(
            clientDataJSON=client,
            authenticatorData=data,
            signature=signature,
            userHandle=self.handle,
        )

    def _client_data(self, kind: str, options: Any) -> CollectedClientData:
        challenge = websafe_decode(options["publicKey"]["challenge"])
        return CollectedClientData.create(kind, challenge, f"http://{HOST}")

    def _sent(self, **response: bytes) -> str:
        name = websafe_encode(self.name)
        return json.dumps(
            {
                "id": name,
                "rawId": name,
                "type": "public-key",
                "response": {key: websafe_encode(value) for key, value in response.items()},
                "clientExtensionResults": {"credProps": {"rk": True}},
            }
        )


@pytest.fixture
def person() -> Person:
    return make_person("mara")


def browser_of(username: str) -> tuple[Client, Any]:
    """A browser after the password of somebody, and where that led."""
    browser = Client(HTTP_HOST=HOST)
    answer = browser.post("/login/", {"login": username, "password": PASSWORD})
    return browser, answer


def add_passkey(person: Person, name: bytes) -> Device:
    browser, _answer = browser_of(person.username)
    options = options_in(browser.post("/account/two-step/passkeys/", {"name": "Key"}))
    device = Device(websafe_decode(options["publicKey"]["user"]["id"]), name)
    made = {"name": "Key", "credential": device.made(options)}
    assert browser.post("/account/two-step/passkeys/add/", made).status_code == 200
    return device


def options_in(answer: Any) -> Any:
    """The options that a page hands to its script."""
    [text] = re.findall(r'data-options="([^"]+)"', answer.content.decode())
    return json.loads(unescape(text))


def test_a_passkey_logs_in_by_itself_only_with_a_pin_or_a_finger(person: Person) -> None:
    device = add_passkey(person, b"hers")
    for verified, status in ((False, 422), (True, 302)):
        browser = Client(HTTP_HOST=HOST)
        options = json.loads(browser.get("/login/passkey/").content)
        sent = {"credential": device.used(options, verified=verified)}
        assert browser.post("/login/passkey/", sent).status_code == status
    assert browser.get("/").status_code == 200


def test_the_challenge_of_ones_own_second_step_opens_no_other_account(person: Person) -> None:
    stolen = add_passkey(person, b"hers")
    insider = make_person("eve")
    add_passkey(insider, b"eves")
    browser, answer = browser_of("eve")
    assert answer["Location"] == "/login/code/"
    # Beside a password that is right, a touch is enough; alone it is not.
    options = options_in(browser.get("/login/code/"))
    sent = {"credential": stolen.used(options, verified=False)}
    assert browser.post("/login/passkey/", sent).status_code == 422
    assert browser.get("/").status_code == 302
