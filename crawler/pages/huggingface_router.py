"""Hugging Face's router: `{"data": [{id, providers: [{provider, pricing}]}]}`.

It passes a request on to one of a model's providers and asks what that one asks, in
dollars per million tokens. Callers pick one as `<model>:<provider>`, which names the
offer here, too. Many providers state no price.
"""

from typing import Any

from crawler.pages import modellist
from crawler.pages.collector import Collector
from crawler.pages.modellist import fact, inner, leaves
from crawler.pages.openrouter import kinds
from crawler.pages.pricecard import NOTHING, says
from tracker.domain.errors import UnreadableBody
from tracker.domain.fields import PriceField
from tracker.domain.meters import MILLION, Meter
from tracker.domain.offers import Offer
from tracker.domain.quotes import Document, Entry, Statement

_WHAT = "huggingface router models"
_PROVIDER = "huggingface"

_METERS = {
    name: PriceField(meter, per=MILLION)
    for name, meter in {
        "input": Meter("input"),
        "output": Meter("output"),
        "cache_read": Meter("cache_read"),
        "cache_write": Meter("cache_write"),
    }.items()
}

_ABILITIES = {
    "supports_tools": "supports_function_calling",
    "supports_structured_output": "supports_response_schema",
}

# What is read of a route. Latency and throughput are measured anew for every answer
# and are left out, so that equal offers are equal entries.
_READ = ("pricing", "context_length", "status", "is_free", *_ABILITIES)


def parse(body: bytes) -> Document:
    """Read the list; a key is `<model>:<provider>`.

    Raises:
        UnreadableBody: not the router's list, or no price in it.
    """
    models = modellist.load(body, what=_WHAT)
    named: list[tuple[str, Any]] = []
    ignored = modellist.nameless(models)
    for number, model in enumerate(models.listed):
        routes = model.get("providers") if modellist.id_of(model) else []
        if not isinstance(routes, list):
            ignored.append(f"data.{number}")
            continue
        for place, route in enumerate(routes):
            key = _key(model, route)
            named.append((key, _kept(model, route)))
            ignored += [] if key else [f"data.{number}.providers.{place}"]
    if not named:
        raise UnreadableBody(f"{_WHAT}: no model in it has a list of providers")
    cards = [inner(entry, "pricing") for key, entry in named if key]
    if not any(name in card for card in cards for name in _METERS):
        raise UnreadableBody(f"{_WHAT}: no provider in it has a price")
    return modellist.document(models, named, ignored=ignored)


def flatten(key: str, entry: Entry) -> Statement:
    """Read one route: its prices, and what matters of the rest as facts."""
    fields = entry if isinstance(entry, dict) else {}
    found = Collector()
    _prices(found, fields)
    if fields.get("status") != "live":
        fact(found, "status", fields.get("status"))
    if fields.get("is_free") is True:
        found.fact("is_free", "true")
    fact(found, "max_input_tokens", fields.get("context_length"))
    kinds(found, fields)
    for stated, ability in _ABILITIES.items():
        if isinstance(fields.get(stated), bool):
            found.fact(ability, fields[stated])
    return found.statement(Offer(_PROVIDER, key))


def _key(model: dict[str, Any], route: Any) -> str:
    provider = route.get("provider") if isinstance(route, dict) else None
    named = isinstance(provider, str) and provider
    return f"{model['id']}:{provider}" if named else ""


def _kept(model: dict[str, Any], route: Any) -> dict[str, Any]:
    fields = route if isinstance(route, dict) else {}
    kept = {name: fields[name] for name in _READ if name in fields}
    return {"architecture": model.get("architecture"), **kept}


def _prices(found: Collector, fields: dict[str, Any]) -> None:
    """No card says nothing. A zero is a price, but not where the same entry says that
    the route is not free.
    """
    card = fields.get("pricing")
    if not isinstance(card, dict):
        _unread(found, "pricing", card)
        return
    for name, value in card.items():
        field = f"pricing.{name}"
        how = _METERS.get(name)
        if how is None or isinstance(value, dict | list):
            _unread(found, field, value)
        elif says(value) == NOTHING and fields.get("is_free") is False:
            found.hold("conflict", field, "a price of 0, and is_free is false")
        else:
            found.price(field, value, how.meter, how)


def _unread(found: Collector, field: str, value: Any) -> None:
    for name, leaf in leaves(field, value):
        found.price(name, leaf, None)
