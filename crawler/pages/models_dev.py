"""models.dev's api.json: `{provider: {models: {id: {cost, limit, ...}}}}`.

Prices are numbers in dollars per million tokens. Long contexts have prices of their
own, in `tiers` and, before those, in `context_over_200k`; other modes of a model
(`fast`) have theirs in `experimental`.
"""

import re
from functools import lru_cache
from typing import Any

from crawler.pages import jsonbody
from crawler.pages.collector import Collector
from tracker.domain.errors import UnreadableBody
from tracker.domain.fields import PriceField
from tracker.domain.meters import MILLION, STANDARD, Meter
from tracker.domain.models_dev_keys import offer_of
from tracker.domain.quotes import Document, Entry, Statement

_WHAT = "models.dev api.json"
_OLD_THRESHOLD = 200_000

_BILLED = {
    "input": ("input", "token"),
    "output": ("output", "token"),
    "cache_read": ("cache_read", "token"),
    "cache_write": ("cache_write", "token"),
    "reasoning": ("reasoning", "token"),
    "input_audio": ("input", "audio_token"),
    "output_audio": ("output", "audio_token"),
}

# `last_updated` is not among them: it is typed by hand whenever the file is touched.
# In the 14 bodies of 2026 it moved 386 times, 7 times alone, and with only 172 of
# the 297 changed prices: it neither says that a price changed nor when.
_FACTS = {
    "name": "name",
    "family": "family",
    "attachment": "attachment",
    "knowledge": "knowledge",
    "release_date": "release_date",
    "open_weights": "open_weights",
    "status": "status",
    "tool_call": "supports_function_calling",
    "reasoning": "supports_reasoning",
    "structured_output": "supports_response_schema",
}

_TIER_WORD = re.compile(r"[a-z0-9_]+")


def parse(body: bytes) -> Document:
    """Read the catalogue; entries are keyed `<provider>/<model id>`.

    The body is written by a program out of a directory of files, so that no key can
    occur twice in it.

    Raises:
        UnreadableBody: not a JSON object of providers with models.
    """
    providers = jsonbody.as_object(jsonbody.load(body, what=_WHAT), what=_WHAT)
    ignored = [name for name, about in providers.items() if not _inner(about, "models")]
    named = {
        f"{provider}/{model}": entry
        for provider, about in providers.items()
        for model, entry in _inner(about, "models").items()
    }
    entries: dict[str, Entry] = {k: e for k, e in named.items() if isinstance(e, dict)}
    ignored += [key for key in named if key not in entries]
    if not entries:
        raise UnreadableBody(f"{_WHAT}: no provider in it has models")
    return Document(entries=entries, ignored=tuple(sorted(ignored)))


def flatten(key: str, entry: Entry) -> Statement:
    """Read one entry: every price onto its meter, what matters of the rest as facts."""
    fields = entry if isinstance(entry, dict) else {}
    found = Collector()
    _cost(found, "cost", fields.get("cost"))
    _modes(found, fields.get("experimental"))
    _facts(found, fields)
    return found.statement(offer_of(key))


def _cost(found: Collector, where: str, cost: Any, tier: str = STANDARD) -> None:
    """A card: its prices, and those that hold for long contexts."""
    if not isinstance(cost, dict):
        _unread(found, where, cost)
        return
    for name, value in cost.items():
        field = f"{where}.{name}"
        if name == "tiers":
            _tiers(found, field, value, tier)
        elif name != "context_over_200k":
            _price(found, field, value, _read(name, tier, 0))
        elif isinstance(value, dict) and not _repeats(value, cost.get("tiers")):
            _above(found, field, value, tier, _OLD_THRESHOLD)
        elif not isinstance(value, dict):
            _unread(found, field, value)


def _repeats(old: dict[str, Any], tiers: Any) -> bool:
    """Whether a tier says the same: `context_over_200k` is kept for old readers of
    the catalogue, and then names 200k whatever the tier's own threshold is.
    """
    steps = tiers if isinstance(tiers, list) else []
    return any(
        _threshold(step) and all(_equal(step.get(name), old[name]) for name in old)
        for step in steps
    )


