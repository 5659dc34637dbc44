"""Two processes at one database at once: the same end as one after the other."""

import subprocess

import pytest

from storage import captures, sources
from storage.unit_of_work import Store
from tests.support.maps import body, edited, small_map
from tests.support.program import Trail, command, environment
from tracker.applying import catchup
from tracker.sources.registry import source_named

WEEKS = {
    f"2025-01-{6 + 7 * n:02}_1.{n}.0.json": edited(
        small_map(), input_cost_per_token=(100 + 10 * n) * 1e-8
    )
    for n in range(3)
}


def together(*commands: list[str]) -> list[tuple[int, str]]:
    """Run these at the same time; how each ended."""
    running = [
        subprocess.Popen(
            words,
            env=environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for words in commands
    ]
    return [(p.wait(), p.communicate()[0]) for p in running]


@pytest.fixture
def single(tmp_path):
    """What one process makes of the weeks."""
    folder = tmp_path / "single"
    folder.mkdir()
    trail = Trail(f"sqlite:///{folder / 'trail.db'}", folder)
    trail.backfill(WEEKS)
    return trail


def test_two_first_syncs_at_once(blank, tmp_path):
    """Two processes that make the database and sync one map make it once."""
    path = str(blank.file(small_map()))
    given = ("--source", "litellm", "--file", path, "--at", "2025-01-06")
    words = command("sync", *given, "--db", blank.url)
    ended = together(words, words)
    assert [code for code, _ in ended] == [0, 0], ended
    assert blank.tables.statuses() == {"applied": 1}
    assert blank.tables.counts("runs", "source_runs") == {
        "runs": 2,
        "source_runs": 2,
    }
    assert len(blank.tables.steps()) == 180


def test_two_backfills_at_once(blank, single):
    """Two backfills of one folder end in the state that one makes."""
    bodies = str(next(single.folder.glob("bodies-*")))
    words = command("backfill", "litellm", "--from-dir", bodies, "--db", blank.url)
    ended = together(words, words)
    assert [code for code, _ in ended] == [0, 0], ended
    assert blank.tables.history() == single.tables.history()
    assert blank.tables.statuses() == single.tables.statuses()


def test_a_sync_beside_a_rebuild(trail, single):
    """A sync that meets a rebuild loses nothing and repeats nothing."""
    newest = edited(small_map(), input_cost_per_token=1.3e-06)
    trail.backfill(WEEKS)
    path = str(trail.file(newest))
    given = ("--source", "litellm", "--file", path, "--at", "2025-02-03")
    ended = together(
        command("rebuild", "--db", trail.url),
        command("sync", *given, "--db", trail.url),
    )
    assert [code for code, _ in ended] == [0, 0], ended
    single.sync(newest, "2025-02-03")
    assert trail.tables.history() == single.tables.history()


def test_ids_are_not_remembered_across_a_rebuild(postgres_url, tmp_path):
    """A process that applies captures while another one rebuilds between two of its
    transactions goes on with the rows that are there now.
    """
    trail = Trail(postgres_url, tmp_path)
    spec = source_named("litellm")
    trail.sync(small_map(), "2025-01-06")
    one, other = Store(trail.url), Store(trail.url)
    for day, price in ((13, 1.1e-06), (20, 1.2e-06)):
        add(one, day, body(edited(small_map(), input_cost_per_token=price)))

    def meanwhile(applied):
        if applied.capture.observed_at.day == 13:
            catchup.rebuild(other, spec)
            add(other, 27, body(edited(small_map(), input_cost_per_token=1.3e-06)))

    catchup.catch_up(one, spec, meanwhile)
    one.close()
    other.close()
    changed = [s for s in trail.tables.steps() if s[2] == "changed"]
    assert [(s[0], *s[3:]) for s in changed] == [
        ("acme/model-01", 1.01, 1.1),
        ("acme/model-01", 1.1, 1.2),
        ("acme/model-01", 1.2, 1.3),
    ]


def add(store: Store, day: int, said: bytes) -> None:
    """Store a pending capture of a day in January."""
    from datetime import UTC, datetime

    at = datetime(2025, 1, day, tzinfo=UTC)
    with store.writing() as work:
        row = sources.find(work.connection, "litellm")
        new = captures.NewCapture(row.id, at, at, "file", said)
        captures.Captures(work.connection, row.id).add(new)
        work.commit()
