"""What programs send along: pictures they can see and files they uploaded, by id."""

import io
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from omixa_studio.models import Generation, InputImage, Person, Picture
from omixa_studio.services import reading
from omixa_studio.services.space import Space
from tests import corpus
from tests.factories import draw_png, make_generation, make_person, make_picture
from tests.pages import Answer
from tests.views.programs import Program, code_of, program_of
from tests.workers import buy

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("models_toml")]
EDIT = {"model": "gpt-image-1.5", "prompt": "At night"}
SIZE = (96, 64)


@pytest.fixture
def person() -> Person:
    return make_person("ada")


@pytest.fixture
def program(person: Person) -> Program:
    return program_of(person)


def made(person: Person, **fields: Any) -> Picture:
    return make_picture(make_generation(person), size=SIZE, **fields)


def upload(program: Program, *files: bytes, name: str = "image") -> Answer:
    sent = [SimpleUploadedFile("a.png", data) for data in files]
    headers = {"Authorization": f"Bearer {program.text}"}
    return Client().post("/api/v1/inputs", {name: sent}, headers=headers)


def sent_by(answer: Answer) -> list[int | None]:
    """The pictures that an order sent, in their order, its mask last."""
    [told] = answer.json()["generations"]
    row = Generation.objects.get(pk=told["id"])
    uses = row.sent_inputs.order_by("is_mask", "position").select_related("image")
    return [use.image.picture_id for use in uses]


def test_pictures_of_the_gallery_are_sent_in_their_order(program: Program, person: Person) -> None:
    own, theirs = made(person), made(make_person(), shared=True)
    wanted = EDIT | {"input_pictures": [theirs.pk, own.pk]}
    answer = program.ask("generations", wanted, key="a")
    assert answer.status_code == 202, answer.content
    assert sent_by(answer) == [theirs.pk, own.pk]
    assert answer.json()["generations"][0]["operation"] == "merge"
    again = program.ask("generations", wanted, key="a")
    assert again.json()["generations"][0]["id"] == answer.json()["generations"][0]["id"]
    other = program.ask("generations", EDIT | {"input_pictures": [own.pk]}, key="a")
    assert code_of(other) == (409, "idempotency_key_reused", None)


@pytest.mark.parametrize("model", ["stability-remove-background", "stability-upscale-creative"])
def test_a_picture_is_enough_for_an_action(program: Program, person: Person, model: str) -> None:
    wanted = {"model": model, "input_pictures": [made(person).pk]}
    if "upscale" in model:
        wanted["prompt"] = "Sharper"
    answer = program.ask("generations", wanted, key="a")
    assert answer.status_code == 202, answer.content
    assert answer.json()["generations"][0]["operation"] in ("remove_background", "upscale")


def test_a_picture_is_a_mask(program: Program, person: Person) -> None:
    picture, mask = made(person), made(person, colour=(0, 0, 0))
    wanted = EDIT | {"input_pictures": [picture.pk], "mask_picture": mask.pk}
    answer = program.ask("generations", wanted, key="a")
    assert answer.status_code == 202, answer.content
    [use] = Generation.objects.latest("pk").sent_inputs.filter(is_mask=True)
    assert (use.image.width, use.image.height) == SIZE
    white = made(person, colour=(255, 255, 255))
    answer = program.ask("generations", wanted | {"mask_picture": white.pk}, key="b")
    assert code_of(answer) == (400, "choice", "mask")


def test_a_picture_is_a_mask_in_any_format_that_is_drawn(
    program: Program, person: Person, tmp_path: Path
) -> None:
    drawn = [corpus.saved(corpus.clear(), kind) for kind in ("WEBP", "AVIF", "GIF", "TIFF")]
    for mask in buy(person, [*drawn, corpus.undrawable()["jxl"]], tmp_path):
        wanted = EDIT | {"input_pictures": [mask.pk], "mask_picture": mask.pk}
        if not mask.drawable:
            wanted["input_pictures"] = [made(person).pk]
        answer = program.ask("generations", wanted, key=mask.format)
        assert answer.status_code == (202 if mask.drawable else 400), answer.content


