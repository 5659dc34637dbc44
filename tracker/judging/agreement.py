"""Where sources disagree today, and what people have acknowledged of it."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import Any

from storage import agreement
from storage.agreement import Asked
from storage.unit_of_work import Connection, Store
from tracker.domain.disagreement import Pair, Stated, cause
from tracker.domain.errors import UsageError
from tracker.domain.offers import Offer

_THING = itemgetter("provider", "model", "region", "meter")


@dataclass(frozen=True, slots=True)
class Disagreement:
    """A pair with its likely cause, and the note of a person who knows of it."""

    pair: Pair
    cause: str
    note: str | None = None


def disagreements(
    store: Store, asked: Asked, *, least_pct: float = 0.0
) -> list[Disagreement]:
    """Every price that differs from the best source's, the widest apart first.

    Args:
        store: the database.
        asked: which statements are compared.
        least_pct: leave out what is less per cent apart; from zero counts as more.
    """
    with store.reading() as connection:
        pairs = list(_pairs(connection, asked))
        known = agreement.acknowledged(connection)
    found = [
        Disagreement(pair, cause(pair), known.get(_about(pair)))
        for pair in pairs
        if pair.pct is None or abs(pair.pct) >= least_pct
    ]
    return sorted(found, key=_width, reverse=True)


def acknowledge(store: Store, name: str, *, note: str, now: datetime) -> Disagreement:
    """Remember that a disagreement is known, for exactly its two values.

    Raises:
        UsageError: none of that name, or several.
    """
    found = [d for d in disagreements(store, Asked()) if d.pair.name.startswith(name)]
    if len(found) != 1 or not name:
        trouble = "no disagreement" if not found else f"{len(found)} disagreements"
        raise UsageError(
            f"{trouble} named {name!r}; list them with: pricetrail disagreements"
        )
    pair = found[0].pair
    told = note.encode("utf-8", "replace").decode()  # a shell may give half characters
    with store.writing() as work:
        agreement.acknowledge(
            work.connection, pair.other.source, _about(pair), at=now, note=told
        )
        work.commit()
    return found[0]


def _about(pair: Pair) -> tuple[str, str, str]:
    return pair.offer.text, pair.meter, pair.values


def _width(found: Disagreement) -> tuple[float, str]:
    best, other = found.pair.best.nano, found.pair.other.nano
    low, high = sorted((best, other))
    return (high / low if low else float("inf")), found.pair.name


def _pairs(connection: Connection, asked: Asked) -> Iterator[Pair]:
    rows = agreement.differing(connection, asked)
    keys = sorted({row["source_key_id"] for row in rows})
    series = _series(connection, keys, asked.at)
    for thing, members in groupby(rows, key=_THING):
        provider, model, region, meter = thing
        stated = [_stated(row, meter, series) for row in _one_a_source(members)]
        best, *others = stated
        for other in others:
            if other.currency == best.currency and other.nano != best.nano:
                yield Pair(Offer(provider, model, region), meter, best, other)


def _one_a_source(rows: Any) -> Iterator[dict[str, Any]]:
    """The first key of each source; siblings of it are its own affair."""
    seen: set[str] = set()
    for row in rows:
        if row["source"] not in seen:
            seen.add(row["source"])
            yield row


def _stated(
    row: dict[str, Any], meter: str, series: dict[int, list[dict[str, Any]]]
) -> Stated:
    periods = series[row["source_key_id"]]
    mine = [p for p in periods if p["meter"] == meter and p["valid_to"]]
    return Stated(
        source=row["source"],
        key=row["source_key"],
        nano=row["price_nano"],
        currency=row["currency"],
        since=row["valid_from"],
        earlier=[(p["price_nano"], p["valid_to"]) for p in mine],
        card={p["meter"]: p["price_nano"] for p in periods if not p["valid_to"]},
    )


def _series(
    connection: Connection, keys: list[int], at: datetime | None
) -> dict[int, list[dict[str, Any]]]:
    """The periods of each key; as of an instant, those begun by then, and open
    ended if they ended later.
    """
    found: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for row in agreement.series_of(connection, keys):
        if at is not None and row["valid_from"] > at:
            continue
        ended = row["valid_to"] if at is None or _before(row["valid_to"], at) else None
        found[row["source_key_id"]].append({**row, "valid_to": ended})
    return found


def _before(ended: datetime | None, at: datetime) -> bool:
    return ended is not None and ended <= at
