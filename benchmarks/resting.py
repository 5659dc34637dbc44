"""A sync that finds nothing new: what it takes, and what it leaves behind.

The database holds the whole history up to the installed litellm, whose own map
is the newest capture; `sync --offline` then finds the very bytes it has.
"""

import sqlite3
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from benchmarks.figures import Figure, once
from benchmarks.measure import (
    Spread,
    Usage,
    cpu_of,
    in_turns,
    ratio,
    run,
    wall_of,
)
from benchmarks.setting import Setting, backfill, opened, program, rows_in, tables

NAME = "nochange"
IMPORTS = "import sqlalchemy, typer, rich"
IMPORTS_BAR, HELP_BAR, ROWS_BAR, BYTES_BAR = 2.5, 250.0, 3.0, 1024.0
SYNCS = 50
MAX_BYTES = 64 * 1024 * 1024


def measure(setting: Setting) -> list[Figure]:
    """Time against bare imports, the start of --help, and growth."""
    db = _up_to_installed(setting)
    slots = _slots()
    sides = {
        "sync": lambda: _sync(db, next(slots)),
        "imports": lambda: run([sys.executable, "-c", IMPORTS]),
        "help": lambda: run([sys.executable, "-m", "tracker", "--help"]),
        "bare": lambda: run([sys.executable, "-c", "pass"]),
    }
    found = in_turns(sides, setting.runs)
    times = ratio(cpu_of(found["sync"]), cpu_of(found["imports"]))
    walls = ratio(wall_of(found["sync"]), wall_of(found["imports"]))
    return [
        Figure(NAME, "sync CPU / bare imports", times, "×", IMPORTS_BAR),
        Figure(NAME, "sync wall / bare imports", walls, "×"),
        _milliseconds("sync CPU", cpu_of(found["sync"])),
        _milliseconds("bare imports CPU", cpu_of(found["imports"])),
        _milliseconds("--help wall", wall_of(found["help"]), HELP_BAR),
        _milliseconds("--help CPU", cpu_of(found["help"])),
        _milliseconds("python -c pass, CPU", cpu_of(found["bare"])),
        *_growth(db, slots),
    ]


def _milliseconds(what: str, seconds: list[float], bar: float | None = None) -> Figure:
    return Figure(NAME, what, Spread.of([1000 * s for s in seconds]), "ms", bar)


def _sync(db: Path, slot: str) -> Usage:
    usage = run(program("sync", "--offline", "--at", slot, db=db))
    if ": unchanged" not in usage.output:
        raise RuntimeError(f"the map should be unchanged: {usage.output[:200]}")
    return usage


def _slots() -> Iterator[str]:
    """Instants from the far end of the history on, within the year that is allowed."""
    at = datetime(2027, 1, 4, 6, tzinfo=UTC)
    while True:
        yield at.strftime("%Y-%m-%dT%H:%M:%SZ")
        at += timedelta(days=3)


def _up_to_installed(setting: Setting) -> Path:
    """A database whose newest capture is the installed map."""
    from tracker.sources.litellm_package import read_installed_map
    from tracker.sources.mainline import version_of

    installed = read_installed_map(max_bytes=MAX_BYTES)
    newest = version_of(installed.version)
    folder = setting.work / "until-installed"
    folder.mkdir(exist_ok=True)
    for path in sorted(setting.maps.glob("*.json.xz")):
        version = version_of(path.name.removesuffix(".json.xz").partition("_")[2])
        if version and newest and version < newest:
            (folder / path.name).symlink_to(path)
    own = folder / f"2026-12-31_{installed.version}.json"
    own.write_bytes(installed.body)
    # The same a week before in other bytes, should the gate want it said twice.
    before = folder / f"2026-12-24_{installed.version}.json"
    before.write_bytes(installed.body + b"\n")
    db = setting.work / "resting.db"
    backfill(folder, db)
    return db


def _growth(db: Path, slots: Iterator[str]) -> list[Figure]:
    """Rows and bytes of one sync; pages over many, divided by their number."""
    with opened(db) as connection:
        before, ends = rows_in(connection), _last_rows(connection)
        _sync(db, next(slots))
        after = rows_in(connection)
        content = _bytes_after(connection, ends)
    grown = {name: n - before[name] for name, n in after.items() if n > before[name]}
    words = ", ".join(f"{name} {n}" for name, n in sorted(grown.items()))
    size = _pages(db)
    for _ in range(SYNCS):
        _sync(db, next(slots))
    paged = (_pages(db) - size) / SYNCS
    rows = float(sum(grown.values()))
    return [
        Figure(NAME, f"new rows ({words})", Spread(rows, rows, rows), "", ROWS_BAR),
        Figure(
            NAME,
            "content of the new rows",
            Spread(content, content, content),
            "bytes",
            BYTES_BAR,
        ),
        once(NAME, f"growth of the file, mean of {SYNCS} syncs", paged, "bytes"),
    ]


def _last_rows(connection: sqlite3.Connection) -> dict[str, int]:
    ends = {}
    for name in tables(connection):
        query = f"SELECT COALESCE(MAX(rowid), 0) FROM {name}"
        (ends[name],) = connection.execute(query).fetchone()
    return ends


def _bytes_after(connection: sqlite3.Connection, ends: dict[str, int]) -> float:
    """The size of later rows as SQLite stores them: a byte of type and the value."""
    total = 0
    for name, end in ends.items():
        rows = connection.execute(f"SELECT * FROM {name} WHERE rowid > ?", (end,))
        total += sum(1 + _size(value) for row in rows for value in row)
    return float(total)


def _size(value: object) -> int:
    if isinstance(value, bytes):
        return len(value)
    if isinstance(value, str):
        return len(value.encode())
    if isinstance(value, int):
        return (value.bit_length() + 8) // 8 if value not in (0, 1) else 0
    return 0 if value is None else 8


def _pages(db: Path) -> int:
    """The size of the file once the log is written back."""
    with opened(db) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        (pages,) = connection.execute("PRAGMA page_count").fetchone()
        (size,) = connection.execute("PRAGMA page_size").fetchone()
    return int(pages) * int(size)
