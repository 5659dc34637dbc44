"""Words and numbers of reports."""

from decimal import Decimal

import pytest

from tracker.reports import wording


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (100, 50, "−50 %"),
        (100, 150, "+50 %"),
        (1000, 996, "−0.4 %"),
        (100, 1200, "×12"),
        (1200, 100, "−92 %"),
        (100_000, 100, "−99.9 %"),
        (100_000, 100_004, "+0.004 %"),
        (280, 270, "−3.6 %"),
        (0, 5, "from zero"),
        (5, 0, "to zero"),
        (0, 0, "0 %"),
    ],
)
def test_a_step_is_told_in_per_cent_or_as_a_factor(old, new, told):
    """Per cent for what is usual, a factor from ten on, words where there is none."""
    assert wording.step(old, new) == told


@pytest.mark.parametrize(
    ("nano", "currency", "told"),
    [
        (400_000_000, "USD", "$0.40"),
        (2_000_000_000, "CNY", "2.00 CNY"),
        (1, "USD", "$0.000000001"),
        (12_345_000_000_000, "USD", "$12\u202f345.00"),
        (0, "USD", "$0.00"),
    ],
)
def test_a_price_is_exact_and_the_same_in_every_language(nano, currency, told):
    """A point for decimals, thin spaces for thousands, no rounding."""
    assert wording.price(nano, currency) == told


@pytest.mark.parametrize(
    ("amount", "told"),
    [
        (Decimal(-6880), "−$6880.00"),
        (Decimal("12.345"), "+$12.34"),
        (Decimal("0.0012"), "+$0.0012"),
        (Decimal("-0.00000012"), "−$0.00000012"),
        (Decimal(0), "$0.00"),
    ],
)
def test_amounts_have_a_sign_and_cents(amount, told):
    """What a bill changes by is told to the cent, and never as nothing."""
    assert wording.amount(amount) == told


def test_a_long_name_keeps_both_ends():
    """Ten thousand characters become eighty; the middle gives way."""
    told = wording.short("begin" + "x" * 10_000 + "end")
    assert len(told) == wording.NAME
    assert told.startswith("begin")
    assert told.endswith("end")


@pytest.mark.parametrize(
    "bad", ["\u202e", "\r", "\n", "\x1b", "\u2028", "\u200b", "\0"]
)
def test_what_steers_lines_or_directions_is_replaced(bad):
    """Controls, line ends and marks of direction never get through."""
    assert bad not in wording.harmless(f"a{bad}b")


@pytest.mark.parametrize("formula", ["=1+1", "+1", "-1", "@x", "\t=1", "\r=1"])
def test_no_cell_is_a_formula(formula):
    """A spreadsheet takes every cell for text."""
    assert not wording.cell(formula).startswith(("=", "+", "-", "@", "\t", "\r"))
