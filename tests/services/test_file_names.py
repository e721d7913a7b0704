"""File names from templates: safe on every system, distinct, never too long."""

from datetime import UTC, datetime

import pytest

from omixa_studio.models import Picture
from omixa_studio.services.file_names import (
    distinct,
    key_of,
    slug,
    stem_of,
    telling_fields,
    unknown_fields,
    values_of,
)
from tests.factories import make_generation, make_person, make_picture

VALUES = {"prompt": "a-red-fox", "id": "7", "n": "003", "model": "../x", "person": ""}


@pytest.mark.parametrize(
    ("template", "stem"),
    [
        ("{n}-{prompt}-{id}", "003-a-red-fox-7"),
        ("../../etc/passwd", "-..-etc-passwd".strip("-.")),
        ("{model}\\..\\{n}", "-x-..-003".strip("-")),
        ('a\0b\x1f/c:d*?"<>|e', "a-b-c-d-e"),
        ("CON", "CON_"),
        ("com1.txt", "com1.txt_"),
        ("LPT¹", "LPT¹_"),
        ("  .hidden. ", "hidden"),
        ("", "picture"),
        ("{person}", "picture"),
        ("...", "picture"),
        ("a\u202egnp.exe\u200b", "agnp.exe"),
        ("tab\there  and   there", "tab-here and there"),
        ("{{n}}", "{003}"),
        ("{n!r}{n.__class__}", "picture"),
        ("e\u0301", "é"),
    ],
)
def test_makes_a_template_safe(template: str, stem: str) -> None:
    assert stem_of(template, VALUES) == stem


@pytest.mark.parametrize("template", ["x" * 10_000, "猫" * 10_000, "क्षि" * 5_000, "{prompt}" * 500])
def test_keeps_every_name_short(template: str) -> None:
    stem = stem_of(template, VALUES)
    assert 0 < len(stem.encode()) <= 200


def test_numbers_names_that_are_taken_whatever_their_case() -> None:
    taken: set[int] = set()
    made = []
    for n, stem in enumerate(["Fox", "fox", "FOX", "fox-4", "ﬁx", "fix"], 1):
        made.append(distinct(stem, n, taken))
        taken.add(key_of(made[-1]))
    assert made == ["Fox", "fox-2", "FOX-3", "fox-4", "ﬁx", "fix-6"]


def test_knows_the_fields_of_a_template() -> None:
    assert unknown_fields("{date}{nope}{n!r}") == ["nope", "n!r"]
    assert telling_fields("{date}-{prompt}-{person}") == ["prompt", "person"]


@pytest.mark.django_db
def test_fills_in_the_fields_of_a_picture() -> None:
    person = make_person("mara")
    generation = make_generation(person, prompt="Der Fuchs; im Schnee! 🦊 — «лиса»")
    picture: Picture = make_picture(generation)
    values = values_of(picture, 7, among=120, made_at=datetime(2026, 5, 3, 14, 2, 9, tzinfo=UTC))
    stem = stem_of("{date}_{time}_{n}_{prompt}_{person}_{operation}_{size}_{id}", values)
    assert stem == (
        f"2026-05-03_14-02-09_007_der-fuchs-im-schnee-лиса_mara_generate_64x48_{picture.pk}"
    )
    assert slug("") == ""
