"""The judging pass: verdicts on price changes, and what is believed after them.

Its own transaction, after captures were applied; run again when later captures or
other sources say more. What is found is a function of all that was said, so a pass
that was interrupted is simply run again.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from storage import judging
from storage import sources as source_rows
from storage.judging import JudgedStep, Library
from storage.unit_of_work import Store
from tracker.domain.belief import Stream, believe
from tracker.domain.judge import judge, stories
from tracker.domain.offers import Offer
from tracker.domain.rules import Finding


@dataclass(frozen=True, slots=True)
class Judged:
    """What a pass found: how many steps, and how many verdicts are new or amended."""

    steps: int
    fresh: int
    amended: int
    beliefs: int


def judge_if_due(store: Store, *, now: datetime) -> Judged | None:
    """Judge if anything was recorded since the last pass, or it was interrupted."""
    with store.reading() as connection:
        due = source_rows.any_unjudged(connection)
    return judge_all(store, now=now) if due else None


def judge_all(store: Store, *, now: datetime) -> Judged:
    """Judge every price change anew and bring the beliefs up to date.

    Args:
        store: the database.
        now: the instant of judging; nothing else depends on it.
    """
    with store.writing() as work:
        source_rows.lock_all(work.connection)
        library = judging.load(work.connection)
        found = _dated(library, judge(library.book))
        changed = list(_changed(library, found))
        judging.write_findings(work.connection, changed, now)
        beliefs = _refresh_beliefs(work.connection, library, found, now)
        source_rows.all_judged(work.connection)
        work.commit()
    fresh = sum(1 for judged, _, _ in changed if judged.verdict is None)
    return Judged(len(library.steps), fresh, len(changed) - fresh, beliefs)


def _dated(library: Library, found: dict[int, Finding]) -> dict[int, Finding]:
    """The findings; where no witness dates a change, the day its source named."""
    stated = {
        judged.step.id: replace(found[judged.step.id], effective_at=judged.stated_at)
        for judged in library.steps
        if judged.stated_at
        and found[judged.step.id].verdict == "move"
        and found[judged.step.id].effective_at is None
    }
    return {**found, **stated} if stated else found


def _changed(
    library: Library, found: dict[int, Finding]
) -> Iterable[tuple[JudgedStep, Finding, str]]:
    told = stories(library.book, found)
    for judged in library.steps:
        step, finding = judged.step, found[judged.step.id]
        known = (judged.verdict, judged.reason or "", judged.effective_at)
        same = known == (finding.verdict, finding.reason, finding.effective_at)
        told_so = (judged.confidence, judged.story, judged.evidence) == (
            finding.confidence,
            told[step.id],
            judging.evidence_text(finding),
        )
        if not (same and told_so):
            yield judged, finding, told[step.id]


def _refresh_beliefs(
    connection: Any, library: Library, found: dict[int, Finding], now: datetime
) -> int:
    """Compare what is to be believed with what is, and write the difference."""
    wanted = _beliefs(library, found)
    known = judging.current_beliefs(connection, None)
    new: list[tuple[judging.Place, tuple[Any, ...]]] = []
    ended: list[int] = []
    for place in wanted.keys() | known.keys():
        rows, had = wanted.get(place, ()), known.get(place, {})
        new += [(place, row) for row in rows if row not in had]
        ended += [id_ for row, id_ in had.items() if row not in rows]
    judging.write_beliefs(connection, sorted(new, key=_order), ended, now)
    return len(new) + len(ended)


def _order(item: tuple[judging.Place, tuple[Any, ...]]) -> tuple[Any, ...]:
    place, row = item
    return (*place, row[3])


def _beliefs(
    library: Library, found: dict[int, Finding]
) -> dict[judging.Place, Collection[tuple[Any, ...]]]:
    findings: dict[tuple[str, str, str], dict[datetime, Finding]] = defaultdict(dict)
    for judged in library.steps:
        step = judged.step
        findings[step.source, step.key, step.meter][step.at] = found[step.id]
    streams = _streams(library, findings)
    return {
        (library.offer_ids[offer], library.meter_ids[meter]): [
            judging.belief_row(belief, library.source_ids)
            for belief in believe(members)
        ]
        for (offer, meter), members in streams.items()
    }


def _streams(
    library: Library,
    findings: dict[tuple[str, str, str], dict[datetime, Finding]],
) -> dict[tuple[Offer, str], list[Stream]]:
    streams: dict[tuple[Offer, str], list[Stream]] = defaultdict(list)
    for (source, key), meters in library.book.series.items():
        offer = library.book.offers[source, key]
        rank = library.rank(source, offer.provider)
        for meter, series in meters.items():
            found = findings.get((source, key, meter), {})
            stream = Stream((rank, source, key), source, series, found)
            streams[offer, meter].append(stream)
    return streams
