"""Pictures of the gallery on their way out: made ready once, few at a time, faults in words."""

import io
import queue
import threading

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from omixa_studio import storage
from omixa_studio.models import InputImage, Person, Picture
from omixa_studio.services import inputs, sending
from omixa_studio.services.decoding import prepare
from omixa_studio.services.inputs import fit, keep_picture
from omixa_studio.services.pixels import ImageRefused
from omixa_studio.services.reading import MOST_WAITING, SPACE, SPACE_BYTES, opened
from omixa_studio.services.refusals import ChoiceRefused
from tests.factories import draw_png, make_generation, make_person, make_picture

BUSY = "Try again in a moment"


@pytest.fixture
def person() -> Person:
    return make_person()


def hung(person: Person, size: tuple[int, int] = (80, 64)) -> Picture:
    return make_picture(make_generation(person), size=size)


def said(refusal: pytest.ExceptionInfo[ChoiceRefused]) -> str:
    [fault] = refusal.value.faults
    return fault.sentence


@pytest.mark.django_db
def test_it_remembers_which_picture_an_input_is(person: Person) -> None:
    pictures = [hung(person), hung(person)]
    images = sending.from_gallery(person, pictures)
    assert [image.picture for image in images] == pictures


@pytest.mark.django_db
def test_it_does_not_make_ready_twice(person: Person) -> None:
    picture = hung(person)
    first = keep_picture(person, picture)
    storage.remove(picture.name)
    assert sending.from_gallery(person, [picture]) == [first]
    with pytest.raises(ChoiceRefused):
        sending.from_gallery(make_person(), [picture])


@pytest.mark.django_db
def test_it_takes_no_smaller_copy_for_the_picture(person: Person) -> None:
    picture = hung(person, (1400, 1400))
    whole = keep_picture(person, picture)
    fit(person, [whole], whole.bytes // 2)
    storage.remove(whole.name)
    whole.delete()
    assert InputImage.objects.get().picture == picture
    [again] = sending.from_gallery(person, [picture])
    assert again.mime == "image/png"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("data", "sentence"),
    [(None, "is missing"), (b"no picture", "not a PNG, JPEG, WebP or HEIC")],
)
def test_it_says_what_is_wrong_with_a_file(
    person: Person, data: bytes | None, sentence: str
) -> None:
    picture = hung(person)
    storage.remove(picture.name)
    if data:
        storage.put(picture.name, data)
    with pytest.raises(ChoiceRefused) as refusal:
        sending.from_gallery(person, [picture])
    assert sentence in said(refusal)


@pytest.mark.django_db
def test_it_makes_only_so_many_ready_at_once(person: Person) -> None:
    pictures = [hung(person) for _ in range(sending.MOST_AT_ONCE + 1)]
    with pytest.raises(ChoiceRefused) as refusal:
        sending.from_gallery(person, pictures)
    assert "41 of these pictures" in said(refusal)
    assert not InputImage.objects.exists()
    keep_picture(person, pictures[0])
    assert len(sending.from_gallery(person, pictures)) == 41


def test_it_waits_only_so_long_for_others() -> None:
    file = io.BytesIO(draw_png((80, 80)))
    with (
        SPACE.taken(SPACE_BYTES),
        pytest.raises(ImageRefused, match=BUSY),
        opened(file, ("PNG",), seconds=0.05),
    ):
        pytest.fail("two were at it")
    assert prepare(io.BytesIO(draw_png((80, 80))))[2] == (80, 80)


def test_it_lets_only_so_many_wait() -> None:
    outcomes: queue.Queue[str] = queue.Queue()

    def upload() -> None:
        try:
            prepare(io.BytesIO(draw_png((80, 80))))
            outcomes.put("done")
        except ImageRefused as refusal:
            outcomes.put(str(refusal))

    threads = [threading.Thread(target=upload) for _ in range(MOST_WAITING + 3)]
    with SPACE.taken(SPACE_BYTES):
        for thread in threads:
            thread.start()
        turned_away = [outcomes.get(timeout=10) for _ in range(3)]
    assert all(BUSY in sentence for sentence in turned_away)
    assert [outcomes.get(timeout=10) for _ in range(MOST_WAITING)] == ["done"] * MOST_WAITING


@pytest.mark.django_db
@pytest.mark.parametrize("data", [b"no picture", draw_png((80, 80))])
def test_it_unpacks_each_file_once(
    person: Person, data: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    unpacked = []
    keep = inputs.keep_upload

    def counted(person: Person, file: "SimpleUploadedFile") -> InputImage:
        unpacked.append(file)
        return keep(person, file)

    monkeypatch.setattr(inputs, "keep_upload", counted)
    file = SimpleUploadedFile("a.png", data)
    kept = [sending.keep_files(person, [file]) for _ in range(2)]
    assert kept[0] == kept[1]
    assert len(unpacked) == 1
