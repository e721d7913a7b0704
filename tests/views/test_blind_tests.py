"""Blind tests: what one sees before and after the votes, the table, the suggestion, the file."""

import csv
import io
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from omixa_studio.catalogue import load_catalogue
from omixa_studio.models import (
    Act,
    Ballot,
    BlindTest,
    BudgetRequest,
    Contestant,
    Generation,
    Pair,
    Person,
    Picture,
    Run,
    Sample,
    Verdict,
    Vote,
)
from omixa_studio.services import blind_tests
from omixa_studio.services.audit import STUDIO
from tests.factories import (
    make_blind_test,
    make_charge,
    make_generation,
    make_limit,
    make_person,
    make_picture,
)

pytestmark = pytest.mark.django_db
IMAGEN, GPT = "imagen-4.0-generate-001", "gpt-image-1.5"
SIDES = ("left", "right")
SCRIPT = {"HX-Request": "true"}


def a_test(**more: Any) -> dict[str, Any]:
    return {"prompts": "a fox\na hare", "models": [IMAGEN, GPT], **more}


def cast(test: BlindTest, wins: int, losses: int = 0, equals: int = 0) -> None:
    """Votes of as many people, as the first contestant sees them."""
    blind_tests.prepare(test)
    pairs = list(Pair.objects.filter(test=test))
    first = test.contestants.all()[0].pk
    said = ["won"] * wins + ["lost"] * losses + ["equal"] * equals
    for number, word in enumerate(said):
        pair = pairs[number % len(pairs)]
        ballot = Ballot.objects.create(test=test, person=make_person())
        is_first = (pair.first_by_id == first) is (word == "won")
        verdict = Verdict.FIRST if is_first else Verdict.SECOND
        Vote.objects.create(
            ballot=ballot, pair=pair, verdict=Verdict.EQUAL if word == "equal" else verdict
        )


def test_it_prices_before_anything_is_sent_and_then_starts(client: Client, person: Person) -> None:
    form = a_test(each="2", **{f"quality:{GPT}": ["low", "high"]})
    part = client.post("/tests/new/", form, headers=SCRIPT).content.decode()
    assert part.strip().startswith('<div class="total"')
    assert "Generate 12" in part
    assert not Generation.objects.exists()
    named = {**form, "name": "Foxes\x00of spring"}
    answer = client.post("/tests/new/", {**named, "step": "start", "confirmed": "yes"})
    test = BlindTest.objects.get()
    assert (answer.status_code, answer["Location"]) == (303, f"/tests/{test.pk}/")
    # PostgreSQL keeps no NUL.
    assert test.name == "Foxes of spring"
    assert b"0 of 6 requests are done" in client.get(answer["Location"]).content


def test_it_starts_once_per_click(client: Client, person: Person) -> None:
    for _ in range(2):
        client.post("/tests/new/", a_test(step="start", click="abc"))
    assert (BlindTest.objects.count(), Generation.objects.count()) == (1, 4)


def test_it_asks_again_above_the_set_price(client: Client, person: Person) -> None:
    form = a_test(prompts="\n".join(f"fox {n}" for n in range(20)), step="start")
    refused = client.post("/tests/new/", form)
    assert refused.status_code == 422
    assert b"Yes, spend up to" in refused.content
    assert b'name="name" value=""' in refused.content
    assert not BlindTest.objects.exists()


def test_it_takes_prompts_from_history_and_from_pictures(client: Client, person: Person) -> None:
    client.post("/generations/", {"model": IMAGEN, "prompt": "an owl at night"})
    used = person.used_prompts.get()
    page = client.get("/tests/new/").content.decode()
    assert f'name="old" value="{used.pk}"' in page
    client.post("/tests/new/", a_test(prompts="", old=[used.pk], step="start"))
    assert BlindTest.objects.get().prompts == ["an owl at night"]
    picture = make_picture(make_generation(person, prompt="a heron\nin reeds"))
    assert "a heron in reeds" in client.get(f"/tests/new/?picture={picture.pk}").content.decode()


def test_it_invites_chosen_people_alone(client: Client, person: Person) -> None:
    invited, other = make_person(), make_person()
    form = a_test(voters="some", people=[invited.pk], step="start")
    where = client.post("/tests/new/", form)["Location"]
    for one, wanted in ((invited, 200), (other, 404)):
        client.force_login(one)
        assert client.get(where).status_code == wanted
        assert (where in client.get("/tests/").content.decode()) is (wanted == 200)


