"""`pricetrail db`: nothing is lost on the way, and nothing is overwritten unasked."""

import json
import sqlite3
import subprocess
import time
from contextlib import closing

import pytest

from storage.engine import open_engine
from storage.keeping import copying
from storage.keeping.upgrade import _LOCK
from tests.support.maps import KEY, edited, small_map, without
from tests.support.program import Trail, command, environment
from tests.support.tables import Tables

FIRST, SECOND = "2025-01-06", "2025-01-13"


@pytest.fixture
def filled(trail):
    """A database with a history: changes, holds, a missing model, a decision."""
    trail.sync(small_map(), FIRST)
    later = without(edited(small_map(), input_cost_per_token=8e-07), "hooli/model-11")
    trail.sync(edited(later, "acme/model-07", output_cost_per_token=-1), SECOND)
    return trail


@pytest.fixture
def others(sqlite_url, postgres_url, tmp_path):
    """An empty database of each kind, beside the one that is filled."""
    spare = f"sqlite:///{tmp_path / 'spare.db'}"
    return {"sqlite": spare, "postgresql": postgres_url}


@pytest.fixture(params=["sqlite", "postgresql"])
def other(request, tmp_path):
    """The address of another empty database, of each kind in turn."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'other.db'}"
    return request.getfixturevalue("second_postgres_url")


@pytest.fixture
def second_postgres_url(postgres_server):
    """One more database on the server."""
    import psycopg

    with psycopg.connect(postgres_server, autocommit=True) as admin:
        admin.execute("CREATE DATABASE second")
    address = postgres_server.replace("/postgres?", "/second?")
    yield address.replace("postgresql://", "postgresql+psycopg://")
    with psycopg.connect(postgres_server, autocommit=True) as admin:
        admin.execute("DROP DATABASE second WITH (FORCE)")


def everything(url: str) -> dict[str, list[str]]:
    """Every row of every table, ids and all."""
    tables = Tables(url)
    return {
        t.name: [json.dumps(row, default=bytes.hex) for row in found]
        for t in copying.tables()
        for found in [tables.rows(f"SELECT * FROM {t.name} ORDER BY id")]
    }


def test_a_copy_has_every_row(filled, other):
    """From either kind into either kind, each row arrives with its id."""
    ran = filled("db", "copy", "--to", other)
    assert ran.code == 0, ran.text
    assert everything(other) == everything(filled.url)
    assert "what stands is what was read" in ran.out
    assert Trail(other, filled.folder)("db", "check").code == 0


def test_a_copy_goes_on(filled, other):
    """New rows of a copy get new ids, and its history goes on where it was."""
    filled("db", "copy", "--to", other)
    newer = edited(small_map(), input_cost_per_token=9e-07)
    copy = Trail(other, filled.folder)
    assert copy.sync(newer, "2025-01-20").code == filled.sync(newer, "2025-01-20").code
    assert copy.tables.projection() == filled.tables.projection()


def test_a_copy_is_told_by_the_table(filled, other):
    """JSON tells the rows and the hash of each table, the same both ways."""
    there = filled("db", "copy", "--to", other, "--format", "json")
    back = Trail(other, filled.folder)(
        "db", "copy", "--to", filled.url, "--force", "--format", "json"
    )
    assert json.loads(there.out) == json.loads(back.out)
    assert {row["table"] for row in json.loads(there.out)} >= {"captures", "rates"}


def test_a_target_that_holds_something_is_refused(filled, other):
    """Nothing is overwritten unless --force says so."""
    target = Trail(other, filled.folder)
    target.sync(small_map(), FIRST)
    before = everything(other)
    ran = filled("db", "copy", "--to", other)
    assert (ran.code, ran.err.count("\n")) == (2, 1)
    assert "--force" in ran.err
    assert everything(other) == before
    assert filled("db", "copy", "--to", other, "--force").code == 0
    assert everything(other) == everything(filled.url)


def test_a_database_is_not_copied_onto_itself(filled):
    """The same database under any address is refused, even with --force."""
    before = everything(filled.url)
    ran = filled("db", "copy", "--to", filled.url, "--force")
    assert ran.code == 2
    assert "same database" in ran.err
    assert everything(filled.url) == before


@pytest.mark.parametrize("to", ["mysql://me:secret@host/base", "://nowhere"])
def test_a_target_of_an_unknown_kind_is_wrong_usage(filled, to):
    """An address that is neither SQLite's nor PostgreSQL's is one line and exit 2."""
    ran = filled("db", "copy", "--to", to)
    assert (ran.code, ran.out, ran.err.count("\n")) == (2, "", 1)
    assert "use sqlite:///pricetrail.db or postgresql" in ran.err
    assert "secret" not in ran.err


def test_a_copy_that_differs_is_undone(filled, other, monkeypatch):
    """What arrives changed is found by its hash, and nothing of it stays."""
    Trail(other, filled.folder)("db", "upgrade")
    insert = copying._insert

    def lossy(connection, table, rows):
        kept = list(rows)
        insert(connection, table, kept[1:])

    monkeypatch.setattr(copying, "_insert", lossy)
    ran = filled("db", "copy", "--to", other)
    assert ran.code == 3
    assert "nothing was changed" in ran.err
    assert not any(everything(other).values())


def test_a_backup_is_restored_into_either_kind(filled, other, tmp_path):
    """A backup of a file or of a server is one file, and becomes either again."""
    ran = filled("db", "backup", str(tmp_path / "kept.db"))
    assert ran.code == 0, ran.text
    assert [p.name for p in tmp_path.glob("kept*")] == ["kept.db"]
    filled.sync(edited(small_map(), input_cost_per_token=2e-06), "2025-02-03")
    file = str(tmp_path / "kept.db")
    restored = Trail(other, tmp_path)
    assert restored("db", "restore", file).code == 0
    assert restored("db", "check").code == 0
    assert filled("db", "restore", file, "--force").code == 0
    assert everything(filled.url) == everything(other)
    assert [p.name for p in tmp_path.glob("kept*")] == ["kept.db"]


def test_a_backup_can_be_asked(filled, tmp_path):
    """A backup is a database like any other."""
    filled("db", "backup", str(tmp_path / "kept.db"))
    ran = filled.run("price", KEY, "--db", f"sqlite:///{tmp_path / 'kept.db'}")
    assert "$0.80" in ran.out


def test_a_backup_overwrites_nothing(filled, tmp_path):
    """A file that is there stays as it is without --force."""
    path = tmp_path / "kept.db"
    path.write_text("mine")
    ran = filled("db", "backup", str(path))
    assert ran.code == 2
    assert path.read_text() == "mine"
    assert filled("db", "backup", str(path), "--force").code == 0
    assert path.read_bytes().startswith(b"SQLite format 3")


def test_a_backup_while_something_is_written(trail, tmp_path):
    """A writer with half a change open neither waits nor is seen in the backup."""
    trail.sync(small_map(), FIRST)
    before = everything(trail.url)
    with closing(trail.tables.connect()) as writer:
        writer.execute("BEGIN" if not trail.tables.is_sqlite else "BEGIN IMMEDIATE")
        writer.execute("UPDATE rates SET price_nano = price_nano + 1")
        ran = trail("db", "backup", str(tmp_path / "kept.db"))
        writer.commit()
    assert ran.code == 0, ran.text
    assert everything(f"sqlite:///{tmp_path / 'kept.db'}") == before
    assert everything(trail.url) != before


def test_backups_during_a_backfill_are_whole(trail, tmp_path):
    """Each backup taken while another process writes is one consistent state."""
    folder = tmp_path / "maps"
    folder.mkdir()
    for week in range(12):
        said = edited(small_map(), input_cost_per_token=(100 + week) * 1e-8)
        trail.file(said, f"maps/2025-{week + 1:02}-05_1.{week}.0.json")
    trail("db", "upgrade")
    words = ("backfill", "litellm", "--from-dir", str(folder), "--db", trail.url)
    with subprocess.Popen(
        command(*words), env=environment(), stdout=-3, stderr=-3
    ) as running:
        taken = 0
        while running.poll() is None:
            taken += 1
            assert trail("db", "backup", str(tmp_path / f"{taken}.db")).code == 0
    assert running.returncode == 0
    for number in range(1, taken + 1):
        kept = Trail(f"sqlite:///{tmp_path / f'{number}.db'}", tmp_path)
        checked = kept("db", "check")
        assert checked.code == 0, checked.text
    assert taken > 1


@pytest.mark.parametrize("damage", ["text", "cut", "nothing", "folder", "other"])
def test_what_is_no_backup_is_refused(trail, tmp_path, damage):
    """A file that is no whole backup is one line, and the database stays empty."""
    path = tmp_path / "kept.db"
    full = Trail(f"sqlite:///{tmp_path / 'full.db'}", tmp_path)
    full.sync(small_map(), FIRST)
    full("db", "backup", str(path))
    if damage == "text":
        path.write_text("notes\n" * 1000)
    elif damage == "cut":
        path.write_bytes(path.read_bytes()[:40000])
    elif damage == "nothing":
        path.unlink()
    elif damage == "folder":
        path.unlink()
        path.mkdir()
    else:
        path.unlink()
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("CREATE TABLE invoices (id INTEGER)")
    ran = trail("db", "restore", str(path))
    assert ran.code in (2, 3), ran.text
    assert ran.err.splitlines()[-1].startswith("pricetrail: ")
    assert "Traceback" not in ran.text
    assert not any(everything(trail.url).values())


def test_a_backup_of_a_newer_pricetrail_is_refused(filled, tmp_path):
    """A schema that this version does not know is not guessed at."""
    path = tmp_path / "kept.db"
    filled("db", "backup", str(path))
    Tables(f"sqlite:///{path}").execute("UPDATE alembic_version SET version_num='9999'")
    ran = filled("db", "restore", str(path), "--force")
    assert ran.code == 3
    assert "upgrade Pricetrail" in ran.err


def test_check_finds_nothing_wrong(filled):
    """A database in order has no faults, and the exit is 0."""
    ran = filled("db", "check")
    assert ran.code == 0, ran.text
    assert "nothing is wrong" in ran.out
    assert filled("db", "check", "--format", "json").out.strip() == "[]"


FAULTS = {
    "periods overlap": "UPDATE rates SET valid_to = '2026-01-01T00:00:00Z' "
    "WHERE valid_to IS NOT NULL",
    "a period is untold": "DELETE FROM price_changes WHERE kind = 'changed'",
    "a body is damaged": "UPDATE captures SET body = substr(body, 1, 100)",
    "a body is lost": "UPDATE captures SET body = NULL",
    "a view is gone": "DROP VIEW price_timeline",
}


@pytest.mark.parametrize("fault", FAULTS)
def test_check_finds(filled, fault):
    """Damage is found, told with what to do, and the exit is 1."""
    filled.tables.execute(FAULTS[fault])
    ran = filled("db", "check", "--format", "json")
    assert ran.code == 1, ran.text
    assert all(row["advice"] for row in json.loads(ran.out))


def test_check_finds_a_sequence_that_lags(postgres_url, tmp_path):
    """On a server, new rows that would get ids in use are found."""
    trail = Trail(postgres_url, tmp_path)
    trail.sync(small_map(), FIRST)
    trail.tables.execute("SELECT setval('rates_id_seq', 1)")
    ran = trail("db", "check")
    assert ran.code == 1
    assert "rates would get ids in use" in ran.out


def test_upgrade_makes_a_database_once(blank):
    """The first upgrade makes the tables, the second has nothing to do."""
    assert "made" in blank("db", "upgrade").out
    assert "nothing to do" in blank("db", "upgrade").out
    assert blank("db", "check").code == 0


def test_four_processes_upgrade_at_once(blank):
    """However many start on an empty database, it is made once."""
    words = command("db", "upgrade", "--db", blank.url)
    running = [
        subprocess.Popen(words, env=environment(), stdout=-1, stderr=-2, text=True)
        for _ in range(4)
    ]
    ended = [(p.wait(), p.communicate()[0]) for p in running]
    assert [code for code, _ in ended] == [0] * 4, ended
    assert blank("db", "check").code == 0


def test_an_upgrade_waits_for_another_one(postgres_url, tmp_path):
    """While another process migrates, an upgrade waits, then finds it done."""
    import psycopg

    plain = postgres_url.replace("+psycopg", "")
    waiting = "SELECT COUNT(*) FROM pg_locks WHERE locktype='advisory' AND NOT granted"
    with psycopg.connect(plain) as other:
        other.execute("SELECT pg_advisory_xact_lock(%s)", (_LOCK,))
        words = command("db", "upgrade", "--db", postgres_url)
        running = subprocess.Popen(
            words, env=environment(), stdout=-1, stderr=-2, text=True
        )
        deadline = time.monotonic() + 30
        while not other.execute(waiting).fetchone()[0]:
            assert time.monotonic() < deadline, "it does not wait"
        assert running.poll() is None
        other.rollback()
    assert running.wait() == 0, running.communicate()
    assert running.communicate()[0].startswith("made ")


def test_ids_survive_a_round_trip_with_gaps(filled, other):
    """Ids that a rebuild left high stay what they are, and the next ones are higher."""
    filled("rebuild")
    before = filled.tables.one("SELECT MAX(id) FROM price_changes")
    filled("db", "copy", "--to", other)
    copy = Trail(other, filled.folder)
    copy.sync(edited(small_map(), output_cost_per_token=1e-06), "2025-02-03")
    rows = copy.tables.column("SELECT id FROM price_changes ORDER BY id")
    assert before in rows
    assert rows[-1] > before


def test_an_address_of_a_server_shows_no_password(filled):
    """A refusal names the target without its password."""
    ran = filled("db", "copy", "--to", "postgresql+psycopg://me:secret@127.0.0.1:1/b")
    assert ran.code == 3
    assert "secret" not in ran.text
    open_engine(filled.url).dispose()
