"""Bringing a filled database of an older schema up to date: all, once, or nothing.

The newer schema is made up here: a second migration in a folder of the test's own.
"""

import subprocess
import sys
from pathlib import Path

import pytest
from alembic import command

from storage import schema, unit_of_work
from storage.engine import open_engine
from storage.keeping import checkup, upgrade
from storage.unit_of_work import Store
from storage.views import VIEWS
from tests.integration.test_crashes import FIRST, SECOND, after
from tests.integration.test_migrations import migrations, one_line
from tests.support.maps import edited, small_map
from tests.support.program import environment
from tests.support.tables import Tables
from tracker.domain.errors import StorageError

NEXT = "0002"
HEADER = f"""
import sqlalchemy as sa
from alembic import op
revision, down_revision, branch_labels, depends_on = "{NEXT}", "0001", None, None
"""
GOOD = """
def upgrade():
    family = sa.Column("family", sa.Text(), nullable=False, server_default="none")
    with op.batch_alter_table("offers") as batch:
        batch.add_column(family)
        batch.create_check_constraint("family", "family <> ''")
    with op.batch_alter_table("sources") as batch:
        batch.create_check_constraint("named", "name <> ''")
    op.create_table("upgrades", sa.Column("at", sa.Text()))
    op.execute("INSERT INTO upgrades VALUES ('once')")
"""
"""Two tables that others refer to are changed, one is added and filled."""

BAD = {
    "broken": GOOD + "    op.execute('INSERT INTO nowhere VALUES (1)')\n",
    "refused": GOOD + "    op.execute('UPDATE rates SET price_nano = -1')\n",
    "unlinked": """
def upgrade():
    op.execute("DELETE FROM source_keys WHERE id = 1")
""",
}
TOOL = """
import sys
from storage.keeping import upgrade
from storage import unit_of_work
upgrade.HEAD = unit_of_work.HEAD = sys.argv[2]
upgrade.VERSIONS = (*upgrade.VERSIONS, sys.argv[3])
unit_of_work.Store(sys.argv[1]).close()
"""
"""The program as it will be when it has the next migration."""


@pytest.fixture
def old(blank):
    """A database that the first migration made, with some weeks in it."""
    engine, config = open_engine(blank.url), migrations()
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        for name, query in VIEWS.items():
            connection.exec_driver_sql(f"CREATE VIEW {name} AS {query}")
    engine.dispose()
    blank.sync(small_map(), FIRST)
    blank.sync(after(small_map()), SECOND)
    return blank


@pytest.fixture
def ship(tmp_path, monkeypatch):
    """Make a text the next migration of this program."""

    def shipped(text) -> Path:
        folder = tmp_path / "100% new versions"
        folder.mkdir()
        (folder / "0002_next.py").write_text(HEADER + text)
        for module in (schema, upgrade, unit_of_work, checkup):
            monkeypatch.setattr(module, "HEAD", NEXT)
        monkeypatch.setattr(upgrade, "VERSIONS", (*upgrade.VERSIONS, str(folder)))
        return folder

    return shipped


def contents(tables: Tables) -> dict[str, list[str]]:
    """Every row of every table of the first schema, in its columns of that time."""
    found = {}
    for table in sorted(shapes()):
        names = ", ".join(shapes()[table])
        rows = tables.rows(f"SELECT {names} FROM {table} ORDER BY id")
        found[table] = [str(_plain(row)) for row in rows]
    return found


def shapes() -> dict[str, list[str]]:
    """The tables and columns of the models."""
    from storage.keeping.copying import tables

    return {t.name: [c.name for c in t.columns] for t in tables()}


def _plain(row):
    values = row.items()
    return {n: bytes(v) if isinstance(v, memoryview) else v for n, v in values}


def test_an_upgrade_keeps_everything(old, ship):
    """Every row is still there, the views are there anew, and the new column, the new
    constraint and the new table with them; the program goes on.
    """
    before, names = contents(old.tables), old.tables.names()
    ship(GOOD)
    Store(old.url).close()
    assert contents(old.tables) == before
    assert old.tables.names() == {*names, "upgrades"}
    assert old.tables.one("SELECT version_num FROM alembic_version") == NEXT
    assert set(old.tables.column("SELECT family FROM offers")) == {"none"}
    assert old.tables.one("SELECT COUNT(*) FROM price_timeline") > 180
    with pytest.raises(Exception, match=r"(?i)check constraint"):
        old.tables.execute("UPDATE offers SET family = ''")
    third = edited(after(small_map()), "openai/model-06", output_cost_per_token=5e-06)
    assert old.sync(third, "2025-01-20").code in (0, 1)
    assert old("db", "check").code in (0, 1)
    assert old("db", "check").out.count("is missing") == 0


