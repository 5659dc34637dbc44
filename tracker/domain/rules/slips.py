"""Slips of a pen: units, digits, columns. What the entry itself gives away."""

from collections.abc import Mapping

from tracker.domain.chronicle import price_at, price_before
from tracker.domain.families import is_alias
from tracker.domain.meters import STANDARD, Meter, parse_meter
from tracker.domain.rules.case import Case, Finding, correction

LARGEST_MOVE = 12.5
"""No real move of three years exceeded 12 times; beyond it lie unit errors."""

CERTAIN = 30
"""From here on no second look is needed."""

NOISE = 0.002
ROUNDING = 0.07


def placeholder(case: Case) -> Finding | None:
    """The first price that is not zero, at any age: zero stood for "not known"."""
    earlier = case.series[: case.place]
    if case.step.old == 0 and all(period.nano == 0 for period in earlier):
        return correction("placeholder_filled", 0.9, before="never above zero")
    return None


def to_zero(case: Case) -> Finding | None:
    """A price that drops to zero is free, or not known any more; unless another
    source says the same, it waits for somebody to look.
    """
    if case.step.new != 0:
        return None
    agree = [w for w in case.witnesses if price_at(w.series, case.step.at) == 0]
    if agree:
        shown = {"confirmed_by": ", ".join(sorted({w.source for w in agree}))}
        return Finding("move", "", 0.7, shown)
    return Finding("held", "to_zero", 0.3, {"zero": "free, or not known any more"})


def unit_error(case: Case) -> Finding | None:
    """Larger than any real move: somebody's unit was wrong."""
    ratio = case.step.ratio
    if case.step.old == 0 or case.step.new == 0:
        return None
    factor = max(ratio, 1 / ratio)
    if factor <= LARGEST_MOVE:
        return None
    sure = 0.95 if factor >= CERTAIN else 0.7
    wrong = _came_in(case)
    return correction("unit_error", sure, new_is_wrong=wrong, factor=f"{factor:.4g}")


