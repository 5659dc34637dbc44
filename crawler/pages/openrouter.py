"""OpenRouter's list of models: `{"data": [{id, pricing, ...}]}`.

Prices are decimal texts in dollars per token, query, request or image, and a router
writes "-1" where its price depends on the model it picks. Long prompts and hours of
the day have prices of their own in `overrides`.
"""

from collections import Counter
from functools import lru_cache
from typing import Any

from crawler.pages import jsonbody
from crawler.pages.collector import Collector
from tracker.domain.errors import UnreadableBody
from tracker.domain.meters import Meter, unknown_meter
from tracker.domain.money import NotAPrice, as_decimal
from tracker.domain.offers import Offer
from tracker.domain.quotes import Document, Entry, Statement

DYNAMIC = "dynamic"
"""What the fact `pricing:<meter>` says where a router has no price of its own."""

_WHAT = "openrouter models"
_PROVIDER = "openrouter"

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
    top = _unwrapped(jsonbody.load(body, what=_WHAT))
    models = top.get("data")
    if not isinstance(models, list) or not models:
        raise UnreadableBody(f"{_WHAT}: no list of models under 'data'")
    named = [(_id_of(model), model) for model in models]
    entries: dict[str, Entry] = {key: model for key, model in named if key}
    if not any("pricing" in model for key, model in named if key):
        raise UnreadableBody(f"{_WHAT}: no entry of it has a price")
    twice = _stated_twice(named, entries)
    notes = [f"id {key!r} occurs twice" for key in sorted(twice)]
    return Document(
        entries=entries,
        held_keys={key: "duplicate_key" for key, same in twice.items() if not same},
        ignored=tuple(f"data.{n}" for n, (key, _) in enumerate(named) if not key),
        notes=(*notes, *_cut_short(top, len(models))),
    )


def flatten(key: str, entry: Entry) -> Statement:
    """Read one entry: every price onto its meter, what matters of the rest as facts."""
    fields = entry if isinstance(entry, dict) else {}
    found = Collector()
    _prices(found, fields.get("pricing"))
    _facts(found, fields)
    return found.statement(Offer(_PROVIDER, key))


def _unwrapped(top: Any) -> dict[str, Any]:
    """The list itself, also where a capturer put it into `{url, body: {...}}`."""
    fields = jsonbody.as_object(top, what=_WHAT)
    inner = fields.get("body")
    return inner if "data" not in fields and isinstance(inner, dict) else fields


def _id_of(model: Any) -> str:
    key = model.get("id") if isinstance(model, dict) else None
    return key if isinstance(key, str) else ""


def _stated_twice(
    named: list[tuple[str, Any]], entries: dict[str, Entry]
) -> dict[str, bool]:
    """Ids that occur twice or more, with whether all say the same."""
    twice: dict[str, bool] = {}
    if sum(1 for key, _ in named if key) == len(entries):
        return twice
    times = Counter(key for key, _ in named)
    for key, model in named:
        if key and times[key] > 1:
            twice[key] = twice.get(key, True) and _same(model, entries[key])
    return twice


def _same(one: Any, other: Any) -> bool:
    try:
        return bool(one == other)
    except RecursionError:
        return False


def _cut_short(top: dict[str, Any], listed: int) -> list[str]:
    """Signs that the list goes on elsewhere, so that its silence proves nothing."""
    links, total = top.get("links"), top.get("total_count")
    notes = []
    if isinstance(links, dict) and links.get("next"):
        notes.append("the list goes on on another page")
    if isinstance(total, int) and total > listed:
        notes.append(f"{listed} of {total} models listed")
    return notes


def _prices(found: Collector, pricing: Any) -> None:
    if not isinstance(pricing, dict):
        _unread(found, "pricing", pricing)
        return
    for name, value in pricing.items():
        field = f"pricing.{name}"
        if name == "overrides":
            _overrides(found, field, value, pricing)
        elif name == "discount" and not isinstance(value, dict | list):
            found.fact(name, value)
        elif name not in _METERS:
            _unread(found, field, value)
        elif name in _ZERO_IS_FREE or _says(value) != "nothing":
            _stated(found, field, value, _meter(name, pricing))


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


def _stated(found: Collector, field: str, value: Any, meter: Meter | None) -> None:
    """One value: a price, a router's "-1", or what is no number at all."""
    if isinstance(value, dict | list):
        _unread(found, field, value)
    elif _says(value) == DYNAMIC:
        found.fact(f"pricing:{(meter or unknown_meter(field)).key}", DYNAMIC)
    else:
        found.price(field, value if meter else _counted(value), meter)


def _says(value: Any) -> str:
    """What a value says besides its amount: `nothing`, `dynamic`, or `a price`."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return "a price"
    return _says_text(value if isinstance(value, str) else repr(value))


@lru_cache(maxsize=4096)
def _says_text(text: str) -> str:
    try:
        number = as_decimal(text)
    except NotAPrice:
        return "a price"
    if number == 0:
        return "nothing"
    return DYNAMIC if number == -1 else "a price"


def _counted(value: Any) -> Any:
    """A text that is a number as that number, since only numbers count as unknown."""
    if not isinstance(value, str):
        return value
    try:
        return float(as_decimal(value))
    except NotAPrice:
        return value


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
            _stated(found, name, part, None)


def _overrides(
    found: Collector, field: str, value: Any, pricing: dict[str, Any]
) -> None:
    """Prices that hold above a prompt's length or within hours of the day."""
    if not isinstance(value, list):
        _unread(found, field, value)
        return
    for number, step in enumerate(value):
        where = f"{field}.{number}"
        if isinstance(step, dict) and _is_understood(step):
            _override(found, where, step, pricing)
        else:
            _unread(found, where, step)


def _override(
    found: Collector, where: str, step: dict[str, Any], pricing: dict[str, Any]
) -> None:
    prices = {**pricing, **step}
    for part, value in step.items():
        if part not in _CONDITIONS:
            meter = _meter(part, prices)
            _stated(found, f"{where}.{part}", value, meter and _placed(meter, step))


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


def _facts(found: Collector, fields: dict[str, Any]) -> None:
    """Description, creation date, benchmarks and links are left out: they change
    (486 descriptions in the series) without anything being sold differently.
    """
    for name, fact in _FACTS.items():
        _fact(found, fact, fields.get(name))
    best = _inner(fields, "top_provider")
    _fact(found, "max_output_tokens", best.get("max_completion_tokens"))
    _fact(found, "alias_target", _inner(fields, "alias_target").get("slug"))
    if fields.get("expiration_date") != _NEVER:
        _fact(found, "deprecation_date", fields.get("expiration_date"))
    kinds = _inner(fields, "architecture")
    _list(found, "supported_modalities", kinds.get("input_modalities"))
    _list(found, "supported_output_modalities", kinds.get("output_modalities"))
    accepted = fields.get("supported_parameters")
    for parameter, ability in _ABILITIES.items():
        if isinstance(accepted, list) and parameter in accepted:
            found.fact(ability, "true")


def _inner(fields: dict[str, Any], name: str) -> dict[str, Any]:
    value = fields.get(name)
    return value if isinstance(value, dict) else {}


def _fact(found: Collector, name: str, value: Any) -> None:
    """An empty text or a zero is how the source says that it does not know."""
    if isinstance(value, str | int) and value:
        found.fact(name, value)


def _list(found: Collector, name: str, value: Any) -> None:
    """Sorted, so that a new order is not a change."""
    words = [w for w in value if isinstance(w, str)] if isinstance(value, list) else []
    if words:
        found.fact(name, sorted(words))
