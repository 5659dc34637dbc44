"""A chart as a Vega-Lite specification, a plain dict."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from tracker.charts import looks
from tracker.charts.changes import to_explain
from tracker.charts.frame import PAPER, Frame
from tracker.charts.naming import called
from tracker.charts.panel import panel, span, top_of
from tracker.charts.scale import axis_of_time, places, ticks
from tracker.charts.series import Series
from tracker.charts.words import sentence
from tracker.domain.errors import UsageError

Json = dict[str, Any]

MANY = 8
"""How many lines a panel may hold and still be read."""
SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"
"""What a specification is to be read as."""


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
    start, end = span(series, now, since)
    frame = Frame(start, end, look, tuple(lines), called(series))
    drawn = [_panel(panel, frame, panels) for panel in panels]
    return {
        "$schema": SCHEMA,
        "description": f"Prices of {', '.join(names)} from {start:%Y-%m-%d} on",
        "title": {"text": title or ", ".join(names), "subtitle": sentence(series)},
        **(drawn[0] if len(drawn) == 1 else {"vconcat": drawn, "spacing": 16}),
        "config": looks.config(look),
    }


def _panels(series: Sequence[Series]) -> list[list[Series]]:
    meters = dict.fromkeys(one.meter for one in series)
    return [[one for one in series if one.meter == meter] for meter in meters]


def _drawable(panels: list[list[Series]]) -> None:
    if not all(one.steps for panel in panels for one in panel) or not panels[0]:
        raise UsageError("nothing to draw: no price is on record for this choice")
    for part in panels:
        units = {f"{one.currency} per {one.per}" for one in part}
        if len(units) > 1:
            told = " and ".join(sorted(units))
            raise UsageError(f"{told} cannot share one scale; draw them apart")
        if len(part) > MANY:
            told = f"{len(part)} lines are too many to be read"
            raise UsageError(f"{told}; draw at most {MANY}")


def _panel(series: list[Series], frame: Frame, panels: list[list[Series]]) -> Json:
    """One of the panels; the first one has the key, the last one the dates."""
    alone = len(panels) == 1
    height = PAPER.height if alone else round(PAPER.height * 0.66)
    last = series is panels[-1]
    first = series is panels[0]
    time = axis_of_time(frame.start, frame.end, labels=last)
    if last and any(frame.shown([one]) for part in panels for one in part):
        time["title"] = "dashed: no sync in this time"
    top = top_of(series, frame)
    said = _price(series[0], top)
    drawn = panel(
        series,
        frame,
        height=height,
        time=time,
        amounts={"title": None, "values": ticks(top), "labelExpr": said},
        key=to_explain([s for p in panels for s in p], frame) if first else (),
    )
    if not alone:
        drawn["title"] = {"text": series[0].meter, "fontSize": 13, "offset": 8}
    return drawn


def _price(one: Series, top: Decimal) -> str:
    """How a price axis is labelled: with cents where its numbers are small."""
    sign = "$" if one.currency == "USD" else ""
    return f"'{sign}' + format(datum.value, ',.{places(ticks(top))}f')"
