"""Forms for changes to one's own account."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from omixa_studio.models import Person
from omixa_studio.models.people import Theme

from .fields import NewPasswordForm, StudioForm

LANGUAGES = [("", _("Like the browser")), *settings.LANGUAGES]


class OwnPasswordForm(NewPasswordForm):
    """The current password, then a new one twice.

    `is_own` returns whether a text is the person's password, and counts the attempts.
    """

    now = forms.CharField(
        label=_("Current password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    field_order = ("now", "password", "again")

    def __init__(
        self, *args: Any, person: Person, is_own: Callable[[str], bool] | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.person = person
        self.is_own = is_own or person.check_password
        self.fields["password"].label = _("New password")

    def clean_now(self) -> str:
        now: str = self.cleaned_data["now"]
        if not self.is_own(now):
            raise ValidationError(_("This is not your password."), "password")
        return now

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        # Only shown to a person who gave the current password; otherwise it would confirm a guess.
        if password == self.cleaned_data.get("now"):
            raise ValidationError(_("This is your current password. Choose another one."), "same")
        return password

    def owner(self) -> Person:
        return self.person


class LanguageForm(StudioForm):
    """The language of the screens; empty is the browser's."""

    language = forms.ChoiceField(
        label=_("Language"),
        required=False,
        choices=LANGUAGES,
    )


class ThemeForm(StudioForm):
    """Light, dark, or the device's."""

    theme = forms.ChoiceField(label=_("Theme"), choices=Theme.choices)
