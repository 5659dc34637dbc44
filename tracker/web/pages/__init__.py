"""The pages, by section: which there are, and how each is made.

A section is a module with three functions:

- `paths(view)` names its pages, from the site's root, for the site as files;
- `made(view, path, query)` makes one, or raises `NoPage`; `query` holds what a served
  page was asked (a name may have several values) and is empty for files;
- `marks(view)`, where a section has many pages, tells for each a text that changes
  whenever the page would, so that only those are written anew;
- `asks(path)`, where a page answers questions, names what it can be asked.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from importlib import import_module
from typing import Protocol, cast

from tracker.web.rendering import Content
from tracker.web.view import View

Query = Mapping[str, list[str]]

SECTIONS = (
    "home",
    "catalogue",
    "models",
    "providers",
    "compare",
    "changes",
    "feeds",
    "sources",
    "review",
    "method",
    "api",
    "strips",
)
"""Modules of this package; the first one that has a page of that path makes it."""


class NoPage(Exception):
    """There is no such page; the message says what could be meant."""


class Elsewhere(Exception):
    """The page has another address: the message, from the site's root."""


class Section(Protocol):
    """What a module of this package has."""

    def paths(self, view: View) -> Iterable[str]:
        """The pages there are."""

    def made(self, view: View, path: str, query: Query) -> Content:
        """One of them."""


def sections() -> Iterator[Section]:
    """All sections."""
    for name in SECTIONS:
        yield cast("Section", import_module(f"{__name__}.{name}"))


def understood(path: str, query: Query) -> Query:
    """What the page of a path can be asked of a question. The rest is nobody's
    business, and makes no other page.
    """
    names: set[str] = set()
    for section in sections() if query else ():
        asks = getattr(section, "asks", _nothing)
        names.update(asks(path))
    return {name: query[name] for name in sorted(names & query.keys())}


def _nothing(_path: str) -> Collection[str]:
    return ()


def made(view: View, path: str, query: Query) -> Content:
    """The page of a path.

    Raises:
        NoPage: there is none.
    """
    words = "there is no page at this address"
    for section in sections():
        try:
            return section.made(view, path, query)
        except NoPage as missing:
            words = str(missing) or words
    raise NoPage(words)
