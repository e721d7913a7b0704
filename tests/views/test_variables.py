"""Variables of prompts in the studio and in lists: filled before sending, or nothing is queued."""

import pytest
from django.test import Client
from django.urls import reverse

from omixa_studio.models import Generation, Person
from tests.factories import make_generation

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("models_toml")]
FORM = {"model": "imagen-4.0-generate-001", "prompt": "A {subject} on {{linen}}, {light}"}
LIST = {"mode": "list", "model": "imagen-4.0-generate-001", "step": "start"}


def test_it_sends_the_filled_prompt_and_brings_the_template_back(
    client: Client, person: Person
) -> None:
    values = {"variable.subject": " teapot ", "variable.light": "dusk", "variable.old": "x"}
    assert client.post(reverse("submit"), {**FORM, **values}).status_code == 303
    made = Generation.objects.get()
    assert made.prompt == "A teapot on {linen}, dusk"
    assert '"prompt":"A teapot on {linen}, dusk"' in made.body
    assert made.template == {
        "prompt": FORM["prompt"],
        "values": {"subject": "teapot", "light": "dusk"},
    }
    html = client.get(f"{reverse('studio')}?again={made.pk}").content.decode()
    assert f"{FORM['prompt']}</textarea>" in html
    assert 'name="variable.subject" value="teapot"' in html
    html = client.get(f"{reverse('studio')}?reuse={made.used_prompt_id}").content.decode()
    assert "A teapot on {{linen}}, dusk</textarea>" in html


def test_an_empty_variable_is_said_and_nothing_is_queued(client: Client, person: Person) -> None:
    answer = client.post(reverse("submit"), {**FORM, "variable.subject": "fox"})
    html = answer.content.decode()
    assert answer.status_code == 422
    assert "Fill in “light”, or write {{light}} for the word in braces." in html
    assert 'name="variable.subject" value="fox"' in html
    assert 'name="variable.light" value=""' in html
    assert not Generation.objects.exists()


def test_a_prompt_that_was_sent_with_braces_is_no_template(client: Client, person: Person) -> None:
    old = make_generation(person, prompt="A {subject}")
    html = client.get(f"{reverse('studio')}?again={old.pk}").content.decode()
    assert "A {{subject}}</textarea>" in html
    assert 'name="variable.subject"' not in html


def test_a_table_of_values_makes_rows_of_a_list(client: Client, person: Person) -> None:
    written = "A {big|small} {subject}, {light}\nA boat"
    rows = "subject,light\nfox,dusk\nhare,dawn"
    answer = client.post(reverse("new_run"), {**LIST, "prompts": written, "rows": rows})
    assert answer.status_code == 303
    assert [row.prompt for row in Generation.objects.order_by("pk")] == [
        "A big fox, dusk",
        "A big hare, dawn",
        "A small fox, dusk",
        "A small hare, dawn",
        "A boat",
    ]
    first = Generation.objects.earliest("pk")
    assert first.template == {
        "prompt": "A big {subject}, {light}",
        "values": {"subject": "fox", "light": "dusk"},
    }


@pytest.mark.parametrize("rows", ["", "subject\nfox", "subject,light\nfox,", "x"])
def test_a_row_without_a_value_starts_nothing(client: Client, person: Person, rows: str) -> None:
    asked = {**LIST, "prompts": "A {subject}, {light}", "rows": rows}
    answer = client.post(reverse("new_run"), asked)
    assert answer.status_code == 422
    assert "for the word in braces." in answer.content.decode()
    for headers in ({}, {"HX-Request": "true"}):  # the price is asked for, by a press or by typing
        price = client.post(reverse("new_run"), {**asked, "step": "price"}, headers=headers)
        assert price.content.decode().count("for the word in braces.") == 1
    assert not Generation.objects.exists()


def test_it_counts_the_rows_of_values_too(client: Client, person: Person) -> None:
    rows = "\n".join(f"fox {number}" for number in range(150))
    asked = {**LIST, "prompts": "A {subject}\nB {subject}", "rows": rows}
    answer = client.post(reverse("new_run"), asked)
    assert answer.status_code == 422
    assert "more than 200 prompts" in answer.content.decode()


def test_what_becomes_too_long_is_refused_before_it_is_written_out(
    client: Client, person: Person
) -> None:
    long = {**FORM, "prompt": "{a}" * 200_000, "variable.a": "x" * 200_000}
    answer = client.post(reverse("submit"), long)
    assert answer.status_code == 422
    assert "Prompt is too long" in answer.content.decode()
    rows = "\n".join(["x"] * 99_000)
    asked = {**LIST, "prompts": "\n".join(["{a}" * 3_000] * 200), "rows": rows}
    html = client.post(reverse("new_run"), asked).content.decode()
    assert "more than 200 prompts" in html
    assert not Generation.objects.exists()


def test_it_asks_for_so_many_variables_and_no_more(client: Client, person: Person) -> None:
    prompt = " ".join(f"{{a{number}}}" for number in range(21))
    filled = {f"variable.a{number}": "x" for number in range(21)}
    html = client.post(reverse("submit"), {**FORM, "prompt": prompt, **filled}).content.decode()
    assert "A prompt has at most 20 variables." in html
    assert html.count('name="variable.a') == 20


def test_a_comparison_has_no_variables(client: Client, person: Person) -> None:
    models = ["imagen-4.0-generate-001", "imagen-4.0-fast-generate-001"]
    asked = {**LIST, "mode": "compare", "axis": "model", "models": models}
    answer = client.post(reverse("new_run"), {**asked, "prompt": "A {subject}"})
    assert answer.status_code == 422
    answer = client.post(reverse("new_run"), {**asked, "prompt": "A {{subject}}"})
    assert answer.status_code == 303
    assert set(Generation.objects.values_list("prompt", flat=True)) == {"A {subject}"}


def test_a_blind_test_has_no_variables(client: Client, person: Person) -> None:
    old = make_generation(person, prompt="A {boat}")
    models = ["imagen-4.0-generate-001", "imagen-4.0-fast-generate-001"]
    asked = {
        "models": models,
        "step": "start",
        "confirmed": "yes",
        "old": [person.used_prompts.get().pk],
    }
    answer = client.post(reverse("new_blind_test"), {**asked, "prompts": "A fox\nA {subject}"})
    assert answer.status_code == 422
    assert "write {{subject}} for the word in braces." in answer.content.decode()
    priced = {**asked, "prompts": "A {subject}", "step": "price"}
    for headers in ({}, {"HX-Request": "true"}):
        page = client.post(reverse("new_blind_test"), priced, headers=headers).content.decode()
        assert page.count("for the word in braces.") == 1
    answer = client.post(reverse("new_blind_test"), {**asked, "prompts": "A {{subject}}"})
    assert answer.status_code == 303
    asked_for = Generation.objects.exclude(pk=old.pk).values_list("prompt", flat=True)
    assert set(asked_for) == {"A {subject}", "A {boat}"}
