"""Collections: made, filled, arranged, shared, deleted; what each viewer sees of them."""

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from omixa_studio.models import Collection, Person, Picture
from tests.factories import make_collection, make_generation, make_person, make_picture

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("models_toml")]
SCRIPT = {"HX-Request": "true"}


def some(person: Person, count: int = 1, **fields: Any) -> list[Picture]:
    return [make_picture(make_generation(person), **fields) for _ in range(count)]


def of(name: str, collection: Collection) -> str:
    return reverse(f"collection_{name}" if name else "collection", args=[collection.pk])


def shown(client: Client, path: str) -> list[int]:
    html = client.get(path).content.decode()
    return [int(pk) for pk in re.findall(r'data-picture="(\d+)"', html)]


def undo_in(html: str) -> str:
    found = re.search(
        r'action="([^"]*)" method="post">\s*<input[^>]*>\s*<input[^>]*>\s*<button>Undo', html
    )
    assert found, html
    return found[1].replace("&amp;", "&")


def test_one_is_made_filled_emptied_and_undone(client: Client, person: Person) -> None:
    a, b = some(person, 2)
    answer = client.post(reverse("collection_new"), {"name": "  Sea \x00 ", "access": "everyone"})
    made = Collection.objects.get()
    assert answer["Location"] == of("", made)
    assert (made.name, made.access) == ("Sea", "private")
    added = client.post(
        reverse("collection_add"), {"ids": [b.pk, a.pk], "collection": made.pk}, headers=SCRIPT
    )
    assert shown(client, of("", made)) == [b.pk, a.pk]
    removed = client.post(of("remove", made), {"ids": [b.pk]}, headers=SCRIPT)
    assert shown(client, of("", made)) == [a.pk]
    client.post(undo_in(removed.content.decode()))
    assert shown(client, of("", made)) == [b.pk, a.pk]
    client.post(undo_in(added.content.decode()))
    assert shown(client, of("", made)) == []
    client.post(of("delete", made))
    assert client.get(of("", made)).status_code == 404
    client.post(of("restore", made))
    assert "Sea" in client.get(reverse("collections")).content.decode()


def test_a_private_picture_goes_into_a_shared_one_knowingly(client: Client, person: Person) -> None:
    (own,) = some(person)
    team = make_collection(person, access="team_read", name="Ours")
    asked = client.post(reverse("picture_collect", args=[own.pk]), {"collection": team.pk})
    assert asked.status_code == 422
    assert "1 of these pictures is private" in asked.content.decode()
    form = {"ids": own.pk, "collection": team.pk}
    client.post(reverse("collection_add"), form | {"share": "no"})
    other = Client()
    other.force_login(make_person())
    assert (shown(client, of("", team)), shown(other, of("", team))) == ([own.pk], [])
    assert "only you see it here" in client.get(of("", team)).content.decode()
    client.post(of("share", team))
    assert shown(other, of("", team)) == [own.pk]
    client.post(reverse("picture_private", args=[own.pk]))
    assert shown(other, of("", team)) == []
    client.post(reverse("collection_add"), form | {"share": "yes"})
    assert shown(other, of("", team)) == [own.pk]


def test_a_new_one_can_be_made_while_adding(client: Client, person: Person) -> None:
    (own,) = some(person)
    dialog = client.get(reverse("picture_collect", args=[own.pk]), headers=SCRIPT).content.decode()
    assert 'name="name"' in dialog
    client.post(reverse("collection_add"), {"ids": own.pk, "name": "Ahoy"})
    assert shown(client, of("", Collection.objects.get(name="Ahoy"))) == [own.pk]
    assert "in it" in client.get(reverse("picture_collect", args=[own.pk])).content.decode()


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("add", {"ids": ["1", "x"]}),
        ("add", {"ids": ",".join(str(n) for n in range(1, 1003))}),
        ("remove", {"ids": [str(2**63)]}),
        ("put", {"ids": ["1"], "at": ["9" * 30]}),
        ("put", {"ids": ["1", "2"], "at": ["5"]}),
        ("put", {"ids": ["1"], "at": ["\x00"]}),
        ("move", {"ids": ["1"], "before": "-1"}),
    ],
)
def test_odd_requests_are_refused(
    client: Client, person: Person, name: str, form: dict[str, Any]
) -> None:
    made = make_collection(person, *some(person))
    path = reverse("collection_add") if name == "add" else of(name, made)
    assert client.post(path, form).status_code == 400
    assert made.items.count() == 1


