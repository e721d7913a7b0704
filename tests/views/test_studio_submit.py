"""The form posts to /generations/: what is queued, what is refused, what a click is worth."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from pytest_django import Settings

from omixa_studio.catalogue import load_catalogue
from omixa_studio.models import Charge, Generation, InputImage, Person, Run, micros
from tests.factories import draw_png, make_generation, make_limit, make_person, make_picture

pytestmark = pytest.mark.django_db

SCRIPT = {"HX-Request": "true"}
HARBOUR = {"model": "imagen-4.0-generate-001", "prompt": "A harbour at dawn"}


def upload(name: str = "photo.png", data: bytes | None = None) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, draw_png((80, 80)) if data is None else data, "image/png")


def test_it_queues_what_was_chosen_and_leads_to_the_board(client: Client, person: Person) -> None:
    chosen = {"n": "4", "aspect_ratio": "16:9", "size": "1K", "enhance_prompt": "false"}
    response = client.post("/generations/", HARBOUR | chosen)
    assert (response.status_code, response["Location"]) == (303, "/")
    made = Generation.objects.get()
    assert (made.person, made.state, made.prompt) == (person, "queued", "A harbour at dawn")
    assert (made.count, made.held_micros, made.estimate_micros) == (4, 160_000, 160_000)
    assert made.options == {
        "n": 4,
        "aspect_ratio": "16:9",
        "size": "1K",
        "enhance_prompt": False,
    }


def test_it_does_not_send_empty_values(client: Client, person: Person) -> None:
    client.post("/generations/", HARBOUR | {"aspect_ratio": "", "size": "", "enhance_prompt": ""})
    assert Generation.objects.get().options == {}


def test_it_gives_script_the_new_card(client: Client, person: Person) -> None:
    response = client.post("/generations/", HARBOUR | {"n": "2"}, headers=SCRIPT)
    page = response.content.decode()
    made = Generation.objects.get()
    assert response.status_code == 200
    assert re.search(rf'data-generation="{made.pk}"\s+data-state="queued"', page)
    assert page.count('data-tile="queued"') == 2
    assert "Queued, 1st" in page
    assert re.search(r'name="click" id="click" value="[0-9a-f]{32}"[^>]+hx-swap-oob', page)


def test_it_makes_one_generation_of_one_click(client: Client, person: Person) -> None:
    for _ in range(3):
        response = client.post("/generations/", HARBOUR | {"click": "press-1"})
        assert response.status_code == 303
    assert Generation.objects.count() == 1
    assert Charge.objects.count() == 1


def test_it_takes_each_post_without_click_as_a_new_one(client: Client, person: Person) -> None:
    for _ in range(2):
        client.post("/generations/", HARBOUR)
    assert Generation.objects.count() == 2


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"creativity": "0.3"}, "has no option called creativity"),
        ({"aspect_ratio": "7:1"}, "7:1 is not one of"),
        ({"creativity": ""}, "has no option called creativity"),
        ({"prompt": "x" * 20_001}, "at most 20000"),
        ({"n": "0"}, "must be from 1 to 40, not 0"),
        ({"n": "41"}, "must be from 1 to 40, not 41"),
        ({"n": "9" * 60}, "must be from 1 to 40, not 9"),
        ({"n": "two"}, "is not a whole number"),
        ({"add_watermark": "maybe"}, "is neither true nor false"),
        ({"prompt": "  "}, "describe what you would like to see"),
        ({"model": "dall-e-9"}, "dall-e-9 is not a model of this studio"),
        ({"input_pictures": "12 or 13"}, "There is no such picture"),
        ({"click": "x" * 65}, "not valid any more"),
    ],
)
def test_it_refuses_what_does_not_fit(
    client: Client, person: Person, wrong: dict[str, str], sentence: str
) -> None:
    response = client.post("/generations/", HARBOUR | wrong)
    assert response.status_code == 422
    assert sentence in response.content.decode()
    assert not Generation.objects.exists()


def test_it_keeps_what_was_typed_when_it_refuses(client: Client, person: Person) -> None:
    response = client.post("/generations/", HARBOUR | {"n": "99", "size": "2K"}, headers=SCRIPT)
    form = response.content.decode()
    assert response.status_code == 422
    assert (response["HX-Retarget"], response["HX-Reswap"]) == ("#composer", "outerHTML")
    assert "A harbour at dawn" in form
    assert re.search(r'name="size" value="2K" checked', form)
    assert re.search(r'name="n" value="99"[^>]+aria-invalid="true"', form)


def test_it_says_which_limit_is_too_tight(client: Client, person: Person) -> None:
    make_limit(person.pk, 100_000)
    response = client.post("/generations/", HARBOUR | {"n": "4"})
    page = response.content.decode()
    assert response.status_code == 422
    assert "This reserves $0.160, but only $0.100 is left: your limit is $0.100 a month." in page
    assert not Generation.objects.exists()


def test_it_sends_uploads_along(client: Client, person: Person) -> None:
    form = {"model": "gpt-image-1.5", "prompt": "Merge", "input_images": [upload(), upload()]}
    assert client.post("/generations/", form | {"mask": upload("mask.png")}).status_code == 303
    sent = Generation.objects.get().sent_inputs.values_list("position", "is_mask")
    assert sorted(sent) == [(0, False), (0, True), (1, False)]


def test_it_sends_pictures_of_the_gallery_along(client: Client, person: Person) -> None:
    picture = make_picture(make_generation(person), size=(80, 80))
    form = {"model": "stability-remove-background", "input_pictures": str(picture.pk)}
    assert client.post("/generations/", form).status_code == 303
    assert Generation.objects.latest("pk").inputs.count() == 1


def test_it_does_not_send_private_pictures_of_others(client: Client, person: Person) -> None:
    picture = make_picture(make_generation(make_person()), size=(80, 80))
    form = {"model": "stability-remove-background", "input_pictures": str(picture.pk)}
    response = client.post("/generations/", form)
    assert response.status_code == 422
    assert "There is no such picture." in response.content.decode()
    assert not InputImage.objects.exists()


@pytest.mark.parametrize(
    ("files", "sentence"),
    [
        ([b"not a picture"], "This is not a PNG, JPEG, WebP or HEIC picture."),
        ([None, None], "2 were given"),
        ([], "0 were given"),
    ],
)
def test_it_refuses_files_that_do_not_fit(
    client: Client, person: Person, files: list[bytes | None], sentence: str
) -> None:
    form = {
        "model": "stability-remove-background",
        "input_images": [upload(data=data) for data in files],
    }
    response = client.post("/generations/", form)
    assert response.status_code == 422
    assert sentence in response.content.decode()


def test_it_refuses_a_file_that_is_too_large(
    client: Client, person: Person, settings: Settings
) -> None:
    settings.UPLOAD_BYTES = 50
    form = {"model": "stability-remove-background", "input_images": upload("large.png")}
    response = client.post("/generations/", form)
    assert response.status_code == 422
    assert "large.png is larger than" in response.content.decode()


def test_it_leads_strangers_to_the_login(client: Client) -> None:
    make_person()
    response = client.post("/generations/", HARBOUR)
    assert response.status_code == 302
    assert response["Location"] == "/login/?next=/generations/"
    assert not Generation.objects.exists()


def test_it_splits_what_one_call_cannot_return(client: Client, person: Person) -> None:
    answer = client.post("/generations/", HARBOUR | {"n": "25"})
    assert answer.status_code == 303
    run = Run.objects.get()
    rows = Generation.objects.filter(group=run.pk).order_by("id")
    assert (run.kind, [row.count for row in rows]) == ("split", [10, 10, 5])
    page = client.get("/").content.decode()
    assert "0 of 3 requests done" in page
    assert page.count("data-generation=") == 3


def test_the_head_of_a_split_click_has_its_model_its_bill_and_all_of_it_again(
    client: Client, person: Person
) -> None:
    client.post("/generations/", HARBOUR | {"n": "25"})
    assert "· Imagen 4 · $1.00 reserved" in " ".join(client.get("/").content.decode().split())
    first = Generation.objects.earliest("id")
    done = {"state": "done", "billed_micros": 390_000, "charged": "yes"}
    Generation.objects.filter(pk=first.pk).update(**done)
    page = " ".join(client.get("/").content.decode().split())
    assert re.search(
        r"1 of 3 requests done · Imagen 4 · practice \$0.390? · \$0.600? reserved", page
    )
    again = f"?again={first.pk}&amp;n=25"
    assert f'hx-get="/generations/composer/{again}"' in page
    form = client.get(f"/?again={first.pk}&n=25").content.decode()
    assert re.search(r'name="n" value="25"', form)
    assert 'name="n" value="40"' in client.get(f"/?again={first.pk}&n=9999").content.decode()


def test_it_asks_no_second_time_for_what_the_button_said(client: Client, person: Person) -> None:
    """A run of so much is asked about once more; here the sum stands on the button itself."""
    assert client.post("/generations/", HARBOUR | {"n": "30"}).status_code == 303
    holds = Charge.objects.filter(kind="hold").values_list("amount_micros", flat=True)
    assert sum(holds) == 1_200_000 > micros(load_catalogue(None).ask_above)


def test_it_splits_once_per_click(client: Client, person: Person) -> None:
    for _ in range(2):
        client.post("/generations/", HARBOUR | {"n": "25", "click": "abc"})
    assert Generation.objects.count() == 3


def test_a_used_click_with_another_wish_is_a_new_one(client: Client, person: Person) -> None:
    client.post("/generations/", HARBOUR | {"n": "1", "click": "abc"})
    again = client.post("/generations/", HARBOUR | {"n": "25", "click": "abc"})
    assert again.status_code == 303
    assert Generation.objects.count() == 4


def test_it_tells_long_clicks_apart(client: Client, person: Person) -> None:
    for end in "ab":
        client.post("/generations/", HARBOUR | {"n": "25", "click": "c" * 60 + end})
    assert Generation.objects.count() == 6
