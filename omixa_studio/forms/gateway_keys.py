"""The forms of the gateway's keys. Saves nothing, and never writes a secret into a page."""

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from omixa_studio.models.gateway_keys import LONGEST_KEY_NAME

from .fields import StudioForm
from .generation import ID

# A bound on what is read; the service says which lengths a key has.
MOST_CHARACTERS = 2000


class KeyNameForm(StudioForm):
    """What a key is called, and whether its calls are billed to another account."""

    name = forms.CharField(
        label=_("Name"),
        max_length=LONGEST_KEY_NAME,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text=_("Everybody whose requests wait for the key reads it."),
    )
    on_own_bill = forms.BooleanField(
        label=_("Billed to another account than the environment's key"), required=False
    )

    def clean_name(self) -> str:
        return " ".join(self.cleaned_data["name"].split())


class SecretForm(StudioForm):
    """The secret of a key, which no page contains afterwards."""

    secret = forms.CharField(
        label=_("Secret"),
        max_length=MOST_CHARACTERS,
        widget=forms.PasswordInput(
            render_value=False, attrs={"autocomplete": "off", "dir": "ltr", "spellcheck": "false"}
        ),
        help_text=_("Stored encrypted, never shown again. Paste it as the gateway gave it."),
    )


class NewKeyForm(SecretForm, KeyNameForm):
    """A new key."""

    field_order = ("name", "secret", "on_own_bill")


def read_key(data: QueryDict) -> int | None:
    """Return the id of the key that a form chooses, 0 for the environment's; None if neither."""
    text = data.get("key", "")
    return int(text) if text == "0" or ID.fullmatch(text) else None
