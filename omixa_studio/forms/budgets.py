"""Forms with which an admin sets limits. Saves nothing."""

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from omixa_studio.models import Period, Person, Role, Scope
from omixa_studio.models.ledger import today
from omixa_studio.models.periods import next_start

from .fields import DollarsField, StudioForm

HARD, SOFT = "hard", "soft"
STRENGTHS = (
    (HARD, _("Hard: refuses requests that do not fit")),
    (SOFT, _("Soft: only tells when it is passed")),
)
# A token's limit is set where the token is made.
CHOSEN_HERE = [(one.value, one.label) for one in Scope if one != Scope.TOKEN]
ON_A_DATE = "date"
UNTIL = (
    (Period.DAY.value, _("the end of today")),
    (Period.WEEK.value, _("the end of this week")),
    (Period.MONTH.value, _("the end of this month")),
    (ON_A_DATE, _("the end of a day")),
)
LONGEST_RAISE = timedelta(days=366)


class AmountForm(StudioForm):
    """An amount of a limit; 0 lets nothing through."""

    amount = DollarsField(label=_("Amount, $"), required=True)

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        # Nothing typed is no limit elsewhere, and nothing at all here.
        self.fields["amount"].widget.attrs["placeholder"] = ""


class AddLimitForm(AmountForm):
    """A new limit. Of the four fields that name its subject, the one of its scope counts.

    `known` finds the person of a username or an e-mail.
    """

    scope = forms.ChoiceField(label=_("For"), choices=CHOSEN_HERE, initial=Scope.PERSON)
    person = forms.CharField(label=_("Username or e-mail"), required=False, max_length=254)
    role = forms.ChoiceField(label=_("Role"), required=False, choices=Role.choices)
    project = forms.ChoiceField(label=_("Project"), required=False)
    model = forms.ChoiceField(label=_("Model"), required=False)
    period = forms.ChoiceField(
        label=_("Per"), choices=Period.choices, initial=Period.MONTH, required=True
    )
    strength = forms.ChoiceField(
        label=_("When it is used up"), choices=STRENGTHS, initial=HARD, required=False
    )
    field_order = ("scope", "person", "role", "project", "model", "amount", "period", "strength")

    def __init__(
        self,
        *args: Any,
        projects: Sequence[tuple[str, str]],
        models: Sequence[tuple[str, str]],
        known: Callable[[str], Person | None],
        **more: Any,
    ) -> None:
        super().__init__(*args, **more)
        self.known = known
        self.fields["project"].choices = projects  # type: ignore[attr-defined]
        self.fields["model"].choices = models  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        scope = given.get("scope", "")
        if scope == Scope.STUDIO:
            given["subject"] = ""
            return given
        if scope in given:
            given["subject"] = str(given[scope])
        if scope == Scope.PERSON:
            person = self.known(given.get("person", "").strip())
            given["subject"] = str(person.pk) if person else ""
        if not given.get("subject") and not self.errors:
            raise_at = scope if scope in self.fields else None
            self.add_error(raise_at, _("Say for whom or what the limit is."))
        return given


class RaiseForm(StudioForm):
    """So much more until the end of a day, in the studio's time zone."""

    extra = DollarsField(label=_("More, $"), required=True)
    until = forms.ChoiceField(label=_("Until"), choices=UNTIL, initial=Period.WEEK)
    day = forms.DateField(
        label=_("Day"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    reason = forms.CharField(label=_("Reason"), required=False, max_length=200)

    def clean_extra(self) -> Decimal:
        extra: Decimal = self.cleaned_data["extra"]
        if not extra:
            raise ValidationError(_("Write how much more."), "nothing")
        return extra

    def clean(self) -> dict[str, Any]:
        given, day = self.cleaned_data, self.cleaned_data.get("day")
        if given.get("until") != ON_A_DATE or "day" in self.errors:
            return given
        if not day or not today() <= day <= today() + LONGEST_RAISE:
            self.add_error("day", _("Choose a day from today on, at most a year ahead."))
        return given

    @property
    def end(self) -> datetime:
        """Return the moment until which the raise is valid. Needs a valid form."""
        until = self.cleaned_data["until"]
        day: date = self.cleaned_data["day"] if until == ON_A_DATE else today()
        return next_start(Period.DAY if until == ON_A_DATE else until, day)


class DefaultLimitForm(StudioForm):
    """The limit of accounts made from now on; empty for none."""

    default_amount = DollarsField(label=_("Limit, $"))
    default_period = forms.ChoiceField(
        label=_("Per"), choices=Period.choices, initial=Period.MONTH, required=False
    )
