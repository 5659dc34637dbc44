"""Questions about one model, on the data as it is and on ten times of it."""

import json
import statistics
import sys
from pathlib import Path

from benchmarks.figures import Figure
from benchmarks.measure import Spread, cpu_of, in_turns, ratio, run, wall_of
from benchmarks.setting import Setting, copied, program
from benchmarks.tenfold import analyse, multiply

NAME = "queries"
BAR = 1.3
REPEATS = 60
COMMANDS = {
    "history": ("history", "gpt-4o"),
    "price": ("price", "gpt-4o", "--at", "2025-01-15"),
}
LABELS = ("1x", "10x", "1x analysed", "10x analysed")


def measure(setting: Setting) -> list[Figure]:
    """Latency inside the process and of the whole process, and the ratios."""
    files = _databases(setting)
    inside = [_inside(files) for _ in range(setting.runs)]
    figures = []
    for name, command in COMMANDS.items():
        title = " ".join(command)
        for label in LABELS:
            times = [1000 * one[name][label] for one in inside]
            what = f"{title}: query, {label}"
            figures.append(Figure(NAME, what, Spread.of(times), "ms"))
        figures += [
            _growth(title, [one[name] for one in inside], suffix)
            for suffix in ("", " analysed")
        ]
        figures += _whole(setting, title, command, files)
    return figures


def _databases(setting: Setting) -> dict[str, Path]:
    once = setting.history
    tenfold = copied(once, "tenfold.db")
    multiply(tenfold)
    files = {"1x": once, "10x": tenfold}
    for label, db in list(files.items()):
        files[f"{label} analysed"] = copied(db, f"analysed-{db.name}")
        analyse(files[f"{label} analysed"])
    return files


def _inside(files: dict[str, Path]) -> dict[str, dict[str, float]]:
    """The median seconds by question and label, of one process that asks."""
    paths = [files[label] for label in LABELS]
    usage = run([sys.executable, "-m", "benchmarks.asking", str(REPEATS), *paths])
    found = json.loads(usage.output)
    return {
        name: {label: statistics.median(times[str(files[label])]) for label in LABELS}
        for name, times in found.items()
    }


def _growth(title: str, inside: list[dict[str, float]], suffix: str) -> Figure:
    larger = [one[f"10x{suffix}"] for one in inside]
    times = ratio(larger, [one[f"1x{suffix}"] for one in inside])
    return Figure(NAME, f"{title}: query, 10x / 1x{suffix}", times, "×", BAR)


def _whole(
    setting: Setting, title: str, command: tuple[str, ...], files: dict[str, Path]
) -> list[Figure]:
    sides = {
        label: (lambda db=files[label]: run(program(*command, db=db)))
        for label in ("1x", "10x")
    }
    found = in_turns(sides, setting.runs)
    walls = Spread.of([1000 * s for s in wall_of(found["1x"])])
    times = ratio(cpu_of(found["10x"]), cpu_of(found["1x"]))
    return [
        Figure(NAME, f"{title}: process, wall, 1x", walls, "ms"),
        Figure(NAME, f"{title}: process, CPU, 10x / 1x", times, "×", BAR),
    ]