def test_a_team_collection_is_arranged_by_the_team_and_no_private_one(
    client: Client, person: Person
) -> None:
    owner = make_person()
    a, b, c = some(owner, 3, shared=True)
    open_one = make_collection(owner, a, b, c, access="team_write")
    html = client.get(of("arrange", open_one)).content.decode()
    assert re.findall(r'<li data-id="(\d+)"', html) == [str(one.pk) for one in (a, b, c)]
    client.post(of("move", open_one), {"ids": c.pk, "before": a.pk})
    assert shown(client, of("", open_one)) == [c.pk, a.pk, b.pk]
    assert client.post(of("change", open_one), {"name": "Mine now"}).status_code == 404
    read_only = make_collection(owner, a, access="team_read")
    for name in ("move", "remove", "put"):
        assert client.post(of(name, read_only), {"ids": a.pk}).status_code == 404
    gone = client.post(of("move", open_one), {"ids": b.pk, "before": 2**50}, headers=SCRIPT)
    assert gone.status_code == 422


def test_changing_it_keeps_what_was_typed_and_says_what_is_wrong(
    client: Client, person: Person
) -> None:
    made = make_collection(person, name="Old")
    Collection.objects.update(note="Long " * 400)
    form = {"name": "Neu", "note": "Für\r\nalle", "access": "team_read", "order": "time"}
    undo = undo_in(client.post(of("change", made), form, follow=True).content.decode())
    client.post(undo)
    made.refresh_from_db()
    assert (made.name, made.note, made.access, made.order) == (
        *("Old", ("Long " * 400).strip()),
        *("private", "manual"),
    )
    client.post(of("change", made), form)
    made.refresh_from_db()
    assert (made.name, made.note, made.access, made.order) == (
        *("Neu", "Für\nalle"),
        *("team_read", "time"),
    )
    for wrong in ({"name": " "}, {"name": "x", "note": "y" * 2001}):
        client.post(of("change", made), wrong)
        made.refresh_from_db()
        assert made.name == "Neu"


