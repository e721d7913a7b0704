"""Pictures for programs: found as in the galleries, told to who may see them, marked by owners."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from omixa_studio import storage
from omixa_studio.models import Act, Collection, Person, Picture
from omixa_studio.queries import prompt_hits
from omixa_studio.services import inputs
from omixa_studio.services.tagging import tag_pictures
from tests.factories import (
    make_blind_test,
    make_collection,
    make_generation,
    make_many,
    make_person,
    make_picture,
    make_project,
)
from tests.views.programs import Program, code_of, program_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("models_toml")]


@pytest.fixture
def person() -> Person:
    return make_person("ada")


@pytest.fixture
def program(person: Person) -> Program:
    return program_of(person)


def made(person: Person, prompt: str = "A cat", **fields: Any) -> Picture:
    return make_picture(make_generation(person, prompt=prompt), **fields)


def ids(program: Program, path: str) -> list[int]:
    return [one["id"] for one in program.told(path)["pictures"]]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", "tall wide"),
        ("q=harbour", "wide"),
        ("q=harbour+-fog", ""),
        ("shape=portrait", "tall"),
        ("star=1", "tall"),
        ("tag=Linen", "wide"),
        ("cost_min=0.05", "tall"),
        ("since=2000-01-01&until=2000-01-02", ""),
        ("shared=yes", "wide"),
        ("in=team", "theirs wide"),
        ("in=team&person={other}", "theirs"),
        ("in=trash", "gone"),
        ("collection={mood}", "wide"),
    ],
)
def test_it_finds_what_the_gallery_finds(
    program: Program, person: Person, query: str, found: str
) -> None:
    other = make_person()
    all_of_them = {
        "wide": made(person, "A harbour in the fog", shared=True, size=(90, 60)),
        "theirs": made(other, "A harbour", shared=True, size=(90, 60)),
        "secret": made(other, "A harbour"),
        "gone": made(person, "A harbour", trashed_at="2026-11-20T00:00Z"),
        "tall": made(person, "A pier", size=(60, 90), winner=True, cost_micros=60_000),
    }
    tag_pictures(person, [all_of_them["wide"].pk], "linen")
    mood = make_collection(person, all_of_them["wide"], all_of_them["theirs"])
    asked = query.format(other=other.pk, mood=mood.pk)
    assert ids(program, f"pictures?{asked}") == [
        all_of_them[name].pk for name in sorted(found.split(), key=lambda n: -all_of_them[n].pk)
    ]


@pytest.mark.parametrize(
    ("query", "param"),
    [
        ("in=all", "in"),
        ("shape=round", "shape"),
        ("person=1", "person"),
        ("in=team&shared=yes", "shared"),
        ("since=yesterday", "since"),
        ("flavour=salt", "flavour"),
        ("limit=51", "limit"),
        ("before=x", "before"),
        ("q=%00", "q"),
    ],
)
def test_a_filter_that_cannot_be_honoured_is_named(
    program: Program, query: str, param: str
) -> None:
    status, _code, named = code_of(program.ask(f"pictures?{query}"))
    assert (status, named) == (400, param)


def test_pages_have_each_picture_once_in_one_order(program: Program, person: Person) -> None:
    expected = make_many(person, 7)[::-1]
    for query in ("", "&q=cat"):
        found, before = [], ""
        while True:
            page = program.told(f"pictures?limit=2{query}{before}")
            found += [one["id"] for one in page["pictures"]]
            if page["before"] is None:
                break
            before = f"&before={page['before']}"
        assert found == expected


def test_it_counts_only_when_asked_and_no_further_than_the_gallery(
    program: Program, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("omixa_studio.queries.api_pictures.MOST_COUNTED", 4)
    make_many(person, 6)
    assert program.told("pictures")["count"] is None
    assert program.told("pictures?count=1&limit=1")["count"] == {"pictures": 6, "is_least": False}
    with CaptureQueriesContext(connection) as asked:
        filtered = program.told("pictures?count=1&limit=1&shape=landscape")
    assert any("COUNT" in one["sql"] and "LIMIT 5" in one["sql"] for one in asked)
    assert filtered["count"] == {"pictures": 4, "is_least": True}


def test_statements_do_not_grow_with_the_library(
    program: Program, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    # PostgreSQL asks for the highest id once in so many seconds, whoever comes then.
    monkeypatch.setattr(prompt_hits, "SECONDS_TO_REMEMBER", 86_400)
    first = made(person, "A cat", shared=True)
    mood = make_collection(person, first)
    program.told("me")

    def statements(path: str) -> int:
        program.told(path)
        with CaptureQueriesContext(connection) as asked:
            program.told(path)
        return len(asked)

    paths = ["pictures", "pictures?q=cat&count=1", "pictures?in=team", "collections"]
    paths += [f"collections/{mood.pk}/pictures", f"pictures/{first.pk}"]
    few = [statements(path) for path in paths]
    make_many(person, 40, shared=True)
    for _number in range(20):
        make_collection(person)
    assert [statements(path) for path in paths] == few
    assert max(few) <= 25


def test_a_picture_tells_what_it_was_made_from_and_no_secrets(
    program: Program, person: Person
) -> None:
    other = make_person()
    secret = made(other, "Secret", shared=True, size=(70, 70))
    root = made(person, "Root", size=(70, 70))
    row = make_generation(person, prompt="Both")
    for position, source in enumerate((root, secret)):
        image = inputs.keep_picture(person, source)
        row.sent_inputs.create(image=image, position=position)
    picture = make_picture(row, shared=True, note="Mine alone")
    Picture.objects.filter(pk=secret.pk).update(shared=False)
    told = program.told(f"pictures/{picture.pk}")
    assert [(one["kind"], one["picture"]) for one in told["made_from"]] == [
        ("picture", root.pk),
        ("private", None),
    ]
    assert (told["cost"], told["prompt"], told["note"]) == ("0.040000", "Both", "Mine alone")
    assert told["whole_cost"]["billed"] == "0.120000"
    assert program.told(f"pictures/{root.pk}")["used_in"] == [picture.pk]
    theirs = program_of(other).told(f"pictures/{picture.pk}")
    assert (theirs["note"], theirs["rejected"], theirs["whole_cost"]) == (None, None, None)
    assert [one["kind"] for one in theirs["made_from"]] == ["private", "picture"]


def test_an_unknown_cost_is_null(program: Program, person: Person) -> None:
    picture = made(person, cost_micros=None)
    assert program.told(f"pictures/{picture.pk}")["cost"] is None


def test_it_marks_a_picture_and_takes_it_back(program: Program, person: Person) -> None:
    path = f"pictures/{made(person).pk}"
    told = program.change(path, starred=True, shared=True, tag=["Linen", "Sea"], note="So").json()
    assert (told["starred"], told["shared"], told["note"]) == (True, True, "So")
    assert told["tags"] == ["Linen", "Sea"]
    told = program.change(path, rejected=True, shared=False, untag=["linen"]).json()
    assert (told["starred"], told["rejected"], told["shared"]) == (False, True, False)
    assert told["tags"] == ["Sea"]
    assert program.change(path, trashed=True).json()["trashed_at"]
    assert code_of(program.change(path, starred=True)) == (409, "in_trash", "trashed")
    assert program.change(path, trashed=True).status_code == 200
    assert program.change(path, trashed=False, starred=True).json()["trashed_at"] is None


def test_a_change_is_whole_or_nothing(program: Program, person: Person) -> None:
    test = make_blind_test(person)
    picture = Picture.objects.filter(person=person).first()
    assert test
    assert picture
    answer = program.change(f"pictures/{picture.pk}", starred=True, tag=["Sea"], shared=True)
    assert code_of(answer) == (409, "judged_blind", "shared")
    picture.refresh_from_db()
    assert (picture.winner, picture.tagged.count()) == (False, 0)


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"starred": "yes"}, "starred"),
        ({"starred": True, "rejected": True}, "rejected"),
        ({"tag": "Sea"}, "tag"),
        ({"tag": [""]}, "tag"),
        ({"note": 7}, "note"),
        ({"deleted": True}, "deleted"),
    ],
)
def test_an_odd_change_changes_nothing(
    program: Program, person: Person, fields: dict[str, object], param: str
) -> None:
    picture = made(person)
    status, _code, named = code_of(program.change(f"pictures/{picture.pk}", **fields))
    assert (status, named) == (400, param)


def test_a_picture_of_others_is_never_changed(program: Program) -> None:
    for shared in (False, True):
        picture = made(make_person(), shared=shared)
        assert program.change(f"pictures/{picture.pk}", starred=True).status_code == 404


def test_a_file_comes_whole_or_in_part(program: Program, person: Person) -> None:
    picture = made(person)
    data, path = storage.get(picture.name), f"pictures/{picture.pk}/file"
    whole = program.ask(path)
    assert b"".join(whole.streaming_content) == data  # type: ignore[attr-defined]
    assert (whole["Content-Type"], whole["ETag"]) == ("image/png", f'"{picture.sha256}"')
    part = program.ask(path, Range="bytes=8-15")
    assert (part.status_code, b"".join(part.streaming_content)) == (206, data[8:16])  # type: ignore[attr-defined]
    assert part["Content-Range"] == f"bytes 8-15/{len(data)}"
    beyond = program.ask(path, Range=f"bytes={len(data)}-")
    assert (beyond.status_code, beyond.json()["error"]["type"]) == (416, "invalid_request_error")
    assert program.ask(path, **{"If-None-Match": f'"{picture.sha256}"'}).status_code == 304
    picture.refresh_from_db()
    assert picture.downloaded
    assert program.ask(f"pictures/{picture.pk}/thumb")["Content-Type"] == "image/jpeg"


def test_a_missing_file_is_told_in_json(program: Program, person: Person) -> None:
    picture = made(person)
    storage.remove(picture.name)
    answer = program.ask(f"pictures/{picture.pk}/file")
    assert (answer.status_code, answer["Content-Type"]) == (404, "application/json")


def test_several_are_changed_together_or_none(program: Program, person: Person) -> None:
    pks = make_many(person, 3)
    told = program.change("pictures", ids=pks[::-1], starred=True, shared=True, tag=["Sea"]).json()
    assert [(one["id"], one["starred"], one["shared"]) for one in told["pictures"]] == [
        (pk, True, True) for pk in pks[::-1]
    ]
    assert ids(program, "pictures?tag=sea&star=1") == pks[::-1]
    assert program.change("pictures", ids=pks[:1], trashed=True).status_code == 200
    for asked, code in (({"rejected": True}, "in_trash"), ({"trashed": False}, None)):
        answer = program.change("pictures", ids=pks, **asked)
        if code:
            assert code_of(answer) == (409, code, "trashed")
            assert answer.json()["error"]["pictures"] == pks[:1]
            assert not Picture.objects.filter(verdict="rejected").exists()
    assert not Picture.objects.filter(trashed_at__isnull=False).exists()


def test_one_that_is_judged_blind_keeps_all_private(program: Program, person: Person) -> None:
    make_blind_test(person)
    judged = Picture.objects.filter(person=person).values_list("pk", flat=True)[0]
    other = made(person)
    answer = program.change("pictures", ids=[other.pk, judged], shared=True, starred=True)
    assert code_of(answer) == (409, "judged_blind", "shared")
    assert answer.json()["error"]["pictures"] == [judged]
    other.refresh_from_db()
    assert (other.shared, other.winner) == (False, False)


def test_several_are_all_of_ones_own(program: Program, person: Person) -> None:
    mine, theirs = made(person), made(make_person(), shared=True)
    answer = program.change("pictures", ids=[mine.pk, theirs.pk, 10**9], starred=True)
    assert code_of(answer) == (400, "picture_not_found", "ids")
    assert answer.json()["error"]["pictures"] == [theirs.pk, 10**9]
    mine.refresh_from_db()
    assert not mine.winner


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"starred": True}, "ids"),
        ({"ids": []}, "ids"),
        ({"ids": list(range(1, 502))}, "ids"),
        ({"ids": [1], "note": "Same"}, "note"),
    ],
)
def test_an_odd_change_of_several_is_named(
    program: Program, fields: dict[str, object], param: str
) -> None:
    status, _code, named = code_of(program.change("pictures", **fields))
    assert (status, named) == (400, param)


def test_five_hundred_take_as_many_statements_as_two(program: Program, person: Person) -> None:
    def statements(pks: list[int]) -> int:
        with CaptureQueriesContext(connection) as asked:
            answer = program.change("pictures", ids=pks, rejected=True, shared=True, tag=["Sea"])
        assert answer.status_code == 200
        return len(asked)

    program.change(f"pictures/{made(person).pk}", tag=["Sea"])
    assert statements(make_many(person, 2)) == statements(make_many(person, 60))


def test_lists_name_the_project_to_who_may_know_it(program: Program, person: Person) -> None:
    open_one, closed_one = make_project(person), make_project()
    other = make_person()
    for maker, project in ((other, open_one), (other, closed_one), (person, closed_one)):
        make_picture(make_generation(maker, project=project), shared=maker == other)
    told = [one["project"] for one in program.told("pictures?in=team")["pictures"]]
    assert told == [None, open_one.pk]
    assert program.told("pictures")["pictures"][0]["project"] == closed_one.pk


def test_a_collection_is_made_renamed_shared_and_deleted(program: Program, person: Person) -> None:
    made_one = program.ask("collections", {"name": "  The  sea ", "access": "team_read"})
    assert made_one.status_code == 201
    told = made_one.json()
    assert (told["name"], told["access"], told["is_live"]) == ("The sea", "team_read", False)
    path = f"collections/{told['id']}"
    told = program.change(path, name="Lake", order="time").json()
    assert (told["name"], told["access"], told["order"]) == ("Lake", "team_read", "time")
    assert program.change(path, access="private").json()["access"] == "private"
    assert program.told(path)["name"] == "Lake"
    for _again in range(2):
        assert program.ask(path, method="DELETE").json()["deleted_at"]
    assert program.ask(path).status_code == 404
    assert program.change(path, name="Pond").status_code == 404
    for _again in range(2):
        assert program.ask(f"{path}/restore", {}).json()["deleted_at"] is None


def test_a_live_collection_finds_what_its_query_says(program: Program, person: Person) -> None:
    cat = made(person, "A cat")
    made(person, "A dog")
    told = program.ask("collections", {"name": "Cats", "query": "q=cat&star="}).json()
    assert (told["is_live"], told["query"], told["order"]) == (True, "q=cat", "time")
    assert ids(program, f"collections/{told['id']}/pictures") == [cat.pk]
    assert Collection.objects.get().cover_id == cat.pk
    told = program.ask("collections", {"name": "Ours", "query": "in=team&q=cat"}).json()
    assert ids(program, f"collections/{told['id']}/pictures") == []


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({}, "name"),
        ({"name": " "}, "name"),
        ({"name": "x" * 81}, "name"),
        ({"name": 7}, "name"),
        ({"name": "Sea", "access": "everybody"}, "access"),
        ({"name": "Sea", "order": ["time"]}, "order"),
        ({"name": "Sea", "note": "x" * 2001}, "note"),
        ({"name": "Sea", "colour": "blue"}, "colour"),
        ({"name": "Sea", "query": ""}, "query"),
        ({"name": "Sea", "query": "star=0"}, "star"),
        ({"name": "Sea", "query": "flavour=salt"}, "query"),
        ({"name": "Sea", "query": "in=trash&q=x"}, "query"),
        ({"name": "Sea", "query": "q=x", "order": "time"}, "order"),
    ],
)
def test_an_odd_collection_is_not_made(
    program: Program, fields: dict[str, object], param: str
) -> None:
    status, _code, named = code_of(program.ask("collections", fields))
    assert (status, named) == (400, param)
    assert not Collection.objects.exists()


def test_collections_are_limited_as_on_the_page(
    program: Program, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("omixa_studio.services.collecting.MOST_COLLECTIONS", 1)
    first = program.ask("collections", {"name": "One"}).json()
    assert program.ask("collections", {"name": "Two"}).status_code == 409
    program.ask(f"collections/{first['id']}", method="DELETE")
    assert program.ask("collections", {"name": "Two"}).status_code == 201
    again = program.ask(f"collections/{first['id']}/restore", {})
    assert code_of(again) == (409, "too_many_collections", None)


def test_admins_change_what_others_share_only_with_their_scope() -> None:
    path = f"collections/{make_collection(make_person(), access='team_read').pk}"
    admin = make_person(role="admin")
    assert program_of(admin).change(path, name="Mine now").status_code == 404
    assert program_of(admin).ask(path, method="DELETE").status_code == 404
    told = program_of(admin, ["make", "read", "admin"]).change(path, name="Tidied").json()
    assert (told["name"], told["mine"]) == ("Tidied", False)
    assert Act.objects.filter(kind="collection_changed", thing="Tidied").exists()
    hidden = f"collections/{make_collection(make_person()).pk}"
    assert program_of(admin, ["make", "read", "admin"]).change(hidden).status_code == 404


def test_a_collection_is_filled_and_emptied(program: Program, person: Person) -> None:
    first, second, third = made(person), made(person), made(person)
    path = f"collections/{make_collection(person, first).pk}/pictures"
    told = program.ask(path, {"add": [third.pk, second.pk, third.pk, first.pk]}).json()
    assert (told["added"], told["removed"]) == ([third.pk, second.pk], [])
    assert ids(program, path) == [first.pk, third.pk, second.pk]
    assert ids(program, f"{path}?limit=1&before={first.pk}") == [third.pk]
    assert program.ask(path, {"remove": [first.pk]}).json()["removed"] == [first.pk]
    secret = made(make_person())
    assert code_of(program.ask(path, {"add": [secret.pk]})) == (400, "picture_not_found", "add")
    assert ids(program, path) == [third.pk, second.pk]


def test_a_place_that_is_gone_is_no_end(program: Program, person: Person) -> None:
    first, second, third = made(person), made(person), made(person)
    path = f"collections/{make_collection(person, first, second, third).pk}/pictures"
    program.ask(path, {"remove": [first.pk]})
    gone = program.ask(f"{path}?before={first.pk}")
    assert code_of(gone) == (409, "place_gone", "before")
    for one in (second, third):
        program.change(f"pictures/{one.pk}", trashed=True)
    assert ids(program, f"pictures?in=trash&before={third.pk}") == [second.pk]
    program.change(f"pictures/{third.pk}", trashed=False)
    assert program.ask(f"pictures?in=trash&before={third.pk}").status_code == 409


def test_private_pictures_join_a_shared_collection_only_with_a_word(
    program: Program, person: Person
) -> None:
    mood = make_collection(person, access="team_read")
    picture, path = made(person), f"collections/{mood.pk}/pictures"
    assert code_of(program.ask(path, {"add": [picture.pk]})) == (400, "share_unsaid", "share")
    assert program.ask(path, {"add": [picture.pk], "share": True}).status_code == 200
    picture.refresh_from_db()
    assert picture.shared


def test_collections_are_those_one_may_open(program: Program, person: Person) -> None:
    mine, other = make_collection(person, name="Sea"), make_person()
    team = make_collection(other, access="team_write")
    make_collection(other)
    told = program.told("collections")["collections"]
    assert [(one["id"], one["may_fill"]) for one in told] == [(mine.pk, True)]
    told = program.told("collections?in=team")["collections"]
    assert [(one["id"], one["mine"], one["may_fill"]) for one in told] == [(team.pk, False, True)]
    assert program.told("collections?q=land")["collections"] == []
    live = Collection.objects.create(owner=person, name="Live", query="q=cat")
    cat = made(person, "A cat")
    assert ids(program, f"collections/{live.pk}/pictures") == [cat.pk]
    assert program.ask(f"collections/{live.pk}/pictures", {"add": [cat.pk]}).status_code == 404


def test_a_token_that_only_makes_reads_nothing_by_a_change(person: Person) -> None:
    picture, waiting = made(person), make_generation(person, state="queued")
    program = program_of(person, ["make"])
    marked = program.change(f"pictures/{picture.pk}")
    cancelled = program.ask(f"generations/{waiting.pk}/cancel", {})
    assert code_of(marked) == code_of(cancelled) == (403, "insufficient_scope", None)
    waiting.refresh_from_db()
    assert waiting.state == "queued"


@pytest.mark.parametrize(("text", "status"), [("\ud800", 400), ("\x00", 200)])
def test_texts_that_nothing_stores_break_nothing(
    program: Program, person: Person, text: str, status: int
) -> None:
    picture = made(person)
    for fields in ({"note": text}, {"tag": [text]}, {"untag": [text]}):
        assert program.change(f"pictures/{picture.pk}", **fields).status_code == status
