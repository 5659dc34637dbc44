"""Instants: aware, UTC, to the second, the same on both databases."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import select

from storage.captures import Captures, NewCapture
from storage.models import Capture, Source
from storage.sources import ensure
from storage.unit_of_work import Store
from tracker.domain.errors import StorageError

PLUS_FIVE = timezone(timedelta(hours=5))


@pytest.fixture
def store(db_url):
    """An open store."""
    opened = Store(db_url)
    yield opened
    opened.close()


def capture_at(work, instant):
    """Store a capture of an instant."""
    source = ensure(work.connection, "litellm", precedence=20, provider=None, reader=1)
    new = NewCapture(source.id, instant, instant, "file", b"{}")
    return Captures(work.connection, source.id).add(new)


def test_a_naive_instant_is_refused(store):
    """An instant without a time zone never reaches the database."""
    with (
        pytest.raises(StorageError, match="time zone"),
        store.writing() as work,
    ):
        capture_at(work, datetime(2025, 1, 6, 6))  # noqa: DTZ001 - that is the point
    with store.reading() as connection:
        assert connection.execute(select(Capture.id)).all() == []


def test_another_time_zone_is_converted(store):
    """Six o'clock at +05:00 comes back as one o'clock UTC."""
    with store.writing() as work:
        capture_at(work, datetime(2025, 1, 6, 6, tzinfo=PLUS_FIVE))
        work.commit()
    with store.reading() as connection:
        found = connection.execute(select(Capture.observed_at)).scalar_one()
    assert found == datetime(2025, 1, 6, 1, tzinfo=UTC)
    assert found.utcoffset() == timedelta(0)


def test_fractions_of_a_second_are_dropped(store):
    """Both databases keep instants to the second."""
    with store.writing() as work:
        capture_at(work, datetime(2025, 1, 6, 6, 0, 0, 999999, tzinfo=UTC))
        work.commit()
    with store.reading() as connection:
        found = connection.execute(select(Capture.observed_at)).scalar_one()
    assert found == datetime(2025, 1, 6, 6, tzinfo=UTC)


def test_sqlite_keeps_instants_as_text_of_one_width(sqlite_trail):
    """On SQLite an instant is ISO 8601 with Z, which sorts as time does."""
    store = Store(sqlite_trail.url)
    with store.writing() as work:
        capture_at(work, datetime(2025, 1, 6, 6, tzinfo=PLUS_FIVE))
        work.commit()
    store.close()
    assert sqlite_trail.tables.column("SELECT observed_at FROM captures") == [
        "2025-01-06T01:00:00Z"
    ]
    assert sqlite_trail.tables.one("SELECT datetime(observed_at) FROM captures")


def test_a_truth_value_comes_back_as_one(store):
    """A flag is true or false on both databases, whatever it is stored as."""
    with store.writing() as work:
        capture_at(work, datetime(2025, 1, 6, tzinfo=UTC))
        work.commit()
    with store.reading() as connection:
        assert bool(connection.execute(select(Capture.complete)).scalar_one()) is True
        assert bool(connection.execute(select(Source.rebuild)).scalar_one()) is False
