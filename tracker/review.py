"""Holds and what people decide about them."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from storage import decisions
from storage.decisions import HeldRow
from storage.unit_of_work import Store
from tracker.catchup import catch_up
from tracker.domain.errors import UsageError
from tracker.domain.gate import REASONS
from tracker.judgement import judge_if_due
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
    """What is held, oldest first."""
    with store.reading() as connection:
        rows = decisions.holds(connection, status=status)
    return [Held(_name(row), row) for row in rows]


def decide(store: Store, name: str, decision: str, *, note: str, now: datetime) -> Held:
    """Accept or reject a hold, and derive the source's history anew with that.

    Args:
        store: the database.
        name: the hold's name, or enough of its beginning.
        decision: accept or reject.
        note: why.
        now: the instant.

    Raises:
        UsageError: no such hold, or several.
    """
    matching = [h for h in held(store) if name and h.name.startswith(name)]
    if len(matching) != 1:
        trouble = "no hold" if not matching else f"{len(matching)} holds"
        raise UsageError(f"{trouble} named {name!r}; list them with: pricetrail review")
    chosen = matching[0]
    unreadable = chosen.row.scope == "rate" and chosen.row.price_nano is None
    if decision == "accept" and unreadable:
        raise UsageError(
            f"{chosen.name} is no price ({chosen.why}); it can only be replaced "
            "by what the source says next"
        )
    with store.writing() as work:
        decisions.decide(work.connection, chosen.row, decision, at=now, note=note)
        work.commit()
    catch_up(store, source_named(chosen.row.source))
    judge_if_due(store, now=now)
    return chosen


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
