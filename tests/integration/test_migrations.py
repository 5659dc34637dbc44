"""The schema: made on first use, kept in step with the models, guarded."""

import os
import sqlite3
import subprocess
import sys
import tempfile
from contextlib import closing
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory

from storage.engine import open_engine
from storage.schema import HEAD
from storage.sources import ensure
from storage.stamp import stamp
from storage.unit_of_work import Store
from storage.views import VIEWS
from tests.support.program import environment, process
from tests.support.tables import Tables
from tracker.domain.errors import StorageError, UsageError

TABLES = {
    *("sources", "captures", "runs", "source_runs", "offers", "source_keys"),
    *("meters", "rates", "price_changes", "verdicts", "facts", "holds"),
    *("decisions", "digests", "digest_items", "deliveries"),
}


NOBODY = 65534


def migrations() -> Config:
    """Alembic's view of the migrations that are shipped."""
    config = Config()
    config.set_main_option("script_location", "storage:migrations")
    return config


def one_line(fault: BaseException) -> str:
    """The message, which must be a single line."""
    text = str(fault)
    assert text
    assert "\n" not in text
    return text


def test_first_use_makes_every_table_and_view(blank_url):
    """Opening an empty database makes the tables and views that DESIGN names."""
    Store(blank_url).close()
    names = Tables(blank_url).names()
    assert names >= TABLES
    assert names >= set(VIEWS)
    assert Tables(blank_url).one("SELECT version_num FROM alembic_version") == HEAD


def test_models_and_migrations_agree(blank_url):
    """Alembic finds no difference between the models and a migrated database."""
    engine = open_engine(blank_url)
    config = migrations()
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        assert command.check(config) is None
    engine.dispose()


def test_a_new_database_is_what_the_migrations_make(blank_url):
    """The schema that is made at once has nothing that the migrations would change."""
    store = Store(blank_url)
    config = migrations()
    with store.writing() as work:
        config.attributes["connection"] = work.connection
        assert command.check(config) is None
        assert command.current(config) is None
    store.close()


def test_the_expected_schema_is_the_newest_migration():
    """`storage.schema.HEAD` names the one head of the migrations."""
    assert ScriptDirectory.from_config(migrations()).get_heads() == [HEAD]


def test_the_second_opening_leaves_the_schema_alone(blank_url):
    """A database that is up to date is opened without a change to it."""
    Store(blank_url).close()
    before = Tables(blank_url).names()
    store = Store(blank_url)
    with store.writing() as work:
        ensure(work.connection, "kept", precedence=1, provider=None, reader=1)
        work.commit()
    store.close()
    Store(blank_url).close()
    assert Tables(blank_url).names() == before
    assert Tables(blank_url).column("SELECT name FROM sources") == ["kept"]


