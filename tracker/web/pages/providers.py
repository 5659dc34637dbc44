"""The providers: who sells what, from when to when, and what moved last."""

from urllib.parse import urlencode

from tracker.domain.addresses import provider_path
from tracker.web.catalogue.sellers import Seller, sellers
from tracker.web.catalogue.words import about, sized
from tracker.web.model.naming import titled
from tracker.web.pages import Elsewhere, NoPage, Query
from tracker.web.pages.catalogue import named, strip
from tracker.web.rendering import Content, page
from tracker.web.view import View

PATH = "providers/"
WAYS = {"first-party": "sells models of its own", "router": "passes requests on"}
"""What a kind of seller does."""


def paths(view: View) -> list[str]:
    """The list, and a page for each provider."""
    return [PATH, *(provider_path(name) for name in sellers(view))]


def marks(view: View) -> dict[str, str]:
    """What changes whenever a provider's page does, by its path."""
    return {provider_path(name): one.mark for name, one in sellers(view).items()}


def made(view: View, path: str, _query: Query) -> Content:
    """The list, or a provider's page.

    Raises:
        Elsewhere: the slash at the end is missing.
        NoPage: another path.
    """
    if not f"{path}/".startswith(PATH):
        raise NoPage
    every = sellers(view)
    if path == PATH:
        listed = [one for one in every.values() if one.entries or one.gone]
        given = {"sellers": listed, "sized": sized}
        return page(view, path, "providers.html", given)
    by_path = {provider_path(name): seller for name, seller in every.items()}
    if f"{path}/" in (PATH, *by_path):
        raise Elsewhere(f"{path}/")
    if path not in by_path:
        raise NoPage("there is no provider of that name")
    return _of(view, path, by_path[path])


def _of(view: View, path: str, seller: Seller) -> Content:
    chats = seller.chats
    given = {
        "seller": seller,
        "does": WAYS.get(seller.kind, ""),
        "cheapest": chats[0] if chats else None,
        "dearest": chats[-1] if chats else None,
        "question": urlencode({"provider": seller.name}, errors="replace"),
        "sized": sized,
        "about": about,
        "strip": strip,
        "named": named,
        "titled": titled,
    }
    return page(view, path, "provider.html", given)
