"""Values of a page that another source confirms: released without a person.

What a parser of ours may have misread is not confirmed by reading it again. It is
by a source that states the very same price for the same offer and meter.
"""

from datetime import datetime

from storage import decisions
from storage.decisions import HeldRow
from storage.unit_of_work import Store
from tracker.applying.catchup import catch_up
from tracker.applying.projector import Applied
from tracker.domain import gate
from tracker.sources.registry import SOURCES


def release_confirmed(store: Store, *, now: datetime) -> dict[str, list[Applied]]:
    """Release what other sources confirm; what became of the captures, by source.

    Each release is a decision with the name of the source that confirmed it, so
    that a replay tells the same.
    """
    found = _confirmed(store)
    if not found:
        return {}
    with store.writing() as work:
        for hold, other in found:
            note = f"{other} states the same price"
            decisions.decide(
                work.connection, hold, "accept", at=now, note=note, by=other
            )
        work.commit()
    sources = sorted({hold.source for hold, _ in found})
    return {source: catch_up(store, SOURCES[source]) for source in sources}


def _confirmed(store: Store) -> list[tuple[HeldRow, str]]:
    """Holds of pages that a second look cannot release, and who states the same."""
    with store.reading() as connection:
        found = decisions.stated_elsewhere(connection, gate.NOT_BY_REPETITION)
    pages = {name for name, spec in SOURCES.items() if not spec.is_map}
    return [(hold, other) for hold, other in found if hold.source in pages]
