"""Stories: the timeline as a person would tell it, one for what belongs together.

Steps between prices have the story that the judge gave them. What came and went is
put together here, by source, provider and instant: new offers, those that are gone
and those that are back, and rates that an offer gained or lost. Offers withdrawn at
their deprecation date are one story whoever sold them, and so are those that were
there when a source was first read.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from storage.reading.presence import Place, Presence
from tracker.domain.judge import REASONS
from tracker.domain.timeline import has_come

Row = dict[str, Any]

FEW = 3
"""How many meters are named; the rest is counted."""

CLEARED = 0.9
"""Where a seller loses offers of which so many are not past their deprecation dates,
its catalogue was cleared: the few that are belong to that, and not to a story of
their own.
"""

BECAUSE = {
    "new": "listed for the first time",
    "first seen": "there when this source was first read; they may be older",
    "withdrawn": "no longer listed",
    "retired": "withdrawn past their deprecation dates",
    "renamed": "renamed? a similar name has the same card",
    "returned": "back at the same price; no launch",
}
"""What an event that concerns a whole offer means."""


@dataclass(frozen=True, slots=True)
class Plot:
    """What a change is part of: changes of one plot are one story.

    Attributes:
        name: of the story; the same text, the same story.
        what: `changed`, `redirected`, `new`, `first seen`, `withdrawn`, `retired`,
            `renamed`, `returned`, `rates added`, `rates dropped` or `rates back`.
        because: what it means, as far as one change tells.
    """

    name: str
    what: str
    because: str = ""


@dataclass(frozen=True, slots=True)
class Story:
    """Changes that belong together.

    Attributes:
        plot: what they have in common.
        rows: the changes, as the timeline has them.
        renamed: the new names of keys that may have been renamed, by the old ones.
    """

    plot: Plot
    rows: list[Row] = field(default_factory=list)
    renamed: dict[str, str] = field(default_factory=dict)

    @property
    def at(self) -> datetime:
        """When it was seen."""
        at: datetime = self.rows[0]["observed_at"]
        return at

    @property
    def source(self) -> str:
        """Who says so."""
        return str(self.rows[0]["source"])

    @property
    def verdict(self) -> str:
        """What the judge makes of it; nothing for what came and went."""
        return self.rows[0]["verdict"] or ""

    @property
    def providers(self) -> list[str]:
        """Who sells these offers; whoever sells most of them first, then by name."""
        sellers = Counter(provider for provider, _, _ in self._offers())
        return sorted(sellers, key=lambda name: (-sellers[name], name))

    @property
    def offers(self) -> int:
        """How many offers it is about."""
        return len(self._offers())

    @property
    def names(self) -> list[str]:
        """What it is about: models, or old and new names."""
        if self.renamed:
            return [f"{old} -> {new}" for old, new in sorted(self.renamed.items())]
        return sorted({model for _, model, _ in self._offers()})

    @property
    def because(self) -> str:
        """What it means, in words."""
        if self.plot.what.startswith("rates"):
            return _meters(self.rows)
        return self.plot.because

    def _offers(self) -> set[tuple[str, str, str]]:
        gone = self.renamed.keys()
        rows = [r for r in self.rows if not gone or r["source_key"] in gone]
        return {(r["provider"], r["model"], r["region"]) for r in rows or self.rows}


def told(
    rows: Iterable[Row],
    presences: Mapping[Place, Presence],
    renames: Mapping[Place, str],
) -> list[Story]:
    """The stories that these changes are, in the order of their first changes.

    Args:
        rows: changes, as the timeline has them.
        presences: for changes that are no steps, what was there around them.
        renames: what keys that are gone may be called now.
    """
    stories: dict[str, Story] = {}
    names = _Names(renames)
    happened = [(row, _what(row, presences.get(_place(row)), names)) for row in rows]
    cleared = _cleared(happened)
    for row, what in happened:
        gone = what == "retired" and _seller(row) in cleared
        plot = _plot(row, "withdrawn" if gone else what)
        story = stories.setdefault(plot.name, Story(plot))
        story.rows.append(row)
        if what == "renamed":
            story.renamed.update([names.of(row)])
    return list(stories.values())


class _Names:
    """Old and new names of keys that may have been renamed.

    Args:
        renames: the new names, by the old ones' places.
    """

    def __init__(self, renames: Mapping[Place, str]) -> None:
        self._new = renames
        self._old = {(source, n, at): o for (source, o, at), n in renames.items()}

    def of(self, row: Row) -> tuple[str, str]:
        """The old name and the new one; empty if the row's key was not renamed."""
        source, key, at = _place(row)
        if row["kind"] == "withdrawn":
            return key, self._new.get((source, key, at), "")
        old = self._old.get((source, key, at), "")
        return old, key if old else ""


def _place(row: Row) -> Place:
    return row["source"], row["source_key"], row["observed_at"]


def _seller(row: Row) -> tuple[str, str, datetime]:
    return row["source"], row["provider"], row["observed_at"]


def _cleared(happened: list[tuple[Row, str]]) -> set[tuple[str, str, datetime]]:
    """The sellers whose catalogue was cleared, with the source and the instant."""
    gone: dict[tuple[str, str, datetime], Counter[str]] = defaultdict(Counter)
    for row, what in happened:
        if what in ("withdrawn", "retired"):
            gone[_seller(row)][what] += 1
    return {
        seller
        for seller, counts in gone.items()
        if counts["withdrawn"] >= CLEARED * counts.total()
    }


def _plot(row: Row, what: str) -> Plot:
    if what == "step":
        return _of_step(row)
    everywhere = what in ("retired", "first seen")
    place = [row["source"], "" if everywhere else row["provider"]]
    name = "/".join([*place, str(row["observed_at"]), what])
    return Plot(name, what, BECAUSE.get(what, ""))


def _of_step(row: Row) -> Plot:
    """A step's story; the judge has named it, if it has been there yet."""
    given = row["story"]
    alone = f"{_place(row)}/{row['meter']}"
    name = f"{given or alone}|{row['verdict']}"
    _, redirected, target = (given or "").rpartition("/to ")
    if redirected and row["verdict"] == "move":
        return Plot(name, "redirected", f"now served as {target}")
    words = REASONS.get(row["reason"] or "", "") if row["verdict"] else ""
    return Plot(name, "changed", words)


def _what(row: Row, presence: Presence | None, names: _Names) -> str:
    """What happened to the offer as a whole, or else to its rates."""
    if row["verdict"] or presence is None or row["kind"] == "changed":
        return "step"
    if names.of(row)[1]:
        return "renamed"
    if row["kind"] == "withdrawn":
        return _gone(row, presence)
    if not presence.ever:
        return "new" if row["previous_seen_at"] else "first seen"
    if not presence.was_there:
        return "returned"
    return "rates back" if row["kind"] == "returned" else "rates added"


def _gone(row: Row, presence: Presence) -> str:
    if presence.is_there:
        return "rates dropped"
    ended = has_come(presence.ends_on or "", row["observed_at"])
    return "retired" if ended else "withdrawn"


def _meters(rows: list[Row]) -> str:
    """Which meters a story is about, the commonest first."""
    counts = Counter(row["meter"] for row in rows).most_common()
    more = f", {len(counts) - FEW} more" if len(counts) > FEW else ""
    return ", ".join(meter for meter, _ in counts[:FEW]) + more
