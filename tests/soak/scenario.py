"""What a scenario is, and what a round of one saw."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from tests.support.program import Trail
from tests.support.tables import Tables

FIRST, SECOND, THIRD = "2025-01-06", "2025-01-13", "2025-01-20"


@dataclass(frozen=True)
class Round:
    """What is left after a round.

    Attributes:
        url: the database.
        kills: how often the command was killed.
        codes: how its runs ended that were not killed, in their order.
        straight: how it ends when nothing disturbs it.
        mailed: how often each message was taken, by its Message-ID and its hash.
    """

    url: str
    kills: int
    codes: list[int]
    straight: int
    mailed: Counter[tuple[str, str]]


def nobody(_port: int) -> str:
    """No settings."""
    return ""


def nothing_more(_round: Round) -> list[str]:
    """The rows are all there is to compare."""
    return []


def told_of_holds(seen: Round) -> list[str]:
    """Where something is newly held, a run that came to its end says `partly`."""
    outcomes = set(Tables(seen.url).column("SELECT outcome FROM runs"))
    if seen.straight == 1 and "partly" not in outcomes:
        return ["no run told of what is held"]
    return []


@dataclass(frozen=True)
class Scenario:
    """A command to be killed.

    Attributes:
        name: what it is called.
        prepare: makes the state that the command begins with.
        words: the command, without `--db`; files it needs are made in the trail's
            folder, once.
        ignored: tables that the command, run twice, rightly writes to twice.
        aside: columns left out, where rows rightly tell when they were written.
        codes: how it may end when nothing disturbs it.
        settings: its configuration, given the port of a mail server.
        says: by source, the file that the schedule reads as its page.
        step: how much later each further run of a round is.
        check: what else is looked at after a round; complaints.
    """

    name: str
    prepare: Callable[[Trail], object]
    words: Callable[[Trail], list[str]]
    ignored: frozenset[str] = frozenset()
    aside: frozenset[str] = frozenset()
    codes: frozenset[int] = frozenset({0, 1})
    settings: Callable[[int], str] = nobody
    says: Callable[[Trail], Mapping[str, Path]] = field(default=lambda _: {})
    step: timedelta = timedelta(0)
    check: Callable[[Round], list[str]] = nothing_more