def test_nothing_tells_a_label_before_the_vote(client: Client, person: Person) -> None:
    test = make_blind_test(models=(IMAGEN, GPT), prompts=3)
    client.post(f"/tests/{test.pk}/join/")
    labels = [IMAGEN, GPT, "Imagen 4", "GPT Image"]
    traces = [f"/pictures/{picture.pk}/" for picture in Picture.objects.all()]
    for names in Picture.objects.values_list("name", "thumb", "sha256"):
        traces += names
    sides = [f"/tests/pairs/{pair.pk}/{one}" for pair in Pair.objects.all() for one in SIDES]
    pages = ["/tests/", f"/tests/{test.pk}/", f"/tests/{test.pk}/vote/", *sides]
    # Those two name every model in a filter.
    for path in [*pages, "/team/", "/gallery/"]:
        answer = client.get(path)
        assert answer.status_code == 200
        seen = f"{answer.headers} {answer.content.decode('latin-1')}"
        told = traces + (labels if path in pages else [])
        assert [word for word in told if word in seen] == [], path
    assert client.get(f"/tests/{test.pk}/export.csv").status_code == 404


def test_a_judged_picture_cannot_be_shared_until_the_test_is_closed(
    client: Client, person: Person
) -> None:
    test = make_blind_test(person)
    picture = person.pictures.all()[0]
    client.post(f"/pictures/{picture.pk}/share")
    client.post("/pictures/bulk/", {"action": "share", "ids": [picture.pk]})
    picture.refresh_from_db()
    assert not picture.shared
    page = client.get("/gallery/").content.decode()
    assert "judges this picture blind" in page
    assert "Not shared: the team judges 1 picture blind" in page
    client.post(f"/tests/{test.pk}/close/")
    client.post(f"/pictures/{picture.pk}/share")
    picture.refresh_from_db()
    assert picture.shared


def test_results_show_to_who_has_finished_and_to_all_once_closed(
    client: Client, person: Person
) -> None:
    maker = make_person()
    test = make_blind_test(maker, prompts=1)
    page, hidden = f"/tests/{test.pk}/", "The results appear once you have judged your pairs"
    client.post(f"{page}join/")
    pair = Pair.objects.get()
    assert client.post(f"{page}finish/")["Location"] == f"{page}vote/"
    assert hidden in client.get(page).content.decode()
    client.post(f"{page}vote/", {"pair": pair.pk, "said": "left"})
    assert "That was the last pair" in client.get(f"{page}vote/").content.decode()
    assert hidden in client.get(page).content.decode()
    assert client.post(f"{page}finish/")["Location"] == page
    assert "Win rate" in client.get(page).content.decode()
    client.force_login(maker)
    assert hidden in client.get(page).content.decode()
    client.post(f"{page}close/")
    assert "Win rate" in client.get(page).content.decode()


def test_an_admin_closes_what_its_maker_no_longer_can(client: Client) -> None:
    maker, member, admin = make_person(), make_person(), make_person(role="admin")
    test = make_blind_test(maker)
    page = f"/tests/{test.pk}/"

    def closes(person: Person) -> bool:
        client.force_login(person)
        offered = f'action="{page}close/"' in client.get(page).content.decode()
        assert offered == (client.post(f"{page}close/").status_code == 303)
        return offered

    assert not closes(admin)
    Person.objects.filter(pk=maker.pk).update(is_active=False)
    assert not closes(member)
    assert closes(admin)
    test.refresh_from_db()
    assert not test.is_open
    hidden = make_blind_test(maker, open_to_all=False)
    assert client.post(f"/tests/{hidden.pk}/close/").status_code == 404


def test_it_tells_wins_cost_seconds_and_failures(client: Client, person: Person) -> None:
    test = make_blind_test(person, prompts=4, target="api.example", pictures=2)
    rows = Generation.objects.filter(group=test.run_id)
    for row, seconds in zip(rows.filter(model=IMAGEN), (2, 4, 9, 20), strict=True):
        make_charge(row, amount_micros=80_000)
        rows.filter(pk=row.pk).update(seconds=seconds)
    failed = rows.filter(model=GPT)[0]
    failed.pictures.all().delete()
    rows.filter(pk=failed.pk).update(state="failed")
    cast(test, wins=15, losses=5)
    blind_tests.close(test, by=STUDIO)
    page = client.get(f"/tests/{test.pk}/").content.decode()
    line = " ".join(page.split("<bdi>Imagen 4</bdi>")[1].split("</tr>")[0].split())
    for word in ("75%", "53% – 89%", ">15<", ">5<", "$0.040", "6.5 s", "–"):
        assert word in line
    assert "2 of 8" in " ".join(page.split("<bdi>GPT Image 1.5</bdi>")[1].split())
    assert "Ahead of GPT Image 1.5, the next best, in 15 of 20 decided votes" in page
    assert "says nothing about the models" not in page


