"""Save form settings under a name; rename, share with the team, delete and restore."""

from collections.abc import Mapping, Sequence

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.db.models.functions import Now

from omixa_studio.catalogue import Fault
from omixa_studio.catalogue.records import N_
from omixa_studio.catalogue.rules import LONGEST_TEXT
from omixa_studio.models import ActKind, Generation, Person, Picture, Preset

from . import audit
from .audit import Actor
from .refusals import ChoiceRefused

# Presets are free, and every menu lists those of the team.
MOST_KEPT = 100
MOST_DELETED = 20


def save_preset(
    person: Person,
    name: str,
    *,
    team: bool,
    model: str,
    texts: Mapping[str, str],
    prompt: str = "",
    uploads: Sequence[int] = (),
    pictures: Sequence[int] = (),
    example: Picture | None = None,
) -> Preset:
    """Save the texts of a form under a name; `uploads` and `pictures` are ids of references.

    Raises ChoiceRefused for texts longer than any model accepts, and beyond MOST_KEPT presets.
    """
    if any(len(text) > LONGEST_TEXT for text in (*texts.values(), prompt)):
        long = N_("A preset keeps texts of up to %(most)s characters.")
        raise ChoiceRefused(Fault("prompt", long, {"most": LONGEST_TEXT}))
    if is_full(person):
        many = N_("You have %(most)s presets. Delete one to save another.")
        raise ChoiceRefused(Fault("preset_name", many, {"most": MOST_KEPT}))
    _forget_deleted(person)
    return Preset.objects.create(
        person=person,
        name=name,
        team=team,
        model=model,
        texts={key: _storable(text) for key, text in texts.items() if text},
        prompt=_storable(prompt),
        uploads=list(uploads),
        pictures=list(pictures),
        example=example,
    )


def change_preset(preset: Preset, *, name: str, team: bool, by: Actor) -> None:
    """Rename a preset, and share it with the team or not."""
    with transaction.atomic():
        old = Preset.objects.select_for_update().get(pk=preset.pk)
        Preset.objects.filter(pk=preset.pk).update(name=name, team=team)
        if old.name != name:
            _write(ActKind.PRESET_RENAMED, old, by, before=old.name, after=name)
        if old.team and not team:
            _write(ActKind.PRESET_UNSHARED, preset, by, thing=name)


def delete_preset(preset: Preset, *, by: Actor) -> bool:
    """Delete a preset, recoverably; return False if it was deleted already."""
    with transaction.atomic():
        there = Preset.objects.filter(pk=preset.pk, deleted_at=None)
        is_new = bool(there.update(deleted_at=Now()))
        if is_new:
            _write(ActKind.PRESET_DELETED, preset, by, thing=preset.name)
    return is_new


def restore_preset(preset: Preset, *, by: Actor) -> bool:
    """Restore a deleted preset unchanged; return False if it is not deleted, or has no room."""
    if preset.person and is_full(preset.person):
        return False
    with transaction.atomic():
        deleted = Preset.objects.filter(pk=preset.pk, deleted_at__isnull=False)
        was_deleted = bool(deleted.update(deleted_at=None))
        if was_deleted:
            _write(ActKind.PRESET_RESTORED, preset, by, thing=preset.name)
    return was_deleted


def is_full(person: Person) -> bool:
    """Return whether a person has as many presets as are kept."""
    return Preset.objects.filter(person=person, deleted_at=None).count() >= MOST_KEPT


def _write(kind: ActKind, preset: Preset, by: Actor, **values: str) -> None:
    """Write what was done to a preset in the log, unless its maker did it."""
    if preset.person_id != by.person_id:
        audit.write(kind, by=by, whom=preset.person, **values)


def _forget_deleted(person: Person) -> None:
    """Delete a person's oldest deleted presets permanently, unless generations use them."""
    made = Generation.objects.filter(preset=OuterRef("pk"))
    deleted = Preset.objects.filter(~Exists(made), person=person, deleted_at__isnull=False)
    old = deleted.order_by("-deleted_at", "-id").values_list("pk", flat=True)[MOST_DELETED:]
    Preset.objects.filter(pk__in=list(old)).delete()


def _storable(text: str) -> str:
    """Replace NUL characters, which PostgreSQL cannot store."""
    return text.replace("\x00", " ")
