"""Forms with which an admin sets how much room pictures take. Saves nothing."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from omixa_studio.models import Person, Role, Scope

from .fields import StudioForm

MOST_GIGABYTES = 1_000_000
GIGABYTE = 10**9


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
