"""The backfill: all weekly maps into an empty SQLite, against parsing them."""

from pathlib import Path

from benchmarks import floor
from benchmarks.figures import Figure, once
from benchmarks.floor import Floor
from benchmarks.measure import Spread, Usage, cpu_of, in_turns, ratio, wall_of
from benchmarks.setting import Setting, backfill, opened, rows_in

NAME = "backfill"
CPU_BAR, MEMORY_BAR = 20.0, 300.0


def measure(setting: Setting) -> list[Figure]:
    """CPU in multiples of the floor, wall time, peak memory, and what came of it."""
    db = setting.work / "filled.db"
    floors: list[Floor] = []
    sides = {
        "floor": lambda: _kept(floors, floor.measured(setting.maps)),
        "backfill": lambda: backfill(setting.maps, db),
    }
    found = in_turns(sides, setting.runs)
    counted = floors[-setting.runs :]
    loads, again = [f.loads for f in counted], [f.again for f in counted]
    ours = found["backfill"]
    times, warm = ratio(cpu_of(ours), loads), ratio(cpu_of(ours), again)
    peak = Spread.of([usage.peak_mib for usage in ours])
    return [
        Figure("floor", _floor_text(floors[-1]), Spread.of(loads), "s CPU"),
        Figure("floor", "a second parse of each, warm", Spread.of(again), "s CPU"),
        Figure(
            "floor",
            "a process that starts, unpacks and parses twice",
            Spread.of(cpu_of(found["floor"])),
            "s CPU",
        ),
        Figure(NAME, "process CPU / floor", times, "×", CPU_BAR),
        Figure(NAME, "process CPU / second parse of each map", warm, "×"),
        Figure(NAME, "process CPU", Spread.of(cpu_of(ours)), "s CPU"),
        Figure(NAME, "wall time", Spread.of(wall_of(ours)), "s"),
        Figure(NAME, "peak memory", peak, "MiB", MEMORY_BAR),
        *_contents(db),
    ]


def _kept(floors: list[Floor], one: Floor) -> Usage:
    floors.append(one)
    return one.process


def _floor_text(one: Floor) -> str:
    return f"orjson.loads of {one.megabytes:.0f} MB of maps"


def _contents(db: Path) -> list[Figure]:
    with opened(db) as connection:
        rows = rows_in(connection)
        query = "SELECT SUM(LENGTH(body)) FROM captures"
        (bodies,) = connection.execute(query).fetchone()
    mib = 1024 * 1024
    figures = [
        once(NAME, "size of the file", db.stat().st_size / mib, "MiB"),
        once(NAME, "of which packed bodies", bodies / mib, "MiB"),
    ]
    names = ("captures", "offers", "rates", "price_changes", "facts")
    told = (name.replace("_", " ") for name in names)
    return figures + [
        once(NAME, f"rows of {word}", rows[name], "rows")
        for name, word in zip(names, told, strict=True)
    ]