def _came_in(case: Case) -> bool:
    """Whether an error came in, rather than being put right.

    What others charge for the model decides; for a factor that leaves no doubt,
    also what its seller charges for others. Failing both, the dearer value is the
    error: units mostly slip that way.
    """
    step, book = case.step, case.book
    peers = _prices(case, book.peers(step))
    peers += [price_at(witness.series, step.at) or 0 for witness in case.witnesses]
    known = [nano for nano in peers if nano]
    if not known and _far(step.new, step.old) >= CERTAIN:
        sold = [
            k for k in book.by_provider[step.source, case.provider] if k != step.key
        ]
        known = [nano for nano in _prices(case, sold) if nano]
    if not known:
        return step.new > step.old
    usual = sorted(known)[len(known) // 2]
    return _far(step.new, usual) > _far(step.old, usual)


def _prices(case: Case, keys: list[str]) -> list[int]:
    step = case.step
    series = (case.book.of(step.source, key, step.meter) for key in keys)
    return [price_at(said, step.at) or 0 for said in series]


def _far(nano: int, usual: int) -> float:
    """How many times one price is from another, either way."""
    return max(nano / usual, usual / nano) if nano else float("inf")


def rounding(case: Case) -> Finding | None:
    """One number is a rounded form of the other, or noise of a conversion."""
    old, new = case.step.old, case.step.new
    if not old or not new:
        return None
    off = abs(new / old - 1)
    if off <= NOISE:
        return correction("rounding", 0.9, difference=f"{off:.3%}")
    short, long = sorted((old, new), key=_digits)
    shorter = _digits(short) < _digits(long)
    if off < ROUNDING and shorter and _rounded(long, _digits(short)) == short:
        return correction("rounding", 0.7, digits=str(_digits(short)))
    return None


def _digits(nano: int) -> int:
    return len(str(nano).rstrip("0"))


def _rounded(nano: int, digits: int) -> int:
    step: int = 10 ** max(0, len(str(nano)) - digits)
    return (nano + step // 2) // step * step


def tenfold(case: Case) -> Finding | None:
    """Ten times or a tenth is a slip of the point, unless an alias now points at
    another model: then the new card is another listed key's, to the digit.
    """
    ratio = case.step.ratio
    if not any(abs(ratio / slip - 1) < 0.001 for slip in (10, 0.1)):
        return None
    if is_alias(case.step.key) and _redirected(case):
        return None
    wrong = _came_in(case)
    return correction("unit_error", 0.8, new_is_wrong=wrong, factor=f"{ratio:.4g}")


def _redirected(case: Case) -> bool:
    card = case.after.get("input"), case.after.get("output")
    source, at = case.step.source, case.step.at
    for key in case.book.by_provider[source, case.provider]:
        other = (
            price_at(case.book.of(source, key, "input"), at),
            price_at(case.book.of(source, key, "output"), at),
        )
        if key != case.step.key and other == card and None not in card:
            return True
    return False


def swapped(case: Case) -> Finding | None:
    """Input and output changed places, or stood the wrong way up."""
    component = {"input": "output", "output": "input"}.get(case.meter.component)
    if component is None:
        return None
    other = case.twin(component=component)
    if (case.before.get(other), case.after.get(other)) == (
        case.step.new,
        case.step.old,
    ):
        wrong = _upside_down(case.after) and not _upside_down(case.before)
        return correction("column_slip", 0.9, new_is_wrong=wrong, swapped_with=other)
    plain = [(card.get("input"), card.get("output")) for card in _cards(case)]
    if case.step.meter in ("input", "output") and all(a and b for a, b in plain):
        was, now = _upside_down(case.before), _upside_down(case.after)
        if was != now:
            shown = "input above output"
            return correction("column_slip", 0.7, new_is_wrong=now, upside_down=shown)
    return None


def _upside_down(card: Mapping[str, int]) -> bool:
    return card.get("input", 0) > card.get("output", 0)


def _cards(case: Case) -> tuple[Mapping[str, int], Mapping[str, int]]:
    return case.before, case.after


def cache_slip(case: Case) -> Finding | None:
    """A cached price was, or became, no cheaper than the input it caches."""
    if case.meter.component != "cache_read":
        return None
    full = case.twin(component="input")
    old, new = case.before.get(full), case.after.get(full)
    if not old or not new:
        return None
    was, now = case.step.old >= old, case.step.new >= new
    if was != now:
        return correction("column_slip", 0.8, new_is_wrong=now, beside=full)
    return None


def modality_slip(case: Case) -> Finding | None:
    """The text price stood, or now stands, in an audio or image field."""
    if case.meter.unit not in ("audio_token", "image_token"):
        return None
    text = case.twin(unit="token")
    old, new = case.before.get(text), case.after.get(text)
    if old != new or old is None:
        return None
    if case.step.old == old or case.step.new == new:
        wrong = case.step.new == new
        return correction("column_slip", 0.7, new_is_wrong=wrong, text_price=text)
    return None


def column_slip(case: Case) -> Finding | None:
    """The old value is another column's: the output price in the input field, or
    the long-context price in the plain one.
    """
    step = case.step
    if step.meter == "input" and step.ratio <= 1 / 3:
        out = case.before.get("output"), case.after.get("output")
        if out == (step.old, step.old):
            return correction("column_slip", 0.7, column="output")
    if case.meter.context_above or case.meter.tier in ("batch", "flex"):
        return None
    for meter, nano in case.before.items():
        same = nano == step.old and case.after.get(meter) == nano
        if same and meter != step.meter and _long_context(case.meter, meter):
            return correction("column_slip", 0.7, column=meter)
    return _slip_seen_at_peer(case) if case.meter.tier == STANDARD else None


def _long_context(mine: Meter, other: str) -> bool:
    its = parse_meter(other)
    alike = (its.component, its.unit, its.qualifiers) == (
        mine.component,
        mine.unit,
        mine.qualifiers,
    )
    return alike and its.context_above > 0 and its.tier not in ("batch", "flex")


def _slip_seen_at_peer(case: Case) -> Finding | None:
    """Another seller of the model has the new price here, the old one above."""
    step, source = case.step, case.step.source
    for key in case.book.peers(step):
        if price_before(case.book.of(source, key, step.meter), step.at) != step.new:
            continue
        for meter, nano in case.book.card_before(source, key, step.at).items():
            plain = parse_meter(meter).tier == STANDARD
            if nano == step.old and plain and _long_context(case.meter, meter):
                return correction("column_slip", 0.65, column=meter, seen_at=key)
    return None


def guessed(case: Case) -> Finding | None:
    """A tier's price moved alone: it had been derived from the standard one."""
    names = tuple(pair for pair in case.meter.qualifiers if pair[0] != "ttl")
    if case.meter.tier == STANDARD and names == case.meter.qualifiers:
        return None
    base = case.twin(tier=STANDARD, qualifiers=names)
    old, new = case.before.get(base), case.after.get(base)
    if old is not None and old == new:
        return correction("guessed", 0.65, unmoved=base)
    return None