def test_a_test_that_a_budget_refused_starts_by_itself_once_approved(
    client: Client, person: Person
) -> None:
    make_limit(person.pk, 0)
    anna = make_person("anna")
    form = a_test(name="Two animals", voters="some", people=[anna.pk], each="2", click="c1")
    html = client.post("/tests/new/", {**form, "step": "start"}).content.decode()
    assert 'name="ask-for"' in html
    ask = {"ask-for": "more", "ask-dollars": "5", "ask-until": "day"}
    answer = client.post("/tests/new/", {**form, **ask})
    assert answer.status_code == 200
    html = answer.content.decode()
    assert "It is sent by itself as soon as it is approved." in html
    assert "a hare" in html, "the form keeps what was written"
    assert not Run.objects.exists()
    request = BudgetRequest.objects.get()
    admin = Client()
    admin.force_login(make_person("ada", role="admin"))
    allowed = {"dollars": "5", "until": "day"}
    admin.post(reverse("budget_grant", args=[request.pk]), allowed)
    test = BlindTest.objects.get()
    assert (test.name, test.pictures_each, test.open_to_all) == ("Two animals", 2, False)
    assert list(Ballot.objects.values_list("person", flat=True)) == [anna.pk]
    samples = Sample.objects.order_by("id").select_related("generation", "contestant")
    assert [(one.generation.prompt, one.contestant.model) for one in samples] == [
        (prompt, model) for prompt in ("a fox", "a hare") for model in (IMAGEN, GPT)
    ]
    assert client.post("/tests/new/", {**form, "step": "start"})["location"] == f"/tests/{test.pk}/"
    assert BlindTest.objects.count() == 1


@pytest.mark.parametrize(("billed", "cost"), [(1, "$0.040"), (0, "unknown")])
def test_an_unknown_bill_makes_no_picture_cheaper(
    client: Client, person: Person, billed: int, cost: str
) -> None:
    test = make_blind_test(person, prompts=2, target="api.example")
    rows = Generation.objects.filter(group=test.run_id, model=IMAGEN)
    rows.update(charged="unknown")
    for row in rows[:billed]:
        make_charge(row, amount_micros=40_000)
        rows.filter(pk=row.pk).update(charged="yes")
    blind_tests.close(test, by=STUDIO)
    page = client.get(f"/tests/{test.pk}/").content.decode()
    assert cost in page.split("<bdi>Imagen 4</bdi>")[1].split("</tr>")[0]


@pytest.mark.parametrize(
    ("votes", "sentence"),
    [
        ((9, 0), "Too few votes for a suggestion"),
        ((11, 9), "which may well be chance"),
        ((18, 2), "almost certainly not chance"),
    ],
)
def test_it_says_how_sure_it_is(
    client: Client, person: Person, votes: tuple[int, int], sentence: str
) -> None:
    test = make_blind_test(person, prompts=2)
    cast(test, *votes)
    blind_tests.close(test, by=STUDIO)
    page = client.get(f"/tests/{test.pk}/").content.decode()
    assert sentence in page
    assert "says nothing about the models" in page
    assert ("too few votes" in page) is (sum(votes) < 10)


def test_what_was_cancelled_is_no_failure(client: Client, person: Person) -> None:
    test = make_blind_test(person, prompts=2, state="cancelled")
    blind_tests.close(test, by=STUDIO)
    page = client.get(f"/tests/{test.pk}/").content.decode()
    assert "of 0" not in page
    assert "of 2" not in page


