"""A chart as SVG within a page: small, quiet, and drawn quickly.

What draws takes most of its time to measure letters. A bare picture stands where it
stands whatever it says, so its axes are put there without being measured, and each
text is drawn as one letter, in whose place the text is put afterwards.
"""

import re
import string
from typing import Any
from xml.etree import ElementTree as ET

from tracker.charts.axes import axes
from tracker.charts.files import svg
from tracker.charts.layers import POINTED

Json = dict[str, Any]

_LETTERS = string.ascii_letters
_SPACE = "{http://www.w3.org/2000/svg}"
_LONG = re.compile(r"-?\d+\.\d{3,}")
_DROPPED = (
    *("class", "role", "aria-hidden", "aria-roledescription", "aria-label"),
    *("pointer-events", "stroke-miterlimit", "font-family"),
)
_USUAL = {"opacity": "1", "transform": "translate(0,0)", "stroke-linecap": "butt"}
_SHARED = ("font-size", "font-weight", "fill", "stroke", "stroke-width", "text-anchor")


def inline(spec: Json) -> ET.Element:
    """A bare chart as an `svg` element without names, roles and fonts: the page says
    what it is, and its style sheet how it is written.

    Args:
        spec: one of `spec.bare`.

    Raises:
        UsageError: the extra that draws is not installed.
    """
    texts: dict[str, str] = {}
    drawn = ET.fromstring(svg(_slimmed(spec, texts)))  # noqa: S314 - as we had it drawn
    root = ET.Element("svg", {"viewBox": drawn.attrib["viewBox"], "fill": "none"})
    padding = spec["padding"]
    corner = {"transform": f"translate({padding['left']},{padding['top']})"}
    plot = ET.SubElement(root, "g", corner)
    plot.extend(axes(spec))
    plot.extend(
        part for one in drawn for whole in one for part in _mended(whole, texts)
    )
    return root


def _slimmed(spec: Json, texts: dict[str, str]) -> Json:
    """The chart without axes and what only a script uses; its texts are collected by
    the letters that stand for them.
    """
    encoding = {
        channel: {**told, "axis": None} for channel, told in spec["encoding"].items()
    }
    seen = [layer for layer in spec["layer"] if layer.get("name") != POINTED]
    layers = [_lettered(layer, texts) for layer in seen]
    return {**spec, "encoding": encoding, "layer": layers}


def _lettered(layer: Json, texts: dict[str, str]) -> Json:
    """A layer that says letters instead of texts, and nothing to who points at it."""
    encoding = {k: v for k, v in layer["encoding"].items() if k != "tooltip"}
    if "text" not in encoding:
        return {**layer, "encoding": encoding}
    field = encoding["text"]["field"]
    rows = [
        {**row, field: "\n".join(_letter(t, texts) for t in row[field].split("\n"))}
        for row in layer["data"]["values"]
    ]
    return {**layer, "encoding": encoding, "data": {"values": rows}}


def _letter(text: str, texts: dict[str, str]) -> str:
    """The letter that stands for a text; the text itself if there are too many."""
    if len(texts) == len(_LETTERS):
        return text
    letter = _LETTERS[len(texts)]
    texts[letter] = text
    return letter


def _mended(drawn: ET.Element, texts: dict[str, str]) -> list[ET.Element]:
    """An element as a page holds it; nothing if it shows nothing, and what is in it
    if it is a mere bracket.
    """
    given = {k: v for k, v in drawn.attrib.items() if k not in _DROPPED}
    given = {k: _LONG.sub(_rounded, v) for k, v in given.items() if _USUAL.get(k) != v}
    if _unseen(drawn, given):
        return []
    made = ET.Element(drawn.tag.removeprefix(_SPACE), given)
    made.text = texts.get(drawn.text or "", drawn.text)
    made.extend(part for one in drawn for part in _mended(one, texts))
    if made.tag != "g":
        return [made]
    _share(made)
    return [made] if made.attrib and len(made) else list(made)


def _unseen(drawn: ET.Element, given: dict[str, str]) -> bool:
    """Whether it is one of the frames that the converter draws around everything."""
    path = drawn.tag == f"{_SPACE}path"
    return path and not {"fill", "stroke"} & given.keys()


def _share(group: ET.Element) -> None:
    """Say once what all of a group have in common."""
    for name in _SHARED:
        values = {one.get(name) for one in group}
        if len(group) > 1 and len(values) == 1 and None not in values:
            group.set(name, values.pop() or "")
            for one in group:
                del one.attrib[name]


def _rounded(number: re.Match[str]) -> str:
    return f"{float(number[0]):.2f}".rstrip("0").rstrip(".")