def test_what_finds_no_memory_is_to_be_sent_again(
    program: Program, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = EDIT | {"input_pictures": [made(person).pk]}
    with monkeypatch.context() as busy:
        busy.setattr(reading, "SPACE", Space(1))  # where nobody may wait
        kept = upload(program, draw_png(SIZE))
        for answer in (kept, program.ask("generations", wanted, key="a")):
            assert code_of(answer) == (503, "studio_busy", None)
            assert answer["x-should-retry"] == "true"
    assert program.ask("generations", wanted, key="a").status_code == 202


@pytest.mark.parametrize("name", ["m.png", "..", "masks/", "C:\\\\", "&#32;"])
def test_no_file_is_left_out_for_its_name(program: Program, name: str) -> None:
    mask = draw_png(SIZE, (0, 0, 0))
    parts = [
        *(f'name="{field}"\r\n\r\n{text}'.encode() for field, text in EDIT.items()),
        b'name="image"; filename="a.png"\r\n\r\n' + draw_png(SIZE),
        f'name="mask"; filename="{name}"\r\n\r\n'.encode() + mask,
    ]
    form = b"".join(b"--b\r\ncontent-disposition: form-data; " + one + b"\r\n" for one in parts)
    answer = Client().generic(
        "POST",
        "/api/v1/generations",
        form + b"--b--\r\n",
        "multipart/form-data; boundary=b",
        headers={"Authorization": f"Bearer {program.text}", "Idempotency-Key": "a"},
    )
    assert answer.status_code == 202, answer.content
    assert Generation.objects.latest("pk").sent_inputs.filter(is_mask=True).exists()


@pytest.mark.parametrize("name", ["input_pictures", "mask_picture"])
def test_a_picture_that_one_cannot_see_is_not_there(
    program: Program, person: Person, name: str
) -> None:
    own, secret = made(person), made(make_person())
    gone = made(person, trashed_at="2026-11-20T00:00Z")
    for pk in (secret.pk, gone.pk, 999_999_999):
        named = {name: [pk]} if name == "input_pictures" else {name: pk, "input_pictures": [own.pk]}
        for path in ("estimate", "generations"):
            answer = program.ask(path, EDIT | named, key="a")
            assert code_of(answer) == (400, "picture_not_found", name)
    assert not InputImage.objects.exists()
    assert not Generation.objects.filter(state="queued").exists()


@pytest.mark.parametrize(
    ("more", "param"),
    [
        ({"input_pictures": ["x"]}, "input_pictures"),
        ({"input_pictures": [True]}, "input_pictures"),
        ({"input_uploads": {"id": 1}}, "input_uploads"),
        ({"mask_picture": [1, 2], "input_pictures": [1]}, "mask_picture"),
        ({"mask_picture": 1}, "mask_picture"),
    ],
)
def test_odd_ids_are_refused(program: Program, more: dict[str, object], param: str) -> None:
    status, _code, named = code_of(program.ask("generations", EDIT | more, key="a"))
    assert (status, named) == (400, param)


def test_an_estimate_knows_what_is_sent(program: Program, person: Person) -> None:
    wanted = {"model": "stability-remove-background"}
    assert code_of(program.ask("estimate", wanted))[0] == 400
    told = program.ask("estimate", wanted | {"input_pictures": [made(person).pk]})
    assert told.status_code == 200, told.content


def test_an_upload_is_kept_once_and_sent(program: Program, person: Person) -> None:
    data = draw_png(SIZE)
    first, again = upload(program, data), upload(program, data)
    assert (first.status_code, first.json()) == (200, again.json())
    told = first.json()
    kept = InputImage.objects.get(pk=told["id"])
    assert (kept.person, told["width"], told["height"]) == (person, *SIZE)
    wanted = EDIT | {"input_uploads": [told["id"]]}
    assert program.ask("generations", wanted, key="a").status_code == 202
    assert Generation.objects.latest("pk").sent_inputs.get().image == kept
    stranger = program_of(make_person()).ask("generations", wanted, key="a")
    assert code_of(stranger) == (400, "picture_not_found", "input_uploads")


@pytest.mark.parametrize(
    ("files", "name"),
    [((b"no picture",), "image"), ((), "image"), ((draw_png(), draw_png()), "image")],
)
def test_what_is_no_picture_is_refused(program: Program, files: list[bytes], name: str) -> None:
    assert code_of(upload(program, *files, name=name))[0] == 400
    assert not InputImage.objects.exists()


def test_a_form_names_pictures_too(program: Program, person: Person) -> None:
    first, second = made(person), made(person)
    headers = {"Authorization": f"Bearer {program.text}", "Idempotency-Key": "a"}
    fields = {**EDIT, "input_pictures": [str(first.pk), str(second.pk)]}
    file = io.BytesIO(draw_png(SIZE))
    file.name = "a.png"
    answer = Client().post("/api/v1/generations", {**fields, "image": file}, headers=headers)
    assert answer.status_code == 202, answer.content
    assert sent_by(answer) == [first.pk, second.pk, None]


def test_a_prompt_alone_takes_no_picture(program: Program, person: Person) -> None:
    headers = {"Authorization": f"Bearer {program.text}"}
    body = EDIT | {"input_pictures": [made(person).pk]}
    answer = Client().post("/v1/images/generations", body, "application/json", headers=headers)
    assert code_of(answer) == (400, "invalid_value", "input_pictures")
