"""Exports: the form, the start, the list, the file in parts, others' exports."""

import pytest
from django.test import Client

from omixa_studio.models import Act, ActKind, Collection, Export, JobState, Person
from omixa_studio.services import exports
from omixa_studio.services.file_names import MOST_BYTES
from tests.factories import make_collection, make_export, make_generation, make_person, make_picture
from tests.views.test_downloads import content_of

pytestmark = pytest.mark.django_db
FILE = bytes(range(256)) * 8


def pictures_of(person: Person, count: int = 4) -> list[int]:
    return [
        make_picture(make_generation(person, prompt=f"A fox, number {n}")).pk for n in range(count)
    ]


def test_asks_about_a_selection_and_starts_it(client: Client, person: Person) -> None:
    ids = pictures_of(person)
    make_picture(make_generation(make_person()))
    everything = {"gallery": "/gallery/?q=fox", "all": "1", "without": str(ids[0])}

    asked = client.get("/exports/new/", everything).content.decode()
    assert f"fox-number-3-{ids[3]}.png" in asked
    assert client.get("/exports/new/", {"gallery": "/trash/", "all": "1"}).status_code == 404
    assert '<span class="num">3</span>' in asked

    began = client.post("/exports/new/", {**everything, "step": "start", "pack": "client"})
    assert began.headers["Location"] == "/exports/"
    export = Export.objects.get()
    assert export.ids == ids[:0:-1]
    assert (export.pack, export.template, export.format) == ("client", "picture-{n}", "original")
    logged = Act.objects.get(kind=ActKind.PICTURES_EXPORTED)
    assert (logged.who_id, logged.thing) == (person.pk, f"export {export.pk}")
    assert logged.after == "3 client"
    assert "0 of 3" in client.get("/exports/").content.decode()

    script = {"HX-Request": "true"}
    part = client.post("/exports/new/", {"ids": ids[:2], "step": "start"}, headers=script)
    assert 'href="/exports/"' in part.content.decode()
    assert "job-started" in part.headers["HX-Trigger-After-Settle"]


def test_exports_a_live_collection(client: Client, person: Person) -> None:
    pictures_of(person, 2)
    live = make_collection(person, order="time")
    Collection.objects.filter(pk=live.pk).update(query="q=number+1")
    page = client.get(f"/collections/{live.pk}/").content.decode()
    assert f'href="/exports/new/?gallery=/collections/{live.pk}/&amp;all=1"' in page.replace(
        "%2F", "/"
    ).replace("&all", "&amp;all")
    everything = {"gallery": f"/collections/{live.pk}/", "all": "1", "step": "start"}
    client.post("/exports/new/", everything)
    assert Export.objects.get().pictures == 1


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"template": "{nope}"}, "{nope} is not a field"),
        ({"template": "{prompt}", "pack": "client"}, "would tell a client"),
        ({"template": "{person}{n}", "pack": "client"}, "would tell a client"),
        ({"template": "{project}{n}", "pack": "client"}, "would tell a client"),
        ({"template": "x" * 10_000}, "at most 300 characters"),
        ({"pack": "everybody"}, "whom the export is for"),
        ({"format": "exe"}, "one of the formats"),
        ({"ids": [], "gallery": "/gallery/?q=nothing", "all": "1"}, "no picture to export"),
        ({"ids": [], "gallery": "/gallery/", "ranges": "999999-"}, "Select the range again"),
        ({"ids": "x"}, "cannot be read"),
    ],
)
def test_refuses_what_makes_no_export(
    client: Client, person: Person, fields: dict[str, object], words: str
) -> None:
    asked = {"ids": pictures_of(person, 1), "step": "start", **fields}
    answer = client.post("/exports/new/", asked)
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert not Export.objects.exists()


