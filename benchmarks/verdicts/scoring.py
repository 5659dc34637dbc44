"""The score: how labelled events were called, by the judge and by a plain rule."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from benchmarks.verdicts.labels import Label
from tracker.domain.chronicle import Step
from tracker.domain.rules import Finding

Call = Callable[[Step], str]
"""The verdict on a step."""

Pairs = Sequence[tuple[Label, Step | None]]
ABSENT = "held"
"""What a label is called whose step is not on record: it waits at the gate."""

CERTAIN = 30


def baseline(step: Step) -> str:
    """Three lines anybody would write: unit errors and zeros, all else is a move."""
    if not step.old or not step.new:
        return "correction"
    return "correction" if max(step.ratio, 1 / step.ratio) >= CERTAIN else "move"


def by(findings: Mapping[int, Finding]) -> Call:
    """The judge's verdicts."""
    return lambda step: findings[step.id].verdict


@dataclass(frozen=True, slots=True)
class Score:
    """How the events of one kind were called.

    Attributes:
        events: how many there are.
        moved: of these, called a move, for at least one of their rates.
        right: of these, with every rate's verdict as labelled.
    """

    events: int
    moved: int
    right: int


def called(pairs: Pairs, call: Call) -> list[tuple[Label, str]]:
    """Each label with the verdict on its step."""
    return [(label, call(step) if step else ABSENT) for label, step in pairs]


def score(verdicts: Iterable[tuple[Label, str]]) -> Score:
    """The score of these labels, by event."""
    events: dict[tuple[str, ...], list[tuple[Label, str]]] = defaultdict(list)
    for label, verdict in verdicts:
        events[label.event].append((label, verdict))
    return Score(
        events=len(events),
        moved=sum(1 for e in events.values() if any(v == "move" for _, v in e)),
        right=sum(1 for e in events.values() if all(v == n.verdict for n, v in e)),
    )


def kinds(pairs: Pairs) -> dict[tuple[str, str], list[tuple[Label, Step | None]]]:
    """The labels by verdict and reason, moves first."""
    found: dict[tuple[str, str], list[tuple[Label, Step | None]]] = defaultdict(list)
    for label, step in pairs:
        found[label.verdict, label.reason].append((label, step))
    order = {"move": 0, "correction": 1, "flap": 2}
    return dict(sorted(found.items(), key=lambda item: (order[item[0][0]], item[0])))
