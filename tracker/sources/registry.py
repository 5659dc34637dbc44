"""The registry: what Pricetrail knows of each source before it reads it."""

import importlib
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cached_property
from typing import Any, Protocol, cast

from tracker.domain.errors import PricetrailError, UnreadableBody, UsageError
from tracker.domain.gate import LITELLM_LIMITS, ROUTER_LIMITS, Limits
from tracker.domain.quotes import Document, Entry, Statement
from tracker.sources import identity


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
        dated: whether it states prices for certain days, so that the same bytes
            may mean another price tomorrow.
        cadence: how often it is read.
        on_demand: read only where it is named.
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
    dated: bool = False
    cadence: timedelta = timedelta(days=7)
    on_demand: bool = False

    @cached_property
    def _module(self) -> "_Page":
        # Imported late: a sync that finds nothing new needs no parser.
        return cast("_Page", importlib.import_module(f"crawler.pages.{self.page}"))

    def parse(self, body: bytes) -> Document:
        """Read a body. Raises UnreadableBody, also where the parser has a fault."""
        try:
            return self._module.parse(body)
        except Exception as fault:
            raise _fault(self.name, fault) from fault

    def flatten(self, key: str, entry: Entry) -> Statement:
        """Read one entry of a document. Raises UnreadableBody as `parse` does."""
        try:
            said = self._module.flatten(key, entry)
        except Exception as fault:
            raise _fault(self.name, fault) from fault
        offer = identity.canonical(said.offer)
        return said if offer is said.offer else replace(said, offer=offer)

    @property
    def version(self) -> int:
        """Changes whenever bodies are read, or their names mapped, differently."""
        return self.reader << 32 | identity.checksum()


def _fault(source: str, fault: Exception) -> PricetrailError:
    """One source's parser cannot take the others down with it: a fault of ours is
    that source's failure, told in its line; the body is kept and read again once
    the parser is mended.
    """
    if isinstance(fault, PricetrailError):
        return fault
    if isinstance(fault, RecursionError):
        return UnreadableBody(_TOO_DEEP)
    return UnreadableBody(
        f"a fault in our parser of {source}, please report it "
        f"({type(fault).__name__}: {fault}); the body is kept"
    )


class _Page(Protocol):
    """What a module of `crawler.pages` offers."""

    def parse(self, body: bytes) -> Document:
        """Read a body."""

    def flatten(self, key: str, entry: Entry) -> Statement:
        """Read one entry."""


MIB = 1024 * 1024
_TOO_DEEP = "nested too deeply to be a price list"

PAGE_LIMITS = Limits(lost_share=0.34, unknown_share=1.0)
"""A provider's own page lists a dozen models: when one is retired a tenth of it is
gone. A third at once is a page that was read in part, or another page."""


def _map(name: str, home: str, precedence: int, floor: int, **more: Any) -> SourceSpec:
    """Data that is read as it is."""
    page = more.pop("page", name.replace("-", "_"))
    size = more.pop("max_bytes", 64 * MIB)
    return SourceSpec(name, page, home, precedence, floor, size, **more)


def _page(name: str, home: str, floor: int, provider: str, **more: Any) -> SourceSpec:
    """A provider's own page, which a parser of ours may misread."""
    return SourceSpec(
        name=name,
        page=name.replace("-", "_"),
        home=home,
        precedence=10,
        floor=floor,
        max_bytes=more.pop("max_bytes", 8 * MIB),
        provider=provider,
        is_map=False,
        limits=PAGE_LIMITS,
        dated=True,
        **more,
    )


def _api(name: str, home: str, floor: int, provider: str, **more: Any) -> SourceSpec:
    """A seller's own price list as data."""
    limits = more.pop("limits", ROUTER_LIMITS)
    size = more.pop("max_bytes", 16 * MIB)
    page, rank = name.replace("-", "_"), more.pop("precedence", 10)
    return SourceSpec(
        name, page, home, rank, floor, size, provider=provider, limits=limits, **more
    )


_LISTED = (
    _map("litellm", "https://github.com/BerriAI/litellm", 20, 50),
    _map("models-dev", "https://models.dev", 30, 100),
    _map(
        "llm-prices",
        "https://www.llm-prices.com",
        40,
        40,
        limits=PAGE_LIMITS,
        dated=True,
    ),
    _api(
        "openrouter",
        "https://openrouter.ai/models",
        50,
        "openrouter",
        precedence=50,
        max_bytes=64 * MIB,
    ),
    _api(
        "openrouter-endpoints",
        "https://openrouter.ai/models",
        1,
        "openrouter",
        precedence=55,
        on_demand=True,
    ),
    _page("openai", "https://developers.openai.com/api/docs/pricing", 5, "openai"),
    _page(
        "anthropic",
        "https://platform.claude.com/docs/en/about-claude/pricing",
        4,
        "anthropic",
    ),
    _page(
        "google-gemini", "https://ai.google.dev/gemini-api/docs/pricing", 2, "gemini"
    ),
    _page(
        "deepseek",
        "https://api-docs.deepseek.com/quick_start/pricing",
        1,
        "deepseek",
    ),
    _page("mistral", "https://docs.mistral.ai/models", 1, "mistral"),
    _page("xai", "https://docs.x.ai/developers/pricing", 1, "xai"),
    _page("groq", "https://console.groq.com/docs/models", 3, "groq"),
    _page("zai", "https://docs.z.ai/guides/overview/pricing", 2, "zai"),
    _page("moonshot", "https://platform.kimi.ai/docs/pricing/chat", 1, "moonshot"),
    _page(
        "minimax",
        "https://platform.minimax.io/docs/guides/pricing-paygo",
        3,
        "minimax",
    ),
    _api("cerebras", "https://www.cerebras.ai/pricing", 1, "cerebras"),
    _api(
        "bedrock",
        "https://aws.amazon.com/bedrock/pricing",
        3,
        "bedrock",
        dated=True,
        max_bytes=256 * MIB,
    ),
    _api(
        "azure",
        "https://azure.microsoft.com/pricing/details/cognitive-services/openai-service",
        3,
        "azure",
        dated=True,
        max_bytes=256 * MIB,
    ),
    _api(
        "vercel-gateway", "https://vercel.com/ai-gateway/models", 1, "vercel_ai_gateway"
    ),
    _api(
        "huggingface-router",
        "https://huggingface.co/inference/models",
        1,
        "huggingface",
    ),
)

SOURCES = {spec.name: spec for spec in _LISTED}


def source_named(name: str) -> SourceSpec:
    """The source of this name.

    Raises:
        UsageError: there is none; the message lists those there are.
    """
    if name not in SOURCES:
        raise UsageError(f"no source {name!r}; there are {', '.join(sorted(SOURCES))}")
    return SOURCES[name]
