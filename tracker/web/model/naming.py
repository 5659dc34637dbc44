"""Meters in words, and the groups in which a page lists them."""

from collections.abc import Mapping
from functools import lru_cache

from tracker.domain.errors import UsageError
from tracker.domain.meters import STANDARD, UNKNOWN, Meter, parse_meter, tokens_text

_COMPONENTS: Mapping[str, str] = {
    "input": "Input",
    "output": "Output",
    "cache_read": "Cached input",
    "cache_write": "Cache write",
    "reasoning": "Reasoning",
    "search": "Web search",
    "google_maps_grounding": "Google Maps grounding",
    "ocr": "OCR",
}
_ORDER = ("input", "output", "cache_read", "cache_write", "reasoning")
_TOOLS = frozenset(
    {"search", "google_maps_grounding", "code_interpreter", "session", "storage"}
)
_MEDIA = {
    "audio": "Audio",
    "image": "Images",
    "pixel": "Images",
    "video": "Video",
    "second": "By the second",
    "character": "Characters",
}
_TOLD = frozenset(
    {"token", "second", "query", "page", "request", "session", "message", "credit"}
)
"""Units that need no word beside the price, which says what it is for."""
_CACHE = frozenset({"cache_read", "cache_write"})
_PLAIN = "Standard"
_GROUPS = (
    *(_PLAIN, "Cache", "Long prompts", "Off-peak", "Audio", "Images", "Video"),
    *("By the second", "Characters", "Tools", "Other", "Not understood"),
)
"""In this order; then service tiers by name."""

_NOTES: Mapping[str, str] = {
    "Long prompts": "Rates for requests with more tokens of context than named.",
    "batch": "For requests that may take a day.",
    "flex": "For requests that may be slow or refused when it is busy.",
    "priority": "For requests that are served first.",
    "Not understood": "Price fields that are kept under the source's own name.",
}


@lru_cache(maxsize=4096)
def meter_of(key: str) -> Meter:
    """A meter by its key; one that cannot be read is unknown under that name."""
    try:
        return parse_meter(key)
    except UsageError:
        return Meter(UNKNOWN, UNKNOWN, qualifiers=(("field", key),))


@lru_cache(maxsize=4096)
def worded(key: str) -> str:
    """A meter in words: `Cached input, above 200k tokens`; its tier is left out."""
    meter = meter_of(key)
    name = _COMPONENTS.get(meter.component)
    parts = [name or meter.component.replace("_", " ").capitalize()]
    if meter.unit not in _TOLD and meter.unit not in parts[0].lower():
        parts[0] += f" {meter.unit.replace('_', ' ').removesuffix(' token')}"
    if meter.context_above:
        parts.append(f"above {tokens_text(meter.context_above)} tokens")
    parts += [_qualified(*pair) for pair in meter.qualifiers]
    return ", ".join(parts)


@lru_cache(maxsize=4096)
def titled(key: str) -> str:
    """The same with its tier: `Input, batch`."""
    meter = meter_of(key)
    tier = "" if meter.tier == STANDARD else f", {meter.tier.replace('_', ' ')}"
    return worded(key) + tier


def _qualified(name: str, value: str) -> str:
    if name == "ttl":
        return f"kept {value}"
    if name == "search_context":
        return f"{value} search context"
    if name == "window":
        return value.replace("_", "-")
    if name in ("resolution", "quality", "field"):
        return value
    if name == "size":
        return value.replace("x", "×")
    return f"{name.replace('_', ' ')} {value}"


def per_words(quantum: int, unit: str) -> str:
    """What a price is for: `1M tokens`, `1M audio tokens`, `image`."""
    word = unit.replace("_", " ")
    if quantum == 1:
        return word
    return f"1M {word}s" if quantum == 10**6 else f"{quantum:,} {word}s"


@lru_cache(maxsize=4096)
def group_of(key: str) -> str:
    """The heading that a meter is listed under."""
    meter = meter_of(key)
    if UNKNOWN in (meter.unit, meter.component):
        return "Not understood"
    if meter.tier != STANDARD:
        return meter.tier.replace("_", " ").capitalize()
    if ("window", "off_peak") in meter.qualifiers:
        return "Off-peak"
    if meter.component in _TOOLS:
        return "Tools"
    return _medium(meter) or _textual(meter)


def _medium(meter: Meter) -> str:
    kind = next((kind for kind in _MEDIA if meter.unit.startswith(kind)), None)
    return _MEDIA[kind] if kind else ""


def _textual(meter: Meter) -> str:
    if meter.context_above:
        return "Long prompts"
    if meter.component in _CACHE:
        return "Cache"
    return _PLAIN if meter.component in _ORDER else "Other"


def group_note(group: str) -> str:
    """What a heading means, where that is not plain; empty otherwise."""
    return _NOTES.get(group) or _NOTES.get(group.lower(), "")


def group_place(group: str) -> tuple[int, str]:
    """Where a heading stands: the usual ones in order, then tiers by name."""
    known = group in _GROUPS
    return (_GROUPS.index(group) if known else len(_GROUPS)), group


@lru_cache(maxsize=4096)
def meter_place(key: str) -> tuple[int, int, int, str]:
    """Where a meter stands in its group: by context, component, unit."""
    meter = meter_of(key)
    known = meter.component in _ORDER
    place = _ORDER.index(meter.component) if known else len(_ORDER)
    return meter.context_above, place, len(meter.qualifiers), key
