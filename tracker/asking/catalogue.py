"""Finding the offer that a person means."""

import difflib
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from storage.reading import news, queries
from storage.unit_of_work import Connection, Store
from tracker.domain.errors import UsageError
from tracker.domain.offers import FIRST_PARTY, Offer, readings_of

SUGGESTIONS = 5
_SEPARATORS = str.maketrans("", "", " -._:\u2013\u2014")
"""What people leave out or put in: `gpt4o`, `claude-sonnet-4.5`, `GPT-4.1 mini`."""


@dataclass(frozen=True, slots=True)
class Found:
    """An offer, and who else sells a model of that name."""

    offer: Offer
    also: tuple[Offer, ...] = ()


def find_offer(store: Store, text: str) -> Found:
    """The offer meant by a text: an exact offer, a source's own key, or the
    first-party offer of a bare name, in this order.

    Raises:
        UsageError: nothing matches; the message suggests the nearest names.
    """
    wanted = text.strip()
    if any("\ud800" <= character <= "\udfff" for character in wanted):
        raise UsageError(f"{wanted!r} is no model's name: it is no text")
    with store.reading() as connection:
        found = looked_up(connection, wanted)
        if found is None:
            offers = list(queries.offer_names(connection))
            raise UsageError(_not_found(wanted, offers))
    return found


def looked_up(connection: Connection, wanted: str) -> Found | None:
    """The same without a word on what is not found."""
    if any(c == "\0" or "\ud800" <= c <= "\udfff" for c in wanted):
        return None  # PostgreSQL knows no such text
    for reading in readings_of(wanted):
        if queries.offers_named(connection, exact=reading):
            return Found(reading)
    named = queries.offers_named(connection, model=wanted)
    keyed = queries.offers_named(connection, key=wanted)
    chosen = keyed[0] if keyed else first_party(named)
    if chosen is None:
        return None
    if not keyed and chosen.provider not in FIRST_PARTY:
        made = spellings(queries.offer_names(connection))
        if is_misspelt(chosen, made):
            return None
    return Found(chosen, tuple(o for o in named if o.provider != chosen.provider))


def known_provider(store: Store, name: str | None) -> None:
    """Refuse a provider that nothing is known of.

    Raises:
        UsageError: the message names the nearest ones.
    """
    if name is None:
        return
    with store.reading() as connection:
        known = {offer.provider for offer in queries.offer_names(connection)}
    _among(known, name, "provider")


def known_model(store: Store, glob: str | None) -> None:
    """Refuse a name that no model, key or offer has, in any case; a pattern may match
    nothing.

    Raises:
        UsageError: the message names the nearest ones.
    """
    if glob is None or set(glob) & {"*", "?"}:
        return
    with store.reading() as connection:
        if not queries.is_listed(connection, glob):
            offers = list(queries.offer_names(connection))
            raise UsageError(_not_found(glob, offers))


def known_meter(store: Store, key: str | None) -> None:
    """Refuse a meter that nothing was ever billed by.

    Raises:
        UsageError: the message names the nearest ones.
    """
    if key is None:
        return
    with store.reading() as connection:
        known = news.meter_keys(connection)
    _among(known, key, "meter")


def _among(known: Collection[str], name: str, what: str) -> None:
    """Refuse a name that is not among those that are known; an empty database knows
    none, and says so elsewhere.
    """
    if known and name not in known:
        near = difflib.get_close_matches(name, sorted(known), n=3, cutoff=0.4)
        hint = f"; did you mean {', '.join(near)}?" if near else ""
        raise UsageError(f"no {what} {name!r}{hint}")


def first_party(named: Sequence[Offer]) -> Offer | None:
    """The one who made it; else the only one who sells it."""
    for provider in FIRST_PARTY:
        for offer in named:
            if offer.provider == provider and not offer.region:
                return offer
    return named[0] if len(named) == 1 else None


def is_misspelt(lone: Offer, made: Collection[str]) -> bool:
    """Whether the only one who sells a model of this very name did not make it, and
    who did writes it otherwise: `claude-sonnet-4.5` is Anthropic's with a dash, and
    not the free one of a reseller that writes a dot.

    Args:
        lone: the only one.
        made: see `spellings`.
    """
    return lone.provider not in FIRST_PARTY and _spelt(lone.model) in made


def spellings(offers: Iterable[Offer]) -> frozenset[str]:
    """The models of those who make them, however they are spelt."""
    return frozenset(_spelt(o.model) for o in offers if o.provider in FIRST_PARTY)


def _is_same(wanted: str, offer: Offer) -> bool:
    spelt = _spelt(wanted)
    if offer.model == wanted or (spelt and _spelt(offer.text) == spelt):
        return True
    return offer.provider in FIRST_PARTY and _spelt(offer.model) == spelt != ""


def _spelt(name: str) -> str:
    return name.lower().translate(_SEPARATORS)


def _not_found(wanted: str, offers: list[Offer]) -> str:
    if not offers:
        return "no prices are stored yet; run: pricetrail sync"
    near = nearest(wanted, offers)
    if not near:
        return f"no model {wanted!r}; list them with: pricetrail models --query TEXT"
    return f"no model {wanted!r}; did you mean {', '.join(near)}?"


def nearest(wanted: str, offers: Sequence[Offer]) -> list[str]:
    """Offers of this very model, the makers' however spelt; then names that hold the
    text, then alike ones.
    """
    low = wanted.lower()
    same = [o for o in offers if _is_same(wanted, o)]
    holding = [o for o in offers if low and low in o.text.lower()]
    ranked = (*sorted(same, key=_by_prominence), *sorted(holding, key=_by_prominence))
    near = [offer.text for offer in ranked]
    if len(near) < SUGGESTIONS:
        pool = {o.model: o.text for o in sorted(offers, key=_by_prominence)[::-1]}
        pool |= {o.text: o.text for o in offers}
        close = difflib.get_close_matches(wanted, pool, n=SUGGESTIONS, cutoff=0.6)
        near += [pool[name] for name in close]
    return list(dict.fromkeys(near))[:SUGGESTIONS]


def _by_prominence(offer: Offer) -> tuple[int, int, str]:
    """Those who made the model first, then the shorter name."""
    known = offer.provider in FIRST_PARTY
    place = FIRST_PARTY.index(offer.provider) if known else len(FIRST_PARTY)
    return place, len(offer.text), offer.text
