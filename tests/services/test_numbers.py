"""Numbers of rows: given once, also where the database was put back from an older copy."""

import pytest
from django.db.models import Model

from omixa_studio.models import GatewayKey, Generation, Person, Picture, Token
from omixa_studio.sent import Journal
from omixa_studio.services import older_copies
from omixa_studio.services.numbers import GAP, go_on_after
from omixa_studio.services.tokens import make_token
from omixa_studio.services.tools import Tools
from tests.factories import make_gateway_key, make_generation, make_person, make_picture

pytestmark = pytest.mark.django_db


@pytest.fixture
def journal(tools: Tools) -> Journal:
    tools.journal.database = older_copies.made_at()
    return tools.journal


def table(model: type[Model]) -> str:
    return model._meta.db_table


def test_it_counts_on_after_what_was_given_once() -> None:
    given = go_on_after({})[table(Picture)] + 70
    assert go_on_after({table(Picture): given})[table(Picture)] == given + GAP
    row = make_generation(make_person())
    assert make_picture(row).pk == given + GAP + 1
    assert go_on_after({table(Picture): given})[table(Picture)] == given + GAP + 1


def test_all_count_on_where_the_database_is_an_older_copy() -> None:
    last = go_on_after({})
    assert go_on_after(last, older=True) == {name: number + GAP for name, number in last.items()}


def test_a_lost_call_names_nobody_and_no_key_that_came_later() -> None:
    # A person, a token and a key of the gateway that an older copy does not have.
    kinds = (Person, Token, GatewayKey)
    last = go_on_after({})
    go_on_after({table(kind): last[table(kind)] + 1 for kind in kinds})
    ada = make_person("ada")
    token, _secret = make_token(ada, "Script", ["make"], None)
    made = [ada.pk, token.pk, make_gateway_key().pk]
    assert made == [last[table(kind)] + 1 + GAP + 1 for kind in kinds]


def test_they_count_on_when_an_admin_says_that_it_is_one() -> None:
    last = go_on_after({})
    older_copies.declare("sandbox")
    assert make_generation(make_person()).pk == last[table(Generation)] + GAP + 1


def test_it_leaves_no_gap_for_what_was_deleted() -> None:
    row = make_generation(make_person())
    last = make_picture(row)
    given = go_on_after({})
    number = last.pk
    last.delete()
    assert go_on_after(given) == given
    assert make_picture(row).pk == number + 1


@pytest.mark.parametrize(("database", "after"), [("", 70 + GAP + 1), ("another", 1)])
def test_a_worker_notes_them_outside_of_the_database(
    journal: Journal, database: str, after: int
) -> None:
    older_copies.compare(journal, "sandbox")
    seen = journal.seen()
    last = seen["numbers"][table(Generation)]
    noted = {"database": database or journal.database}
    journal.note_seen(seen | noted | {"numbers": {table(Generation): last + 70}})
    assert older_copies.is_same(journal)
    assert make_generation(make_person()).pk == last + after
