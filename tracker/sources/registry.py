"""The registry: what Pricetrail knows of each source before it reads it."""

import importlib
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol, cast

from tracker.domain.errors import UnreadableBody, UsageError
from tracker.domain.gate import LITELLM_LIMITS, ROUTER_LIMITS, Limits
from tracker.domain.quotes import Document, Entry, Statement


@dataclass(frozen=True)
class SourceSpec:
    """One source.

    Attributes:
        name: what people call it on the command line.
        page: the module of `crawler.pages` that reads its bodies.
        home: where a person can look at the prices.
        precedence: its place when several sources state one price; lower wins.
        floor: fewer offers than this and the body is not the whole list.
        max_bytes: a larger body is not read.
        reader: raised when the parser reads a body differently than before, so
            that history is replayed with it.
        provider: the provider it speaks for, if it speaks for one.
        is_map: its body is data that is read as it is, not a page that a parser of
            ours may misread.
        limits: how much of it may change at once before it is held.
    """

    name: str
    page: str
    home: str
    precedence: int
    floor: int
    max_bytes: int
    reader: int = 1
    provider: str | None = None
    is_map: bool = True
    limits: Limits = LITELLM_LIMITS

    @cached_property
    def _module(self) -> "_Page":
        # Imported late: a sync that finds nothing new needs no parser.
        return cast("_Page", importlib.import_module(f"crawler.pages.{self.page}"))

    def parse(self, body: bytes) -> Document:
        """Read a body. Raises UnreadableBody."""
        try:
            return self._module.parse(body)
        except RecursionError:
            raise UnreadableBody(_TOO_DEEP) from None

    def flatten(self, key: str, entry: Entry) -> Statement:
        """Read one entry of a document. Raises UnreadableBody if it has no end."""
        try:
            return self._module.flatten(key, entry)
        except RecursionError:
            raise UnreadableBody(_TOO_DEEP) from None


class _Page(Protocol):
    """What a module of `crawler.pages` offers."""

    def parse(self, body: bytes) -> Document:
        """Read a body."""

    def flatten(self, key: str, entry: Entry) -> Statement:
        """Read one entry."""


MIB = 1024 * 1024
_TOO_DEEP = "nested too deeply to be a price list"

SOURCES = {
    spec.name: spec
    for spec in (
        SourceSpec(
            name="litellm",
            page="litellm",
            home="https://github.com/BerriAI/litellm",
            precedence=20,
            floor=50,
            max_bytes=64 * MIB,
        ),
        SourceSpec(
            name="models-dev",
            page="models_dev",
            home="https://models.dev",
            precedence=30,
            floor=100,
            max_bytes=64 * MIB,
        ),
        SourceSpec(
            name="openrouter",
            page="openrouter",
            home="https://openrouter.ai/models",
            precedence=50,
            floor=50,
            max_bytes=64 * MIB,
            provider="openrouter",
            limits=ROUTER_LIMITS,
        ),
    )
}


def source_named(name: str) -> SourceSpec:
    """The source of this name.

    Raises:
        UsageError: there is none; the message lists those there are.
    """
    if name not in SOURCES:
        raise UsageError(f"no source {name!r}; there are {', '.join(sorted(SOURCES))}")
    return SOURCES[name]
