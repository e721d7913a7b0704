"""The plan of a demonstration: a list of generations, determined by a seed alone."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from omixa_studio.catalogue import ImageModel
from omixa_studio.gateway.errors import Told, told
from omixa_studio.sandbox.prices import picture_price

from .drawing import SHAPES
from .words import SUBJECTS, write_longest_prompt, write_prompt

# Every request but the open ones has ended by now.
LATEST = timedelta(minutes=10)
COUNTS = {1: 45, 2: 20, 3: 5, 4: 30}
SHARE_WITH_INPUT = 0.02
# What the most active person makes of everything, at least.
LEADING_SHARE = 0.1925
# How often models are used, by their operation; others count as 1.
POPULARITY = {"generate": 20, "upscale": 1, "remove_background": 1}


@dataclass(frozen=True, slots=True)
class Fate:
    """How a request ended.

    `came` says how many of the requested pictures arrived, `deleted` whether they were deleted
    since; `charges` is the number of its ledger rows.
    """

    state: str
    charged: str
    charges: int
    weight: int = 0
    came: str = "none"
    kind: str = ""
    error: Sequence[Told] = ()
    status: int | None = None
    over_hold: bool = False
    late: bool = False
    deleted: bool = False


FATES = {
    "done": Fate("done", "yes", 3, 920, "all", status=200),
    "dear": Fate("done", "yes", 3, 8, "all", status=200, over_hold=True),
    "fewer": Fate("done", "yes", 3, 12, "one", status=200),
    "unpriced": Fate("done", "unknown", 1, 5, "all", status=200),
    "refused": Fate(
        "failed",
        "no",
        2,
        24,
        kind="policy",
        error=(told("policy"), told("cost_none")),
        status=422,
    ),
    "spoilt": Fate(
        "failed",
        "yes",
        3,
        5,
        kind="gateway",
        error=(told("nothing_opened"),),
        status=200,
    ),
    "unclear": Fate(
        "unknown",
        "unknown",
        1,
        6,
        kind="gateway",
        error=(told("too_slow"), told("cost_unknown")),
    ),
    "late": Fate("failed", "yes", 4, 2, "all", error=(told("too_slow"),), late=True),
    "cancelled": Fate("cancelled", "no", 2, 18),
    # Its pictures were deleted for good since; the ledger still has their cost.
    "deleted": Fate("done", "yes", 3, came="all", status=200, deleted=True),
    "queued": Fate("queued", "", 1),
    "running": Fate("running", "", 1),
}


@dataclass(frozen=True, slots=True)
class PlannedGeneration:
    """One request with its outcome. The price is in dollars per picture."""

    at: datetime
    person: int
    model: ImageModel
    subject: int
    shape: str
    prompt: str
    options: dict[str, object]
    count: int
    fate: Fate
    seconds: float
    with_input: bool
    price: Decimal

    @property
    def came(self) -> int:
        """Return how many pictures the gateway returned."""
        return {"all": self.count, "one": 1, "none": 0}[self.fate.came]

    @property
    def pictures(self) -> int:
        """Return how many of them still exist."""
        return 0 if self.fate.deleted else self.came

    @property
    def bill(self) -> Decimal | None:
        """Return the dollars that the gateway reported, None if it reported nothing."""
        if self.fate.charged != "yes":
            return None
        return self.price * (1 if self.fate.came == "one" else self.count)


def plan(
    models: Sequence[ImageModel],
    rng: random.Random,
    now: datetime,
    *,
    pictures: int,
    charges: int,
    people: int,
    open_ones: int,
    months: int,
) -> list[PlannedGeneration]:
    """Return generations in chronological order: so many pictures, at least so many ledger rows.

    They are spread over so many calendar months, of which the last is the present one.
    """
    planner = _Planner(models, rng, (_first_of(now, months), now), people)
    wishes = [*planner.with_pictures(pictures)]
    booked = sum(wish.fate.charges for wish in wishes)
    while booked < charges:
        wishes.append(planner.wish(FATES["deleted"]))
        booked += FATES["deleted"].charges
    wishes += [planner.open_wish(number) for number in range(open_ones)]
    return sorted(wishes, key=lambda wish: wish.at)


def activity(people: int) -> list[float]:
    """Return how much of everything each person makes; a few make most, as everywhere."""
    shares = [1 / (number + 1) ** 0.7 for number in range(people)]
    shares[0] = max(shares[0], sum(shares[1:]) * LEADING_SHARE / (1 - LEADING_SHARE))
    return shares


class _Planner:
    """Draws generations from one stream of random numbers."""

    def __init__(
        self,
        models: Sequence[ImageModel],
        rng: random.Random,
        span: tuple[datetime, datetime],
        people: int,
    ) -> None:
        self.models, self.rng = models, rng
        self.start, self.now = span
        self.usage = [POPULARITY.get(model.operations[0], 1) for model in models]
        self.activity = activity(people)

    def with_pictures(self, pictures: int) -> Iterator[PlannedGeneration]:
        fates = list(FATES.values())
        weights = [fate.weight for fate in fates]
        left = pictures
        while left > 0:
            fate = self.rng.choices(fates, weights)[0] if left < pictures else FATES["done"]
            wish = self.wish(fate, most=left, longest=left == pictures)
            left -= wish.pictures
            yield wish

    def open_wish(self, number: int) -> PlannedGeneration:
        """Return a request of the last minutes: every third is running, the others are queued."""
        fate = FATES["queued" if number % 3 else "running"]
        return self.wish(fate, at=self.now - timedelta(seconds=2 + number))

    def wish(
        self, fate: Fate, *, most: int = 4, longest: bool = False, at: datetime | None = None
    ) -> PlannedGeneration:
        rng = self.rng
        model = next(m for m in self.models if m.takes_prompt) if longest else self._model()
        subject = rng.randrange(len(SUBJECTS))
        shape = self._shape(model)
        count = min(rng.choices(list(COUNTS), list(COUNTS.values()))[0], model.max_count, most)
        write = write_longest_prompt if longest else write_prompt
        asked = (model.min_images or rng.random() < SHARE_WITH_INPUT) and model.max_images
        return PlannedGeneration(
            at=at or self._moment(),
            person=rng.choices(range(len(self.activity)), self.activity)[0],
            model=model,
            subject=subject,
            shape=shape,
            prompt=write(SUBJECTS[subject], rng) if model.takes_prompt else "",
            options=self._options(model, shape, count),
            count=count,
            fate=fate,
            seconds=round(rng.lognormvariate(2.1, 0.45), 2),
            with_input=bool(asked),
            price=self._price(model, fate),
        )

    def _model(self) -> ImageModel:
        return self.rng.choices(self.models, self.usage)[0]

    def _shape(self, model: ImageModel) -> str:
        if "remove_background" in model.operations:
            return "clear"
        if model.field("background") and self.rng.random() < 0.1:
            return "clear"
        return self.rng.choices(list(SHAPES), [shape.weight for shape in SHAPES.values()])[0]

    def _options(self, model: ImageModel, name: str, count: int) -> dict[str, object]:
        """Return the options that request the shape, in the model's own values."""
        shape = SHAPES[name]
        size = "x".join(map(str, shape.size))
        wanted = {
            "aspect_ratio": shape.aspect_ratio,
            "size": shape.bucket or (size if _accepts(model, "size", size) else "auto"),
            "output_format": shape.format,
            "background": "transparent" if shape.cut_out else "",
            "quality": self.rng.choice(("", "", "medium", "high")),
        }
        options: dict[str, object] = {"n": count} if model.field("n") and count > 1 else {}
        return options | {k: v for k, v in wanted.items() if v and _accepts(model, k, v)}

    def _price(self, model: ImageModel, fate: Fate) -> Decimal:
        """Return dollars per picture: the list price; without one it varies from call to call."""
        if model.image_price is None:
            share = Decimal(self.rng.randrange(60, 100)) / 100
            usual = picture_price(model, {}) * share
        else:
            usual = model.image_price
        return usual * 3 if fate.over_hold else usual

    def _moment(self) -> datetime:
        """Return some working hour of the months, more likely a late one."""
        some: datetime = self.now - (self.now - self.start) * self.rng.random() ** 1.6
        day = some - timedelta(days=2 if some.weekday() >= 5 and self.rng.random() < 0.8 else 0)
        seconds = self.rng.triangular(7, 22, 14) * 3600
        midnight = day.replace(hour=0, minute=0, second=0, microsecond=0)
        at = midnight + timedelta(seconds=seconds)
        latest = self.now - LATEST
        return at if self.start <= at < latest else min(some, latest)


def _first_of(now: datetime, months: int) -> datetime:
    """Return the first instant of so many months, of which the last is the present one."""
    month = now.year * 12 + now.month - months
    return now.replace(
        year=month // 12, month=month % 12 + 1, day=1, hour=0, minute=0, second=0, microsecond=0
    )


def _accepts(model: ImageModel, name: str, value: str) -> bool:
    field = model.field(name)
    return field is not None and (value in field.accepted or not field.accepted)
