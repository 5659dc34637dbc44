"""Numbers copied from a sibling: another region, the maker, a parent model."""

from collections.abc import Iterator
from datetime import timedelta

from tracker.domain.chronicle import price_at, price_before
from tracker.domain.families import (
    MAKERS,
    PLATFORMS,
    are_alike,
    is_alias,
    is_variant,
    same_stem,
)
from tracker.domain.rules.case import Case, Finding, correction

TOGETHER = timedelta(days=45)
"""Within this time sellers of one model follow each other."""

MARKUPS = (1.1, 1.2, 1.2 / 1.1, 1.21, 1.3)
"""What one region charges over another: 10 % on Azure's data zones and AWS's
regional profiles, 20 % in GovCloud, 21 % in Tokyo, 30 % in some EU regions."""


def region_mixup(case: Case) -> Finding | None:
    """A region's surcharge put on, or taken off, another region's key, while the
    maker's own price stood still.
    """
    ratio = case.step.ratio
    if case.provider not in PLATFORMS or not case.step.old:
        return None
    if not any(
        abs(ratio / m - 1) < 0.004 or abs(ratio * m - 1) < 0.004 for m in MARKUPS
    ):
        return _other_regions_price(case)
    makers = case.book.makers_peers(case.step)
    if case.moved_alike(makers, TOGETHER, timedelta(0)):
        return None
    return correction("copied", 0.75, surcharge=f"{max(ratio, 1 / ratio):.4g}")


def _other_regions_price(case: Case) -> Finding | None:
    """Other regions of the model stated the old and the new price all the time."""
    step, source = case.step, case.step.source
    offer = case.book.offers[source, step.key]
    olds = news = False
    for key in case.book.by_provider[source, offer.provider]:
        if key == step.key or case.book.offers[source, key].model != offer.model:
            continue
        series = case.book.of(source, key, step.meter)
        known = (p for p in series if case.hindsight or p.start <= step.at)
        said = {period.nano for period in known}
        olds = olds or step.old in said
        steady = bool(series) and series[0].start <= case.was.start
        now = price_at(series, step.at) == step.new
        news = news or (steady and now and step.old not in said)
    if olds and news:
        return correction("copied", 0.7, of="another region")
    return None


def left_the_list_price(case: Case) -> Finding | None:
    """A cloud's price of audio or images leaves the maker's, which stands still.

    It had been copied. (Text prices of clouds often move before the maker's.)
    """
    step, source = case.step, case.step.source
    media = case.meter.unit in ("audio_token", "image_token")
    if case.provider not in PLATFORMS or not media:
        return None
    for key in case.book.makers_peers(step):
        series = case.book.of(source, key, step.meter)
        if price_before(series, step.at) == price_at(series, step.at) == step.old:
            return correction("copied", 0.6, of=key)
    return None


def copied_from_sibling(case: Case) -> Finding | None:
    """A maker's variant leaves the price of another variant of the same model; or
    one rate of its card moves alone and leaves that of a model with a like name.
    """
    step, source = case.step, case.step.source
    if case.provider not in MAKERS or is_alias(step.key):
        return None
    model = case.book.offers[source, step.key].model
    alone = _moved_alone(case)
    for key in _still_at_old_price(case):
        other = case.book.offers[source, key].model
        if same_stem(model, other) or (alone and are_alike(model, other)):
            return correction("copied", 0.55, of=key)
    return None


def _moved_alone(case: Case) -> bool:
    """Whether input or output moved, and the rest of the card did not."""
    moved = [m for m in _CARD if case.before.get(m) != case.after.get(m)]
    return moved == [case.step.meter] and case.step.meter != "cache_read"


_CARD = ("input", "output", "cache_read")


def _still_at_old_price(case: Case) -> Iterator[str]:
    """Keys of the same seller that had the old price before and have it after."""
    step, source = case.step, case.step.source
    place = (source, case.provider, step.meter, step.old)
    for key in case.book.priced_alike.get(place, ()):
        series = case.book.of(source, key, step.meter)
        stood = price_before(series, step.at) == price_at(series, step.at) == step.old
        if key != step.key and stood:
            yield key


def copied_from_parent(case: Case) -> Finding | None:
    """A variant was born with the price of the model it is named after."""
    step, source = case.step, case.step.source
    model = case.book.offers[source, step.key].model
    for key in _still_at_old_price(case):
        if is_variant(model, case.book.offers[source, key].model):
            return correction("copied", 0.65, of=key)
    return None
