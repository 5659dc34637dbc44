"""Exact prices: whole nano-dollars per quantum of a unit.

A source states a price per unit ("4e-07 dollars a token"). It is kept as whole
billionths of the currency per *quantum* of that unit (per 1,000,000 tokens), so
that two prices are equal exactly when their integers are.
"""

from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Context, Decimal, InvalidOperation
from functools import lru_cache

NANO = 10**9
"""Nano-units in one unit of a currency."""

SIGNIFICANT_DIGITS = 12
"""Digits of a source's number that count.

Floats carry noise from the 16th digit on (`2.0000000000000002e-07`), and maps
hold hand-cut repeating fractions (`8.33333333333e-05`); over three years of maps
no two prices that were meant to differ agree in their first twelve digits.
"""

MAX_NANO = 2**63 - 1
"""The largest price a BIGINT column can hold, in nano-units."""

_SNAP = Context(prec=SIGNIFICANT_DIGITS, rounding=ROUND_HALF_EVEN)
_WIDE = Context(prec=60, rounding=ROUND_HALF_EVEN)
_ONE = Decimal(1)


class NotAPrice(ValueError):
    """A stated value that cannot be a price; `reason` is a stable code."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Amount:
    """A price in nano-units per quantum; `exact` is false if it was rounded."""

    nano: int
    exact: bool


def as_decimal(value: object) -> Decimal:
    """Read a JSON number, or a text that is one, as a decimal.

    Raises:
        NotAPrice: `not_a_number` for text, booleans, containers and NaN,
            `infinite` for numbers without bound.
    """
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        raise NotAPrice("not_a_number")
    text = value if isinstance(value, str) else repr(value)
    if len(text) > 64:
        raise NotAPrice("not_a_number")
    if "_" in text:
        raise NotAPrice("not_a_number")
    try:
        number = Decimal(text.strip())
    except InvalidOperation:
        raise NotAPrice("not_a_number") from None
    if number.is_nan():
        raise NotAPrice("not_a_number")
    if number.is_infinite() or number.adjusted() > 30:
        raise NotAPrice("infinite")
    return number


def amount(value: object, *, quantum: int, per: int = 1) -> Amount:
    """Turn a stated number into a price.

    Args:
        value: the number as the source states it, in whole currency units.
        quantum: units of the meter that the stored price is for.
        per: units of the meter that the stated number is for.

    Raises:
        NotAPrice: `negative`, `too_small` (not zero, yet less than half a nano
            per quantum), `too_large`, or what `as_decimal` raises.
    """
    return _amount(value if isinstance(value, str) else repr(value), quantum, per)


@lru_cache(maxsize=65536)
def _amount(text: str, quantum: int, per: int) -> Amount:
    stated = as_decimal(text)
    if stated < 0:
        raise NotAPrice("negative")
    number = _SNAP.plus(stated)
    scaled = _WIDE.multiply(number, Decimal(quantum * NANO))
    if per != 1:
        scaled = _WIDE.divide(scaled, Decimal(per))
    whole = scaled.quantize(_ONE, context=_WIDE)
    nano = int(whole)
    if nano == 0 and stated != 0:
        raise NotAPrice("too_small")
    if nano > MAX_NANO:
        raise NotAPrice("too_large")
    return Amount(nano=nano, exact=whole == scaled)


def in_units(nano: int) -> Decimal:
    """The price in whole currency units per quantum, exact."""
    return Decimal(nano).scaleb(-9, context=_WIDE)


def plain(nano: int) -> str:
    """The price as the shortest exact decimal text: `0.4`, `12`, `0.000002`."""
    text = format(in_units(nano), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
