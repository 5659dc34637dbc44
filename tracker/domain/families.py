"""Which keys sell the same model, and whose price is the list price.

A model is sold under many names: dated snapshots, aliases, clouds, regions. What
happened to one of them is evidence about the others.
"""

import re
from functools import lru_cache

from tracker.domain.offers import Offer

MAKERS = {
    "openai": "openai",
    "anthropic": "anthropic",
    "gemini": "google",
    "xai": "x-ai",
    "mistral": "mistralai",
    "deepseek": "deepseek",
    "cohere": "cohere",
    "perplexity": "perplexity",
    "moonshot": "moonshotai",
    "zai": "z-ai",
    "minimax": "minimax",
    "dashscope": "qwen",
}
"""Providers that make what they sell, with their name in OpenRouter's list."""

VERTEX = "vertex_ai"

PLATFORMS = frozenset(
    {
        "azure",
        "azure_ai",
        "bedrock",
        "bedrock_mantle",
        "vertex_ai",
        "databricks",
        "oci",
    }
)
"""Clouds that sell others' models at the maker's list price, by region."""

ROUTERS = frozenset({"openrouter"})
"""Sellers whose price is that of whichever endpoint they route to."""

FUNCTIONS = frozenset(
    [
        "tts",
        "audio",
        "image",
        "live",
        "realtime",
        "transcribe",
        "native",
        "ft",
        "embedding",
        "mini",
        "nano",
        "lite",
        "small",
        "safeguard",
        "vision",
    ]
)
"""Words that make a variant of a model another product at another price."""

_MAKER_PREFIX = re.compile(
    r"^(anthropic|meta|mistral|cohere|amazon|openai)-(?=claude|llama|gpt)"
)
_TAIL = re.compile(r"(-v\d+:\d+|@.*|:.*)$")
_DATE = re.compile(r"-(20\d{6}|20\d\d-\d\d-\d\d|latest|preview-\d\d-\d\d|\d{4})$")


@lru_cache(maxsize=32768)
def family_of(model: str) -> str:
    """A model's name without seller, version tail and date.

    `anthropic.claude-3-5-haiku-20241022-v1:0` is `claude-3-5-haiku`.
    """
    name = model.rsplit("/", 1)[-1].lower().replace(".", "-")
    name = _MAKER_PREFIX.sub("", name)
    return _DATE.sub("", _TAIL.sub("", name))


@lru_cache(maxsize=32768)
def words_of(model: str) -> frozenset[str]:
    """The words of a model's name."""
    return frozenset(re.split(r"[-./: ]", model.lower()))


def is_alias(key: str) -> bool:
    """Whether a key points at whichever model is current."""
    return "~" in key or "latest" in key


def is_variant(model: str, parent: str) -> bool:
    """Whether a model's name is another's with a word that makes it another
    product: `gpt-4o-mini-tts` beside `gpt-4o`.
    """
    mine, its = words_of(model), words_of(parent)
    return its < mine and bool((mine - its) & FUNCTIONS)


def same_stem(model: str, other: str) -> bool:
    """Whether two names are variants of one model: `flash-image`, `flash-lite`."""
    mine, its = words_of(model), words_of(other)
    return mine != its and mine - FUNCTIONS == its - FUNCTIONS


def are_alike(model: str, other: str) -> bool:
    """Whether two names share at least half of their words."""
    mine, its = words_of(model), words_of(other)
    return 2 * len(mine & its) >= len(mine | its)


def listed_by_router(offer: Offer) -> tuple[str, str] | None:
    """Where a router lists a maker's model at the maker's price: its name for the
    maker, and the family. None for sellers that make nothing.
    """
    vendor = "google" if offer.provider == VERTEX else MAKERS.get(offer.provider)
    return (vendor, family_of(offer.model)) if vendor else None
