"""From the store to a chart: what was believed of some offers, and when one looked."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

from storage.reading import drawing, queries
from storage.unit_of_work import Store
from tracker.charts.series import Gap, Mark, Series, Step
from tracker.domain.money import in_units
from tracker.domain.offers import Offer

Row = dict[str, Any]

METERS = ("output", "input")
"""What is drawn of an offer unless other meters are asked for."""
MISSED = timedelta(weeks=2.5)
"""Longer than this between two reads, and a weekly sync was missed."""

CORRECTED = "corrected"
"""The basis of a price that is believed of a time when it was not stated yet."""
ELSEWHERE = "other source"
"""Stands for a verdict where the price did not change, but who is believed did."""


@dataclass(frozen=True, slots=True)
class Drawing:
    """Series to draw, and what was asked for but has no price on record."""

    series: tuple[Series, ...]
    missing: tuple[str, ...] = ()


def drawing_of(
    store: Store,
    offers: Sequence[Offer],
    *,
    meters: Sequence[str] = (),
    until: datetime,
) -> Drawing:
    """What the offers cost, by meter, up to an instant.

    Args:
        store: the database.
        offers: what is drawn, in this order.
        meters: keys; output and input if none is named, or what there is of an
            offer that has neither.
        until: where the chart ends.
    """
    series: list[Series] = []
    missing: list[str] = []
    with store.reading() as connection:
        for offer in offers:
            rows = queries.history_of(
                connection, [offer], view="believed_prices", until=until
            )
            changes = drawing.changes_of(connection, offer)
            found = _series(offer.text, rows, changes, _wanted(rows, meters))
            gaps = gaps_of(store, offer, rows, until=until)
            series += [replace(one, gaps=gaps[one.meter]) for one in found]
            stated = {one.meter for one in found}
            asked = [m for m in meters if m not in stated]
            missing += [f"{offer.text} {meter}" for meter in asked]
            missing += [] if meters or found else [offer.text]
    return Drawing(tuple(series), tuple(missing))


def gaps_of(
    store: Store, offer: Offer, rows: Sequence[Row], *, until: datetime
) -> dict[str, tuple[Gap, ...]]:
    """When nobody looked, by meter: the source that is believed was not read.

    Args:
        store: the database.
        offer: whose prices.
        rows: periods with meter, source, valid_from and valid_to.
        until: where the chart ends.
    """
    with store.reading() as connection:
        looked = drawing.looked_at(connection, offer)
    gaps = {name: gaps_between(days, until) for name, days in looked.items()}
    by_meter: dict[str, list[Row]] = {}
    for row in rows:
        by_meter.setdefault(row["meter"], []).append(row)
    return {meter: _gaps_in(mine, gaps) for meter, mine in by_meter.items()}


def _gaps_in(rows: list[Row], by_source: dict[str, tuple[Gap, ...]]) -> tuple[Gap, ...]:
    """The stretches of some periods in which the source of each was not read."""
    found = []
    for row in sorted(rows, key=lambda row: row["valid_from"]):
        for start, end in by_source.get(row["source"], ()):
            ends = min(end, row["valid_to"] or end)
            if (begins := max(start, row["valid_from"])) < ends:
                found.append((begins, ends))
    return tuple(found)


def gaps_between(days: Sequence[datetime], until: datetime) -> tuple[Gap, ...]:
    """When nobody looked: stretches longer than a missed weekly sync."""
    ends = [day for day in days if day <= until]
    pairs = pairwise([*ends, until]) if ends else ()
    return tuple((a, b) for a, b in pairs if b - a > MISSED)


def _wanted(rows: list[Row], meters: Sequence[str]) -> list[str]:
    """The meters drawn: those asked for; else output and input; else the first."""
    if meters:
        return list(dict.fromkeys(meters))
    stated = dict.fromkeys(row["meter"] for row in rows)
    usual = [meter for meter in METERS if meter in stated]
    return usual or list(stated)[:1]


def _series(
    name: str, rows: list[Row], changes: list[Row], meters: list[str]
) -> list[Series]:
    found = []
    for meter in meters:
        mine = sorted(
            (row for row in rows if row["meter"] == meter),
            key=lambda row: row["valid_from"],
        )
        if mine:
            steps = tuple(_step(row) for row in mine)
            said = [row for row in changes if row["meter"] == meter]
            currency = mine[-1]["currency"]
            carried = {row["valid_from"] for row in mine if row["basis"] == CORRECTED}
            marks = _marks(steps, said, carried) if currency == "USD" else ()
            per = mine[-1]["per"] or "unit"
            found.append(Series(name, meter, per, steps, marks, currency))
    return found


def _step(row: Row) -> Step:
    price = in_units(row["price_nano"])
    return Step(row["valid_from"], row["valid_to"], price, row["source"])


def _marks(
    steps: tuple[Step, ...], changes: list[Row], carried: Collection[datetime]
) -> tuple[Mark, ...]:
    """The steps of the line with their verdicts, and changes that are not believed.

    Args:
        steps: the line, oldest first.
        changes: all changes of the offer's meter, the oldest first.
        carried: since when prices are believed that were stated later only.
    """
    marks = [
        _mark_of(before, after, changes, carried=after.since in carried)
        for before, after in pairwise(steps)
        if before.price != after.price
    ]
    taken = {mark.at for mark in marks}
    for row in changes:
        believed = _believed(steps, row["observed_at"])
        odd = row["verdict"] in ("correction", "flap", "held")
        if odd and believed is not None and believed.source == row["source"]:
            at = row["observed_at"]
            if at not in taken:
                marks.append(_aside(row, believed.price))
                taken.add(at)
    return tuple(sorted(marks, key=lambda mark: mark.at))


def _mark_of(before: Step, after: Step, changes: list[Row], *, carried: bool) -> Mark:
    """A step of the line with the verdict of the change that made it: one of that
    instant, or a later correction that reached back. Where there is none, another
    source, or another name that a source has for the offer, is believed from there on.
    """
    old = before.price if before.until == after.since else None
    step = (after.since, old, after.price)
    # A return at the same price is no step, and never judged.
    own = [r for r in changes if r["source"] == after.source and _moved(r)]
    mine = [r for r in own if after.since in (r["observed_at"], r["effective_at"])]
    if mine:
        row = min(mine, key=lambda row: _distance(row, before, after))
        return Mark(*step, row["verdict"], row["reason"])
    if before.source != after.source:
        return Mark(*step, ELSEWHERE, f"{after.source} instead of {before.source}")
    later = [r for r in own if carried and _corrects(r, after)]
    if later:
        seen = f"seen on {later[0]['observed_at']:%Y-%m-%d}"
        return Mark(*step, "correction", f"{later[0]['reason']}, {seen}")
    return Mark(*step, ELSEWHERE, f"another name at {after.source}")


def _moved(row: Row) -> bool:
    return bool(row["old_usd"] != row["new_usd"])


def _corrects(row: Row, step: Step) -> bool:
    """Whether a change says that a step's price had been right before it was stated."""
    stated = row["new_usd"] == step.price and row["observed_at"] > step.since
    return bool(stated and row["verdict"] == "correction")


def _distance(row: Row, before: Step, after: Step) -> tuple[bool, bool]:
    """The change that says the very step is the one behind it."""
    return (row["new_usd"] != after.price, row["old_usd"] != before.price)


def _aside(row: Row, place: Decimal) -> Mark:
    """A change that is not believed, marked on the price that is."""
    told = (row["observed_at"], row["old_usd"], row["new_usd"])
    return Mark(*told, row["verdict"], row["reason"], place)


def _believed(steps: tuple[Step, ...], at: datetime) -> Step | None:
    for step in steps:
        if step.since <= at and (step.until is None or at < step.until):
            return step
    return None
