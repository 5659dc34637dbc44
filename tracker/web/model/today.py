"""What an offer costs today, meter by meter, and who else says so."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from tracker.domain.money import in_units
from tracker.judging.witnessing import rank
from tracker.web.model.naming import (
    group_note,
    group_of,
    group_place,
    meter_place,
    per_words,
    worded,
)

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Said:
    """What a source states for a meter.

    Attributes:
        source, key: who, and its own name for the offer.
        nano, currency: the price.
        since: since when it says so.
        stale: whether it was not read for too long, so that it has no voice.
    """

    source: str
    key: str
    nano: int
    currency: str
    since: datetime
    stale: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """A meter today.

    Attributes:
        meter: its key.
        words: the same in words.
        nano, currency, per: the price.
        since, until: the period; `until` is None while it holds.
        basis: `published`, `corrected`, `dated`; `stated` if nothing was judged yet.
        source: who is followed.
        agreeing: others that state the same.
        differing: others, or the same source by now, that state something else.
        exact: whether the source's number fitted whole billionths.
    """

    meter: str
    words: str
    nano: int
    currency: str
    per: str
    since: datetime
    until: datetime | None
    basis: str
    source: str
    agreeing: tuple[Said, ...] = ()
    differing: tuple[Said, ...] = ()
    exact: bool = True

    @property
    def usd(self) -> Decimal | None:
        """The price in dollars; None in another currency."""
        return in_units(self.nano) if self.currency == "USD" else None


@dataclass(frozen=True, slots=True)
class Group:
    """Meters that are listed together, and what the heading means."""

    name: str
    note: str
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Card:
    """All that an offer costs.

    Attributes:
        lines: by meter.
        ended: whether they are the last prices of what is not sold any more.
    """

    lines: Mapping[str, Line]
    ended: bool = False

    @property
    def groups(self) -> tuple[Group, ...]:
        """The lines by heading."""
        found: dict[str, list[Line]] = defaultdict(list)
        for line in sorted(self.lines.values(), key=lambda o: meter_place(o.meter)):
            found[group_of(line.meter)].append(line)
        ordered = sorted(found, key=group_place)
        return tuple(Group(n, group_note(n), tuple(found[n])) for n in ordered)

    @property
    def main(self) -> tuple[Line, ...]:
        """What costs something, in the order of the groups."""
        ordered = [line for group in self.groups for line in group.lines]
        return tuple(line for line in ordered if line.nano)

    @property
    def disputed(self) -> tuple[Line, ...]:
        """The lines on which sources that are read differ."""
        return tuple(
            line
            for line in self.lines.values()
            if any(not said.stale for said in line.differing)
        )


def card_of(
    provider: str, beliefs: Iterable[Row], periods: Iterable[Row], now: datetime
) -> Card:
    """What is believed at an instant, or was believed last.

    Args:
        provider: who sells it: its own page counts first.
        beliefs: rows of `storage.reading.dossier.beliefs`.
        periods: rows of `storage.reading.dossier.periods`.
        now: the instant.
    """
    stated = _stated(provider, (row for row in periods if row["valid_to"] is None))
    believed = {row["meter"]: row for row in beliefs if _holds(row, now)}
    lines = {meter: _line(row, stated[meter]) for meter, row in believed.items()}
    for meter, rows in stated.items():
        if rows and meter not in lines:
            lines[meter] = _line({**rows[0], "basis": "stated"}, rows)
    if lines:
        return Card(lines)
    last = _last(list(beliefs))
    return Card({row["meter"]: _line(row, []) for row in last}, ended=True)


def _holds(row: Row, at: datetime) -> bool:
    ends = row["valid_to"]
    return bool(row["valid_from"] <= at and (ends is None or at < ends))


def _stated(provider: str, rows: Iterable[Row]) -> dict[str, list[Row]]:
    """What is stated by meter, those who are believed first at the front."""
    found: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        found[row["meter"]].append(row)
    for members in found.values():
        members.sort(key=lambda r: (bool(r["stale"]), rank(r["source"], provider)))
    return found


def _last(beliefs: list[Row]) -> list[Row]:
    """The periods that ended last: what it cost when it was last sold."""
    ends = [row["valid_to"] for row in beliefs if row["valid_to"] is not None]
    return [row for row in beliefs if ends and row["valid_to"] == max(ends)]


def _line(row: Row, stated: list[Row]) -> Line:
    same: list[Said] = []
    other: list[Said] = []
    for one in stated:
        equal = (one["price_nano"], one["currency"]) == (
            row["price_nano"],
            row["currency"],
        )
        if not equal:
            other.append(_said(one))
        elif one["source"] != row["source"]:
            same.append(_said(one))
    mine = [one for one in stated if one["source"] == row["source"]]
    return Line(
        row["meter"],
        worded(row["meter"]),
        row["price_nano"],
        row["currency"],
        per_words(row["quantum"], row["unit"]),
        row["valid_from"],
        row["valid_to"],
        row["basis"],
        row["source"],
        tuple(same),
        tuple(other),
        all(bool(one["exact"]) for one in mine),
    )


def _said(row: Row) -> Said:
    return Said(
        row["source"],
        row["source_key"],
        row["price_nano"],
        row["currency"],
        row["valid_from"],
        bool(row["stale"]),
    )
