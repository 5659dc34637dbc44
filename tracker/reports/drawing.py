"""A chart small enough for a mail: one picture for light and for dark grounds.

Most mail programs neither tell a dark page from a light one nor leave colours alone,
but none touches a picture. So it has no ground of its own, and its inks stand halfway
between black and white: about 4 to 1 against either. It is as wide as a phone, and
its letters are as large as those around it.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from tracker.charts.scale import ceiling, spread, ticks
from tracker.charts.series import Step

Json = dict[str, Any]

INKS = ("#2c7af2", "#0c8f66", "#d9541e", "#8566ee")
"""Colours of lines: told apart also by most who see colours differently."""
PALE = "#78828f"
"""What axes are written in."""
WIDTH, HEIGHT = 290, 150
"""The size of the plot, less axes and names, in units of the page."""
SCALE = 2
"""Pixels per unit: letters stay sharp on a phone."""
LETTERS = 13
"""How high letters are."""
LINE = 18
"""How far apart the names of lines stand at least."""
FONT = "Helvetica Neue, Helvetica, Arial, Liberation Sans, sans-serif"
LONG = timedelta(days=120)
"""From which span on months are marked instead of days."""


@dataclass(frozen=True, slots=True)
class Curve:
    """What one meter cost.

    Attributes:
        name: what stands beside its end.
        steps: oldest first, at least one.
        moved: when it moved to what, as far as that is the news.
    """

    name: str
    steps: tuple[Step, ...]
    moved: tuple[tuple[datetime, Decimal], ...] = ()


def png(
    curves: Sequence[Curve], *, start: datetime, end: datetime, dollars: bool = True
) -> bytes:
    """The chart as a PNG image of few colours.

    Args:
        curves: the lines, in one unit and currency; at least one.
        start: where the time axis begins.
        end: where it ends.
        dollars: whether prices are in dollars.

    Raises:
        ImportError: the extra `charts` is not installed.
    """
    import vl_convert

    from tracker.charts.files import VEGA_LITE
    from tracker.reports.slimming import slimmed

    drawn = spec(curves, start=start, end=end, sign="$" if dollars else "")
    image: bytes = vl_convert.vegalite_to_png(drawn, VEGA_LITE, scale=SCALE)
    return slimmed(image)


def spec(
    curves: Sequence[Curve], *, start: datetime, end: datetime, sign: str = "$"
) -> Json:
    """The chart as a Vega-Lite specification; `sign` stands before its prices."""
    top = ceiling(max(step.price for curve in curves for step in curve.steps))
    lines = list(range(len(curves)))
    scale = {"domain": lines, "range": [INKS[n % len(INKS)] for n in lines]}
    colour = {"field": "line", "type": "nominal", "legend": None, "scale": scale}
    x: Json = {"field": "at", "type": "temporal", "axis": _times(end - start)}
    x["scale"] = {"type": "utc", "domain": [_iso(start), _iso(end)]}
    y: Json = {"field": "price", "type": "quantitative", "axis": _prices(top, sign)}
    y["scale"] = {"domain": [0, float(top)], "nice": False}
    return {
        "background": None,
        "padding": 2,
        "width": WIDTH,
        "height": HEIGHT,
        "encoding": {"x": x, "y": y, "color": colour},
        "layer": [*_layers(curves, start, end, float(top))],
        "config": _CONFIG,
    }


def _layers(
    curves: Sequence[Curve], start: datetime, end: datetime, top: float
) -> Iterator[Json]:
    stretches = [
        {"line": n, **row}
        for n, curve in enumerate(curves)
        for row in _corners(curve, start, end)
    ]
    line = {"type": "line", "strokeWidth": 2.5, "strokeJoin": "round"}
    apart = {"detail": {"field": "part"}}
    yield {"data": {"values": stretches}, "mark": line, "encoding": apart}
    moved = [
        {"line": n, "at": _iso(at), "price": float(price)}
        for n, curve in enumerate(curves)
        for at, price in curve.moved
    ]
    point = {"type": "point", "filled": True, "size": 55, "opacity": 1}
    yield {"data": {"values": moved}, "mark": point}
    ends = [float(curve.steps[-1].price) for curve in curves]
    places = spread(ends, least=top * LINE / HEIGHT, top=top)
    names = [
        {"line": n, "at": _iso(end), "price": place, "name": curves[n].name}
        for n, place in enumerate(places)
    ]
    text: Json = {"type": "text", "align": "left", "baseline": "middle", "dx": 7}
    text |= {"fontSize": LETTERS, "fontWeight": 600}
    written = {"text": {"field": "name"}}
    yield {"data": {"values": names}, "mark": text, "encoding": written}


def _corners(curve: Curve, start: datetime, end: datetime) -> Iterable[Json]:
    """The corners of a line; `part` tells stretches apart that are not joined."""
    part, before = 0, None
    for step in curve.steps:
        part += before is not None and before != step.since
        before = step.until
        for at in (max(step.since, start), min(step.until or end, end)):
            yield {"at": _iso(at), "price": float(step.price), "part": part}


def _times(span: timedelta) -> Json:
    form = "%Y-%m" if span > LONG else "%Y-%m-%d"
    marks = {"tickCount": 3, "labelOverlap": "greedy", "labelSeparation": LETTERS}
    return {"title": None, "format": form, **marks}


def _prices(top: Decimal, sign: str) -> Json:
    """The price axis: as many digits as its marks need, and two of cents."""
    marks = [format(tick, ".6g") for tick in ticks(top)]
    digits = max(len(mark.partition(".")[2]) for mark in marks)
    form = f"{sign},.{max(digits, 2) if digits else 0}f"
    return {"title": None, "values": ticks(top), "format": form}


def _iso(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


_CONFIG: Json = {
    "font": FONT,
    "view": {"stroke": None},
    "axis": {
        "labelColor": PALE,
        "labelFontSize": LETTERS,
        "labelPadding": 6,
        "gridColor": PALE,
        "gridOpacity": 0.25,
        "domain": False,
        "ticks": False,
    },
    "axisX": {"grid": False, "domain": True, "domainColor": PALE, "domainOpacity": 0.6},
}
