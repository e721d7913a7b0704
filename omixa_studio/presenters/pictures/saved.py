"""The file name of a downloaded picture: words of its prompt, in any script."""

from omixa_studio.models import Picture
from omixa_studio.services.file_names import slug

from .kinds import ending_of


def file_name(picture: Picture) -> str:
    """Return a name without characters that are special to file systems or headers."""
    return copy_name(picture, ending_of(picture.format))


def copy_name(picture: Picture, ending: str) -> str:
    """Return the same name with another extension, without its dot."""
    return f"{slug(picture.generation.prompt) or 'picture'}-{picture.pk}.{ending}"
