"""The difference between two rate cards, and how to apply it.

`apply(a, diff(a, b)) == b` for all cards. Zero is a price; a meter that is not
there is no price; the two never meet.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from tracker.domain.ratecard import Rate

Kind = Literal["changed", "introduced", "withdrawn", "returned"]


@dataclass(frozen=True, slots=True)
class Step:
    """What happened to one meter. `old` is the price it had, or last had."""

    meter: str
    kind: Kind
    old: Rate | None
    new: Rate | None


def diff(
    before: Mapping[str, Rate],
    after: Mapping[str, Rate],
    earlier: Mapping[str, tuple[Rate, ...]] | None = None,
) -> list[Step]:
    """The steps that lead from one card to another, ordered by meter.

    Args:
        before: the rates that stand.
        after: the rates now stated.
        earlier: the prices that meters had before; one that was stated once,
            then was not and comes back is a return, not an introduction.

    A rate whose currency changed is withdrawn in the one and introduced in the
    other: no ratio between two currencies is a price move.
    """
    steps: list[Step] = []
    for meter in sorted(before.keys() | after.keys()):
        old, new = before.get(meter), after.get(meter)
        if old == new:
            continue
        if old is not None and new is not None and old.currency == new.currency:
            steps.append(Step(meter, "changed", old, new))
            continue
        if old is not None:
            steps.append(Step(meter, "withdrawn", old, None))
        if new is not None:
            had = (earlier or {}).get(meter, ())
            steps.append(_arrival(meter, new, had[-1] if had else None))
    return steps


def _arrival(meter: str, new: Rate, last: Rate | None) -> Step:
    if last is not None and last.currency == new.currency:
        return Step(meter, "returned", last, new)
    return Step(meter, "introduced", None, new)


def apply(before: Mapping[str, Rate], steps: list[Step]) -> dict[str, Rate]:
    """The card after the steps."""
    after = dict(before)
    for step in steps:
        if step.new is None:
            after.pop(step.meter, None)
        else:
            after[step.meter] = step.new
    return after
