"""Measures whole processes: CPU, wall time, peak memory; compares them in turns.

Commands that are compared run in turns (A B A B), and a ratio is taken within
each turn, so that a machine that slows down or is shared slows both sides.
"""

import os
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TypeVar

T = TypeVar("T")

ROOT = Path(__file__).resolve().parents[1]
"""The checkout: the folder that commands run in."""


@dataclass(frozen=True, slots=True)
class Usage:
    """What one run of a command took.

    Attributes:
        cpu: seconds of user and system time, of the process and its children.
        wall: seconds from start to end.
        peak_mib: the largest resident set of any of its processes. The kernel
            counts the parent's set until the exec in, so this process stays small.
        output: what it printed.
    """

    cpu: float
    wall: float
    peak_mib: float
    output: str


@dataclass(frozen=True, slots=True)
class Spread:
    """The median of some runs, the least and the greatest."""

    median: float
    low: float
    high: float

    @classmethod
    def of(cls, values: Sequence[float]) -> "Spread":
        """The spread of at least one value."""
        return cls(statistics.median(values), min(values), max(values))


def run(
    command: Sequence[str | Path],
    *,
    cwd: Path = ROOT,
    env: Mapping[str, str] | None = None,
    may_exit: tuple[int, ...] = (0,),
) -> Usage:
    """Run a command to its end and say what it took.

    Raises:
        RuntimeError: it exited otherwise than it may; with the end of its output.
    """
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        began = time.perf_counter()
        process = subprocess.Popen(
            [str(part) for part in command],
            cwd=cwd,
            env={**os.environ, **(env or {})},
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=err,
        )
        _, status, used = os.wait4(process.pid, 0)
        wall = time.perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode not in may_exit:
            raise RuntimeError(
                f"exit {process.returncode}: {_end_of(err) or _end_of(out)}"
            )
        out.seek(0)
        text = out.read().decode("utf-8", "replace")
    cpu = used.ru_utime + used.ru_stime
    return Usage(cpu, wall, used.ru_maxrss / 1024, text)


def in_turns(
    sides: Mapping[str, Callable[[], T]], runs: int, *, warm_up: bool = True
) -> dict[str, list[T]]:
    """Call each side once in each of `runs` turns, after one turn that counts not."""
    found: dict[str, list[T]] = {name: [] for name in sides}
    for turn in range(-1 if warm_up else 0, runs):
        for name, side in sides.items():
            result = side()
            if turn >= 0:
                found[name].append(result)
    return found


def cpu_of(usages: Sequence[Usage]) -> list[float]:
    """The CPU seconds of each run."""
    return [usage.cpu for usage in usages]


def wall_of(usages: Sequence[Usage]) -> list[float]:
    """The wall seconds of each run."""
    return [usage.wall for usage in usages]


def ratio(ours: Sequence[float], theirs: Sequence[float]) -> Spread:
    """How many times theirs ours is, taken turn by turn."""
    return Spread.of([a / b for a, b in zip(ours, theirs, strict=True)])


def _end_of(stream: IO[bytes]) -> str:
    stream.seek(0)
    return stream.read().decode("utf-8", "replace").strip()[-600:]
