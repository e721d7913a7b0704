"""It fills a studio with rows that agree with each other, and only where nothing is billed."""

import hashlib
import io
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db.models import Count, F, Max, Sum
from django.test import Client
from django.utils import timezone

from omixa_studio import storage
from omixa_studio.catalogue import check_choice, key_of, load_catalogue
from omixa_studio.demo import fill as filling
from omixa_studio.demo.drawing import Motif, Original
from omixa_studio.demo.fill import Amounts, Made, fill
from omixa_studio.models import BilledPrice, Charge, Generation, Person, Picture, Project
from omixa_studio.models.search import searchable
from omixa_studio.queries.balance_check import differences
from omixa_studio.services.bodies import rebuild_body
from omixa_studio.services.hashes import request_key
from omixa_studio.services.renditions import render
from tests.factories import draw_png

PASSWORD = "a long enough password"

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _own_folder(settings: Any, tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """With so few planned, most generations are copies, as in a large demonstration."""
    settings.MEDIA_ROOT = tmp_path / "media"
    monkeypatch.setattr(filling, "MOST_PLANNED", 15)


def demo(*, seed: int = 7, **amounts: Any) -> Made:
    """A demonstration with quickly drawn originals."""
    wanted = replace(Amounts(pictures=40, people=3), **amounts)
    return fill(wanted, seed=seed, password=PASSWORD, tell=lambda _: None, draw=draw_quickly)


def draw_quickly(motifs: Sequence[Motif], _seed: str) -> list[Original]:
    return [
        Original(motif, data, "png", hashlib.sha256(data).hexdigest(), render(data, "png"))
        for motif in motifs
        for data in [draw_png()]
    ]


def run_command(**options: Any) -> str:
    out = io.StringIO()
    defaults = {"pictures": 6, "people": 3, "password": PASSWORD}
    call_command("demo", stdout=out, stderr=io.StringIO(), **(defaults | options))
    return out.getvalue()


def test_it_makes_exactly_so_many_pictures_and_people() -> None:
    demo()
    assert (Picture.objects.count(), Person.objects.count()) == (40, 3)
    assert Picture.objects.filter(shared=True).exists()


def test_it_makes_at_least_so_many_ledger_rows() -> None:
    demo(charges=300)
    assert 300 <= Charge.objects.count() < 330
    assert Picture.objects.count() == 40


def test_it_prints_logins_that_work(client: Client) -> None:
    out = run_command()
    assert "6 pictures" in out
    assert "demo-1" in out
    assert PASSWORD in out
    client.post("/login/", {"login": "demo-1", "password": PASSWORD})
    assert client.get("/").status_code == 200


def test_it_books_every_bill_once_and_shares_it_out_exactly() -> None:
    demo(charges=300)
    sums: Counter[int] = Counter()
    for pk, amount in Charge.objects.values_list("generation_id", "amount_micros"):
        sums[pk] += amount
    for row in Generation.objects.all():
        known = row.charged in ("yes", "no")
        assert sums[row.pk] == ((row.billed_micros or 0) if known else row.held_micros)
        if row.pictures.exists() and row.billed_micros is not None:
            assert row.pictures.aggregate(sum=Sum("cost_micros"))["sum"] == row.billed_micros


def test_it_makes_requests_that_fit_their_models_and_can_be_sent_again() -> None:
    demo(open_ones=3)
    catalogue = load_catalogue(None)
    for row in Generation.objects.all():
        model = catalogue.models[row.model]
        values = row.options | ({"prompt": row.prompt} if model.takes_prompt else {})
        assert check_choice(model, values, images=row.sent_inputs.count()) == ()
        assert rebuild_body(row, list(row.sent_inputs.select_related("image")))


def test_it_writes_a_prompt_of_4000_characters_and_some_in_russian() -> None:
    demo()
    prompts = list(Generation.objects.values_list("prompt", flat=True))
    assert 4000 in [len(prompt) for prompt in prompts]
    assert any("а" in prompt for prompt in prompts)
    assert len(set(prompts)) > len(prompts) / 2


def test_it_leaves_other_pictures_whole_when_one_is_deleted() -> None:
    demo()
    pictures = list(Picture.objects.all())
    times = Counter(one.sha256 for one in pictures)
    doomed = next(one for one in pictures if times[one.sha256] > 1)
    storage.remove(doomed.name)
    storage.remove(doomed.thumb)
    assert len({one.name for one in pictures}) == 40
    for one in pictures:
        if one.pk != doomed.pk:
            assert len(storage.get(one.name)) == one.bytes
            assert storage.get(one.thumb)


def test_it_adds_when_it_is_run_twice() -> None:
    demo()
    assert demo().newcomers == []
    assert (Picture.objects.count(), Person.objects.count()) == (80, 3)
    assert Picture.objects.values("name").distinct().count() == 80


def test_it_makes_the_same_from_the_same_seed() -> None:
    demo()
    first = list(Generation.objects.order_by("id").values_list("prompt", "model", "state"))
    demo(seed=8)
    other = list(Generation.objects.order_by("id").values_list("prompt", "model", "state"))
    Picture.objects.all().delete()
    Generation.objects.all().delete()
    demo()
    again = list(Generation.objects.order_by("id").values_list("prompt", "model", "state"))
    assert again == first
    assert other[len(first) :] != first


@pytest.mark.parametrize("months", [1, 5])
def test_it_spreads_over_so_many_calendar_months(months: int) -> None:
    demo(pictures=300, months=months)
    now = timezone.localtime()
    year, month = divmod(now.year * 12 + now.month - months, 12)
    found = set(Generation.objects.values_list("month", flat=True))
    assert months // 2 < len(found) <= months
    assert f"{year}-{month + 1:02}" <= min(found) <= max(found) == f"{now:%Y-%m}"
    assert not Generation.objects.filter(finished_at__gt=now).exists()


def test_it_keeps_balances_and_used_prompts_right() -> None:
    demo(pictures=150)
    demo(pictures=60)
    assert differences() == {}
    rows = Generation.objects.exclude(prompt="").select_related("used_prompt")
    last = dict(rows.values_list("used_prompt_id").annotate(Max("created_at")))
    for row in rows:
        assert row.used_prompt is not None
        assert (row.used_prompt.prompt, row.used_prompt.person_id) == (row.prompt, row.person_id)
        assert row.used_prompt.last_used_at == last[row.used_prompt_id]
        assert row.prompt_search == searchable(row.prompt)
        images = list(row.inputs.all())
        assert row.request_key == request_key(row.model, row.prompt, row.options, images)
    assert not Picture.objects.exclude(used_prompt=F("generation__used_prompt")).exists()
    assert not Picture.objects.exclude(person=F("generation__person")).exists()


def test_most_requests_are_in_a_project_that_their_person_is_in() -> None:
    demo(pictures=60)
    assert Project.objects.count() == 30
    inside = Generation.objects.filter(project__memberships__person=F("person"))
    count = Generation.objects.count()
    assert inside.count() == Generation.objects.exclude(project=None).count()
    assert count * 0.6 < inside.count() < count
    assert not inside.filter(created_at__gte=F("project__closed_at")).exists()
    assert not Picture.objects.exclude(project=None).exclude(project=F("generation__project"))
    assert not Picture.objects.filter(project=None).exclude(generation__project=None)
    booked = dict(Charge.objects.values_list("generation_id", "project_id").distinct())
    assert booked == {row.pk: row.project_id or 0 for row in Generation.objects.all()}


def test_it_makes_rows_alone() -> None:
    demo(files=False)
    assert Picture.objects.count() == 40
    with pytest.raises(FileNotFoundError):
        storage.get(Picture.objects.earliest("id").name)


def test_it_refuses_a_studio_that_books_real_money(settings: Any) -> None:
    settings.SANDBOX_MODE, settings.GATEWAY_TARGET = False, "www.omixa.cloud"
    with pytest.raises(CommandError, match=r"www\.omixa\.cloud"):
        run_command()
    assert not Generation.objects.exists()
    assert not Person.objects.exists()


def test_it_books_the_pictures_that_a_bill_paid_for() -> None:
    """Also of those that were deleted since, as the studio itself does."""
    demo(charges=300)
    booked = Charge.objects.values("generation_id").annotate(sum=Sum("pictures"))
    pictures = dict(booked.values_list("generation_id", "sum"))
    for row in Generation.objects.annotate(there=Count("pictures")):
        is_gone = row.state == "done" and not row.there
        assert pictures[row.pk] == (row.count if is_gone else row.there)


def test_it_knows_what_its_pictures_were_billed() -> None:
    """As if the studio itself had booked the bills: the dearest of each choice is held."""
    demo()
    for row in Generation.objects.filter(billed_micros__gt=0).prefetch_related("sent_inputs"):
        key = key_of(row.options, row.sent_inputs.count())
        known = BilledPrice.objects.get(target=row.target, model=row.model, **key._asdict())
        assert known.dearest_micros * row.count >= (row.billed_micros or 0)
        assert known.last_at is not None
