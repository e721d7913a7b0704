"""Parts that are rendered once show each person what is theirs."""

import pytest
from django.template import Context
from django.test import Client
from django.utils import translation
from django.utils.translation import gettext

from omixa_studio.templatetags.lasting import lasting
from tests.factories import PASSWORD, make_person

pytestmark = pytest.mark.django_db


def test_each_role_and_language_has_its_own() -> None:
    for _ in range(2):
        for language in ("en", "ru", "zh-hans"):
            with translation.override(language):
                for role in ("admin", "member"):
                    places = lasting(Context(), "palette/_places.html", role=role)
                    assert (f">{gettext('People')}<" in places) == (role == "admin")
                    assert f">{gettext('Gallery')}<" in places


def test_the_bar_marks_the_page_that_is_open(client: Client) -> None:
    admin = make_person(role="admin")
    client.login(username=admin.username, password=PASSWORD)
    for _ in range(2):
        for path in ("/gallery/", "/people/"):
            html = client.get(path).content.decode()
            marked = [line for line in html.splitlines() if 'aria-current="page"' in line]
            assert any(f'href="{path}"' in line for line in marked)
            assert len({line.strip() for line in marked}) == 1
