"""The form of a preset: its name, who may use it, what it stores. Saves nothing."""

from dataclasses import dataclass

from django.http import QueryDict

from omixa_studio.models.presets import LONGEST_NAME

# The fields of the form that are about the preset, not about the picture.
OF_THE_PRESET = ("preset_name", "preset_team", "preset_prompt", "preset_references", "picture")


@dataclass(frozen=True)
class PresetAsked:
    """The name, "" for none; whether the team may use it, and what it includes."""

    name: str
    team: bool
    with_prompt: bool
    with_references: bool


def read_preset(data: QueryDict) -> PresetAsked:
    """Read the form of a preset."""
    name = " ".join(data.get("preset_name", "").replace("\x00", " ").split())[:LONGEST_NAME]
    said = [data.get(field) == "yes" for field in OF_THE_PRESET[1:4]]
    return PresetAsked(name, *said)
