"""Fields and forms shared by our forms: the look of an input, money, a new password."""

import unicodedata
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from omixa_studio.catalogue import Fault
from omixa_studio.models import Person

from .money import LONGEST, read_dollars

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

NO_DOLLARS = _("Write dollars and cents, such as 25 or 12.50, or leave it empty.")
DOLLARS = _("Write dollars and cents, such as 25 or 12.50.")
# The first words of their letters' names.
LOOK_ALIKE = {"LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE"}


class StudioForm(forms.Form):
    """A form whose inputs have the studio's CSS classes."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", **kwargs})
        for field in self.fields.values():
            field.widget.attrs.setdefault("class", "input")
            if getattr(field.widget, "input_type", "") in ("text", "email"):
                field.widget.attrs.setdefault("dir", "auto")
                field.validators = [*field.validators, stay_on_one_line]

    def add_error(self, field: str | None, error: Any) -> None:
        """Add an error; the first field with an error gets the focus."""
        at = self.fields.get(field or "")
        if at and not self.fields.keys() & self.errors.keys():
            for other in self.fields.values():
                other.widget.attrs.pop("autofocus", None)
            at.widget.attrs["autofocus"] = True
        super().add_error(field, error)

    @property
    def sentence(self) -> str:
        """Return all errors of the form on one line, for pages where no field can show its own."""
        return " ".join(str(fault) for faults in self.errors.values() for fault in faults)


def stay_on_one_line(value: object) -> None:
    """Refuse what a browser takes out of such an input itself. Raises ValidationError.

    A name with lines of its own writes sentences into mails of the studio to others.
    """
    if isinstance(value, str) and any(
        letter != "\t" and unicodedata.category(letter) == "Cc" for letter in value
    ):
        raise ValidationError(_("Write this on one line, without control characters."), "lines")


class DollarsField(forms.CharField):
    """An amount to the cent, such as 25 or 12.50; empty is None, which is no limit."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("required", False)
        super().__init__(max_length=LONGEST, **kwargs)
        self.error_messages.setdefault("dollars", DOLLARS if self.required else NO_DOLLARS)
        self.widget.attrs.update(inputmode="decimal", autocomplete="off", placeholder=_("none"))

    def clean(self, value: Any) -> Decimal | None:
        text = super().clean(value)
        if not text:
            return None
        amount = read_dollars(text, places=2)
        if amount is None:
            raise ValidationError(self.error_messages["dollars"], "dollars")
        return amount


def read_confirmed(text: str) -> Decimal | bool:
    """Read the confirmed amount: at most so many dollars, True for any amount, False for none.

    A script may send "yes" for any amount, since it saw none.
    """
    if text == "yes":
        return True
    try:
        return read_dollars(text[:LONGEST], places=6) or False
    except ValidationError:
        return False


def read_cap(text: str) -> tuple[Decimal | None, tuple[Fault, ...]]:
    """Read the spending cap of a run, in dollars; empty is None, which is no cap."""
    try:
        return DollarsField().clean(text.strip()), ()
    except ValidationError as error:
        return None, (Fault("cap", "%(sentence)s", {"sentence": error.messages[0]}),)


class NewPasswordForm(StudioForm):
    """A new password, twice, checked against the rules and against its owner's data."""

    password = forms.CharField(
        label=_("Password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("At least 10 characters. Not a common word, not your name or the studio's."),
    )
    again = forms.CharField(
        label=_("Confirm password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def owner(self) -> Person:
        """Return the future owner: the password must not be like the name or the e-mail."""
        raise NotImplementedError

    def clean(self) -> dict[str, Any]:
        password = self.cleaned_data.get("password")
        again = self.cleaned_data.get("again")
        if password and again and password != again:
            self.add_error("again", _("The two passwords are not the same."))
        if password:
            try:
                validate_password(password, self.owner())
            except ValidationError as error:
                self.add_error("password", error)
        return self.cleaned_data


def use_one_alphabet(name: str) -> None:
    """Raise ValidationError where letters of two alphabets that look alike are mixed."""
    used = {unicodedata.name(letter, "").partition(" ")[0] for letter in name}
    if len(used & LOOK_ALIKE) > 1:
        raise ValidationError(_("Use letters of one alphabet."), "mixed_alphabets")


def username_field(**attrs: object) -> forms.CharField:
    """Return a username field with the constraints of the accounts table."""
    column = Person._meta.get_field("username")
    return forms.CharField(
        label=_("Username"),
        max_length=column.max_length,
        validators=[column.validators[0], use_one_alphabet],
        widget=forms.TextInput(attrs={"autocapitalize": "none", "spellcheck": "false", **attrs}),
    )


def name_field(*, autocomplete: str) -> forms.CharField:
    """Return a field for what a person is called."""
    widget = forms.TextInput(attrs={"autocomplete": autocomplete})
    return forms.CharField(label=_("Name"), required=False, max_length=150, widget=widget)


def email_field(*, autocomplete: str, help_text: "StrPromise | str" = "") -> forms.EmailField:
    """Return a field for a person's address of mail, which nobody has to have."""
    return forms.EmailField(
        label=_("E-mail"),
        required=False,
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": autocomplete}),
        help_text=help_text,
    )
