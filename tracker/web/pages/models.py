"""The page of one model: what it costs, cost, and can, and who says so."""

from collections.abc import Iterable

from tracker.asking.catalogue import looked_up
from tracker.domain.addresses import model_path
from tracker.domain.offers import Offer
from tracker.reports.wording import short
from tracker.web.catalogue.stock import alike, stock
from tracker.web.charts import drawn, gathered
from tracker.web.model.anchors import anchor_of
from tracker.web.model.beside import beside
from tracker.web.model.figures import bars, figures, proportion
from tracker.web.model.marks import marks
from tracker.web.model.summary import summary
from tracker.web.model.whole import Whole, month_of, whole_of
from tracker.web.pages import Elsewhere, NoPage, Query
from tracker.web.rendering import Content, page
from tracker.web.view import View

__all__ = ["anchor_of", "made", "marks", "paths"]

ROOT = "models/"


def paths(view: View) -> Iterable[str]:
    """A page for every offer ever met."""
    return (model_path(offer) for offer in view.offers)


def made(view: View, path: str, _query: Query) -> Content:
    """The page of an offer.

    Raises:
        Elsewhere: the address names an offer in another way.
        NoPage: it names none; the message suggests the nearest.
    """
    if not path.startswith(ROOT) or path == ROOT:
        raise NoPage
    name = path.removeprefix(ROOT).removesuffix("/")
    offer = view.by_slug.get(name)
    if offer is None:
        raise Elsewhere(model_path(_meant(view, name)))
    if not path.endswith("/"):
        raise Elsewhere(model_path(offer))
    whole = whole_of(view, offer)
    if whole is None:
        raise NoPage(f"no model {short(offer.text)!r}")
    return page(view, path, "model.html", _given(view, whole))


def _meant(view: View, name: str) -> Offer:
    """The offer that a name stands for, as on the command line."""
    with view.store.reading() as connection:
        found = looked_up(connection, name.strip())
    if found is None:
        near = ", ".join(short(offer.text) for offer in alike(stock(view), name))
        hint = f"; did you mean {near}?" if near else ""
        raise NoPage(f"no model {short(name)!r}{hint}")
    return found.offer


def _given(view: View, whole: Whole) -> dict[str, object]:
    # A file's picture must not change with the day alone.
    until = None if view.live else month_of(view)
    prices = gathered(view, [whole.offer], until=until)
    return {
        "whole": whole,
        "offer": whole.offer,
        "figures": figures(whole),
        "bars": bars(whole.card),
        "proportion": proportion(whole.card),
        "summary": summary(whole),
        "chart": drawn(prices) if prices else None,
        "beside": None if view.live else beside(view, whole.offer, prices),
    }
