"""The bytes of pictures: exactly what came, to whoever may see them, kept by the browser."""

import io
from typing import Any
from urllib.parse import unquote

import pytest
from django.db.models.functions import Now
from django.test import Client
from PIL import Image

from omixa_studio import storage
from omixa_studio.models import GenerationInput, InputImage, Person, Picture
from tests.factories import draw_png, make_answer_file, make_generation, make_person, make_picture
from tests.pages import Answer
from tests.present import present

pytestmark = pytest.mark.django_db

DOORS = ("file", "thumb", "preview")


@pytest.fixture
def picture(person: Person) -> Picture:
    return make_picture(make_generation(person, prompt="Лиса, paper-cut / fox"))


def as_someone(**fields: Any) -> Client:
    client = Client()
    client.force_login(make_person(**fields))
    return client


def body(response: Answer) -> bytes:
    """What a plain or a streamed answer holds."""
    return response.getvalue()


def make_input(person: Person, **fields: Any) -> InputImage:
    name = storage.new_name("inputs", ".png")
    storage.put(name, draw_png((900, 600)))
    defaults = {"sha256": name[-64:], "mime": "image/png", "width": 900, "height": 600, "bytes": 9}
    return InputImage.objects.create(person=person, name=name, **(defaults | fields))


def test_it_serves_the_original_byte_for_byte(client: Client, picture: Picture) -> None:
    response = client.get(f"/pictures/{picture.pk}/file")
    assert body(response) == storage.get(picture.name)
    assert response["Content-Type"] == "image/png"
    assert response["Content-Length"] == str(picture.bytes)


@pytest.mark.parametrize(("format", "kind"), [("jpeg", "JPEG"), ("webp", "WEBP")])
def test_it_says_the_true_type_whatever_was_asked_for(
    client: Client, person: Person, format: str, kind: str
) -> None:
    out = io.BytesIO()
    Image.new("RGB", (40, 30), "teal").save(out, kind)
    name = storage.new_name("pictures", ".png")
    storage.put(name, out.getvalue())
    picture = make_picture(make_generation(person), name=name, format=format)
    response = client.get(f"/pictures/{picture.pk}/file")
    assert response["Content-Type"] == f"image/{format}"
    assert Image.open(io.BytesIO(body(response))).format == kind


