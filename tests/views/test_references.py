"""References over HTTP: who may send what, what is refused with a sentence, what a link brings."""

import io
import re
import threading
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as product
from django.core.files.uploadedfile import SimpleUploadedFile, UploadedFile
from django.db import connection
from django.http import HttpRequest, QueryDict
from django.test import Client, RequestFactory
from PIL import Image
from pytest_django import Settings

from omixa_studio import storage
from omixa_studio.catalogue import load_catalogue
from omixa_studio.forms.uploads import CappedUpload
from omixa_studio.models import Generation, GenerationInput, InputImage, Person
from omixa_studio.services.beginning import edit_model
from omixa_studio.services.inputs import keep_picture, keep_upload
from tests.factories import draw_png, make_generation, make_person, make_picture

pytestmark = pytest.mark.django_db

SCRIPT = {"HX-Request": "true"}
MERGE = {"model": "gpt-image-1.5", "prompt": "Join them"}


def png(name: str = "one.png", data: bytes | None = None) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data or draw_png((80, 80)), "image/png")


def stored(person: Person, size: tuple[int, int] = (80, 80)) -> InputImage:
    return keep_upload(person, io.BytesIO(draw_png(size)))


def used(person: Person, *images: InputImage, **fields: Any) -> Generation:
    """A generation that has sent these images, with one picture."""
    generation = make_generation(person, model="gpt-image-1.5", operation="merge", **fields)
    for position, image in enumerate(images):
        GenerationInput.objects.create(generation=generation, image=image, position=position)
    return generation


# Uploads


def test_it_answers_an_upload_with_its_tile(client: Client, person: Person) -> None:
    answer = client.post("/references/", {"file": png()}, headers=SCRIPT)
    image = InputImage.objects.get()
    tile = answer.content.decode()
    assert answer.status_code == 200
    assert f'name="input_uploads" value="{image.pk}"' in tile
    assert f'data-reference="/inputs/{image.pk}/file" data-width="80" data-height="80"' in tile


def test_it_keeps_the_good_of_several_files(client: Client, person: Person) -> None:
    files = [png(), png("notes.txt", b"no picture"), png("two.png")]
    answer = client.post("/references/", {"file": files})
    assert answer.content.decode().count('name="input_uploads"') == 2
    assert "notes.txt: This is not a PNG, JPEG, WebP or HEIC picture." in answer.content.decode()


@pytest.mark.parametrize("kind", ["image/svg+xml", "text/html", "application/x-sh", ""])
def test_it_believes_bytes_and_no_type(client: Client, person: Person, kind: str) -> None:
    good = SimpleUploadedFile("photo.html", draw_png((80, 80)), kind)
    assert client.post("/references/", {"file": good}).status_code == 200
    assert InputImage.objects.get().mime == "image/png"
    svg = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
    bad = SimpleUploadedFile("photo.png", svg, "image/png")
    assert client.post("/references/", {"file": bad}).status_code == 422


def test_it_needs_a_login_and_a_token(person: Person) -> None:
    assert Client().post("/references/", {"file": png()}).status_code == 302
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(person)
    assert strict.post("/references/", {"file": png()}).status_code == 403
    assert strict.post("/references/from/1/").status_code == 403
    assert not InputImage.objects.exists()


@pytest.mark.parametrize("files", [0, 9])
def test_it_takes_one_to_eight_files(client: Client, person: Person, files: int) -> None:
    answer = client.post("/references/", {"file": [png() for _ in range(files)]})
    assert answer.status_code == 422
    assert "Choose 1 to 8 files" in answer.content.decode()


def test_it_refuses_a_file_above_the_limit(
    client: Client, person: Person, settings: Settings
) -> None:
    settings.UPLOAD_BYTES = 100
    answer = client.post("/references/", {"file": png("large.png")})
    assert answer.status_code == 422
    assert "large.png: The file is too large." in answer.content.decode()


def test_it_writes_no_more_of_a_file_than_the_limit(
    client: Client, person: Person, settings: Settings, tmp_path: Path
) -> None:
    settings.UPLOAD_BYTES = 2**20
    settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path)
    written: list[int] = []

    class Watched(CappedUpload):
        def file_complete(self, file_size: int) -> "UploadedFile[bytes] | None":
            written.extend(path.stat().st_size for path in tmp_path.iterdir())
            return super().file_complete(file_size)

    def look(request: HttpRequest) -> list[tuple[int | None, bool]]:
        request.upload_handlers = [Watched(request)]
        return [(file.size, not file.read(1)) for file in request.FILES.getlist("file")]

    files = [png(f"{n}.png", bytes(size)) for n, size in enumerate((5 * 2**20, 2**19, 2**20))]
    request = RequestFactory().post("/references/", {"file": files})
    assert look(request) == [(5 * 2**20, False), (2**19, False), (2**20, False)]
    assert max(written) <= 2**20
    # Past the room of one request even small files count as too large.
    files = [png(f"{n}.png", bytes(2**20)) for n in range(6)]
    sizes = [size for size, _ in look(RequestFactory().post("/references/", {"file": files}))]
    assert sizes == [2**20] * 4 + [2**20 + 1] * 2


