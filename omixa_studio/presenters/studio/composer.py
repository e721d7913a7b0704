"""What the studio's form shows: the models to pick, the chosen one's controls, the price."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from django.conf import settings
from django.utils.translation import gettext as _

from omixa_studio.catalogue import (
    Catalogue,
    Fault,
    Field,
    ImageModel,
    choice_texts,
    estimate,
    parse_choice,
    usual_seconds,
)
from omixa_studio.forms.controls import Control, control_for
from omixa_studio.forms.generation import MOST_PICTURES, fault_sentence
from omixa_studio.models import Generation, Person
from omixa_studio.queries import generations, history
from omixa_studio.queries.inputs import last_model_among
from omixa_studio.queries.refusals import refused_lately
from omixa_studio.services import submission
from omixa_studio.services.offers import nearest
from omixa_studio.templatetags import studio as words

from .references import Reference, marked

SHAPES, SIZES = ("aspect_ratio",), ("size", "quality")


@dataclass(frozen=True)
class Pick:
    """A model in the picker, with what it does, costs and takes.

    `refused`: the gateway refused it at its newest call; `instead` is the nearest other one.
    """

    slug: str
    name: str
    summary: str
    amount: Decimal | None
    usual: str
    chosen: bool
    refused: bool = False
    instead: ImageModel | None = None

    @property
    def facts(self) -> str:
        return " · ".join(fact for fact in (_price(self.amount), self.usual) if fact)


@dataclass(frozen=True)
class Upload:
    """A file field: how many images it takes, and those that were given, spare ones too."""

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


@dataclass(frozen=True)
class Bill:
    """The price on the button, in dollars: estimate (None: not known), hold, what it leaves."""

    count: int
    amount: Decimal | None
    held: Decimal
    leaves: Decimal | None
    short: bool
    references: int = 0
    operation: str = "generate"


@dataclass(frozen=True, kw_only=True)
class Composer:
    """The form for one model, filled with texts."""

    model: ImageModel
    picks: Sequence[Pick]
    texts: Mapping[str, str]
    controls: Sequence[Control]
    images: Upload | None = None
    mask: Upload | None = None
    references: Sequence[Reference] = ()
    fresh: bool = False
    faults: Sequence[str] = ()
    errors: Mapping[str, str] = field(default_factory=dict)

    @property
    def prompt(self) -> str:
        return self.texts.get("prompt", "")

    @property
    def prompt_field(self) -> Field | None:
        return self.model.field("prompt")

    @property
    def counts(self) -> bool:
        return self.model.field("n") is not None

    @property
    def most_pictures(self) -> int:
        """More than one call may return: the rest is asked for in further calls."""
        return MOST_PICTURES

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
    catalogue: Catalogue,
    model: ImageModel,
    texts: Mapping[str, str],
    *,
    references: Sequence[Reference] = (),
    faults: Sequence[Fault] = (),
    fresh: bool = False,
) -> Composer:
    """Draw the form of a model with these texts, references and sentences.

    `fresh` is for a form whose prompt is to be written now.
    """
    errors = {fault.field: fault_sentence(fault) for fault in faults}
    references = marked(references, model.max_images)
    return Composer(
        model=model,
        picks=picks(catalogue, model),
        texts=texts,
        controls=[
            control_for(one, texts.get(one.name, one.initial), errors.get(one.name, ""))
            for one in model.controls
        ],
        images=_upload(model, "input_images", errors, references),
        mask=_upload(model, "mask", errors),
        references=references,
        fresh=fresh,
        faults=[fault_sentence(fault) for fault in faults],
        errors=errors,
    )


def picks(catalogue: Catalogue, chosen: ImageModel) -> list[Pick]:
    """The models to choose from."""
    recent = history.recent_calls(settings.GATEWAY_TARGET)
    refused = refused_lately(settings.GATEWAY_TARGET, [one.slug for one in catalogue.enabled])
    return [
        Pick(
            slug=model.slug,
            name=model.name,
            summary=_(model.summary),
            amount=estimate(model, 1, recent[model.slug].billed).amount,
            usual=usually(recent[model.slug].seconds),
            chosen=model.slug == chosen.slug,
            refused=model.slug in refused,
            instead=nearest(catalogue, model, avoid=refused) if model.slug in refused else None,
        )
        for model in catalogue.enabled
    ]


def usually(durations: Sequence[float]) -> str:
    """Say how long calls took of late: "usually 4–7 s"; "" while nobody knows."""
    usual = usual_seconds(durations)
    if usual is None:
        return ""
    low, high = (f"{max(1, round(bound))}" for bound in usual)
    # The word joiner keeps a line from breaking behind the dash, the hard space before the unit.
    span = low if low == high else f"{low}–\u2060{high}"
    time = _("%(seconds)s s") % {"seconds": span}
    return _("usually %(time)s") % {"time": time.replace(" ", "\u00a0")}


def bill_for(
    catalogue: Catalogue,
    model: ImageModel,
    texts: Mapping[str, str],
    left: Decimal | None,
    *,
    references: int = 0,
) -> Bill:
    """Price the form as it stands; texts that are no values count as left out.

    `left` is what remains of the month, in dollars, None without a limit.
    """
    references = min(references, model.max_images)
    known = {name: text for name, text in texts.items() if model.field(name)}
    values, _faults = parse_choice(model, known)
    count = values.get("n", 1)
    if not isinstance(count, int) or not 1 <= count <= MOST_PICTURES:
        values["n"] = 1
    priced = submission.price(catalogue, model, values)
    amount = priced.estimate.amount
    cost = priced.hold if amount is None else amount
    return Bill(
        count=int(values.get("n", 1)),
        amount=amount,
        held=priced.hold,
        leaves=None if left is None else max(left - cost, Decimal(0)),
        short=left is not None and priced.hold > left,
        references=references,
        operation=submission.operation_of(model, references),
    )


def first_model(catalogue: Catalogue, person: Person) -> ImageModel:
    """The model to begin with: the person's last, the configured one, else one that works."""
    for slug in (generations.last_model(person), catalogue.default_model):
        if model := catalogue.find_enabled(slug):
            return model
    offered = catalogue.enabled or tuple(catalogue.models.values())
    refused = refused_lately(settings.GATEWAY_TARGET, [one.slug for one in offered])

    def promise(model: ImageModel) -> tuple[bool, bool, bool, bool]:
        makes = "generate" in model.operations
        priced = model.image_price is not None
        return model.slug not in refused, makes, not model.retiring, priced

    return max(offered, key=promise)


