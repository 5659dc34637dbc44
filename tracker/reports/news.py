"""What there is to tell a subscription, as it was read: the input of a digest."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tracker.asking.stories import Story

Row = Mapping[str, Any]
Place = tuple[int, int]
"""An offer's and a meter's id."""


@dataclass(frozen=True, slots=True)
class News:
    """What was seen in `[since, until]` and not told yet, of what is watched.

    Attributes:
        last: when the subscriber was told last; None if never.
        steps: judged steps between prices, oldest first.
        stories: what came and went.
        told: the value told last, by offer and meter.
        believed: what is believed at `until`.
        stated: what each source states at `until`.
        first: when an offer was first seen by any source.
        sellers: how many providers sell a model, by its name less the maker's.
        facts: capabilities that changed.
        deprecations, schedules: what is ahead.
        holds: what is held for review.
        troubles: sources that are stale or failing, in words by name.
        amended: what was told and is judged otherwise now.
        known: the names of everything that was told.
        unmatched: what the subscription names and is nowhere, in words.
    """

    since: datetime
    until: datetime
    last: datetime | None = None
    steps: Sequence[Row] = field(default_factory=list)
    stories: Sequence[Story] = field(default_factory=list)
    told: Mapping[tuple[str, str], tuple[int, str]] = field(default_factory=dict)
    believed: Mapping[Place, Row] = field(default_factory=dict)
    stated: Mapping[Place, Sequence[Row]] = field(default_factory=dict)
    first: Mapping[int, datetime] = field(default_factory=dict)
    sellers: Mapping[str, int] = field(default_factory=dict)
    facts: Sequence[Row] = field(default_factory=list)
    deprecations: Sequence[Row] = field(default_factory=list)
    schedules: Sequence[Row] = field(default_factory=list)
    holds: Sequence[Row] = field(default_factory=list)
    troubles: Mapping[str, str] = field(default_factory=dict)
    amended: Sequence[Row] = field(default_factory=list)
    known: frozenset[str] = frozenset()
    unmatched: Sequence[str] = ()
