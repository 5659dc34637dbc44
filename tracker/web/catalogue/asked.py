"""What the catalogue is asked for: read from an address, and answered."""

import difflib
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from tracker.asking.assortment import CAPABILITIES, capabilities, tokens
from tracker.domain.errors import UsageError
from tracker.reports.wording import short
from tracker.web.catalogue.search import LONGEST, words
from tracker.web.catalogue.stock import Entry, Stock, fitting

PAGE = 100
"""Offers on one page."""
CHOSEN = 6
"""Models that can be compared at once."""
FIELDS = frozenset(
    ("q", "provider", "mode", "can", "context", "input", "output")
    + ("own", "current", "sort", "page", "m")
)
"""What the catalogue can be asked, by the name in an address."""

Given = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Column:
    """A column that one can sort by.

    Attributes:
        title: its heading.
        key: what an entry is sorted by; None stands last either way.
        falls: whether the first press puts the largest on top.
    """

    title: str
    key: Callable[[Entry], Any]
    falls: bool = False


def _since(entry: Entry) -> date | None:
    return entry.sold.since.date() if entry.sold.since else None


COLUMNS: Mapping[str, Column] = {
    "model": Column("Model", lambda one: (one.name.bare, one.offer.region)),
    "provider": Column("Provider", lambda one: one.offer.provider.lower()),
    "mode": Column("Mode", lambda one: one.sold.mode or None),
    "input": Column("Input", lambda one: one.sold.input),
    "output": Column("Output", lambda one: one.sold.output),
    "cached": Column("Cached", lambda one: one.sold.cache_read),
    "talk": Column("Conversation", lambda one: one.talk),
    "context": Column("Context", lambda one: one.sold.context, falls=True),
    "longest": Column("Max out", lambda one: one.sold.longest, falls=True),
    "can": Column("Can", lambda one: len(one.sold.can), falls=True),
    "since": Column("Since", _since, falls=True),
}
"""What the catalogue shows of an offer, by the word for it in an address."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What to list. What is empty, zero, None or false does not narrow the list.

    Attributes:
        q: a name, or a part of it.
        provider: who sells it.
        mode: what kind it is of.
        can: words of CAPABILITIES, all of which it must have.
        context: the fewest input tokens that it must take.
        input, output: the most that 1M tokens may cost, in dollars.
        own: only what its maker sells.
        current: nothing retired or long unread.
        sort: a word of COLUMNS, after `-` from the largest down; empty for the usual.
        page: which hundred, from 1.
        chosen: names of offers to be compared.
        typed: what the fields hold, by their name, as it was typed.
        faults: what is wrong with a field, by its name.
    """

    q: str = ""
    provider: str = ""
    mode: str = ""
    can: frozenset[str] = frozenset()
    context: int = 0
    input: Decimal | None = None
    output: Decimal | None = None
    own: bool = False
    current: bool = False
    sort: str = ""
    page: int = 1
    chosen: tuple[str, ...] = ()
    typed: Mapping[str, str] = field(default_factory=dict)
    faults: Mapping[str, str] = field(default_factory=dict)

    @property
    def narrowed(self) -> bool:
        """Whether anything but a name narrows the list."""
        limits = (self.context, self.input is not None, self.output is not None)
        return bool(self.can or self.own or self.current or any(limits))


def asked(given: Given, stock: Stock) -> Asked:
    """Read the query of an address; what makes no sense is told, and left out.

    Args:
        given: values by name; unknown names are nobody's business.
        stock: knows the providers and modes.
    """
    typed = {name: values[-1].strip() for name, values in given.items() if values}
    faults: dict[str, str] = {}

    def read(name: str, how: Callable[[str], Any], *, otherwise: Any) -> Any:
        if not (text := typed.get(name, "")):
            return otherwise
        try:
            return how(text)
        except UsageError as fault:
            faults[name] = str(fault)
            return otherwise

    abilities = ",".join(given.get("can", ()))
    return Asked(
        q=read("q", _name, otherwise=""),
        provider=read("provider", _one_of(stock.providers, "provider"), otherwise=""),
        mode=read("mode", _one_of(stock.modes, "mode"), otherwise=""),
        can=read(
            "can", lambda _: capabilities(_shortened(abilities)), otherwise=frozenset()
        ),
        context=read("context", lambda text: tokens(_shortened(text)), otherwise=0),
        input=read("input", _amount, otherwise=None),
        output=read("output", _amount, otherwise=None),
        own=read("own", _yes, otherwise=False),
        current=read("current", _yes, otherwise=False),
        sort=read("sort", _order, otherwise=""),
        page=read("page", _number, otherwise=1),
        chosen=tuple(dict.fromkeys(given.get("m", ())))[:CHOSEN],
        typed=typed,
        faults=faults,
    )