def test_the_second_opening_imports_no_alembic(sqlite_url, tmp_path):
    """Alembic costs a third of a second, and only a migration pays for it."""
    Store(sqlite_url).close()
    script = tmp_path / "open.py"
    script.write_text(
        "import runpy, sys\n"
        f"sys.argv = ['pricetrail', 'changes', '--db', {sqlite_url!r}]\n"
        "try:\n    runpy.run_module('tracker', run_name='__main__')\n"
        "except SystemExit as end:\n    code = end.code\n"
        "print('alembic' in sys.modules, 'sqlalchemy' in sys.modules)\n"
    )
    done = subprocess.run(
        [sys.executable, str(script)],
        env=environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip().splitlines()[-1] == "False True"


def test_a_database_of_something_else_is_refused(blank_url):
    """Tables that are not ours are named, and nothing is added to them."""
    tables = Tables(blank_url)
    tables.execute("CREATE TABLE invoices (id INTEGER)")
    with pytest.raises(StorageError) as caught:
        Store(blank_url)
    assert "invoices" in one_line(caught.value)
    assert tables.names() == {"invoices"}


def test_a_newer_schema_is_refused(blank_url):
    """A database of a newer Pricetrail is left alone, with advice to upgrade."""
    Store(blank_url).close()
    Tables(blank_url).execute("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(StorageError) as caught:
        Store(blank_url)
    assert "upgrade Pricetrail" in one_line(caught.value)


def test_a_text_file_is_no_database(tmp_path):
    """A file that is no database is refused and stays as it was."""
    path = tmp_path / "notes.db"
    path.write_text("these are notes, not a database\n" * 100)
    with pytest.raises(StorageError) as caught:
        Store(f"sqlite:///{path}")
    assert "not a database" in one_line(caught.value)
    assert path.read_text().startswith("these are notes")


def test_a_missing_folder_is_told(tmp_path):
    """A database in a folder that does not exist says which folder to make."""
    with pytest.raises(StorageError) as caught:
        Store(f"sqlite:///{tmp_path / 'nowhere' / 'trail.db'}")
    assert "nowhere" in one_line(caught.value)
    assert not (tmp_path / "nowhere").exists()


@pytest.fixture
def read_only():
    """A database file that nobody may write, met by somebody who is not root."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        Store(f"sqlite:///{folder / 'trail.db'}").close()
        (folder / "trail.db").chmod(0o444)
        folder.chmod(0o555)
        am_root = os.geteuid() == 0
        if am_root:
            os.seteuid(NOBODY)
        try:
            yield f"sqlite:///{folder / 'trail.db'}"
        finally:
            if am_root:
                os.seteuid(0)
            folder.chmod(0o755)


def test_a_file_that_cannot_be_written_is_told(read_only):
    """A database file without write permission is one line with advice."""
    with pytest.raises(StorageError) as caught:
        emptied(read_only)
    assert "permission" in one_line(caught.value)


def test_a_file_in_a_folder_that_cannot_be_written_is_read(read_only):
    """Questions are answered from where SQLite cannot keep its log."""
    store = Store(read_only)
    try:
        with store.reading() as connection:
            assert stamp(connection).at is None
    finally:
        store.close()


def emptied(url: str) -> None:
    """Open a database and delete something in it."""
    store = Store(url)
    with store.writing() as work:
        work.connection.exec_driver_sql("DELETE FROM sources")


def test_a_folder_that_cannot_be_written_is_told():
    """A database where no file can be made is one line with advice."""
    with pytest.raises(StorageError) as caught:
        Store("sqlite:////proc/pricetrail.db")
    assert "permissions" in one_line(caught.value)


@pytest.mark.parametrize(
    "url",
    [
        "mysql://me:secret@host/base",
        "://",
        "postgresql+psycopg://me:secret@host:port/base",
    ],
)
def test_an_address_that_we_do_not_know_is_wrong_usage(url):
    """What is no address of SQLite or PostgreSQL is told as a mistake of the words."""
    with pytest.raises(UsageError) as caught:
        Store(url)
    assert "use sqlite:///pricetrail.db or" in one_line(caught.value)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    "url",
    [
        "postgresql+nosuchdriver://host/base",
        "postgresql+psycopg://nobody:secret@127.0.0.1:1/base",
        pytest.param("sqlite+nosuchdriver:///trail.db"),
    ],
)
def test_a_wrong_url_is_one_clear_line(url):
    """A URL that leads nowhere is told in one line, without its password."""
    with pytest.raises(StorageError) as caught:
        Store(url)
    assert "secret" not in one_line(caught.value)


def test_a_damaged_file_is_told(sqlite_trail, tmp_path):
    """A database file that was overwritten in part is one line, not a traceback."""
    path = tmp_path / "trail.db"
    Store(sqlite_trail.url).close()
    path.write_bytes(path.read_bytes()[:4096] + b"\xff" * 20000)
    ran = sqlite_trail("changes")
    assert ran.code == 3
    assert ran.err.count("\n") == 1


def test_a_migration_is_undone_as_a_whole(sqlite_url, monkeypatch, tmp_path):
    """A migration that fails half-way leaves the file without a single table."""
    monkeypatch.setitem(VIEWS, "price_history", "SELECT nothing FROM nowhere")
    with pytest.raises(StorageError):
        Store(sqlite_url)
    with closing(sqlite3.connect(tmp_path / "trail.db")) as connection:
        assert connection.execute("SELECT * FROM sqlite_master").fetchall() == []


def test_a_program_told_of_no_database_makes_none(tmp_path):
    """A question asked where there is no database says so and makes no file."""
    ran = process("changes", cwd=tmp_path)
    assert ran.code == 2
    assert "run: pricetrail sync" in ran.err
    assert list(tmp_path.iterdir()) == []
