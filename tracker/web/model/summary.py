"""What a model costs in a sentence or two."""

from collections.abc import Sequence

from tracker.reports.wording import day, price, short
from tracker.web.model.steadiness import LINES, Steady
from tracker.web.model.whole import Whole


def summary(whole: Whole) -> str:
    """What it costs, and whether that moved; for the head of the page and for those
    who list it.
    """
    card = whole.card
    if not card.lines:
        return "No price is on record." if not whole.untold else _untold(whole)
    what = _cost(whole)
    if card.ended:
        last = max(line.until for line in card.lines.values() if line.until)
        return f"When it was last sold, until {day(last)}, it cost {what}."
    return f"It costs {what}. {_moved(whole.steady)}".rstrip()


def _cost(whole: Whole) -> str:
    lines = whole.card.lines
    both = [lines[meter] for meter in LINES if meter in lines]
    if any(line.nano for line in both):
        told = [f"{price(x.nano, x.currency)} per {x.per} of {x.meter}" for x in both]
        return " and ".join(told)
    first = whole.card.main[:1]
    if not first:
        return "nothing: it is free"
    (line,) = first
    return f"{price(line.nano, line.currency)} per {line.per} ({line.words.lower()})"


def _moved(steady: Sequence[Steady]) -> str:
    if not steady:
        return ""
    since = max(one.since for one in steady)
    if not all(one.first for one in steady):
        return f"It last moved on {day(since)}."
    what = "Neither" if [one.meter for one in steady] == [*LINES] else "Nothing"
    return f"{what} has moved since {day(since)}."


def _untold(whole: Whole) -> str:
    states = ", ".join(sorted({short(said, 40) for _, said in whole.untold}))
    return (
        f"Its price is {states}: it depends on the model that answers, and no number "
        "can be given."
    )
