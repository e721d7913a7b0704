"""The one-time value of a form, which makes two arrivals of one click one."""

import re
import uuid

from django.http import QueryDict

CLICK = re.compile(r"[A-Za-z0-9._-]{1,64}")


def new_click() -> str:
    """Draw a one-time value for a form."""
    return uuid.uuid4().hex


def read_click(data: QueryDict) -> str | None:
    """The one-time value of a form that asks for nothing else; None without a usable one."""
    click = data.get("click", "")
    return click if CLICK.fullmatch(click) else None
