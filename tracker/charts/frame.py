"""What all panels of a chart share: the time axis, colours, the size of things."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from tracker.charts.looks import colours
from tracker.charts.series import Gap, Series

Json = dict[str, Any]

WIDTH = 760
"""How wide the axes are, in units of the picture (a pixel of an SVG)."""


@dataclass(frozen=True, slots=True)
class Frame:
    """What all panels share.

    Attributes:
        start: where the time axis begins.
        end: where it ends.
        look: `light` or `dark`.
        lines: what has a colour of its own: offers, or meters of the one offer.
        by_name: whether lines are told apart by offer.
    """

    start: datetime
    end: datetime
    look: str
    lines: tuple[str, ...]
    by_name: bool

    def line(self, one: Series) -> str:
        """What a series is told apart by."""
        return one.name if self.by_name else one.meter

    def shown(self, series: Sequence[Series]) -> list[Gap]:
        """When nobody looked at any of them, within the picture."""
        common = [(self.start, self.end)]
        for one in series:
            pairs = [(max(a, c), min(b, d)) for a, b in common for c, d in one.gaps]
            common = [(a, b) for a, b in pairs if a < b]
        return common


def iso(at: datetime) -> str:
    """An instant as the specification writes it."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def colour(frame: Frame) -> Json:
    """The encoding of lines by colour, the same on all layers."""
    inks = colours(frame.look, len(frame.lines))
    scale = {"domain": list(frame.lines), "range": inks}
    return {"field": "line", "type": "nominal", "legend": None, "scale": scale}