def answered(stock: Stock, wanted: Asked) -> list[Entry]:
    """The entries asked for, in the order asked for."""
    found = [entry for entry in stock.entries if _fits(entry, wanted)]
    if wanted.q:
        typed = words(wanted.q)
        found = fitting(found, typed) if typed else []
    return ordered(found, wanted.sort)


def ordered(entries: list[Entry], sort: str) -> list[Entry]:
    """The entries by a column; what has no value stands last either way."""
    if not sort:
        return entries
    key = COLUMNS[sort.removeprefix("-")].key
    known = [entry for entry in entries if key(entry) is not None]
    known.sort(key=key, reverse=sort.startswith("-"))
    return known + [entry for entry in entries if key(entry) is None]


def next_sort(name: str, sort: str) -> str:
    """What pressing a column's heading asks for."""
    first = f"-{name}" if COLUMNS[name].falls else name
    if sort.removeprefix("-") != name:
        return first
    return name if sort.startswith("-") else f"-{name}"


def _fits(entry: Entry, wanted: Asked) -> bool:
    sold = entry.sold
    return (
        wanted.provider in ("", sold.offer.provider)
        and wanted.mode in ("", sold.kind)
        and wanted.can <= sold.can
        and (not wanted.context or (sold.context or 0) >= wanted.context)
        and _within(sold.input, wanted.input)
        and _within(sold.output, wanted.output)
        and (entry.own or not wanted.own)
        and (entry.current or not wanted.current)
    )


def _within(price: Decimal | None, most: Decimal | None) -> bool:
    return most is None or (price is not None and price <= most)


def _name(text: str) -> str:
    if len(text) > LONGEST:
        raise UsageError(f"a name has at most {LONGEST} characters")
    return text


def _one_of(known: Collection[str], what: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        if text in known:
            return text
        near = difflib.get_close_matches(text[:80], known, n=3, cutoff=0.4)
        hint = f"; did you mean {', '.join(map(short, near))}?" if near else ""
        raise UsageError(f"there is no {what} “{short(text, 40)}”{hint}")

    return read


def _amount(text: str) -> Decimal:
    plain = text.removeprefix("$").replace(",", ".", 1)
    try:
        amount = Decimal(plain) if len(plain) <= 20 else Decimal("NaN")
    except InvalidOperation:
        amount = Decimal("NaN")
    if not amount.is_finite() or not 0 <= amount <= 10**9:
        raise UsageError(f"“{short(text, 40)}” is no price; write 2.50")
    return amount


def _yes(text: str) -> bool:
    if text not in ("1", "0", "on", "yes", "no"):
        raise UsageError(f"“{short(text, 40)}” is neither 1 nor 0")
    return text in ("1", "on", "yes")


def _order(text: str) -> str:
    if text.removeprefix("-") not in COLUMNS:
        known = ", ".join(COLUMNS)
        raise UsageError(f"one cannot sort by “{short(text, 40)}”; there are {known}")
    return text


def _number(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) <= 6 and int(text)):
        raise UsageError(f"“{short(text, 40)}” is no number of a page")
    return int(text)


def _shortened(text: str) -> str:
    """Enough of a text to be told what is wrong with it, harmless in a message."""
    return short(text, LONGEST)


ABILITIES: Mapping[str, str] = dict(zip(CAPABILITIES, "VTJRCPAMSWUO", strict=True))
"""Capabilities and the letter that stands for each in a table."""
