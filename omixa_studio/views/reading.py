"""What screens of every kind read out of an address, and the value that makes a click one."""

import uuid

from omixa_studio.forms.generation import ID


def new_click() -> str:
    """Draw a one-time value for a form."""
    return uuid.uuid4().hex


def whole(text: str) -> int | None:
    """Read an id out of an address; None for anything else."""
    return int(text) if ID.fullmatch(text) else None
