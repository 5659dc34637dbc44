"""What the database itself refuses, whoever writes to it."""

import pytest

from tests.support import maps

START = "2025-01-06"
PERIOD = (
    "INSERT INTO rates (source_id, source_key_id, offer_id, meter_id, price_nano, "
    "currency, exact, raw, field, capture_id, valid_from, valid_to) "
    "SELECT source_id, source_key_id, offer_id, meter_id, {price}, currency, exact, "
    "raw, field, capture_id, {valid_from}, {valid_to} FROM rates "
    "WHERE id = (SELECT MIN(id) FROM rates)"
)


@pytest.fixture
def filled(trail):
    """A database with one map in it."""
    trail.sync(maps.small_map(), START)
    return trail.tables


def period(**parts: str) -> str:
    """A statement that adds a period beside the first one."""
    usual = {"price": "price_nano", "valid_from": "'2024-01-01T00:00:00Z'"}
    return PERIOD.format(**{**usual, "valid_to": "'2024-02-01T00:00:00Z'", **parts})


def refused(tables, sql):
    """The error's text; the statement must not pass."""
    before = tables.counts("rates", "facts")
    with pytest.raises(Exception) as caught:
        tables.execute(sql)
    assert tables.counts("rates", "facts") == before
    return str(caught.value).lower()


def test_a_closed_period_may_stand_beside_an_open_one(filled):
    """The statement that the tests below vary is itself accepted."""
    before = filled.counts("rates")["rates"]
    filled.execute(period())
    assert filled.counts("rates")["rates"] == before + 1


def test_a_second_open_period_is_refused(filled):
    """A key has at most one open period on a meter."""
    assert "unique" in refused(filled, period(valid_to="NULL"))


@pytest.mark.parametrize("end", ["2023-12-31", "2024-01-01"])
def test_a_period_that_ends_before_it_begins_is_refused(filled, end):
    """A period is never empty and never runs backwards."""
    assert "period" in refused(filled, period(valid_to=f"'{end}T00:00:00Z'"))


def test_a_negative_price_is_refused(filled):
    """No rate is below zero."""
    assert "price_not_negative" in refused(filled, period(price="-1"))


def test_text_for_a_price_is_refused(filled):
    """A price column holds whole numbers only, on SQLite too."""
    assert refused(filled, period(price="'cheap'"))


def test_a_fraction_for_a_price_is_refused_by_sqlite(sqlite_trail):
    """SQLite keeps no fraction in a column of whole numbers."""
    sqlite_trail.sync(maps.small_map(), START)
    assert "real" in refused(sqlite_trail.tables, period(price="0.5"))


def test_foreign_keys_are_on(trail):
    """A row that refers to nothing is refused through the program's own store."""
    from storage.unit_of_work import Store
    from tracker.domain.errors import StorageError

    trail.sync(maps.small_map(), START)
    store = Store(trail.url)
    with pytest.raises(StorageError, match=r"(?i)foreign key"), store.writing() as work:
        work.connection.exec_driver_sql(
            "UPDATE rates SET offer_id = 999999 WHERE id = (SELECT MIN(id) FROM rates)"
        )
    store.close()


def test_an_unfinished_unit_of_work_is_undone(trail):
    """What was not committed is not there afterwards."""
    from storage.unit_of_work import Store

    trail.sync(maps.small_map(), START)
    store = Store(trail.url)
    with store.writing() as work:
        work.connection.exec_driver_sql("DELETE FROM facts")
    store.close()
    assert trail.tables.counts("facts")["facts"] > 0


def test_a_capture_is_known_by_source_instant_and_hash(filled):
    """The very same capture cannot be there twice."""
    sql = (
        "INSERT INTO captures (source_id, observed_at, fetched_at, origin, sha256, "
        "size, complete, status) SELECT source_id, observed_at, fetched_at, origin, "
        "sha256, size, complete, status FROM captures"
    )
    assert "unique" in refused(filled, sql)
