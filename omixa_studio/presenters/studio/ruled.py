"""What the rules allow a person, as one line of the form."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from omixa_studio.catalogue import Catalogue
from omixa_studio.catalogue.ruling import Ruling
from omixa_studio.templatetags.studio import left


def ruling_words(ruling: Ruling | None, catalogue: Catalogue) -> str:
    """Return what is limited, such as "at most 4 pictures"; "" if nothing is."""
    if ruling is None or ruling.is_empty:
        return ""
    parts = []
    if ruling.models is not None:
        told = {"n": len(catalogue.enabled)}
        parts.append(ngettext("%(n)s model to choose", "%(n)s models to choose", told["n"]) % told)
    if ruling.most_pictures is not None:
        most = ruling.most_pictures
        told = {"n": most}
        parts.append(ngettext("at most %(n)s picture", "at most %(n)s pictures", most) % told)
    if ruling.dearest is not None:
        parts.append(_("at most %(amount)s a request") % {"amount": left(ruling.dearest)})
    ruled_out = [value for values in ruling.forbidden.values() for value in sorted(values)]
    if ruled_out:
        parts.append(_("without %(values)s") % {"values": ", ".join(ruled_out)})
    return _("Set by an admin: %(rules)s.") % {"rules": ", ".join(parts)}
