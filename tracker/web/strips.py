"""When a source was read in the last year, as a small picture.

It is a file of its own, shared by all pages that show it, so that these need not be
written anew after each sync.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from xml.sax.saxutils import escape

YEAR = timedelta(days=366)
WEEK = timedelta(days=7)
GRACE = timedelta(days=3.5)
"""A sync that comes so late is not missed."""
DENSE = timedelta(days=2)
"""Reads closer than this are one mark."""

WIDTH, HEIGHT = 480, 40
"""The size of the picture, in units of a page."""
_LEFT, _RIGHT = 6, 6
_MONTHS = (
    *("Jan", "Feb", "Mar", "Apr", "May", "Jun"),
    *("Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
)


@dataclass(frozen=True, slots=True)
class Marks:
    """What a strip shows.

    Attributes:
        start: where it begins.
        end: where it ends.
        read: when the source was read.
        missed: when a weekly sync should have read it.
    """

    start: datetime
    end: datetime
    read: tuple[datetime, ...]
    missed: tuple[datetime, ...]


def marks(reads: Sequence[datetime], end: datetime) -> Marks:
    """What there is to show of the year before an instant.

    Args:
        reads: every time the source was read, in order.
        end: where the strip ends.
    """
    start = end - YEAR
    seen = [at for at in reads if at <= end]
    missed = (at for a, b in pairwise([*seen, end]) for at in _missed(a, b))
    return Marks(
        start,
        end,
        tuple(_apart(at for at in seen if at >= start)),
        tuple(at for at in missed if at >= start),
    )


def svg(source: str, shown: Marks) -> bytes:
    """The strip as an SVG document, light or dark as its reader prefers."""
    span = shown.end - shown.start

    def x(at: datetime) -> float:
        return _LEFT + (at - shown.start) / span * (WIDTH - _LEFT - _RIGHT)

    read = "".join(f"M{x(at):.1f} 3V21" for at in shown.read)
    missed = "".join(
        f'<circle class="m" cx="{x(at):.1f}" cy="12" r="2.4"/>' for at in shown.missed
    )
    dates = "".join(_date(at, x(at)) for at in _labelled(shown))
    title = f"{len(shown.read)} reads of {escape(source)} in a year"
    return _SVG.format(
        title=title, read=read or "M0 0", missed=missed, dates=dates
    ).encode("utf-8", "replace")


def _missed(before: datetime, after: datetime) -> Iterator[datetime]:
    """The weekly syncs between two reads that did not come."""
    at = before + WEEK
    while at + GRACE < after:
        yield at
        at += WEEK


def _apart(days: Iterator[datetime]) -> Iterator[datetime]:
    before: datetime | None = None
    for at in days:
        if before is None or at - before >= DENSE:
            yield at
            before = at


def _labelled(shown: Marks) -> Iterator[datetime]:
    """The dates below: every third month."""
    at = shown.start.replace(day=1)
    while at <= shown.end:
        if at > shown.start and at.month % 3 == 1:
            yield at
        at = (at + timedelta(days=32)).replace(day=1)


def _date(at: datetime, x: float) -> str:
    name = f"{at:%Y}" if at.month == 1 else _MONTHS[at.month - 1]
    return f'<text x="{x:.1f}" y="38">{name}</text>'


_SVG = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 480 40" width="480" \
height="40" font-family="Arial, 'Liberation Sans', sans-serif" font-size="14" \
text-anchor="middle" fill="#59636e" stroke-width="3">
<title>{title}</title>
<style>.m {{ fill: none; stroke: #8a5300; stroke-width: 1.6 }}
.r {{ stroke: #1d4ed8 }}
@media (prefers-color-scheme: dark) {{
text {{ fill: #9fa9b6 }} .m {{ stroke: #f0c069 }} .r {{ stroke: #79a8ff }}
}}</style>
<path class="r" stroke="#1d4ed8" d="{read}"/>
<g fill="none" stroke="#8a5300" stroke-width="1.6">{missed}</g>
{dates}
</svg>
"""
