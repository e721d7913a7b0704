"""The filters of the audit log."""

from django import forms

from omixa_studio.models import ActKind

from .days import DaysForm

LARGEST = 2**63 - 1


class ActsForm(DaysForm):
    """Search words `q` for names, a `person`, a `kind`, days `from` and `to`; all optional.

    `before` is the key of the row that the page starts before.
    """

    q = forms.CharField(required=False, max_length=200)
    person = forms.IntegerField(required=False, min_value=0, max_value=LARGEST)
    kind = forms.ChoiceField(required=False, choices=[("", ""), *ActKind.choices])
    before = forms.IntegerField(required=False, min_value=1, max_value=LARGEST)
