"""Fills a studio: people, then the originals, then rows and files in chronological order."""

import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from omixa_studio.catalogue import load_catalogue
from omixa_studio.models import Generation, GenerationInput, InputImage, Person, Picture
from omixa_studio.services import ledger, pricing, used_prompts

from .drawing import Motif, Original, draw_all, motif_of
from .files import Files
from .people import ensure_people
from .plan import PlannedGeneration, plan
from .rows import Input, Setting, charge_rows, generation_row, picture_rows

WISHES_AT_A_TIME = 2_000

Draw = Callable[[Sequence[Motif], str], Iterable[Original]]


class NotPractice(Exception):
    """The studio uses a paying gateway, where no data may be invented."""


@dataclass(frozen=True)
class Amounts:
    """How much to make: at least so many charges, exactly so many pictures and people."""

    pictures: int
    charges: int = 0
    people: int = 5
    open_ones: int = 0


@dataclass
class Made:
    """What was made, in rows; `newcomers` are the people who can log in with the password."""

    people: list[Person]
    newcomers: list[Person]
    originals: int = 0
    generations: int = 0
    pictures: int = 0
    charges: int = 0


@dataclass
class _Stock:
    """What the rows are made from."""

    people: list[Person]
    originals: dict[Motif, Original]
    setting: Setting
    files: Files = field(default_factory=Files)
    inputs: dict[int, Input] = field(default_factory=dict)


def fill(
    amounts: Amounts,
    *,
    seed: int,
    password: str,
    tell: Callable[[str], None],
    draw: Draw = draw_all,
) -> Made:
    """Add a demonstration to the studio; the same seed on the same rows adds the same.

    `tell` receives a progress message now and then, `draw` makes the originals. Raises NotPractice.
    """
    if not settings.SANDBOX_MODE:
        raise NotPractice
    now = timezone.localtime(timezone.now(), timezone.get_default_timezone())
    people, newcomers = ensure_people(max(amounts.people, 1), password, now)
    wishes = _plan(amounts, len(people), seed, now)
    motifs = sorted({m for wish in wishes for m in _motifs(wish)}, key=repr)
    made = Made(people, newcomers, originals=len(motifs))
    tell(f"Drawing {len(motifs)} originals …")
    originals = {one.motif: one for one in draw(motifs, str(seed))}
    stock = _Stock(people, originals, _setting(seed, now))
    for start in range(0, len(wishes), WISHES_AT_A_TIME):
        _add(wishes[start : start + WISHES_AT_A_TIME], stock, made)
        tell(f"{made.pictures} of {amounts.pictures} pictures")
    return made


def _plan(amounts: Amounts, people: int, seed: int, now: datetime) -> list[PlannedGeneration]:
    return plan(
        load_catalogue(settings.MODELS_TOML).enabled,
        random.Random(f"{seed} wishes"),
        now,
        pictures=amounts.pictures,
        charges=amounts.charges,
        people=people,
        open_ones=amounts.open_ones,
    )


def _setting(seed: int, now: datetime) -> Setting:
    """File names depend on the seed and on the existing rows, so that no run repeats one."""
    last = Generation.objects.aggregate(last=Max("id"))["last"] or 0
    return Setting(
        target=settings.GATEWAY_TARGET,
        unknown_price_hold=load_catalogue(settings.MODELS_TOML).unknown_price_hold,
        now=now,
        rng=random.Random(f"{seed} rows after {last}"),
    )


def _motifs(wish: PlannedGeneration) -> list[Motif]:
    motifs = [motif_of(wish.subject, wish.shape, index) for index in range(wish.pictures)]
    return [*motifs, _input_motif(wish)] if wish.with_input else motifs


def _input_motif(wish: PlannedGeneration) -> Motif:
    """Return the one picture that each person uploaded and uses whenever a model needs one."""
    return motif_of(wish.person % 3, "square", wish.person)


def _add(wishes: Sequence[PlannedGeneration], stock: _Stock, made: Made) -> None:
    """Write one span of time: files first, then its rows in one transaction."""
    with transaction.atomic():
        given = [_input_of(wish, stock) for wish in wishes]
        rows = [
            generation_row(wish, stock.people[wish.person], image, stock.setting)
            for wish, image in zip(wishes, given, strict=True)
        ]
        used_prompts.note(rows)
        generations = Generation.objects.bulk_create(rows)
        _name_inputs(generations, given)
        pictures = [
            picture
            for wish, generation in zip(wishes, generations, strict=True)
            for picture in _pictures(wish, generation, stock)
        ]
        Picture.objects.bulk_create(pictures)
        charges = [
            charge
            for wish, generation in zip(wishes, generations, strict=True)
            for charge in charge_rows(generation, wish.came)
        ]
        ledger.append(charges)
        pricing.remember(
            (generation, 1 if image else 0, wish.came)
            for wish, generation, image in zip(wishes, generations, given, strict=True)
        )
    made.generations += len(generations)
    made.pictures += len(pictures)
    made.charges += len(charges)


def _pictures(wish: PlannedGeneration, generation: Generation, stock: _Stock) -> list[Picture]:
    motifs = [motif_of(wish.subject, wish.shape, index) for index in range(wish.pictures)]
    originals = [stock.originals[motif] for motif in motifs]
    rows = picture_rows(generation, originals, stock.setting)
    for row, original in zip(rows, originals, strict=True):
        stock.files.put_picture(row, original)
    return rows


def _input_of(wish: PlannedGeneration, stock: _Stock) -> Input | None:
    if not wish.with_input:
        return None
    if wish.person not in stock.inputs:
        original = stock.originals[_input_motif(wish)]
        stock.inputs[wish.person] = _upload(stock.people[wish.person], original, stock)
    return stock.inputs[wish.person]


def _upload(person: Person, original: Original, stock: _Stock) -> Input:
    token = stock.setting.token()
    name = f"inputs/{token[:2]}/{token}.{original.format}"
    row, new = InputImage.objects.get_or_create(
        person=person,
        sha256=original.sha256,
        defaults={
            "name": name,
            "mime": f"image/{original.format}",
            "width": original.rendered.width,
            "height": original.rendered.height,
            "bytes": len(original.data),
        },
    )
    if new:
        stock.files.put(name, original.data)
    return Input(row, original.data)


def _name_inputs(generations: Sequence[Generation], given: Sequence[Input | None]) -> None:
    GenerationInput.objects.bulk_create(
        GenerationInput(generation=generation, image=image.row, position=0)
        for generation, image in zip(generations, given, strict=True)
        if image
    )
