"""The axes of a bare chart, where what draws charts would draw them.

Most of the time that drawing takes goes into axes: into measuring letters to find
that they stand where they stand anyway.
"""

import json
import math
from collections.abc import Iterator
from typing import Any
from xml.etree import ElementTree as ET

from tracker.charts.scale import labels_of

Json = dict[str, Any]

_HALF = 0.5
"""Lines lie between two points, so that they are sharp."""
_FLUSH = 1
"""A label so near an end of its axis is set inwards."""


def axes(spec: Json) -> list[ET.Element]:
    """The grid, the dates and the amounts of one of `bare.bare`, in the units of its
    picture and from the corner of its plot.
    """
    look = spec["config"]["axis"]
    grid = "".join(f"M{_HALF} {y}h{spec['width']}" for y in _lines(spec))
    drawn = [ET.Element("path", {"d": grid, "stroke": look["gridColor"]})]
    letters = look["labelFontSize"]
    labels = ET.Element("g", {"font-size": f"{letters}", "fill": look["labelColor"]})
    for text, x, y, anchor in (*_dates(spec), *_amounts(spec)):
        place = {"x": f"{x + _HALF:.6g}", "y": f"{y + _HALF:.6g}"}
        label = ET.SubElement(labels, "text", {**place, "text-anchor": anchor})
        label.text = text
    return [*drawn, labels]


Label = tuple[str, float, float, str]
"""A text, its place, and which part of it stands there."""


def _lines(spec: Json) -> Iterator[float]:
    for value in labels_of(spec["encoding"]["y"]["axis"]):
        yield math.floor(_y(spec, value) + _HALF) + _HALF


def _dates(spec: Json) -> Iterator[Label]:
    told, look = spec["encoding"]["x"], spec["config"]["axis"]
    start, end = json.loads(told["scale"]["domain"]["expr"])
    y = spec["height"] + look["labelPadding"] + round(0.79 * look["labelFontSize"])
    for value, text in labels_of(told["axis"]).items():
        x = (value - start) / (end - start) * spec["width"]
        yield text, x, y, _anchor(x, spec["width"])


def _amounts(spec: Json) -> Iterator[Label]:
    look = spec["config"]["axis"]
    down = round(0.3 * look["labelFontSize"])
    for value, text in labels_of(spec["encoding"]["y"]["axis"]).items():
        yield text, -look["labelPadding"], _y(spec, value) + down, "end"


def _y(spec: Json, value: float) -> float:
    _, top = spec["encoding"]["y"]["scale"]["domain"]
    place: float = (1 - value / top) * spec["height"]
    return place


def _anchor(x: float, width: float) -> str:
    if x < _FLUSH:
        return "start"
    return "end" if width - x < _FLUSH else "middle"