def test_says_why_there_can_be_no_more(
    client: Client, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_export(person)
    monkeypatch.setattr(exports, "MOST_KEPT", 1)
    answer = client.post("/exports/new/", {"ids": pictures_of(person, 1), "step": "start"})
    assert answer.status_code == 422
    assert "Delete one first" in answer.content.decode()


@pytest.mark.parametrize(
    "template", ["../../x", "CON", "a\0b", "x" * 300, "<b>{n}</b>", "\u202e{n}"]
)
def test_shows_the_names_that_a_template_gives(
    client: Client, person: Person, template: str
) -> None:
    [pk] = pictures_of(person, 1)
    [hidden] = pictures_of(make_person(), 1)
    asked = {"template": template, "sample": [str(pk), str(hidden), "x", "9" * 30], "count": "12"}
    shown = client.get("/exports/names/", asked).content.decode()
    [name] = [line.split("</bdi>")[0] for line in shown.split("<bdi>")[1:]]
    assert name.endswith(".png")
    assert not set(name) & set("/\\<>\0\u202e")
    assert len(name.encode()) <= MOST_BYTES + 4


def test_gives_the_file_whole_and_in_parts(client: Client, person: Person) -> None:
    export = make_export(person, FILE)
    path = f"/exports/{export.pk}/file"
    whole = client.get(path)
    assert content_of(whole) == FILE
    assert whole["Content-Type"] == "application/zip"
    assert whole["Content-Disposition"].startswith('attachment; filename="studio-')
    assert whole["Cache-Control"] == "private, no-store"
    for asked, part in {
        "bytes=0-9": FILE[:10],
        "bytes=2000-": FILE[2000:],
        "bytes=-5": FILE[-5:],
        "bytes=2040-99999": FILE[2040:],
    }.items():
        answer = client.get(path, headers={"Range": asked})
        assert answer.status_code == 206, asked
        assert content_of(answer) == part, asked
        assert int(answer["Content-Length"]) == len(part)
        assert answer["Content-Range"].endswith("/2048")
    assert client.get(path, headers={"Range": "bytes=2048-"}).status_code == 416
    for odd in ("bytes=5-2,7-8", "bytes=-", "chars=1-2", f"bytes={'9' * 40}-"):
        assert content_of(client.get(path, headers={"Range": odd})) == FILE, odd
    other = {"Range": "bytes=0-9", "If-Range": '"another file"'}
    assert content_of(client.get(path, headers=other)) == FILE
    same = {"Range": "bytes=0-9", "If-Range": whole["ETag"]}
    assert content_of(client.get(path, headers=same)) == FILE[:10]


def test_deletes_with_an_undo_and_lists_what_there_is(client: Client, person: Person) -> None:
    export = make_export(person, left_out=2)
    make_export(make_person(), pictures=77)
    page = client.get("/exports/").content.decode()
    assert "2 pictures could not go along" in page
    assert "77 pictures" not in page

    told = client.post(f"/exports/{export.pk}/delete/", follow=True).content.decode()
    assert f"/exports/{export.pk}/restore/" in told
    assert client.get(f"/exports/{export.pk}/file").status_code == 404
    client.post(f"/exports/{export.pk}/restore/")
    assert client.get(f"/exports/{export.pk}/file").status_code == 200

    client.post("/exports/new/", {"ids": pictures_of(person, 1), "step": "start"})
    running = Export.objects.get(file="")
    assert client.get(f"/exports/{running.pk}/file").status_code == 404
    client.post(f"/exports/{running.pk}/delete/")
    running.refresh_from_db()
    assert running.job is not None
    assert running.job.state == JobState.CANCELLED


def test_asks_few_questions_of_the_database(
    client: Client, person: Person, django_assert_max_num_queries: object
) -> None:
    make_export(person)
    pictures_of(person)
    with django_assert_max_num_queries(8):  # type: ignore[operator]
        client.get("/exports/")
    with django_assert_max_num_queries(10):  # type: ignore[operator]
        client.get("/exports/new/", {"gallery": "/gallery/", "all": "1"})
