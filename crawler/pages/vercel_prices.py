"""The price cards of Vercel's AI gateway: which name is for what."""

import itertools
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from crawler.pages.collector import Collector
from crawler.pages.modellist import leaves
from crawler.pages.pricecard import NOTHING, says, stated, unread
from tracker.domain.fields import PriceField
from tracker.domain.meters import MILLION, STANDARD, Meter
from tracker.domain.money import NotAPrice, as_decimal

_TOKENS = {
    "input": Meter("input"),
    "output": Meter("output"),
    "input_cache_read": Meter("cache_read"),
    "input_cache_write": Meter("cache_write"),
    "input_cache_write_1h": Meter("cache_write", qualifiers=(("ttl", "1h"),)),
}

_OTHERS = {
    "audio_input_token_cost": Meter("input", "audio_token"),
    "audio_output_token_cost": Meter("output", "audio_token"),
    "speech_input_character_cost": Meter("input", "character"),
    "transcription_duration_cost_per_second": Meter("input", "second"),
    "realtime_client_message_cost": Meter("input", "message"),
    "realtime_session_duration_cost_per_second": Meter("session", "second"),
}

# Searches are the only prices that are not for one: "10", "14" and "35" are what the
# makers ask in dollars for a thousand. A number below a dollar would be the price of
# one, or of another thing: it is not read then.
_SEARCHES = {
    "web_search": Meter("search", "query"),
    "maps_search": Meter("google_maps_grounding", "query"),
}
_A_THOUSAND = 1000

_SAID = ("varies_by_provider", "peak_pricing")
"""No prices: whether another provider asks another price, and a multiplier by hour."""

_IMAGE = Meter("output", "image")
_IMAGE_TOKEN = Meter("output", "image_token")
_SECOND = Meter("output", "second")
_VIDEO_TOKEN = Meter("output", "video_token")

# Zeros that mean free. On every other name, and on what a type of model does not
# have at all (an embedding has no output, an image none in tokens), a zero fills.
_FREE: dict[Any, tuple[str, ...]] = {
    None: ("input", "output"),
    "language": ("input", "output"),
    "realtime": ("input", "output"),
    "embedding": ("input",),
    "reranking": ("input",),
}

# Beside these, `input` is the same price in another unit: that of a character
# (tts-1: both 0.000015), of a second divided by a million and cut off (whisper-1:
# 0.0000000001 beside 0.0001), or a zero (grok-stt). It is no price of a token.
_INSTEAD_OF_INPUT = (
    "speech_input_character_cost",
    "transcription_duration_cost_per_second",
)

_STEP = frozenset({"cost", "min", "max"})
_TIER = re.compile(r"[a-z0-9_]+")
_PIXELS = re.compile(r"[0-9]{1,6}x[0-9]{1,6}")
_RESOLUTION = re.compile(r"[0-9]{1,3}(?:\.[0-9]{1,2})?k|[0-9]{3,4}p?")
_LONGEST = 40
"""Characters of a word that qualifies a meter (`vector_illustration`)."""


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a price is read: for which type of model, service tier and context."""

    kind: Any
    tier: str = STANDARD
    above: int = 0


def is_known(name: str) -> bool:
    """Whether a card's name is one whose meaning is known."""
    return (
        name.removesuffix("_tiers") in _TOKENS
        or name in (*_OTHERS, *_SEARCHES, *_NESTED)
        or name == "image"
    )


def read(found: Collector, where: str, card: dict[str, Any], kind: Any) -> None:
    """Take a card: every price onto its meter.

    Args:
        found: where they go.
        where: the card's own name.
        card: what it says.
        kind: the type of the model: language, image, ...
    """
    kind = kind if isinstance(kind, str) or kind is None else ""
    place = _Place(kind)
    for name, value in card.items():
        field = f"{where}.{name}"
        if name in _NESTED:
            _NESTED[name](found, field, value, place)
        elif name == "image":
            _image(found, field, value, place)
        elif name in _SAID or (name == "input" and _is_repeated(card)):
            _said(found, field, value)
        elif name in _SEARCHES:
            _search(found, field, value, _SEARCHES[name])
        elif name in _OTHERS:
            _unless_zero(found, field, value, _OTHERS[name])
        else:
            _token(found, field, value, name, place, image="image" in card)


def _is_repeated(card: dict[str, Any]) -> bool:
    return any(name in card for name in _INSTEAD_OF_INPUT)


def _said(found: Collector, field: str, value: Any) -> None:
    """What is no price is kept as facts, a fact for each leaf."""
    for name, leaf in leaves(field, value):
        found.fact(name, leaf)


