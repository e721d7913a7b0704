"""The studio's form: the models, the chosen model's controls, the price."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from omixa_studio.catalogue import Field, ImageModel
from omixa_studio.catalogue.ruling import Ruling
from omixa_studio.forms.controls import Control, control_for
from omixa_studio.forms.generation import MOST_PICTURES
from omixa_studio.forms.variables import MOST_VARIABLES, variables_in
from omixa_studio.models import Preset
from omixa_studio.sentences import say
from omixa_studio.services.inputs import LONGEST_SIDE
from omixa_studio.services.pricing import Terms
from omixa_studio.services.sending import AROUND_AN_IMAGE

from .beginnings import Beginning
from .model_options import ModelOption, model_options
from .references import MOST_LISTED, Reference, with_spares
from .ruled import ruling_words

SHAPES, SIZES = ("aspect_ratio",), ("size", "quality")


@dataclass(frozen=True)
class Upload:
    """A file field: how many images it takes, and the given ones, including spare ones."""

    name: str
    label: str
    help: str
    hint: str
    least: int
    most: int
    error: str
    advanced: bool
    references: Sequence[Reference] = ()

    @property
    def body_bytes(self) -> int:
        return settings.BODY_BYTES

    @property
    def room(self) -> int:
        return MOST_LISTED

    @property
    def around_bytes(self) -> int:
        return AROUND_AN_IMAGE

    @property
    def longest_side(self) -> int:
        return LONGEST_SIDE

    @property
    def explanation(self) -> str:
        """Return what it is for, and the quickest way to fill it."""
        ways = _("Drop or paste pictures anywhere on this page.")
        told = _(
            "Painted areas are redrawn, the rest stays. The mask is sent as the transparent part "
            "of a PNG, as in OpenAI's edit API."
        )
        return told if self.name == "mask" else f"{_(self.help)} {ways}"

    @property
    def takes(self) -> str:
        """Return in words how many images it takes."""
        if self.least == self.most:
            return ngettext("exactly one", "exactly %(most)s", self.most) % {"most": self.most}
        if self.least:
            return _("%(least)s to %(most)s") % {"least": self.least, "most": self.most}
        return _("at most one") if self.most == 1 else _("up to %(most)s") % {"most": self.most}


@dataclass(frozen=True, kw_only=True)
class Composer:
    """The form for one model, filled with texts; `ruled` says what an admin has limited.

    Pictures beyond what one call returns take further calls.
    """

    model: ImageModel
    models: tuple[ModelOption, ...]
    texts: Mapping[str, str]
    controls: Sequence[Control]
    images: Upload | None = None
    mask: Upload | None = None
    sent_mask: str = ""
    references: Sequence[Reference] = ()
    fresh: bool = False
    preset: Preset | None = None
    values: Mapping[str, str] = field(default_factory=dict)
    ruled: str = ""
    most_pictures: int = MOST_PICTURES
    faults: Sequence[str] = ()
    errors: Mapping[str, str] = field(default_factory=dict)

    @property
    def prompt(self) -> str:
        return self.texts.get("prompt", "")

    @property
    def variables(self) -> list[tuple[str, str]]:
        """Return the variables of the prompt with their values."""
        names = variables_in(self.prompt)[:MOST_VARIABLES]
        return [(name, self.values.get(name, "")) for name in names]

    @property
    def chosen(self) -> ModelOption | None:
        """Return the chosen model, as the picker shows it."""
        return next((one for one in self.models if one.chosen), None)

    @property
    def sent(self) -> int:
        """Return how many references are sent."""
        return sum(not one.spare for one in self.references) if self.images else 0

    @property
    def prompt_field(self) -> Field | None:
        return self.model.field("prompt")

    @property
    def counts(self) -> bool:
        return self.model.field("n") is not None

    @property
    def count(self) -> str:
        return self.texts.get("n") or "1"

    @property
    def shapes(self) -> list[Control]:
        return [one for one in self._front if one.name in SHAPES or one.widget == "shapes"]

    @property
    def sizes(self) -> list[Control]:
        return [one for one in self._front if one.name in SIZES and one.is_short][:1]

    @property
    def front(self) -> list[Control]:
        apart = (*self.shapes, *self.sizes)
        return [one for one in self._front if one not in apart]

    @property
    def more(self) -> list[Control]:
        return [one for one in self.controls if one.place == "more"]

    @property
    def advanced(self) -> list[Control]:
        return [one for one in self.controls if one.place == "advanced"]

    @property
    def has_advanced(self) -> bool:
        folded = self.images is not None and self.images.advanced
        return bool(self.advanced) or folded

    @property
    def has_faulty_option(self) -> bool:
        """Return whether an option that a phone shows among the options has an error."""
        return any(one.error for one in self.controls)

    @property
    def more_set(self) -> str:
        return _said(self.more)

    @property
    def advanced_set(self) -> str:
        return _said(self.advanced)

    @property
    def more_open(self) -> bool:
        return any(one.error for one in self.more)

    @property
    def advanced_open(self) -> bool:
        images = self.images if self.images and self.images.advanced else None
        filled = images is not None and bool(images.error or images.references)
        return filled or any(one.error for one in self.advanced)

    @property
    def _front(self) -> list[Control]:
        return [one for one in self.controls if one.place == "front"]


def compose(
    terms: Terms,
    beginning: Beginning,
    ruling: Ruling | None = None,
    *,
    refused: Collection[str] | None = None,
) -> Composer:
    """Draw the form that begins with a model, texts, references and faults.

    `terms` are those of every model that the `ruling` allows.
    """
    model, texts = beginning.model, beginning.texts
    sentences = {fault.field: say(fault) for fault in beginning.faults}
    references = with_spares(beginning.references, model.max_images)
    return Composer(
        model=model,
        models=model_options(terms, model, refused),
        texts=texts,
        controls=[
            control_for(one, texts.get(one.name, one.initial), sentences.get(one.name, ""))
            for one in model.controls
        ],
        images=_upload(model, "input_images", sentences, references),
        mask=_upload(model, "mask", sentences),
        sent_mask=beginning.mask,
        references=references,
        fresh=beginning.fresh,
        preset=beginning.preset,
        values=beginning.variables,
        ruled=ruling_words(ruling, terms.catalogue),
        most_pictures=ruling.most_pictures if ruling and ruling.most_pictures else MOST_PICTURES,
        faults=[say(fault) for fault in beginning.faults],
        errors=sentences,
    )


def _upload(
    model: ImageModel, name: str, errors: Mapping[str, str], references: Sequence[Reference] = ()
) -> Upload | None:
    image = model.field(name)
    most = 1 if name == "mask" else model.max_images
    if image is None or most < 1:
        return None
    return Upload(
        name=image.name,
        label=image.label,
        help=image.help,
        hint=image.hint,
        least=model.min_images,
        most=most,
        error=errors.get(image.name, ""),
        advanced=image.advanced,
        references=references,
    )


def _said(controls: Sequence[Control]) -> str:
    return " · ".join(one.said for one in controls if one.said)
