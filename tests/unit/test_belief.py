"""What is believed of several sources' series and the findings on their steps."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.domain.belief import Stream, believe
from tracker.domain.chronicle import Period
from tracker.domain.rules import Finding

DAY0 = datetime(2025, 1, 1, tzinfo=UTC)
WRONG = Finding("correction", "unit_error")
FLAP = Finding("flap", "flap")
MOVE = Finding("move")


def instant(day):
    """So many days after the first."""
    return DAY0 + timedelta(days=day)


def late(day):
    """A move that a witness dates."""
    return Finding("move", "late", effective_at=instant(day))


def stream(*points, found=None, source="litellm", rank=20, currency="USD"):
    """A series of (day, price); None is a gap. Findings by the day of the step."""
    ends = [instant(day) for day, _ in points[1:]] + [None]
    periods = [
        Period(price, currency, instant(day), end)
        for (day, price), end in zip(points, ends, strict=True)
        if price is not None
    ]
    findings = {instant(day): finding for day, finding in (found or {}).items()}
    return Stream((rank, source, "key"), source, periods, findings)


def told(*streams):
    """What is believed, as (from day, to day, price, basis)."""
    return [
        (
            (b.start - DAY0).days,
            (b.end - DAY0).days if b.end else None,
            b.nano,
            b.basis,
        )
        for b in believe(streams)
    ]


@pytest.mark.parametrize(
    ("points", "found", "expected"),
    [
        ([(0, 5)], {}, [(0, None, 5, "published")]),
        (
            [(0, 5), (10, 4)],
            {10: MOVE},
            [(0, 10, 5, "published"), (10, None, 4, "published")],
        ),
        ([(0, 2690), (10, 2)], {10: WRONG}, [(0, None, 2, "corrected")]),
        (
            [(0, 9000), (10, 90), (20, 9)],
            {10: WRONG, 20: WRONG},
            [(0, None, 9, "corrected")],
        ),
        (
            [(0, 8), (10, 9000), (20, 9)],
            {10: MOVE, 20: WRONG},
            [(0, 10, 8, "published"), (10, None, 9, "corrected")],
        ),
        (
            [(0, 9000), (10, 9), (20, 7)],
            {10: WRONG, 20: MOVE},
            [(0, 20, 9, "corrected"), (20, None, 7, "published")],
        ),
        ([(0, 3), (10, 2), (17, 3)], {10: FLAP, 17: FLAP}, [(0, None, 3, "corrected")]),
        (
            [(0, 3), (10, 2), (17, 3)],
            {10: MOVE, 17: FLAP},
            [
                (0, 10, 3, "published"),
                (10, 17, 2, "published"),
                (17, None, 3, "published"),
            ],
        ),
        (
            [(0, 3), (10, 2), (17, 3), (24, 2), (31, 3)],
            {10: FLAP, 17: FLAP, 24: FLAP, 31: FLAP},
            [(0, None, 3, "corrected")],
        ),
        (
            [(0, 10), (30, 2)],
            {30: late(20)},
            [(0, 20, 10, "published"), (20, None, 2, "dated")],
        ),
    ],
    ids=[
        "stands",
        "moves",
        "unit",
        "two-errors",
        "error-after-a-move",
        "move-after-an-error",
        "flap",
        "half-a-flap",
        "flaps",
        "late",
    ],
)
def test_findings_become_beliefs(points, found, expected):
    """Errors are put right backwards, flaps left out, late moves dated earlier."""
    assert told(stream(*points, found=found)) == expected


@pytest.mark.parametrize("day", [-5, 0, 30, 40])
def test_a_late_move_stays_within_its_own_two_periods(day):
    """A date before the old price was known, or after the step, moves nothing."""
    found = told(stream((0, 10), (30, 2), found={30: late(day)}))
    assert [row[:3] for row in found] == [(0, 30, 10), (30, None, 2)]


@pytest.mark.parametrize("finding", [WRONG, FLAP, late(15)])
def test_gaps_stay_gaps(finding):
    """No price is believed for a time in which the source gave none."""
    said = stream((0, 9000), (10, None), (20, 9), found={20: finding})
    assert [row[:3] for row in told(said)] == [(0, 10, 9000), (20, None, 9)]


def test_a_flap_that_ends_in_a_gap_leaves_the_gap():
    """A flap's price is left out; the days without any price stay without."""
    said = stream((0, 3), (10, 2), (14, None), (17, 3), found={10: FLAP, 17: FLAP})
    assert [row[:3] for row in told(said)] == [(0, 14, 3), (17, None, 3)]


