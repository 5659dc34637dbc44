"""Step charts as text: what a price did over time, in a terminal."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

WIDTH = 72
HEIGHT = 8
METERS = 4
"""How many meters are drawn; more than that is a table's business."""

Row = dict[str, Any]


def draw(rows: Iterable[Row], *, now: datetime) -> list[str]:
    """Draw the periods of each meter as a step line.

    Args:
        rows: periods with meter, price_nano, currency, per, valid_from, valid_to.
        now: where the chart ends.

    Returns:
        lines of text. What is not drawn is said in the last one.
    """
    by_meter: dict[str, list[Row]] = {}
    for row in rows:
        by_meter.setdefault(row["meter"], []).append(row)
    if not by_meter:
        return ["nothing to draw"]
    drawn = list(by_meter)[:METERS]
    start = min(row["valid_from"] for meter in drawn for row in by_meter[meter])
    lines: list[str] = []
    for meter in drawn:
        lines += _chart(meter, by_meter[meter], start, now)
    if left := list(by_meter)[METERS:]:
        lines.append(f"not drawn: {', '.join(left)} (choose with --meter)")
    return lines


def _chart(meter: str, rows: list[Row], start: datetime, end: datetime) -> list[str]:
    """One meter: title, the picture with its scale, the dates below."""
    levels = _levels(rows, start, end)
    stated = [row["price_nano"] for row in rows]
    low, high = min(stated), max(stated)
    unit = rows[0]["currency"]
    flat = low == high
    title = f"{meter}, {unit} per {rows[0]['per']}" + (", stable" if flat else "")
    height = 1 if flat else HEIGHT
    picture = _picture([_row_of(v, low, high, height) for v in levels], height)
    labels = {0: _scale(high), height - 1: _scale(low)}
    width = max(len(text) for text in labels.values())
    body = [
        f"{labels.get(n, '').rjust(width)} ┤{line}" for n, line in enumerate(picture)
    ]
    dates = f"{start:%Y-%m-%d}".ljust(WIDTH - 10) + f"{end:%Y-%m-%d}"
    return ["", title, *body, " " * (width + 2) + dates]


def _levels(rows: list[Row], start: datetime, end: datetime) -> list[int | None]:
    """The price at each column, None where none was stated."""
    span = max((end - start) / WIDTH, timedelta(seconds=1))
    columns = [start + span * (n + 1) for n in range(WIDTH)]
    return [_at(rows, instant) for instant in columns]


def _at(rows: list[Row], instant: datetime) -> int | None:
    for row in rows:
        ends = row["valid_to"]
        if row["valid_from"] < instant and (ends is None or instant <= ends):
            nano: int = row["price_nano"]
            return nano
    return None


def _row_of(value: int | None, low: int, high: int, height: int) -> int | None:
    if value is None:
        return None
    if low == high:
        return 0
    return round((high - value) * (height - 1) / (high - low))


def _picture(levels: list[int | None], height: int) -> list[str]:
    """The line: ─ where it holds, corners and risers where it steps."""
    grid = [[" "] * len(levels) for _ in range(height)]
    before: int | None = None
    for column, level in enumerate(levels):
        if level is None:
            before = None
            continue
        grid[level][column] = "─"
        if before is not None and before != level:
            for row in range(min(before, level) + 1, max(before, level)):
                grid[row][column] = "│"
            grid[before][column] = "┐" if level > before else "┘"
            grid[level][column] = "└" if level > before else "┌"
        before = level
    return ["".join(row).rstrip() for row in grid]


def _scale(nano: int) -> str:
    return f"{nano / 1e9:,.6g}"
