"""From a choice to a queued row with its money held."""

from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks

from omixa_studio.catalogue import Catalogue, load_catalogue
from omixa_studio.models import Charge, Generation, InputImage, Person
from omixa_studio.services import budget
from omixa_studio.services.pricing import price, terms_now
from omixa_studio.services.refusals import ChoiceRefused
from omixa_studio.services.submission import (
    Choice,
    retry,
    submit,
)
from tests.factories import make_generation, make_limit, make_person

pytestmark = pytest.mark.django_db
IMAGEN = "imagen-4.0-generate-001"
FAST = "imagen-4.0-fast-generate-001"


@pytest.fixture
def catalogue() -> Catalogue:
    return load_catalogue(None)


def ask(
    person: Person,
    catalogue: Catalogue,
    *,
    slug: str = IMAGEN,
    click: str | None = None,
    **values: Any,
) -> Generation:
    model = catalogue.find(slug)
    assert model is not None
    choice = Choice(model=model, values={"prompt": "A harbour", **values})
    return submit(person, choice, catalogue=catalogue, wake=lambda: None, click=click)


def test_it_queues_a_row_and_holds_the_list_price(catalogue: Catalogue) -> None:
    row = ask(make_person(), catalogue, n=4)
    assert (row.state, row.count, row.operation) == ("queued", 4, "generate")
    assert (row.estimate_micros, row.held_micros) == (160_000, 160_000)
    assert [(c.kind, c.amount_micros) for c in Charge.objects.all()] == [("hold", 160_000)]


def test_it_keeps_the_body_that_will_be_sent(catalogue: Catalogue) -> None:
    row = ask(make_person(), catalogue, aspect_ratio="16:9")
    assert row.body == f'{{"model":"{IMAGEN}","prompt":"A harbour","aspect_ratio":"16:9"}}'


def test_it_answers_the_same_click_with_the_first_row(catalogue: Catalogue) -> None:
    person = make_person()
    first = ask(person, catalogue, click="c1")
    assert ask(person, catalogue, click="c1") == first
    assert Charge.objects.count() == 1


def test_it_lets_two_people_have_the_same_click(catalogue: Catalogue) -> None:
    assert ask(make_person(), catalogue, click="c1") != ask(make_person(), catalogue, click="c1")


def test_it_takes_each_post_without_a_click_as_a_new_one(catalogue: Catalogue) -> None:
    person = make_person()
    assert ask(person, catalogue) != ask(person, catalogue)


def test_it_refuses_what_the_model_does_not_take(catalogue: Catalogue) -> None:
    with pytest.raises(ChoiceRefused) as refused:
        ask(make_person(), catalogue, quality="high")
    assert refused.value.faults[0].field == "quality"
    assert not Generation.objects.exists()


def test_it_refuses_what_does_not_fit_the_persons_limit(catalogue: Catalogue) -> None:
    person = make_person()
    make_limit(person.pk, 100_000)
    ask(person, catalogue, n=2)
    with pytest.raises(budget.BudgetRefused) as refused:
        ask(person, catalogue, n=1)
    assert (refused.value.room.left_micros, refused.value.room.of_studio) == (20_000, False)
    assert refused.value.room.resets_at > timezone.now()


def test_it_refuses_what_does_not_fit_the_studios_limit(catalogue: Catalogue) -> None:
    make_limit(None, 50_000)
    ask(make_person(), catalogue)
    with pytest.raises(budget.BudgetRefused) as refused:
        ask(make_person(), catalogue)
    assert refused.value.room.of_studio


def test_it_counts_the_current_target_alone(catalogue: Catalogue) -> None:
    person = make_person()
    make_limit(person.pk, 50_000)
    elsewhere = make_generation(person, target="www.omixa.cloud")
    Charge.objects.create(
        kind="capture",
        amount_micros=50_000,
        target=elsewhere.target,
        month=elsewhere.month,
        generation_id=elsewhere.pk,
        person_id=person.pk,
        person_name=person.name,
        model=IMAGEN,
        operation="generate",
    )
    assert ask(person, catalogue).state == "queued"


def test_it_holds_the_configured_amount_while_no_price_is_known(catalogue: Catalogue) -> None:
    model = catalogue.find(FAST)
    assert model is not None
    asked = price(terms_now(catalogue, [model]), model, {"n": 2}, 0)
    assert (asked.estimate.amount, asked.hold) == (None, Decimal("0.20"))


def test_it_wakes_a_worker_after_the_commit_and_survives_a_queue_that_is_away(
    catalogue: Catalogue, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    def away() -> None:
        raise ConnectionError("no queue here")

    model = catalogue.find(IMAGEN)
    assert model is not None
    with django_capture_on_commit_callbacks(execute=True) as callbacks:
        choice = Choice(model=model, values={"prompt": "x"})
        row = submit(make_person(), choice, catalogue=catalogue, wake=away)
    assert len(callbacks) == 1
    assert row.state == "queued"


def test_it_retries_as_a_new_row_that_points_to_the_old(catalogue: Catalogue) -> None:
    old = ask(make_person(), catalogue, aspect_ratio="4:3")
    new = retry(old, catalogue=catalogue, wake=lambda: None)
    assert (new.retry_of, new.body, new.pk != old.pk) == (old, old.body, True)


def test_it_does_not_retry_with_a_model_that_is_gone(catalogue: Catalogue) -> None:
    old = make_generation(make_person(), state="failed", model="gone")
    with pytest.raises(ChoiceRefused):
        retry(old, catalogue=catalogue, wake=lambda: None)


def test_it_says_so_when_an_inputs_file_is_gone(catalogue: Catalogue) -> None:
    person = make_person()
    model = catalogue.find("MAI-Image-2.5")
    assert model is not None
    image = InputImage.objects.create(
        person=person, sha256="0" * 64, name="inputs/gone.png", width=9, height=9, bytes=9
    )
    choice = Choice(model=model, values={"prompt": "x"}, images=[image])
    with pytest.raises(ChoiceRefused):
        submit(person, choice, catalogue=catalogue, wake=lambda: None)
