"""The form of an access token. Saves nothing."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from omixa_studio.models import Period, TokenScope, micros
from omixa_studio.models.tokens import LONGEST_TOKEN_NAME

from .fields import DollarsField, StudioForm

NEVER = "never"
DAYS = (7, 30, 90, 365)
USUAL_DAYS = "90"


class TokenLimitForm(StudioForm):
    """What a token may spend in a period; nothing typed is no limit of its own."""

    amount = DollarsField(label=_("Limit, $"))
    period = forms.ChoiceField(
        label=_("Per"), choices=Period.choices, initial=Period.MONTH, required=False
    )

    ask_above = DollarsField(
        label=_("Assistants ask above, $"),
        help_text=_(
            "What may cost more, a model buys only after you agreed; 0 is each request. Empty: as "
            "the studio does."
        ),
    )

    @property
    def limit_micros(self) -> int | None:
        return _micros(self.cleaned_data["amount"])

    @property
    def ask_above_micros(self) -> int | None:
        return _micros(self.cleaned_data["ask_above"])

    @property
    def limit_period(self) -> str:
        return str(self.cleaned_data["period"] or Period.MONTH)


class TokenForm(TokenLimitForm):
    """A new token; `projects` are those its person may spend on, by id and name."""

    name = forms.CharField(label=_("Name"), max_length=LONGEST_TOKEN_NAME)
    scopes = forms.MultipleChoiceField(
        label=_("Permissions"),
        choices=TokenScope.choices,
        error_messages={"required": _("Choose at least one permission.")},
    )
    days = forms.ChoiceField(label=_("Expires after"), initial=USUAL_DAYS)
    project = forms.TypedChoiceField(
        label=_("Project"), required=False, coerce=int, empty_value=None
    )

    def __init__(self, *args: Any, projects: Sequence[tuple[str, str]], **more: Any) -> None:
        super().__init__(*args, **more)
        days = [
            (str(n), ngettext_lazy("%(days)s day", "%(days)s days", n) % {"days": n}) for n in DAYS
        ]
        self.fields["days"].choices = [*days, (NEVER, _("no expiration"))]  # type: ignore[attr-defined]
        self.fields["project"].choices = [("", _("none")), *projects]  # type: ignore[attr-defined]

    @property
    def expires_at(self) -> datetime | None:
        """Return when the token ends. Needs a valid form."""
        days = self.cleaned_data["days"]
        return None if days == NEVER else timezone.now() + timedelta(days=int(days))


class AppForm(TokenForm):
    """What an app that asks for some scopes may do for its person: those that stay checked."""

    usual_amount = "10"

    def __init__(self, *args: Any, scopes: Sequence[str], **more: Any) -> None:
        super().__init__(*args, **more)
        del self.fields["name"]
        asked = [one for one in TokenScope.choices if one[0] in scopes]
        self.fields["scopes"].choices = asked  # type: ignore[attr-defined]
        self.fields["scopes"].initial = list(scopes)
        self.fields["amount"].initial = self.usual_amount


def _micros(amount: Decimal | None) -> int | None:
    return None if amount is None else micros(amount)
