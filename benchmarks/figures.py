"""Figures: what was measured, and how they are shown."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from benchmarks.measure import Spread

HEADERS = ("benchmark", "figure", "median", "min – max", "bar", "")


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured value.

    Attributes:
        benchmark: which one measured it.
        what: what it is.
        value: the median, least and greatest of the runs.
        unit: a multiplication sign for a ratio, else seconds, MiB, rows, ...
        bar: the most that it may be, if there is a bar.
    """

    benchmark: str
    what: str
    value: Spread
    unit: str
    bar: float | None = None

    @property
    def verdict(self) -> str:
        """`ok`, `MISSED`, or nothing where there is no bar."""
        if self.bar is None:
            return ""
        return "ok" if self.value.median <= self.bar else "MISSED"

    def cells(self) -> list[str]:
        """The figure as a row of `HEADERS`."""
        value = self.value
        spread = ""
        if value.low != value.high:
            spread = f"{_number(value.low)} – {_number(value.high)}"
        bar = "" if self.bar is None else f"≤ {_number(self.bar)} {self.unit}"
        median = f"{_number(value.median)} {self.unit}"
        return [self.benchmark, self.what, median, spread, bar, self.verdict]


def once(benchmark: str, what: str, value: float, unit: str) -> Figure:
    """A figure that does not vary between runs."""
    return Figure(benchmark, what, Spread(value, value, value), unit)


def as_json(figures: Sequence[Figure]) -> list[dict[str, Any]]:
    """The figures for a program."""
    return [{**asdict(figure), "verdict": figure.verdict} for figure in figures]


def as_markdown(figures: Sequence[Figure]) -> list[str]:
    """The figures as a Markdown table."""
    rows = [HEADERS, ("---",) * len(HEADERS), *(f.cells() for f in figures)]
    return ["| " + " | ".join(row) + " |" for row in rows]


def as_text(figures: Sequence[Figure]) -> list[str]:
    """The figures in columns, for a terminal."""
    rows = [list(HEADERS), *(figure.cells() for figure in figures)]
    widths = [max(len(row[n]) for row in rows) for n in range(len(HEADERS))]
    padded = (
        "  ".join(cell.ljust(w) for cell, w in zip(row, widths, strict=True))
        for row in rows
    )
    return [line.rstrip() for line in padded]


def _number(value: float) -> str:
    """Whole numbers and large ones without decimals, the others with enough."""
    if value == int(value) and abs(value) < 1e15:
        return f"{int(value):,}"
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}" if abs(value) < 1 else f"{value:.2f}"
