"""OpenRouter's endpoints: who serves a model, and what each of them asks.

`/api/v1/models/AUTHOR/SLUG/endpoints` answers for one model, `{"data": {"id": ...,
"endpoints": [{"tag": ..., "pricing": {...}}]}}`; several such bodies make a bundle.
"""

from typing import Any

from crawler.pages import bundle, jsonbody, modellist, pricecard
from crawler.pages.collector import Collector
from crawler.pages.modellist import fact, inner
from crawler.pages.openrouter import abilities, kinds
from tracker.domain.errors import UnreadableBody
from tracker.domain.offers import Offer
from tracker.domain.quotes import Document, Entry, Statement

_WHAT = "openrouter endpoints"
_PROVIDER = "openrouter"

# What is read of an endpoint. How quick it is and how often it answers changes
# between any two captures and is left out, so that equal offers are equal entries.
_READ = (
    "pricing",
    "provider_name",
    "context_length",
    "max_prompt_tokens",
    "max_completion_tokens",
    "quantization",
    "supported_parameters",
)


def parse(body: bytes) -> Document:
    """Read the endpoints of one model or, from a bundle, of several.

    It never is the whole list: the models are those that somebody asked for, so
    silence about another one proves nothing.

    Raises:
        UnreadableBody: a part is no list of endpoints, or none has a price.
    """
    named: list[tuple[str, Any]] = []
    ignored: list[str] = []
    for part in bundle.unpack(body).parts:
        model, endpoints = _model(part)
        for number, endpoint in enumerate(endpoints):
            tag = _tag(endpoint)
            named.append(
                (f"{model['id']}:{tag}" if tag else "", _kept(model, endpoint))
            )
            ignored += [] if tag else [f"{model['id']}.endpoints.{number}"]
    if not any(inner(entry, "pricing") for key, entry in named if key):
        raise UnreadableBody(f"{_WHAT}: no endpoint in it has a price")
    entries, held, notes = modellist.keyed(named)
    return Document(
        entries=entries,
        held_keys=held,
        ignored=tuple(ignored),
        notes=tuple(notes),
        complete=False,
    )


def flatten(key: str, entry: Entry) -> Statement:
    """Read one endpoint: its prices, what it accepts and how much of it.

    A tag may hold a slash (`deepinfra/fp8`), which in an offer's model would stand
    between a seller and a name; there it is a dash.
    """
    fields = entry if isinstance(entry, dict) else {}
    found = Collector()
    pricecard.read(found, fields.get("pricing"))
    _facts(found, fields)
    tag = fields.get("tag")
    model = key
    if isinstance(tag, str) and tag:
        model = key.removesuffix(tag) + tag.replace("/", "-")
    return found.statement(Offer(_PROVIDER, model))


def _model(part: bundle.Part) -> tuple[dict[str, Any], list[Any]]:
    what = _named(part)
    top = modellist.unwrapped(jsonbody.load(part.body, what=what), what=what)
    model = inner(top, "data")
    endpoints = model.get("endpoints")
    if not modellist.id_of(model) or not isinstance(endpoints, list):
        raise UnreadableBody(f"{what}: no model with a list of endpoints under 'data'")
    return model, endpoints


def _named(part: bundle.Part) -> str:
    """How errors name a part: by its address, if it is known."""
    return " ".join([_WHAT, *part.url.split()])[:200]


def _tag(endpoint: Any) -> str:
    """The endpoint's name; before there were tags, its provider's in the same form."""
    fields = endpoint if isinstance(endpoint, dict) else {}
    tag, provider = fields.get("tag"), fields.get("provider_name")
    if isinstance(tag, str) and tag:
        return tag
    return "-".join(provider.lower().split()) if isinstance(provider, str) else ""


def _kept(model: dict[str, Any], endpoint: Any) -> dict[str, Any]:
    fields = endpoint if isinstance(endpoint, dict) else {}
    kept = {name: fields[name] for name in _READ if name in fields}
    about = {"name": model.get("name"), "architecture": model.get("architecture")}
    return {"tag": _tag(endpoint), **about, **kept}


def _facts(found: Collector, fields: dict[str, Any]) -> None:
    """A `status` of other than 0 is left out: it is how an endpoint does just now."""
    fact(found, "name", fields.get("name"))
    fact(found, "served_by", fields.get("provider_name"))
    most = fields.get("max_prompt_tokens") or fields.get("context_length")
    fact(found, "max_input_tokens", most)
    fact(found, "max_output_tokens", fields.get("max_completion_tokens"))
    if fields.get("quantization") != "unknown":
        fact(found, "quantization", fields.get("quantization"))
    kinds(found, fields)
    abilities(found, fields)
