"""Frozen records of what the studio knows about image models."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

FieldType = Literal["string", "integer", "number", "boolean", "images", "image"]
Source = Literal["documented", "inferred", "configured"]
Value = str | int | float | bool


def N_(sentence: str) -> str:
    """Mark an English sentence for translation; it is translated when shown."""
    return sentence


@dataclass(frozen=True, slots=True)
class Field:
    """One field of the gateway's request.

    `accepted` empty means free; `accepted_is_complete` False means a list of suggestions.
    `minimum`, `maximum` bound numbers, the lengths count characters, the items count images;
    None is not documented. `default` is text, "" where none is known. `names` gives some
    accepted values a word for people. `basis` says what an inferred field rests on, `changed`
    which of its keys models.toml has set.
    """

    name: str
    type: FieldType
    required: bool = False
    accepted: tuple[str, ...] = ()
    accepted_is_complete: bool = True
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    min_length: int | None = None
    max_length: int | None = None
    min_items: int | None = None
    max_items: int | None = None
    default: str = ""
    label: str = ""
    help: str = ""
    names: Mapping[str, str] = field(default_factory=dict, hash=False)
    advanced: bool = False
    hint: str = ""
    source: Source = "documented"
    basis: str = ""
    changed: tuple[str, ...] = ()

    @property
    def initial(self) -> str:
        """Return the form's initial value: a configured default, never a documented one.

        The gateway applies its own default to an omitted field.
        """
        return self.default if "default" in self.changed else ""


@dataclass(frozen=True, slots=True)
class PriceRow:
    """List price of pictures of a quality, a size or both; None matches any.

    `price` is dollars for one picture; without it the model's price is taken so many `times`.
    """

    quality: str | None = None
    size: str | None = None
    price: Decimal | None = None
    times: Decimal = Decimal(1)


@dataclass(frozen=True, slots=True)
class ImageModel:
    """One image model of the gateway. Prices are dollars; None is not documented.

    `image_price` is for one picture where no row of `prices` fits, the token prices for a
    million tokens. `max_images` is a cap
    on input images (0: takes none). `mask_confirmed`: an admin saw a mask work with this
    gateway. `retiring`: it is being switched off upstream, so it is nobody's first choice.
    `origins` says for each value where it comes from: "documented", "configured",
    "unknown" or "inferred: …" with what it rests on.
    """

    slug: str
    name: str
    summary: str
    provider: str
    family: str
    operations: tuple[str, ...]
    fields: tuple[Field, ...]
    image_price: Decimal | None = None
    prices: tuple[PriceRow, ...] = ()
    minimum_hold: Decimal | None = None
    input_token_price: Decimal | None = None
    output_token_price: Decimal | None = None
    max_images: int = 0
    max_images_source: Source = "documented"
    mask_encoding: Literal["image_part", "data_url"] = "image_part"
    mask_confirmed: bool = False
    enabled: bool = True
    retiring: bool = False
    page: str = ""
    origins: Mapping[str, str] = field(default_factory=dict, hash=False)

    def field(self, name: str) -> Field | None:
        """Return the field of that name, None if the model has no such field."""
        return next((one for one in self.fields if one.name == name), None)

    @property
    def short_name(self) -> str:
        """The name without what stands behind it in brackets."""
        return self.name.partition(" (")[0] or self.name

    @property
    def controls(self) -> tuple[Field, ...]:
        """Return the plain option fields: all but prompt, count and images."""
        apart = ("prompt", "n", "input_images", "mask")
        return tuple(one for one in self.fields if one.name not in apart)

    @property
    def takes_prompt(self) -> bool:
        return self.field("prompt") is not None

    @property
    def takes_mask(self) -> bool:
        return self.field("mask") is not None

    @property
    def min_images(self) -> int:
        images = self.field("input_images")
        if images is None:
            return 0
        return images.min_items or (1 if images.required else 0)

    @property
    def max_count(self) -> int:
        """Return how many pictures one request may ask for; 1 for a model without a count."""
        count = self.field("n")
        return int(count.maximum) if count and count.maximum else 1


@dataclass(frozen=True, slots=True)
class Sentence:
    """An English template marked by N_, and its parameters: values or sentences."""

    template: str
    params: Mapping[str, object] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.template % self.params


class Mistaken(ValueError):
    """A file contains an error; `said` is the sentence for people."""

    def __init__(self, template: str, **params: object) -> None:
        self.said = Sentence(template, params)
        super().__init__(str(self.said))


@dataclass(frozen=True, slots=True)
class Problem:
    """An error in a catalogue file, for people; `model` and `field` are "" if not about one."""

    file: str
    model: str
    field: str
    said: Sentence

    @property
    def sentence(self) -> str:
        return str(self.said)

    @property
    def line(self) -> str:
        """Where it stands, and what it is."""
        return f"{', '.join(filter(None, (self.file, self.model, self.field)))}: {self.sentence}"


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a choice does not fit a model: an English template and its parameters."""

    field: str
    template: str
    params: Mapping[str, object]

    @property
    def sentence(self) -> str:
        return self.template % self.params


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All image models in order, keyed by slug, and what is wrong with models.toml.

    `unknown_price_hold` is held per picture where no price is known; a run that holds more
    than `ask_above` is asked about once more. Both in dollars.
    `default_model` is a slug, "" for none. `aliases` are slugs by other names that programs use.
    """

    models: Mapping[str, ImageModel]
    unknown_price_hold: Decimal = Decimal("0.10")
    ask_above: Decimal = Decimal("1.00")
    default_model: str = ""
    aliases: Mapping[str, str] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()

    def find(self, slug: str) -> ImageModel | None:
        """Return the model with exactly that slug, enabled or not."""
        return self.models.get(slug)

    def find_enabled(self, slug: str) -> ImageModel | None:
        """Return the enabled model with exactly that slug."""
        model = self.models.get(slug)
        return model if model is not None and model.enabled else None

    def find_named(self, name: str) -> ImageModel | None:
        """Return the enabled model of a slug or of another name for it; slugs come first."""
        return self.find_enabled(name) or self.find_enabled(self.aliases.get(name, ""))

    @property
    def enabled(self) -> tuple[ImageModel, ...]:
        return tuple(model for model in self.models.values() if model.enabled)