@pytest.mark.parametrize("door", DOORS)
def test_it_lets_browsers_keep_a_picture_and_run_nothing(
    client: Client, picture: Picture, door: str
) -> None:
    response = client.get(f"/pictures/{picture.pk}/{door}")
    assert response.status_code == 200
    assert response["Cache-Control"] == "private, max-age=31536000, immutable"
    assert response["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "Cookie" in response["Vary"]


@pytest.mark.parametrize("door", DOORS)
def test_it_answers_304_to_who_has_the_bytes(client: Client, picture: Picture, door: str) -> None:
    path = f"/pictures/{picture.pk}/{door}"
    tag = client.get(path)["ETag"]
    response = client.get(path, headers={"If-None-Match": tag})
    assert response.status_code == 304
    assert not response.content
    assert "immutable" in response["Cache-Control"]


def test_it_gives_each_rendition_a_tag_of_its_own(client: Client, picture: Picture) -> None:
    tags = {client.get(f"/pictures/{picture.pk}/{door}")["ETag"] for door in DOORS}
    assert len(tags) == 3
    assert f'"{picture.sha256}"' in tags


@pytest.mark.parametrize("door", DOORS)
def test_it_answers_head_without_a_body(client: Client, picture: Picture, door: str) -> None:
    path = f"/pictures/{picture.pk}/{door}"
    asked, told = client.get(path), client.head(path)
    assert told.status_code == 200
    assert body(told) == b""
    for header in ("Content-Type", "ETag", "Content-Length"):
        assert told[header] == asked[header]


def test_it_names_a_download_after_the_prompt(client: Client, picture: Picture) -> None:
    shown = client.get(f"/pictures/{picture.pk}/file")["Content-Disposition"]
    saved = client.get(f"/pictures/{picture.pk}/file?download=1")["Content-Disposition"]
    assert shown.startswith("inline")
    assert saved.startswith("attachment")
    assert f"-paper-cut-fox-{picture.pk}.png" in saved


@pytest.mark.parametrize(
    ("kind", "mime"), [("svg", "image/svg+xml"), ("tiff", "image/tiff"), ("jxl", "image/jxl")]
)
def test_it_saves_and_never_opens_what_may_run(
    client: Client, person: Person, kind: str, mime: str
) -> None:
    picture = make_picture(make_generation(person), format=kind, thumb="", width=0, height=0)
    response = client.get(f"/pictures/{picture.pk}/file")
    assert response["Content-Type"] == mime
    assert response["Content-Disposition"].startswith("attachment")
    assert response["Content-Security-Policy"] == "default-src 'none'; sandbox"
    tile = client.get(f"/pictures/{picture.pk}/thumb")
    assert "no preview" in tile.content.decode()
    assert "no preview" in client.get(f"/pictures/{picture.pk}/").content.decode()
    assert client.get("/gallery/").status_code == client.get("/").status_code == 200


def test_it_saves_what_came_and_is_no_picture(client: Client, person: Person) -> None:
    row = make_generation(person, state="failed", charged="yes", error="It broke.")
    file = make_answer_file(row, b"<script>alert(1)</script>")
    assert f"/answers/{file.pk}/file" in client.get("/").content.decode()
    assert "Buy again" in client.get("/").content.decode()
    response = client.get(f"/answers/{file.pk}/file")
    assert body(response) == b"<script>alert(1)</script>"
    assert response["Content-Disposition"].startswith("attachment")
    assert as_someone(role="admin").get(f"/answers/{file.pk}/file").status_code == 404


@pytest.mark.parametrize(
    ("prompt", "words"),
    [
        ("हिन्दी में बिल्ली", "हिन्दी-में-बिल्ली"),
        ("แมวน้ำบนชายหาด", "แมวน้ำบนชายหาด"),
        ("قِطّة على السطح", "قِطّة-على-السطح"),
        ("窓辺の猫、水彩", "窓辺の猫-水彩"),
        ("Cafe\N{COMBINING ACUTE ACCENT} noir", "café-noir"),
        ("می\N{ZERO WIDTH NON-JOINER}خواهم", "میخواهم"),
        ("../../etc/passwd\r\nX: \\ \N{RIGHT-TO-LEFT OVERRIDE}gnp.exe", "etc-passwd-x-gnp-exe"),
        ("ก" * 59 + "น้ำ", "ก" * 59),
    ],
)
def test_it_names_a_download_in_every_script(
    client: Client, person: Person, prompt: str, words: str
) -> None:
    picture = make_picture(make_generation(person, prompt=prompt))
    saved = client.get(f"/pictures/{picture.pk}/file?download=1")["Content-Disposition"]
    assert saved.isprintable()
    assert saved.isascii()
    told = unquote(saved.partition("''")[2]) or saved.partition('filename="')[2].rstrip('"')
    assert told == f"{words}-{picture.pk}.png"


def test_it_names_a_download_without_a_prompt(client: Client, person: Person) -> None:
    picture = make_picture(make_generation(person, prompt="", operation="remove_background"))
    saved = client.get(f"/pictures/{picture.pk}/file?download=1")["Content-Disposition"]
    assert f'filename="picture-{picture.pk}.png"' in saved


def test_it_serves_a_preview_where_there_is_one(client: Client, person: Person) -> None:
    name = storage.new_name("previews", ".jpg")
    storage.put(name, b"a smaller copy")
    picture = make_picture(make_generation(person), preview=name)
    response = client.get(f"/pictures/{picture.pk}/preview")
    assert body(response) == b"a smaller copy"
    assert response["Content-Type"] == "image/jpeg"


@pytest.mark.parametrize("door", DOORS)
def test_it_says_in_a_sentence_that_a_file_is_missing(
    client: Client, picture: Picture, door: str
) -> None:
    storage.remove(picture.name)
    storage.remove(picture.thumb)
    response = client.get(f"/pictures/{picture.pk}/{door}")
    assert response.status_code == 404
    assert response.content.decode() == "The file of this picture is missing."
    assert response["Cache-Control"] == "no-store"


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("role", ["member", "manager", "admin"])
def test_it_hides_a_private_picture_from_everyone_else(
    picture: Picture, door: str, role: str
) -> None:
    stranger = as_someone(role=role)
    assert stranger.get(f"/pictures/{picture.pk}/{door}").status_code == 404
    known = stranger.get(
        f"/pictures/{picture.pk}/{door}", headers={"If-None-Match": f'"{picture.sha256}"'}
    )
    assert known.status_code == 404


@pytest.mark.parametrize("door", DOORS)
def test_it_serves_a_shared_picture_to_the_team(picture: Picture, door: str) -> None:
    Picture.objects.filter(pk=picture.pk).update(shared=True)
    assert as_someone().get(f"/pictures/{picture.pk}/{door}").status_code == 200


@pytest.mark.parametrize("door", DOORS)
def test_it_asks_who_is_not_logged_in_to_log_in(picture: Picture, door: str) -> None:
    response = Client().get(f"/pictures/{picture.pk}/{door}")
    assert response.status_code == 302
    assert response["Location"].startswith("/login/?next=/pictures/")


def test_it_shows_the_trash_as_thumbnails_to_its_owner_alone(
    client: Client, person: Person
) -> None:
    picture = make_picture(
        make_generation(person), shared=True, trashed_at="2026-11-01T00:00:00+00:00"
    )
    codes = [client.get(f"/pictures/{picture.pk}/{door}").status_code for door in DOORS]
    assert codes == [404, 200, 404]
    assert as_someone().get(f"/pictures/{picture.pk}/thumb").status_code == 404


@pytest.mark.parametrize("pk", [0, 10**9, 2**63, 10**30, "9" * 5000])
@pytest.mark.parametrize("door", DOORS)
def test_it_answers_404_to_ids_of_nothing(
    client: Client, person: Person, door: str, pk: object
) -> None:
    assert client.get(f"/pictures/{pk}/{door}").status_code == 404


def test_it_shows_a_small_copy_of_an_input_to_its_owner(client: Client, person: Person) -> None:
    image = make_input(person)
    response = client.get(f"/inputs/{image.pk}/thumb")
    assert max(Image.open(io.BytesIO(response.content)).size) <= 512
    assert "immutable" in response["Cache-Control"]
    again = client.get(f"/inputs/{image.pk}/thumb", headers={"If-None-Match": response["ETag"]})
    assert again.status_code == 304


@pytest.mark.parametrize("door", ["thumb", "file"])
@pytest.mark.parametrize(
    ("source", "result", "code"),
    [
        ({"shared": True}, {"shared": True}, 200),
        ({"shared": True}, {"shared": False}, 404),
        ({"shared": False}, {"shared": True}, 404),
        ({"shared": True, "trashed_at": Now()}, {"shared": True}, 404),
    ],
)
def test_it_shows_an_input_while_its_source_and_result_are_shared(
    picture: Picture, source: dict[str, Any], result: dict[str, Any], code: int, door: str
) -> None:
    origin = make_picture(make_generation(picture.person), **source)
    image = make_input(present(picture.person), picture=origin)
    GenerationInput.objects.create(generation=picture.generation, image=image, position=0)
    Picture.objects.filter(pk=picture.pk).update(**result)
    assert as_someone(role="admin").get(f"/inputs/{image.pk}/{door}").status_code == code


@pytest.mark.parametrize("door", ["thumb", "file"])
def test_it_keeps_an_upload_to_its_owner_when_the_result_is_shared(
    client: Client, picture: Picture, door: str
) -> None:
    image = make_input(present(picture.person))
    GenerationInput.objects.create(generation=picture.generation, image=image, position=0)
    Picture.objects.filter(pk=picture.pk).update(shared=True)
    assert as_someone(role="admin").get(f"/inputs/{image.pk}/{door}").status_code == 404
    assert client.get(f"/inputs/{image.pk}/{door}").status_code == 200


def test_it_says_that_an_input_is_missing(client: Client, person: Person) -> None:
    image = make_input(person)
    storage.remove(image.name)
    assert client.get(f"/inputs/{image.pk}/thumb").status_code == 404
