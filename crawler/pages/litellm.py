"""litellm's model-price map: a JSON object, one entry per model key.

Prices are floats in dollars per unit, in fields whose names are a grammar
(`tracker.domain.fields`); some are nested. Everything else in an entry is a fact.
"""

from functools import lru_cache
from typing import Any

from crawler.pages import duplicates, jsonbody
from crawler.pages.collector import Collector
from tracker.domain.errors import UnreadableBody
from tracker.domain.fields import PriceField, looks_like_price, read_field
from tracker.domain.litellm_keys import NOT_OFFERS, Qualifiers, read_key
from tracker.domain.meters import Meter
from tracker.domain.money import NotAPrice, amount
from tracker.domain.offers import Offer
from tracker.domain.quotes import Document, Entry, Quote, Statement

_WHAT = "litellm map"
_IDENTITY = "litellm_provider"
_NESTED_NAMES = {"guardrail_cost_per_unit": "policy"}
_CONTEXT_SIZE = "search_context_size_"


def parse(body: bytes) -> Document:
    """Read the map.

    Raises:
        UnreadableBody: not a JSON object of entries.
    """
    entries = jsonbody.as_object(jsonbody.load(body, what=_WHAT), what=_WHAT)
    ignored = [key for key in NOT_OFFERS if key in entries]
    ignored += [key for key, e in entries.items() if not isinstance(e, dict)]
    aside = frozenset(ignored)
    kept = {k: e for k, e in entries.items() if k not in aside} if aside else entries
    if not kept:
        raise UnreadableBody(f"{_WHAT}: no entry of it is a model")
    twice = duplicates.keys_stated_twice(body, entries)
    return Document(
        entries=kept,
        held_keys={k: "duplicate_key" for k, same in twice.items() if not same},
        ignored=tuple(sorted(ignored)),
        notes=tuple(f"key {key!r} occurs twice" for key in sorted(twice)),
    )


def flatten(key: str, entry: Entry) -> Statement:
    """Read one entry: every price field onto its meter, the rest as facts."""
    fields = entry if isinstance(entry, dict) else {}
    offer, qualifiers = _identity(key, fields)
    found = Collector(qualifiers)
    for name, value in fields.items():
        if name in _CONTAINERS:
            _CONTAINERS[name](found, name, value)
        elif looks_like_price(name):
            quote = _plain_quote(name, value) if type(value) is float else None
            if quote is None or qualifiers:
                _price(found, fields, name, value)
            else:
                found.quote(quote)
        elif name != _IDENTITY:
            found.fact(name, value)
    return found.statement(offer)


@lru_cache(maxsize=16384)
def _plain_quote(name: str, value: float) -> Quote | None:
    """The quote of a number in a field that can be read by its name alone.

    Most of a map is such fields, with few distinct numbers among them; None sends
    a field the long way.
    """
    read = read_field(name)
    if read is None or read.base:
        return None
    try:
        stated = amount(value, quantum=read.meter.quantum, per=read.per)
    except NotAPrice:
        return None
    nano, exact = stated.nano, stated.exact
    return Quote(read.meter, nano, read.currency, exact, repr(value), name)


def _identity(key: str, fields: dict[str, Any]) -> tuple[Offer, Qualifiers]:
    stated = fields.get(_IDENTITY)
    if not isinstance(stated, str) or not stated:
        stated = key.partition("/")[0] if "/" in key else "unknown"
    return read_key(key, stated)


def _read(fields: dict[str, Any], name: str) -> PriceField | None:
    """A field's name; a new tier word only beside the same field without it."""
    read = read_field(name)
    return None if read is not None and read.base and read.base not in fields else read


def _price(found: Collector, fields: dict[str, Any], name: str, value: Any) -> None:
    """A field of the entry itself: a number, or a number per variant."""
    read = _read(fields, name)
    if isinstance(value, dict):
        word = _NESTED_NAMES.get(name, "variant")
        for part, number in value.items():
            meter = read.meter.qualified(((word, _snake(part)),)) if read else None
            found.price(f"{name}.{part}", number, meter, read)
    else:
        found.price(name, value, read.meter if read else None, read)


def _search_context(found: Collector, name: str, value: Any) -> None:
    """`{search_context_size_low: 0.035, ...}`: dollars per query and size."""
    if not isinstance(value, dict):
        _price(found, {}, name, value)
        return
    for part, number in value.items():
        size = part.removeprefix(_CONTEXT_SIZE)
        meter = Meter("search", "query", qualifiers=(("search_context", size),))
        found.price(f"{name}.{part}", number, meter, None)


def _tiered(found: Collector, name: str, value: Any) -> None:
    """A list of `{range: [from, to], <price fields>}`, by tokens of context, or
    by the number of results of a search.
    """
    if not isinstance(value, list):
        found.price(name, value, None, None)
        return
    for number, step in enumerate(value):
        if not isinstance(step, dict):
            found.price(f"{name}.{number}", step, None, None)
            continue
        for part, price in step.items():
            if part in ("range", "max_results_range"):
                continue
            read = _read(step, part) if looks_like_price(part) else None
            meter = _stepped(read.meter, step) if read else None
            found.price(f"{name}.{number}.{part}", price, meter, read)


def _stepped(meter: Meter, step: dict[str, Any]) -> Meter | None:
    if _is_range(step.get("range")):
        low = int(step["range"][0])
        if meter.context_above or low < 0:
            return None
        return Meter(meter.component, meter.unit, meter.tier, low, meter.qualifiers)
    if _is_range(step.get("max_results_range")):
        low, high = (int(end) for end in step["max_results_range"])
        return meter.qualified((("results", f"{low}-{high}"),))
    return None


def _is_range(value: Any) -> bool:
    return (
        isinstance(value, list)
        and len(value) == 2
        and all(isinstance(e, int | float) and abs(e) < 1e12 for e in value)
    )


def _off_peak(found: Collector, name: str, value: Any) -> None:
    """Price fields that hold in a time window; the window itself is a fact."""
    if not isinstance(value, dict):
        found.price(name, value, None, None)
        return
    rest = {}
    for part, number in value.items():
        if not looks_like_price(part):
            rest[part] = number
            continue
        read = _read(value, part)
        meter = read.meter.qualified((("window", "off_peak"),)) if read else None
        found.price(f"{name}.{part}", number, meter, read)
    if rest:
        found.fact(name, rest)


_CONTAINERS = {
    "search_context_cost_per_query": _search_context,
    "tiered_pricing": _tiered,
    "off_peak_pricing": _off_peak,
}


def _snake(name: str) -> str:
    """`contentPolicyImageUnits` as `content_policy_image_units`."""
    return "".join(f"_{c.lower()}" if c.isupper() else c for c in name).lstrip("_")
