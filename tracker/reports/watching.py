"""What a subscription watches: globs on models, providers and meters."""

import re
from collections.abc import Callable, Iterable, Mapping
from fnmatch import translate
from typing import Any

from tracker.reports.settings import Subscription

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
        names = (row["model"], f"{row['provider']}/{row['model']}", offer_text(row))
        return any(models(name.lower()) for name in names)

    return watched


def meter_watcher(subscription: Subscription) -> Callable[[str], bool]:
    """Whether a meter is watched."""
    return _any(subscription.meters)


def _any(globs: Iterable[str]) -> Callable[[str], bool]:
    """Whether any of some globs matches a text, which is in small letters; brackets
    are no sets here, since names hold them.
    """
    wanted = [glob.lower().replace("[", "[[]") for glob in globs]
    if "*" in wanted:
        return lambda _: True
    pattern = re.compile("|".join(map(translate, wanted)) or r"(?!)")
    return lambda text: pattern.match(text) is not None
