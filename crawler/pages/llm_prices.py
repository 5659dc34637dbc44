"""llm-prices.com: `current-v1.json` and `historical-v1.json`, kept by hand.

Both are `{"prices": [{vendor, id, name, input, output, input_cached}]}` in dollars
per million tokens; in the second each record has the days from `from_date` on and
before `to_date`. The first holds what was in effect on the day it was made, which may
be a price that was only announced; so where the second is at hand, it decides.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from crawler.pages import bundle, jsonbody
from crawler.pages.collector import Collector, Days
from crawler.pages.modellist import leaves
from tracker.domain.errors import UnreadableBody
from tracker.domain.fields import PriceField
from tracker.domain.meters import MILLION, Meter, tokens_number
from tracker.domain.money import NotAPrice, as_decimal
from tracker.domain.offers import Offer
from tracker.domain.quotes import Document, Entry, Statement

_WHAT = "llm-prices"

_VENDORS = {
    "amazon": "amazon_nova",
    "google": "gemini",
    "meta-ai": "meta",
    "moonshot-ai": "moonshot",
    "qwen": "dashscope",
}
"""Vendors that litellm's map calls otherwise; the others keep their name."""

_METERS = {"input": "input", "output": "output", "input_cached": "cache_read"}
_DAYS = ("from_date", "to_date")
_KNOWN = {*_METERS, *_DAYS, "id", "vendor", "name"}

# "Gemini 2.5 Pro >200k" is sold as gemini-2.5-pro, for long prompts; its record has
# the id gemini-2.5-pro-200k. The same with "≤200k" is the price of shorter ones.
_LONG = re.compile(r"(?:>|over )\s?(?P<above>[0-9]{1,6}[km])\b", re.IGNORECASE)
# "gpt-image-2 (image gen) image tokens" is a record of its own: gpt-image-2-image.
_KIND = re.compile(r"\b(?P<kind>text|image|audio|video) tokens\b", re.IGNORECASE)

_ANTHROPIC = re.compile(
    r"claude-(?P<version>[0-9]{1,3}(?:[.-][0-9]{1,3})?)-(?P<family>[a-z]+)(?P<rest>-.*)?"
)
_GEMINI = re.compile(r"gemini-(?P<major>[0-9])-(?P<minor>[0-9])(?=-|$)")


@dataclass(frozen=True, slots=True)
class _Stated:
    """One number of one record.

    Attributes:
        field: where it stood.
        value: the number.
        days: for which it is stated.
    """

    field: str
    value: Any
    days: Days


def parse(body: bytes) -> Document:
    """Read one of the two files, or a bundle of both; a key is `<vendor>/<id>`.

    Raises:
        UnreadableBody: a part is neither of the files, or has no price.
    """
    unpacked = bundle.unpack(body)
    entries: dict[str, dict[str, list[Any]]] = {}
    ignored: list[str] = []
    files: set[str] = set()
    for part in unpacked.parts:
        for place, record in _records(part):
            key = _key(record)
            file = "historical" if _is_dated(record) else "current"
            files.add(file)
            if key:
                entries.setdefault(key, {}).setdefault(file, []).append(record)
            else:
                ignored.append(f"{file}.{place}")
    notes = [f"{' '.join(url.split())} is missing" for url in unpacked.missing]
    if "historical" not in files:
        notes.append(_NO_DAYS)
    return Document(
        entries=dict(entries),
        ignored=tuple(ignored),
        notes=tuple(notes),
        complete=not unpacked.missing,
    )


_NO_DAYS = (
    "without historical-v1.json a price that was only announced cannot be told from "
    "one that holds"
)


def flatten(key: str, entry: Entry) -> Statement:
    """Read all records of one model.

    Prices that are stated for certain days stay dated; `tracker.domain.schedule` picks
    the one of the day. Two that hold on one day and differ are held as a conflict.
    """
    files = entry if isinstance(entry, dict) else {}
    current, dated = _listed(files, "current"), _listed(files, "historical")
    found = Collector()
    name = _name([*current, *dated])
    for column in _METERS:
        meter = _meter(column, name)
        for stated in _settled(column, current, dated):
            how = PriceField(meter, per=MILLION)
            found.price(stated.field, stated.value, meter, how, days=stated.days)
    for place, record in _placed(current, dated):
        _check(found, place, record, name)
    found.fact("name", name or None)
    return found.statement(_offer(key, name))


def _records(part: bundle.Part) -> list[tuple[int, dict[str, Any]]]:
    what = " ".join([_WHAT, *part.url.split()])[:200]
    top = jsonbody.as_object(jsonbody.load(part.body, what=what), what=what)
    records = top.get("prices")
    if not isinstance(records, list) or not records:
        raise UnreadableBody(f"{what}: no list of records under 'prices'")
    if not all(isinstance(record, dict) for record in records):
        raise UnreadableBody(f"{what}: a record under 'prices' is no object")
    for column in ("vendor", "id", "input", "output"):
        if not any(column in record for record in records):
            raise UnreadableBody(f"{what}: no record has {column!r}")
    return list(enumerate(records))