def test_another_currency_is_never_put_right():
    """A number of one currency says nothing of a price in another."""
    usd = (
        Period(9000, "DBU", instant(0), instant(10)),
        Period(9, "USD", instant(10), None),
    )
    said = Stream((1, "s", "k"), "s", usd, {instant(10): WRONG})
    assert [(b.nano, b.currency) for b in believe([said])] == [
        (9000, "DBU"),
        (9, "USD"),
    ]


def test_the_best_source_is_believed_for_each_stretch():
    """A provider's own word counts while it speaks, others before and after it."""
    own = stream((10, 7), (20, None), source="openai", rank=0)
    litellm = stream((0, 5), (15, 6), (40, None))
    dev = stream((30, 4), source="models-dev", rank=30)
    assert told(dev, litellm, own) == [
        (0, 10, 5, "published"),
        (10, 20, 7, "published"),
        (20, 40, 6, "published"),
        (40, None, 4, "published"),
    ]


def test_the_order_in_which_sources_are_given_means_nothing():
    """Belief depends on rank alone."""
    streams = [
        stream((0, 5), source="b", rank=2),
        stream((3, 6), (9, None), source="a", rank=1),
        stream((5, 7), source="c", rank=3),
    ]
    assert told(*streams) == told(*reversed(streams))


def test_nothing_is_believed_of_nothing():
    """No source, no belief."""
    assert believe([]) == []
    assert believe([Stream((1, "s", "k"), "s", (), {})]) == []


FOUND = st.one_of(
    st.sampled_from([WRONG, FLAP, MOVE, None]), st.integers(-2, 32).map(late)
)
POINTS = st.lists(
    st.tuples(st.integers(0, 30), st.sampled_from([None, 0, 1, 2, 3]), FOUND),
    min_size=1,
    max_size=6,
    unique_by=lambda point: point[0],
).map(lambda points: sorted(points, key=lambda point: point[0]))


@st.composite
def streams_of(draw):
    """Up to four sources with random series and findings on their steps."""
    return [
        stream(
            *((day, price) for day, price, _ in points),
            found={day: finding for day, _, finding in points if finding},
            source=f"s{n}",
            rank=draw(st.integers(0, 2)),
        )
        for n, points in enumerate(draw(st.lists(POINTS, min_size=1, max_size=4)))
    ]


def days_of(spans):
    """The days that some spans cover, up to the fortieth."""
    far = instant(40)
    covered = [((s - DAY0).days, ((e or far) - DAY0).days) for s, e in spans]
    return sorted(day for start, end in covered for day in range(start, end))


@given(streams_of())
def test_beliefs_cover_what_was_said_and_never_overlap(streams):
    """Every day on which some source gave a price has one belief, no other day any."""
    beliefs = believe(streams)
    days = days_of((b.start, b.end) for b in beliefs)
    said = days_of((p.start, p.end) for s in streams for p in s.periods)
    assert days == sorted(set(said))
    assert all(b.end is None or b.start < b.end for b in beliefs)


@given(streams_of())
def test_only_what_was_said_is_believed(streams):
    """No belief has a price, or a source, that nobody gave."""
    said = {(s.source, p.nano) for s in streams for p in s.periods}
    assert {(b.source, b.nano) for b in believe(streams)} <= said
