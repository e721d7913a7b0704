"""What one request may ask for holds for every way in, and is not offered in the form."""

from typing import Any

import pytest
from django.test import Client

from omixa_studio.catalogue import load_catalogue
from omixa_studio.models import Act, Generation, Person, RequestRule, StudioSettings
from omixa_studio.queries.request_rules import ruling_of
from omixa_studio.services import submission
from omixa_studio.services.refusals import ChoiceRefused
from omixa_studio.services.submission import Choice, submit
from tests.factories import make_generation, make_person

pytestmark = pytest.mark.django_db
IMAGEN, BANANA, GPT = "imagen-4.0-generate-001", "gemini-2.5-flash-image", "gpt-image-1.5"
HARBOUR = {"model": IMAGEN, "prompt": "A harbour at dawn"}


def rule(scope: str = "role", subject: str = "member", **said: Any) -> None:
    RequestRule.objects.create(scope=scope, subject=subject, **said)


def ask(person: Person, model: str = IMAGEN, **values: Any) -> Generation:
    catalogue = load_catalogue(None)
    choice = Choice(model=catalogue.models[model], values={"prompt": "A pier", **values})
    return submit(person, choice, catalogue=catalogue, wake=lambda: None)


@pytest.mark.parametrize(
    ("said", "values", "field"),
    [
        ({"allowed_models": [GPT]}, {}, "model"),
        ({"most_pictures": 2}, {"n": 3}, "n"),
        ({"forbidden": {"size": ["2K"]}}, {"size": "2K"}, "size"),
        ({"dearest_micros": 50_000}, {"n": 2}, ""),
    ],
)
def test_it_refuses_what_a_rule_forbids(
    said: dict[str, Any], values: dict[str, Any], field: str
) -> None:
    rule(**said)
    person = make_person()
    with pytest.raises(ChoiceRefused) as refused:
        ask(person, **values)
    assert [fault.field for fault in refused.value.faults] == [field]
    assert not Generation.objects.exists()
    ask(make_person(role="manager"), **values)


def test_what_is_not_sent_means_the_models_own_choice() -> None:
    rule(forbidden={"quality": ["auto", "high"]})
    person = make_person()
    with pytest.raises(ChoiceRefused) as refused:
        ask(person, GPT)
    assert [fault.field for fault in refused.value.faults] == ["quality"]
    ask(person, GPT, quality="low")
    ask(person, IMAGEN)


def test_it_holds_for_a_retry() -> None:
    rule(allowed_models=[GPT])
    old = make_generation(make_person(), state="failed")
    with pytest.raises(ChoiceRefused):
        submission.retry(old, catalogue=load_catalogue(None), wake=lambda: None)


def test_all_rules_that_apply_must_be_kept() -> None:
    person = make_person()
    rule("studio", "", allowed_models=[IMAGEN, GPT], most_pictures=8)
    rule("role", "member", forbidden={"size": ["2K"]}, most_pictures=4)
    rule("person", str(person.pk), allowed_models=[GPT, BANANA], forbidden={"quality": ["high"]})
    ruling = ruling_of(person)
    assert (ruling.models, ruling.most_pictures) == (frozenset({GPT}), 4)
    assert ruling.forbidden == {"size": frozenset({"2K"}), "quality": frozenset({"high"})}


def test_it_frees_admins_only_if_so_set() -> None:
    rule("studio", "", most_pictures=1)
    admin = make_person(role="admin")
    with pytest.raises(ChoiceRefused):
        ask(admin, n=2)
    StudioSettings.objects.create(pk=1, admins_unruled=True)
    ask(admin, n=2)


@pytest.mark.parametrize("path", ["/generations/", "/many/"])
def test_it_counts_all_calls_of_a_click_together(client: Client, path: str) -> None:
    """Twelve pictures take several calls, none of which asks for more than allowed by itself."""
    rule(most_pictures=4)
    client.force_login(make_person())
    many = {"kind": "list", "step": "start"} if path == "/many/" else {}
    answer = client.post(path, {**HARBOUR, **many, "n": "12", "confirmed": "yes"})
    assert answer.status_code == 422
    assert not Generation.objects.exists()


def test_the_form_offers_what_is_allowed(client: Client) -> None:
    rule(allowed_models=[GPT], most_pictures=3, forbidden={"quality": ["high"]})
    client.force_login(make_person())
    page = client.get("/").content.decode()
    assert f'value="{GPT}"' in page
    assert f'value="{IMAGEN}"' not in page
    assert 'max="3"' in page
    assert 'name="quality" value="high"' not in page
    assert "Set by an admin: 1 model to choose, at most 3 pictures, without high." in page
    refused = client.post("/generations/", HARBOUR)
    assert refused.status_code == 422
    assert "an admin has limited the models" in refused.content.decode()


def test_an_admin_sets_rules(client: Client) -> None:
    client.force_login(make_person(role="admin"))
    sent = {
        "scope": "role",
        "subject": "member",
        "dearest": "0.50",
        "most_pictures": "4",
        "allowed_models": [IMAGEN, GPT],
        "forbidden": ["quality=high", "size=4K"],
    }
    assert client.post("/limits/rules/save/", sent).status_code == 303
    made = RequestRule.objects.get()
    assert (made.dearest_micros, made.most_pictures) == (500_000, 4)
    assert made.forbidden == {"quality": ["high"], "size": ["4K"]}
    assert Act.objects.filter(kind="rule").exists()
    page = client.get("/limits/rules/").content.decode()
    assert 'value="quality=high" checked' in page
    client.post("/limits/rules/save/", {"scope": "role", "subject": "member"})
    assert not RequestRule.objects.exists()
    person = make_person()
    named = {"scope": "person", "person": person.username, "dearest": "1"}
    client.post("/limits/rules/save/", named)
    assert RequestRule.objects.get().subject == str(person.pk)
    for wrong in (
        {"scope": "role", "subject": "king"},
        {"scope": "person", "person": "nobody"},
        {"scope": "person", "subject": "999999"},
        {"scope": "person", "subject": "9" * 100},
    ):
        assert client.post("/limits/rules/save/", wrong).status_code == 422
