"""Keep settings under a name; rename, share with the team, delete and bring back."""

from collections.abc import Mapping, Sequence

from django.db.models.functions import Now

from omixa_studio.models import Person, Picture, Preset


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
    """Keep the texts of a form under a name; `uploads` and `pictures` are ids of references."""
    return Preset.objects.create(
        person=person,
        name=name,
        team=team,
        model=model,
        texts={key: text for key, text in texts.items() if text},
        prompt=prompt,
        uploads=list(uploads),
        pictures=list(pictures),
        example=example,
    )


def change_preset(preset: Preset, *, name: str, team: bool) -> None:
    """Give it another name, and let the team use it or no longer."""
    Preset.objects.filter(pk=preset.pk).update(name=name, team=team)


def delete_preset(preset: Preset) -> bool:
    """Put it away; False where it was before."""
    return bool(Preset.objects.filter(pk=preset.pk, deleted_at=None).update(deleted_at=Now()))


def restore_preset(preset: Preset) -> None:
    """Bring it back as it was."""
    Preset.objects.filter(pk=preset.pk).update(deleted_at=None)
