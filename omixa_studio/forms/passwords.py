"""A password check against the names of the studio and its people."""

import re
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from omixa_studio.models import Person

STUDIO_WORDS = ("omixa", "studio")
# How many characters of a password must remain without the names in it.
LEAST_LEFT = 8


class NoNamesValidator:
    """Refuse a password that is little more than the name of the studio or of its owner."""

    def validate(self, password: str, user: Person | None = None) -> None:
        left = password.casefold()
        for name in sorted(_names(user), key=len, reverse=True):
            left = left.replace(name, "")
        # What is short by itself is too short, which another check says.
        if len(left) < min(LEAST_LEFT, len(password)):
            raise ValidationError(self.get_help_text(), "password_of_names")

    def get_help_text(self) -> str:
        return _("This is little more than the name of the studio or of a person.")


def _names(user: Person | None) -> set[str]:
    told = [*STUDIO_WORDS, urlsplit(settings.STUDIO_URL).hostname or ""]
    if user is not None:
        told += [user.username, user.first_name, user.last_name, user.email]
    whole = {text.casefold() for text in told}
    words = {word for text in whole for word in re.split(r"\W+", text)}
    return {name for name in whole | words if len(name) > 2}
