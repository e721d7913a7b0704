"""How a field of an image model appears in the form: its control, its texts, its place."""

import re
from dataclasses import dataclass
from fractions import Fraction

from django.utils.translation import gettext as _

from omixa_studio.catalogue import Field

# Options always visible; others are folded under "More options".
FRONT = ("aspect_ratio", "size", "quality", "creativity", "style_preset", "negative_prompt")
# Options on how references are used: without references they are neither shown nor sent.
ABOUT_REFERENCES = ("input_fidelity",)
MOST_SEGMENTS = 5
# The number of characters that fit side by side into a column of 332 px.
SEGMENTS_LENGTH = 34
SHORT_SEGMENTS_LENGTH = 18
LONG_TEXT = 500
SQUARE = Fraction(1)
# The providers' word for their own choice. Nothing is sent then, which means the same.
AUTO = "auto"
RATIO = re.compile(r"([0-9]{1,5})[:x]([0-9]{1,5})")
SIDE = 14.0


@dataclass(frozen=True)
class Option:
    """One value of a choice; width and height (of 20) draw its shape, 0 is no shape."""

    value: str
    label: str
    width: float = 0
    height: float = 0
    title: str = ""

    @property
    def x(self) -> float:
        return (20 - self.width) / 2

    @property
    def y(self) -> float:
        return (20 - self.height) / 2


@dataclass(frozen=True)
class Control:
    """One field as the templates draw it; `place` is front, more or advanced."""

    name: str
    label: str
    widget: str
    place: str
    value: str
    options: tuple[Option, ...] = ()
    help: str = ""
    hint: str = ""
    error: str = ""
    minimum: str = ""
    maximum: str = ""
    step: str = "1"
    placeholder: str = ""

    @property
    def is_choice(self) -> bool:
        """Return whether its values are shown side by side instead of in a field."""
        return self.widget in ("segments", "shapes")

    @property
    def classes(self) -> str:
        """Return its CSS classes, for its place and visibility."""
        told = {"about-references": self.about_references, "shapes": self.widget == "shapes"}
        return " ".join([self.place, *(name for name, holds in told.items() if holds)])

    @property
    def about_references(self) -> bool:
        """Return whether it only has an effect if references are sent."""
        return self.name in ABOUT_REFERENCES

    @property
    def range(self) -> str:
        return f"{self.minimum}–{self.maximum}" if self.minimum and len(self.maximum) < 6 else ""

    @property
    def explanation(self) -> str:
        """Return what it does, and what "Auto" means if that is one of its choices."""
        leaves = any(option.value in ("", AUTO) for option in self.options)
        parts = (self.help, _("Auto lets the model decide.") if leaves else "")
        return " ".join(part for part in parts if part)

    @property
    def is_short(self) -> bool:
        """Return whether another control fits on the same line."""
        length = sum(len(option.label) for option in self.options)
        return self.widget == "segments" and length <= SHORT_SEGMENTS_LENGTH

    @property
    def said(self) -> str:
        """Return the label of the chosen value, "" if it is the model's default."""
        chosen = (one.label for one in self.options if self.value and one.value == self.value)
        return next(chosen, self.value)


def control_for(field: Field, value: str, error: str = "") -> Control:
    """Return the control of a plain field, with the given text as value."""
    options = _options(field, value)
    return Control(
        name=field.name,
        label=_(field.label),
        widget=_widget(field, options),
        place=_place(field),
        value=value,
        options=options,
        help=_(field.help),
        hint=_(field.hint),
        error=error,
        minimum="" if field.minimum is None else f"{field.minimum:f}",
        maximum="" if field.maximum is None else f"{field.maximum:f}",
        step="1" if field.type == "integer" else "0.05",
        placeholder=field.default or _("Auto"),
    )


def ratio_of(text: str) -> Fraction | None:
    """Read width to height from "16:9" or "1024x1536"; None for any other text."""
    found = RATIO.fullmatch(text)
    if not found or "0" in (found[1].lstrip("0") or "0", found[2].lstrip("0") or "0"):
        return None
    return Fraction(int(found[1]), int(found[2]))


def _options(field: Field, value: str) -> tuple[Option, ...]:
    if field.type == "boolean":
        return (Option("", _("Auto")), Option("true", _("Yes")), Option("false", _("No")))
    if not field.accepted:
        return ()
    if not field.accepted_is_complete:
        return tuple(_option(field, one) for one in field.accepted)
    # One option leaves the choice to the model; its value is "auto" if a request was sent with
    # that.
    left = AUTO if value == AUTO and value in field.accepted else ""
    named = (one for one in field.accepted if one != AUTO)
    return (Option(left, _("Auto")), *(_option(field, one) for one in named))


def _option(field: Field, value: str) -> Option:
    ratio = ratio_of(value)
    if ratio is None:
        return Option(value, _(field.names.get(value, value)))
    width, height = (SIDE * ratio / max(ratio, SQUARE), SIDE / max(ratio, SQUARE))
    # The square around a shape grows with its ratio, so that all shapes look equally large.
    grown = min(1.3, float(max(ratio, 1 / ratio)) ** 0.5)
    return Option(
        value,
        value if ":" in value else _shape_word(ratio),
        round(float(width) * grown, 1),
        round(float(height) * grown, 1),
        title=_(field.names.get(value, value)),
    )


def _shape_word(ratio: Fraction) -> str:
    """Return the word for a shape; its pixels do not fit a segment, so they are in its title."""
    if ratio == 1:
        return _("Square")
    return _("Wide") if ratio > 1 else _("Tall")


def _widget(field: Field, options: tuple[Option, ...]) -> str:
    if field.type in ("integer", "number"):
        return "number"
    if options and field.accepted_is_complete:
        return _choice_widget(options)
    if field.max_length and field.max_length > LONG_TEXT:
        return "long"
    return "text"


def _choice_widget(options: tuple[Option, ...]) -> str:
    if any(option.width for option in options):
        different = len({option.label for option in options}) == len(options)
        return "shapes" if different and len(options) <= MOST_SEGMENTS + 1 else "select"
    length = sum(len(option.label) for option in options)
    few = len(options) <= MOST_SEGMENTS + 1 and length <= SEGMENTS_LENGTH
    return "segments" if few else "select"


def _place(field: Field) -> str:
    if field.advanced:
        return "advanced"
    return "front" if field.name in FRONT and field.source != "inferred" else "more"
