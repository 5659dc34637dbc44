"""OpenRouter's price card, which other sellers use as well: `{prompt, completion}`.

Prices are decimal texts in dollars per token, query, request or image, and a router
writes "-1" where its price depends on the model it picks. Long prompts and hours of
the day have prices of their own in `overrides`.
"""

from functools import lru_cache
from typing import Any

from crawler.pages.collector import Collector
from crawler.pages.modellist import leaves
from tracker.domain.fields import PriceField
from tracker.domain.meters import Meter, unknown_meter
from tracker.domain.money import NotAPrice, as_decimal

DYNAMIC = "dynamic"
"""What the fact `pricing:<meter>` says where a router has no price of its own."""

NOTHING = "nothing"
"""What a zero says where it is no price."""

PRICED = "a price"
"""What every other value says, or would have to."""

_IMAGE = Meter("input", "image")
_IMAGE_TOKEN = Meter("input", "image_token")

_METERS = {
    "prompt": Meter("input"),
    "completion": Meter("output"),
    "input_cache_read": Meter("cache_read"),
    "input_cache_write": Meter("cache_write"),
    "input_cache_write_1h": Meter("cache_write", qualifiers=(("ttl", "1h"),)),
    "internal_reasoning": Meter("reasoning"),
    "request": Meter("input", "request"),
    "web_search": Meter("search", "query"),
    "image": _IMAGE,
    "image_output": Meter("output", "image_token"),
    "audio": Meter("input", "audio_token"),
    "audio_output": Meter("output", "audio_token"),
    "input_audio_cache": Meter("cache_read", "audio_token"),
}

# `image` has been per image and per token. In 81 bodies (2024-09 to 2026-08) it is
# not zero 3,218 times: 3,022 times it is 256 to 48,167 times `prompt` (an image of so
# many tokens), 193 times it equals `prompt` (a token; but for two models, since
# 2026-01-25), and 3 times it is 1/1445 of it or beside a free prompt, an upstream
# slip too small to be kept as a price. The size alone does not tell: gemini-2.0-flash
# had 0.0000258 an image (258 tokens), gpt-5-image 0.00001 a token.
_IMAGE_IS_MORE_TOKENS_THAN = 16

# On these two a zero means free; on every other key it is a filler. Read as free, the
# fillers would make 3,394 events beside 2,224 others: 1,301 zeros that appear (caches
# in 2025-03, `audio` in 2025-08) and 2,093 that vanish (2025-04, 2025-08, 2026-01-18
# to 2026-02-15), nothing having been sold for nothing. The 139 steps between zero and
# a price are keys filled in late or another endpoint being served: cache reads of
# glm-4.6v went 0.00000005, 0, none, 0.000000055, web search of claude-opus-4 went
# 0, 0.01, 0, 0.01, 0, 0.01. They become introduced and withdrawn rates.
_ZERO_IS_FREE = ("prompt", "completion")

_LONG_PROMPT = "min_prompt_tokens"
_FROM, _UNTIL = "utc_start", "utc_end"
_CONDITIONS = (_LONG_PROMPT, _FROM, _UNTIL)


def read(found: Collector, pricing: Any) -> None:
    """Take a card: every price onto its meter, what is no price as a fact."""
    if not isinstance(pricing, dict):
        unread(found, "pricing", pricing)
        return
    for name, value in pricing.items():
        field = f"pricing.{name}"
        if name == "overrides":
            _overrides(found, field, value, pricing)
        elif name == "discount" and not isinstance(value, dict | list):
            found.fact(name, value)
        elif name not in _METERS:
            unread(found, field, value)
        elif name in _ZERO_IS_FREE or says(value) != NOTHING:
            stated(found, field, value, _meter(name, pricing))


def _meter(name: str, pricing: dict[str, Any]) -> Meter | None:
    if name == "image" and _is_per_token(pricing["image"], pricing.get("prompt")):
        return _IMAGE_TOKEN
    return _METERS.get(name)