def test_an_admin_makes_the_suggestion_the_default(client: Client, models_toml: Path) -> None:
    admin = make_person(role="admin")
    client.force_login(admin)
    test = make_blind_test(admin, prompts=2)
    cast(test, 18, 2)
    path = f"/tests/{test.pk}/adopt/"
    assert client.post(path).status_code == 404
    blind_tests.close(test, by=STUDIO)
    assert "Make it the default for everyone" in client.get(f"/tests/{test.pk}/").content.decode()
    client.post(path)
    assert load_catalogue(models_toml).default_model == IMAGEN
    assert Act.objects.get(kind="model").thing == IMAGEN
    page = client.get(f"/tests/{test.pk}/").content.decode()
    assert "It already is the default model for everyone." in page


def test_nothing_is_adopted_where_the_votes_cannot_tell(client: Client, models_toml: Path) -> None:
    admin = make_person(role="admin")
    client.force_login(admin)
    test = make_blind_test(admin, prompts=2)
    cast(test, 11, 9)
    blind_tests.close(test, by=STUDIO)
    client.post(f"/tests/{test.pk}/adopt/")
    assert load_catalogue(models_toml).default_model == ""
    page = client.get(f"/tests/{test.pk}/").content.decode()
    assert "suggests no model that could become the default" in page


def test_it_gives_the_table_as_a_file(client: Client, person: Person) -> None:
    test = make_blind_test(person, prompts=2)
    Contestant.objects.filter(test=test, model=GPT).update(options={"quality": "high"})
    cast(test, 12, 6, 2)
    blind_tests.close(test, by=STUDIO)
    answer = client.get(f"/tests/{test.pk}/export.csv")
    text = b"".join(answer).decode("utf-8-sig")
    first, second = csv.DictReader(io.StringIO(text))
    assert (first["model"], first["wins"], first["losses"], first["equal"]) == (
        IMAGEN,
        "12",
        "6",
        "2",
    )
    assert (first["win_rate"], second["options"], second["practice"]) == (
        "0.6500",
        "quality=high",
        "yes",
    )
    assert Act.objects.get(kind="exported").thing == f"blind-test-{test.pk}"


def test_the_list_goes_on_page_by_page(client: Client, person: Person) -> None:
    tests = [make_blind_test(person, prompts=0, models=()) for _ in range(51)]
    page = client.get("/tests/").content.decode()
    assert f"?before={tests[1].pk}" in page
    older = client.get(f"/tests/?before={tests[1].pk}").content.decode()
    assert f'href="/tests/{tests[0].pk}/"' in older
    assert client.get("/tests/?before=1").status_code == 200


@pytest.mark.parametrize("path", ["/tests/", "/tests/{}/", "/tests/{}/vote/"])
def test_it_asks_as_often_for_much_as_for_little(
    client: Client, person: Person, path: str, django_assert_max_num_queries: Any
) -> None:
    small = make_blind_test(person, prompts=2)
    large = make_blind_test(person, prompts=8, pictures=2, models=(IMAGEN, GPT, "a", "b", "c"))
    for test in (small, large):
        cast(test, 10, 5)
        blind_tests.join(test, person)
        if path == "/tests/{}/":
            blind_tests.close(test, by=STUDIO)
    counts = []
    client.get("/account/")  # what is read once for each process
    for test in (small, large):
        with django_assert_max_num_queries(24) as asked:
            assert client.get(path.format(test.pk)).status_code == 200
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_the_studio_invites_who_has_not_voted(client: Client, person: Person) -> None:
    invitation = "A blind test waits for your vote"
    test = make_blind_test(prompts=1, name="Which bird?")
    assert "Which bird?" in client.get("/").content.decode()
    for one, fields in (
        ("closed", {"closed_at": "2026-01-01T00:00Z"}),
        ("mine", {"person": person}),
    ):
        BlindTest.objects.filter(pk=test.pk).update(**{"closed_at": None, **fields})
        assert invitation not in client.get("/").content.decode(), one
    BlindTest.objects.filter(pk=test.pk).update(person=None)
    for state in ("queued", "cancelled", "failed"):
        Generation.objects.filter(group=test.run_id).update(state=state)
        assert invitation not in client.get("/").content.decode(), state
    Generation.objects.filter(group=test.run_id).update(state="done")
    assert invitation in client.get("/").content.decode()
    BlindTest.objects.filter(pk=test.pk).update(ready_at="2026-01-01T00:00Z", pairs=0)
    assert invitation not in client.get("/").content.decode()
    BlindTest.objects.filter(pk=test.pk).update(ready_at=None)
    Ballot.objects.create(test=test, person=person, finished_at="2026-01-01T00:00Z")
    assert invitation not in client.get("/").content.decode()
