"""The layers of one panel: gaps behind, lines, changes, and each line's last price."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from itertools import pairwise, zip_longest
from typing import Any

from tracker.charts.changes import changes
from tracker.charts.frame import Frame, colour, iso, word_colour
from tracker.charts.looks import INKS
from tracker.charts.scale import money, spread
from tracker.charts.series import Gap, Series, Step

Json = dict[str, Any]


def layers(
    series: Sequence[Series],
    frame: Frame,
    *,
    top: Decimal,
    height: int,
    key: Sequence[str],
) -> list[Json]:
    """All layers of a panel, from the back to the front.

    Args:
        series: what is drawn in it.
        frame: what it shares with others.
        top: where its price axis ends.
        height: how high it is, in the units of the picture.
        key: the verdicts whose shapes are explained above it.
    """
    corners = [
        row for n, one in enumerate(series) for row in _corners(one, frame, str(n))
    ]
    return [
        *_gaps(series, frame),
        *_lines(corners, frame),
        *changes(series, frame, top=top, height=height, key=key),
        _names(series, frame, top=float(top), height=height),
    ]


POINTED = "pointed"
"""The layer that nobody sees: there to be pointed at."""

_X = {"field": "at", "type": "temporal"}
_Y = {"field": "price", "type": "quantitative"}


def _gaps(series: Sequence[Series], frame: Frame) -> list[Json]:
    rows = [{"at": iso(a), "until": iso(b)} for a, b in frame.shown(series)]
    if not rows:
        return []
    band = {"type": "rect", "color": INKS[frame.look]["band"]}
    told = {"value": "no sync in this time"}
    encoding = {"x": _X, "x2": {"field": "until"}, "y": None, "tooltip": told}
    return [{"data": {"values": rows}, "mark": band, "encoding": encoding}]


def _corners(one: Series, frame: Frame, number: str) -> list[Json]:
    """The corners of a line; `part` tells apart stretches that are not joined."""
    found: list[Json] = []
    part, before = 0, None
    for step, after in zip_longest(one.steps, one.steps[1:]):
        ends = min(step.until or frame.end, frame.end)
        joined = after is not None and after.since == step.until
        begins = max(step.since, frame.start)
        for begin, end, seen in _stretches(begins, ends, one.gaps):
            part += (begin, seen) != before
            riser = after.price if joined and end == ends else step.price
            shared = {"line": frame.line(one), "seen": seen}
            shared["part"] = f"{number}.{part}"
            first = {"at": iso(begin), "until": iso(end), "price": float(step.price)}
            told = {"told": _told(one, step, frame)}
            last = {"at": iso(end), "price": float(riser)}
            found += [{**shared, **first, **told}, {**shared, **last}]
            before = (end, seen)
    return found


def _told(one: Series, step: Step, frame: Frame) -> str:
    since = f"{step.since:%Y-%m-%d}"
    held = (
        f"from {since} until {step.until:%Y-%m-%d}" if step.until else f"since {since}"
    )
    price = money(step.price, one.currency)
    by = f", by {step.source}" if step.source else ""
    return f"{frame.called(one)}: {price} {held}{by}"


def _stretches(
    begin: datetime, end: datetime, gaps: Sequence[Gap]
) -> list[tuple[datetime, datetime, bool]]:
    """A period cut at the gaps: begin, end, whether somebody looked.

    One that ends before the picture begins has no stretches.
    """
    if begin >= end:
        return []
    cuts = {begin, end}
    for gap in gaps:
        cuts |= {edge for edge in gap if begin < edge < end}
    edges = sorted(cuts)
    return [
        (a, b, not any(start <= a and b <= stop for start, stop in gaps))
        for a, b in pairwise(edges)
    ]


def _lines(corners: list[Json], frame: Frame) -> list[Json]:
    """The steps, solid where they were seen and dashed where they were not; and wide
    invisible ones on top, to point at.
    """
    place = {"x": _X, "y": _Y, "color": colour(frame)}
    mark = {"type": "line", "interpolate": "step-after", "strokeCap": "butt"}
    marks = {
        True: {**mark, "strokeWidth": 2.5, "strokeJoin": "round"},
        False: {**mark, "strokeWidth": 1.5, "strokeDash": [2, 4]},
    }
    drawn: list[Json] = []
    for seen, style in marks.items():
        rows = [row for row in corners if row["seen"] is seen]
        encoding = {**place, "detail": {"field": "part"}}
        drawn.append({"data": {"values": rows}, "mark": style, "encoding": encoding})
    flat = {"values": [row for row in corners if "until" in row]}
    pointed = {**place, "x2": {"field": "until"}, "tooltip": {"field": "told"}}
    wide = {"type": "rule", "strokeWidth": 14, "opacity": 0}
    # Panels of one specification would share the scales of layers with one name.
    name = {"name": POINTED} if frame.form.bare else {}
    drawn.append({**name, "data": flat, "mark": wide, "encoding": pointed})
    return [layer for layer in drawn if layer["data"]["values"]]


def _names(series: Sequence[Series], frame: Frame, *, top: float, height: int) -> Json:
    """The name and last price of each line beside its end, none over another."""
    texts = [label(one, frame) for one in series]
    line = frame.form.letters + 2
    high = max(len(text) for text in texts) * line
    least = top * (high + 3) / height
    ends = [float(one.steps[-1].price) for one in series]
    placed = spread(ends, least=least, top=top)
    rows = [
        {
            "line": frame.line(one),
            "at": iso(frame.end),
            "price": place,
            "text": "\n".join(text),
        }
        for one, place, text in zip(series, placed, texts, strict=True)
    ]
    mark = {"type": "text", "align": "left", "dx": 10, "fontSize": line - 2}
    if high > line:
        mark |= {"lineBreak": "\n", "lineHeight": line, "dy": (line - high) / 2}
    text = {"field": "text"}
    encoding = {"x": _X, "y": _Y, "text": text, **word_colour(frame)}
    return {
        "data": {"values": rows},
        "mark": {**mark, "fontWeight": 600},
        "encoding": encoding,
    }


def label(one: Series, frame: Frame) -> list[str]:
    """What stands beside a line's end: its name, its last price, and its state."""
    last = one.steps[-1]
    price = money(last.price, one.currency)
    gone = last.until is not None and last.until < frame.end
    name = frame.brief(one)
    if frame.form.stacked:
        return [name, price, *([f"to {last.until:%Y-%m}"] if gone else [])]
    state = f" until {last.until:%Y-%m-%d}" if gone else ""
    state = " · stable" if one.stable and not gone else state
    return [f"{name} {price}{state}"]
