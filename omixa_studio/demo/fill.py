"""Fills a studio: people, then the originals, then rows and files in chronological order."""

import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from omixa_studio import gallery_counts, kept_counts, prompt_index
from omixa_studio.catalogue import load_catalogue
from omixa_studio.models import Generation, IndexedPrompt, InputImage, Person
from omixa_studio.services import cost_totals, pricing

from .copies import Copy, Template, exact_copy, other_copy, template_of
from .drawing import Motif, Original, draw_all, motif_of
from .files import Files
from .organising import organise_some
from .people import ensure_people
from .plan import PlannedGeneration, activity, plan
from .projects import Projects, ensure_projects
from .prompts import Prompts
from .rows import Input, Setting
from .sharing import share_some
from .writing import write

COPIES_AT_A_TIME = 8_000
# Ledger rows added to the totals.
ROWS_AT_A_TIME = 100_000
# Of more pictures than this each generation is planned once and copied.
MOST_PLANNED = 20_000

Draw = Callable[[Sequence[Motif], str], Iterable[Original]]


class NotPractice(Exception):
    """The studio uses a paying gateway, where no data may be invented."""


@dataclass(frozen=True)
class Amounts:
    """How much to make: at least so many charges, exactly so many pictures and people.

    `months` is the number of calendar months to spread it over; without `files` there are rows
    alone.
    """

    pictures: int
    charges: int = 0
    people: int = 5
    open_ones: int = 0
    months: int = 24
    files: bool = True


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
    prompts: Prompts
    files: Files | None
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
    plans = _plans(amounts, len(people), seed, now)
    motifs = sorted({m for wishes, _ in plans for w in wishes for m in _motifs(w)}, key=repr)
    made = Made(people, newcomers, originals=len(motifs))
    tell(f"Drawing {len(motifs)} originals …")
    originals = {one.motif: one for one in draw(motifs, str(seed))}
    files = Files() if amounts.files else None
    projects = ensure_projects(people, seed, now)
    stock = _Stock(people, originals, _setting(seed, now, projects), Prompts(people), files)
    many = amounts.pictures > MOST_PLANNED
    with _indexed_at_the_end() if many else nullcontext():
        for wishes, times in plans:
            step = max(COPIES_AT_A_TIME // times, 1)
            for start in range(0, len(wishes), step):
                _add(wishes[start : start + step], times, stock, made)
                tell(f"{made.pictures} of {amounts.pictures} pictures")
    stock.prompts.finish()
    while cost_totals.add_rows(most=ROWS_AT_A_TIME):
        continue
    organise_some(people)
    share_some(people)
    return made


@contextmanager
def _indexed_at_the_end() -> Iterator[None]:
    """Count galleries and index prompts once, at the end, instead of picture by picture."""
    with gallery_counts.counted_at_the_end(), kept_counts.counted_at_the_end():
        prompt_index.drop_index()
        try:
            yield
        finally:
            IndexedPrompt.objects.all().delete()
            prompt_index.fill()
            prompt_index.create_index()
            prompt_index.create_triggers()


def _plans(
    amounts: Amounts, people: int, seed: int, now: datetime
) -> list[tuple[list[PlannedGeneration], int]]:
    """Return generations with how many copies to make of each; together they are exact."""
    models = load_catalogue(settings.MODELS_TOML).enabled
    rng = random.Random(f"{seed} wishes")
    times = -(-max(amounts.pictures, amounts.charges // 2) // MOST_PLANNED) or 1

    def planned(pictures: int, charges: int, open_ones: int) -> list[PlannedGeneration]:
        return plan(
            models,
            rng,
            now,
            pictures=pictures,
            charges=charges,
            people=people,
            open_ones=open_ones,
            months=amounts.months,
        )

    if times == 1:
        return [(planned(amounts.pictures, amounts.charges, amounts.open_ones), 1)]
    many = planned(amounts.pictures // times, -(-amounts.charges // times), 0)
    return [(many, times), (planned(amounts.pictures % times, 0, amounts.open_ones), 1)]


def _setting(seed: int, now: datetime, projects: Projects) -> Setting:
    """File names depend on the seed and on the existing rows, so that no run repeats one."""
    last = Generation.objects.aggregate(last=Max("id"))["last"] or 0
    return Setting(
        target=settings.GATEWAY_TARGET,
        unknown_price_hold=load_catalogue(settings.MODELS_TOML).unknown_price_hold,
        now=now,
        rng=random.Random(f"{seed} rows after {last}"),
        projects=projects,
    )


def _motifs(wish: PlannedGeneration) -> list[Motif]:
    motifs = [motif_of(wish.subject, wish.shape, index) for index in range(wish.pictures)]
    return [*motifs, _input_motif(wish)] if wish.with_input else motifs


def _input_motif(wish: PlannedGeneration) -> Motif:
    """Return the one picture that each person uploaded and uses whenever a model needs one."""
    return motif_of(wish.person % 3, "square", wish.person)


def _add(wishes: Sequence[PlannedGeneration], times: int, stock: _Stock, made: Made) -> None:
    """Write one span of time: files first, then its rows in one transaction."""
    with transaction.atomic():
        templates = [_template(wish, stock) for wish in wishes]
        copies = sorted(_copies(templates, times, stock), key=lambda copy: copy.at)
        if stock.files:
            _put_files(copies, stock.files)
        made.charges += write(copies, stock.prompts)
        pricing.remember((one.row, 1 if one.given else 0, one.wish.came) for one in templates)
    made.generations += len(copies)
    made.pictures += sum(len(copy.pictures) for copy in copies)


def _template(wish: PlannedGeneration, stock: _Stock) -> Template:
    motifs = [motif_of(wish.subject, wish.shape, index) for index in range(wish.pictures)]
    return template_of(
        wish,
        stock.people[wish.person],
        _input_of(wish, stock),
        [stock.originals[motif] for motif in motifs],
        stock.setting,
    )


def _copies(templates: Sequence[Template], times: int, stock: _Stock) -> Iterator[Copy]:
    """Yield each generation itself, and its copies between it and the next one."""
    rng, weights = stock.setting.rng, activity(len(stock.people))
    for place, template in enumerate(templates):
        yield exact_copy(template, stock.setting)
        start = template.wish.at
        until = templates[min(place + 1, len(templates) - 1)].wish.at
        for person in rng.choices(stock.people, weights, k=times - 1):
            yield other_copy(
                template, start + (until - start) * rng.random(), person, stock.setting
            )


def _put_files(copies: Iterable[Copy], files: Files) -> None:
    for copy in copies:
        for picture, original in zip(copy.pictures, copy.template.originals, strict=True):
            files.put_picture(picture, original)


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
    if new and stock.files:
        stock.files.put(name, original.data)
    return Input(row, original.data)
