"""The grammar of price field names, as litellm's map writes them.

A field name says what its number is for:

    cache_creation_input_token_cost_above_1hr_above_200k_tokens_flex
    ^ component and unit             ^ ttl      ^ context        ^ tier

It is read left to right: component and unit, then thresholds, resolutions and
sizes, then a service tier. Words are listed, never whole names, so a new
combination of known words is read without a change here, and a word not met
before at the end of a name is a service tier (`_ultrafast`, `_balanced`) if the
entry has the same field without it.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

from tracker.domain.meters import STANDARD, Meter, tokens_number

DBU = "DBU"
"""Databricks units: a currency of its own, never converted."""

_COMPONENTS = {
    "": "input",
    "input": "input",
    "output": "output",
    "cache_creation_input": "cache_write",
    "cache_read_input": "cache_read",
    "reasoning": "reasoning",
    "annotation": "annotation",
    "citation": "citation",
    "ocr": "ocr",
    "search": "search",
    "web_search": "search",
    "search_context": "search",
    "code_interpreter": "code_interpreter",
    "file_search": "file_search",
    "vector_store": "vector_store",
    "google_maps_grounding": "google_maps_grounding",
    "grounding": "grounding",
    "guardrail": "guardrail",
    "session": "session",
    "storage": "storage",
}

_PREFIXES = {
    "explicit_": ("cache", "explicit"),
    "implicit_": ("cache", "implicit"),
    "computer_use_": ("tool", "computer_use"),
}

_UNITS = {
    "token": "token",
    "reasoning_token": "token",
    "audio_token": "audio_token",
    "image_token": "image_token",
    "video_token": "video_token",
    "character": "character",
    "pixel": "pixel",
    "image": "image",
    "video": "video",
    "audio_per_second": "audio_second",
    "video_per_second": "video_second",
    "second": "second",
    "minute": "minute",
    "hour": "hour",
    "page": "page",
    "query": "query",
    "request": "request",
    "call": "call",
    "session": "session",
    "credit": "credit",
    "unit": "unit",
    "text_message": "message",
    "message": "message",
    "gb_per_day": "gb_day",
}

_UNIT_WORDS = "|".join(sorted(_UNITS, key=len, reverse=True))
_MODALITY_TOKENS = r"(?:audio_|image_|video_)?token"

_HEAD = re.compile(
    rf"(?P<component>[a-z_]*?)_?"
    rf"(?:(?P<counted>{_MODALITY_TOKENS})_)?cost"
    rf"(?:_per_(?:(?P<many>[1-9][0-9]{{0,8}}k?)_)?(?P<unit>{_UNIT_WORDS})(?P<plural>s?))?"
    rf"(?=_|$)"
)

_TIERS = {
    "batch": "batch",
    "batches": "batch",
    "batch_requests": "batch",
    "flex": "flex",
    "priority": "priority",
}

_MODIFIERS = [
    ("context", re.compile(r"_above_([0-9]{1,9}[km]?)_tokens(?=_|$)")),
    ("ttl", re.compile(r"_above_([0-9]+)(hr|h|min|d)(?=_|$)")),
    ("interval_above", re.compile(r"_above_([0-9]+s)_interval(?=_|$)")),
    ("size_above", re.compile(r"_above_([0-9]+)_and_([0-9]+)_pixels(?=_|$)")),
    ("quality", re.compile(r"(?:_and)?_(premium)_image(?=_|$)")),
    ("cache_hit", re.compile(r"_cache_hit(?=_|$)")),
    ("resolution", re.compile(r"_([0-9]+p|[0-9]+(?:\.[0-9]+)?k|[0-9]{3,4})(?=_|$)")),
    ("tier", re.compile(r"_(batch_requests|batches|batch|flex|priority)(?=_|$)")),
]

_NEW_TIER = re.compile(r"_([a-z]+)")


@dataclass(frozen=True, slots=True)
class PriceField:
    """What a price field's name says.

    Attributes:
        meter: what is billed.
        per: how many units the stated number is for (1, or 1000 for `per_1k_...`).
        currency: USD, or DBU where the name says so.
        base: the field that must stand in the same entry for the name to be
            read this way (a tier word met for the first time), else empty.
    """

    meter: Meter
    per: int = 1
    currency: str = "USD"
    base: str = ""


@lru_cache(maxsize=8192)
def looks_like_price(name: str) -> bool:
    """Whether a field is about money at all, readable or not."""
    words = name.lower().split("_")
    return any(w in ("cost", "costs", "price", "prices", "pricing") for w in words)


@lru_cache(maxsize=8192)
def read_field(name: str) -> PriceField | None:
    """Read a field's name; None if the grammar does not cover it."""
    head = _HEAD.match(name)
    if head is None:
        return None
    start = _component_and_unit(head)
    return None if start is None else _with_modifiers(start, name, head.end())


def _component_and_unit(head: re.Match[str]) -> PriceField | None:
    words, qualifiers, currency = head["component"], [], "USD"
    for prefix, qualifier in _PREFIXES.items():
        if words.startswith(prefix):
            words = words.removeprefix(prefix)
            qualifiers.append(qualifier)
    if words in ("input_dbu", "output_dbu", "output_db"):
        words, currency = words.split("_")[0], DBU
        qualifiers.append(("billed_in", "dbu"))
    component = _COMPONENTS.get(words)
    unit = _unit(head)
    if component is None or unit is None:
        return None
    if component == "output" and head["unit"] == "reasoning_token":
        component = "reasoning"
    meter = Meter(component, unit, qualifiers=tuple(sorted(qualifiers)))
    return PriceField(meter, per=_per(head["many"]), currency=currency)


def _unit(head: re.Match[str]) -> str | None:
    """One of `..._token_cost` and `cost_per_token`; both only if they refine."""
    counted, named = head["counted"], head["unit"]
    if counted and named:
        return _UNITS[named] if counted == "token" else None
    word = counted or named
    return _UNITS[word] if word else None


def _per(many: str | None) -> int:
    return tokens_number(many) if many else 1


def _with_modifiers(start: PriceField, name: str, at: int) -> PriceField | None:
    meter, base = start.meter, ""
    component, context, tier = meter.component, 0, STANDARD
    qualifiers = dict(meter.qualifiers)
    while at < len(name):
        found = _modifier(name, at)
        if found is None:
            new_tier = _NEW_TIER.fullmatch(name, at)
            if new_tier is None or tier != STANDARD:
                return None
            tier, base = new_tier[1], name[:at]
            break
        kind, value, at = found
        if kind == "cache_hit" and component == "input":
            component = "cache_read"
        elif kind == "context" and not context:
            context = tokens_number(value)
        elif kind == "tier" and tier == STANDARD:
            tier = _TIERS[value]
        elif kind in ("cache_hit", "context", "tier") or kind in qualifiers:
            return None
        else:
            qualifiers[kind] = value
    pairs = tuple(sorted(qualifiers.items()))
    read = Meter(component, meter.unit, tier, context, pairs)
    return PriceField(read, per=start.per, currency=start.currency, base=base)


def _modifier(name: str, at: int) -> tuple[str, str, int] | None:
    lowered = name.lower()
    for kind, pattern in _MODIFIERS:
        found = pattern.match(lowered, at)
        if found:
            return kind, _modifier_value(kind, found), found.end()
    return None


def _modifier_value(kind: str, found: re.Match[str]) -> str:
    if kind == "ttl":
        return found[1] + found[2].removesuffix("r")
    if kind == "size_above":
        return f"{found[1]}x{found[2]}"
    return found[1] if found.lastindex else ""