def test_it_survives_names_of_megabytes(client: Client, person: Person) -> None:
    answer = client.post("/references/", {"file": png("n" * 10_000_000 + ".png", b"broken")})
    assert answer.status_code in (400, 422)
    assert len(answer.content) < 10_000
    answer = client.post("/references/", {"file": png("<b>" * 200 + ".png", b"broken")})
    assert answer.status_code == 422
    assert "<b>" not in answer.content.decode()


def test_it_refuses_more_files_than_a_form_may_have(client: Client, person: Person) -> None:
    many = [png(f"{n}.png", b"x") for n in range(product.DATA_UPLOAD_MAX_NUMBER_FILES + 1)]
    assert client.post("/references/", {"file": many}).status_code == 413


# Files


def test_it_serves_inputs_so_that_nothing_in_them_runs(client: Client, person: Person) -> None:
    image = stored(person)
    for path in (f"/inputs/{image.pk}/file", f"/inputs/{image.pk}/thumb"):
        answer = client.get(path)
        assert answer["Content-Type"] in ("image/png", "image/jpeg")
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"


def test_it_shows_no_inputs_of_others(client: Client, person: Person) -> None:
    image = stored(make_person())
    assert client.get(f"/inputs/{image.pk}/file").status_code == 404
    assert client.get(f"/inputs/{image.pk}/thumb").status_code == 404


# Sending


def test_it_sends_references_in_their_order(client: Client, person: Person) -> None:
    first, second = stored(person), stored(person, (90, 80))
    picture = make_picture(make_generation(person), size=(100, 80))
    uploads = {"input_uploads": [second.pk, first.pk]}
    client.post("/generations/", MERGE | uploads | {"input_pictures": picture.pk})
    made = Generation.objects.latest("pk")
    order = [use.image for use in made.sent_inputs.order_by("position")]
    assert order[:2] == [second, first]
    assert [image.picture for image in order] == [None, None, picture]
    assert made.operation == "merge"
    client.post("/generations/", MERGE | uploads | {"input_images": png()})
    made = Generation.objects.latest("pk")
    assert [use.image for use in made.sent_inputs.order_by("position")][:2] == [second, first]


def test_it_counts_an_id_that_comes_twice_once(client: Client, person: Person) -> None:
    image = stored(person)
    client.post("/generations/", MERGE | {"input_uploads": [image.pk, image.pk]})
    made = Generation.objects.get()
    assert (made.operation, made.sent_inputs.count()) == ("edit", 1)


@pytest.mark.parametrize("ids", ["{theirs}", "999999999", "999999999999999999"])
def test_it_never_sends_an_input_of_others(client: Client, person: Person, ids: str) -> None:
    theirs = stored(make_person())
    answer = client.post("/generations/", MERGE | {"input_uploads": ids.format(theirs=theirs.pk)})
    assert answer.status_code == 422
    assert "no longer stored here" in answer.content.decode()
    assert 'name="input_uploads"' not in answer.content.decode()
    assert not Generation.objects.exists()


@pytest.mark.parametrize("ids", ["-1", "1 or 1", "٣", "1.0", "9" * 19, "\x00"])
def test_it_refuses_what_is_no_id(client: Client, person: Person, ids: str) -> None:
    assert client.post("/generations/", MERGE | {"input_uploads": ids}).status_code == 422


def test_it_leaves_spare_references_out(client: Client, person: Person) -> None:
    first, second = stored(person), stored(person, (90, 80))
    form = {"model": "stability-remove-background", "input_uploads": first.pk}
    assert client.post("/generations/", form | {"spare_uploads": second.pk}).status_code == 303
    assert [use.image for use in Generation.objects.get().sent_inputs.all()] == [first]


def test_it_shows_files_of_a_refused_form_as_references(client: Client, person: Person) -> None:
    image = stored(person)
    form = {"model": "gpt-image-1.5", "prompt": "", "input_uploads": image.pk}
    answer = client.post("/generations/", form | {"input_images": png()})
    kept = re.findall(r'name="input_uploads" value="(\d+)"', answer.content.decode())
    assert answer.status_code == 422
    assert [int(pk) for pk in kept] == [image.pk, InputImage.objects.latest("pk").pk]


