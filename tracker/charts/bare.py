"""Charts as parts of a page, which has their titles, their key and their type.

Such a picture has a fixed size whatever it says, so that one can take the place of
another without a move of what stands around it, and so that letters need not be
measured to draw it.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from tracker.charts import looks
from tracker.charts.frame import PAPER, Form, Frame
from tracker.charts.layers import label
from tracker.charts.naming import called
from tracker.charts.panel import panel, span, top_of
from tracker.charts.scale import dates, marks, said, ticks
from tracker.charts.series import Series
from tracker.charts.spec import SCHEMA

Json = dict[str, Any]
Panel = Sequence[Series]

FEW = 6
"""How many lines a panel holds: each has a colour of its own."""
ABOVE, BELOW = 14, 26
"""Room for what is written over the highest line, and for the dates."""


def panels_of(series: Sequence[Series]) -> list[list[Series]]:
    """What can be drawn together: one unit and currency, at most `FEW` lines; of
    several offers, one meter.
    """
    by_name = len({one.name for one in series}) > 1
    found: dict[tuple[str, ...], list[Series]] = {}
    for one in series:
        place = (one.currency, one.per, one.meter if by_name else "")
        found.setdefault(place, []).append(one)
    return [part for part in found.values() for part in _few(part)]


def bare(
    panels: Sequence[Panel], form: Form, *, now: datetime, look: str = "page"
) -> list[Json]:
    """The specification of each panel. They share the time axis and their margins, so
    that they can stand below each other.

    Args:
        panels: what is drawn in each; see `panels_of`.
        form: how large they are.
        now: where they end.
        look: a name in `looks.INKS`.
    """
    series = [one for part in panels for one in part]
    whole = Frame(*span(series, now), look, (), called(series), form)
    names = [text for one in series for text in label(one, whole)]
    texts = [text for part in panels for text in _amounts(part, whole).values()]
    left, right = _room(texts, form) + 12, _room(names, form) + 14
    whole = replace(whole, width=form.width - left - right)
    outer = {
        "$schema": SCHEMA,
        "autosize": {"type": "none"},
        "padding": {"left": left, "right": right, "top": ABOVE, "bottom": BELOW},
        "config": looks.bare(look, form.letters),
    }
    lines = lines_of(panels)
    frames = [replace(whole, lines=one) for one in lines]
    drawn = [_panel(*each) for each in zip(panels, frames, strict=True)]
    return [{**outer, **each} for each in drawn]


def lines_of(panels: Sequence[Panel]) -> list[tuple[str, ...]]:
    """What has a colour of its own in each panel, in the order of the colours: offers,
    the same in all panels if they are few; or the meters of the one offer.
    """
    names = tuple(dict.fromkeys(one.name for part in panels for one in part))
    if len(names) == 1:
        return [tuple(one.meter for one in part) for part in panels]
    if len(names) <= FEW:
        return [names for _ in panels]
    return [tuple(one.name for one in part) for part in panels]


def _panel(series: Panel, frame: Frame) -> Json:
    room = frame.width / PAPER.width
    days = dates(frame.start, frame.end, room=room)
    time = said({int(at.timestamp() * 1000): text for at, text in days.items()})
    return panel(
        series,
        frame,
        height=frame.form.height,
        time={"title": None, **time},
        amounts={"title": None, **said(_amounts(series, frame))},
    )


def _amounts(series: Panel, frame: Frame) -> dict[float, str]:
    """The marks of the price axis, and how they are labelled."""
    values = ticks(top_of(series, frame))
    texts = marks(values, dollars=series[0].currency == "USD")
    return dict(zip(values, texts, strict=True))


def _few(part: list[Series]) -> list[list[Series]]:
    """As few parts as can be read, of about one length."""
    parts = -(-len(part) // FEW)
    each = -(-len(part) // parts)
    return [part[n : n + each] for n in range(0, len(part), each)]


def _room(texts: Sequence[str], form: Form) -> int:
    """About how wide the longest of some texts is."""
    return round(max(map(len, texts)) * form.letters * 0.53)
