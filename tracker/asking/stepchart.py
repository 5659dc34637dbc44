"""Step charts as text: what a price did over time, in a terminal."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

WIDTH = 72
HEIGHT = 8
METERS = 4
"""How many meters are drawn; more than that is a table's business."""

Row = dict[str, Any]


def draw(
    rows: Iterable[Row],
    *,
    now: datetime,
    gaps: Mapping[str, Sequence[tuple[datetime, datetime]]] | None = None,
) -> list[str]:
    """Draw the periods of each meter as a step line, dashed where nobody looked.

    Args:
        rows: periods with meter, price_nano, currency, per, valid_from, valid_to.
        now: where the chart ends.
        gaps: when nobody looked, by meter.

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
        lines += _chart(
            meter, by_meter[meter], _Span(start, now), (gaps or {}).get(meter, ())
        )
    if any("┄" in line for line in lines):
        lines.append("┄ no sync in this time")
    if left := list(by_meter)[METERS:]:
        lines.append(f"not drawn: {', '.join(left)} (choose with --meter)")
    return lines


@dataclass(frozen=True, slots=True)
class _Span:
    """From where to where the chart goes."""

    start: datetime
    end: datetime

    @property
    def columns(self) -> list[datetime]:
        """The instant at the end of each column."""
        width = max((self.end - self.start) / WIDTH, timedelta(seconds=1))
        return [self.start + width * (n + 1) for n in range(WIDTH)]


def _chart(
    meter: str,
    rows: list[Row],
    span: _Span,
    gaps: Sequence[tuple[datetime, datetime]],
) -> list[str]:
    """One meter: title, the picture with its scale, the dates below."""
    columns = span.columns
    levels = [_at(rows, instant) for instant in columns]
    stated = [row["price_nano"] for row in rows]
    low, high = min(stated), max(stated)
    unit = rows[0]["currency"]
    flat = low == high
    title = f"{meter}, {unit} per {rows[0]['per']}, {_story(rows)}"
    height = 1 if flat else HEIGHT
    unseen = {n for n, at in enumerate(columns) if any(a < at <= b for a, b in gaps)}
    places = [_row_of(v, low, high, height) for v in levels]
    picture = _picture(places, height, unseen)
    # The ends of the scale last: they are labelled even where others round to them.
    marked = [*sorted(set(stated)), low, high]
    labels = {_row_of(v, low, high, height): _scale(v) for v in marked}
    width = max(len(text) for text in labels.values())
    body = [
        f"{labels.get(n, '').rjust(width)} ┤{line}" for n, line in enumerate(picture)
    ]
    return ["", title, *body, " " * (width + 2) + _dates(span)]


def _story(rows: list[Row]) -> str:
    """How often a price moved, and when it did so last."""
    ordered = sorted(rows, key=lambda row: row["valid_from"])
    days = [
        after["valid_from"]
        for before, after in pairwise(ordered)
        if before["price_nano"] != after["price_nano"]
    ]
    if not days:
        return "stable"
    times = "once, on" if len(days) == 1 else f"{len(days)} times, last on"
    return f"changed {times} {days[-1]:%Y-%m-%d}"


def _dates(span: _Span) -> str:
    """Both ends of the time axis, and the years that begin between them."""
    line = f"{span.start:%Y-%m-%d}".ljust(WIDTH - 10) + f"{span.end:%Y-%m-%d}"
    for year in range(span.start.year + 1, span.end.year + 1):
        begins = datetime(year, 1, 1, tzinfo=UTC)
        place = round((begins - span.start) / (span.end - span.start) * WIDTH)
        if place >= 12 and place + 6 <= WIDTH - 10:
            line = f"{line[:place]}{year}{line[place + 4 :]}"
    return line


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


def _picture(
    levels: list[int | None], height: int, unseen: Collection[int]
) -> list[str]:
    """The line: ─ where it holds, ┄ where nobody looked, corners and risers where
    it steps.
    """
    grid = [[" "] * len(levels) for _ in range(height)]
    before: int | None = None
    for column, level in enumerate(levels):
        if level is None:
            before = None
            continue
        grid[level][column] = "┄" if column in unseen else "─"
        if before is not None and before != level:
            for row in range(min(before, level) + 1, max(before, level)):
                grid[row][column] = "│"
            grid[before][column] = "┐" if level > before else "┘"
            grid[level][column] = "└" if level > before else "┌"
        before = level
    return ["".join(row).rstrip() for row in grid]


def _scale(nano: int) -> str:
    return f"{nano / 1e9:,.6g}"
