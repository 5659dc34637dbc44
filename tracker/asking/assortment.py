"""What can be bought today: each offer's prices with what it can do."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import orjson

from storage.reading import offering
from storage.unit_of_work import Store
from tracker.domain.errors import UsageError
from tracker.domain.money import in_units
from tracker.domain.offers import Offer

if TYPE_CHECKING:
    from storage.unit_of_work import Connection

Row = dict[str, Any]

CAPABILITIES: Mapping[str, tuple[str, ...]] = {
    "vision": ("supports_vision", "supports_image_input"),
    "tools": ("supports_function_calling",),
    "json": ("supports_response_schema", "supports_native_structured_output"),
    "reasoning": ("supports_reasoning",),
    "cache": ("supports_prompt_caching",),
    "pdf": ("supports_pdf_input",),
    "audio": ("supports_audio_input",),
    "video": ("supports_video_input",),
    "speech": ("supports_audio_output",),
    "search": ("supports_web_search",),
    "computer": ("supports_computer_use",),
    "open": ("open_weights",),
}
"""What people call a capability, and the facts that state it."""

_INPUTS = {"vision": "image", "pdf": "pdf", "audio": "audio", "video": "video"}
_NAMES = frozenset(
    {name for names in CAPABILITIES.values() for name in names}
    | {"mode", "deprecation_date", "supported_modalities"}
    | {"supported_output_modalities"}
)
ROUTERS = frozenset({"openrouter", "huggingface", "vercel_ai_gateway"})
"""Providers that pass a request on; what it costs depends on to whom."""

ALIKE = {"responses": "chat"}
"""Modes that are, to who pays, another one spoken to through a newer interface."""


@dataclass(frozen=True, slots=True)
class Sold:
    """One offer today. Prices are dollars per 1M tokens, None where none is stated.

    Attributes:
        offer: what is sold.
        source: who states the prices; the best there is.
        stale: whether that source was not read for too long.
        input: of plain input tokens.
        output: of plain output tokens.
        cache_read: of input tokens found in a cache.
        cache_write: of input tokens put into a cache.
        context: the most input tokens.
        longest: the most output tokens.
        mode: chat, embedding, ...; empty if nobody says.
        can: words of CAPABILITIES.
        retired_on: the day it ends, as its source says it.
        since: since when the newest of its prices holds.
    """

    offer: Offer
    source: str
    stale: bool = False
    input: Decimal | None = None
    output: Decimal | None = None
    cache_read: Decimal | None = None
    cache_write: Decimal | None = None
    context: int | None = None
    longest: int | None = None
    mode: str = ""
    can: frozenset[str] = field(default_factory=frozenset)
    retired_on: str | None = None
    since: datetime | None = None

    @property
    def kind(self) -> str:
        """Its mode, the newer interfaces taken for the older."""
        return ALIKE.get(self.mode, self.mode)

    @property
    def routed(self) -> bool:
        """Whether its price depends on to whom a request is passed."""
        return self.offer.provider in ROUTERS

    def blended(self, mix: tuple[Decimal, Decimal]) -> Decimal | None:
        """Dollars per 1M tokens of input and output mixed in these parts; None if a
        part that is needed has no price.
        """
        parts = [(mix[0], self.input), (mix[1], self.output)]
        needed = [(part, price) for part, price in parts if part]
        if any(price is None for _, price in needed):
            return None
        total = sum((part * (price or 0) for part, price in needed), Decimal(0))
        return total / (mix[0] + mix[1])


def assortment(store: Store) -> list[Sold]:
    """Everything that has a price today, by name."""
    with store.reading() as connection:
        cards = offering.cards(connection)
        facts = offering.facts(connection, _NAMES)
    return [_sold(row, facts) for row in cards]


def exact_card(row: Row) -> Row:
    """A row of `model_prices` with its dollars as exact decimals."""
    prices = {n: _dollars(row[n]) for n in row if n.endswith("_usd")}
    return {**row, **prices}


def narrowed(
    connection: "Connection", rows: list[Row], needs: frozenset[str], context: int
) -> list[Row]:
    """The rows of the catalogue whose offers can all that is needed.

    Args:
        connection: the transaction.
        rows: with provider, model, region, cache_read_usd and max_input_tokens.
        needs: words of CAPABILITIES.
        context: the fewest input tokens; 0 if that does not matter.
    """
    fitting = [r for r in rows if (r["max_input_tokens"] or 0) >= context]
    if not needs:
        return fitting
    found = zip(fitting, abilities(connection, fitting), strict=True)
    return [row for row, can in found if needs <= can]


def abilities(connection: "Connection", rows: list[Row]) -> list[frozenset[str]]:
    """What the offer of each row can: words of CAPABILITIES.

    Args:
        connection: the transaction.
        rows: with provider, model, region and cache_read_usd.
    """
    facts = offering.facts(connection, _NAMES)
    return [_of(row, facts) for row in rows]


def capabilities(text: str | None) -> frozenset[str]:
    """The words in a list such as `vision,tools`.

    Raises:
        UsageError: a word that is no capability; the message names those there are.
    """
    words = [word.strip().lower() for word in (text or "").split(",")]
    wanted = frozenset(word for word in words if word)
    for word in sorted(wanted - CAPABILITIES.keys()):
        known = ", ".join(CAPABILITIES)
        raise UsageError(f"nothing is known of {word!r}; one can ask for {known}")
    return wanted


def tokens(text: str | None) -> int:
    """A number of tokens as people write it: `128k`, `1M`, `200000`; 0 for none.

    Raises:
        UsageError: it is no such number.
    """
    if text is None:
        return 0
    plain = text.strip().lower().replace(",", "").replace("_", "")
    scale = {"k": 1_000, "m": 1_000_000}.get(plain[-1:], 1)
    digits = plain[:-1] if scale > 1 else plain
    if not digits.isdecimal() or not digits.isascii() or len(digits) > 12:
        raise UsageError(f"{text!r} is no number of tokens; write 128k or 128000")
    return int(digits) * scale


def _sold(row: Mapping[str, Any], facts: Mapping[offering.Key, Any]) -> Sold:
    key = (row["provider"], row["model"], row["region"])
    said: Mapping[str, str] = facts.get(key, {})
    prices = {
        name: _dollars(row[f"{name}_usd"])
        for name in ("input", "output", "cache_read", "cache_write")
    }
    return Sold(
        Offer(*key),
        row["source"],
        bool(row["stale"]),
        **prices,
        context=row["max_input_tokens"],
        longest=row["max_output_tokens"],
        mode=said.get("mode") or _guessed(said, prices["output"]),
        can=_of(row, facts),
        retired_on=said.get("deprecation_date"),
        since=row["since"],
    )


def _of(row: Mapping[str, Any], facts: Mapping[offering.Key, Any]) -> frozenset[str]:
    said = facts.get((row["provider"], row["model"], row["region"]), {})
    return able(said, cached=row["cache_read_usd"] is not None)


def able(said: Mapping[str, str], *, cached: bool) -> frozenset[str]:
    """What an offer can, in words of CAPABILITIES.

    Args:
        said: facts by name, as the best source states them.
        cached: whether it has a price for cached tokens, and so can be cached.
    """
    return _able(said) | ({"cache"} if cached else set())


def _dollars(value: float | None) -> Decimal | None:
    return None if value is None else in_units(round(value * 1e9))


def _guessed(said: Mapping[str, str], output: Decimal | None) -> str:
    """The mode where no source names one: what writes text for a price is chat."""
    writes = "text" in _listed(said, "supported_output_modalities")
    return "chat" if writes and output is not None else ""


def _able(said: Mapping[str, str]) -> frozenset[str]:
    stated = {
        word
        for word, names in CAPABILITIES.items()
        if any(said.get(name) == "true" for name in names)
    }
    inputs = _listed(said, "supported_modalities")
    return frozenset(stated | {w for w, name in _INPUTS.items() if name in inputs})


def _listed(said: Mapping[str, str], name: str) -> Collection[str]:
    """A fact that is a list of words; nothing where a source wrote something else."""
    try:
        value = orjson.loads(said.get(name, "[]"))
    except orjson.JSONDecodeError:
        return ()
    return [v for v in value if isinstance(v, str)] if isinstance(value, list) else ()
