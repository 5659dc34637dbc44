"""Pruning: what was derived stays, what goes is told, and a rebuild starts there."""

import json
from datetime import timedelta

import pytest

from tests.support.maps import Map, edited, small_map, without
from tests.support.program import Trail
from tracker import wiring

WEEKS = 20


def at(week: int) -> str:
    """The day of a week."""
    day = wiring.instant("2025-01-06") + timedelta(weeks=week)
    return day.strftime("%Y-%m-%d")


def said(week: int) -> Map:
    """A map with changes, a model that comes and goes, a value that is held."""
    now = edited(small_map(), input_cost_per_token=(100 + 5 * (week // 2)) * 1e-8)
    if week % 7 > 3:
        now = without(now, "globex/model-02")
    if week in (9, 14):
        now = edited(now, "hooli/model-11", output_cost_per_token=4.4e-05)
    return edited(now, "acme/model-13", max_input_tokens=1000 + week)


@pytest.fixture
def filled(trail, monkeypatch):
    """Twenty weeks, and a clock that stands at their end."""
    bodies = {f"{at(week)}_1.{week}.0.json": said(week) for week in range(WEEKS)}
    trail.backfill(bodies)
    monkeypatch.setattr(wiring, "now", lambda: wiring.instant(at(WEEKS)))
    return trail


def kept(trail: Trail) -> int:
    """How many bodies are stored."""
    return trail.tables.one("SELECT COUNT(body) FROM captures")


def test_all_is_kept_by_default(filled):
    """Without a word about what to keep, nothing is dropped."""
    ran = filled("captures", "prune")
    assert ran.code == 0
    assert "all bodies are kept" in ran.out
    assert kept(filled) == WEEKS


def test_pruning_keeps_what_was_derived(filled):
    """Bodies go; prices, changes, facts and holds stay as they are, and a rebuild
    from the floor on ends in the same state.
    """
    before = filled.tables.projection()
    ran = filled("captures", "prune", "--keep-weeks", "8")
    assert ran.code == 0, ran.text
    assert "can no longer be derived anew" in ran.out
    assert kept(filled) <= 12
    assert filled.tables.projection() == before
    again = filled("rebuild")
    assert again.code == 0
    assert "were pruned" in again.out
    assert filled.tables.projection() == before
    assert filled("db", "check").code == 0


@pytest.mark.parametrize("weeks", range(1, 19))
def test_a_rebuild_from_any_floor_is_the_same(sqlite_trail, monkeypatch, weeks):
    """Wherever the floor is, what is derived from it on is what stood there."""
    bodies = {f"{at(week)}_1.{week}.0.json": said(week) for week in range(WEEKS)}
    sqlite_trail.backfill(bodies)
    monkeypatch.setattr(wiring, "now", lambda: wiring.instant(at(WEEKS)))
    before = sqlite_trail.tables.projection()
    ran = sqlite_trail("captures", "prune", "--keep-weeks", str(weeks))
    assert ran.code == 0, ran.text
    sqlite_trail("rebuild")
    assert sqlite_trail.tables.projection() == before
    later = edited(said(WEEKS), output_cost_per_token=5e-06)
    sqlite_trail.sync(later, at(WEEKS))
    after = sqlite_trail.tables.projection()
    sqlite_trail("rebuild")
    assert sqlite_trail.tables.projection() == after


def test_a_dry_run_drops_nothing(filled):
    """It says what would go, and leaves it."""
    ran = filled("captures", "prune", "--keep-weeks", "8", "--dry-run")
    assert "would drop" in ran.out
    assert kept(filled) == WEEKS
    assert filled.tables.one("SELECT COUNT(*) FROM decisions") == 0


def test_samples_are_kept(filled):
    """One body in a week, or in a month, stays before the whole weeks."""
    filled("captures", "prune", "--keep-weeks", "8", "--keep-monthly", "2")
    listed = json.loads(filled("captures", "list", "--format", "json").out)
    old = [row["observed_at"][:7] for row in listed if row["packed"]]
    assert old.count("2025-02") == 1


def test_pruning_twice_goes_on(filled):
    """A second pruning with less to keep drops more; with the same it drops none."""
    filled("captures", "prune", "--keep-weeks", "10")
    first = kept(filled)
    ran = filled("captures", "prune", "--keep-weeks", "10")
    assert "nothing to drop" in ran.out
    filled("captures", "prune", "--keep-weeks", "4")
    assert kept(filled) < first


def test_what_belongs_before_the_floor_is_refused(filled):
    """A body from before the floor is kept, rejected with a reason, and the history
    after it stays.
    """
    filled("captures", "prune", "--keep-weeks", "8")
    before = filled.tables.projection()
    late = edited(small_map(), output_cost_per_token=7e-06)
    filled.sync(late, "2025-02-05")
    assert filled.tables.projection() == before
    (row,) = filled.tables.rows(
        "SELECT status, note FROM captures WHERE observed_at = '2025-02-05T00:00:00Z'"
    )
    assert row["status"] == "rejected"
    assert "pruned" in row["note"]


def test_decisions_still_work(filled):
    """A hold after the floor can be accepted, and takes effect at its own instant."""
    filled("captures", "prune", "--keep-weeks", "8")
    dear = edited(said(WEEKS), "acme/model-07", input_cost_per_token=1e-04)
    filled.sync(dear, at(WEEKS))
    held = json.loads(filled("review", "--format", "json").out)
    (name,) = [row["id"] for row in held if row["key"] == "acme/model-07"]
    assert filled("review", "accept", name).code == 0
    assert filled.tables.standing("acme/model-07")["input"] == 100.0


def test_nothing_is_dropped_where_the_replay_differs(filled, monkeypatch):
    """If what is derived from the floor on is anything else, no body goes."""
    from storage.keeping import pruning

    real = pruning.rewind

    def wrong(connection, source_id, floor):
        real(connection, source_id, floor)
        connection.exec_driver_sql("UPDATE rates SET raw = 'something else'")

    monkeypatch.setattr(pruning, "rewind", wrong)
    before = filled.tables.projection()
    ran = filled("captures", "prune", "--keep-weeks", "8")
    assert ran.code == 3
    assert "no body was dropped" in ran.err
    assert kept(filled) == WEEKS
    assert filled.tables.projection() == before


def test_the_list_tells_what_became_of_each(filled):
    """Captures are listed newest first, with what is stored of them."""
    filled("captures", "prune", "--keep-weeks", "8")
    listed = json.loads(filled("captures", "list", "--format", "json").out)
    assert len(listed) == WEEKS
    assert listed[0]["observed_at"] > listed[-1]["observed_at"]
    assert not listed[-1]["kept"]
    assert "pruned" in filled("captures", "list").out
