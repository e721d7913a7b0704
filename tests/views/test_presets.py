"""Presets: saved from the form and from a picture, chosen with one press, mine and the team's."""

import re

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from omixa_studio.models import Generation, Person, Preset
from omixa_studio.services.presets import MOST_DELETED, MOST_KEPT
from tests.factories import make_generation, make_person, make_picture, make_preset

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("models_toml")]
IMAGEN = "imagen-4.0-generate-001"
FORM = {"model": IMAGEN, "prompt": "A pier", "aspect_ratio": "16:9", "n": "2", "size": ""}


def composer_with(client: Client, preset: Preset, **form: str) -> str:
    asked = {"apply": str(preset.pk), **form}
    return client.post(reverse("composer"), asked, headers={"HX-Request": "true"}).content.decode()


def chosen(html: str, name: str) -> list[str]:
    return re.findall(rf'name="{name}" value="([^"]*)"[^>]* checked', html)


def test_it_keeps_the_settings_of_the_form_and_gives_them_back(
    client: Client, person: Person
) -> None:
    client.post(reverse("preset_new"), {**FORM, "preset_name": " Wide  pier ", "click": "x"})
    preset = Preset.objects.get()
    assert (preset.name, preset.model, preset.prompt) == ("Wide pier", IMAGEN, "")
    assert preset.texts == {"aspect_ratio": "16:9", "n": "2"}
    html = composer_with(client, preset, prompt="A horse", model="gpt-image-1.5")
    assert f'data-model="{IMAGEN}"' in html
    assert chosen(html, "aspect_ratio") == ["16:9"]
    assert "A horse</textarea>" in html
    assert f'name="preset" value="{preset.pk}"' in html
    client.post(reverse("preset_new"), {**FORM, "preset_name": "P", "preset_prompt": "yes"})
    assert "A pier</textarea>" in composer_with(
        client, Preset.objects.latest("pk"), prompt="A horse"
    )


def test_it_asks_for_a_name_first(client: Client, person: Person) -> None:
    html = client.post(reverse("preset_new"), FORM).content.decode()
    assert '<input type="hidden" name="prompt" value="A pier">' in html
    assert client.post(reverse("preset_new"), {**FORM, "preset_name": " "}).status_code == 422
    assert not Preset.objects.exists()


def test_it_is_saved_from_a_picture_which_is_its_example(client: Client, person: Person) -> None:
    picture = make_picture(make_generation(person, prompt="A pier"))
    asked = {"picture": str(picture.pk), "preset_name": "Pier", "preset_prompt": "yes"}
    client.post(reverse("preset_new"), asked)
    preset = Preset.objects.get()
    assert (preset.example, preset.prompt) == (picture, "A pier")
    assert preset.texts == {"aspect_ratio": "1:1"}
    assert (
        reverse("picture_thumb", args=[picture.pk])
        in client.get(reverse("presets")).content.decode()
    )


def test_what_it_made_gives_its_example_and_its_usual_cost(client: Client, person: Person) -> None:
    preset = make_preset(person)
    assert "about $0.04" in client.get(reverse("preset_menu")).content.decode()
    client.post(reverse("submit"), {**FORM, "preset": str(preset.pk)})
    assert Generation.objects.get().preset == preset
    for billed in (30_000, 50_000, 900_000):
        newest = make_generation(person, preset=preset, billed_micros=billed)
    winner = make_picture(make_generation(person, preset=preset, billed_micros=20_000), winner=True)
    make_picture(newest)
    html = client.get(reverse("preset_menu")).content.decode()
    assert "usually $0.040" in html
    assert reverse("picture_thumb", args=[winner.pk]) in html


def test_a_strange_or_foreign_preset_marks_nothing(client: Client, person: Person) -> None:
    foreign = make_preset(make_person())
    other = make_preset(person, model="gpt-image-1.5")
    for pk in (foreign.pk, other.pk, 10**17, "x", ""):
        answer = client.post(reverse("submit"), {**FORM, "preset": str(pk)})
        assert answer.status_code == 303
    assert not Generation.objects.exclude(preset=None).exists()


def test_what_no_longer_fits_is_said_and_the_rest_applies(client: Client, person: Person) -> None:
    texts = {"aspect_ratio": "7:1", "n": "2", "old_field": "x"}
    html = composer_with(client, make_preset(person, texts=texts, uploads=[10**9]))
    assert "no longer takes these settings of the preset: " in html
    assert "old_field" in html
    assert "were left out" in html
    assert chosen(html, "aspect_ratio") == [""]
    assert re.search(r'name="n"[^>]*value="2"', html)
    html = composer_with(client, make_preset(person, model="gone-model"), prompt="A horse")
    assert "gone-model, the model of this preset, is not available" in html
    assert "A horse</textarea>" in html