def _token(
    found: Collector,
    field: str,
    value: Any,
    name: str,
    place: _Place,
    *,
    image: bool = False,
) -> None:
    """A price per token, or its steps by context.

    A model that sells images apiece has no price of a token: the `input` beside it
    (0.000000003 for seedream-5.0-pro) is something else, and unknown.
    """
    base = name.removesuffix("_tiers")
    if base not in _TOKENS or (image and place.kind == "image"):
        unread(found, field, value)
    elif base != name:
        _steps(found, field, value, base, place)
    elif says(value) != NOTHING or name in _FREE.get(place.kind, ()):
        stated(found, field, value, _placed(name, place))


@lru_cache(maxsize=4096)
def _placed(name: str, place: _Place) -> Meter:
    meter = _TOKENS[name]
    if name == "output" and place.kind == "image":
        meter = _IMAGE_TOKEN
    return Meter(meter.component, meter.unit, place.tier, place.above, meter.qualifiers)


def _unless_zero(
    found: Collector,
    field: str,
    value: Any,
    meter: Meter,
    how: PriceField | None = None,
) -> None:
    if says(value) != NOTHING:
        stated(found, field, value, meter, how)


def _image(found: Collector, field: str, value: Any, place: _Place) -> None:
    """Of a model that makes images, the price of one that it makes."""
    if place.kind == "image":
        _unless_zero(found, field, value, _IMAGE)
    elif says(value) != NOTHING:
        unread(found, field, value)


def _search(found: Collector, field: str, value: Any, meter: Meter) -> None:
    if says(value) == NOTHING:
        return
    if _is_for_many(value):
        stated(found, field, value, meter, PriceField(meter, per=_A_THOUSAND))
    else:
        unread(found, field, value)


def _is_for_many(value: Any) -> bool:
    try:
        return as_decimal(value) >= 1
    except NotAPrice:
        return False


def _steps(found: Collector, field: str, value: Any, name: str, place: _Place) -> None:
    """`[{cost, min, max}]`: from `min` tokens on and below `max`."""
    if not _are_steps(value):
        unread(found, field, value)
        return
    for number, step in enumerate(value):
        inside = _Place(place.kind, place.tier, _above(step.get("min", 0)))
        _token(found, f"{field}.{number}.cost", step["cost"], name, inside)


def _are_steps(value: Any) -> bool:
    """Whether a list is steps of which each begins where the one before ends, or one
    beside it (0 to 200001, then from 200001 or 200000).
    """
    if not isinstance(value, list) or not all(_is_step(step) for step in value):
        return False
    pairs = itertools.pairwise(value)
    return all(
        "max" in one and "min" in two and abs(two["min"] - one["max"]) <= 1
        for one, two in pairs
    )


def _is_step(step: Any) -> bool:
    if not isinstance(step, dict) or "cost" not in step or step.keys() - _STEP:
        return False
    if isinstance(step["cost"], dict | list):
        return False
    least, most = step.get("min", 0), step.get("max", 10**12)
    return type(least) is int and type(most) is int and 0 <= least < most <= 10**12


def _above(least: int) -> int:
    """The tokens above which a step holds that begins with `least`.

    200001 is the first above 200000. 272000 is meant as the makers say it, "above
    272K", though it is one token short of that.
    """
    before = least - 1
    return before if before % 1000 == 0 or before % 1024 == 0 else least


def _fast(found: Collector, field: str, value: Any, place: _Place) -> None:
    _in_tier(found, field, value, place, "fast")


def _service_tiers(found: Collector, field: str, value: Any, place: _Place) -> None:
    """`{priority: {input, ..., long_context: {threshold, input, ...}}}`."""
    if not isinstance(value, dict):
        unread(found, field, value)
        return
    for name, card in value.items():
        tier = name.lower().replace("-", "_")
        if _TIER.fullmatch(tier):
            _in_tier(found, f"{field}.{name}", card, place, tier)
        else:
            unread(found, f"{field}.{name}", card)


def _in_tier(found: Collector, field: str, card: Any, place: _Place, tier: str) -> None:
    if not isinstance(card, dict):
        unread(found, field, card)
        return
    for name, value in card.items():
        inside = _Place(place.kind, tier, place.above)
        if name == "long_context":
            _long_context(found, f"{field}.{name}", value, inside)
        else:
            _token(found, f"{field}.{name}", value, name, inside)


def _long_context(found: Collector, field: str, card: Any, place: _Place) -> None:
    threshold = card.get("threshold") if isinstance(card, dict) else None
    if type(threshold) is not int or not 0 < threshold <= 10**12:
        unread(found, field, card)
        return
    inside = _Place(place.kind, place.tier, _above(threshold))
    for name, value in card.items():
        if name != "threshold":
            _token(found, f"{field}.{name}", value, name, inside)


