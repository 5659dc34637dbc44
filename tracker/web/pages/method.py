"""About the method: where the prices come from, and how a change is judged.

Every figure is taken from the database when the page is made.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import median
from typing import Any

from storage.reading import telling, upkeep
from storage.unit_of_work import Connection
from tracker.domain.gate import REASONS as HELD
from tracker.domain.gate import THRESHOLDS
from tracker.domain.judge import REASONS
from tracker.domain.offers import FIRST_PARTY
from tracker.judging.freshness import GRACE
from tracker.sources.registry import SOURCES
from tracker.web.news.telling import Line, lines_of
from tracker.web.pages import NoPage, Query
from tracker.web.rendering import Content, page
from tracker.web.view import View

PATH = "method/"
LONG = timedelta(days=21)
"""A source that is read each week and was not for so long has a gap."""

EXPLAINED = {
    ("move", ""): "Nothing speaks against it. This is what is told as news.",
    ("move", "late"): (
        "Another source left the old price for the new one earlier. The move is real "
        "and is dated by that source."
    ),
    ("correction", "unit_error"): (
        "A factor of more than 12.5, or of exactly ten: dollars per thousand written "
        "as dollars per million, a slip of the point. No real price moved that far."
    ),
    ("correction", "placeholder_filled"): (
        "The first price above zero. The zero had stood for “not known yet”."
    ),
    ("correction", "rounding"): (
        "The same price with more or fewer digits; within 0.2 per cent."
    ),
    ("correction", "column_slip"): (
        "A number stood in the wrong field: input and output swapped, a text price "
        "for audio, a long-context price in the plain field."
    ),
    ("correction", "copied"): (
        "The price was that of another region, of a sibling, or of the model that a "
        "variant was made from."
    ),
    ("correction", "guessed"): (
        "A service tier moved alone while the standard price stood still: it had been "
        "derived from that and was replaced by the listed one."
    ),
    ("correction", "launch_fix"): (
        "Repaired within about two weeks of the launch, and nobody else knew the first "
        "price."
    ),
    ("correction", "contradicted"): (
        "Another source watched for the whole life of the old price, and never had it."
    ),
    ("flap", "flap"): (
        "Left and taken again within eight weeks, and no other source saw the price "
        "between. Both steps are told as one flap, the first one even if it had been "
        "told as a move before."
    ),
    ("held", "to_zero"): (
        "It dropped to zero and nobody confirms that: free, or not known any more?"
    ),
    ("held", "denied"): (
        "Two other sources or more still state the old price, three weeks later."
    ),
    ("held", "one_ratio"): (
        "Half of a seller's offers moved by one exact ratio: perhaps a page was read "
        "on its Batch tab."
    ),
}
"""What is found, and why it is believed, by verdict and reason."""

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Case:
    """A reason with how often it was found, and its newest example, if it was.

    Attributes:
        verdict, reason: what was found.
        words: what that means, in short.
        why: how it is recognised.
        changes: how many changes.
        example: one of them; `seen` is when.
    """

    verdict: str
    reason: str
    words: str
    why: str
    changes: int
    example: Line | None
    source: str
    seen: datetime | None


@dataclass(frozen=True, slots=True)
class Watch:
    """How closely a source was watched: its readings, the usual days between two, and
    the gaps that are longer than three weeks.
    """

    source: str
    readings: int
    first: datetime
    usual: int
    gaps: tuple[tuple[datetime, datetime], ...]


def paths(_view: View) -> list[str]:
    """Its one page."""
    return [PATH]


def made(view: View, path: str, _query: Query) -> Content:
    """The page.

    Raises:
        NoPage: another path.
    """
    if path != PATH:
        raise NoPage
    with view.store.reading() as connection:
        given = _measured(connection)
    return page(view, path, "method.html", given)


def _measured(connection: Connection) -> dict[str, object]:
    tally = telling.tally(connection)
    steps = sum(row["n"] for row in tally)
    moves = sum(row["n"] for row in tally if row["verdict"] == "move")
    return {
        "cases": list(_cases(tally, telling.examples(connection, FIRST_PARTY))),
        "steps": steps,
        "moves": moves,
        "share": round(100 * moves / steps) if steps else 0,
        "extent": telling.extent(connection),
        "changes": sum(month.changes for month in telling.months(connection)),
        "turns": len(telling.turns(connection)),
        "gate": list(_gate(upkeep.endings(connection))),
        "watched": list(_watched(upkeep.readings(connection))),
        "known": len(SOURCES),
        "makers": sorted(s.provider or "" for s in SOURCES.values() if not s.is_map),
        "jump": THRESHOLDS.jump,
        "grace": GRACE,
    }


def _cases(tally: Sequence[Row], examples: Sequence[Row]) -> Iterable[Case]:
    """Every reason there is, in the order in which they are explained."""
    shown = {(row["verdict"], row["reason"] or ""): row for row in examples}
    counts = {(row["verdict"], row["reason"] or ""): row["n"] for row in tally}
    for (verdict, reason), why in EXPLAINED.items():
        row = shown.get((verdict, reason))
        yield Case(
            verdict,
            reason,
            REASONS.get(reason, reason),
            why,
            counts.get((verdict, reason), 0),
            next(iter(lines_of([row])), None) if row else None,
            row["source"] if row else "",
            row["observed_at"] if row else None,
        )


def _gate(rows: Iterable[Row]) -> Iterable[tuple[str, int, dict[str, int]]]:
    """Why values were held, how many, and how that ended; the commonest first."""
    found: dict[str, dict[str, int]] = defaultdict(dict)
    for row in rows:
        found[row["reason"]][row["status"]] = row["n"]
    for reason in sorted(found, key=lambda name: (-sum(found[name].values()), name)):
        yield HELD.get(reason, reason), sum(found[reason].values()), found[reason]


def _watched(readings: Mapping[str, list[datetime]]) -> Iterable[Watch]:
    for source, instants in sorted(readings.items()):
        between = list(pairwise(instants))
        days = [(after - before).days for before, after in between]
        usual = round(median(days)) if days else 0
        gaps = tuple((a, b) for a, b in between if b - a > LONG)
        yield Watch(source, len(instants), instants[0], usual, gaps)
