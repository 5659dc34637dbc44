"""The catalogue: everything that has a price today, filtered and sorted as asked."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from urllib.parse import urlencode

from tracker.asking.assortment import CAPABILITIES
from tracker.domain.offers import Offer
from tracker.web.catalogue.asked import (
    ABILITIES,
    CHOSEN,
    COLUMNS,
    FIELDS,
    PAGE,
    Asked,
    answered,
    asked,
    next_sort,
)
from tracker.web.catalogue.columns import columns
from tracker.web.catalogue.names import names
from tracker.web.catalogue.search import level, words
from tracker.web.catalogue.stock import Entry, Stock, alike, stock
from tracker.web.catalogue.words import about, sized
from tracker.web.pages import Elsewhere, NoPage, Query
from tracker.web.rendering import Content, as_json, page
from tracker.web.view import View

PATH = "models/"
FILE, NAMES = "catalogue.json", "names.json"
PAST = 8
"""So many offers that are not sold any more are named."""


@dataclass(frozen=True, slots=True)
class Heading:
    """The head of a column: how it is sorted, and what a press asks for."""

    name: str
    title: str
    sorted: str
    press: str


@dataclass(frozen=True, slots=True)
class Listing:
    """What the page shows.

    Attributes:
        entries: the offers of this page.
        first: the place of the first of them among all that fit, from 1.
        found: how many fit.
        total: how many there are.
        before, after: addresses of the neighbouring pages; empty at an end.
        gone: offers of such a name that are not sold any more.
        kept: names chosen for comparison that are not on this page.
        meant: offers of much the same name, if no other was found.
    """

    entries: tuple[Entry, ...]
    first: int
    found: int
    total: int
    before: str
    after: str
    gone: tuple[Offer, ...]
    kept: tuple[str, ...]
    meant: tuple[Offer, ...]


def paths(_view: View) -> list[str]:
    """The page, the file that its script filters, and one of less usual names."""
    return [PATH, FILE, NAMES]


def asks(path: str) -> Collection[str]:
    """The fields of the form; the files answer nothing."""
    return FIELDS if path == PATH else ()


def made(view: View, path: str, query: Query) -> Content:
    """The page, or a file.

    Raises:
        Elsewhere: the slash at the end is missing.
        NoPage: another path.
    """
    if path == PATH.rstrip("/"):
        raise Elsewhere(PATH)
    if path not in (PATH, FILE, NAMES):
        raise NoPage
    held = stock(view)
    if path == FILE:
        return as_json(columns(held))
    if path == NAMES:
        return as_json(names(view, held))
    wanted = asked(query, held)
    listing, faults = listed(held, wanted)
    given = {
        "asked": wanted,
        "listing": listing,
        "faults": faults,
        "stock": held,
        "headings": list(_headings(wanted.sort)),
        "abilities": ABILITIES,
        "most": CHOSEN,
        "sized": sized,
        "about": about,
        "strip": strip,
        "named": named,
    }
    return page(view, path, "catalogue.html", given)


def listed(held: Stock, wanted: Asked) -> tuple[Listing, Mapping[str, str]]:
    """One page of what fits, and what is wrong with what was asked, by field.

    A page beyond the last is the last.
    """
    found = answered(held, wanted)
    last = max(1, -(-len(found) // PAGE))
    faults = dict(wanted.faults)
    if wanted.page > last:
        faults["page"] = f"page {wanted.page} is beyond the last, which is {last}"
    number = min(wanted.page, last)
    shown = found[(number - 1) * PAGE : number * PAGE]
    here = {entry.offer.text for entry in shown}
    listing = Listing(
        tuple(shown),
        (number - 1) * PAGE + 1,
        len(found),
        len(held.entries),
        address(replace(wanted, page=number - 1)) if number > 1 else "",
        address(replace(wanted, page=number + 1)) if number < last else "",
        tuple(_past(held, wanted.q)),
        tuple(name for name in wanted.chosen if name not in here),
        tuple(alike(held, wanted.q)) if wanted.q and not found else (),
    )
    return listing, faults


def address(wanted: Asked) -> str:
    """The question that asks for it, from the catalogue's page."""
    told: list[tuple[str, str]] = [
        ("q", wanted.q),
        ("provider", wanted.provider),
        ("mode", wanted.mode),
        *(("can", word) for word in CAPABILITIES if word in wanted.can),
        ("context", str(wanted.context or "")),
        ("input", _plain(wanted.input)),
        ("output", _plain(wanted.output)),
        ("own", "1" if wanted.own else ""),
        ("current", "1" if wanted.current else ""),
        ("sort", wanted.sort),
        ("page", str(wanted.page) if wanted.page > 1 else ""),
        *(("m", name) for name in wanted.chosen),
    ]
    question = urlencode([pair for pair in told if pair[1]], errors="replace")
    return f"?{question}" if question else "./"


def strip(can: frozenset[str]) -> str:
    """A letter for each capability there is, a hole for each that is not."""
    return "".join(
        letter if word in can else "\N{NO-BREAK SPACE}"
        for word, letter in ABILITIES.items()
    )


def named(can: frozenset[str]) -> str:
    """The same in words."""
    return ", ".join(word for word in CAPABILITIES if word in can) or "nothing stated"


def _plain(amount: Decimal | None) -> str:
    return "" if amount is None else format(amount, "f")


def _headings(sort: str) -> Iterable[Heading]:
    for name, column in COLUMNS.items():
        mine = sort.removeprefix("-") == name
        way = "descending" if sort.startswith("-") else "ascending"
        press = next_sort(name, sort)
        yield Heading(name, column.title, way if mine else "none", press)


def _past(held: Stock, q: str) -> Iterable[Offer]:
    """Offers of such a name that have no price any more, the best fit first."""
    typed = words(q)
    if not typed:
        return []
    fits = [(level(name, typed), offer) for offer, name in held.gone]
    near = sorted((fit, offer) for fit, offer in fits if fit is not None)
    return [offer for _, offer in near[:PAST]]
