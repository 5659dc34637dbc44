"""Exact prices: what a stated number becomes, and what is no price at all."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.domain.money import (
    MAX_NANO,
    NANO,
    Amount,
    NotAPrice,
    amount,
    in_units,
    plain,
)

MILLION = 1_000_000
REASONS = ("negative", "not_a_number", "infinite", "too_small", "too_large")


@pytest.mark.parametrize(
    ("noisy", "clean"),
    [
        (2.0000000000000002e-07, 2e-07),
        (8.33333333333e-05, 8.333333333333333e-05),
        (3 * 1.1e-7, 3.3e-7),
        (0.1 + 0.2, 0.3),
        ("0.70000000000000004", 0.7),
        (1.0000000000001, 1),
    ],
)
def test_noise_beyond_the_twelfth_digit_is_no_difference(noisy, clean):
    """Numbers that agree in their first twelve digits are one price."""
    assert amount(noisy, quantum=MILLION) == amount(clean, quantum=MILLION)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("0.00100000000001", "0.00100000000002"),
        (2.00000000001e-07, 2e-07),
        ("0.000000123456789012", "0.000000123456789013"),
    ],
)
def test_the_twelfth_digit_counts(one, other):
    """A difference in the twelfth digit is kept."""
    assert Decimal(str(one)) != Decimal(str(other))
    quantum = MILLION * MILLION
    assert amount(one, quantum=quantum) != amount(other, quantum=quantum)


@pytest.mark.parametrize(
    ("value", "quantum", "per", "expected"),
    [
        (4e-07, MILLION, 1, Amount(400_000_000, exact=True)),
        ("4e-07", MILLION, 1, Amount(400_000_000, exact=True)),
        (0.04, 1, 1, Amount(40_000_000, exact=True)),
        (0.002, MILLION, 1000, Amount(2_000_000_000, exact=True)),
        (1, 1, 3, Amount(333_333_333, exact=False)),
        (8.33333333333e-05, 1, 1, Amount(83_333, exact=False)),
        (1.5e-09, 1, 1, Amount(2, exact=False)),
        (2.5e-09, 1, 1, Amount(2, exact=False)),
        (6e-10, 1, 1, Amount(1, exact=False)),
        (" 0.5 ", 1, 1, Amount(500_000_000, exact=True)),
        (9.2e9, 1, 1, Amount(9_200_000_000 * NANO, exact=True)),
        ("1e-15", MILLION, 1, Amount(1, exact=True)),
    ],
)
def test_a_number_becomes_whole_nano_units_per_quantum(value, quantum, per, expected):
    """A stated number is scaled to its quantum and rounded half to even, openly."""
    assert amount(value, quantum=quantum, per=per) == expected


@pytest.mark.parametrize("zero", [0, 0.0, -0.0, "0", "0.000", "-0", "0e-400"], ids=repr)
def test_zero_is_a_price(zero):
    """Free is a price of zero, however it is written."""
    assert amount(zero, quantum=MILLION) == Amount(0, exact=True)


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (-1, "negative"),
        (-2e-07, "negative"),
        ("-0.5", "negative"),
        (-1e-30, "negative"),
        (float("nan"), "not_a_number"),
        ("NaN", "not_a_number"),
        ("sNaN", "not_a_number"),
        (True, "not_a_number"),
        (False, "not_a_number"),
        (None, "not_a_number"),
        ([], "not_a_number"),
        ({"usd": 1}, "not_a_number"),
        ("", "not_a_number"),
        ("free", "not_a_number"),
        ("$1", "not_a_number"),
        ("1,5", "not_a_number"),
        ("0x10", "not_a_number"),
        ("1" * 65, "not_a_number"),
        (1e400, "infinite"),
        (float("-inf"), "infinite"),
        ("1e400", "infinite"),
        ("Infinity", "infinite"),
        (4e-10, "too_small"),
        ("0.0000000005", "too_small"),
        (1e-300, "too_small"),
        (9.3e9, "too_large"),
        (1e25, "too_large"),
    ],
    ids=repr,
)
def test_what_is_no_price_says_why(value, reason):
    """Each value that cannot be a price is refused with a code of its own."""
    with pytest.raises(NotAPrice) as told:
        amount(value, quantum=1)
    assert told.value.reason == reason


@pytest.mark.parametrize(
    ("value", "reason"), [("1e-2000000", "too_small"), ("-1e-2000000", "negative")]
)
def test_a_number_too_small_to_snap_is_not_free(value, reason):
    """A non-zero price is never stored as zero, however small its text says it is."""
    with pytest.raises(NotAPrice) as told:
        amount(value, quantum=MILLION)
    assert told.value.reason == reason


@pytest.mark.parametrize("text", ["1_0", "0.00_1", "1__0"])
def test_only_numbers_as_json_writes_them_are_numbers(text):
    """A text that only Python takes for a number is no price."""
    with pytest.raises(NotAPrice):
        amount(text, quantum=1)


@given(st.integers(0, 10**12 - 1))
def test_nine_decimals_survive_a_float(nano):
    """Any price of up to nine decimals and twelve digits is exact through a float."""
    stated = float(Decimal(nano).scaleb(-9))
    assert amount(stated, quantum=1) == Amount(nano, exact=True)
    assert amount(repr(stated), quantum=1) == Amount(nano, exact=True)


@given(st.integers(0, 10**12 - 1))
def test_a_price_per_token_survives_the_million(nano):
    """A price stated per token and kept per million loses nothing on the way."""
    stated = float(Decimal(nano).scaleb(-15))
    assert amount(stated, quantum=MILLION) == Amount(nano, exact=True)


@given(st.floats() | st.integers() | st.text(max_size=30))
def test_any_value_is_a_price_that_can_be_stored_or_none(value):
    """Whatever is stated, a price fits its column and only zero becomes zero."""
    try:
        read = amount(value, quantum=MILLION)
    except NotAPrice as fault:
        said = fault.reason
    else:
        said = ""
        assert 0 <= read.nano <= MAX_NANO
        assert (read.nano == 0) == (Decimal(str(value).strip()) == 0)
    assert said in ("", *REASONS)


@pytest.mark.parametrize(
    ("nano", "text"),
    [
        (0, "0"),
        (1, "0.000000001"),
        (2_000, "0.000002"),
        (400_000_000, "0.4"),
        (12 * NANO, "12"),
        (100 * NANO, "100"),
        (1_500_000_001, "1.500000001"),
        (MAX_NANO, "9223372036.854775807"),
    ],
)
def test_a_price_is_written_short_and_exact(nano, text):
    """The text of a price has no exponent and no zeros that say nothing."""
    assert plain(nano) == text


@given(st.integers(0, MAX_NANO))
def test_a_price_reads_back_from_its_text(nano):
    """The text of a price and its value in units are the same number, exactly."""
    assert Decimal(plain(nano)) == in_units(nano)
    assert in_units(nano) * NANO == nano
