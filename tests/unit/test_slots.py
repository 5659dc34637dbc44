"""Slots: planned instants in UTC, worked out alike by everybody."""

import itertools
from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.domain import slots
from tracker.domain.slots import Standing, calendar, confirmations, due, silences

DAY, WEEK, HOUR = timedelta(days=1), timedelta(days=7), timedelta(hours=1)
WEEKLY = calendar("sunday", time(4, 55), {"a": WEEK, "b": WEEK})
MIXED = calendar("sunday", time(4, 55), {"a": WEEK, "b": DAY})
SUNDAY = datetime(2026, 11, 22, 4, 55, tzinfo=UTC)


def test_slots_lie_on_the_day_and_at_the_time():
    """The weekly slot is on its day and at its time, UTC."""
    found = WEEKLY.between(SUNDAY - 3 * WEEK, SUNDAY)
    assert found == [SUNDAY - 2 * WEEK, SUNDAY - WEEK, SUNDAY]
    assert {f"{at:%a %H:%M}" for at in found} == {"Sun 04:55"}


@pytest.mark.parametrize("day", slots.DAYS)
def test_every_day_of_the_week(day):
    """Each day of the week can be the one."""
    found = calendar(day, time(23, 59), {"a": WEEK}).latest(WEEK, SUNDAY)
    assert f"{found:%A %H:%M}".lower() == f"{day} 23:59"


def test_three_years_of_weeks():
    """Over summer times, leap days and ends of years, no slot is lost or doubled."""
    start = datetime(2027, 1, 3, 4, 55, tzinfo=UTC)
    found = WEEKLY.between(start - HOUR, start + 156 * WEEK)
    assert len(found) == 157
    assert {b - a for a, b in itertools.pairwise(found)} == {WEEK}
    assert datetime(2028, 2, 27, 4, 55, tzinfo=UTC) in found
    assert datetime(2028, 3, 5, 4, 55, tzinfo=UTC) in found


def test_a_daily_slot_on_a_leap_day():
    """The 29th of February has its slot."""
    start = datetime(2028, 2, 28, tzinfo=UTC)
    found = MIXED.between(start, start + 3 * DAY)
    assert [f"{at:%m-%d}" for at in found] == ["02-28", "02-29", "03-01"]


def test_the_first_start_reads_at_once():
    """Where no slot was ever taken, the last one is due."""
    assert due(WEEKLY, None, SUNDAY + 3 * DAY) == slots.Due(SUNDAY)


def test_nothing_is_due_between_slots():
    """After a slot was taken, nothing is due until the next one."""
    assert due(WEEKLY, SUNDAY, SUNDAY + WEEK - timedelta(seconds=1)) is None
    assert due(WEEKLY, SUNDAY, SUNDAY + WEEK) == slots.Due(SUNDAY + WEEK)


def test_missed_slots_are_done_together():
    """After three weeks down, one slot is worked on, and two are told as missed."""
    found = due(WEEKLY, SUNDAY, SUNDAY + 3 * WEEK + HOUR)
    assert found == slots.Due(SUNDAY + 3 * WEEK, (SUNDAY + WEEK, SUNDAY + 2 * WEEK))


def test_a_clock_set_back_makes_nothing_due():
    """Where the newest slot lies ahead of the clock, there is nothing to do."""
    assert due(WEEKLY, SUNDAY, SUNDAY - HOUR) is None


def test_no_source_no_slot():
    """Without sources nothing is ever due, planned or silent."""
    empty = calendar("sunday", time(4, 55), {})
    assert due(empty, None, SUNDAY) is None
    assert empty.coming(SUNDAY, 3) == []
    assert empty.shortest == WEEK


def test_missed_slots_are_counted_up_to_a_bound():
    """Ten years of missed hours are not told one by one."""
    hourly = calendar("sunday", time(4, 55), {"a": HOUR})
    found = due(hourly, SUNDAY - 3650 * DAY, SUNDAY)
    assert found is not None
    assert found.slot == SUNDAY
    assert len(found.missed) == slots.MOST_MISSED - 1


def test_sources_take_their_turns():
    """A source is due at a slot if it was not read well since its own last one."""
    monday = SUNDAY + DAY
    assert MIXED.due(monday, {}) == ["a", "b"]
    assert MIXED.due(monday, {"a": SUNDAY, "b": SUNDAY}) == ["b"]
    assert MIXED.due(monday, {"a": SUNDAY - HOUR, "b": monday}) == ["a"]


def test_the_slots_to_come():
    """The next slots, each with its sources."""
    found = MIXED.coming(SUNDAY + 5 * DAY, 3)
    assert found == [
        (SUNDAY + 6 * DAY, ["b"]),
        (SUNDAY + WEEK, ["a", "b"]),
        (SUNDAY + 8 * DAY, ["b"]),
    ]


@given(
    after=st.integers(0, 20 * 365 * 24 * 60),
    steps=st.lists(st.integers(0, 40 * 24 * 60), min_size=1, max_size=20),
)
def test_however_the_ticks_fall_each_slot_is_taken_once(after, steps):
    """Whatever the pauses between ticks, every slot is worked on or told as missed,
    once.
    """
    start = now = SUNDAY + timedelta(minutes=after)
    newest, seen = MIXED.latest(DAY, now), []
    for step in steps:
        now += timedelta(minutes=step)
        found = due(MIXED, newest, now)
        if found:
            seen += [*found.missed, found.slot]
            newest = found.slot
    assert seen == MIXED.between(MIXED.latest(DAY, start), now)


def standing(looks=0, *, troubled=True, source="a"):
    """A source of which something is held since Sunday."""
    return Standing(source, SUNDAY, looks, troubled)


def test_a_second_look_comes_within_hours():
    """What was held is read again some hours later, sources together."""
    both = [standing(source="b"), standing()]
    assert confirmations(both, 6 * HOUR) == {SUNDAY + 6 * HOUR: ["a", "b"]}


def test_a_third_look_is_a_day_later_and_the_last():
    """One more look follows a day later, and then the next slot is waited for."""
    assert list(confirmations([standing(1)], HOUR)) == [SUNDAY + DAY + HOUR]
    assert confirmations([standing(2)], HOUR) == {}


def test_no_trouble_no_second_look():
    """A source that was read well waits for its turn."""
    assert confirmations([standing(troubled=False)], HOUR) == {}


def test_silence_after_a_slot_and_a_half():
    """A source is silent after one and a half of its cadences, not before."""
    read = {"a": SUNDAY, "b": SUNDAY}
    edge = SUNDAY + timedelta(days=10.5)
    assert silences(WEEKLY, read, began=SUNDAY, now=edge) == []
    later = edge + timedelta(seconds=1)
    found = silences(WEEKLY, read, began=SUNDAY, now=later)
    assert [each.source for each in found] == ["", "a", "b"]


def test_one_silent_source():
    """One source that fails is told of, while the others are heard."""
    read = {"a": SUNDAY, "b": SUNDAY + 14 * DAY}
    found = silences(WEEKLY, read, began=SUNDAY, now=SUNDAY + 15 * DAY)
    assert found == [slots.Silence("a", SUNDAY)]


def test_a_source_that_was_never_heard():
    """What never answered is measured from the first run; before that, nothing."""
    assert silences(WEEKLY, {}, began=None, now=SUNDAY) == []
    found = silences(WEEKLY, {}, began=SUNDAY, now=SUNDAY + 12 * DAY)
    assert [(s.source, s.since) for s in found] == [
        ("", None),
        ("a", None),
        ("b", None),
    ]
