"""What an admin pauses, resumes or cancels: always exactly one thing. Saves nothing."""

from typing import Any

from django import forms

from omixa_studio.models import Brake, Generation

from .fields import StudioForm

LARGEST = 2**63 - 1
LIMITED = ("everybody", "person")
NAMES = (*LIMITED, "run", "generation", "target")


class BrakeForm(StudioForm):
    """Everyone, a `person` or a `run`; never nothing: an empty form must stop nobody."""

    everybody = forms.BooleanField(required=False)
    person = forms.IntegerField(required=False, min_value=1, max_value=LARGEST)
    run = forms.UUIDField(required=False)
    why = forms.CharField(required=False, max_length=Brake._meta.get_field("why").max_length)

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        named = [name for name in NAMES if given.get(name)]
        if len(named) != 1 or (given.get("past") and named[0] not in LIMITED):
            raise forms.ValidationError("one thing")
        return given


class CancelForm(BrakeForm):
    """As above, or one request (`generation`), or everything that waits for another `target`.

    With `past` only the requests that wait over a limit.
    """

    past = forms.BooleanField(required=False)
    target = forms.CharField(
        required=False, max_length=Generation._meta.get_field("target").max_length
    )
    generation = forms.IntegerField(required=False, min_value=1, max_value=LARGEST)
