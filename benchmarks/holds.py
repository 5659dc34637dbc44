"""Was the gate right? Every hold of the real series, looked at with hindsight.

    python -m benchmarks.holds [--shared DIR] [--list]

fills a database of its own with the three series (some twenty seconds) and prints, for
litellm's maps, a row per reason: how many values, keys or captures were held, and how
many of them turned out

- *wrong*: the source took it back with its next word, or later, or never while others
  say otherwise; the hold was right;
- *a repair*: the value before it was the wrong one; the truth waited for one capture;
- *real*: it stayed, or moved on from there; the hold was needless;
- *open*: it still waits, or nobody else speaks of it.

The judge's findings on the steps into the held value and out of it decide, and before
them the labels made by hand. A new price has no step into it: it is real if another
seller of the model, or another source, has one near it. A capture that lost many
offers was wrong if half of them came back within eight weeks.
"""

import argparse
import os
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from benchmarks.measure import ROOT
from benchmarks.verdicts import filled
from benchmarks.verdicts.labels import OWN, Label, matched, read_labels
from benchmarks.verdicts.tables import markdown
from storage.reading import queries
from tracker import wiring
from tracker.domain.chronicle import Chronicle, Series, Step, price_at
from tracker.domain.judge import judge
from tracker.domain.rules import Finding
from tracker.domain.rules.lifetimes import FLAP

SOURCE = "litellm"
NEAR = 1.5
"""Sellers of one model charge about the same; further apart proves nothing."""

FATES = ("wrong", "a repair", "real", "open")
HEADINGS = ("held because", "what", "held", *FATES)


@dataclass(frozen=True, slots=True)
class Hold:
    """A value, a key or a capture that was held.

    Attributes:
        scope: rate, key or capture.
        reason, status: as stored.
        key, meter: whose value; empty for a capture.
        nano: the value; None if it was none.
        at: when it was first said.
        until: when the hold ended.
    """

    scope: str
    reason: str
    status: str
    key: str
    meter: str
    nano: int | None
    at: datetime
    until: datetime | None


@dataclass(frozen=True)
class Hindsight:
    """All that was said, and what is made of it.

    Attributes:
        book: the chronicle of all sources.
        found: the judge's findings, by step.
        labels: what people found steps to be.
        steps: the steps of each key and meter, oldest first.
        lost: by instant, the keys that were withdrawn whole, and those that had
            come back eight weeks later.
    """

    book: Chronicle
    found: Mapping[int, Finding]
    labels: Mapping[int, Label]
    steps: Mapping[tuple[str, str], list[Step]]
    lost: Mapping[datetime, tuple[int, int]]

    def verdict(self, step: Step) -> str:
        """What a step was: move, flap, held, `repaired` or `spoilt`."""
        finding, label = self.found[step.id], self.labels.get(step.id)
        verdict = label.verdict if label else finding.verdict
        if verdict != "correction":
            return verdict
        came_in = finding.new_is_wrong or (label is not None and label.new_is_wrong)
        return "spoilt" if came_in else "repaired"


