"""The page on which a person is removed: said before, said after, stopped until then."""

import pytest
from django.test import Client

from omixa_studio.models import Act, ActKind, Export, Leaving, Person
from tests.factories import make_generation, make_person, make_picture

pytestmark = pytest.mark.django_db


def test_it_says_what_happens_before_and_after(client: Client, admin: Person) -> None:
    jon = make_person("jon", first_name="Jon")
    make_picture(make_generation(jon))
    make_picture(make_generation(jon), shared=True)
    path = f"/people/{jon.pk}/leaving/"
    before = client.get(path).content.decode()
    assert "the trash among them: 1" in before
    assert "Pictures shared with the team: 1" in before
    done = client.post(f"{path}remove/", {"fate": "erase", "heir": "", "days": "30"}, follow=True)
    assert "Private pictures are erased on" in done.content.decode()
    assert "still there" not in Client().get("/inactive/").content.decode()
    stayed = client.post(f"{path}stay/", follow=True).content.decode()
    assert "Nothing is handed over or erased." in stayed
    assert not Leaving.objects.exists()


def test_deciding_otherwise_begins_with_what_was_decided(client: Client, admin: Person) -> None:
    jon, heir = make_person("jon"), make_person("rosa")
    path = f"/people/{jon.pk}/leaving/"
    client.post(f"{path}remove/", {"fate": "hand_over", "heir": "rosa", "days": "7"})
    assert Leaving.objects.get().heir == heir
    form = client.get(path).context["form"]
    assert [form[name].value() for name in ("fate", "heir", "days")] == ["hand_over", "rosa", 7]


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"fate": "hand_over", "heir": "nobody", "days": "30"}, "There is no such account."),
        ({"fate": "hand_over", "heir": "jon", "days": "30"}, "somebody else who can log in"),
        ({"fate": "erase", "days": "0"}, "greater than or equal to 1"),
    ],
)
def test_it_refuses_odd_plans(
    client: Client, admin: Person, form: dict[str, str], words: str
) -> None:
    jon = make_person("jon")
    answer = client.post(f"/people/{jon.pk}/leaving/remove/", form)
    assert (answer.status_code, words in answer.content.decode()) == (422, True)
    jon.refresh_from_db()
    assert jon.is_active


def test_it_does_not_offer_to_remove_oneself(client: Client, admin: Person) -> None:
    assert "/remove/" not in client.get(f"/people/{admin.pk}/leaving/").content.decode()
    form = {"fate": "erase", "days": "30"}
    answer = client.post(f"/people/{admin.pk}/leaving/remove/", form)
    assert "You cannot remove your own account." in answer.content.decode()


def test_everybody_takes_away_their_own_and_admins_that_of_a_closed_account(
    client: Client, admin: Person
) -> None:
    jon = make_person("jon", first_name="Jon")
    make_picture(make_generation(jon))
    path = f"/people/{jon.pk}/leaving/everything/"
    assert "make this archive themselves" in client.post(path, follow=True).content.decode()
    assert not Export.objects.exists()

    own = Client()
    own.force_login(jon)
    assert "Take away everything" in own.get("/account/").content.decode()
    sent = own.post("/account/everything/", follow=True)
    assert "Everything of mine" in sent.content.decode()

    client.post(f"/people/{jon.pk}/deactivate/")
    client.post(path)
    exported = Export.objects.get(person=admin)
    assert (exported.whose, exported.pictures) == (jon, 1)
    assert "Everything of" in client.get("/exports/").content.decode()
    assert Act.objects.filter(kind=ActKind.TAKEN_AWAY, whom_id=jon.pk).count() == 2