def test_pages_lead_through_it_and_the_picture_knows_its_neighbours(
    client: Client, person: Person, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    pictures = some(person, 53)
    made = make_collection(person, *pictures[::-1], name="Long <b>")
    first = shown(client, of("", made))
    assert first == [one.pk for one in pictures[:2:-1]]
    second = shown(client, f"{of('', made)}?before={first[-1]}")
    assert second == [one.pk for one in pictures[2::-1]]
    assert shown(client, f"{of('', made)}?after={second[0]}") == first
    with django_assert_max_num_queries(16):
        client.get(of("", made))
    page = client.get(
        f"{reverse('picture', args=[first[1]])}?in=collection&collection={made.pk}"
    ).content.decode()
    assert "Long &lt;b&gt;" in page
    for beside in (first[0], first[2]):
        assert f"{reverse('picture', args=[beside])}?in=collection&amp;collection={made.pk}" in page
    window = client.get(f"{of('window', made)}?key={first[1]}&skip=1&count=2").content.decode()
    assert re.findall(r'data-picture="(\d+)"', window) == [str(pk) for pk in first[2:4]]
    place = client.get(f"{of('place', made)}?picture={second[0]}").json()
    assert place["ordinal"] == len(first)


def test_a_live_one_shows_what_its_viewer_may_see(client: Client, person: Person) -> None:
    owner = make_person()
    sea = make_picture(make_generation(owner, prompt="The sea"), shared=True)
    hidden = make_picture(make_generation(owner, prompt="The sea at night"))
    mine = make_picture(make_generation(person, prompt="My sea"), shared=True)
    make_picture(make_generation(owner, prompt="A hill"), shared=True)
    live = make_collection(owner, access="team_read")
    Collection.objects.filter(pk=live.pk).update(query="q=sea", order="time")
    assert shown(client, of("", live)) == [sea.pk]
    owners = Client()
    owners.force_login(owner)
    assert shown(owners, of("", live)) == [hidden.pk, sea.pk]
    Collection.objects.filter(pk=live.pk).update(query="in=team&q=sea")
    assert shown(client, of("", live)) == [mine.pk, sea.pk]


def test_galleries_are_filtered_by_collections_that_one_may_open(
    client: Client, person: Person
) -> None:
    a, b, _c = some(person, 3, shared=True)
    both, mine = make_collection(person, a, b, name="Both"), make_collection(person, a, name="Mine")
    theirs = make_collection(make_person(), b, name="Theirs")
    for path in (reverse("gallery"), of("", both)):
        assert shown(client, f"{path}?collection={mine.pk}") == [a.pk]
    assert shown(client, f"{of('', both)}?collection={theirs.pk}") == []
    ignored = client.get(f"{reverse('gallery')}?collection={theirs.pk}").content.decode()
    assert "there is no such one" in ignored, "as for one that never was"
    Collection.objects.filter(pk=theirs.pk).update(access="team_read")
    assert shown(client, f"{of('', both)}?collection={theirs.pk}") == [b.pk]
    path = reverse("collection_choices")
    sent = {"q": "fox", "collection": str(mine.pk), "named": "", "in": "team"}
    offered = client.get(path, sent, headers=SCRIPT).content.decode()
    assert re.findall(r"<bdi>(\w+)</bdi>", offered) == ["Mine", "Both", "Theirs"]
    assert f'href="/team/?q=fox&amp;collection={mine.pk}"\n  aria-current' in offered
    found = client.get(path, {"named": "th \x00"}, headers=SCRIPT).content.decode()
    assert re.findall(r'href="([^"]*)"', found) == [
        f"/gallery/?collection={pk}" for pk in (both.pk, theirs.pk)
    ]
    assert client.get(path, {"named": "x"})["Location"] == "/collections/?q=x"


def test_the_list_finds_by_name_and_shows_a_cover(client: Client, person: Person) -> None:
    first, second = some(person, 2)
    made = make_collection(person, first, second, name="Ёлка")
    make_collection(make_person(), name="Their own")
    theirs = make_collection(make_person(), name="Theirs", access="team_read")
    html = client.get(reverse("collections")).content.decode()
    assert reverse("picture_thumb", args=[first.pk]) in html
    assert "Their own" not in html
    assert of("", theirs) in html
    client.post(of("cover", made), {"picture": second.pk})
    found = client.get(reverse("collections"), {"q": "елк", "whose": "mine"}).content.decode()
    assert reverse("picture_thumb", args=[second.pk]) in found
    assert of("", theirs) not in found
    assert "No collections found" in client.get("/collections/?q=%00zz").content.decode()


def test_many_of_a_gallery_are_added_and_undone_at_once(client: Client, person: Person) -> None:
    made_by = make_generation(person, prompt="A sea", count=260)
    first = make_picture(made_by)
    Picture.objects.bulk_create(
        Picture(**{**values, "index": n})
        for values in Picture.objects.filter(pk=first.pk).values(
            *("generation_id", "person_id", "model", "name", "thumb", "sha256", "format"),
            *("width", "height", "bytes", "created_at"),
        )
        for n in range(1, 260)
    )
    make_picture(make_generation(person, prompt="A hill"))
    made = make_collection(person)
    form = {"gallery": "/gallery/?q=sea", "all": "1", "without": str(first.pk)}
    asked = client.post(reverse("collection_add"), form, headers=SCRIPT).content.decode()
    assert 'name="gallery" value="/gallery/?q=sea"' in asked
    assert "+251" in asked
    added = client.post(
        reverse("collection_add"), form | {"collection": made.pk}, headers=SCRIPT
    ).content.decode()
    assert made.items.count() == 259
    path = undo_in(added)
    assert len(path) < 100, "an address has its limits"
    client.post(path)
    assert made.items.count() == 0


def test_a_saved_search_gets_the_newest_of_its_pictures_as_cover(
    client: Client, person: Person
) -> None:
    cover = make_picture(make_generation(person, prompt="The sea"))
    make_picture(make_generation(person, prompt="The sea"), thumb="")
    make_picture(make_generation(person, prompt="A wood"))
    client.post("/collections/new/", {"name": "Sea", "query": "q=sea"})
    assert Collection.objects.get().cover_id == cover.pk
    assert f"/pictures/{cover.pk}/thumb" in client.get("/collections/").content.decode()
