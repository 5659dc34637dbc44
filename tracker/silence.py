"""The dead man's switch: what should have been heard of, and was not."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from storage import slots as slot_rows
from storage.unit_of_work import Store
from tracker.domain import slots

if TYPE_CHECKING:
    from tracker.config.model import Config


@dataclass(frozen=True, slots=True)
class Notice:
    """Something that a person should know, apart from prices.

    Attributes:
        key: the same for as long as it lasts: `silent` or `silent:openai`, and since
            when; what was told once under a key need not be told again.
        source: of which source; empty if of all.
        since: when it was last read well; None if never.
        text: one line, with what to do.
    """

    key: str
    source: str
    since: datetime | None
    text: str


def silent_for(store: Store, now: datetime, config: "Config") -> list[Notice]:
    """A notice for all sources, and for each, that was not read well for longer than
    a slot and a half.
    """
    plan = config.schedule.calendar()
    with store.reading() as connection:
        read = slot_rows.last_good(connection, now)
        began = slot_rows.began(connection)
    return [_notice(s, now) for s in slots.silences(plan, read, began=began, now=now)]


def _notice(silence: slots.Silence, now: datetime) -> Notice:
    what = silence.source or "no source"
    since = silence.since
    if since is None:
        said = f"{what} was never read well"
    else:
        verb = "was not read well" if silence.source else "was read well"
        said = f"{what} {verb} since {since:%Y-%m-%d}, {(now - since).days} d ago"
    todo = (
        f"see pricetrail sources, then try: pricetrail sync --source {silence.source}"
        if silence.source
        else "does pricetrail schedule run, and is the network there?"
    )
    key = f"silent:{silence.source}" if silence.source else "silent"
    stamp = f"{since:%Y-%m-%d}" if since else "never"
    return Notice(f"{key}@{stamp}", silence.source, since, f"{said}; {todo}")
