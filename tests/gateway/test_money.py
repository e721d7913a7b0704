"""Amounts: exact or unknown, never guessed."""

import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omixa_studio.gateway.document import Number, read_document
from omixa_studio.gateway.wire import parse_money
from tests.present import present


@pytest.mark.parametrize(
    "text", ["0.039000", "0", "0.0", "12", "12.5", "0.000001", "999999999.999999"]
)
def test_it_reads_an_amount_from_a_string_or_a_number_kept_as_text(text: str) -> None:
    assert parse_money(text) == Decimal(text)
    assert parse_money(Number(text)) == Decimal(text)
    assert parse_money(read_document(text.encode())) == Decimal(text)


def test_it_reads_a_whole_number() -> None:
    assert parse_money(3) == Decimal(3)


@pytest.mark.parametrize(
    "value",
    [
        "", " ", " 0.04", "0.04 ", "0.0390000", "+0.04", "-0.04", "-0", "4e-2", "1E3", ".5", "5.",
        "0,04", "1,000.00", "1_000", "$0.04", "0.04 USD", "NaN", "nan", "Infinity", "0x1", "00.04",
        "٠.٠٤", "²", "0.04\n", "1000000000", "9" * 5000, None, True, False, 0.04, -1, 10**9,
        float("nan"), [], {}, ["0.04"], b"0.04", Decimal("0.04"),
    ],
)  # fmt: skip
def test_it_calls_every_other_value_unknown(value: object) -> None:
    assert parse_money(value) is None


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.decimals(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=5,
)


@given(json_values)
def test_it_gives_a_decimal_of_at_most_six_places_or_nothing(value: object) -> None:
    amount = parse_money(value)
    assert amount is None or (
        type(amount) is Decimal and 0 <= amount < 10**9 and int(amount.as_tuple().exponent) >= -6
    )


@given(st.integers(0, 10**15 - 1))
def test_it_reads_back_every_amount_of_six_places(micros: int) -> None:
    text = f"{micros // 10**6}.{micros % 10**6:06}"
    assert present(parse_money(json.loads(json.dumps(text)))) * 10**6 == micros
    assert present(parse_money(read_document(text.encode()))) * 10**6 == micros


def test_it_calls_a_number_of_thousands_of_digits_unknown() -> None:
    assert parse_money(10**5000) is None
