"""Words and numbers of reports: the same in every language, harmless anywhere.

Names come from pages that anyone may edit. Whatever they hold, they stay on their
line, in their direction, and within a sensible length.
"""

import unicodedata
from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import ROUND_HALF_EVEN, Decimal

from tracker.domain.money import in_units

NAME = 80
"""How many characters of a name are shown; a CSV has all of it."""

_STEERING = ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
THIN = "\u202f"


def harmless(text: str) -> str:
    """The text without characters that steer a terminal, a line or a direction."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        "\ufffd" if unicodedata.category(c) in _STEERING else c for c in text
    )


def short(text: str, width: int = NAME) -> str:
    """A harmless text of at most so many characters; the middle gives way."""
    clean = harmless(text)
    if len(clean) <= width:
        return clean
    tail = width // 3
    return f"{clean[: width - tail - 1]}…{clean[-tail:]}"


def cell(text: str) -> str:
    """A text for a CSV: harmless, and no formula to a spreadsheet."""
    clean = harmless(text)
    return f"'{clean}" if clean.startswith(_FORMULA) else clean


def price(nano: int, currency: str = "USD") -> str:
    """`$0.40`, or the amount in another currency: `2.00 CNY`; exact."""
    text = _grouped(in_units(nano))
    return f"${text}" if currency == "USD" else f"{text} {short(currency, 8)}"


def amount(value: Decimal, currency: str = "USD") -> str:
    """A signed amount to the cent, with a proper minus; smaller ones exact to two
    digits.
    """
    size = abs(value)
    if size and size < Decimal("0.01"):
        text = plain(Decimal(f"{size:.2g}"))
    else:
        text = _grouped(size.quantize(Decimal("0.01"), ROUND_HALF_EVEN))
    if currency == "USD":
        return f"{sign(value)}${text}"
    return f"{sign(value)}{text} {short(currency, 8)}"


def sign(value: Decimal | float) -> str:
    """`+`, a proper minus, or nothing for zero."""
    return "+" if value > 0 else "−" if value < 0 else ""


def _grouped(value: Decimal) -> str:
    """A decimal with at least two places; thousands set apart by thin spaces."""
    whole, _, fraction = format(value, "f").partition(".")
    fraction = fraction.rstrip("0").ljust(2, "0")
    if len(whole) > 4:
        whole = f"{int(whole):,}".replace(",", THIN)
    return f"{whole}.{fraction}"


def step(old: int, new: int) -> str:
    """A step in per cent, or a factor from ten on; `from zero` has no ratio."""
    if not old:
        return "from zero" if new else "0 %"
    if not new:
        return "to zero"
    ratio = Decimal(new) / Decimal(old)
    if ratio >= 10:
        return f"×{plain(ratio)}"
    return f"{sign(ratio - 1)}{_pct(abs(ratio - 1) * 100)} %"


def _pct(size: Decimal) -> str:
    if 10 <= size < 99:
        return f"{size:.0f}"
    return plain(Decimal(f"{size:.3g}" if size >= 99 else f"{size:.2g}"))


def plain(number: Decimal) -> str:
    """A number to three digits, without an exponent."""
    text = format(Decimal(f"{number:.3g}"), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def day(at: datetime | None) -> str:
    """A date, ISO 8601."""
    return at.astimezone(UTC).strftime("%Y-%m-%d") if at else ""


def counted(number: int, word: str, plural: str = "") -> str:
    """`1 change`, `2 changes`."""
    return f"{number} {word if number == 1 else plural or word + 's'}"


def listed(names: Iterable[str], most: int, *, width: int = NAME) -> tuple[str, int]:
    """The first names, and how many are left."""
    known = [short(name, width) for name in names]
    return ", ".join(known[:most]), max(0, len(known) - most)
