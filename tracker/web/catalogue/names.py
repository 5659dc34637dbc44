"""The names by which offers are known beside their own, in one small file: for the
script that reads names on a site of files as a server does (`static/naming.js`).
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from storage.reading import selling
from tracker.asking.catalogue import first_party, is_misspelt, spellings
from tracker.domain.offers import FIRST_PARTY, Offer, readings_of
from tracker.web.catalogue.columns import as_text, names_of
from tracker.web.catalogue.search import LONGEST
from tracker.web.catalogue.stock import Stock
from tracker.web.view import View


def names(view: View, stock: Stock) -> dict[str, Any]:
    """What the catalogue's file does not tell: `keys` are names that sources have for
    offers, where the name alone would not find the offer; columns of what never had a
    price; `makers`, in the order in which a bare name is looked for among them;
    `unclear` are models that only a reseller sells under a maker's name misspelt.
    """
    told = {*view.sold, *(offer for offer, _ in stock.gone)}
    with view.store.reading() as connection:
        keyed = selling.keyed(connection)
    return {
        **names_of([offer for offer in view.offers if offer not in told]),
        "keys": _keys(view.offers, keyed),
        "makers": list(FIRST_PARTY),
        "unclear": _unclear(view.offers, {key for key, _ in keyed}),
    }


def _unclear(offers: Sequence[Offer], keys: Collection[str]) -> list[str]:
    made = spellings(offers)
    named = Counter(offer.model for offer in offers)
    lone = (offer for offer in offers if named[offer.model] == 1)
    return sorted(
        as_text(offer.model)
        for offer in lone
        if offer.model not in keys and is_misspelt(offer, made)
    )


def _keys(
    offers: Iterable[Offer], keyed: Iterable[tuple[str, Offer]]
) -> Mapping[str, list[str]]:
    """The offers of keys that nobody can type in full are left out, too."""
    known: dict[Offer, None] = dict.fromkeys(offers)
    models: dict[str, list[Offer]] = {}
    for offer in known:
        models.setdefault(offer.model, []).append(offer)
    found: dict[str, list[str]] = {}
    for key, offer in keyed:
        plain = any(one in known for one in readings_of(key))
        if plain or len(key) > LONGEST or first_party(models.get(key, ())) == offer:
            continue
        parts = (offer.provider, offer.model, offer.region)
        found.setdefault(as_text(key), [as_text(part) for part in parts])
    return found
