"""The form of an export: whom it is for, what the files are, how they are called. Saves nothing."""

from dataclasses import dataclass

from django.http import QueryDict
from django.utils.translation import gettext as _

from omixa_studio.models import Pack

from .downloads import Copies, read_copies

LONGEST_TEMPLATE = 300


@dataclass(frozen=True)
class ExportAsked:
    """An export as asked for; an empty `template` stands for the usual one of its pack."""

    pack: str
    copies: Copies
    template: str
    faults: tuple[str, ...]


def read_export(data: QueryDict) -> ExportAsked:
    """Read the form; invalid fields keep their defaults and are reported in sentences."""
    copies, faults = read_copies(data)
    pack = data.get("pack", Pack.INTERNAL)
    if pack not in Pack.values:
        pack, faults = Pack.INTERNAL, [*faults, _("Choose whom the export is for.")]
    template = data.get("template", "").strip()
    if len(template) > LONGEST_TEMPLATE:
        template = template[:LONGEST_TEMPLATE]
        faults = [*faults, _("The names have at most %(n)s characters.") % {"n": LONGEST_TEMPLATE}]
    return ExportAsked(str(pack), copies, template, tuple(faults))
