"""The form with which an admin removes a person. Saves nothing."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from omixa_studio.models import Person

from .fields import StudioForm

ERASE, HAND_OVER = "erase", "hand_over"
USUAL_DAYS, MOST_DAYS = 30, 365


class LeavingForm(StudioForm):
    """What becomes of private pictures: the `fate`, and after how many days.

    Who gets them is named by username or e-mail, which `known` finds.
    """

    fate = forms.ChoiceField(
        label=_("Private pictures"),
        choices=[(ERASE, _("Erase them")), (HAND_OVER, _("Hand them over"))],
    )
    heir = forms.CharField(label=_("Username or e-mail"), required=False, max_length=254)
    days = forms.IntegerField(label=_("After how many days"), min_value=1, max_value=MOST_DAYS)

    def __init__(self, *args: Any, known: Callable[[str], Person | None], **more: Any) -> None:
        super().__init__(*args, **more)
        self.known = known

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        given["whom"] = None
        if given.get("fate") == HAND_OVER:
            given["whom"] = self.known(given.get("heir", "").strip())
            if given["whom"] is None:
                self.add_error("heir", _("There is no such account."))
        return given
