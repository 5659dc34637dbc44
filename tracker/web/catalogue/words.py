"""How the catalogue writes numbers; `static/offers.js` writes them the same way."""

from decimal import ROUND_HALF_EVEN, Context, Decimal

from tracker.domain.money import NANO
from tracker.reports import wording


def sized(amount: Decimal | None, digits: int = 2) -> str:
    """Dollars to so many digits, and to the cent from a dollar on: `$0.00056`,
    `$0.014`, `$12.50`; a dash for None.
    """
    if amount is None:
        return "–"
    if amount >= 1:
        cents = amount.quantize(Decimal("0.01"), ROUND_HALF_EVEN)
        return wording.price(int(cents * NANO))
    rounded = amount.normalize(Context(digits, ROUND_HALF_EVEN))
    whole, _, fraction = format(rounded, "f").partition(".")
    return f"${whole}.{fraction.ljust(2, '0')}"


def paid(nano: int, currency: str, per: str | None) -> str:
    """A price, and for what, where that is not a million tokens: `$0.04 per image`."""
    told = wording.price(nano, currency)
    return told if per == "1M token" else f"{told} per {wording.short(per or 'unit')}"


def ratio(value: Decimal | None) -> str:
    """How many times of the input the output costs: `4 : 1`; a dash if unknown."""
    return "–" if value is None else f"{wording.plain(value)} : 1"


def about(tokens: int | None) -> str:
    """A limit, shortened to three digits: `131k`, `1.05M`; a dash if not stated."""
    if tokens is None:
        return "–"
    if tokens < 1000:
        return str(tokens)
    size, word = (1000, "k") if tokens < 999_500 else (1_000_000, "M")
    digits = max(0, 3 - len(str(tokens // size)))
    near = (2 * tokens * 10**digits + size) // (2 * size)
    return f"{wording.plain(Decimal(near).scaleb(-digits))}{word}"
