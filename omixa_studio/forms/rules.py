"""The form with which an admin rules what one request may ask for. Saves nothing."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from omixa_studio.models import Person, Role, Scope

from .fields import DollarsField, StudioForm
from .generation import MOST_PICTURES


def pair(name: str, value: str) -> str:
    """Return a value of a field as one text."""
    return f"{name}={value}"


class RuleForm(StudioForm):
    """What one request of the studio, a role or a person may ask for; empty rules nothing out.

    No ticked model means that all are allowed. A person is named by `person`, which `known` finds,
    or by id in `subject`.
    """

    scope = forms.ChoiceField(
        choices=[(one.value, one.label) for one in (Scope.STUDIO, Scope.ROLE, Scope.PERSON)]
    )
    subject = forms.CharField(required=False, max_length=120)
    person = forms.CharField(label=_("Username or e-mail"), required=False, max_length=254)
    dearest = DollarsField(label=_("Dearest request, $"))
    most_pictures = forms.IntegerField(
        label=_("Most pictures"), required=False, min_value=1, max_value=MOST_PICTURES
    )
    allowed_models = forms.MultipleChoiceField(label=_("Only these models"), required=False)
    forbidden = forms.MultipleChoiceField(label=_("Not these options"), required=False)

    def __init__(
        self,
        *args: Any,
        models: Iterable[str],
        options: Iterable[str],
        known: Callable[[str], Person | None],
        **more: Any,
    ) -> None:
        super().__init__(*args, **more)
        self.known = known
        for name, values in (("allowed_models", models), ("forbidden", options)):
            self.fields[name].choices = [(one, one) for one in values]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        scope, subject = given.get("scope"), given.get("subject", "")
        if scope == Scope.PERSON and not subject:
            person = self.known(given.get("person", "").strip())
            given["subject"] = str(person.pk) if person else ""
        fits = {
            Scope.STUDIO: not subject,
            Scope.ROLE: subject in Role.values,
            Scope.PERSON: given.get("subject", "").isdecimal(),
        }
        if scope in fits and not fits[Scope(scope)]:
            self.add_error("person", _("There is no such account."))
        return given

    @property
    def forbidden_by_name(self) -> Mapping[str, Sequence[str]]:
        """Return the forbidden values by field. Needs a valid form."""
        found: defaultdict[str, list[str]] = defaultdict(list)
        for text in self.cleaned_data["forbidden"]:
            name, _equals, value = text.partition("=")
            found[name].append(value)
        return dict(found)
