"""Many at once: the form counts and prices, the run shows what came."""

import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from omixa_studio import storage
from omixa_studio.models import Generation, GenerationInput, Person, Picture, Run
from omixa_studio.services import claims, sending
from tests.factories import draw_png, make_generation, make_limit, make_person, make_picture

pytestmark = pytest.mark.django_db
IMAGEN, GPT = "imagen-4.0-generate-001", "gpt-image-1.5"
SCRIPT = {"HX-Request": "true"}
BANANA = "gemini-2.0-flash-preview-image-generation"


@pytest.fixture
def person() -> Person:
    return make_person()


@pytest.fixture
def client(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def a_list(**more: Any) -> dict[str, object]:
    return {"mode": "list", "model": IMAGEN, "prompts": "a fox\na {red|blue} hare", **more}


def a_comparison(**more: Any) -> dict[str, object]:
    basis = {"mode": "compare", "model": IMAGEN, "prompt": "a fox", "axis": "model"}
    return {**basis, "models": [IMAGEN, BANANA], **more}


def test_it_counts_and_prices_a_list_before_anything_is_sent(client: Client) -> None:
    page = client.post("/many/", a_list(n=2)).content.decode()
    assert "Generate 6" in page
    assert "about $0.24" in page
    assert "a blue hare" in page
    assert not Generation.objects.exists()


def test_it_prices_for_script_with_the_total_alone(client: Client) -> None:
    answer = client.post("/many/", a_list(), headers={"HX-Request": "true"})
    assert answer.content.strip().startswith(b'<div class="total"')


def test_it_starts_a_list_as_one_run(client: Client) -> None:
    answer = client.post("/many/", a_list(step="start", aspect_ratio="16:9"))
    run = Run.objects.get()
    assert (answer.status_code, answer["Location"]) == (303, f"/runs/{run.pk}/")
    rows = Generation.objects.filter(group=run.pk).order_by("id")
    assert [row.prompt for row in rows] == ["a fox", "a red hare", "a blue hare"]
    assert {row.options["aspect_ratio"] for row in rows} == {"16:9"}


def test_it_starts_once_per_click(client: Client) -> None:
    for _ in range(2):
        client.post("/many/", a_list(step="start", click="abc"))
    run = Run.objects.get()
    assert (run.kind, run.axis) == ("list", "")
    assert Generation.objects.count() == 3


def test_it_asks_again_above_the_set_price(client: Client) -> None:
    many = "\n".join(f"fox {number}" for number in range(30))
    dear = a_list(prompts=many, step="start")
    refused = client.post("/many/", dear)
    assert refused.status_code == 422
    assert b"Yes, spend up to $1.20" in refused.content
    assert not Run.objects.exists()
    assert client.post("/many/", {**dear, "confirmed": "yes"}).status_code == 303


def test_what_was_confirmed_holds_for_that_amount_and_no_more(client: Client) -> None:
    def box(answer: Any) -> tuple[str, str]:
        found = re.search(r'name="confirmed" value="(.*?)"\s*(.*?)>', answer.content.decode())
        assert found
        return found[1], found[2]

    fewer, more = ("\n".join(f"fox {n}" for n in range(count)) for count in (30, 31))
    ticked = {"confirmed": box(client.post("/many/", a_list(prompts=fewer)))[0]}
    assert ticked == {"confirmed": "1.200000"}
    assert box(client.post("/many/", a_list(prompts=fewer, **ticked))) == ("1.200000", "checked")
    # More prompts after the tick: the tick is gone, and did not mean them.
    assert box(client.post("/many/", a_list(prompts=more, **ticked))) == ("1.240000", "")
    answer = client.post("/many/", a_list(prompts=more, step="start", **ticked))
    assert answer.status_code == 422
    for odd in ("1,24", "-9", "NaN", "9" * 40, "1e9", ""):
        dear = a_list(prompts=more, step="start", confirmed=odd)
        assert client.post("/many/", dear).status_code == 422
    assert not Run.objects.exists()
    assert client.post("/many/", a_list(prompts=fewer, step="start", **ticked)).status_code == 303


def test_it_refuses_what_does_not_fit_the_limit(client: Client, person: Person) -> None:
    make_limit(person.pk, 50_000)
    answer = client.post("/many/", a_list(step="start"))
    assert answer.status_code == 422
    assert b"$0.05 of your $0.05" in answer.content or b"is left" in answer.content


@pytest.mark.parametrize(
    ("form", "sentence"),
    [
        (a_list(prompts=""), "Write at least one prompt."),
        (a_list(prompts="{a|b|c|d}" * 9), "more than 200 prompts"),
        (a_list(model="stability-upscale-creative"), "needs a reference image"),
        (a_list(cap="lots"), "dollars and cents"),
        (a_list(cap="1,000"), "Use a point before the cents"),
        (a_list(size="8K"), "8K"),
        (a_list(n="99999999"), "Pictures must be from 1 to 40, not 99999999."),
        (a_comparison(n="41"), "Pictures must be from 1 to 40, not 41."),
        (a_list(n="0"), "Pictures must be from 1 to 40, not 0."),
        (a_list(n="9" * 60), "Pictures must be from 1 to 40, not 9"),
        (a_comparison(models=[IMAGEN]), "at least two"),
        (a_comparison(prompt=" "), "prompt to compare"),
        (a_comparison(axis="size", values_size=["1K", "9K"]), "at least two"),
    ],
)
def test_it_says_what_is_wrong(client: Client, form: dict[str, object], sentence: str) -> None:
    answer = client.post("/many/", {**form, "step": "start"})
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert not Generation.objects.exists()


def test_it_compares_models_with_what_each_takes(client: Client) -> None:
    client.post("/many/", a_comparison(step="start", person_generation="dont_allow"))
    run = Run.objects.get()
    rows = Generation.objects.filter(group=run.pk).order_by("id")
    assert (run.kind, run.axis) == ("compare", "model")
    assert [row.model for row in rows] == [IMAGEN, BANANA]


def test_it_compares_values_of_one_option(client: Client) -> None:
    client.post("/many/", a_comparison(step="start", axis="size", values_size=["1K", "2K"]))
    rows = Generation.objects.order_by("id")
    assert [row.options["size"] for row in rows] == ["1K", "2K"]
    page = client.get(f"/runs/{Run.objects.get().pk}/").content.decode()
    assert "Size: 1K" in page


def test_it_shows_a_run_with_cost_and_seconds_under_each_cell(
    client: Client, person: Person
) -> None:
    run = Run.objects.create(person=person, kind="list")
    row = make_generation(person, group=run.pk, prompt="a fox")
    make_picture(row)
    make_generation(person, group=run.pk, state="queued")
    page = client.get(f"/runs/{run.pk}/").content.decode()
    assert "1 of 2 done" in page
    assert "$0.040" in page
    assert "4.2 s" in page
    assert "every 1s" in page


def test_it_stops_polling_when_nothing_is_open(client: Client, person: Person) -> None:
    run = Run.objects.create(person=person, kind="list")
    make_generation(person, group=run.pk)
    assert b"every 1s" not in client.get(f"/runs/{run.pk}/").content


def test_it_redraws_the_grid_only_when_something_changed(client: Client, person: Person) -> None:
    run = Run.objects.create(person=person, kind="list")
    row = make_generation(person, group=run.pk, state="queued")
    page = client.get(f"/runs/{run.pk}/").content.decode()
    poll = page.split('id="run-grid"')[1].split('hx-get="')[1].split('"')[0]
    assert client.get(poll, headers={"HX-Request": "true"}).status_code == 204
    Generation.objects.filter(pk=row.pk).update(state="cancelled")
    answer = client.get(poll, headers={"HX-Request": "true"})
    assert answer.status_code == 200
    assert "HX-Request" in answer["Vary"]
    assert 'id="status" hx-swap-oob="true"' in answer.content.decode()
    restored = {"HX-Request": "true", "HX-History-Restore-Request": "true"}
    assert b"<!doctype html>" in client.get(poll, headers=restored).content


def test_it_pauses_resumes_and_cancels_a_run(client: Client) -> None:
    client.post("/many/", a_list(step="start"))
    run = Run.objects.get()
    client.post(f"/runs/{run.pk}/pause/")
    assert claims.claim_next("sandbox", "w") is None
    client.post(f"/runs/{run.pk}/resume/")
    assert claims.claim_next("sandbox", "w") is not None
    client.post(f"/runs/{run.pk}/cancel/")
    assert sorted(Generation.objects.values_list("state", flat=True)) == [
        "cancelled",
        "cancelled",
        "running",
    ]


def test_it_keeps_other_peoples_runs_closed(client: Client) -> None:
    run = Run.objects.create(person=make_person(role="admin"), kind="list")
    picture = make_picture(make_generation(run.person, group=run.pk))
    assert client.get(f"/runs/{run.pk}/").status_code == 404
    assert client.get(f"/runs/{run.pk}/final/").status_code == 404
    for verb in ("pause", "resume", "cancel"):
        assert client.post(f"/runs/{run.pk}/{verb}/").status_code == 404
    assert client.post(f"/pictures/{picture.pk}/pick/").status_code == 404


def test_it_marks_a_winner_and_takes_the_mark_away(client: Client, person: Person) -> None:
    picture = make_picture(make_generation(person))
    client.post(f"/pictures/{picture.pk}/pick/")
    assert Picture.objects.get(pk=picture.pk).winner
    client.post(f"/pictures/{picture.pk}/pick/", {"picked": "no"})
    assert not Picture.objects.get(pk=picture.pk).winner


def test_it_makes_only_winners_again_and_shows_the_saving(client: Client, person: Person) -> None:
    run = Run.objects.create(person=person, kind="list")
    for number in range(3):
        row = make_generation(person, group=run.pk, prompt=f"fox {number}")
        make_picture(row, winner=number == 1)
    page = client.get(f"/runs/{run.pk}/final/?model=MAI-Image-2.5").content.decode()
    assert "Generate 1" in page
    assert "All of them in this quality" in page
    form = {"model": "MAI-Image-2.5", "quality": "high", "step": "start"}
    answer = client.post(f"/runs/{run.pk}/final/", form)
    assert answer.status_code == 303
    made = Run.objects.get(kind="ladder")
    row = Generation.objects.get(group=made.pk)
    assert (made.made_from, row.prompt, row.options) == (run, "fox 1", {"quality": "high"})


def test_it_starts_from_the_draft_itself_where_asked(client: Client, person: Person) -> None:
    run = Run.objects.create(person=person, kind="list")
    draft = make_picture(make_generation(person, group=run.pk), winner=True, size=(256, 256))
    form = {"model": "MAI-Image-2.5", "from_draft": "yes", "step": "start"}
    assert client.post(f"/runs/{run.pk}/final/", form).status_code == 303
    assert Generation.objects.get(operation="edit").inputs.get().picture == draft


def test_it_says_that_a_draft_is_missing(client: Client, person: Person) -> None:
    run = Run.objects.create(person=person, kind="list")
    draft = make_picture(make_generation(person, group=run.pk), winner=True)
    storage.remove(draft.name)
    form = {"model": "MAI-Image-2.5", "from_draft": "yes", "step": "start"}
    answer = client.post(f"/runs/{run.pk}/final/", form)
    assert answer.status_code == 422
    assert "The file of this picture is missing." in answer.content.decode()


@pytest.mark.parametrize("path", ["/many/", "/runs/00000000-0000-0000-0000-000000000000/"])
def test_it_asks_strangers_to_log_in(path: str) -> None:
    make_person()
    answer = Client().get(path)
    assert (answer.status_code, answer["Location"]) == (302, f"/login/?next={path}")


def stored(person: Person, *sizes: tuple[int, int]) -> list[int]:
    files = [SimpleUploadedFile(f"{n}.png", draw_png(size)) for n, size in enumerate(sizes)]
    return [image.pk for image in sending.keep_files(person, files)]


def test_every_row_of_a_list_sends_the_same_references(client: Client, person: Person) -> None:
    uploads = stored(person, (80, 90), (90, 80))
    picture = make_picture(make_generation(make_person()), size=(80, 80), shared=True)
    asked = a_list(model=BANANA, input_uploads=uploads, input_pictures=picture.pk)
    page = client.post("/many/", asked).content.decode()
    for name, pks in (("input_uploads", uploads), ("input_pictures", [picture.pk])):
        assert re.findall(rf'name="{name}" value="(\d+)"', page) == [str(pk) for pk in pks]
    told = re.findall(r"about \$(\d+\.\d+)", client.post("/many/", asked, headers=SCRIPT).text)[-1]
    started = client.post("/many/", {**asked, "step": "start"})
    assert started.status_code == 303
    rows = Generation.objects.filter(person=person)
    assert rows.count() == 3
    for row in rows:
        sent = row.sent_inputs.order_by("position").values_list("image_id", flat=True)
        assert list(sent)[:2] == uploads
        assert len(sent) == 3
        assert row.operation == "merge"
    estimated = sum(row.estimate_micros or 0 for row in rows)
    assert float(told) == pytest.approx(estimated / 1e6, abs=0.006)


def test_a_run_sends_a_file_of_a_browser_without_script(client: Client, person: Person) -> None:
    file = SimpleUploadedFile("a.png", draw_png((80, 90)))
    page = client.post("/many/", a_list(model=GPT, input_images=file)).content.decode()
    [kept] = person.input_images.all()
    assert f'name="input_uploads" value="{kept.pk}"' in page
    file = SimpleUploadedFile("a.png", draw_png((80, 90)))
    started = client.post("/many/", a_list(model=GPT, input_images=file, step="start"))
    assert started.status_code == 303
    sent = person.input_images.latest("pk")
    assert [*GenerationInput.objects.values_list("image", flat=True)] == [sent.pk] * 3


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"model": "gpt-image-1.5", "input_uploads": "999999"}, "no longer stored here"),
        (
            {"model": "gpt-image-1.5", "input_uploads": "", "input_pictures": "9"},
            "There is no such picture.",
        ),
        ({"model": "gpt-image-1.5", "input_uploads": "x"}, "There is no such picture."),
        ({"model": "gpt-image-1.5", "input_uploads": "own"}, "at most 3, and 4 were given."),
    ],
)
def test_a_run_says_what_is_wrong_with_its_references(
    client: Client, person: Person, changed: dict[str, object], sentence: str
) -> None:
    if changed["input_uploads"] == "own":
        changed["input_uploads"] = stored(person, *((80, 90 + n) for n in range(4)))
    answer = client.post("/many/", a_list(step="start", **changed))
    assert answer.status_code == 422
    assert sentence in answer.text
    assert not Generation.objects.exists()


def test_a_comparison_of_models_sends_the_references_to_all_or_none(
    client: Client, person: Person
) -> None:
    pks = stored(person, (80, 90), (90, 80))
    asked = a_comparison(model=GPT, models=[GPT, BANANA], step="start", input_uploads=pks)
    refused = client.post("/many/", {**asked, "models": [GPT, "stability-remove-background"]})
    assert refused.status_code == 422
    assert "works on exactly one, and 2 were given" in refused.text
    assert not Generation.objects.exists()
    started = client.post("/many/", asked)
    assert started.status_code == 303
    assert GenerationInput.objects.filter(image__in=pks).count() == 4
