"""Holds and what people decide about them."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from storage import decisions
from storage.decisions import HeldRow
from storage.unit_of_work import Store
from tracker.applying.catchup import catch_up
from tracker.domain.errors import UsageError
from tracker.domain.gate import REASONS
from tracker.judging.judgement import judge_if_due
from tracker.sources.registry import source_named


@dataclass(frozen=True, slots=True)
class Held:
    """A hold with the name people call it by.

    `name` stays the same through rebuilds, where row ids do not.
    """

    name: str
    row: HeldRow

    @property
    def why(self) -> str:
        """The reason in words."""
        return REASONS.get(self.row.reason, self.row.reason)


def held(store: Store, *, status: str | None = "pending") -> list[Held]:
    """What is held, oldest first; without a status also what no longer is, and what
    people decided.
    """
    with store.reading() as connection:
        rows = decisions.holds(connection, status=status)
        known = {_name(row): row for row in rows}
        if status is None:
            known |= {_name(row): row for row in decisions.settled(connection)}
    return [
        Held(name, row)
        for name, row in sorted(known.items(), key=lambda item: item[1].held_at)
    ]


def decide(store: Store, name: str, decision: str, *, note: str, now: datetime) -> Held:
    """Accept or reject a hold, and derive the source's history anew with that.

    What was decided, released or has lapsed can be decided once more: the last
    decision counts, and the earlier ones are kept.

    Args:
        store: the database.
        name: the hold's name, or enough of its beginning; those that wait come first.
        decision: accept or reject.
        note: why.
        now: the instant.

    Raises:
        UsageError: no such hold, or several.
    """
    chosen = _chosen(store, name)
    unreadable = chosen.row.scope == "rate" and chosen.row.price_nano is None
    if decision == "accept" and unreadable:
        raise UsageError(
            f"{chosen.name} is no price ({chosen.why}); it can only be replaced "
            "by what the source says next"
        )
    told = note.encode("utf-8", "replace").decode()  # a shell may give half characters
    with store.writing() as work:
        decisions.decide(work.connection, chosen.row, decision, at=now, note=told)
        work.commit()
    catch_up(store, source_named(chosen.row.source))
    judge_if_due(store, now=now)
    return chosen


def _chosen(store: Store, name: str) -> Held:
    """The hold of a name.

    Raises:
        UsageError: there is none, or there are several.
    """
    matching: list[Held] = []
    for status in ("pending", None) if name else ():
        found = held(store, status=status)
        matching = [hold for hold in found if hold.name.startswith(name)]
        if len(matching) == 1:
            return matching[0]
    trouble = "no hold" if not matching else f"{len(matching)} holds"
    raise UsageError(
        f"{trouble} named {name!r}; list them with: pricetrail review --all"
    )


def _name(row: HeldRow) -> str:
    parts = (
        row.source,
        row.scope,
        row.key,
        row.meter,
        row.raw,
        row.sha256,
        row.held_at.isoformat(),
    )
    return hashlib.sha256("|".join(parts).encode()).hexdigest()[:8]