def _equal(one: Any, other: Any) -> bool:
    return not isinstance(one, dict | list) and bool(one == other)


def _tiers(found: Collector, where: str, value: Any, tier: str) -> None:
    """A list of `{tier: {type: context, size: 200000}, <prices>}`."""
    if not isinstance(value, list):
        _unread(found, where, value)
        return
    for number, step in enumerate(value):
        above = _threshold(step)
        if above:
            prices = {name: price for name, price in step.items() if name != "tier"}
            _above(found, f"{where}.{number}", prices, tier, above)
        else:
            _unread(found, f"{where}.{number}", step)


def _threshold(step: Any) -> int:
    """From how many tokens of context on the step holds; 0 if it does not say."""
    kind = step.get("tier") if isinstance(step, dict) else None
    if not isinstance(kind, dict) or kind.get("type") != "context":
        return 0
    size = kind.get("size")
    return size if type(size) is int and 0 < size < 10**12 else 0


def _above(
    found: Collector, where: str, prices: dict[str, Any], tier: str, above: int
) -> None:
    for name, value in prices.items():
        _price(found, f"{where}.{name}", value, _read(name, tier, above))


def _modes(found: Collector, experimental: Any) -> None:
    """`{modes: {fast: {cost: {...}}}}`: the same model, served in another tier."""
    for name, mode in _inner(experimental, "modes").items():
        cost = mode.get("cost") if isinstance(mode, dict) else None
        where, tier = f"experimental.modes.{name}.cost", name.lower().replace("-", "_")
        if _TIER_WORD.fullmatch(tier):
            _cost(found, where, cost, tier)
        else:
            _unread(found, where, cost)


@lru_cache(maxsize=4096)
def _read(name: str, tier: str, above: int) -> PriceField | None:
    if name not in _BILLED:
        return None
    component, unit = _BILLED[name]
    return PriceField(Meter(component, unit, tier, above), per=MILLION)


def _price(found: Collector, field: str, value: Any, read: PriceField | None) -> None:
    if read is None or isinstance(value, dict | list):
        _unread(found, field, value)
    else:
        found.price(field, value, read.meter, read)


def _unread(found: Collector, field: str, value: Any) -> None:
    """Keep every leaf of a value that has no known meaning, under its own name."""
    rest = [(field, value)]
    while rest:
        name, part = rest.pop()
        if isinstance(part, dict):
            rest += [(f"{name}.{key}", inner) for key, inner in part.items()]
        elif isinstance(part, list):
            rest += [(f"{name}.{number}", inner) for number, inner in enumerate(part)]
        else:
            found.price(name, part, None)


def _facts(found: Collector, fields: dict[str, Any]) -> None:
    for name, fact in _FACTS.items():
        _fact(found, fact, fields.get(name))
    limit = _inner(fields, "limit")
    # `context` is prompt and answer together where `input` is stated beside it.
    _fact(found, "max_input_tokens", limit.get("input") or limit.get("context") or None)
    _fact(found, "max_output_tokens", limit.get("output") or None)
    kinds = _inner(fields, "modalities")
    _list(found, "supported_modalities", kinds.get("input"))
    _list(found, "supported_output_modalities", kinds.get("output"))


def _inner(fields: Any, name: str) -> dict[str, Any]:
    value = fields.get(name) if isinstance(fields, dict) else None
    return value if isinstance(value, dict) else {}


def _fact(found: Collector, name: str, value: Any) -> None:
    if isinstance(value, str | int) and value != "":
        found.fact(name, value)


def _list(found: Collector, name: str, value: Any) -> None:
    """Sorted, so that a new order is not a change."""
    words = [w for w in value if isinstance(w, str)] if isinstance(value, list) else []
    if words:
        found.fact(name, sorted(words))
