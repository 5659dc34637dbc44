"""The state that pages show: new when something changed, the same otherwise."""

import shutil

import pytest
from freezegun import freeze_time

from storage import sources
from storage.stamp import stamp
from storage.unit_of_work import Store
from tests.support import maps
from tests.support.program import Trail
from tracker import wiring
from tracker.web import view as views_module
from tracker.web.view import View, Views


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


def test_which_source_is_too_old_is_part_of_the_state(filled):
    """As many of them as before, but others: what is best today is another price."""
    said = {"updated_at": "2026-01-04", "prices": []}
    words = ("--source", "llm-prices", "--file", str(filled.file(said)))
    filled("sync", *words, "--at", "2026-01-04")
    store = Store(filled.url)
    found = []
    try:
        for old in ("litellm", "llm-prices"):
            with store.writing() as work:
                for name, (id_, _, _) in sources.last_read(work.connection).items():
                    sources.mark_stale(work.connection, id_, stale=name == old)
                work.commit()
            found.append(_stamp(filled))
    finally:
        store.close()
    assert found[0] != found[1]


def test_a_backup_that_went_on_otherwise_is_another_state(sqlite_trail, tmp_path):
    """Put back, and synced at the same instant with another body that changes as much,
    a database has another name: who has a page of the one is not told that it is
    that of the other.
    """
    sqlite_trail.sync(maps.small_map(), "2026-01-04")
    names = set()
    for number, price in enumerate((7e-07, 8e-07)):
        folder = tmp_path / f"branch-{number}"
        folder.mkdir()
        for path in sqlite_trail.folder.glob("trail.db*"):
            shutil.copy(path, folder)
        branch = Trail(f"sqlite:///{folder / 'trail.db'}", folder)
        with freeze_time("2026-01-11T08:00:00Z"):
            branch.sync(
                maps.edited(maps.small_map(), input_cost_per_token=price), "2026-01-11"
            )
        names.add(View(None, wiring.instant("2026-01-12"), _stamp(branch)).tag)
    assert len(names) == 2


def test_both_databases_have_one_name_for_a_state(filled, tmp_path):
    """What a copy on the other database shows is the same, and so is its name."""
    other = f"sqlite:///{tmp_path / 'copy.db'}"
    assert filled("db", "copy", "--to", other).code == 0
    assert _stamp(Trail(other, tmp_path)) == _stamp(filled)
