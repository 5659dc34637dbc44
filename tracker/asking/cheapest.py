"""The cheapest offers for a kind of work: a mix of input and output, and needs."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation

from tracker.asking.assortment import ALIKE, Sold
from tracker.domain.errors import UsageError

Mix = tuple[Decimal, Decimal]
"""Parts of input and of output."""

USUAL: Mix = (Decimal(3), Decimal(1))


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is looked for.

    Attributes:
        mode: chat, embedding, ...
        needs: capabilities, all of which it must have.
        mix: parts of input and output that a price is blended from.
        context: the fewest input tokens it must take; 0 if that does not matter.
        provider: only what this one sells; all if None.
        stale: also what only sources say that were not read for long.
    """

    mode: str = "chat"
    needs: frozenset[str] = frozenset()
    mix: Mix = USUAL
    context: int = 0
    provider: str | None = None
    stale: bool = False


@dataclass(frozen=True, slots=True)
class Ranked:
    """An offer and what 1M tokens of the mix cost, in dollars."""

    sold: Sold
    blended: Decimal


@dataclass(frozen=True, slots=True)
class Ranking:
    """What was found, the cheapest first; what is free apart from what costs.

    `left_out` counts offers that fit but for the reason that is named.
    """

    paid: tuple[Ranked, ...]
    free: tuple[Ranked, ...]
    left_out: Counter[str] = field(default_factory=Counter)


def parsed_mix(text: str) -> Mix:
    """Parts of input and output, as `3:1`.

    Raises:
        UsageError: no two numbers, negative ones, or both zero.
    """
    before, colon, after = text.partition(":")
    try:
        mix = (Decimal(before.strip()), Decimal(after.strip()))
        good = bool(colon) and all(p.is_finite() and 0 <= p <= 10**9 for p in mix)
    except InvalidOperation:
        good = False
    if not good or not any(mix):
        raise UsageError(f"{text!r} is no mix of input and output; write 3:1")
    return mix


def cheapest(every: Iterable[Sold], wanted: Wanted, *, today: date) -> Ranking:
    """Rank what fits by its blended price.

    Args:
        every: all that is sold.
        wanted: what it must be.
        today: offers whose source says that they have ended by then are left out.
    """
    found: list[Ranked] = []
    left_out: Counter[str] = Counter()
    for sold in every:
        if not fits(sold, wanted):
            continue
        blended = sold.blended(wanted.mix)
        if reason := _unfit(sold, wanted, blended, today):
            left_out[reason] += 1
        elif blended is not None:
            found.append(Ranked(sold, blended))
    found.sort(key=lambda one: (one.blended, one.sold.offer))
    paid = tuple(one for one in found if one.blended > 0)
    free = tuple(one for one in found if one.blended == 0)
    return Ranking(paid, free, left_out)


def fits(sold: Sold, wanted: Wanted) -> bool:
    """Whether an offer is of the kind that is wanted, whatever it costs."""
    return (
        sold.kind == ALIKE.get(wanted.mode, wanted.mode)
        and wanted.needs <= sold.can
        and (not wanted.context or (sold.context or 0) >= wanted.context)
        and wanted.provider in (None, sold.offer.provider)
    )


def _unfit(sold: Sold, wanted: Wanted, blended: Decimal | None, today: date) -> str:
    """Why an offer of the right kind is not ranked; empty if it is."""
    if sold.retired_on is not None and sold.retired_on <= today.isoformat():
        return "past their last day"
    if sold.stale and not wanted.stale:
        return "known only from sources not read for long (--stale shows them)"
    if blended is None:
        return "without a price in dollars for input or output"
    if sold.kind == "chat" and blended and 0 in (sold.input, sold.output):
        return "called chat that charge for input or output only (embeddings, mostly)"
    return ""
