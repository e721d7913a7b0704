"""The forms of second steps of the login. They save nothing."""

import json
from collections.abc import Callable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from omixa_studio.models import Role

from .fields import StudioForm

LONGEST_CODE = 40
LONGEST_PASSKEY_NAME = 80


class CodeForm(StudioForm):
    """A code of an authenticator app, or a recovery code.

    `is_right` returns whether a text is a valid code; it may raise ValidationError.
    """

    code = forms.CharField(
        label=_("Code"),
        max_length=LONGEST_CODE,
        widget=forms.TextInput(
            attrs={
                "autocomplete": "one-time-code",
                "inputmode": "numeric",
                "spellcheck": "false",
                "autofocus": True,
            }
        ),
    )

    def __init__(self, *args: Any, is_right: Callable[[str], bool], **more: Any) -> None:
        super().__init__(*args, **more)
        self.is_right = is_right

    def clean_code(self) -> str:
        code: str = self.cleaned_data["code"]
        if not self.is_right(code):
            raise ValidationError(_("This code is wrong, too old, or was used before."), "code")
        return code


class PasskeyAnswerForm(StudioForm):
    """What a browser answers about a passkey."""

    credential = forms.JSONField(widget=forms.HiddenInput)

    def clean_credential(self) -> dict[str, object]:
        credential = self.cleaned_data["credential"]
        # PostgreSQL keeps no such character in JSON.
        if not isinstance(credential, dict) or "\\u0000" in json.dumps(credential):
            raise ValidationError(_("The browser's answer cannot be read."), "passkey")
        return credential


class PasskeyNameForm(StudioForm):
    """The name of a passkey."""

    name = forms.CharField(label=_("Name"), max_length=LONGEST_PASSKEY_NAME)


class NewPasskeyForm(PasskeyAnswerForm, PasskeyNameForm):
    """A new passkey and its name."""


class FactorRolesForm(StudioForm):
    """The roles whose login has to have two steps."""

    roles = forms.MultipleChoiceField(choices=Role.choices, required=False)