def mask_model(catalogue: Catalogue, person: Person) -> ImageModel:
    """The model to begin a masked edit with: the usual one where it takes masks."""
    usual = first_model(catalogue, person)
    return next((model for model in (usual, *catalogue.enabled) if model.takes_mask), usual)


def edit_model(catalogue: Catalogue, person: Person) -> ImageModel:
    """The model to edit a picture with: the last one that could, else the cheapest."""
    able = {one.slug: one for one in catalogue.enabled if "edit" in one.operations}
    last = able.get(last_model_among(person, able))
    priced = [one for one in able.values() if one.image_price is not None]
    cheapest = min(priced, key=lambda one: one.image_price or 0, default=None)
    fallback = next(iter(able.values()), None)
    return last or cheapest or fallback or first_model(catalogue, person)


def remembered(person: Person, model: ImageModel) -> dict[str, str]:
    """The texts of the person's last choice with a model, without the prompt."""
    last = generations.last_of_model(person, model.slug)
    return texts_of(last, model) if last else {}


def texts_of(generation: Generation, model: ImageModel) -> dict[str, str]:
    """The options of a generation as form texts, as far as the model still has them."""
    known = {name: value for name, value in generation.options.items() if model.field(name)}
    return choice_texts(known)


def _price(amount: Decimal | None) -> str:
    if amount is None:
        return _("price not known")
    return _("about %(amount)s a picture") % {"amount": words.estimate(amount)}


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
