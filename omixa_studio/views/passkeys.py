"""What browsers are asked about passkeys, and their answers checked; the challenge is in the
session."""

import json
from collections.abc import Callable
from typing import Any, TypeVar

from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.internal import auth
from django.core.exceptions import ValidationError
from django.db import DatabaseError
from django.utils.translation import gettext as _
from fido2.webauthn import ResidentKeyRequirement, UserVerificationRequirement

from omixa_studio.models import Person

Credential = dict[str, Any]
Found = TypeVar("Found")


def options_of_new(person: Person) -> str:
    """Return as JSON what a browser needs to make a passkey.

    allauth either refuses keys that cannot log in by themselves or makes none that can; here each
    is as good as the device allows.
    """
    options, state = auth.get_server().register_begin(
        user=auth.build_user_payload(person),
        credentials=auth.get_credentials(person),
        resident_key_requirement=ResidentKeyRequirement.PREFERRED,
        user_verification=UserVerificationRequirement.PREFERRED,
        extensions=auth.EXTENSIONS,
    )
    auth.set_state(state)
    return json.dumps(dict(options))


def check_new(credential: Credential) -> None:
    """Check a passkey that a browser has made. Raises ValidationError."""
    _checked(lambda: auth.complete_registration(credential))


def options_of_login(person: Person | None) -> str:
    """Return as JSON what a browser needs to use a passkey: of one person, or any it has."""
    return json.dumps(auth.begin_authentication(person))


def passkey_of(person: Person | None, credential: Credential) -> Authenticator:
    """Return the passkey that a browser has used; without a person it says whose it is.

    Alone a passkey needs a PIN, a finger or a face, whatever the session asked for: it may keep
    the challenge of a second step, beside which a touch is enough. Raises ValidationError.
    """

    def find() -> Authenticator:
        told = auth.parse_authentication_response(credential)
        if person is None and not told.response.authenticator_data.is_user_verified():
            raise ValueError("the device did not verify who used it")
        whose = person or auth.extract_user_from_response(credential)
        return auth.complete_authentication(whose, credential)

    return _checked(find)


def _checked(check: Callable[[], Found]) -> Found:
    try:
        return check()
    except DatabaseError:
        raise
    except Exception as error:  # bytes of a stranger make parsers raise anything
        sentence = _("The passkey could not be checked. Try again.")
        raise ValidationError(sentence, "passkey") from error
