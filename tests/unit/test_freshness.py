"""When a source is too old to count."""

from datetime import UTC, datetime, timedelta

import pytest

from tracker.judging.freshness import is_stale

NEWEST = datetime(2026, 11, 22, tzinfo=UTC)
WEEK = timedelta(days=7)


@pytest.mark.parametrize(
    ("days", "stale"), [(0, False), (14, False), (17, False), (18, True), (400, True)]
)
def test_two_missed_slots_are_an_outage(days, stale):
    """A weekly source counts for two weeks and a half after it was read well."""
    assert is_stale(NEWEST - timedelta(days=days), NEWEST, WEEK) is stale


def test_what_was_never_read_well_does_not_count():
    """A source without a good capture is stale."""
    assert is_stale(None, NEWEST, WEEK)
