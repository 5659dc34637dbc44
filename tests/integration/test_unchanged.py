"""Two syncs of one map: nothing new but the note that it was read."""

import sqlite3
from contextlib import closing
from pathlib import Path

from tests.support.maps import small_map

ADDED = ("captures", "runs", "source_runs")
KEPT = (
    *("sources", "offers", "source_keys", "meters", "rates", "price_changes"),
    *("facts", "holds", "decisions", "verdicts"),
)
SYNCS = 24


def test_an_unchanged_sync_adds_one_row_each(trail):
    """The second sync of a map adds a capture, a run and its note, nothing else."""
    trail.sync(small_map(), "2025-01-06")
    before, kept = trail.tables.counts(*ADDED), trail.tables.counts(*KEPT)
    projection = trail.tables.projection()
    ran = trail.sync(small_map(), "2025-01-13")
    assert ran.code == 0
    assert "litellm: unchanged" in ran.out
    assert trail.tables.counts(*ADDED) == {t: n + 1 for t, n in before.items()}
    assert trail.tables.counts(*KEPT) == kept
    assert trail.tables.projection() == projection


def test_an_unchanged_sync_costs_less_than_a_kilobyte(sqlite_trail, tmp_path):
    """Packed, the database grows by less than 1 KiB for each unchanged sync."""
    sqlite_trail.sync(small_map(), "2025-01-01")
    before = packed(tmp_path / "trail.db", tmp_path / "before.db")
    for day in range(SYNCS):
        sqlite_trail.sync(small_map(), f"2025-02-{day + 1:02}")
    after = packed(tmp_path / "trail.db", tmp_path / "after.db")
    assert sqlite_trail.tables.counts("captures") == {"captures": SYNCS + 1}
    assert (after - before) / SYNCS < 1024


def packed(database: Path, copy: Path) -> int:
    """The size of a database without free pages."""
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("VACUUM INTO ?", (str(copy),))
    return copy.stat().st_size


def test_a_map_read_twice_at_one_instant_is_one_capture(trail):
    """The same body at the same instant is known already."""
    trail.sync(small_map(), "2025-01-06")
    ran = trail.sync(small_map(), "2025-01-06")
    assert ran.code == 0
    assert "known already" in ran.out
    assert trail.tables.counts("captures", "runs") == {"captures": 1, "runs": 2}


def test_every_sync_is_a_run_of_its_own(trail):
    """Two syncs within one second are two runs, each noted as done."""
    trail.sync(small_map(), "2025-01-06")
    trail.sync(small_map(), "2025-01-06")
    found = trail.tables.rows("SELECT kind, slot, outcome FROM runs ORDER BY slot")
    assert [tuple(row.values()) for row in found] == [
        ("manual", "2025-01-06T00:00:00Z", "done"),
        ("manual", "2025-01-06T00:00:01Z", "done"),
    ]
