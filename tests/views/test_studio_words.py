"""How money, times and sizes are said: exact, and a bill never like an estimate."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from omixa_studio.catalogue import Field
from omixa_studio.forms.controls import control_for
from omixa_studio.places import links_of
from omixa_studio.templatetags import studio


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        ("0", "$0.00"),
        ("0.04", "$0.040"),
        ("0.156", "$0.156"),
        ("0.000125", "$0.000125"),
        ("1.2", "$1.20"),
        ("86.214", "$86.214"),
        ("1204.5", "$1,204.50"),
        ("-0.004", "−$0.004"),
        (None, "unknown"),
    ],
)
def test_money_is_said_exactly(amount: str | None, words: str) -> None:
    assert studio.money(None if amount is None else Decimal(amount)) == words


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        ("0.16", "about $0.16"),
        ("0.156", "about $0.156"),
        ("0.0333333", "about $0.033"),
        ("0.0004", "about $0.0004"),
        (None, "price not known"),
    ],
)
def test_an_estimate_always_says_about(amount: str | None, words: str) -> None:
    assert studio.about(None if amount is None else Decimal(amount)) == words


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        ("13.0568", '<span title="$13.0568">$13.06</span>'),
        ("0.155", '<span title="$0.155">$0.16</span>'),
        ("1204.5", "$1,204.50"),
        ("0.04", "$0.04"),
        ("0.000125", "$0.000125"),
        ("0", "$0.00"),
        ("-0.004", "−$0.004"),
        (None, "unknown"),
    ],
)
def test_a_total_is_said_to_the_cent_and_exact_under_the_pointer(
    amount: str | None, words: str
) -> None:
    assert studio.total(None if amount is None else Decimal(amount)) == words


def test_practice_is_not_called_billed() -> None:
    assert (studio.billed(True), studio.billed(False)) == ("Practice", "Billed")


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        ("12.409999", "$12.40"),
        ("0.019", "$0.01"),
        ("0.001", "$0.001"),
        ("0.000001", "$0.000001"),
        ("0", "$0.00"),
        ("-0.001", "−$0.001"),
    ],
)
def test_what_is_left_is_never_rounded_up_nor_to_nothing(amount: str, words: str) -> None:
    assert studio.left(Decimal(amount)) == words


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        ("1.25", "$1.250"),
        ("13.0568", '<span title="$13.0568">$13.057</span>'),
        ("0.00025", '<span title="$0.00025">&lt; $0.001</span>'),
        ("-0.00025", '<span title="−$0.00025">&gt; −$0.001</span>'),
        ("0", "$0.000"),
    ],
)
def test_figures_of_a_column_stand_under_one_another_and_never_look_like_nothing(
    amount: str, words: str
) -> None:
    assert studio.column(Decimal(amount)) == words


@pytest.mark.parametrize(
    ("duration", "words"),
    [(0.84, "0.8 s"), (5.0, "5 s"), (24.4, "24 s"), (125, "2 min 5 s"), (None, "–")],
)
def test_seconds_are_said_shortly(duration: float | None, words: str) -> None:
    assert studio.seconds(duration) == words


@pytest.mark.parametrize(
    ("count", "words"),
    [
        (812, "812\N{NO-BREAK SPACE}B"),
        (1_500_000, "1.5\N{NO-BREAK SPACE}MB"),
        (250_000_000, "250\N{NO-BREAK SPACE}MB"),
    ],
)
def test_sizes_are_said_in_thousands(count: int, words: str) -> None:
    assert studio.size(count) == words


@pytest.mark.parametrize(("passed", "words"), [(5, "just now"), (300, "5 min ago")])
def test_a_moment_is_said_from_now(passed: int, words: str) -> None:
    assert studio.ago(timezone.now() - timedelta(seconds=passed)) == words


@pytest.mark.parametrize(
    ("name", "letters"), [("Mara Kalnina", "MK"), ("mara", "MA"), ("m.k", "MK"), ("", "")]
)
def test_an_avatar_has_one_or_two_letters(name: str, letters: str) -> None:
    assert studio.initials(name) == letters


@pytest.mark.parametrize(
    ("role", "labels"),
    [
        ("member", "Studio Gallery Team Prompts"),
        ("manager", "Studio Gallery Team Prompts Costs Budgets"),
        ("admin", "Studio Gallery Team Prompts Costs Budgets Models People Log"),
    ],
)
def test_each_role_has_its_places(role: str, labels: str) -> None:
    links = links_of(role, "/team/")
    assert [str(link.label) for link in links] == labels.split()
    assert [str(link.label) for link in links if link.current] == ["Team"]


def test_shapes_are_drawn_in_their_ratio() -> None:
    field = Field("aspect_ratio", "string", accepted=("1:1", "16:9", "9:16"), label="Shape")
    control = control_for(field, "16:9")
    wide = control.options[2]
    assert (control.widget, control.said) == ("shapes", "16:9")
    assert [option.value for option in control.options] == ["", "1:1", "16:9", "9:16"]
    assert wide.width / wide.height == pytest.approx(16 / 9, rel=0.02)


def test_many_long_words_become_a_select() -> None:
    words = ("anime", "photographic", "cinematic", "digital-art")
    assert control_for(Field("style", "string", accepted=words), "").widget == "select"


def test_suggestions_leave_the_field_free() -> None:
    field = Field("style", "string", accepted=("anime",), accepted_is_complete=False)
    control = control_for(field, "my-own")
    assert (control.widget, control.said) == ("text", "my-own")
