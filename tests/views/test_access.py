"""Who may pass which door: strangers, members, managers, admins."""

import pytest
from django.test import Client

from omixa_studio.services import pauses
from tests.factories import make_person

pytestmark = pytest.mark.django_db

ROLES = ("member", "manager", "admin")
# Path, method, and from which role on it opens.
DOORS = [
    ("/account/", "get", "member"),
    ("/account/password/", "post", "member"),
    ("/account/language/", "post", "member"),
    ("/account/theme/", "post", "member"),
    ("/costs/", "get", "manager"),
    ("/costs/export.csv", "get", "manager"),
    ("/models/", "get", "admin"),
    ("/people/", "get", "admin"),
    ("/people/add/", "post", "admin"),
    ("/people/limit/", "post", "admin"),
    ("/people/{other}/role/", "post", "admin"),
    ("/people/{other}/limit/", "post", "admin"),
    ("/people/{other}/password/", "post", "admin"),
    ("/people/{other}/deactivate/", "post", "admin"),
    ("/people/{other}/reactivate/", "post", "admin"),
    ("/pause/resume", "post", "admin"),
]


@pytest.mark.parametrize("role", ["stranger", *ROLES])
@pytest.mark.parametrize(("path", "method", "opens_for"), DOORS)
def test_it_opens_for_the_right_roles(
    client: Client, path: str, method: str, opens_for: str, role: str
) -> None:
    path = path.format(other=make_person().pk)
    if role != "stranger":
        client.force_login(make_person(role=role))
    response = getattr(client, method)(path)
    if role == "stranger":
        assert (response.status_code, response["location"]) == (302, f"/login/?next={path}")
    elif ROLES.index(role) < ROLES.index(opens_for):
        assert response.status_code == 403
        assert "This page is not for your role" in response.content.decode()
    else:
        assert response.status_code in (200, 302, 303, 422)


@pytest.mark.parametrize("path", [path for path, method, _ in DOORS if method == "post"])
def test_it_refuses_a_post_without_its_token(path: str) -> None:
    strict = Client(enforce_csrf_checks=True)
    admin = make_person(role="admin")
    strict.force_login(admin)
    response = strict.post(path.format(other=admin.pk))
    assert response.status_code == 403
    assert "This form is too old" in response.content.decode()


def test_it_resumes_a_paused_queue(client: Client) -> None:
    client.force_login(make_person(role="admin"))
    pauses.pause("sandbox", "key", sentence="The gateway refuses the key.")
    html = client.get("/account/").content.decode()
    assert "The gateway refuses the key." in html
    assert "OMIXA_API_KEY" in html
    assert 'action="/pause/resume"' in html
    assert client.post("/pause/resume").status_code == 303
    assert client.post("/pause/resume").status_code == 303
    assert "The gateway refuses the key." not in client.get("/account/").content.decode()


def test_it_leaves_the_pauses_of_another_target_alone(client: Client) -> None:
    client.force_login(make_person(role="admin"))
    pauses.pause("www.omixa.cloud", "key", sentence="Refused.")
    client.post("/pause/resume")
    assert pauses.resume("www.omixa.cloud") == 1


def test_it_shows_a_pause_to_members_without_the_button(client: Client) -> None:
    client.force_login(make_person())
    pauses.pause("sandbox", "balance", sentence="The wallet is empty.")
    html = client.get("/account/").content.decode()
    assert "The wallet is empty." in html
    assert "/pause/resume" not in html
