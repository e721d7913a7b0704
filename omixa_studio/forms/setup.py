"""The form of the first admin."""

import secrets
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from omixa_studio.models import Person

from .fields import NewPasswordForm, username_field


class FirstAdminForm(NewPasswordForm):
    """The account that administers the studio; with a code if the visitor may be a stranger."""

    username = username_field(autocomplete="username")
    email = forms.EmailField(
        label=_("E-mail"),
        required=False,
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        help_text=_("Optional. You can log in with it instead of the username."),
    )
    code = forms.CharField(
        label=_("Setup code from the log"),
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "spellcheck": "false"}),
        help_text=_("The studio has written it to its log, in the terminal where you started it."),
    )
    field_order = ("code", "username", "email", "password", "again")

    def __init__(self, *args: Any, code: str, **kwargs: Any) -> None:
        """`code` is what must be typed, "" if none is asked for."""
        super().__init__(*args, **kwargs)
        self.expected = code
        if not code:
            del self.fields["code"]
        self.fields["code" if code else "username"].widget.attrs["autofocus"] = True

    def clean_code(self) -> str:
        typed = _bare(self.cleaned_data["code"])
        if not secrets.compare_digest(typed.encode(), _bare(self.expected).encode()):
            raise ValidationError(_("This is not the code from the log."), "code")
        return typed

    def owner(self) -> Person:
        return Person(
            username=self.cleaned_data.get("username", ""),
            email=self.cleaned_data.get("email", ""),
        )


def _bare(code: str) -> str:
    return "".join(letter for letter in code.upper() if letter.isalnum())
