"""The form of the first admin."""

import secrets
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from omixa_studio.models import Person, micros

from .fields import DOLLARS, DollarsField, NewPasswordForm, email_field, username_field

# A month of a person who makes about a hundred pictures a working day.
USUAL_LIMIT = "100.00"


class FirstAdminForm(NewPasswordForm):
    """The account that administers the studio; with a code if the visitor may be a stranger."""

    username = username_field(autocomplete="username")
    email = email_field(
        autocomplete="email",
        help_text=_("Optional. You can log in with it instead of the username."),
    )
    code = forms.CharField(
        label=_("Setup code from the log"),
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "spellcheck": "false"}),
        help_text=_("The studio has written it to its log, in the terminal where you started it."),
    )
    limit = DollarsField(
        label=_("Limit for each person, $"),
        initial=USUAL_LIMIT,
        help_text=_(
            "What each account may spend a month, yours too. You can change it at any time under "
            "Budgets."
        ),
        error_messages={"dollars": DOLLARS},
    )
    no_limit = forms.BooleanField(
        label=_("No limit"), required=False, widget=forms.CheckboxInput(attrs={"class": ""})
    )
    field_order = ("code", "username", "email", "password", "again", "limit", "no_limit")

    def __init__(self, *args: Any, code: str, **kwargs: Any) -> None:
        """`code` is what must be typed, "" if none is asked for."""
        super().__init__(*args, **kwargs)
        self.expected = code
        if not code:
            del self.fields["code"]
        self.fields["code" if code else "username"].widget.attrs["autofocus"] = True

    def clean(self) -> dict[str, Any]:
        super().clean()
        # A program that does not know of the limit sends neither field.
        chosen = self.cleaned_data.get("limit") or self.cleaned_data.get("no_limit")
        if "limit" in self.data and "limit" not in self.errors and not chosen:
            self.add_error("limit", _("Write an amount, or choose no limit."))
        return self.cleaned_data

    @property
    def limit_micros(self) -> int | None:
        """Return the limit in micro-dollars, None for none. Needs a valid form."""
        limit, none = self.cleaned_data.get("limit"), self.cleaned_data.get("no_limit")
        return None if none or limit is None else micros(limit)

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
