"""Crashes: nothing half-done stays, and the next run finishes the work."""

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from sqlalchemy import event
from sqlalchemy.engine import Engine

from tests.support.maps import Map, edited, small_map, without
from tests.support.program import Trail, command, environment

FIRST, SECOND = "2025-01-06", "2025-01-13"
WEEKS = 24


class Crash(BaseException):
    """The process dies here, as far as the program can tell."""


@contextmanager
def crash_at(statement: int) -> Iterator[list[str]]:
    """Let the nth statement that is sent to the database be the last one."""
    sent: list[str] = []

    def count(_connection, _cursor, sql, *_rest):
        sent.append(sql)
        if len(sent) == statement:
            raise Crash

    event.listen(Engine, "before_cursor_execute", count)
    try:
        yield sent
    finally:
        event.remove(Engine, "before_cursor_execute", count)


def after(before: Map) -> Map:
    """A week later: a cut, a withdrawal, a new model, a missing one, a hold."""
    cut = edited(before, input_cost_per_token=8e-07)
    gone = edited(cut, "acme/model-07", cache_read_input_token_cost=...)
    held = edited(gone, "hooli/model-11", output_cost_per_token=-1)
    new = edited(held, "acme/new", input_cost_per_token=1.2e-06, mode="chat")
    return without(new, "globex/model-02")


@pytest.fixture
def outcome(tmp_path):
    """The projection before and after an undisturbed sync."""
    folder = tmp_path / "undisturbed"
    folder.mkdir()
    trail = Trail(f"sqlite:///{folder / 'trail.db'}", folder)
    trail.sync(small_map(), FIRST)
    before = trail.tables.projection()
    with crash_at(0) as sent:
        trail.sync(after(small_map()), SECOND)
    return before, trail.tables.projection(), len(sent)


def test_a_crash_at_any_statement_leaves_one_state_or_the_other(trail, outcome):
    """Wherever a sync dies, its capture is applied as a whole or not at all, and the
    same sync again ends where an undisturbed one does.
    """
    before, done, statements = outcome
    trail.sync(small_map(), FIRST)
    assert trail.tables.projection() == before
    for statement in range(statements, 0, -4):
        with crash_at(statement), suppress(Crash):
            trail.sync(after(small_map()), SECOND)
        found = trail.tables.projection()
        assert found in (before, done), statement
    trail.sync(after(small_map()), SECOND)
    assert trail.tables.projection() == done
    assert trail.tables.statuses() == {"applied": 2}


def test_a_crash_while_applying_keeps_the_capture(sqlite_trail, outcome, monkeypatch):
    """A body that was fetched is not lost with the crash; any later run applies it."""
    from storage.projection import Projection

    before, done, _ = outcome
    sqlite_trail.sync(small_map(), FIRST)
    with monkeypatch.context() as patch, suppress(Crash):
        write = Projection.write

        def die(self, *words):
            write(self, *words)
            raise Crash

        patch.setattr(Projection, "write", die)
        sqlite_trail.sync(after(small_map()), SECOND)
    assert sqlite_trail.tables.projection() == before
    assert sqlite_trail.tables.statuses() == {"applied": 1, "pending": 1}
    later = edited(after(small_map()), "openai/model-06", max_input_tokens=1)
    sqlite_trail.sync(later, "2025-01-20")
    sqlite_trail.sync(after(small_map()), SECOND)
    assert sqlite_trail.tables.statuses() == {"applied": 3}
    kept = ("source_key", "meter", "kind", "observed_at", "new_price_nano")
    assert {tuple(json.loads(r)[k] for k in kept) for r in done["price_changes"]} <= {
        tuple(json.loads(row)[k] for k in kept)
        for row in sqlite_trail.tables.projection()["price_changes"]
    }


def test_a_crash_in_a_rebuild_leaves_the_old_state(trail, outcome):
    """Readers see the old projection until a rebuild is through."""
    _, done, _ = outcome
    trail.sync(small_map(), FIRST)
    trail.sync(after(small_map()), SECOND)
    for statement in (4, 8, 14, 20):
        with crash_at(statement), pytest.raises(Crash):
            trail("rebuild")
        assert trail.tables.projection() == done
    trail("rebuild")
    assert trail.tables.projection() == done


def weeks() -> dict[str, Map]:
    """A folder of maps, one a week, each with a change."""
    said, bodies = small_map(), {}
    for week in range(WEEKS):
        key = f"acme/model-{1 + 6 * (week % 9):02}"
        said = edited(said, key, output_cost_per_token=(300 + week) * 1e-8)
        day = f"2025-{1 + week // 4:02}-{7 * (week % 4) + 1:02}"
        bodies[f"{day}_1.{week}.0.json"] = said
    return bodies


@pytest.fixture
def undisturbed(tmp_path):
    """The state after a backfill that nothing disturbed, and the folder it read."""
    folder = tmp_path / "straight"
    folder.mkdir()
    trail = Trail(f"sqlite:///{folder / 'trail.db'}", folder)
    assert trail.backfill(weeks()).code == 0
    return trail.tables, next(folder.glob("bodies-*"))


def killed_at(url: str, bodies: Path, line: str) -> None:
    """Start a backfill and kill it as soon as it has come so far."""
    words = ("backfill", "litellm", "--from-dir", str(bodies), "--db", url)
    with subprocess.Popen(
        command(*words),
        env=environment(),
        cwd=bodies,
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
    ) as running:
        for said in running.stderr:
            if said.startswith(line):
                running.kill()
                break
        else:
            pytest.fail(f"the backfill never said {line!r}")


@pytest.mark.parametrize("line", ["fetch 2/", "fetch 22/", "apply 6/", "apply 20/"])
def test_a_killed_backfill_goes_on_where_it_was(sqlite_trail, undisturbed, line):
    """After kill -9 the same command finishes the work, and nothing is there twice."""
    expected, bodies = undisturbed
    killed_at(sqlite_trail.url, bodies, line)
    ran = sqlite_trail("backfill", "litellm", "--from-dir", str(bodies))
    assert ran.code == 0
    assert sqlite_trail.tables.projection() == expected.projection()
    assert sqlite_trail.tables.statuses() == expected.statuses()


def test_a_killed_backfill_goes_on_with_postgresql(postgres_url, tmp_path, undisturbed):
    """The same on a server, whose other end of the connection dies."""
    expected, bodies = undisturbed
    killed_at(postgres_url, bodies, "apply 8/")
    trail = Trail(postgres_url, tmp_path)
    assert trail("backfill", "litellm", "--from-dir", str(bodies)).code == 0
    assert trail.tables.projection() == expected.projection()
    assert trail.tables.statuses() == expected.statuses()
