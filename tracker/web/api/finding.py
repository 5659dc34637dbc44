"""Finding what a question names: a model, a provider, a source, a span of time."""

from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache

from storage.reading import portrait, queries
from tracker import wiring
from tracker.asking.catalogue import Found, looked_up, nearest
from tracker.domain.addresses import model_path, slug
from tracker.domain.errors import UsageError
from tracker.domain.meters import parse_meter
from tracker.domain.offers import Offer
from tracker.web.api.asked import moment
from tracker.web.api.problems import Problem, no_such, of_parameter, shortened
from tracker.web.view import View

MISSES = 1000
"""How many names that are not there are remembered."""


def found_model(view: View, text: str) -> Found:
    """The offer that a text means: as in the address of its page, else as people
    name it.

    Raises:
        Problem: there is none.
    """
    wanted = text.strip().strip("/")
    with view.store.reading() as connection:
        addressed = view.by_slug.get(wanted) if "~" in wanted else None
        if addressed is None and "@" in wanted:
            addressed = _regional(wanted)
            if addressed and not queries.offers_named(connection, exact=addressed):
                addressed = None
        found = Found(addressed) if addressed else looked_up(connection, wanted)
    if found is None:
        near = _nearest(view, wanted)
        hint = f"; did you mean {', '.join(near)}?" if near else ""
        shown = shortened(wanted)[:200]
        raise Problem("no-such-model", f"no model {shown!r}{hint}", nearest=near)
    return found


def _regional(address: str) -> Offer | None:
    """The offer of a region whose page has this address, if there is such an offer.

    Where nothing had to be escaped, an address reads like a name, and `@` comes
    before a region; in a name it may also be a part of the model's.
    """
    provider, _, rest = address.partition("/")
    model, _, region = rest.rpartition("@")
    offer = Offer(provider, model, region)
    return offer if model and slug(offer) == address else None


def _nearest(view: View, wanted: str) -> list[str]:
    """Names that may be meant; kept, since robots ask for the same one again."""
    known, text = _misses(view), wanted[:100]
    if text not in known:
        if len(known) >= MISSES:
            known.clear()
        known[text] = nearest(text, view.offers)
    return known[text]


@lru_cache(maxsize=1)
def _misses(_view: View) -> dict[str, list[str]]:
    """What was told of names that are not there, in one state."""
    return {}


def named(view: View, offer: Offer) -> dict[str, str]:
    """An offer by name, and where its page is."""
    return {
        "provider": offer.provider,
        "model": offer.model,
        "region": offer.region,
        "name": offer.text,
        "page": f"{view.url or '/'}{model_path(offer)}",
    }


def known_provider(view: View, name: str | None) -> None:
    """Refuse a provider that nothing is known of.

    Raises:
        Problem: the message names the nearest ones.
    """
    if name is None:
        return
    with view.store.reading() as connection:
        known = portrait.providers(connection)
    if name not in known:
        raise no_such("provider", name, known)


def known_source(name: str | None) -> None:
    """Refuse a source that there is not.

    Raises:
        Problem: the message names the nearest ones.
    """
    names = [spec.name for spec in wiring.all_sources()]
    if name is not None and name not in names:
        raise no_such("source", name, names)


def meters_of(texts: Iterable[str]) -> set[str]:
    """Meters as they are stored.

    Raises:
        Problem: one is no meter.
    """
    try:
        return {parse_meter(text).key for text in texts}
    except UsageError as fault:
        raise of_parameter("meter", str(fault)) from None


def span(since: str | None, until: str | None) -> dict[str, datetime | None]:
    """Two days as the bounds of a question.

    Raises:
        Problem: nothing can lie between them.
    """
    start, end = moment(since), moment(until)
    if start is not None and end is not None and end <= start:
        raise of_parameter("until", f"nothing lies between {since} and {until}")
    return {"since": start, "until": end}
