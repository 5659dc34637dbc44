"""A chart without its data, for the script that puts models side by side on a site of
files: what every picture of the one specification has in common, by its size
(`static/plots.js` puts prices into it).
"""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from markupsafe import Markup

from tracker.charts.bare import FEW, bare, panels_of
from tracker.charts.frame import Form
from tracker.charts.looks import OUTLINES
from tracker.charts.series import Mark, Series, Step
from tracker.web.charts import FORMS, MEANINGS
from tracker.web.pictures import embedded, library

Json = dict[str, Any]

_DAY = datetime(2026, 1, 1, tzinfo=UTC)
_LOST = (_DAY + timedelta(days=30), _DAY + timedelta(days=60))
_END = _DAY + timedelta(days=300)


def blank() -> Markup:
    """It as JSON, and the words for what is in a chart."""
    return embedded(
        {
            "forms": {name: _form(form) for name, form in FORMS.items()},
            "outlines": OUTLINES,
            "meanings": MEANINGS,
            "few": FEW,
            "library": library(),
        }
    )


def _form(form: Form) -> Json:
    panels = panels_of([_example(number) for number in range(FEW)])
    (spec,) = bare(panels, form, now=_END)
    layers = {_role(layer): _emptied(layer) for layer in spec.pop("layer")}
    return {
        "spec": spec,
        "layers": layers,
        "width": form.width,
        "letters": form.letters,
        "name": form.name,
        "stacked": form.stacked,
    }


def _example(number: int) -> Series:
    """A line with something of everything: a change, and a time when nobody looked."""
    turn = _DAY + timedelta(days=100)
    old, new = Decimal(9 - number), Decimal(18 - number)
    steps = (Step(_DAY, turn, old), Step(turn, None, new))
    marks = (Mark(turn, old, new, "move"),)
    return Series(f"a/{number}", "input", "1M token", steps, marks, gaps=(_LOST,))


def _role(layer: Json) -> str:
    """What a layer shows."""
    mark, encoding = layer["mark"], layer["encoding"]
    if mark["type"] == "line":
        return "unseen" if "strokeDash" in mark else "seen"
    if mark["type"] == "text":
        return "sizes" if encoding["text"]["field"] == "step" else "names"
    return {"rect": "gaps", "rule": "pointed", "point": "changes"}[mark["type"]]


def _emptied(layer: Json) -> Json:
    return {name: told for name, told in layer.items() if name != "data"}
