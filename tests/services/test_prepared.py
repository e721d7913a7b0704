"""Statements that are built once give what Django's own would, whoever and whatever they are of."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models import Count, F, Q, QuerySet
from django.db.models.functions import Now
from django.test.utils import CaptureQueriesContext

from omixa_studio.models import Person, Picture, Role
from omixa_studio.queries.generations import last_of_models
from omixa_studio.queries.prepared import AMONG, Prepared
from omixa_studio.queries.prices import bills_of
from tests.factories import make_generation, make_person, make_picture

pytestmark = pytest.mark.django_db


def drawn(person: Person) -> Picture:
    return make_picture(make_generation(person))


@pytest.fixture
def person() -> Person:
    return make_person()


@pytest.fixture
def asked() -> Iterator[CaptureQueriesContext]:
    with CaptureQueriesContext(connection) as found:
        yield found


def _own(person: Person, shared: bool) -> QuerySet[Picture]:
    return Picture.objects.filter(person=person, shared=shared).order_by("pk")


def test_each_person_gets_their_own_rows(person: Person) -> None:
    prepared, other = Prepared(_own), make_person("other")
    mine, theirs = drawn(person), drawn(other)
    assert prepared.rows(person, False) == [mine]
    assert prepared.rows(other, False) == [theirs]
    assert prepared.rows(person, True) == []
    assert prepared.first(other, False) == theirs
    assert prepared.first(other, True) is None


def test_a_row_has_its_times_and_its_related_rows(
    person: Person, asked: CaptureQueriesContext
) -> None:
    picture = drawn(person)
    prepared = Prepared(lambda one: Picture.objects.filter(person=one).select_related("generation"))
    prepared.rows(person)
    before = len(asked)
    [found] = prepared.rows(person)
    assert found.generation.prompt == picture.generation.prompt
    assert found.created_at == Picture.objects.get().created_at
    assert len(asked) == before + 2


def test_values_and_annotations_keep_their_names(person: Person) -> None:
    drawn(person)
    prepared = Prepared(
        lambda one: Person.objects.filter(pk=one.pk).annotate(n=Count("pictures")).values("pk", "n")
    )
    assert prepared.rows(person) == [{"pk": person.pk, "n": 1}]


def _seen_by(person: Person) -> QuerySet[Person]:
    return Person.objects.all() if person.is_admin else Person.objects.filter(pk=person.pk)


def test_a_role_has_a_statement_of_its_own(person: Person) -> None:
    prepared, admin = Prepared(_seen_by), make_person("boss", role=Role.ADMIN)
    assert len(prepared.rows(admin)) == Person.objects.count() > 1
    assert prepared.rows(person) == [person]
    person.role = Role.ADMIN
    assert len(prepared.rows(person)) == Person.objects.count()


def test_a_text_is_no_pattern_and_no_code() -> None:
    quoted = make_person('it\'s 100%s %% "so"')
    make_person("anybody")
    prepared = Prepared(lambda name: Person.objects.filter(username=name))
    assert prepared.rows(quoted.username) == [quoted]
    assert prepared.rows("") == []


def _lately(person: Person, word: str) -> QuerySet[Any, Any]:
    """Rows with parameters and doubled percent signs (of SQLite's times) around the ids."""
    since = Q(created_at__gt=Now() - timedelta(days=1), generation__prompt__contains=word)
    rows = Picture.objects.filter(since, person=person).filter(pk__in=AMONG, shared=False)
    return rows.exclude(width=F("height") * 99).order_by("pk")


def test_rows_are_found_among_ids(person: Person) -> None:
    prepared, other = Prepared(_lately), make_person("other")
    [one, two, _three] = [drawn(person) for _ in range(3)]
    ids = [one.pk, two.pk, drawn(other).pk]
    word = one.generation.prompt[:3]
    assert prepared.rows(person, word, among=ids) == [one, two]
    assert prepared.rows(person, word, among=[two.pk]) == [two]
    chosen = Picture.objects.filter(pk__in=ids, person=person).order_by("-pk").values("pk")[:1]
    assert prepared.rows(person, word, among=chosen) == [two]


def test_a_selection_of_ids_is_part_of_the_same_statement(
    person: Person, asked: CaptureQueriesContext
) -> None:
    prepared = Prepared(lambda _nobody: Picture.objects.filter(pk__in=AMONG))
    assert prepared.rows(None, among=Picture.objects.values("pk")) == []
    assert len(asked) == 1


def test_nothing_is_asked_about_no_ids(asked: CaptureQueriesContext) -> None:
    prepared = Prepared(lambda _nobody: Picture.objects.filter(pk__in=AMONG))
    assert prepared.rows(None, among=[]) == []
    assert len(asked) == 0


def test_a_statement_that_can_find_nothing_is_not_asked(
    person: Person, asked: CaptureQueriesContext
) -> None:
    prepared = Prepared(lambda one, names: Person.objects.filter(pk=one.pk, username__in=names))
    assert prepared.rows(person, (person.username,)) == [person]
    before = len(asked)
    assert prepared.rows(person, ()) == []
    assert prepared.first(person, ()) is None
    assert len(asked) == before


def test_of_no_models_nothing_is_known(person: Person) -> None:
    assert last_of_models(person, []) is None
    assert bills_of("sandbox", []) == {}


@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite plans nothing ahead")
def test_postgresql_plans_a_statement_once_and_knows_its_constants(person: Person) -> None:
    picture = drawn(person)
    odd = "50% of it's %s \\ 'all'"
    prepared = Prepared(lambda one: Picture.objects.filter(person=one).exclude(format=odd))
    for _ in range(3):
        assert prepared.rows(person) == [picture]
    with connection.cursor() as cursor:
        cursor.execute("SELECT statement, parameter_types::text FROM pg_prepared_statements")
        told = [types for text, types in cursor.fetchall() if "50% of it''s %s" in text]
    [numbers] = told  # of whatever size
    assert numbers in ("{smallint}", "{integer}", "{bigint}")
