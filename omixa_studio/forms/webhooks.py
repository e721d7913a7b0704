"""The form of a webhook. Saves nothing."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from omixa_studio.models import WebhookEvent
from omixa_studio.models.webhooks import LONGEST_ADDRESS

from .fields import StudioForm


class WebhookForm(StudioForm):
    """A webhook, new or changed; `events` are those that it may be told of."""

    url = forms.CharField(
        label=_("Address"),
        max_length=LONGEST_ADDRESS,
        widget=forms.TextInput(attrs={"inputmode": "url", "autocomplete": "off", "dir": "ltr"}),
        help_text=_("Begins with https://. Messages are posted there as JSON."),
    )
    events = forms.MultipleChoiceField(
        label=_("Events"),
        error_messages={"required": _("Choose at least one event.")},
    )
    with_prompt = forms.BooleanField(label=_("Include prompt and options"), required=False)

    def __init__(self, *args: Any, events: Sequence[WebhookEvent], **more: Any) -> None:
        super().__init__(*args, **more)
        choices = [(event.value, event.label) for event in events]
        self.fields["events"].choices = choices  # type: ignore[attr-defined]
