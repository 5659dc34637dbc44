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

_ASIDE = 1.5
"""Per cent of the picture's width that are left free on either side."""
_WITHIN = 5
"""A date nearer than this to a side, in per cent, would be cut off."""
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
        return _ASIDE + (at - shown.start) / span * (100 - 2 * _ASIDE)

    read = "".join(f'<rect x="{x(at):.2f}%"/>' for at in shown.read)
    missed = "".join(f'<circle cx="{x(at):.2f}%"/>' for at in shown.missed)
    dates = "".join(_date(at, x(at)) for at in _labelled(shown))
    title = f"{len(shown.read)} reads of {escape(source)} in a year"
    return _SVG.format(title=title, read=read, missed=missed, dates=dates).encode(
        "utf-8", "replace"
    )


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
    if not _WITHIN <= x <= 100 - _WITHIN:
        return ""
    return f'<text x="{x:.2f}%" y="37">{name}</text>'


_SVG = """<svg xmlns="http://www.w3.org/2000/svg" width="100%" height="40" \
font-family="Arial, 'Liberation Sans', sans-serif" font-size="13" \
text-anchor="middle" fill="#59636e">
<title>{title}</title>
<style>rect {{ y: 3px; width: 3px; height: 18px; fill: #1d4ed8; translate: -1.5px }}
circle {{ cy: 12px; r: 2.4px; fill: none; stroke: #8a5300; stroke-width: 1.6px }}
@media (max-width: 330px) {{ rect {{ width: 2px }} circle {{ r: 1.7px }} }}
@media (prefers-color-scheme: dark) {{
text {{ fill: #9fa9b6 }} circle {{ stroke: #f0c069 }} rect {{ fill: #79a8ff }}
}}</style>
<g>{read}</g>
<g>{missed}</g>
{dates}
</svg>
"""
"""As wide as there is room: places are in per cent, so that letters keep their size."""
