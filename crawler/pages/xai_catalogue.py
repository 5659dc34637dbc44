"""The catalogue of models that xAI's pages carry as JSON in a script.

`globalThis.__XAI_PUBLIC_MODELS__={"clusterConfigs": [{...}]}` holds a list per kind of
model and per cluster of machines. Prices are whole numbers: of a token in ten
thousandths of a dollar per million, of anything else in ten-billionths of a dollar.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from crawler.pages.listing import Book, Price
from tracker.domain.errors import UnreadableBody
from tracker.domain.meters import MILLION, Meter
from tracker.domain.offers import Offer

PROVIDER = "xai"

MARK = "__XAI_PUBLIC_MODELS__"
_START = re.compile(rf"{MARK}\s{{0,9}}=\s{{0,9}}(?=\{{)")

_TICKS = 10_000_000_000
"""What prices of images, seconds and characters are multiplied with."""

_PER_TOKEN = 10_000 * MILLION

_LANGUAGE = {
    "promptTextTokenPrice": Meter("input"),
    "promptImageTokenPrice": Meter("input", "image_token"),
    "cachedPromptTokenPrice": Meter("cache_read"),
    "completionTextTokenPrice": Meter("output"),
}
_LONG = {
    "promptTextTokenPriceLongContext": "promptTextTokenPrice",
    "cachedPromptTokenPriceLongContext": "cachedPromptTokenPrice",
    "completionTokenPriceLongContext": "completionTextTokenPrice",
}
"""Prices of long prompts, and those of short ones that they stand in for."""

_THRESHOLD = "longContextThreshold"
_MEDIA = {
    "imagePrice": Meter("output", "image"),
    "pricePerInputImage": Meter("input", "image"),
    "pricePerInputVideoSecond": Meter("input", "video_second"),
    "pricePerImage": Meter("output", "image"),
    "pricePerSecond": Meter("output", "second"),
    "perCharacter": Meter("input", "character"),
    "perAudioSecond": Meter("input", "second"),
    "perAudioSecondStreaming": Meter(
        "input", "second", qualifiers=(("mode", "streaming"),)
    ),
    "realtimeAudioSecondPrice": Meter("input", "second"),
    "realtimeTextInputPrice": Meter("input", "message"),
}
_NOT_PRICED = frozenset({"realtimeAudioTokenPrice", "pstnMinutePrice"})
"""Numbers that xAI's own price page does not have: seconds restated as tokens, and
telephone lines."""

_FREE_IF_ZERO = frozenset({"promptTextTokenPrice", "completionTextTokenPrice"})
"""On all other fields a zero stands for: has no such thing."""

_RESOLUTION = re.compile(r"(?:IMAGE|VIDEO)_RESOLUTION_(\d{1,4})(?:P(\d))?([KP])")
_PRICEY = re.compile(r"[pP]ric(?:e|ing)|[cC]ost|^per[A-Z]")
_KEY = re.compile(r"[\w.-]{1,80}")
_NOT_A_PRICE = frozenset({"pricing", "resolutionPricing"})
_WHOLE = re.compile(r"\d{1,15}")

_ABILITIES = {
    "functionCalling": "supports_function_calling",
    "structuredOutputs": "supports_response_schema",
    "reasoning": "supports_reasoning",
}

_LISTS = (
    "languageModels",
    "embeddingModels",
    "imageGenerationModels",
    "videoGenerationModels",
    "audioModels",
)


@dataclass(frozen=True, slots=True)
class _Model:
    """One entry of one list of one cluster."""

    key: str
    prices: tuple[Price, ...]
    facts: tuple[tuple[str, str], ...]
    problem: str = ""


def read(book: Book, text: str) -> None:
    """Enter every model of the catalogue in a page.

    Raises:
        UnreadableBody: there is no such catalogue, or it is not understood.
    """
    found: dict[str, _Model] = {}
    for model in _models(book.what, _catalogue(book.what, text)):
        known = found.setdefault(model.key, model)
        if {*known.prices} != {*model.prices}:
            book.hold(model.key, "clusters_differ")
            book.note(f"{model.key}: clusters differ in their prices")
    for key, model in found.items():
        book.offer(key, Offer(PROVIDER, key))
        for price in model.prices:
            book.price(key, price)
        for name, value in model.facts:
            book.fact(key, name, value)
        if model.problem:
            book.hold(key, model.problem)


def _catalogue(what: str, text: str) -> Any:
    starts = [found.end() for found in _START.finditer(text)]
    if len(starts) != 1:
        raise UnreadableBody(f"{what}: {len(starts)} times {MARK}= in a page of HTML")
    try:
        return json.JSONDecoder().raw_decode(text, starts[0])[0]
    except RecursionError:
        raise UnreadableBody(f"{what}: {MARK} is nested too deeply") from None
    except ValueError as fault:
        raise UnreadableBody(f"{what}: {MARK} is not JSON ({fault})") from None


def _models(what: str, top: Any) -> Iterator[_Model]:
    clusters = top.get("clusterConfigs") if isinstance(top, dict) else None
    if not isinstance(clusters, list) or not clusters:
        raise UnreadableBody(f"{what}: {MARK} has no list 'clusterConfigs'")
    for cluster in clusters:
        if not isinstance(cluster, dict):
            raise UnreadableBody(f"{what}: a cluster of {MARK} is no object")
        for name, entries in cluster.items():
            if isinstance(entries, list) and entries and name not in _LISTS:
                raise UnreadableBody(f"{what}: the list {name!r} is not known")
            if name in _LISTS:
                yield from _listed(what, name, entries)


def _listed(what: str, name: str, entries: Any) -> Iterator[_Model]:
    for entry in _objects(what, {name: entries}, name):
        key = entry.get("name")
        if not isinstance(key, str) or not _KEY.fullmatch(key):
            raise UnreadableBody(f"{what}: an entry of {name!r} has no name")
        where = f"{what}: {key}"
        prices = [*_priced(where, entry, name), *_media(where, entry)]
        yield _Model(key, tuple(prices), tuple(_facts(entry)), _problem(entry))


def _priced(where: str, entry: Mapping[str, Any], name: str) -> Iterator[Price]:
    """Prices of tokens, and those for long prompts."""
    above = _number(where, entry, _THRESHOLD) or "0"
    for field, value in entry.items():
        text = _number(where, entry, field) if _is_price(field) else None
        if text is None or (text == "0" and field not in _FREE_IF_ZERO):
            continue
        meter = _LANGUAGE.get(field)
        if field in _LONG and int(above):
            short = _LANGUAGE[_LONG[field]]
            meter = replace(short, context_above=int(above))
        if meter:
            yield Price(meter, text, _PER_TOKEN, text=str(value), field=field)
        elif field not in _LONG and field not in _MEDIA:
            raise UnreadableBody(f"{where}: the price {field!r} of {name} is not known")


def _media(where: str, entry: Mapping[str, Any]) -> Iterator[Price]:
    """Prices of images, seconds and characters, also those by resolution."""
    steps = _objects(where, entry, "resolutionPricing")
    for field in sorted(_MEDIA.keys() & entry.keys()):
        if field != "imagePrice" or not steps:
            yield from _ticks(where, entry, field, ())
    for step in steps:
        _check_known(where, step, {"resolution", "quality"})
        qualifiers = _sizes(where, step)
        for field in sorted(_MEDIA.keys() & step.keys()):
            yield from _ticks(where, step, field, qualifiers)
    for endpoint in _objects(where, entry, "endpoints"):
        pricing = endpoint.get("pricing")
        if isinstance(pricing, dict):
            _check_known(where, pricing, _NOT_PRICED)
            for field in sorted(_MEDIA.keys() & pricing.keys()):
                yield from _ticks(where, pricing, field, ())


def _ticks(
    where: str,
    fields: Mapping[str, Any],
    field: str,
    qualifiers: tuple[tuple[str, str], ...],
) -> Iterator[Price]:
    text = _number(where, fields, field)
    if text is not None and text != "0":
        meter = _MEDIA[field].qualified(qualifiers)
        yield Price(meter, text, _TICKS, text=text, field=field)


def _sizes(where: str, step: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """`IMAGE_RESOLUTION_1P5K` is `1.5k`, `VIDEO_RESOLUTION_720P` is `720p`."""
    found = _RESOLUTION.fullmatch(str(step.get("resolution")))
    quality = step.get("quality", "")
    if found is None or not re.fullmatch(r"[a-z]{0,20}", str(quality)):
        raise UnreadableBody(f"{where}: a price for {str(step)[:80]} is not understood")
    whole, part, unit = found.groups()
    size = f"{whole}{'.' + part if part else ''}{unit.lower()}"
    pairs = {"resolution": size, "quality": str(quality)}
    return tuple(sorted((name, value) for name, value in pairs.items() if value))


def _check_known(where: str, fields: Mapping[str, Any], others: Any) -> None:
    for field in fields:
        if field not in _MEDIA and field not in others:
            raise UnreadableBody(f"{where}: the price {field!r} is not known")


def _objects(where: str, entry: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    value = entry.get(name) or []
    if not isinstance(value, list) or not all(isinstance(v, dict) for v in value):
        raise UnreadableBody(f"{where}: {name!r} is no list of objects")
    return value


def _is_price(field: str) -> bool:
    return field not in _NOT_A_PRICE and bool(_PRICEY.search(field))


def _number(where: str, fields: Mapping[str, Any], field: str) -> str | None:
    """A whole number, which JSON holds as text or as a number; None if not there."""
    value = fields.get(field)
    if value is None:
        return None
    text = str(value) if type(value) is int else value
    if not isinstance(text, str) or not _WHOLE.fullmatch(text):
        raise UnreadableBody(f"{where}: {field!r} is {str(value)[:40]!r}, no price")
    return str(int(text))


def _problem(entry: Mapping[str, Any]) -> str:
    """A higher price for long prompts, and no word from which length on."""
    if str(entry.get(_THRESHOLD) or "0") != "0":
        return ""
    dearer = any(
        str(entry.get(field) or "0") not in ("0", str(entry.get(short)))
        for field, short in _LONG.items()
    )
    return "long_context_without_threshold" if dearer else ""


def _facts(entry: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    most = entry.get("maxPromptLength")
    if type(most) is int and 0 < most < _TICKS:
        yield "max_input_tokens", str(most)
    discount = entry.get("batchDiscountPercent")
    if entry.get("batchEnabled") is True and type(discount) is int and discount:
        yield "batch_discount_percent", str(discount)[:9]
    features = entry.get("features")
    for feature, ability in _ABILITIES.items():
        if isinstance(features, dict) and features.get(feature) is True:
            yield ability, "true"
    aliases = entry.get("aliases")
    if isinstance(aliases, list):
        names = {name for name in aliases if isinstance(name, str)}
        yield "aliases", ", ".join(sorted(filter(_KEY.fullmatch, names)))
