"""The form of a guest link, and what guests send. Saves nothing."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from omixa_studio.models.guests import LONGEST_TITLE

from .fields import StudioForm

DAYS = (1, 7, 30, 90, 365)
USUAL_DAYS = 30
KEEP, NEVER = "keep", "never"
LONGEST_PASSWORD = 128


class LinkForm(StudioForm):
    """What a guest link allows; `days` counts from now.

    With `changing` an existing link the end may stay as it is, and an empty password keeps it.
    """

    title = forms.CharField(required=False, max_length=LONGEST_TITLE)
    days = forms.ChoiceField()
    password = forms.CharField(required=False, max_length=LONGEST_PASSWORD)
    no_password = forms.BooleanField(required=False)
    downloads = forms.BooleanField(required=False)
    prompts = forms.BooleanField(required=False)
    comments = forms.BooleanField(required=False)

    def __init__(self, *args: Any, changing: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kept = [(KEEP, _("as it is"))] if changing else []
        self.fields["days"].choices = [*kept, *ends()]  # type: ignore[attr-defined]

    def end(self, now_ends: datetime | None = None) -> datetime | None:
        """Return when the link ends; `now_ends` is when an existing one does."""
        days = self.cleaned_data["days"]
        if days == KEEP:
            return now_ends
        return None if days == NEVER else timezone.now() + timedelta(days=int(days))

    def new_password(self, *, changing: bool = False) -> str | None:
        """Return the password to set, "" for none, None to keep the one there is."""
        if self.cleaned_data["no_password"]:
            return ""
        given: str = self.cleaned_data["password"]
        return given or (None if changing else "")


def ends() -> Iterator[tuple[str, str | Promise]]:
    """Return the choices of how long a link lasts, as far as the studio allows."""
    for days in DAYS:
        if days <= (settings.LINK_DAYS or max(DAYS)):
            said = ngettext_lazy("%(days)s day", "%(days)s days", days)
            yield str(days), said % {"days": days}
    if not settings.LINK_DAYS:
        yield NEVER, _("no expiration")
