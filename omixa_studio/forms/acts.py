"""Which rows of the log of acts somebody wants to see."""

from django import forms

from omixa_studio.models import ActKind

from .days import DaysForm

LARGEST = 2**63 - 1


class ActsForm(DaysForm):
    """Words `q` of people's names, a `person`, a `kind`, days `from` and `to`, and `before` which
    row; all optional."""

    q = forms.CharField(required=False, max_length=200)
    person = forms.IntegerField(required=False, min_value=0, max_value=LARGEST)
    kind = forms.ChoiceField(required=False, choices=[("", ""), *ActKind.choices])
    before = forms.IntegerField(required=False, min_value=1, max_value=LARGEST)
