"""A chart as a Vega-Lite specification, a plain dict."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from tracker.charts.changes import to_explain
from tracker.charts.frame import WIDTH, Frame, iso
from tracker.charts.layers import layers
from tracker.charts.looks import config
from tracker.charts.scale import axis_of_time, ceiling, ticks
from tracker.charts.series import Series
from tracker.domain.errors import UsageError

Json = dict[str, Any]

HEIGHT = 300
MANY = 8
"""How many lines a panel may hold and still be read."""


def spec(
    series: Sequence[Series],
    *,
    now: datetime,
    since: datetime | None = None,
    look: str = "light",
    title: str = "",
) -> Json:
    """The chart of some prices as a Vega-Lite specification.

    Lines of one offer share a panel; of several offers, each meter has its own.

    Args:
        series: what is drawn, at least one step each.
        now: where the chart ends.
        since: where it begins; with the first price if None.
        look: `light` or `dark`.
        title: what the chart is of; the offers' names if empty.

    Raises:
        UsageError: nothing to draw, more than can be read, or units that differ.
    """
    names = list(dict.fromkeys(one.name for one in series))
    panels = _panels(series) if len(names) > 1 else [list(series)]
    _drawable(panels)
    lines = names if len(names) > 1 else [one.meter for one in series]
    first = min(one.steps[0].since for one in series)
    last = max(one.steps[-1].since for one in series)
    end = max(now, last + timedelta(hours=12))
    start = min(since or first, end - timedelta(days=7))
    frame = Frame(start, end, look, tuple(lines), len(names) > 1)
    drawn = [_panel(panel, frame, panels) for panel in panels]
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "description": f"Prices of {', '.join(names)} from {start:%Y-%m-%d} on",
        "title": {"text": title or ", ".join(names), "subtitle": _subtitle(series)},
        **(drawn[0] if len(drawn) == 1 else {"vconcat": drawn, "spacing": 16}),
        "config": config(look),
    }


def _panels(series: Sequence[Series]) -> list[list[Series]]:
    meters = dict.fromkeys(one.meter for one in series)
    return [[one for one in series if one.meter == meter] for meter in meters]


def _drawable(panels: list[list[Series]]) -> None:
    if not all(one.steps for panel in panels for one in panel) or not panels[0]:
        raise UsageError("nothing to draw: no price is on record for this choice")
    for panel in panels:
        units = {f"{one.currency} per {one.per}" for one in panel}
        if len(units) > 1:
            told = " and ".join(sorted(units))
            raise UsageError(f"{told} cannot share one scale; draw them apart")
        if len(panel) > MANY:
            told = f"{len(panel)} lines are too many to be read"
            raise UsageError(f"{told}; draw at most {MANY}")


def _subtitle(series: Sequence[Series]) -> str:
    """The unit, and in how many steps the price came to be what it is."""
    units = dict.fromkeys(f"{one.currency} per {_many(one.per)}" for one in series)
    since = f"{min(one.steps[0].since for one in series):%Y-%m-%d}"
    unit = ", ".join(units)
    names = {one.name for one in series}
    moved = {one.name for one in series if not one.stable}
    if not moved:
        return f"{unit} · stable since it was first seen on {since}"
    if len(names) > 1:
        return f"{unit} · {len(names - moved)} of {len(names)} stable since {since}"
    days = sorted({at for one in series for at in one.moves})
    last = f"{days[-1]:%Y-%m-%d}"
    if len(days) == 1:
        return f"{unit} · changed once, on {last}; first seen on {since}"
    return f"{unit} · changed {len(days)} times since {since}, last on {last}"


def _many(per: str) -> str:
    """`1M tokens`."""
    return f"{per.replace('_', ' ')}s" if per.startswith("1M ") else per


def _panel(series: list[Series], frame: Frame, panels: list[list[Series]]) -> Json:
    """One set of axes with its layers."""
    alone = len(panels) == 1
    height = HEIGHT if alone else round(HEIGHT * 0.66)
    top = ceiling(max(_shown(one, frame) for one in series))
    last = series is panels[-1]
    first = series is panels[0]
    key = to_explain([s for p in panels for s in p], frame) if first else []
    time = axis_of_time(frame.start, frame.end, labels=last)
    if last and any(frame.shown([one]) for panel in panels for one in panel):
        time["title"] = "dashed: no sync in this time"
    ends = {"type": "utc", "domain": [iso(frame.start), iso(frame.end)]}
    scale = {"domain": [0, float(top)], "nice": False}
    marks = {"title": None, "values": ticks(top), "labelExpr": _price(series[0], top)}
    panel: Json = {
        "width": WIDTH,
        "height": height,
        "encoding": {
            "x": {"type": "temporal", "scale": ends, "axis": time},
            "y": {"type": "quantitative", "scale": scale, "axis": marks},
        },
        "layer": layers(series, frame, top=top, height=height, key=key),
    }
    if not alone:
        panel["title"] = {"text": series[0].meter, "fontSize": 13, "offset": 8}
    return panel


def _shown(one: Series, frame: Frame) -> Decimal:
    """The highest price of a line within the picture."""
    inside = [s for s in one.steps if s.until is None or s.until > frame.start]
    return max(step.price for step in inside or one.steps[-1:])


def _price(one: Series, top: Decimal) -> str:
    """How a price axis is labelled: with cents where its numbers are small."""
    marks = [format(tick, ".6g") for tick in ticks(top)]
    digits = max(len(mark.partition(".")[2]) for mark in marks)
    form = f",.{max(digits, 2) if digits else 0}f"
    sign = "$" if one.currency == "USD" else ""
    return f"'{sign}' + format(datum.value, '{form}')"
