"""The judge's side of the database: what was said, and what is made of it."""

import json
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, bindparam, select, update

from storage.bulk import Insert, chunks, instants
from storage.models import Belief, Capture, PriceChange, Source, Verdict
from storage.types import text_instant
from tracker.domain.belief import Belief as BeliefValue
from tracker.domain.chronicle import Chronicle, Period, Step
from tracker.domain.offers import Offer
from tracker.domain.rules import Finding

_INSERT_VERDICTS = Insert(
    Verdict,
    *("source_id", "change", "amends_id", "verdict", "reason", "confidence"),
    *("evidence", "judged_at"),
)
_INSERT_BELIEFS = Insert(
    Belief,
    *("offer_id", "meter_id", "source_id", "price_nano", "currency"),
    *("valid_from", "valid_to", "basis", "known_from"),
)

_PERIODS = """
SELECT r.source_id, r.source_key_id, r.meter_id, r.price_nano, r.currency,
       r.valid_from, r.valid_to, c.previous_seen_at
FROM rates r
LEFT JOIN price_changes c ON c.source_key_id = r.source_key_id
  AND c.meter_id = r.meter_id AND c.observed_at = r.valid_from
  AND c.kind <> 'withdrawn'
ORDER BY r.source_key_id, r.meter_id, r.valid_from
"""
_KEYS = """
SELECT k.id, s.name, k.key, k.offer_id, o.provider, o.model, o.region
FROM source_keys k JOIN sources s ON s.id = k.source_id
JOIN offers o ON o.id = k.offer_id
"""


@dataclass(frozen=True, slots=True)
class JudgedStep:
    """A step with the row it stands in and the verdict that row has now."""

    step: Step
    kind: str
    source_id: int
    verdict: str | None
    reason: str | None
    effective_at: datetime | None
    confidence: float | None
    story: str | None
    evidence: str | None
    stated_at: datetime | None

    @property
    def change(self) -> str:
        """The change's name, the same after a rebuild."""
        at = self.step.at.strftime("%Y-%m-%dT%H:%M:%SZ")
        step = self.step
        return f"{step.source}|{step.key}|{step.meter}|{self.kind}|{at}"


@dataclass(frozen=True)
class Library:
    """A chronicle with the ids of what it speaks of.

    Attributes:
        book: all that was said.
        steps: its steps with their rows.
        offer_ids, meter_ids, source_ids: ids by value.
        ranks: how soon a source is believed, by (source, provider).
    """

    book: Chronicle
    steps: tuple[JudgedStep, ...]
    offer_ids: Mapping[Offer, int]
    meter_ids: Mapping[str, int]
    source_ids: Mapping[str, int]
    precedence: Mapping[str, tuple[int, str | None]]

    def rank(self, source: str, provider: str) -> int:
        """0 for the source that speaks for a provider, else its precedence."""
        place, speaks_for = self.precedence[source]
        return 0 if speaks_for == provider else place


def load(connection: Connection) -> Library:
    """Read everything that the judge looks at."""
    meters = _pairs(connection, "SELECT id, key FROM meters")
    keys, offers, offer_ids = {}, {}, {}
    for id_, source, key, offer_id, provider, model, region in _all(connection, _KEYS):
        offer = Offer(provider, model, region)
        keys[id_] = (source, key)
        offers[source, key] = offer
        offer_ids[offer] = offer_id
    steps = _steps(connection, keys, meters)
    book = Chronicle(
        series=_series(connection, keys, meters),
        offers=offers,
        steps=tuple(judged.step for judged in steps),
        last_at=_newest(connection),
    )
    sources = _all(connection, "SELECT id, name, precedence, provider FROM sources")
    return Library(
        book=book,
        steps=steps,
        offer_ids=offer_ids,
        meter_ids={key: id_ for id_, key in meters.items()},
        source_ids={name: id_ for id_, name, _, _ in sources},
        precedence={name: (place, maker) for _, name, place, maker in sources},
    )


def _series(
    connection: Connection,
    keys: Mapping[int, tuple[str, str]],
    meters: Mapping[int, str],
) -> dict[tuple[str, str], dict[str, tuple[Period, ...]]]:
    found: dict[tuple[str, str], dict[str, tuple[Period, ...]]] = {}
    at = _instant
    for _, key_id, meter_id, nano, currency, start, end, since in _all(
        connection, _PERIODS
    ):
        period = Period(nano, currency, at(start), at(end), at(since))
        meter = meters[meter_id]
        series = found.setdefault(keys[key_id], {})
        series[meter] = (*series[meter], period) if meter in series else (period,)
    return found


def _step_rows() -> Select[*tuple[Any, ...]]:
    """Every step with what was made of it, oldest first."""
    return (
        select(
            PriceChange.id,
            PriceChange.source_key_id,
            PriceChange.meter_id,
            PriceChange.old_price_nano,
            PriceChange.new_price_nano,
            PriceChange.currency,
            PriceChange.previous_seen_at,
            PriceChange.observed_at,
            PriceChange.kind,
            PriceChange.source_id,
            PriceChange.verdict,
            PriceChange.reason,
            PriceChange.effective_at,
            PriceChange.confidence,
            PriceChange.story,
            PriceChange.evidence,
            PriceChange.stated_at,
        )
        .where(
            PriceChange.kind.in_(("changed", "returned")),
            PriceChange.old_price_nano != PriceChange.new_price_nano,
        )
        .order_by(PriceChange.observed_at, PriceChange.id)
    )