def _is_per_token(image: Any, prompt: Any) -> bool:
    try:
        price, token = as_decimal(image), as_decimal(prompt)
    except NotAPrice:
        return False
    most = _IMAGE_IS_MORE_TOKENS_THAN
    return token < price * most and price < token * most


def stated(
    found: Collector,
    field: str,
    value: Any,
    meter: Meter | None,
    how: PriceField | None = None,
) -> None:
    """One value: a price, a router's "-1", or what is no number at all.

    Args:
        found: where it goes.
        field: where it stood.
        value: what stood there.
        meter: what it is for; None if its name could not be read.
        how: it counts, if not per unit.
    """
    if isinstance(value, dict | list):
        unread(found, field, value)
    elif says(value) == DYNAMIC:
        found.fact(f"pricing:{(meter or unknown_meter(field)).key}", DYNAMIC)
    else:
        found.price(field, value if meter else _counted(value), meter, how)


def says(value: Any) -> str:
    """What a value says besides its amount: `NOTHING`, `DYNAMIC`, or `PRICED`."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return PRICED
    return _says_text(value if isinstance(value, str) else repr(value))


@lru_cache(maxsize=4096)
def _says_text(text: str) -> str:
    try:
        number = as_decimal(text)
    except NotAPrice:
        return PRICED
    if number == 0:
        return NOTHING
    return DYNAMIC if number == -1 else PRICED


def _counted(value: Any) -> Any:
    """A text that is a number as that number, since only numbers count as unknown."""
    if not isinstance(value, str):
        return value
    try:
        return float(as_decimal(value))
    except NotAPrice:
        return value


def unread(found: Collector, field: str, value: Any) -> None:
    """Keep every leaf of a value that has no known meaning, under its own name."""
    for name, leaf in leaves(field, value):
        stated(found, name, leaf, None)


def _overrides(
    found: Collector, field: str, value: Any, pricing: dict[str, Any]
) -> None:
    """Prices that hold above a prompt's length or within hours of the day."""
    if not isinstance(value, list):
        unread(found, field, value)
        return
    for number, step in enumerate(value):
        where = f"{field}.{number}"
        if isinstance(step, dict) and _is_understood(step):
            _override(found, where, step, pricing)
        else:
            unread(found, where, step)


def _override(
    found: Collector, where: str, step: dict[str, Any], pricing: dict[str, Any]
) -> None:
    prices = {**pricing, **step}
    for part, value in step.items():
        if part not in _CONDITIONS:
            meter = _meter(part, prices)
            stated(found, f"{where}.{part}", value, meter and _placed(meter, step))


def _is_understood(step: dict[str, Any]) -> bool:
    """Whether every condition of the step is known.

    Prices are texts and conditions are not, so a number under an unknown name is a
    condition that the prices beside it depend on: none of them is believed then.
    """
    others = step.keys() - _METERS.keys() - {*_CONDITIONS}
    if not all(isinstance(step[name], str) for name in others):
        return False
    if _LONG_PROMPT in step and not _is_whole(step[_LONG_PROMPT], 1, 10**12):
        return False
    if _FROM in step or _UNTIL in step:
        return all(_is_whole(step.get(end), 0, 2400) for end in (_FROM, _UNTIL))
    return _LONG_PROMPT in step


def _is_whole(value: Any, least: int, most: int) -> bool:
    return type(value) is int and least <= value <= most


def _placed(meter: Meter, step: dict[str, Any]) -> Meter:
    """The meter where the step's conditions hold."""
    above, qualifiers = step.get(_LONG_PROMPT, 0), meter.qualifiers
    if _FROM in step:
        window = ("window", f"{step[_FROM]:04d}-{step[_UNTIL]:04d}")
        qualifiers = tuple(sorted({*qualifiers, window}))
    return Meter(meter.component, meter.unit, meter.tier, above, qualifiers)