def main() -> int:
    """Fill a database, classify its holds and print the table."""
    asked = _arguments()
    data = asked.shared / "data"
    if not (data / SOURCE).is_dir():
        print(f"no maps in {data}; name the folder with --shared", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory(prefix="pricetrail-holds-") as folder:
        url = f"sqlite:///{folder}/trail.db"
        filled.fill(url, data)
        known, holds = look_back(url, data / "verdicts.csv"), read_holds(url)
    fates = [(hold, fate(hold, known)) for hold in holds]
    for line in table(fates):
        print(line)
    for hold, what in sorted(fates, key=_order) if asked.list else ():
        value = "" if hold.nano is None else f"{hold.nano / 1e9:g}"
        print(what, hold.reason, f"{hold.at:%Y-%m-%d}", hold.key, hold.meter, value)
    return 0


def read_holds(url: str) -> list[Hold]:
    """Every hold on the source's bodies, oldest first."""
    with wiring.opened(url) as store, store.reading() as connection:
        found = queries.rows(connection, _HOLDS, {"source": SOURCE})
    return [
        Hold(**row, at=at, until=until)
        for at, until, row in (
            (row.pop("observed_at"), row.pop("valid_to"), row) for row in found
        )
    ]


def look_back(url: str, given: Path) -> Hindsight:
    """What is known of the series by its end."""
    with filled.library(url) as library:
        book = library.book
    steps: dict[tuple[str, str], list[Step]] = defaultdict(list)
    for step in book.steps:
        if step.source == SOURCE:
            steps[step.key, step.meter].append(step)
    labels = [*read_labels(given), *read_labels(OWN)]
    by_hand = matched([n for n in labels if not n.by_rule], book.steps)
    told = {step.id: label for label, step in by_hand if step}
    return Hindsight(book, judge(book), told, steps, _lost(book))


def _lost(book: Chronicle) -> dict[datetime, tuple[int, int]]:
    """When keys lost all their rates: how many, and how many were soon back."""
    counts: dict[datetime, tuple[int, int]] = defaultdict(lambda: (0, 0))
    for (source, _), meters in book.series.items():
        periods = [period for series in meters.values() for period in series]
        ends = {period.end for period in periods if period.end}
        for end in ends if source == SOURCE else ():
            if not any(period.holds(end) for period in periods):
                back = any(end < p.start <= end + FLAP for p in periods)
                gone, returned = counts[end]
                counts[end] = gone + 1, returned + back
    return dict(counts)


def fate(hold: Hold, known: Hindsight) -> str:
    """What became of what was held: one of `FATES`."""
    if hold.status == "pending" or hold.until is None:
        return "open"
    if hold.scope == "capture":
        gone, back = known.lost.get(hold.at, (0, 0))
        return "wrong" if hold.status != "released" or 2 * back > gone else "real"
    if hold.status == "lapsed":
        there = known.book.card(SOURCE, hold.key, hold.until)
        return "wrong" if hold.meter in there or (there and not hold.meter) else "open"
    return _of_released(hold, known)


def _of_released(hold: Hold, known: Hindsight) -> str:
    """A value that the next capture repeated: did it stay?"""
    steps = known.steps.get((hold.key, hold.meter), [])
    into = [known.verdict(step) for step in steps if step.at == hold.at]
    out = [known.verdict(step) for step in steps if step.at > hold.at][:1]
    decided = {"spoilt": "wrong", "flap": "wrong", "repaired": "a repair"}
    if into and into[0] in decided:
        return decided[into[0]]
    if into == ["move"] or (out and out != ["repaired"]):
        return "real"
    if out:
        return "wrong"
    return "real" if _has_company(hold, known.book) else "open"


def _has_company(hold: Hold, book: Chronicle) -> bool:
    """Whether somebody else ever had a price near it for the same model."""
    step = Step(
        0, SOURCE, hold.key, hold.meter, 0, hold.nano or 0, "USD", None, hold.at
    )
    others = [book.of(SOURCE, key, hold.meter) for key in book.peers(step)]
    others += [witness.series for witness in book.witnesses(step)]
    return any(_comes_near(series, hold) for series in others)


def _comes_near(series: Series, hold: Hold) -> bool:
    if hold.nano == 0:
        return price_at(series, hold.at) == 0
    nanos = [period.nano for period in series if period.nano and hold.nano]
    return any(1 / NEAR <= nano / (hold.nano or 1) <= NEAR for nano in nanos)


def table(fates: Iterable[tuple[Hold, str]]) -> list[str]:
    """A row for each reason, the commonest first, and one for all."""
    counts: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for hold, what in fates:
        counts[hold.reason, hold.scope][what] += 1
    order = sorted(counts, key=lambda why: (-counts[why].total(), why))
    rows = [[f"`{why[0]}`", why[1], *_numbers(counts[why])] for why in order]
    whole = sum(counts.values(), Counter[str]())
    return markdown(HEADINGS, [*rows, ["**all**", "", *_numbers(whole)]])


def _numbers(counts: Counter[str]) -> list[str]:
    return [str(counts.total()), *(str(counts[what]) for what in FATES)]


def _order(pair: tuple[Hold, str]) -> tuple[object, ...]:
    hold, what = pair
    return what, hold.reason, hold.at, hold.key, hold.meter


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.holds")
    shared = Path(os.environ.get("PRICETRAIL_SHARED", ROOT.parent / "shared"))
    parser.add_argument("--shared", type=Path, default=shared, metavar="DIR")
    parser.add_argument("--list", action="store_true", help="each hold, too")
    return parser.parse_args()


_HOLDS = """
SELECT h.scope, h.reason, h.status, COALESCE(k.key, '') AS key,
  COALESCE(m.key, '') AS meter, h.price_nano AS nano,
  h.held_at AS observed_at, h.resolved_at AS valid_to
FROM holds h JOIN sources s ON s.id = h.source_id
LEFT JOIN source_keys k ON k.id = h.source_key_id
LEFT JOIN meters m ON m.id = h.meter_id
WHERE s.name = :source ORDER BY h.held_at, h.id
"""

if __name__ == "__main__":
    sys.exit(main())
