"""What the sections of a digest are put together from: lines, and their records."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from storage.digests import Item
from tracker.reports.news import Row
from tracker.reports.watching import offer_text
from tracker.reports.wording import NAME, listed

FEW = 4
"""How many names a line spells out."""


@dataclass(frozen=True, slots=True)
class Line:
    """Something told in a line, with details below it.

    Attributes:
        items: what is remembered as told.
        records: the same as rows of a table, complete.
        cut: how many names and rates are only counted in it.
        story: what its changes are called together on the web page, if they are.
    """

    head: str
    details: tuple[str, ...] = ()
    items: tuple[Item, ...] = ()
    records: tuple[dict[str, Any], ...] = ()
    cut: int = 0
    story: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """Lines of one kind. `counted` says how many things they are about, `news`
    whether they are worth a mail.
    """

    key: str
    title: str
    lines: tuple[Line, ...]
    counted: int
    news: bool = True


def section(
    key: str, title: str, lines: Iterable[Line], *, news: bool = True
) -> Section:
    """A section of these lines, with how many offers or other things they are about."""
    told = tuple(lines)
    records = sum(len({_about(r) for r in line.records}) or 1 for line in told)
    return Section(key, title, told, records, news=news)


def _about(record: dict[str, Any]) -> str:
    return str(record.get("offer") or record)


def line(
    head: str,
    rows: Iterable[Row],
    key: str,
    *details: str,
    cut: int = 0,
    story: str = "",
) -> Line:
    """A line about changes, which are remembered as told.

    Args:
        head: what happened.
        rows: the changes.
        key: the section.
        details: below it; empty ones are left out.
        cut: how many names it only counts.
        story: what the changes are called together.
    """
    mine = list(rows)
    return Line(
        head,
        tuple(detail for detail in details if detail),
        tuple(_item(row, row["new_price_nano"]) for row in mine),
        tuple(record_of(row, key) for row in mine),
        cut,
        story,
    )


def record_of(row: Row, key: str) -> dict[str, Any]:
    """A change as a row of the attached table."""
    offer = offer_text(row) if row.get("provider") else ""
    return {**row, "section": key, "offer": offer}


def named(
    names: Iterable[str], most: int = FEW, *, width: int = NAME
) -> tuple[str, int]:
    """The first names with `and 3 more`, and how many that are."""
    told, left = listed(names, most, width=width)
    return f"{told}{f' and {left} more' if left else ''}", left


def _item(row: Row, nano: int | None) -> Item:
    """A change as it is remembered, with the value in mind from now on, if any."""
    return Item(
        change=row["change"],
        offer=offer_text(row),
        meter=row["meter"],
        price_nano=nano,
        currency=row["currency"] if nano is not None else None,
        verdict=row["verdict"],
    )
