"""OpenRouter's list of models: `{"data": [{id, pricing, ...}]}`.

Its prices are those of the endpoint it routes to by default; `openrouter_endpoints`
reads what each endpoint asks.
"""

from typing import Any

from crawler.pages import modellist, pricecard
from crawler.pages.collector import Collector
from crawler.pages.modellist import fact, inner, words
from tracker.domain.errors import UnreadableBody
from tracker.domain.offers import Offer
from tracker.domain.quotes import Document, Entry, Statement

_WHAT = "openrouter models"
_PROVIDER = "openrouter"

_NEVER = "2098-12-31"
"""The expiration date of a model that has none."""

_FACTS = {
    "name": "name",
    "canonical_slug": "canonical_slug",
    "hugging_face_id": "hugging_face_id",
    "context_length": "max_input_tokens",
    "knowledge_cutoff": "knowledge",
}

_ABILITIES = {
    "tools": "supports_function_calling",
    "tool_choice": "supports_tool_choice",
    "parallel_tool_calls": "supports_parallel_function_calling",
    "structured_outputs": "supports_response_schema",
    "reasoning": "supports_reasoning",
}
"""Parameters a model accepts and the ability each proves. `response_format` is not
one: it also means JSON without a schema (21 of 356 models in 2026-08)."""


def parse(body: bytes) -> Document:
    """Read the list.

    Raises:
        UnreadableBody: not a JSON list of priced models.
    """
    models = modellist.load(body, what=_WHAT)
    named = [(modellist.id_of(model), model) for model in models.listed]
    if not any("pricing" in model for key, model in named if key):
        raise UnreadableBody(f"{_WHAT}: no entry of it has a price")
    return modellist.document(models, named, ignored=modellist.nameless(models))


def flatten(key: str, entry: Entry) -> Statement:
    """Read one entry: every price onto its meter, what matters of the rest as facts."""
    fields = entry if isinstance(entry, dict) else {}
    found = Collector()
    pricecard.read(found, fields.get("pricing"))
    _facts(found, fields)
    return found.statement(Offer(_PROVIDER, key))


def _facts(found: Collector, fields: dict[str, Any]) -> None:
    """Description, creation date, benchmarks and links are left out: they change
    (486 descriptions in the series) without anything being sold differently.
    """
    for name, means in _FACTS.items():
        fact(found, means, fields.get(name))
    best = inner(fields, "top_provider")
    fact(found, "max_output_tokens", best.get("max_completion_tokens"))
    fact(found, "alias_target", inner(fields, "alias_target").get("slug"))
    if fields.get("expiration_date") != _NEVER:
        fact(found, "deprecation_date", fields.get("expiration_date"))
    kinds(found, fields)
    abilities(found, fields)


def kinds(found: Collector, fields: dict[str, Any]) -> None:
    """What goes in and comes out: text, image, ..."""
    stated = inner(fields, "architecture")
    words(found, "supported_modalities", stated.get("input_modalities"))
    words(found, "supported_output_modalities", stated.get("output_modalities"))


def abilities(found: Collector, fields: dict[str, Any]) -> None:
    """What the accepted parameters prove."""
    accepted = fields.get("supported_parameters")
    for parameter, ability in _ABILITIES.items():
        if isinstance(accepted, list) and parameter in accepted:
            found.fact(ability, "true")
