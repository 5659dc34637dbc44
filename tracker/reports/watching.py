"""What a subscription watches: globs on models, providers and meters."""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from fnmatch import translate
from typing import Any

from tracker.reports.settings import Subscription
from tracker.reports.wording import short

Row = Mapping[str, Any]


def offer_text(row: Row) -> str:
    """What a row is about: `azure/gpt-4o@eu`."""
    name = f"{row['provider']}/{row['model']}"
    return f"{name}@{row['region']}" if row["region"] else name


def watcher(subscription: Subscription) -> Callable[[Row], bool]:
    """Whether a row's offer is watched; a row without an offer is everyone's."""
    models, providers = _any(subscription.models), _any(subscription.providers)

    def watched(row: Row) -> bool:
        if not row["provider"]:
            return True
        if not providers(row["provider"].lower()):
            return False
        return any(map(models, _names(row)))

    return watched


def _names(row: Row) -> tuple[str, str, str]:
    """What an offer may be called in a glob, in small letters."""
    model, plain = row["model"].lower(), f"{row['provider']}/{row['model']}".lower()
    return model, plain, offer_text(row).lower()


def meter_watcher(subscription: Subscription) -> Callable[[str], bool]:
    """Whether a meter is watched."""
    return _any(subscription.meters)


def unmatched(
    subscription: Subscription,
    offers: Collection[Row],
    meters: Collection[str],
    billed: Mapping[str, Collection[str]],
) -> Iterator[str]:
    """What a subscription names and is nowhere, in words: most likely a slip.

    Args:
        subscription: what somebody wrote.
        offers: all that was ever sold.
        meters: all that ever had a price.
        billed: the meters that offers of the mix are billed by, by offer.
    """
    if not offers:
        return
    names = [name for row in offers for name in _names(row)]
    sellers = {row["provider"].lower() for row in offers}
    places = (
        ("provider", subscription.providers, sellers),
        ("model", (*subscription.models, *subscription.immediate), names),
        ("meter", subscription.meters, meters),
    )
    wrong = [
        f'no {what} matches "{short(glob)}"'
        for what, globs, known in places
        for glob in dict.fromkeys(globs)
        if glob != "*" and not any(map(_any([glob]), known))
    ]
    yield from wrong
    if not wrong and not any(map(watcher(subscription), offers)):
        yield "no model of these providers matches"
    for offer, amounts in subscription.mix.items():
        if offer not in billed:
            yield f'no offer is called "{short(offer)}", which the mix names'
        for meter in amounts if offer in billed else ():
            if meter not in billed[offer]:
                told = f'"{short(meter)}", which the mix names'
                yield f"{short(offer)} is not billed by {told}"


def _any(globs: Iterable[str]) -> Callable[[str], bool]:
    """Whether any of some globs matches a text, which is in small letters; brackets
    are no sets here, since names hold them.
    """
    wanted = [glob.lower().replace("[", "[[]") for glob in globs]
    if "*" in wanted:
        return lambda _: True
    pattern = re.compile("|".join(map(translate, wanted)) or r"(?!)")
    return lambda text: pattern.match(text) is not None