def test_the_team_uses_a_preset_that_its_maker_and_admins_change(client: Client) -> None:
    maker, admin, member = make_person(), make_person(role="admin"), make_person()
    preset = make_preset(maker, team=True)
    hidden = make_preset(maker, "Private")
    change = reverse("preset_change", args=[preset.pk])
    for person, status in ((member, 404), (admin, 303), (maker, 303)):
        client.force_login(person)
        html = client.get(reverse("presets")).content.decode()
        assert "Linen" in html
        assert (change in html) == (status == 303)
        assert ("Private" in html) == (person == maker)
        answer = client.post(change, {"preset_name": "Linen 2", "preset_team": "yes"})
        assert answer.status_code == status
        hiding = client.post(reverse("preset_delete", args=[hidden.pk]))
        assert (hiding.status_code == 303) == (person == maker)
    preset.refresh_from_db()
    assert (preset.name, preset.team) == ("Linen 2", True)


def test_it_is_deleted_with_an_undo(client: Client, person: Person) -> None:
    preset = make_preset(person)
    html = client.post(reverse("preset_delete", args=[preset.pk]), follow=True).content.decode()
    restore = reverse("preset_restore", args=[preset.pk])
    assert restore in html
    assert client.get(f"{reverse('studio')}?apply={preset.pk}").status_code == 404
    client.post(restore)
    assert "Linen" in client.get(reverse("presets")).content.decode()


def test_it_asks_few_statements_however_many_presets_there_are(
    client: Client, person: Person, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for _number in range(30):
        make_picture(make_generation(person, preset=make_preset(person)))
    with django_assert_max_num_queries(8):
        client.get(reverse("preset_menu"))


def test_it_keeps_only_so_much_and_says_so(client: Client, person: Person) -> None:
    """Nobody pays for presets: 120 requests put 225 MB into everybody's menu."""
    page = reverse("preset_new")
    named = {**FORM, "preset_name": "P", "preset_team": "yes", "preset_prompt": "yes"}
    html = client.post(page, {**named, "prompt": "x" * 20_001}, follow=True).content.decode()
    assert "A preset keeps texts of up to 20000 characters." in html
    assert not Preset.objects.exists()
    Preset.objects.bulk_create(Preset(person=person, name="P") for _n in range(MOST_KEPT - 1))
    client.post(page, named)
    assert Preset.objects.count() == MOST_KEPT
    answer = client.post(page, named, headers={"HX-Request": "true"})
    assert answer.status_code == 422
    assert "You have 100 presets. Delete one to save another." in answer.content.decode()
    for pk in Preset.objects.values_list("pk", flat=True)[: MOST_DELETED + 9]:
        client.post(reverse("preset_delete", args=[pk]))
    used = Preset.objects.filter(deleted_at__isnull=False).earliest("deleted_at")
    make_generation(person, preset=used)
    client.post(page, named)
    # Of those that made nothing the last ones are kept, for their undo.
    assert Preset.objects.filter(deleted_at__isnull=False).count() == MOST_DELETED + 1
    assert Preset.objects.filter(pk=used.pk).exists()
    kept = Preset.objects.filter(deleted_at=None).count()
    Preset.objects.bulk_create(Preset(person=person, name="P") for _n in range(MOST_KEPT - kept))
    undone = client.post(reverse("preset_restore", args=[used.pk]), follow=True).content.decode()
    assert "Not restored: there are as many presets as are kept." in undone
    assert Preset.objects.filter(deleted_at=None).count() == MOST_KEPT


def test_the_teams_presets_do_not_push_out_ones_own(client: Client, person: Person) -> None:
    make_preset(person, "Mine")
    other = make_person()
    Preset.objects.bulk_create(Preset(person=other, name="T", team=True) for _n in range(101))
    html = client.get(reverse("presets")).content.decode()
    assert "Mine" in html
    assert html.count("Team preset by") == 100


def test_it_keeps_no_character_that_postgresql_cannot(client: Client, person: Person) -> None:
    odd = {**FORM, "prompt": "a\x00b", "size": "\x00", "preset_name": "P", "preset_prompt": "yes"}
    assert client.post(reverse("preset_new"), odd).status_code == 303
    preset = Preset.objects.get()
    assert (preset.prompt, preset.texts["size"]) == ("a b", " ")