def test_it_makes_large_references_fit_together(
    client: Client, person: Person, settings: Settings
) -> None:
    noise = [Image.effect_noise((700, 700), 90).convert("RGB") for _ in range(3)]
    files = []
    for image in noise:
        out = io.BytesIO()
        image.save(out, "PNG")
        files.append(png(data=out.getvalue()))
    settings.BODY_BYTES = 600_000
    assert client.post("/generations/", MERGE | {"input_images": files}).status_code == 303
    uses = Generation.objects.get().sent_inputs.select_related("image")
    assert sum(len(storage.get(use.image.name)) for use in uses) * 4 / 3 < 600_000
    assert min(use.image.bytes for use in uses) > 60_000


def test_it_sends_likeness_only_with_references(client: Client, person: Person) -> None:
    likeness = MERGE | {"input_fidelity": "high"}
    client.post("/generations/", likeness)
    assert Generation.objects.latest("pk").options == {}
    client.post("/generations/", likeness | {"input_uploads": stored(person).pk})
    assert Generation.objects.latest("pk").options == {"input_fidelity": "high"}


@pytest.mark.parametrize(
    ("count", "words"), [(0, "Generate"), (1, "Edit"), (2, "Merge 2"), (3, "Merge 3")]
)
def test_it_names_the_button(client: Client, person: Person, count: int, words: str) -> None:
    sides = range(80, 80 + count)
    query = {"model": "gpt-image-1.5", "n": "1", "input_uploads": [*sides]}
    bill = client.get("/generations/estimate/", query, headers=SCRIPT).content.decode()
    assert re.search(rf"<span>\s*{words}\s*</span>", bill)


# Links


def test_it_edits_a_picture_with_the_last_model_that_can(client: Client, person: Person) -> None:
    picture = make_picture(make_generation(person, prompt="A fox"), size=(80, 80))
    make_generation(person, model="MAI-Image-2.5")
    make_generation(person, model="imagen-4.0-generate-001")
    page = client.get(f"/?edit={picture.pk}").content.decode()
    assert re.search(r'name="model" value="MAI-Image-2.5" checked', page)
    assert f'name="input_pictures" value="{picture.pk}"' in page
    assert re.search(r'<textarea[^>]+name="prompt"[^>]+ autofocus[^>]*>\s*</textarea>', page)


def test_it_edits_one_picture_after_a_click_for_seven(client: Client, person: Person) -> None:
    picture = make_picture(make_generation(person), size=(80, 80))
    make_generation(person, model="MAI-Image-2.5", options={"n": 7}, count=7)
    bill = client.get(f"/?edit={picture.pk}").content.decode()
    assert re.search(r'name="model" value="MAI-Image-2.5" checked', bill)
    assert "for 7" not in bill
    assert re.search(r'name="n"[^>]* value="1"', bill)


def test_it_edits_with_the_cheapest_model_at_first(person: Person) -> None:
    model = edit_model(load_catalogue(None), person)
    priced = [one.image_price for one in load_catalogue(None).enabled if "edit" in one.operations]
    assert "edit" in model.operations
    assert model.image_price == min(price for price in priced if price is not None)
    assert model.image_price is not None
    assert model.image_price > Decimal(0)


def test_it_edits_no_picture_that_is_out_of_sight(client: Client, person: Person) -> None:
    theirs = make_picture(make_generation(make_person()))
    assert client.get(f"/?edit={theirs.pk}").status_code == 404
    assert client.post(f"/references/from/{theirs.pk}/").status_code == 404


def test_it_makes_a_shared_picture_a_reference(client: Client, person: Person) -> None:
    theirs = make_picture(make_generation(make_person()), size=(80, 80), shared=True)
    assert client.post(f"/references/from/{theirs.pk}/").status_code == 200
    image = InputImage.objects.get()
    assert (image.person, image.picture) == (person, theirs)


def test_it_brings_the_inputs_back_with_use_again(client: Client, person: Person) -> None:
    images = [stored(person), stored(person, (90, 80))]
    old = used(person, *images)
    page = client.get(f"/?again={old.pk}").content.decode()
    kept = re.findall(r'name="input_uploads" value="(\d+)"', page)
    assert [int(pk) for pk in kept] == [image.pk for image in images]


