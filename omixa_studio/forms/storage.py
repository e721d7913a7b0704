"""Forms with which an admin sets how much room pictures take. Saves nothing."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from omixa_studio.models import Person, Role, Scope

from .fields import StudioForm

MOST_GIGABYTES = 1_000_000
GIGABYTE = 10**9
MOST_DAYS = 3650


class QuotaForm(StudioForm):
    """The quota of a role or a person, in gigabytes; empty is none.

    A person is named by `person`, which `known` finds, or by id in `subject`.
    """

    scope = forms.ChoiceField(
        choices=[(one.value, one.label) for one in (Scope.ROLE, Scope.PERSON)]
    )
    subject = forms.CharField(required=False, max_length=120)
    person = forms.CharField(label=_("Username or e-mail"), required=False, max_length=254)
    gigabytes = forms.DecimalField(
        label=_("Quota, GB"),
        required=False,
        min_value=0,
        max_value=MOST_GIGABYTES,
        decimal_places=3,
    )

    def __init__(self, *args: Any, known: Callable[[str], Person | None], **more: Any) -> None:
        super().__init__(*args, **more)
        self.known = known

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        scope, subject = given.get("scope"), given.get("subject", "")
        if scope == Scope.PERSON and not subject:
            person = self.known(given.get("person", "").strip())
            given["subject"] = str(person.pk) if person else ""
        fits = {
            Scope.ROLE: subject in Role.values,
            Scope.PERSON: given.get("subject", "").isdecimal(),
        }
        if scope in fits and not fits[Scope(scope)]:
            self.add_error("person", _("There is no such account."))
        return given

    @property
    def size(self) -> int | None:
        """Return the quota in bytes. Needs a valid form."""
        gigabytes = self.cleaned_data["gigabytes"]
        return None if gigabytes is None else int(gigabytes * GIGABYTE)


class RetentionForm(StudioForm):
    """After how many days pictures of a role are erased; empty is never, or the usual trash.

    `confirmed` are the days, as the page showed what they would erase.
    """

    role = forms.ChoiceField(choices=Role.choices)
    trash = forms.IntegerField(
        label=_("In the trash"), required=False, min_value=1, max_value=MOST_DAYS
    )
    rejected = forms.IntegerField(
        label=_("Rejected"), required=False, min_value=1, max_value=MOST_DAYS
    )
    unkept = forms.IntegerField(
        label=_("Not kept"), required=False, min_value=1, max_value=MOST_DAYS
    )
    confirmed = forms.CharField(required=False)

    @property
    def days(self) -> dict[str, int | None]:
        """Return the days by what they are of. Needs a valid form."""
        return {name: self.cleaned_data[name] for name in ("trash", "rejected", "unkept")}

    @property
    def to_confirm(self) -> str:
        """Return the role and days as one text. Needs a valid form."""
        return " ".join(
            str(value or "-") for value in (self.cleaned_data["role"], *self.days.values())
        )

    @property
    def is_confirmed(self) -> bool:
        """Return whether the page has shown what these days erase. Needs a valid form."""
        return bool(self.cleaned_data["confirmed"] == self.to_confirm)
