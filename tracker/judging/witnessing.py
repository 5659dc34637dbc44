"""Who says the same: the sources beside the one that is followed."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from decimal import Decimal
from typing import Any

from tracker.sources.registry import SOURCES

Row = dict[str, Any]

BEST = "best"
AGREES = "agrees"
DIFFERS = "differs"
STALE = "stale"
OTHER_CURRENCY = "other currency"


def rank(source: str, provider: str) -> tuple[int, str]:
    """How soon a source is believed on what a provider sells; lower is sooner."""
    spec = SOURCES.get(source)
    if spec is None:
        return 1000, source
    return (0 if spec.provider == provider else spec.precedence), source


def compared(rows: Iterable[Row], stale: Collection[str]) -> list[Row]:
    """Rows of several sources for one offer, each with what it is to the best one.

    Args:
        rows: with `provider`, `meter`, `source`, `price_nano` and `currency`.
        stale: sources that no longer count.

    Returns:
        the rows with `agreement` and `pct`, the best of each meter first.
    """
    meters: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        meters[row["meter"]].append(row)
    found: list[Row] = []
    for members in meters.values():
        ordered = sorted(members, key=lambda r: _place(r, stale))
        best = ordered[0]
        found += [{**row, **_beside(row, best, stale)} for row in ordered]
    return found


def _place(row: Row, stale: Collection[str]) -> tuple[bool, tuple[int, str], str]:
    source = row["source"]
    return source in stale, rank(source, row["provider"]), row["source_key"]


def _beside(row: Row, best: Row, stale: Collection[str]) -> Row:
    if row is best:
        word = STALE if row["source"] in stale else BEST
        return {"agreement": word, "pct": None}
    if row["currency"] != best["currency"]:
        return {"agreement": OTHER_CURRENCY, "pct": None}
    old, new = best["price_nano"], row["price_nano"]
    pct = (Decimal(new - old) * 100 / old).quantize(Decimal("0.01")) if old else None
    if row["source"] in stale:
        return {"agreement": STALE, "pct": pct}
    return {"agreement": AGREES if old == new else DIFFERS, "pct": pct}


def witnessed(believed: Iterable[Row], said: Iterable[Row]) -> list[Row]:
    """Believed periods, each with the other sources that stated its price during it.

    Args:
        believed: rows of `believed_prices` of one offer.
        said: rows of `price_history` of the same offer.

    Returns:
        the believed rows with `witnesses`: names of sources, sorted.
    """
    stated: dict[tuple[str, int, str], list[Row]] = defaultdict(list)
    for row in said:
        stated[row["meter"], row["price_nano"], row["currency"]].append(row)
    return [
        {
            **row,
            "witnesses": sorted(
                {
                    other["source"]
                    for other in stated[
                        row["meter"], row["price_nano"], row["currency"]
                    ]
                    if other["source"] != row["source"] and _overlap(row, other)
                }
            ),
        }
        for row in believed
    ]


def _overlap(one: Row, other: Row) -> bool:
    begins = max(one["valid_from"], other["valid_from"])
    ends = [end for end in (one["valid_to"], other["valid_to"]) if end]
    return not ends or begins < min(ends)
