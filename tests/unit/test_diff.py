"""The steps between two rate cards."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.domain.diff import Step, apply, diff
from tracker.domain.ratecard import Rate

RATE = st.builds(
    Rate, st.sampled_from([0, 1, 2, 400_000_000]), st.sampled_from(["USD", "EUR"])
)
METER = st.sampled_from(["input", "output", "cache_read", "input+batch", "input@>200k"])
CARD = st.dictionaries(METER, RATE)
PAST = st.dictionaries(METER, st.lists(RATE, min_size=1, max_size=3).map(tuple))

FREE, ONE, TWO = Rate(0, "USD"), Rate(1, "USD"), Rate(2, "USD")
ONE_EURO = Rate(1, "EUR")


@given(CARD, CARD, PAST)
def test_the_steps_lead_from_one_card_to_the_other(before, after, earlier):
    """Applying the difference of two cards to the first gives the second."""
    assert apply(before, diff(before, after, earlier)) == after
    assert apply(before, diff(before, after)) == after


@given(CARD, CARD, PAST)
def test_steps_tell_only_what_happened(before, after, earlier):
    """A meter has steps exactly if its rate differs, and they name both rates."""
    steps = diff(before, after, earlier)
    moved = {m for m in before | after if before.get(m) != after.get(m)}
    assert {step.meter for step in steps} == moved
    assert [s.meter for s in steps] == sorted(s.meter for s in steps)
    for step in steps:
        if step.kind == "changed":
            assert (step.old, step.new) == (before[step.meter], after[step.meter])
            assert step.old.currency == step.new.currency
        elif step.kind == "withdrawn":
            assert (step.old, step.new) == (before[step.meter], None)
        else:
            assert step.new == after[step.meter]


@given(CARD, PAST)
def test_equal_cards_have_no_steps(card, earlier):
    """Nothing happened where nothing differs."""
    assert diff(card, dict(card), earlier) == []


@pytest.mark.parametrize(
    ("before", "after", "steps"),
    [
        ({}, {"input": FREE}, [Step("input", "introduced", None, FREE)]),
        ({"input": FREE}, {}, [Step("input", "withdrawn", FREE, None)]),
        ({"input": FREE}, {"input": ONE}, [Step("input", "changed", FREE, ONE)]),
        ({"input": ONE}, {"input": FREE}, [Step("input", "changed", ONE, FREE)]),
        (
            {"input": ONE},
            {"input": ONE_EURO},
            [
                Step("input", "withdrawn", ONE, None),
                Step("input", "introduced", None, ONE_EURO),
            ],
        ),
        (
            {"output": ONE, "input": ONE},
            {"output": TWO, "input": TWO},
            [Step("input", "changed", ONE, TWO), Step("output", "changed", ONE, TWO)],
        ),
    ],
    ids=["born-free", "gone", "from-free", "to-free", "currency", "ordered"],
)
def test_what_happened_to_a_meter(before, after, steps):
    """Free is a price like any other; another currency is another rate."""
    assert diff(before, after) == steps


@pytest.mark.parametrize(
    ("earlier", "kind", "old"),
    [
        ((ONE,), "returned", ONE),
        ((TWO, ONE), "returned", ONE),
        ((ONE, FREE), "returned", FREE),
        ((ONE_EURO,), "introduced", None),
        ((), "introduced", None),
    ],
    ids=["same", "last-of-two", "was-free", "other-currency", "none"],
)
def test_a_meter_that_comes_back_is_a_return(earlier, kind, old):
    """A rate stated before and then not is a return from its last price."""
    assert diff({}, {"input": ONE}, {"input": earlier}) == [
        Step("input", kind, old, ONE)
    ]