def _images(found: Collector, field: str, value: Any, _: _Place) -> None:
    """`[{size, quality, style, operation, cost}]`: pictures that are made."""
    words = ("size", "quality", "style", "operation")
    _variants(found, field, value, "cost", meter=_IMAGE, words=words)


def _videos(found: Collector, field: str, value: Any, _: _Place) -> None:
    """`[{resolution, mode, audio, voice_control, cost_per_second}]`: films made."""
    words = ("resolution", "mode", "audio", "voice_control")
    _variants(found, field, value, "cost_per_second", meter=_SECOND, words=words)


def _variants(
    found: Collector,
    field: str,
    value: Any,
    price: str,
    *,
    meter: Meter,
    words: tuple[str, ...],
) -> None:
    """A list of prices that differ by the words beside them."""
    if not isinstance(value, list):
        unread(found, field, value)
        return
    for number, variant in enumerate(value):
        where = f"{field}.{number}"
        pairs = _qualifiers(variant, price, words)
        if pairs is None:
            unread(found, where, variant)
        else:
            found_at = meter.qualified(pairs)
            _unless_zero(found, f"{where}.{price}", variant[price], found_at)


def _qualifiers(
    variant: Any, price: str, words: tuple[str, ...]
) -> tuple[tuple[str, str], ...] | None:
    """What a variant's words say of its price; None if one is not known."""
    if not isinstance(variant, dict) or price not in variant:
        return None
    pairs = [(name, value) for name, value in variant.items() if name != price]
    read = [_qualifier(name, value) for name, value in pairs if name in words]
    if len(read) < len(pairs) or None in read:
        return None
    return tuple(pair for pair in read if pair and pair[1])


def _qualifier(name: str, value: Any) -> tuple[str, str] | None:
    """A word in the form in which litellm's map has it; `default` says nothing."""
    if isinstance(value, bool):
        return name, "true" if value else "false"
    if not isinstance(value, str) or not 0 < len(value) <= _LONGEST:
        return None
    text = value.lower()
    if text == "default":
        return name, ""
    if name == "size" and _RESOLUTION.fullmatch(text):
        return "resolution", text
    if name == "resolution" and _PIXELS.fullmatch(text):
        return "size", text
    return name, text


def _video_tokens(found: Collector, field: str, value: Any, _: _Place) -> None:
    """`{no_video_input: {cost_per_million_tokens}, with_video_input: {...}, notes}`, or
    the same by resolution under `tiers`.
    """
    fields = value if isinstance(value, dict) else {}
    steps = fields.get("tiers", [fields])
    if not isinstance(steps, list) or not all(_is_pair(step) for step in steps):
        unread(found, field, value)
        return
    for number, step in enumerate(steps):
        where = f"{field}.tiers.{number}" if "tiers" in fields else field
        _video_pair(found, where, step)


_VIDEO_INPUT = {"no_video_input": "false", "with_video_input": "true"}
_PER_MILLION = "cost_per_million_tokens"


def _is_pair(step: Any) -> bool:
    """Whether a step has nothing but the two prices, a resolution and notes."""
    if not isinstance(step, dict) or not step.keys() & _VIDEO_INPUT.keys():
        return False
    known = {*_VIDEO_INPUT, "resolution", "notes"}
    cards = [step[name] for name in _VIDEO_INPUT if name in step]
    size = _qualifier("resolution", step.get("resolution", "default"))
    return (
        step.keys() <= known
        and size is not None
        and all(isinstance(c, dict) and c.keys() == {_PER_MILLION} for c in cards)
    )


def _video_pair(found: Collector, where: str, step: dict[str, Any]) -> None:
    size = _qualifier("resolution", step.get("resolution", "default"))
    for name, with_video in _VIDEO_INPUT.items():
        if name in step:
            pairs = [pair for pair in [size] if pair and pair[1]]
            meter = _VIDEO_TOKEN.qualified((("video_input", with_video), *pairs))
            field = f"{where}.{name}.{_PER_MILLION}"
            how = PriceField(meter, per=MILLION)
            _unless_zero(found, field, step[name][_PER_MILLION], meter, how)


_Nested = Callable[[Collector, str, Any, _Place], None]

_NESTED: dict[str, _Nested] = {
    "fast": _fast,
    "service_tiers": _service_tiers,
    "image_dimension_quality_pricing": _images,
    "video_duration_pricing": _videos,
    "video_token_pricing": _video_tokens,
}
