"""Forms with which an admin changes accounts. Saves nothing."""

from decimal import Decimal
from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from omixa_studio.models import Period, Person, Role

from .fields import NO_DOLLARS, DollarsField, StudioForm, email_field, name_field, username_field

TICKED, FOUND = "ticked", "found"
MOST_PAGES = 1_000_000
NEW_PASSWORD = {"autocomplete": "off", "spellcheck": "false", "autocapitalize": "none"}


class PeopleForm(forms.Form):
    """The filters of a list of accounts: words `q`, the order `sort`, and the `page`; all optional.

    Invalid parts of an address count as missing.
    """

    q = forms.CharField(required=False, max_length=200)
    sort = forms.CharField(required=False)
    page = forms.IntegerField(required=False, min_value=1, max_value=MOST_PAGES)


class RoleForm(StudioForm):
    role = forms.ChoiceField(label=_("Role"), choices=Role.choices)


class LimitForm(StudioForm):
    """A limit; an empty one removes it, but a form without the field is an error."""

    limit = DollarsField(label=_("Monthly limit, $"))

    def clean_limit(self) -> Decimal | None:
        if "limit" not in self.data:
            raise ValidationError(NO_DOLLARS, "missing")
        limit: Decimal | None = self.cleaned_data["limit"]
        return limit


class ManyLimitsForm(LimitForm):
    """One limit for the selected `people`, or for everyone whom the words `q` find.

    `confirmed` is the limit, as typed, whose effect the page has shown, and `found` is the hash of
    the people for whom it was shown.
    """

    whom = forms.ChoiceField(required=False, choices=[(TICKED, TICKED), (FOUND, FOUND)])
    q = forms.CharField(required=False, max_length=200)
    confirmed = forms.CharField(required=False)
    found = forms.CharField(required=False, max_length=64)

    @property
    def ticked(self) -> list[int]:
        """Return the ids of the selected people; invalid ids are left out."""
        ids = self.data.getlist("people") if isinstance(self.data, QueryDict) else []
        return [int(text) for text in ids if text.isascii() and text.isdecimal() and len(text) < 19]

    @property
    def is_confirmed(self) -> bool:
        """Return whether the page has shown the effect of this limit. Needs a valid form."""
        return bool(self.data.get("confirmed") == self.data["limit"])

    def is_of_others(self, people: str) -> bool:
        """Return whether the words now find other people than those shown on the page."""
        given = self.cleaned_data
        return given["whom"] == FOUND and self.is_confirmed and given["found"] != people


class PasswordForm(StudioForm):
    """A password to hand over; if empty, the studio generates one."""

    password = forms.CharField(
        label=_("First password"),
        required=False,
        strip=False,
        max_length=200,
        widget=forms.TextInput(attrs=NEW_PASSWORD),
        help_text=_("Leave it empty and the studio makes a good one. It is shown once."),
    )

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        if password:
            validate_password(password, self.owner())
        return password

    def owner(self) -> Person | None:
        """Return the future owner, as far as known."""
        return None


class AddPersonForm(PasswordForm):
    """A new account."""

    username = username_field(autocomplete="off")
    name = name_field(autocomplete="off")
    email = email_field(autocomplete="off")
    role = forms.ChoiceField(label=_("Role"), choices=Role.choices, initial=Role.MEMBER)
    limit = DollarsField(label=_("Limit, $"))
    period = forms.ChoiceField(
        label=_("Per"), required=False, choices=Period.choices, initial=Period.MONTH
    )
    field_order = ("username", "name", "email", "role", "limit", "period", "password")

    def owner(self) -> Person:
        given: dict[str, Any] = self.cleaned_data
        return Person(
            username=given.get("username", ""),
            first_name=given.get("name", ""),
            email=given.get("email", ""),
        )
