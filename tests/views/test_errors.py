"""Pages for what cannot be answered, in the studio's own look."""

import pytest
from django.test import Client, RequestFactory
from django.views.defaults import server_error

from tests.factories import PASSWORD, make_person

pytestmark = pytest.mark.django_db


def test_it_says_what_to_set_when_the_address_is_unknown() -> None:
    response = Client(headers={"host": "elsewhere.example"}).get("/")
    assert response.status_code == 400
    html = response.content.decode()
    assert "STUDIO_URL=" in html
    assert "Traceback" not in html


def test_it_has_a_page_for_what_is_not_there(client: Client) -> None:
    client.force_login(make_person())
    response = client.get("/no/such/page")
    assert response.status_code == 404
    assert "Page not found" in response.content.decode()


def test_it_has_a_page_for_its_own_mistakes() -> None:
    response = server_error(RequestFactory().get("/"))
    assert response.status_code == 500
    assert "Something went wrong in the studio" in response.content.decode()


def test_it_names_the_role_that_may_not(client: Client) -> None:
    client.force_login(make_person())
    assert "Your role: Member." in client.get("/people/").content.decode()


@pytest.mark.parametrize(
    ("path", "place"),
    [("/generations/", "/"), ("/people/limit/", "/people/"), ("/models/apply/", "/models/")],
)
def test_a_form_that_met_the_login_leads_back_to_where_it_stands(
    client: Client, path: str, place: str
) -> None:
    make_person("mara", role="admin")
    to_login = client.post(path)["Location"]
    landed = client.post(to_login, {"login": "mara", "password": PASSWORD, "next": path})
    page = client.get(landed["Location"])
    assert (page.status_code, page["Allow"]) == (405, "POST")
    assert "Nothing was changed and nothing was bought" in page.content.decode()
    assert f'<a class="button" href="{place}">' in page.content.decode()
