"""Forms with which an admin sets how much room pictures take. Saves nothing."""

from django import forms
from django.utils.translation import gettext_lazy as _

from omixa_studio.models import Role

from .fields import StudioForm
from .subjects import SubjectForm

MOST_GIGABYTES = 1_000_000
GIGABYTE = 10**9
MOST_DAYS = 3650


class QuotaForm(SubjectForm):
    """The quota of a role or a person, in gigabytes; empty is none."""

    gigabytes = forms.DecimalField(
        label=_("Quota, GB"),
        required=False,
        min_value=0,
        max_value=MOST_GIGABYTES,
        decimal_places=3,
    )

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
