"""The rows of Google's price page: a kind of use each, priced in the paid column.

Most rows hold for all models of their section; those that begin with a name
(`Veo 3.1 Fast video with audio price`) for one of them.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal

from crawler.pages import amounts
from crawler.pages.google_gemini_cells import Rate, rates
from crawler.pages.grid import plain
from crawler.pages.listing import Book, Price
from tracker.domain.errors import UnreadableBody
from tracker.domain.meters import Meter

_TOKENS = re.compile(
    r"(?:(?P<kind>text|image|audio|video) )?(?P<component>input|output) price"
    r"(?: \((?:including thinking tokens|(?:text|image|video|audio|[ /,])+)\))?"
)
_OTHERS = {
    "context caching price": "cache_read",
    "context caching (storage)": "storage",
    "image generation pricing": "output",
    "image price": "output",
    "video price": "output",
}
_SEARCHES = {
    "grounding with google search": "search",
    "grounding with google web and image search": "search",
    "grounding with google maps": "google_maps_grounding",
}
_NOT_PRICED = ("tuning price", "used to improve our products")

_NAMED = re.compile(
    r"[a-z0-9. -]{1,60}?(?: image price"
    r"| video(?: with audio)? price(?: \(default\))?"
    r"| \([a-z0-9 ]{1,20}\))"
)
_PLAINEST = "standard"
"""What a row calls the model whose id has no word of its own."""

_QUOTA = re.compile(
    r"(?P<count>\d[\d,]{0,11}) (?:free )?(?:search )?"
    r"(?:(?:requests|prompts|queries) per (?P<span>month|day)|rpd)"
)
_HOURLY = (("per", "hour"),)

_WHOLE_IMAGE = 100
"""An image's price that is this many times below the text's beside it, in a column of
prices per million tokens, is one for a whole image."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a row stands, and what its table says of all its prices.

    Attributes:
        page: how errors name the page.
        heading: of the section.
        ids: of the models it is for.
        tier: the service tier.
        unit, per: what the paid column's prices are for.
        label: the row's.
    """

    page: str
    heading: str
    ids: tuple[str, ...]
    tier: str
    unit: str
    per: int
    label: str

    @property
    def where(self) -> str:
        """For messages."""
        return f"{self.page}: {self.field}"

    @property
    def field(self) -> str:
        """For the record."""
        return f"{self.heading} › {self.tier} › {self.label}"


def read(book: Book, place: Place, paid: str) -> None:
    """Enter what a row says.

    Args:
        book: where to.
        place: which row it is.
        paid: its cell in the paid column, without footnote marks.

    Raises:
        UnreadableBody: the row or its cell is not understood.
    """
    label = plain(place.label)
    tokens = _TOKENS.fullmatch(label)
    if tokens:
        _priced(book, place, paid, tokens["component"], tokens["kind"] or "")
    elif label in _OTHERS:
        _priced(book, place, paid, _OTHERS[label])
    elif label in _SEARCHES:
        _searches(book, place, paid, _SEARCHES[label])
    elif label in _NOT_PRICED or not amounts.moneys(paid):
        book.ignore(place.field)
    elif place.unit != "token" and _NAMED.fullmatch(label):
        _priced(book, replace(place, ids=(_variant(place),)), paid, "output")
    else:
        raise UnreadableBody(f"{place.where}: the row is not understood")


def _variant(place: Place) -> str:
    """The id that a row with a name means: `Veo 3.1 Fast video price` is the one of
    its section's ids with `fast` in it, the `Standard` one that without such a word.
    """
    words = [frozenset(re.split(r"[-.]", key)) for key in place.ids]
    common = frozenset.intersection(*words)
    own = [{w for w in mine - common if w.isalpha()} for mine in words]
    label = plain(place.label)
    said = {*re.split(r"[ ().-]", label)} & {word for mine in own for word in mine}
    chosen = [key for key, mine in zip(place.ids, own, strict=True) if mine == said]
    told = said or _PLAINEST in label or len(place.ids) == 1
    if len(chosen) != 1 or not told:
        ids = ", ".join(place.ids)
        raise UnreadableBody(f"{place.where}: which of {ids} is not told")
    return chosen[0]


def _searches(book: Book, place: Place, paid: str, component: str) -> None:
    """So much per 1,000 searches, once the free ones are used up."""
    meter = Meter(component, "query", place.tier)
    if not amounts.moneys(paid):
        _state(book, place, meter, paid)
        return
    found = rates(paid, where=place.where, led=True)
    if len(found) != 1 or found[0].unit not in ("query", "prompt"):
        raise UnreadableBody(f"{place.where}: {paid[:80]!r} is no price of searches")
    if found[0].unit == "prompt":
        meter = replace(meter, unit="request")
    _put(book, place, _price(place, paid, meter, found[0]))
    quota = _QUOTA.search(plain(paid))
    if quota:
        count = quota["count"].replace(",", "")
        value = f"{count} per {quota['span'] or 'day'}"
        for key in place.ids:
            book.fact(key, f"free_quota:{meter.key}", value)


def _priced(
    book: Book, place: Place, paid: str, component: str, kind: str = ""
) -> None:
    kinds = (kind,) if kind else ()
    if not amounts.moneys(paid):
        _state(book, place, _meter(component, _units(kinds, place)[0], place), paid)
        return
    found = [
        replace(rate, kinds=rate.kinds or kinds)
        for rate in rates(paid, where=place.where)
    ]
    stated = [
        (rate, meter)
        for rate in found
        if not rate.same
        for meter in _meters(place, component, rate)
    ]
    _check_unlike(place, paid, stated)
    _restated(book, place, component, found)
    for rate, meter in stated:
        if _is_for_whole_images(rate, meter, stated):
            book.note(f"{place.where}: {rate.amount} is taken for no price per token")
        else:
            _put(book, place, _price(place, paid, meter, rate))


def _meters(place: Place, component: str, rate: Rate) -> Iterator[Meter]:
    """What one amount is for: several kinds of tokens, or sizes of pictures."""
    if rate.unit == "token_hour":
        yield _meter("storage", "token", place)
    elif component == "storage":
        raise UnreadableBody(f"{place.where}: a price of storage without hours")
    elif rate.unit in ("image", "song") or (not rate.unit and place.unit != "token"):
        for size in rate.sizes or ("",):
            yield _meter(component, rate.unit or place.unit, place, size)
    elif rate.sizes or rate.unit not in ("", "token"):
        raise UnreadableBody(f"{place.where}: {rate.amount} is not for tokens")
    else:
        for unit in _units(rate.kinds, place):
            yield Meter(component, unit, place.tier, rate.above)


def _units(kinds: tuple[str, ...], place: Place) -> list[str]:
    """What text is among costs as text does; the rest are tokens of their own."""
    if place.unit != "token":
        return [place.unit]
    if not kinds or "text" in kinds:
        return ["token"]
    return [f"{kind}_token" for kind in kinds]


def _meter(component: str, unit: str, place: Place, size: str = "") -> Meter:
    qualifiers = (("resolution", size),) if size else ()
    if component == "storage":
        qualifiers = _HOURLY
    return Meter(component, unit, place.tier, qualifiers=qualifiers)


def _price(place: Place, paid: str, meter: Meter, rate: Rate) -> Price:
    return Price(
        meter,
        rate.amount,
        rate.per if rate.unit else place.per,
        rate.currency,
        text=paid,
        field=place.field,
        effective_from=rate.effective_from,
        effective_to=rate.effective_to,
    )


def _check_unlike(place: Place, paid: str, stated: list[tuple[Rate, Meter]]) -> None:
    """Two prices of one meter for the same days mean that what tells them apart was
    not understood.
    """
    seen = [(meter, rate.effective_from, rate.effective_to) for rate, meter in stated]
    if len({*seen}) != len(seen):
        raise UnreadableBody(f"{place.where}: two prices for one thing: {paid[:80]!r}")


def _is_for_whole_images(
    rate: Rate, meter: Meter, stated: list[tuple[Rate, Meter]]
) -> bool:
    if meter.unit != "image_token":
        return False
    text = [Decimal(r.amount) for r, m in stated if m.unit == "token"]
    return any(Decimal(rate.amount) * _WHOLE_IMAGE < price for price in text)


def _restated(book: Book, place: Place, component: str, found: list[Rate]) -> None:
    """Prices restated by the minute, second or frame are rounded: facts, no prices."""
    told: dict[str, list[str]] = {}
    for rate in found:
        for unit in _units(rate.kinds, place) if rate.same else ():
            meter = Meter(component, unit, place.tier)
            told.setdefault(meter.key, []).append(f"{rate.amount} USD {rate.same}")
    for meter_key, texts in told.items():
        for key in place.ids:
            book.fact(key, f"equivalent:{meter_key}", "; ".join(texts))


def _put(book: Book, place: Place, price: Price) -> None:
    for key in place.ids:
        book.price(key, price)


def _state(book: Book, place: Place, meter: Meter, paid: str) -> None:
    """What stands in a price's place: a word, perhaps with the reason in brackets."""
    state = amounts.state_of(re.sub(r" ?\([^()]*\)$", "", paid))
    if state is None:
        raise UnreadableBody(f"{place.where}: no price in {paid[:80]!r}")
    for key in place.ids:
        if state == amounts.FREE:
            free = Price(meter, "0", meter.quantum, text=paid, field=place.field)
            book.price(key, free)
        elif state:
            book.state(key, meter, state)