def _steps(
    connection: Connection,
    keys: Mapping[int, tuple[str, str]],
    meters: Mapping[int, str],
) -> tuple[JudgedStep, ...]:
    found = []
    for (
        id_,
        key_id,
        meter_id,
        old,
        new,
        currency,
        since,
        at,
        kind,
        *rest,
    ) in connection.execute(_step_rows()):
        source, key = keys[key_id]
        step = Step(
            id=id_,
            source=source,
            key=key,
            meter=meters[meter_id],
            old=old or 0,
            new=new or 0,
            currency=currency,
            since=since,
            at=at,
        )
        found.append(JudgedStep(step, kind, *rest))
    return tuple(found)


def write_findings(
    connection: Connection,
    changed: Collection[tuple[JudgedStep, Finding, str]],
    now: datetime,
) -> None:
    """Record findings that are new or differ from the ones before.

    The verdict before stays, linked to by the one that amends it.

    Args:
        connection: the transaction.
        changed: a step, what is found of it, and its story.
        now: the instant of judging.
    """
    if not changed:
        return
    before = _latest(connection, [judged.change for judged, _, _ in changed])
    rows, at = [], instants(connection)
    for judged, finding, _ in changed:
        evidence = evidence_text(finding)
        amends = before.get(judged.change)
        if amends is not None and amends[1:] == (finding.verdict, finding.reason):
            continue
        rows.append(
            (judged.source_id, judged.change, amends[0] if amends else None)
            + (finding.verdict, finding.reason, finding.confidence)
            + (evidence, at(now))
        )
    _INSERT_VERDICTS(connection, rows)
    connection.execute(_SET_FINDING, [_finding_row(*item) for item in changed])


_SET_FINDING = (
    update(PriceChange)
    .where(PriceChange.id == bindparam("which"))
    .values(
        verdict=bindparam("found"),
        reason=bindparam("why"),
        confidence=bindparam("sure"),
        evidence=bindparam("shown"),
        effective_at=bindparam("dated"),
        story=bindparam("told"),
    )
)


def evidence_text(finding: Finding) -> str:
    """What a finding rests on, as it is stored: JSON."""
    shown: dict[str, str] = dict(finding.evidence)
    if finding.new_is_wrong:
        shown["wrong"] = "the new value"
    return json.dumps(shown, sort_keys=True)


def _finding_row(judged: JudgedStep, finding: Finding, story: str) -> dict[str, Any]:
    return {
        "which": judged.step.id,
        "found": finding.verdict,
        "why": finding.reason,
        "sure": finding.confidence,
        "shown": evidence_text(finding),
        "dated": finding.effective_at,
        "told": story,
    }


def _latest(
    connection: Connection, changes: Collection[str]
) -> dict[str, tuple[int, str, str | None]]:
    """The newest verdict on each change."""
    found: dict[str, tuple[int, str, str | None]] = {}
    for chunk in chunks(changes):
        query = (
            select(Verdict.change, Verdict.id, Verdict.verdict, Verdict.reason)
            .where(Verdict.change.in_(chunk))
            .order_by(Verdict.id)
        )
        for change, id_, verdict, reason in connection.execute(query):
            found[change] = (id_, verdict, reason)
    return found


Place = tuple[int, int]
"""An offer's and a meter's id."""


def current_beliefs(
    connection: Connection, offers: Collection[int] | None
) -> dict[Place, dict[tuple[Any, ...], int]]:
    """What is believed now, by (offer, meter): rows as tuples, with their ids."""
    columns = (
        Belief.id,
        Belief.offer_id,
        Belief.meter_id,
        Belief.source_id,
        Belief.price_nano,
        Belief.currency,
        Belief.valid_from,
        Belief.valid_to,
        Belief.basis,
    )
    query = select(*columns).where(Belief.known_to.is_(None))
    found: dict[Place, dict[tuple[Any, ...], int]] = defaultdict(dict)
    parts = [None] if offers is None else list(chunks(offers))
    for part in parts:
        chosen = query if part is None else query.where(Belief.offer_id.in_(part))
        for id_, offer_id, meter_id, *row in connection.execute(chosen):
            found[offer_id, meter_id][tuple(row)] = id_
    return found


def belief_row(belief: BeliefValue, source_ids: Mapping[str, int]) -> tuple[Any, ...]:
    """A belief in the order of `current_beliefs`' rows."""
    return (
        source_ids[belief.source],
        belief.nano,
        belief.currency,
        belief.start,
        belief.end,
        belief.basis,
    )


def write_beliefs(
    connection: Connection,
    new: Collection[tuple[Place, tuple[Any, ...]]],
    ended: Collection[int],
    now: datetime,
) -> None:
    """Believe these rows from now on, and no longer those."""
    for chunk in chunks(ended):
        connection.execute(
            update(Belief).where(Belief.id.in_(chunk)).values(known_to=now)
        )
    at = instants(connection)
    rows = [
        (*place, source_id, nano, currency, at(start), at(end), basis, at(now))
        for place, (source_id, nano, currency, start, end, basis) in new
    ]
    _INSERT_BELIEFS(connection, rows)


def _newest(connection: Connection) -> dict[str, datetime]:
    query = select(Source.name, Capture.observed_at).join(
        Capture, Capture.source_id == Source.id
    )
    query = query.where(Capture.status.in_(("applied", "unchanged")))
    found: dict[str, datetime] = {}
    for name, at in connection.execute(query):
        found[name] = max(at, found.get(name, at))
    return found


def _all(connection: Connection, sql: str) -> list[Any]:
    return list(connection.exec_driver_sql(sql).fetchall())


def _pairs(connection: Connection, sql: str) -> dict[int, str]:
    return dict(_all(connection, sql))


def _instant(value: Any) -> Any:
    return text_instant(value) if isinstance(value, str) else value
