"""For whom something is: a role, a person, or the whole studio. Saves nothing."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from omixa_studio.models import Person, Role, Scope

from .fields import StudioForm


def scopes(*offered: Scope) -> forms.ChoiceField:
    """Return the field that says which kind of subject there is."""
    return forms.ChoiceField(choices=[(one.value, one.label) for one in offered])


class SubjectForm(StudioForm):
    """What an admin sets for somebody, named by role, by `person` in words or by id in `subject`.

    `known` finds the person of an id, or without one of a username or an e-mail.
    """

    scope = scopes(Scope.ROLE, Scope.PERSON)
    subject = forms.CharField(required=False, max_length=120)
    person = forms.CharField(label=_("Username or e-mail"), required=False, max_length=254)

    def __init__(self, *args: Any, known: Callable[[str, str], Person | None], **more: Any) -> None:
        super().__init__(*args, **more)
        self.known = known

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        scope, subject = given.get("scope"), given.get("subject", "")
        if scope == Scope.PERSON:
            person = self.known(subject, given.get("person", "").strip())
            subject = given["subject"] = str(person.pk) if person else ""
        fits = {
            Scope.STUDIO: not subject,
            Scope.ROLE: subject in Role.values,
            Scope.PERSON: bool(subject),
        }
        if scope and not fits[Scope(scope)]:
            self.add_error("person", _("There is no such account."))
        return given
