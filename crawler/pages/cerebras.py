"""Cerebras' public list of models, with price cards as OpenRouter writes them."""

from typing import Any

from crawler.pages import modellist, pricecard
from crawler.pages.collector import Collector
from crawler.pages.modellist import fact, inner
from tracker.domain.errors import UnreadableBody
from tracker.domain.offers import Offer
from tracker.domain.quotes import Document, Entry, Statement

_WHAT = "cerebras models"
_PROVIDER = "cerebras"

# The cards are OpenRouter's; these names, which OpenRouter's own list does not have,
# tell that the list is Cerebras'.
_OWN = ("limits", "capabilities")

_ABILITIES = {
    "function_calling": "supports_function_calling",
    "tool_choice": "supports_tool_choice",
    "parallel_tool_calls": "supports_parallel_function_calling",
    "structured_outputs": "supports_response_schema",
    "reasoning": "supports_reasoning",
    "vision": "supports_vision",
}

_STATES = ("deprecated", "preview")


def parse(body: bytes) -> Document:
    """Read the list.

    Raises:
        UnreadableBody: not Cerebras' list of priced models.
    """
    models = modellist.load(body, what=_WHAT)
    named = [(modellist.id_of(model), model) for model in models.listed]
    read = [model for key, model in named if key]
    if not any(inner(model, own) for model in read for own in _OWN):
        raise UnreadableBody(
            f"{_WHAT}: no entry has {' or '.join(_OWN)}, so it is another list"
        )
    if not any("prompt" in inner(model, "pricing") for model in read):
        raise UnreadableBody(f"{_WHAT}: no entry of it has a price for its prompt")
    return modellist.document(models, named, ignored=modellist.nameless(models))


def flatten(key: str, entry: Entry) -> Statement:
    """Read one entry: every price onto its meter, what matters of the rest as facts."""
    fields = entry if isinstance(entry, dict) else {}
    found = Collector()
    pricecard.read(found, fields.get("pricing"))
    _facts(found, fields)
    return found.statement(Offer(_PROVIDER, key))


def _facts(found: Collector, fields: dict[str, Any]) -> None:
    """The parameters that are accepted are left out: they repeat the capabilities."""
    fact(found, "name", fields.get("name"))
    fact(found, "hugging_face_id", fields.get("hugging_face_id"))
    limits = inner(fields, "limits")
    fact(found, "max_input_tokens", limits.get("max_context_length"))
    fact(found, "max_output_tokens", limits.get("max_completion_tokens"))
    states = [state for state in _STATES if fields.get(state) is True]
    fact(found, "status", " ".join(states))
    able = inner(fields, "capabilities")
    for capability, ability in _ABILITIES.items():
        if isinstance(able.get(capability), bool):
            found.fact(ability, able[capability])
