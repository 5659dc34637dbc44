"""One set of axes with what is drawn between them."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from tracker.charts.frame import Frame
from tracker.charts.layers import layers
from tracker.charts.scale import ceiling
from tracker.charts.series import Series

Json = dict[str, Any]


def span(
    series: Sequence[Series], now: datetime, since: datetime | None = None
) -> tuple[datetime, datetime]:
    """Where the time axis begins, and where it ends.

    Args:
        series: what is drawn.
        now: where it ends, unless a price began later.
        since: where it begins; with the first price if None.
    """
    first = min(one.steps[0].since for one in series)
    last = max(one.steps[-1].since for one in series)
    end = max(now, last + timedelta(hours=12))
    return min(since or first, end - timedelta(days=7)), end


def top_of(series: Sequence[Series], frame: Frame) -> Decimal:
    """Where the price axis of a panel ends."""
    return ceiling(max(_shown(one, frame) for one in series))


def panel(
    series: Sequence[Series],
    frame: Frame,
    *,
    height: int,
    time: Json,
    amounts: Json,
    key: Sequence[str] = (),
) -> Json:
    """A specification without what says how it looks.

    Args:
        series: what is drawn.
        frame: what it shares with other panels.
        height: how high it is, in units of the picture.
        time: how the time axis is marked.
        amounts: how the price axis is marked.
        key: the verdicts whose shapes are explained above it.
    """
    top = top_of(series, frame)
    # Layers with two instants read a list of them in two ways; a signal in one.
    ends = [int(at.timestamp() * 1000) for at in (frame.start, frame.end)]
    days = {"type": "utc", "domain": {"expr": str(ends)}}
    scale = {"domain": [0, float(top)], "nice": False}
    return {
        "width": frame.width,
        "height": height,
        "encoding": {
            "x": {"type": "temporal", "scale": days, "axis": time},
            "y": {"type": "quantitative", "scale": scale, "axis": amounts},
        },
        "layer": layers(series, frame, top=top, height=height, key=key),
    }


def _shown(one: Series, frame: Frame) -> Decimal:
    """The highest price of a line within the picture."""
    inside = [s for s in one.steps if s.until is None or s.until > frame.start]
    return max(step.price for step in inside or one.steps[-1:])
