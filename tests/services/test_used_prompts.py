"""Each prompt a person uses is one row of their history, also those from before there were rows."""

import importlib
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.db import connection
from django.utils import timezone

from omixa_studio.catalogue import load_catalogue
from omixa_studio.models import Generation, Person, Picture, RunKind, UsedPrompt
from omixa_studio.services import runs, submission
from omixa_studio.services.refusals import Refused
from tests.factories import make_generation, make_limit, make_person, make_picture

pytestmark = pytest.mark.django_db
PIER = "Ein Café am Pier, ЁЛКА"


def choice(prompt: str, slug: str = "imagen-4.0-generate-001") -> submission.Choice:
    return submission.Choice(model=load_catalogue(None).models[slug], values={"prompt": prompt})


def ask(person: Person, prompt: str) -> Generation:
    catalogue = load_catalogue(None)
    return submission.submit(person, choice(prompt), catalogue=catalogue, wake=lambda: None)


def test_it_is_one_row_however_often_it_is_used() -> None:
    person, other = make_person(), make_person()
    first = ask(person, PIER)
    UsedPrompt.objects.update(last_used_at=timezone.now() - timedelta(days=9))
    again = ask(person, PIER)
    assert first.used_prompt == again.used_prompt
    assert ask(other, PIER).used_prompt != first.used_prompt
    mine = UsedPrompt.objects.get(person=person)
    assert (mine.prompt, mine.prompt_search) == (PIER, "ein cafe am pier, елка")
    assert timezone.now() - mine.last_used_at < timedelta(minutes=1)


def test_a_run_names_all_its_prompts_and_a_refused_one_none() -> None:
    person, catalogue = make_person(), load_catalogue(None)
    parts = [choice(prompt) for prompt in ("two", "one", "two")]
    run = runs.submit_run(person, parts, kind=RunKind.LIST, catalogue=catalogue, wake=lambda: None)
    rows = Generation.objects.filter(group=run.pk).order_by("pk")
    assert [row.used_prompt.prompt for row in rows if row.used_prompt] == ["two", "one", "two"]
    make_limit(person.pk, 1)
    with pytest.raises(Refused):
        ask(person, "three")
    assert set(UsedPrompt.objects.values_list("prompt", flat=True)) == {"one", "two"}


def test_it_gathers_those_of_older_versions() -> None:
    person = make_person()
    old = make_generation(person, prompt=PIER, created_at=timezone.now() - timedelta(days=2))
    new, bare = make_generation(person, prompt=PIER), make_generation(person, prompt="")
    foreign, picture = make_generation(None, prompt=PIER), make_picture(new)
    UsedPrompt.objects.all().delete()
    migration = importlib.import_module("omixa_studio.migrations.0023_prompts_used_before")
    migration.name_prompts(apps, SimpleNamespace(connection=connection))
    gathered = UsedPrompt.objects.get()
    assert (gathered.person, gathered.prompt) == (person, PIER)
    assert gathered.prompt_search == "ein cafe am pier, елка"
    new.refresh_from_db()
    assert gathered.last_used_at == new.created_at
    named = Generation.objects.filter(used_prompt=gathered)
    assert set(named) == {old, new}
    Picture.objects.update(used_prompt=None)
    migration = importlib.import_module("omixa_studio.migrations.0027_pictures_of_a_prompt")
    migration.repeat_the_prompt(apps, None)
    assert list(gathered.pictures.all()) == [picture]
    assert not {bare, foreign} & set(named)
