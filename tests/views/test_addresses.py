"""`{% url %}` remembers addresses, and never gives another one's."""

import pytest
from django.template import Context, Template
from django.urls import NoReverseMatch, set_script_prefix


def shown(text: str, **values: object) -> str:
    return Template(text).render(Context(values))


def test_it_gives_the_address_of_each_value() -> None:
    one = "{% url 'picture' pk %}"
    assert [shown(one, pk=pk) for pk in (1, 2, 1)] == [
        "/pictures/1/",
        "/pictures/2/",
        "/pictures/1/",
    ]
    assert shown("{% url name %}", name="gallery") == "/gallery/"
    assert shown("{% url 'picture' pk=3 %}") == "/pictures/3/"
    assert shown("{% url 'team' as path %}[{{ path }}]") == "[/team/]"
    with pytest.raises(NoReverseMatch):
        shown(one, pk=True)


def test_it_minds_where_the_studio_is_mounted() -> None:
    assert shown("{% url 'team' %}") == "/team/"
    try:
        set_script_prefix("/studio/")
        assert shown("{% url 'team' %}") == "/studio/team/"
    finally:
        set_script_prefix("/")
