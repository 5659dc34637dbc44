"""Which of several announced prices holds on a day, and when the next one begins."""

import json
from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.domain.meters import Meter
from tracker.domain.offers import Offer
from tracker.domain.quotes import Quote, Statement
from tracker.domain.schedule import PREFIX, holds, in_effect, turns_between

MAY, JUNE, JULY = date(2026, 5, 1), date(2026, 6, 1), date(2026, 7, 1)
DAY = timedelta(days=1)


def quote(
    dollars: int, begins: date | None = None, ends: date | None = None, **other: str
) -> Quote:
    """A price of the input for some days."""
    currency = other.get("currency", "USD")
    meter, nano = Meter("input"), dollars * 10**9
    return Quote(meter, nano, currency, True, f"${dollars}", "f", begins, ends)  # noqa: FBT003


def said(*dated: Quote, plain: Quote | None = None) -> Statement:
    """A model whose input has these prices."""
    quotes = {"output": quote(9)} | ({"input": plain} if plain else {})
    return Statement(Offer("acme", "one"), quotes, {"a": "b"}, dated={"input": dated})


def noon(day: date) -> datetime:
    """Midday, UTC."""
    return datetime.combine(day, time(12), UTC)


def price_on(statement: Statement, day: date) -> int | None:
    """Dollars of the input on a day, None if there is no price."""
    found = in_effect(statement, noon(day)).quotes.get("input")
    return found.price_nano // 10**9 if found else None


@pytest.mark.parametrize(
    ("day", "held"),
    [(MAY - DAY, False), (MAY, True), (JUNE - DAY, True), (JUNE, False)],
)
def test_a_quote_holds_from_its_first_day_to_before_its_end(
    day: date,
    held: bool,  # noqa: FBT001
) -> None:
    """The first day is included, the end is not."""
    assert holds(quote(1, MAY, JUNE), day) is held


def test_a_quote_without_ends_always_holds() -> None:
    """Where no end is named, none is meant."""
    assert holds(quote(1), date.min)
    assert holds(quote(1), date.max)
    assert not holds(quote(1, MAY), MAY - DAY)
    assert not holds(quote(1, None, MAY), MAY)


def test_the_price_of_the_day_is_taken() -> None:
    """One price follows the other on the day on which it begins, at midnight UTC."""
    statement = said(quote(1, None, MAY), quote(2, MAY, JUNE), quote(3, JUNE))
    assert price_on(statement, MAY - DAY) == 1
    assert price_on(statement, MAY) == price_on(statement, JUNE - DAY) == 2
    assert price_on(statement, JUNE) == price_on(statement, JULY) == 3
    midnight = datetime.combine(MAY, time(), UTC)
    before = midnight - timedelta(microseconds=1)
    assert in_effect(statement, midnight).quotes["input"].price_nano == 2 * 10**9
    assert in_effect(statement, before).quotes["input"].price_nano == 10**9


def test_a_day_without_a_price_has_none() -> None:
    """In a gap, before the first and after the last day, the meter is not there; what
    else the statement says stays.
    """
    statement = said(quote(1, MAY, JUNE), quote(2, JULY, JULY + DAY))
    for day in (MAY - DAY, JUNE, JULY - DAY, JULY + DAY):
        current = in_effect(statement, noon(day))
        assert list(current.quotes) == ["output"]
        assert current.facts["a"] == "b"


def test_a_dated_price_stands_before_a_plain_one() -> None:
    """A promotion holds on its days, and the plain price on all others."""
    statement = said(quote(1, MAY, JUNE), plain=quote(5))
    assert [price_on(statement, day) for day in (MAY - DAY, MAY, JUNE)] == [5, 1, 5]


def test_the_whole_schedule_is_a_fact() -> None:
    """Past and future steps are kept as a fact in a form that does not vary, and the
    statement given out has no dated quotes left.
    """
    statement = said(quote(1, None, MAY), quote(2, MAY, currency="CNY"))
    facts = {
        in_effect(statement, noon(day)).facts[f"{PREFIX}input"] for day in (MAY, JULY)
    }
    first = '{"currency": "USD", "from": null, "price": "1", "to": "2026-05-01"}'
    second = '{"currency": "CNY", "from": "2026-05-01", "price": "2", "to": null}'
    assert facts == {f"[{first}, {second}]"}
    assert not in_effect(statement, noon(MAY)).dated
    assert statement.dated


def test_a_statement_without_dates_stays_as_it_is() -> None:
    """Most statements have nothing to decide."""
    statement = Statement(Offer("acme", "one"), {"input": quote(1)})
    assert in_effect(statement, noon(MAY)) is statement


@pytest.mark.parametrize(
    ("since", "until", "turns"),
    [
        (MAY - DAY, MAY, True),
        (MAY - 9 * DAY, MAY - DAY, False),
        (MAY, MAY, False),
        (MAY, JUNE - DAY, False),
        (MAY, JUNE, True),
        (JUNE, JULY, False),
        (MAY - DAY, JULY, True),
    ],
)
def test_a_schedule_turns_on_its_days(since: date, until: date, turns: bool) -> None:  # noqa: FBT001
    """A step begins or ends after one sighting and up to the next."""
    facts = in_effect(said(quote(2, MAY, JUNE)), noon(MAY)).facts
    assert turns_between(facts, noon(since), noon(until)) is turns


def test_other_facts_never_turn() -> None:
    """Only schedules have days."""
    facts = {"deprecation_date": "2026-05-01", "input": '[{"from": "2026-05-01"}]'}
    assert not turns_between(facts, noon(MAY - DAY), noon(JULY))


@pytest.mark.parametrize(
    "text",
    [
        *("", "weekly", "5", "null", "{}", '"2026-05-01"', "[5]", "[null]", "[[1]]"),
        *('[{"from": 5, "to": []}]', '[{"from": null}]', "[{}]", "[" * 100_000),
    ],
)
def test_a_fact_that_is_no_schedule_does_not_matter(text: str) -> None:
    """A source may have a field of its own that is called like one."""
    assert not turns_between({f"{PREFIX}x": text}, noon(MAY - DAY), noon(JULY))


@given(
    st.lists(st.dates(date(2026, 1, 1), date(2026, 12, 31)), unique=True, min_size=1),
    st.dates(date(2025, 12, 1), date(2027, 1, 31)),
    st.dates(date(2025, 12, 1), date(2027, 1, 31)),
)
def test_a_price_changes_only_when_the_schedule_turns(
    turns: list[date], one: date, other: date
) -> None:
    """Between two days without a turn the price of the day is the same, so that keys
    that do not turn need not be looked at.
    """
    edges = [None, *sorted(turns), None]
    steps = [
        quote(number, edges[number], edges[number + 1])
        for number in range(len(turns) + 1)
    ]
    statement = said(*steps)
    since, until = sorted((one, other))
    facts = in_effect(statement, noon(since)).facts
    changed = price_on(statement, since) != price_on(statement, until)
    assert turns_between(facts, noon(since), noon(until)) is changed
    assert len(json.loads(facts[f"{PREFIX}input"])) == len(steps)