def test_it_brings_only_what_is_shared_of_others_and_copies_nothing(
    client: Client, person: Person
) -> None:
    author = make_person()
    shown, hidden = (
        make_picture(make_generation(author), size=(80, side), shared=side == 80)
        for side in (80, 90)
    )
    sent = [keep_picture(author, shown), keep_picture(author, hidden), stored(author, (70, 70))]
    result = make_picture(used(author, *sent), shared=True)
    page = client.get(f"/?again={result.generation_id}").content.decode()
    assert re.findall(r'name="input_pictures" value="(\d+)"', page) == [str(shown.pk)]
    assert 'name="input_uploads"' not in page
    assert "Images that only their owner may see were left out" in page
    assert not InputImage.objects.filter(person=person).exists()


def test_it_brings_no_inputs_of_private_pictures(client: Client, person: Person) -> None:
    author = make_person()
    private = used(author, stored(author))
    assert client.get(f"/?again={private.pk}").status_code == 404
    assert not InputImage.objects.filter(person=person).exists()


def test_it_shows_what_a_picture_was_made_from_and_used_in(client: Client, person: Person) -> None:
    source = make_picture(make_generation(person), size=(80, 80))
    image = keep_picture(person, source)
    result = make_picture(used(person, image), size=(80, 80))
    assert (
        f'href="/pictures/{source.pk}/"' in client.get(f"/pictures/{result.pk}/").content.decode()
    )
    page = client.get(f"/pictures/{source.pk}/").content.decode()
    assert re.search(rf'Used in.*href="/pictures/{result.pk}/"', page, re.DOTALL)


# The picker


def test_it_offers_pictures_of_one_gallery_page_by_page(client: Client, person: Person) -> None:
    generation = make_generation(person, prompt="A fox")
    first = make_picture(generation)
    for index in range(1, 55):
        type(first).objects.create(
            generation=generation,
            index=index,
            person=person,
            model=first.model,
            name=first.name,
            thumb=first.thumb,
            sha256=first.sha256,
            format="png",
            width=64,
            height=48,
            bytes=first.bytes,
        )
    make_picture(make_generation(make_person(), prompt="A hen"), shared=True)
    page = client.get("/references/pick/", headers=SCRIPT).content.decode()
    assert page.count("data-choice=") == 50
    older = re.search(r"before=(\d+)", page)
    assert older
    rest = client.get(f"/references/pick/?before={older[1]}", headers=SCRIPT).content.decode()
    assert rest.count("data-choice=") == 5
    team = client.get("/references/pick/?in=team", headers=SCRIPT).content.decode()
    assert (team.count("data-choice="), "A hen" in team) == (1, True)
    none = client.get("/references/pick/?q=walrus", headers=SCRIPT).content.decode()
    assert "No prompt contains these words." in none or "these words" in none


def test_it_keeps_every_filter_on_the_way_to_older_ones(client: Client, person: Person) -> None:
    generation = make_generation(person, model="gpt-image-1.5", prompt="A fox")
    for index in range(51):
        make_picture(generation, index=index, shared=True)
    make_picture(make_generation(person, model="gpt-image-2", prompt="A fox"), shared=True)
    sought = {"q": "fox", "model": "gpt-image-1.5", "person": str(person.pk)}
    page = client.get("/references/pick/", {**sought, "in": "team"}).content.decode()
    older = re.search(r'href="(/references/pick/[^"]*before=[^"]*)"', page)
    assert older
    path = unescape(older[1])
    asked = QueryDict(path.partition("?")[2]).dict()
    assert asked == {**sought, "in": "team", "before": asked["before"]}
    rest = client.get(path, headers=SCRIPT).content.decode()
    assert rest.count("data-choice=") == 1
    form = page.split('role="search"')[1].split("</form>")[0]
    hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form))
    assert {**hidden, "q": "fox"} == sought


def test_it_offers_a_page_without_script(client: Client, person: Person) -> None:
    picture = make_picture(make_generation(person))
    page = client.get("/references/pick/").content.decode()
    assert "<html" in page
    assert f'href="/?input_pictures={picture.pk}"' in page


# At the same time


@pytest.mark.django_db(transaction=True)
def test_it_stores_the_same_picture_from_many_tabs_once() -> None:
    person = make_person()
    data = draw_png((80, 80))
    gate = threading.Barrier(6)

    def tab(_: int) -> int:
        client = Client()
        client.force_login(person)
        gate.wait()
        try:
            return client.post("/references/", {"file": png(data=data)}).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        assert list(pool.map(tab, range(6))) == [200] * 6
    image = InputImage.objects.get()
    assert storage.get(image.name)
    folder = product.MEDIA_ROOT / "inputs"
    named = {path.name for path in folder.rglob("*.png")}
    rows = {name.rpartition("/")[2] for name in InputImage.objects.values_list("name", flat=True)}
    assert image.name.rpartition("/")[2] in named & rows