def test_references_are_checked_again_after_an_upgrade(old, ship):
    """What an upgrade turns off while it alters tables is on afterwards."""
    ship(GOOD)
    with pytest.raises(StorageError, match=r"(?i)foreign key"):
        without_offers(old.url)


def without_offers(url):
    """Open a database and delete what its rates refer to."""
    store = Store(url)
    try:
        with store.writing() as work:
            work.connection.exec_driver_sql("DELETE FROM offers")
            work.commit()
    finally:
        store.close()


def test_upgraders_at_once_do_it_once(old, ship, tmp_path):
    """Four processes that find the older schema at once leave one upgrade behind, and
    all of them go on.
    """
    before = contents(old.tables)
    folder = ship(GOOD)
    script = tmp_path / "open.py"
    script.write_text(TOOL)
    words = [sys.executable, str(script), old.url, NEXT, str(folder)]
    running = [
        subprocess.Popen(
            words, env=environment(), stderr=subprocess.PIPE, encoding="utf-8"
        )
        for _ in range(4)
    ]
    said = [process.communicate(timeout=60)[1] for process in running]
    assert [process.returncode for process in running] == [0] * 4, said
    assert old.tables.column("SELECT at FROM upgrades") == ["once"]
    assert contents(old.tables) == before


@pytest.mark.parametrize("fault", BAD)
def test_an_upgrade_that_fails_changes_nothing(old, ship, fault):
    """A migration that breaks half-way is one line that says so; tables, rows, views
    and the schema's number are what they were, and the older program goes on.
    """
    before, names = contents(old.tables), old.tables.names()
    ship(BAD[fault])
    ran = old("changes")
    assert (ran.code, ran.out, ran.err.count("\n")) == (3, "", 1)
    assert "the schema is still 0001, nothing was changed" in ran.err
    assert contents(old.tables) == before
    assert old.tables.names() == names
    assert old.tables.one("SELECT version_num FROM alembic_version") == "0001"


def test_the_older_program_goes_on_after_a_failure(old, ship, monkeypatch):
    """After an upgrade that failed, the program of before still works."""
    with monkeypatch.context():
        ship(BAD["broken"])
        assert old("changes").code == 3
    for module in (schema, upgrade, unit_of_work, checkup):
        monkeypatch.setattr(module, "HEAD", "0001")
    assert old("changes").code == 0


def test_the_older_program_refuses_the_newer_database(old, ship, monkeypatch):
    """A database that a newer Pricetrail made is refused in one line, unchanged."""
    ship(GOOD)
    Store(old.url).close()
    before = contents(old.tables)
    for module in (schema, upgrade, unit_of_work, checkup):
        monkeypatch.setattr(module, "HEAD", "0001")
    ran = old("changes")
    assert (ran.code, ran.err.count("\n")) == (3, 1)
    assert ran.err.endswith(
        "this database has schema 0002, newer than this Pricetrail knows (0001); "
        "upgrade Pricetrail\n"
    )
    assert contents(old.tables) == before
    found = old("doctor", "--format", "json").out
    assert "schema 0002 is newer than 0001; upgrade Pricetrail" in found


def test_a_schema_that_nobody_knows_is_one_line(old):
    """A number that no migration has is told, and nothing is changed."""
    old.tables.execute("UPDATE alembic_version SET version_num = '0000'")
    with pytest.raises(StorageError) as caught:
        Store(old.url)
    assert "schema 0000 cannot become 0001" in one_line(caught.value)
    assert old.tables.one("SELECT version_num FROM alembic_version") == "0000"


def test_an_older_backup_is_restored_into_the_newer_schema(
    old, ship, blank_url, tmp_path
):
    """A backup of the older schema is brought up to date on its way, and stays as it
    is itself.
    """
    file = tmp_path / "backup.db"
    assert old("db", "backup", str(file)).code == 0
    whole = file.read_bytes()
    before = contents(old.tables)
    ship(GOOD)
    assert old("db", "restore", str(file), "--force").code == 0
    assert contents(old.tables) == before
    assert file.read_bytes() == whole
