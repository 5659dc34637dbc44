"""What may be behind two prices for one thing."""

from datetime import UTC, datetime, timedelta

import pytest

from tracker.domain.disagreement import Pair, Stated, cause
from tracker.domain.offers import Offer

DAY = datetime(2026, 1, 4, tzinfo=UTC)
NANO = 10**9


def stated(source, dollars, *, before=(), card=None, key="m"):
    """A source's price, with those it had before."""
    earlier = [(round(d * NANO), DAY - timedelta(days=7)) for d in before]
    rest = {meter: round(d * NANO) for meter, d in (card or {}).items()}
    return Stated(source, key, round(dollars * NANO), "USD", DAY, earlier, rest)


def pair(best, other, *, meter="input", provider="openai", model="gpt-9"):
    """The two on one meter of one offer."""
    return Pair(Offer(provider, model), meter, best, other)


@pytest.mark.parametrize(
    ("best", "other", "told"),
    [
        (stated("a", 0.275), stated("b", 0.28), "b rounds"),
        (stated("a", 0.125), stated("b", 0.13), "b rounds"),
        (stated("a", 2, before=[3]), stated("b", 3), "b still says what a said"),
        (stated("a", 3), stated("b", 2, before=[3]), "a still says what b said"),
        (stated("a", 0), stated("b", 3), "free at a"),
        (stated("a", 1.5), stated("b", 60), "a unit"),
        (
            stated("a", 2.5, card={"input.image_token": 30}),
            stated("b", 30),
            "b states the price of input.image_token",
        ),
        (stated("a", 3), stated("b", 3.7), ""),
    ],
)
def test_a_cause_is_named_where_something_points_to_it(best, other, told):
    """Rounding, a price of the past, a free one, a unit, another meter; else none."""
    found = cause(pair(best, other))
    assert found.startswith(told) if told else found == ""


def test_a_moving_alias_may_point_at_two_models():
    """Where a name ends in latest, the two may speak of two models."""
    found = cause(pair(stated("a", 3), stated("b", 7), model="m-latest"))
    assert "moving alias" in found


def test_an_uplift_is_a_cloud_s():
    """Ten per cent apart points at a region on a cloud, and at nothing elsewhere."""
    best, other = stated("a", 3), stated("b", 3.3)
    assert "region" in cause(pair(best, other, provider="azure"))
    assert cause(pair(best, other)) == ""


def test_another_pair_of_values_has_another_name():
    """The name changes with either price, and with nothing else."""
    one = pair(stated("a", 3), stated("b", 4))
    same = pair(stated("a", 3, before=[9]), stated("b", 4))
    assert one.name == same.name
    assert one.name != pair(stated("a", 3), stated("b", 5)).name


def test_per_cent_is_of_the_best_price():
    """4 against 3 is a third more, and from zero there is no per cent."""
    assert round(pair(stated("a", 3), stated("b", 4)).pct, 2) == 33.33
    assert pair(stated("a", 0), stated("b", 4)).pct is None
