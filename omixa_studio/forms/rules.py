"""The form with which an admin rules what one request may ask for. Saves nothing."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from omixa_studio.models import Scope

from .fields import DollarsField
from .generation import MOST_PICTURES
from .subjects import SubjectForm, scopes


def pair(name: str, value: str) -> str:
    """Return a value of a field as one text."""
    return f"{name}={value}"


class RuleForm(SubjectForm):
    """What one request of the studio, a role or a person may ask for; empty rules nothing out.

    No ticked model means that all are allowed.
    """

    scope = scopes(Scope.STUDIO, Scope.ROLE, Scope.PERSON)
    dearest = DollarsField(label=_("Dearest request, $"))
    most_pictures = forms.IntegerField(
        label=_("Most pictures"), required=False, min_value=1, max_value=MOST_PICTURES
    )
    allowed_models = forms.MultipleChoiceField(label=_("Only these models"), required=False)
    forbidden = forms.MultipleChoiceField(label=_("Not these options"), required=False)

    def __init__(
        self, *args: Any, models: Iterable[str], options: Iterable[str], **more: Any
    ) -> None:
        super().__init__(*args, **more)
        for name, values in (("allowed_models", models), ("forbidden", options)):
            self.fields[name].choices = [(one, one) for one in values]  # type: ignore[attr-defined]

    @property
    def forbidden_by_name(self) -> Mapping[str, Sequence[str]]:
        """Return the forbidden values by field. Needs a valid form."""
        found: defaultdict[str, list[str]] = defaultdict(list)
        for text in self.cleaned_data["forbidden"]:
            name, _equals, value = text.partition("=")
            found[name].append(value)
        return dict(found)
