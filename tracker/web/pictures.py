"""From a chart's specification to what stands in a page: its SVG, and its data."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from xml.etree import ElementTree as ET

from markupsafe import Markup

from tracker.charts.inline import inline
from tracker.domain.errors import UsageError
from tracker.web.rendering import versioned

Json = dict[str, Any]


def picture(spec: Json, told: tuple[str, str], *, mark: str, form: str) -> Markup:
    """A chart as SVG for those who see it, and in words for those who don't.

    Args:
        spec: the chart; a `bare` one.
        told: its title, and what it shows.
        mark: another one for each chart of a page.
        form: the class of pictures of its size.

    Returns:
        Nothing if what draws is not installed: the table behind it says the same.
    """
    try:
        drawn = inline(spec)
    except UsageError:
        return Markup()
    title, shown = told
    described = f"{mark}-{form}"
    names = {"class": form, "role": "img", "aria-label": title}
    drawn.attrib.update({**names, "aria-describedby": described})
    description = ET.Element("desc", {"id": described})
    description.text = shown
    drawn.insert(0, description)
    written = ET.tostring(drawn, encoding="unicode")
    return Markup(written)  # noqa: S704 - texts are escaped where it is written


def data_of(specs: Mapping[str, Sequence[Json]]) -> Markup:
    """The specifications as `embedded` JSON, by form; rows that they share stand there
    once.
    """
    rows: dict[str, list[Json]] = {}
    every = [spec for some in specs.values() for spec in some]
    common = {k: v for k, v in every[0].items() if all(o.get(k) == v for o in every)}
    forms = {
        form: [_hoisted(spec, common, rows) for spec in some]
        for form, some in specs.items()
    }
    return embedded({"all": common, "forms": forms, "datasets": rows})


def embedded(value: Json) -> Markup:
    """A value as JSON that no text in it can end the script element of."""
    text = json.dumps(value, separators=(",", ":"), ensure_ascii=True)
    for character in "<>&":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return Markup(text)  # noqa: S704 - just escaped


def library() -> str:
    """The file that makes charts interactive; empty if it is not installed."""
    try:
        return versioned("vega.js")
    except UsageError:
        return ""


def _hoisted(spec: Json, common: Json, rows: dict[str, list[Json]]) -> Json:
    """The specification with names in place of rows, less what is in all of them."""
    layers = []
    for layer in spec["layer"]:
        used = set(_fields(layer["encoding"]))
        values = layer["data"]["values"]
        kept = [{k: v for k, v in row.items() if k in used} for row in values]
        layers.append({**layer, "data": {"name": _name(kept, rows)}})
    own = {k: v for k, v in spec.items() if k not in common}
    return {**own, "layer": layers}


def _fields(encoding: Json) -> Iterator[str]:
    for told in encoding.values():
        if isinstance(told, dict) and "field" in told:
            yield told["field"]


def _name(kept: list[Json], rows: dict[str, list[Json]]) -> str:
    text = json.dumps(kept, sort_keys=True)
    name = f"d{hashlib.sha256(text.encode()).hexdigest()[:8]}"
    rows[name] = kept
    return name
