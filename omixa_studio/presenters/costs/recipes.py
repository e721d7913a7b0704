"""The names of presets and of templates of prompts, as far as a viewer may know them."""

from collections.abc import Collection

from django.db.models import Q
from django.utils.translation import gettext as _

from omixa_studio.models import Generation, Person, Preset
from omixa_studio.queries.pictures import visible_to

LONGEST_SHOWN = 80


def recipe_labels(keys: Collection[int], viewer: Person) -> dict[int, str]:
    """Return what to call presets (ids) and templates (negative keys)."""
    presets = Preset.objects.filter(Q(team=True) | Q(person=viewer), pk__in=keys)
    names = dict(presets.values_list("pk", "name"))
    return {
        key: _template_label(key, viewer) if key < 0 else names.get(key) or _("Private preset")
        for key in keys
    }


def _template_label(key: int, viewer: Person) -> str:
    """Return the words of a template that the viewer wrote, or of a picture they may see."""
    same = Generation.objects.filter(template_key=key)
    mine = same.filter(person=viewer).values_list("template", flat=True).first()
    seen = visible_to(viewer).filter(generation__template_key=key)
    shown = mine or seen.values_list("generation__template", flat=True).first()
    words = str(shown.get("prompt", "")) if shown else ""
    if not words:
        return _("Private template")
    return words if len(words) <= LONGEST_SHOWN else f"{words[: LONGEST_SHOWN - 1]}…"
