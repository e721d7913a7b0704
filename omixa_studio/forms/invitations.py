"""The form of an invitation, and that of who accepts one. Saves nothing."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from omixa_studio.models import Period, Person, Role, micros
from omixa_studio.models.invitations import LONGEST_INVITATION_NAME

from .fields import (
    DollarsField,
    NewPasswordForm,
    StudioForm,
    email_field,
    name_field,
    username_field,
)

DAYS = (1, 7, 30)
USUAL_DAYS = "7"
MOST_PEOPLE = 500


class InvitationForm(StudioForm):
    """A new invitation; `projects` are those to choose from, by id and name."""

    name = forms.CharField(
        label=_("For whom"),
        max_length=LONGEST_INVITATION_NAME,
        help_text=_("A name for the list and the log; those invited see it, too."),
    )
    role = forms.ChoiceField(label=_("Role"), choices=Role.choices, initial=Role.MEMBER)
    limit = DollarsField(label=_("Limit for each, $"))
    period = forms.ChoiceField(
        label=_("Per"), required=False, choices=Period.choices, initial=Period.MONTH
    )
    most = forms.IntegerField(
        label=_("How many people"), min_value=1, max_value=MOST_PEOPLE, initial=1
    )
    days = forms.ChoiceField(label=_("Expires after"), initial=USUAL_DAYS)
    projects = forms.TypedMultipleChoiceField(label=_("Projects"), required=False, coerce=int)

    def __init__(self, *args: Any, projects: Sequence[tuple[str, str]], **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["days"].choices = [  # type: ignore[attr-defined]
            (str(n), ngettext_lazy("%(days)s day", "%(days)s days", n) % {"days": n}) for n in DAYS
        ]
        self.fields["projects"].choices = projects  # type: ignore[attr-defined]

    @property
    def limit_micros(self) -> int | None:
        """Return the limit in micro-dollars, None for none. Needs a valid form."""
        limit = self.cleaned_data["limit"]
        return None if limit is None else micros(limit)

    @property
    def expires_at(self) -> datetime:
        """Return when the invitation ends. Needs a valid form."""
        return timezone.now() + timedelta(days=int(self.cleaned_data["days"]))


class JoinForm(NewPasswordForm):
    """The account of somebody invited."""

    username = username_field(autocomplete="username")
    name = name_field(autocomplete="name")
    email = email_field(
        autocomplete="email",
        help_text=_("Optional. You can log in with it instead of the username."),
    )
    field_order = ("username", "name", "email", "password", "again")

    def owner(self) -> Person:
        given = self.cleaned_data
        return Person(
            username=given.get("username", ""),
            first_name=given.get("name", ""),
            email=given.get("email", ""),
        )
