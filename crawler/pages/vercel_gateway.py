"""Vercel's AI gateway: `{"data": [{id, type, pricing: {input, output, ...}}]}`.

Prices are decimal texts in dollars per token, character, second or image, but per
thousand searches. Which names a card has depends on the type of the model. Long
contexts have theirs in `*_tiers`, other service tiers in `fast` and `service_tiers`,
regions in `regional`.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from crawler.pages import modellist, pricecard
from crawler.pages import vercel_prices as prices
from crawler.pages.collector import Collector
from crawler.pages.modellist import fact, inner, words
from tracker.domain.errors import UnreadableBody
from tracker.domain.offers import Offer
from tracker.domain.quotes import Document, Entry, Statement

_WHAT = "vercel models"
_PROVIDER = "vercel_ai_gateway"

_FACTS = {
    "name": "name",
    "context_window": "max_input_tokens",
    "max_tokens": "max_output_tokens",
    "knowledge": "knowledge",
}

_MODES = {
    "language": "chat",
    "embedding": "embedding",
    "image": "image_generation",
    "video": "video_generation",
    "reranking": "rerank",
    "transcription": "audio_transcription",
    "speech": "audio_speech",
    "realtime": "realtime",
}

_ABILITIES = {
    "tool-use": "supports_function_calling",
    "reasoning": "supports_reasoning",
    "vision": "supports_vision",
    "web-search": "supports_web_search",
    "implicit-caching": "supports_prompt_caching",
    "explicit-caching": "supports_prompt_caching",
}

_EPOCH = date(1970, 1, 1)
_MILLISECONDS_A_DAY = 86_400_000


@dataclass(frozen=True, slots=True)
class Regional:
    """The card of one model in one region, an offer of its own."""

    model: str
    region: str
    kind: Any
    card: dict[str, Any]


def parse(body: bytes) -> Document:
    """Read the list; a model's card for a region is the key `<id>@<region>`.

    Raises:
        UnreadableBody: not Vercel's list of priced models.
    """
    models = modellist.load(body, what=_WHAT)
    named: list[tuple[str, Any]] = []
    for model in models.listed:
        key = modellist.id_of(model)
        named.append((key, model))
        named += [(f"{key}@{r.region}", r) for r in _regional(key, model)]
    cards = [inner(model, "pricing") for key, model in named if key]
    if any("prompt" in card for card in cards):
        raise UnreadableBody(
            f"{_WHAT}: a card has a price for its 'prompt', so it is another list"
        )
    if not any(prices.is_known(name) for card in cards for name in card):
        raise UnreadableBody(f"{_WHAT}: no entry of it has a price that is known")
    return modellist.document(models, named, ignored=modellist.nameless(models))


def flatten(key: str, entry: Entry) -> Statement:
    """Read one entry: every price onto its meter, what matters of the rest as facts."""
    found = Collector()
    if isinstance(entry, Regional):
        prices.read(found, "pricing", entry.card, entry.kind)
        return found.statement(Offer(_PROVIDER, entry.model, entry.region))
    fields = entry if isinstance(entry, dict) else {}
    card = fields.get("pricing")
    if isinstance(card, dict):
        rest = {n: v for n, v in card.items() if n != "regional" or not _cards(v)}
        prices.read(found, "pricing", rest, fields.get("type"))
    else:
        pricecard.unread(found, "pricing", card)
    _facts(found, fields)
    return found.statement(Offer(_PROVIDER, key))


def _regional(key: str, model: Any) -> list[Regional]:
    fields = model if isinstance(model, dict) else {}
    cards = _cards(inner(fields, "pricing").get("regional")) if key else {}
    return [Regional(key, r, fields.get("type"), card) for r, card in cards.items()]


def _cards(value: Any) -> dict[str, dict[str, Any]]:
    """Cards by region; none unless every region has a name and a card."""
    if not isinstance(value, dict):
        return {}
    whole = all(name and isinstance(card, dict) for name, card in value.items())
    return value if whole else {}


def _facts(found: Collector, fields: dict[str, Any]) -> None:
    for name, means in _FACTS.items():
        fact(found, means, fields.get(name))
    kind = fields.get("type")
    fact(found, "mode", _MODES.get(kind, kind) if isinstance(kind, str) else None)
    fact(found, "deprecation_date", _day(fields.get("deprecated_at")))
    kinds = inner(fields, "modalities")
    words(found, "supported_modalities", kinds.get("input"))
    words(found, "supported_output_modalities", kinds.get("output"))
    tags = fields.get("tags")
    for tag, ability in _ABILITIES.items():
        if isinstance(tags, list) and tag in tags:
            found.fact(ability, "true")


def _day(milliseconds: Any) -> str | None:
    """The day of an instant, which the list gives in milliseconds since 1970."""
    if type(milliseconds) is not int or not 0 < milliseconds < 10**14:
        return None
    return (_EPOCH + timedelta(days=milliseconds // _MILLISECONDS_A_DAY)).isoformat()