def _is_dated(record: dict[str, Any]) -> bool:
    return any(end in record for end in _DAYS)


def _key(record: dict[str, Any]) -> str:
    vendor, model = record.get("vendor"), record.get("id")
    named = isinstance(vendor, str) and isinstance(model, str) and vendor and model
    return f"{vendor}/{model}" if named else ""


def _listed(files: dict[str, Any], file: str) -> list[dict[str, Any]]:
    records = files.get(file)
    found = records if isinstance(records, list) else []
    return [record for record in found if isinstance(record, dict)]


def _name(records: list[dict[str, Any]]) -> str:
    """Of several names the first in order, so that a new order is not a change."""
    names = (record.get("name") for record in records)
    return min((name for name in names if isinstance(name, str)), default="")


def _placed(
    current: list[dict[str, Any]], dated: list[dict[str, Any]]
) -> Iterator[tuple[str, dict[str, Any]]]:
    for record in current:
        yield "current", record
    for record in dated:
        yield f"historical.{record.get('from_date') or 'begin'}"[:40], record


def _settled(
    column: str, current: list[dict[str, Any]], dated: list[dict[str, Any]]
) -> list[_Stated]:
    """The prices of one column: those with days, if there are any.

    A price of today that is in none of the records with days contradicts them, and so
    does a record without days beside others. All are given without days then, for the
    collector to find whether they differ.
    """
    today = _stated(column, current, [])
    known = _stated(column, [], dated)
    if not known:
        return today
    prices = [_number(stated.value) for stated in known]
    if any(_number(stated.value) not in prices for stated in today):
        return [_Stated(s.field, s.value, (None, None)) for s in (*known, *today)]
    if any(stated.days == (None, None) for stated in known):
        return [_Stated(s.field, s.value, (None, None)) for s in known]
    return known


def _stated(
    column: str, current: list[dict[str, Any]], dated: list[dict[str, Any]]
) -> list[_Stated]:
    return [
        _Stated(f"{place}.{column}", record[column], _days(record) or (None, None))
        for place, record in _placed(current, dated)
        if record.get(column) is not None
    ]


def _days(record: dict[str, Any]) -> Days | None:
    """The days of a record; None if they are no dates or the wrong way round."""
    try:
        first, end = (_day(record.get(name)) for name in _DAYS)
    except ValueError:
        return None
    return None if first and end and end <= first else (first, end)


def _day(text: Any) -> date | None:
    if text is None:
        return None
    if not isinstance(text, str) or not re.fullmatch(r"\d{4}-\d\d-\d\d", text):
        raise ValueError(text)
    return date.fromisoformat(text)


def _number(value: Any) -> Any:
    try:
        return as_decimal(value)
    except NotAPrice:
        return repr(value)


def _check(found: Collector, place: str, record: dict[str, Any], name: str) -> None:
    """Hold what has no readable days, or a name that says that it is another thing;
    keep what has no known column.
    """
    if _days(record) is None:
        raw = " to ".join(repr(record.get(end))[:40] for end in _DAYS)
        found.hold("not_a_date", place, raw)
    own = record.get("name")
    if isinstance(own, str) and _meter("input", own) != _meter("input", name):
        found.hold("conflict", f"{place}.name", f"{name}, {own}"[:200])
    for column in record.keys() - _KNOWN:
        for leaf, value in leaves(f"{place}.{column}", record[column]):
            found.price(leaf, value, None)


def _meter(column: str, name: str) -> Meter:
    long, kind = _LONG.search(name), _KIND.search(name)
    unit = "token"
    if kind and kind["kind"].lower() != "text":
        unit = f"{kind['kind'].lower()}_token"
    above = tokens_number(long["above"].lower()) if long else 0
    return Meter(_METERS[column], unit, context_above=above)


def _offer(key: str, name: str) -> Offer:
    vendor, _, model = key.partition("/")
    long, kind = _LONG.search(name), _KIND.search(name)
    if long:
        model = model.removesuffix(f"-{long['above'].lower()}")
    if kind:
        model = model.removesuffix(f"-{kind['kind'].lower()}")
    return Offer(_VENDORS.get(vendor, vendor), _model(vendor, model, name))


def _model(vendor: str, model: str, name: str) -> str:
    """The model as litellm's map calls it."""
    if vendor == "anthropic":
        return _claude(model)
    if vendor == "amazon" and model.startswith("amazon-nova-"):
        return f"{model.removeprefix('amazon-')}-v1"
    if vendor == "google":
        return _GEMINI.sub(r"gemini-\g<major>.\g<minor>", model)
    if vendor == "minimax" and name.replace(" ", "-").lower() == model:
        return name.replace(" ", "-")
    return model


def _claude(model: str) -> str:
    """`claude-sonnet-4.5` as claude-sonnet-4-5. Up to version 3 the version stood
    before the family, so `claude-4.5-haiku` is claude-haiku-4-5.
    """
    found = _ANTHROPIC.fullmatch(model)
    if found and int(found["version"].split(".")[0].split("-")[0]) > 3:
        version, rest = found["version"], found["rest"] or ""
        model = f"claude-{found['family']}-{version}{rest}"
    return model.replace(".", "-")
