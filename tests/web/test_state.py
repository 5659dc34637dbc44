"""The state that pages show: new when something changed, the same otherwise."""

import pytest

from storage.stamp import stamp
from storage.unit_of_work import Store
from tests.support import maps
from tracker import wiring
from tracker.web import view as views_module
from tracker.web.view import Views


def _stamp(trail):
    store = Store(trail.url)
    try:
        with store.reading() as connection:
            return stamp(connection)
    finally:
        store.close()


@pytest.fixture
def filled(trail):
    """A database with one sync of a small map."""
    assert trail.sync(maps.small_map(), "2026-01-04").code == 0
    return trail


def test_reading_changes_no_state(filled):
    """Questions leave the stamp as it was."""
    before = _stamp(filled)
    assert filled("models").code == 0
    assert _stamp(filled) == before


def test_a_sync_makes_a_new_state(filled):
    """Even a sync that finds nothing new is a new state: the last read is shown."""
    before = _stamp(filled)
    filled.sync(maps.small_map(), "2026-01-11")
    after = _stamp(filled)
    assert after != before
    assert after.at >= before.at


def test_a_rebuild_makes_a_new_state(filled):
    """Rows of the same numbers may mean something else after a replay."""
    before = _stamp(filled)
    assert filled("rebuild", "litellm").code == 0
    assert _stamp(filled) != before


def test_a_decision_makes_a_new_state(filled):
    """What a person accepts is shown at once."""
    said = maps.small_map()
    said[maps.KEY]["input_cost_per_token"] *= 40
    filled.sync(said, "2026-01-11")
    held = filled.tables.rows("SELECT id FROM holds WHERE status = 'pending'")
    before = _stamp(filled)
    assert filled("review", "accept", str(held[0]["id"])).code == 0
    assert _stamp(filled) != before


def test_an_empty_database_has_a_state_without_a_date(trail):
    """Nothing was written yet, and nothing fails for it."""
    Store(trail.url).close()
    assert _stamp(trail).at is None


def test_a_view_is_shared_until_something_changes(filled, monkeypatch):
    """Pages of one state share what was read for them."""
    monkeypatch.setattr(views_module, "RESTS", 0.0)
    store = Store(filled.url)
    try:
        views = Views(store, wiring.now)
        first = views.current()
        assert views.current() is first
        filled.sync(maps.small_map(), "2026-01-11")
        second = views.current()
        assert second is not first
        assert second.tag != first.tag
    finally:
        store.close()


def test_the_day_is_part_of_the_state(filled, monkeypatch):
    """What is retired today was not yesterday: each day has a view of its own."""
    monkeypatch.setattr(views_module, "RESTS", 0.0)
    days = iter([wiring.instant("2026-02-01"), wiring.instant("2026-02-02")])
    store = Store(filled.url)
    try:
        views = Views(store, lambda: next(days))
        assert views.current().tag != views.current().tag
    finally:
        store.close()
