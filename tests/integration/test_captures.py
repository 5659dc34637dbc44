"""Captures: the raw bodies, kept once, given back byte for byte."""

from datetime import UTC, datetime

import pytest

from storage.captures import Captures, NewCapture, sha256_of
from storage.sources import ensure
from storage.unit_of_work import Store
from tests.support import maps
from tests.support.tables import Tables


@pytest.fixture
def store(db_url):
    """An open store."""
    opened = Store(db_url)
    yield opened
    opened.close()


def added(store, body, day, source="litellm"):
    """Store a capture of a day in January; its id, or None."""
    at = datetime(2025, 1, day, tzinfo=UTC)
    with store.writing() as work:
        row = ensure(work.connection, source, precedence=20, provider=None, reader=1)
        new = NewCapture(row.id, at, at, "file", body)
        found = Captures(work.connection, row.id).add(new)
        work.commit()
    return found


@pytest.mark.parametrize(
    "body",
    [
        b"{}",
        b"",
        b"\x00" * 100_000,
        bytes(range(256)) * 50,
        maps.body(maps.small_map()),
    ],
    ids=["short", "empty", "zeros", "binary", "map"],
)
def test_a_body_comes_back_byte_for_byte(store, body):
    """What is stored is what was fetched, whatever bytes it holds."""
    added(store, body, 6)
    with store.reading() as connection:
        captures = Captures(connection, 1)
        (capture,) = captures.pending()
        assert captures.body(capture) == body
        assert (capture.sha256, capture.size) == (sha256_of(body), len(body))


def test_the_same_bytes_are_kept_once(store, db_url):
    """An unchanged body is a row of its own without a second copy."""
    ids = [added(store, b"the same" * 1000, day) for day in (6, 13, 20)]
    assert None not in ids
    with store.reading() as connection:
        captures = Captures(connection, 1)
        bodies = [captures.body(capture) for capture in captures.pending()]
    assert bodies == [b"the same" * 1000] * 3
    assert Tables(db_url).one("SELECT COUNT(body) FROM captures") == 1


def test_the_same_capture_is_stored_once(store):
    """Source, instant and hash together name a capture."""
    assert added(store, b"one", 6) is not None
    assert added(store, b"one", 6) is None
    assert added(store, b"two", 6) is not None
    assert added(store, b"one", 7) is not None


def test_each_source_keeps_its_own_bodies(store, db_url):
    """The same bytes from two sources are two bodies, as sources come and go."""
    added(store, b"shared", 6)
    added(store, b"shared", 6, source="openrouter")
    assert Tables(db_url).one("SELECT COUNT(body) FROM captures") == 2


def test_a_sync_keeps_what_it_read(trail):
    """A capture says where its body came from, when, and that it was applied."""
    trail.sync(maps.small_map(), "2025-01-06")
    (row,) = trail.tables.rows(
        "SELECT observed_at, origin, version, status, sha256, url FROM captures"
    )
    body = maps.body(maps.small_map())
    assert (row["observed_at"], row["origin"]) == ("2025-01-06T00:00:00Z", "file")
    assert (row["status"], row["sha256"]) == ("applied", sha256_of(body))
    assert row["url"].startswith("file://")


def test_a_body_that_cannot_be_read_is_kept_too(trail):
    """A failed capture keeps its bytes, so that a better parser can try again."""
    trail.sync(maps.small_map(), "2025-01-06")
    trail.sync(b"<html>sorry</html>", "2025-01-13")
    (row,) = trail.tables.rows(
        "SELECT status, size, note FROM captures WHERE status = 'failed'"
    )
    assert row["size"] == len(b"<html>sorry</html>")
    assert "not JSON" in row["note"]
    assert trail.tables.one("SELECT COUNT(body) FROM captures") == 2
