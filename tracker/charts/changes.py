"""The changes on the lines: shapes by verdict, how large each was, and a key."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from decimal import Context, Decimal
from itertools import pairwise
from typing import Any

from tracker.charts.frame import Frame, colour, iso
from tracker.charts.looks import INKS, SHAPES
from tracker.charts.scale import money
from tracker.charts.series import Mark, Series

Json = dict[str, Any]
Box = tuple[float, float, float, float]
"""Left, top, right, bottom, in units of the picture."""

_DIGITS = Context(3)
_WIDE = 6.5 / 12
"""About how wide a character is, for its height."""


def changes(
    series: Sequence[Series],
    frame: Frame,
    *,
    top: Decimal,
    height: int,
    key: Sequence[str],
) -> list[Json]:
    """The layers of a panel that show its changes.

    Args:
        series: the lines of the panel.
        frame: what panels share.
        top: where the price axis ends.
        height: how high the panel is.
        key: the verdicts whose shapes are explained above it.
    """
    rows = [
        _row(one, mark, frame)
        for one in series
        for mark in one.marks
        if frame.start <= mark.at <= frame.end
    ]
    plot = _Plot(frame, float(top), height)
    drawn = [_points(rows, frame), *_labels(rows, series, plot)] if rows else []
    return [*drawn, *_key(key, frame)]


def to_explain(series: Sequence[Series], frame: Frame) -> list[str]:
    """The verdicts whose shapes need a word: all, unless all are plain moves."""
    met = {
        _verdict(mark)
        for one in series
        for mark in one.marks
        if frame.start <= mark.at <= frame.end
    }
    return [] if met <= {"move"} else [verdict for verdict in SHAPES if verdict in met]


class _Plot:
    """Where things stand in a panel."""

    def __init__(self, frame: Frame, top: float, height: int) -> None:
        self.frame, self._top, self._height = frame, top, height

    @property
    def names(self) -> Box:
        """The room beside it for what the lines are called."""
        end = self.frame.width + 6
        return (end, -self._height, 2 * end, 2 * self._height)

    def x(self, at: datetime) -> float:
        span = self.frame.end - self.frame.start
        return (at - self.frame.start) / span * self.frame.width

    def y(self, price: float) -> float:
        return (1 - price / self._top) * self._height


_PLACE = {
    "x": {"field": "at", "type": "temporal"},
    "y": {"field": "price", "type": "quantitative"},
}


def _points(rows: list[Json], frame: Frame) -> Json:
    scale = {"domain": list(SHAPES), "range": list(SHAPES.values())}
    shape = {"field": "verdict", "type": "nominal", "scale": scale, "legend": None}
    point = {"type": "point", "size": 70, "strokeWidth": 2, "opacity": 1}
    return {
        "data": {"values": rows},
        "mark": {**point, "fill": INKS[frame.look]["paper"]},
        "encoding": {
            **_PLACE,
            "color": colour(frame),
            "shape": shape,
            "tooltip": {"field": "told"},
        },
    }


def _labels(rows: list[Json], series: Sequence[Series], plot: _Plot) -> list[Json]:
    """How large the changes were, the largest first, where there is room."""
    taken = [plot.names, *_points_taken(rows, plot), *_strokes(series, plot)]
    size = plot.frame.form.letters - 1
    wide, shown = _WIDE * (size + 1), []
    for row in sorted(rows, key=lambda row: -row["size"]):
        x, y = plot.x(datetime.fromisoformat(row["at"])), plot.y(row["price"])
        box = (x + 8, y - 6 - size, x + 8 + wide * len(row["step"]), y - 5)
        if row["step"] and not any(_overlap(box, other) for other in taken):
            shown.append(row)
            taken.append(box)
    ink = INKS[plot.frame.look]
    text = {"type": "text", "align": "left", "dx": 8, "dy": -11, "fontSize": size}
    halo = {**text, "stroke": ink["paper"], "strokeWidth": 4, "strokeJoin": "round"}
    if plot.frame.form.bare:  # a style sheet puts the stroke below the letters
        marks = [{**halo, "color": ink["pale"]}]
    else:
        marks = [halo, {**text, "color": ink["pale"]}]
    encoding = {**_PLACE, "text": {"field": "step"}}
    values = {"data": {"values": shown}, "encoding": encoding}
    return [{**values, "mark": mark} for mark in marks if shown]


def _points_taken(rows: list[Json], plot: _Plot) -> Iterator[Box]:
    for row in rows:
        x, y = plot.x(datetime.fromisoformat(row["at"])), plot.y(row["price"])
        yield (x - 5, y - 5, x + 5, y + 5)


def _strokes(series: Sequence[Series], plot: _Plot) -> Iterator[Box]:
    for one in series:
        for step in one.steps:
            y, until = plot.y(float(step.price)), step.until or plot.frame.end
            yield (plot.x(step.since), y - 2, plot.x(until), y + 2)
        for before, after in pairwise(one.steps):
            if before.until == after.since:
                ends = sorted(plot.y(float(s.price)) for s in (before, after))
                x = plot.x(after.since)
                yield (x, ends[0], x, ends[1])


def _overlap(one: Box, other: Box) -> bool:
    apart = one[2] < other[0] or other[2] < one[0]
    return not (apart or one[3] < other[1] or other[3] < one[1])


def _key(verdicts: Sequence[str], frame: Frame) -> list[Json]:
    """What the shapes mean, above the panel."""
    pale = INKS[frame.look]["pale"]
    found: list[Json] = []
    wide = _WIDE * frame.form.letters
    x = frame.width - sum(wide * len(v) + 30 for v in verdicts)
    for verdict in verdicts:
        place = {"x": {"value": x + 6}, "y": {"value": -14}}
        point = {"type": "point", "shape": SHAPES[verdict], "color": pale}
        drawn = {**point, "strokeWidth": 2, "size": 55, "opacity": 1}
        text = {"type": "text", "text": verdict, "align": "left", "baseline": "middle"}
        said = {**text, "dx": 10, "fontSize": 11.5, "color": pale}
        one = {"data": {"values": [{}]}, "encoding": place}
        found += [{**one, "mark": drawn}, {**one, "mark": said}]
        x += wide * len(verdict) + 30
    return found


def _row(one: Series, mark: Mark, frame: Frame) -> Json:
    verdict = _verdict(mark)
    why = f" ({mark.reason})" if mark.reason not in (None, "", verdict) else ""
    old = f"{money(mark.old, one.currency)} to " if mark.old is not None else ""
    told = f"{frame.called(one)}: {old}{money(mark.new, one.currency)}"
    step, size = size_of(mark)
    place = mark.new if mark.place is None else mark.place
    return {
        "line": frame.line(one),
        "at": iso(mark.at),
        "price": float(place),
        "verdict": verdict,
        "step": step,
        "size": size,
        "told": f"{told} on {mark.at:%Y-%m-%d}, {verdict}{why}",
    }


def _verdict(mark: Mark) -> str:
    return mark.verdict if mark.verdict in SHAPES else "unjudged"


def size_of(mark: Mark) -> tuple[str, float]:
    """How large a change was, for people and to sort by; nothing to tell of one that
    is not believed.
    """
    if not mark.old or mark.place is not None:
        return "", 0.0
    ratio = mark.new / mark.old
    change = (ratio - 1) * 100
    if ratio >= 10:
        # A decimal is written with the power of ten that it happens to have.
        return f"×{ratio.normalize(_DIGITS):f}", float(ratio)
    if mark.new == 0:
        return "free", 1.0
    return f"{change:+.0f} %".replace("-", "−"), abs(float(ratio) - 1)
