"""What commands print: tables for people, JSON and CSV for programs.

Names come from pages that anyone may edit, so control characters and characters
that reverse the direction of text never reach a terminal.
"""

import csv
import json
import sys
import unicodedata
from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from textwrap import wrap
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console

Row = dict[str, Any]

WIDE = 180
"""How many columns a table may take where there is no terminal to be filled."""


class Format(StrEnum):
    """How rows are printed."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"


def say(text: str) -> None:
    """One line for a person, on standard output."""
    print(visible(text))


def tell(text: str) -> None:
    """One line beside the output proper, on standard error."""
    print(visible(text), file=sys.stderr)


def visible(text: str) -> str:
    """The text with characters that would steer a terminal made harmless."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(c if _harmless(c) else "\ufffd" for c in text)


def _harmless(character: str) -> bool:
    return unicodedata.category(character) not in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp")


def emit(rows: Sequence[Row], columns: Sequence[str], form: Format) -> None:
    """Print rows for a program, with exactly these columns."""
    if form is Format.CSV:
        writer = csv.writer(sys.stdout, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows([_plain(row.get(c)) for c in columns] for row in rows)
    else:
        picked = [{c: _jsonable(row.get(c)) for c in columns} for row in rows]
        print(json.dumps(picked, indent=2, ensure_ascii=False))


WHOLE = 16
"""How many characters a number has at most; what is longer is a text."""

Cell = str | Sequence[str]
"""What stands in one field of a table: a text, or several, one under the other."""


def table(title: str, headers: Sequence[str], rows: Sequence[Sequence[Cell]]) -> None:
    """Print a table for a person; headers that begin with `>` align right.

    Where the terminal is too narrow, text goes on in the next line. What aligns right
    are numbers: half of one would be read as another, so it is whole or ends in `…`.
    """
    from rich import box
    from rich.table import Table
    from rich.text import Text

    drawn = Table(title=None, box=box.SIMPLE_HEAD, pad_edge=False)
    for n, header in enumerate(headers):
        right = header.startswith(">")
        longest = max((len(t) for row in rows for t in _lines(row[n])), default=0)
        # Names and texts that stand at the right, or above, would take all the room.
        whole = right and len(header) - 3 <= longest <= WHOLE
        drawn.add_column(
            header.lstrip(">"),
            justify="right" if right else "left",
            overflow="ellipsis" if whole else "fold",
            no_wrap=whole,
        )
    for row in rows:
        drawn.add_row(*(Text("\n".join(map(visible, _lines(cell)))) for cell in row))
    if title:
        say(title)
    console().print(drawn)


def fits(headers: Sequence[str], rows: Sequence[Sequence[Cell]]) -> bool:
    """Whether a table is no wider than the terminal, so that no cell is broken."""
    columns = zip(*([h.lstrip(">") for h in headers], *rows), strict=True)
    widths = [
        max(len(t) for cell in column for t in _lines(cell)) for column in columns
    ]
    return sum(widths) + 3 * len(widths) <= console().width


def broken(text: str, width: int) -> list[str]:
    """A text as lines of about so many characters, broken between words."""
    return wrap(text, width, break_long_words=False, break_on_hyphens=False)


def _lines(cell: Cell) -> Sequence[str]:
    return [cell] if isinstance(cell, str) else cell


def console() -> "Console":
    """Rich's console: as wide as the terminal, or wide enough for a file."""
    from rich.console import Console

    return Console(width=None if sys.stdout.isatty() else WIDE, highlight=False)


def exact(value: Decimal | None) -> str:
    """A decimal without exponent or trailing zeros, at least two places."""
    if value is None:
        return ""
    text = format(value.normalize(), "f")
    whole, _, fraction = text.partition(".")
    return f"{whole}.{fraction.ljust(2, '0')}"


def dollars(row: Row, name: str = "usd") -> str:
    """A price for a person: `$0.40`, or in its own currency."""
    value: Decimal | None = row.get(name)
    if value is not None:
        return f"${exact(value)}"
    if row.get("price_nano") is not None and name == "usd":
        from tracker.domain.money import in_units

        return f"{exact(in_units(row['price_nano']))} {row['currency']}"
    return "–"


def offer_name(row: Row) -> str:
    """What a row is about: `azure/gpt-4o@eu`."""
    name = f"{row['provider']}/{row['model']}"
    return f"{name}@{row['region']}" if row["region"] else name


def counted(number: int, word: str) -> str:
    """`1 change`, `2 changes`."""
    return f"{number:,} {word}" if number == 1 else f"{number:,} {word}s"


def stepped(old: Decimal | None, new: Decimal | None) -> str:
    """A step for a person: per cent, or a factor where that says more."""
    if old is None or new is None or old == 0:
        return ""
    ratio = new / old
    if ratio >= 10 or ratio <= Decimal("0.1"):
        return f"×{ratio:.4g}"
    return f"{(ratio - 1) * 100:+.1f} %"


def day(value: datetime | None) -> str:
    """A date for a person."""
    return value.astimezone(UTC).strftime("%Y-%m-%d") if value else ""


def _jsonable(value: Any) -> Any:
    if isinstance(value, Decimal):
        return _decimal(value)
    if isinstance(value, datetime):
        return _iso(value)
    return value


def _plain(value: Any) -> Any:
    return "" if value is None else _jsonable(value)


def _decimal(value: Decimal) -> str:
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _iso(value: datetime) -> str:
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
