"""What a move is measured against, where corrections lie between."""

import pytest

from tests.support.steps import DAY, digest, only, step

IN = ("acme/m", "input")


def chain(*values, verdicts):
    """Steps from value to value, a day apart, with these verdicts."""
    return [
        step(a, b, verdict=verdict, observed_at=DAY.replace(day=12 + n))
        for n, (a, b, verdict) in enumerate(
            zip(values, values[1:], verdicts, strict=False)
        )
    ]


@pytest.mark.parametrize("verdicts", [("move",), ("move", "correction")])
def test_a_unit_error_is_no_part_of_a_move(verdicts):
    """Told as 1000, corrected to 1, moved to 1.1: up by a tenth."""
    rows = chain(1000, 1, 1.1, verdicts=("correction", "move"))
    found = digest(*rows, told={IN: 1000}, verdicts=verdicts)
    assert only(found) == (1, 1.1)


def test_a_unit_error_between_two_moves_is_no_part_of_them():
    """From 1000 to 900, to 0.9 by a correction, to 1: nothing moved on the whole."""
    rows = chain(1000, 900, 0.9, 1, verdicts=("move", "correction", "move"))
    assert not digest(*rows, verdicts=["move"]).cards


def test_drift_before_a_correction_still_counts():
    """Told 1.00, drifted to 1.04, halved by a correction, up to 0.54: 8 % in sum."""
    rows = chain(1, 1.04, 0.52, 0.54, verdicts=("move", "correction", "move"))
    found = digest(*rows, told={IN: 1}, min_pct=5)
    assert only(found) == (0.5, 0.54)


def test_a_first_price_after_zero_is_where_a_move_starts():
    """Zero stood for unknown: from the first price on, it is a rise by half."""
    rows = chain(0, 1, 1.5, verdicts=("correction", "move"))
    assert only(digest(*rows, told={IN: 0})) == (1, 1.5)


def test_a_wrong_value_that_came_and_went_changes_nothing():
    """A price that was wrong for a week and was taken back leaves the told one."""
    rows = chain(1, 7, 1, 2, verdicts=("correction", "correction", "move"))
    assert only(digest(*rows, told={IN: 1})) == (1, 2)


def test_a_correction_told_before_is_not_applied_again():
    """Who was told of the wrong value and of what is right starts from that."""
    rows = chain(7, 1, 2, verdicts=("correction", "move"))
    assert only(digest(*rows, told={IN: 1})) == (1, 2)


def test_a_wrong_value_that_is_not_believed_changes_nothing():
    """A move, then a value that nobody believes: the move is told as it is."""
    rows = chain(1, 2, 9, verdicts=("move", "correction"))
    found = digest(*rows, believed=[(2, "litellm"), (2, "litellm")])
    assert only(found) == (1, 2)


def test_two_keys_of_one_offer_correct_it_once():
    """A source that lists an offer twice corrects it twice in one capture."""
    rows = chain(1000, 1, 2, verdicts=("correction", "move"))
    twins = [{**row, "source_key": "m", "change": row["change"] + "2"} for row in rows]
    assert only(digest(*rows, *twins, told={IN: 1000})) == (1, 2)


def test_prices_in_two_currencies_are_never_compared():
    """A step in yuan beside a price in dollars is no step from one to the other."""
    yuan = step(7, 8, currency="CNY")
    found = digest(yuan, told={IN: 1})
    assert only(found) == (7, 8)
    later = step(1, 1.1, observed_at=DAY.replace(day=13))
    assert only(digest(yuan, later)) == (1, 1.1)
