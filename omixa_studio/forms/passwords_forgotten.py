"""The forms of those who forgot their password. Saves nothing."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from omixa_studio.models import Person

from .fields import NewPasswordForm, StudioForm


class ForgottenForm(StudioForm):
    """Whose password is forgotten."""

    login = forms.CharField(
        label=_("Username or e-mail"),
        max_length=254,
        widget=forms.TextInput(
            attrs={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}
        ),
    )


class ResetForm(NewPasswordForm):
    """A new password of a person."""

    def __init__(self, *args: Any, person: Person, **more: Any) -> None:
        super().__init__(*args, **more)
        self.person = person
        self.fields["password"].label = _("New password")

    def owner(self) -> Person:
        return self.person
