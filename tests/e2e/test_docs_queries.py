"""docs/ is complete: every table, column, view, meter field and reason is named.

Example queries and generated tables are made by this file; see `test_readme.py`
for how to make them anew.
"""

import lzma
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import orjson
import pytest

from crawler.pages import litellm
from storage.models import Base
from storage.views import VIEWS
from tests.e2e.test_readme import CHECKOUT, FENCE, history, settled
from tests.support import maps
from tracker.domain import gate, judge
from tracker.domain.fields import read_field
from tracker.domain.meters import parse_meter, per_text

__all__ = ["history"]

DOCS = CHECKOUT / "docs"
SCHEMA = DOCS / "schema.md"
METERS = DOCS / "meters.md"
BEGIN, END = "<!-- cost paths -->", "<!-- /cost paths -->"


def documented() -> dict[str, set[str]]:
    """The columns that docs/schema.md names, by table or view."""
    found: dict[str, set[str]] = {}
    name = ""
    for line in SCHEMA.read_text("utf-8").splitlines():
        if heading := re.fullmatch(r"### `(\w+)`", line):
            name = heading[1]
            found[name] = set()
        elif line.startswith("## "):
            name = ""
        elif name and (cell := re.match(r"\| ([^|]+) \|", line)):
            found[name] |= set(re.findall(r"`(\w+)`", cell[1]))
    return found


@pytest.mark.parametrize("table", sorted(Base.metadata.tables))
def test_every_column_of_a_table_is_documented(table):
    """docs/schema.md has exactly the columns that the table has."""
    columns = {column.name for column in Base.metadata.tables[table].columns}
    assert documented().get(table) == columns


@pytest.fixture(scope="module")
def views(tmp_path_factory):
    """The columns of every view of a new database."""
    from tests.support.program import Trail

    folder = tmp_path_factory.mktemp("views")
    path = folder / "trail.db"
    Trail(f"sqlite:///{path}", folder).sync(maps.small_map(), "2026-01-05")
    with closing(sqlite3.connect(path)) as connection:
        return {name: _columns(connection, name) for name in VIEWS}


def _columns(connection: sqlite3.Connection, name: str) -> set[str]:
    return {row[1] for row in connection.execute(f"PRAGMA table_info({name})")}


@pytest.mark.parametrize("view", sorted(VIEWS))
def test_every_column_of_a_view_is_documented(views, view):
    """docs/schema.md has exactly the columns that the view has."""
    assert documented().get(view) == views[view]


def test_nothing_is_documented_that_is_not_there():
    """docs/schema.md names no table and no view besides those there are."""
    assert documented().keys() == Base.metadata.tables.keys() | VIEWS.keys()


def answered(text: str, path: Path) -> str:
    """The document with the answer of each SQL block as a table under it."""
    lines: list[str] = []
    query: list[str] | None = None
    skipping = False
    with closing(sqlite3.connect(path)) as connection:
        for line in text.splitlines():
            skipping = skipping and (not line or line.startswith("|"))
            if line == f"{FENCE}sql":
                query = []
            elif line == FENCE and query is not None:
                answer = _answer(connection, "\n".join(query))
                lines += [line, "", *answer, ""]
                query, skipping = None, True
                continue
            elif query is not None:
                query.append(line)
            if not skipping:
                lines.append(line)
    return "\n".join(lines).rstrip("\n") + "\n"


def _answer(connection: sqlite3.Connection, sql: str) -> list[str]:
    found = connection.execute(sql)
    heads = [column[0] for column in found.description]
    rows = [["" if v is None else str(v) for v in row] for row in found]
    assert rows, sql
    return [_line(heads), "|---" * len(heads) + "|", *map(_line, rows)]


def _line(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def test_queries_answer_what_the_document_shows(history):
    """Every SQL block of docs/schema.md has the answer that is under it."""
    settled(SCHEMA, answered(SCHEMA.read_text("utf-8"), history))


def cost_paths(entries: dict[str, Any]) -> dict[str, list[str]]:
    """The meter keys behind every cost path of a litellm map.

    A path is a field's name, dotted where it is nested, `[]` for a list's items.
    What the key of an entry says (a size, a commitment) is left out.
    """
    found: dict[str, dict[str, None]] = {}
    for entry in entries.values():
        for name, value in entry.items():
            for field, meter in _quoted(entry, name, value):
                found.setdefault(field, {})[meter] = None
    return {field: sorted(meters, key=_by_size) for field, meters in found.items()}


def _quoted(entry: dict[str, Any], name: str, value: Any) -> Iterator[tuple[str, str]]:
    """What one field of an entry states by itself, beside the field it leans on."""
    alone = {"litellm_provider": entry.get("litellm_provider"), name: value}
    read = read_field(name)
    if read is not None and read.base in entry:
        alone[read.base] = entry[read.base]
    for quote in litellm.flatten("model", alone).quotes.values():
        if quote.field == name or quote.field.startswith(f"{name}."):
            yield re.sub(r"\.[0-9]+\.", "[].", quote.field), quote.meter.key


def _by_size(meter: str) -> tuple[int, str]:
    return parse_meter(meter).context_above, meter


def paths_table(folder: Path) -> list[str]:
    """The table of docs/meters.md, from the newest map of a folder."""
    newest = max(folder.glob("*.json.xz"))
    day, version = newest.name.removesuffix(".json.xz").split("_")
    entries = orjson.loads(lzma.decompress(newest.read_bytes()))
    entries.pop("sample_spec", None)
    paths = cost_paths({k: e for k, e in entries.items() if isinstance(e, dict)})
    lines = [f"litellm {version} of {day}: {len(paths)} paths.", ""]
    lines += ["| field of the map | meter | price is per |", "|---|---|---|"]
    return lines + [_path_line(path, paths[path]) for path in sorted(paths)]


def _path_line(path: str, meters: list[str]) -> str:
    first = parse_meter(meters[0])
    shown = ", ".join(f"`{meter}`" for meter in meters[:2])
    more = f", ... ({len(meters)})" if len(meters) > 2 else ""
    return f"| `{path}` | {shown}{more} | {per_text(first.quantum, first.unit)} |"


def test_the_table_of_cost_paths_is_current(shared):
    """docs/meters.md lists every cost path of the newest map with its meter."""
    before, _, rest = METERS.read_text("utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    table = "\n".join(paths_table(shared / "data" / "litellm"))
    settled(METERS, f"{before}{BEGIN}\n\n{table}\n\n{END}{after}")


def test_meter_keys_are_written_as_the_program_writes_them():
    """Every meter key in a table of docs/meters.md is read and written back."""
    row = re.compile(r"^\| `[^`]+` \| (`[^|]+) \|", re.MULTILINE)
    rows = row.findall(METERS.read_text("utf-8"))
    keys = [key for row in rows for key in re.findall(r"`([^`]+)`", row)]
    assert len(keys) > 100
    assert [key for key in keys if parse_meter(key).key != key] == []


@pytest.mark.parametrize("reason", sorted({*gate.REASONS, *judge.REASONS} - {""}))
def test_every_reason_is_explained(reason):
    """docs/verdicts.md names every reason of the gate and of the judge."""
    assert f"`{reason}`" in (DOCS / "verdicts.md").read_text("utf-8")
