"""docs/queries.md: every answer is what the databases give, SQLite and PostgreSQL.

Made anew as in `test_readme.py`.
"""

import json
import re
import sqlite3
from contextlib import closing
from datetime import datetime

import pytest
from freezegun import freeze_time

from tests.e2e.test_docs_queries import answered
from tests.e2e.test_readme import CHECKOUT, FENCE, Shell, history, refreshed, settled
from tests.support.program import cli

__all__ = ["history"]

QUERIES = CHECKOUT / "docs" / "queries.md"
METADATA = CHECKOUT / "docs" / "datasette-metadata.json"
TODAY = "2026-11-22T12:00:00Z"
BLOCK = re.compile(
    rf"^{FENCE}sql\n(.*?)\n{FENCE}\n\n((?:\|[^\n]*\n)+)", re.MULTILINE | re.DOTALL
)
ASKED = [
    pytest.param(sql, table, id=f"{number:02d}")
    for number, (sql, table) in enumerate(BLOCK.findall(QUERIES.read_text("utf-8")))
]


def test_answers_are_current(history):
    """Every SQL block has the answer that SQLite gives under it."""
    settled(QUERIES, answered(QUERIES.read_text("utf-8"), history))


def test_commands_print_what_is_shown(history):
    """Every command of a text block prints the lines under it on that day."""
    text = QUERIES.read_text("utf-8")
    plain, console = f"{FENCE}text\n$ ", f"{FENCE}console\n$ "
    with freeze_time(TODAY):
        fresh = refreshed(text.replace(plain, console), Shell(history))
    settled(QUERIES, fresh.replace(console, plain))


def test_two_dozen_questions_are_answered():
    """There are as many as promised, and none is asked twice."""
    assert len(ASKED) >= 24
    assert len({param.values[0] for param in ASKED}) == len(ASKED)


@pytest.fixture(scope="module", name="elephant")
def _elephant(postgres_server, history):
    """A PostgreSQL database with three years of litellm's maps."""
    import psycopg

    with psycopg.connect(postgres_server, autocommit=True) as admin:
        admin.execute("CREATE DATABASE questions")
    address = postgres_server.replace("/postgres?", "/questions?")
    url = address.replace("postgresql://", "postgresql+psycopg://")
    ran = cli("db", "copy", "--to", url, "--db", f"sqlite:///{history}")
    assert ran.code == 0, ran.text
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute("SET TIME ZONE 'UTC'")
        yield connection


@pytest.mark.parametrize(("sql", "table"), ASKED)
def test_postgresql_gives_the_same_answer(elephant, sql, table):
    """The same SQL gives the rows that the document shows, in their order."""
    found = elephant.execute(sql)
    heads = [column.name for column in found.description]
    shown = [line.strip("| ").split(" | ") for line in table.splitlines()]
    assert heads == [cell.strip() for cell in shown[0]]
    rows = [[_text(value) for value in row] for row in found]
    told = [_cells(line) for line in table.splitlines()[2:]]
    assert rows == told


def _cells(line):
    return [_text(cell.strip()) for cell in line.removeprefix("|")[:-1].split("|")]


def _text(value):
    """A value as both databases write it: numbers without trailing zeros."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.isoformat()
    try:
        return f"{float(value):.12g}"
    except ValueError:
        return str(value)


@pytest.fixture(name="metadata")
def _metadata():
    return json.loads(METADATA.read_text("utf-8"))["databases"]["pricetrail"]


def test_datasette_is_told_of_tables_that_exist(history, metadata):
    """Tables, views, columns and sort orders that the metadata names are there."""
    with closing(sqlite3.connect(history)) as connection:
        for name, said in metadata["tables"].items():
            info = connection.execute(f"PRAGMA table_info({name})").fetchall()
            columns = {row[1] for row in info}
            assert columns, name
            named = {*said.get("columns", {}), *said.get("facets", [])}
            named |= {
                said[k] for k in ("sort", "sort_desc", "label_column") if k in said
            }
            assert named <= columns, name


def test_saved_queries_of_datasette_answer(history, metadata):
    """Every saved query runs, with its parameters as text."""
    with closing(sqlite3.connect(history)) as connection:
        for name, query in metadata["queries"].items():
            given = dict.fromkeys(re.findall(r":(\w+)", query["sql"]), "gpt-4o")
            assert connection.execute(query["sql"], given).description, name


def test_foreign_keys_lead_somewhere(history):
    """Every reference of a new database is one that Datasette can follow."""
    with closing(sqlite3.connect(history)) as connection:
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        keys = connection.execute("PRAGMA foreign_key_list(rates)").fetchall()
    wanted = {"sources", "source_keys", "offers", "meters", "captures"}
    assert {row[2] for row in keys} == wanted
