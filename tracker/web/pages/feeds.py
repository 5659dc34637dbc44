"""The newest moves as feeds: Atom, and JSON Feed 1.1."""

import xml.etree.ElementTree as ET
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from markupsafe import Markup, escape

from tracker.domain.addresses import model_path
from tracker.reports.atom import NAMESPACE, OURS
from tracker.reports.wording import price, short, step
from tracker.web.news.entries import Entry, entries
from tracker.web.news.headlines import Move
from tracker.web.pages import NoPage, Query
from tracker.web.rendering import MEDIA, Content, as_json
from tracker.web.view import View

ATOM, JSON = "changes.atom", "changes.json"
TITLE = "Pricetrail: what LLM APIs cost"
WORDS = "Price changes that were judged to be real, and those that were taken back."
LINES = 60
"""How many changes of an entry are listed; its page has the rest."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def paths(_view: View) -> list[str]:
    """Both of them."""
    return [ATOM, JSON]


def made(view: View, path: str, _query: Query) -> Content:
    """A feed.

    Raises:
        NoPage: another path.
    """
    if path not in (ATOM, JSON):
        raise NoPage
    with view.store.reading() as connection:
        found = entries(connection, view.now + timedelta(days=1))
    return as_atom(found, view.url) if path == ATOM else as_feed(found, view.url)


def as_atom(found: list[Entry], url: str) -> Content:
    """Entries as an Atom feed.

    Args:
        found: newest first.
        url: of the site, with a slash at its end. Without one, addresses are relative
            to that of the feed itself, and the feed does not say where it is.
    """
    ET.register_namespace("", NAMESPACE)
    feed = ET.Element(f"{{{NAMESPACE}}}feed")
    _add(feed, "id", f"{OURS}changes")
    _add(feed, "title", TITLE)
    _add(feed, "subtitle", WORDS)
    newest = max((entry.updated for entry in found), default=_EPOCH)
    _add(feed, "updated", _at(newest))
    _add(_add(feed, "author"), "name", "Pricetrail")
    if url:
        _add(feed, "link", rel="self", type="application/atom+xml", href=url + ATOM)
    _add(feed, "link", rel="alternate", type="text/html", href=f"{url}changes/")
    for entry in found:
        _entry(_add(feed, "entry"), entry, url)
    ET.indent(feed)
    body: bytes = ET.tostring(feed, encoding="utf-8", xml_declaration=True)
    return Content(body + b"\n", MEDIA[".atom"])


def _entry(into: ET.Element, entry: Entry, url: str) -> None:
    _add(into, "id", entry.id)
    _add(into, "title", entry.title)
    _add(into, "published", _at(entry.published))
    _add(into, "updated", _at(entry.updated))
    _add(into, "link", rel="alternate", type="text/html", href=url + _place(entry))
    for tag in _tags(entry):
        _add(into, "category", term=tag)
    _add(into, "content", str(_html(entry, url)), type="html")


def _add(parent: ET.Element, name: str, text: str = "", **said: str) -> ET.Element:
    made = ET.SubElement(parent, f"{{{NAMESPACE}}}{name}", said)
    if text:
        made.text = text
    return made


def as_feed(found: list[Entry], url: str) -> Content:
    """Entries as a JSON Feed; without a URL it holds no addresses, which it wants
    whole.

    Args:
        found: newest first.
        url: of the site, with a slash at its end; may be empty.
    """
    feed: dict[str, Any] = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": TITLE,
        "description": WORDS,
        "language": "en",
        "authors": [{"name": "Pricetrail"}],
        "items": [_item(entry, url) for entry in found],
    }
    if url:
        feed |= {"home_page_url": url, "feed_url": url + JSON}
    return as_json(feed)


def _item(entry: Entry, url: str) -> dict[str, Any]:
    item = {
        "id": entry.id,
        "title": entry.title,
        "content_html": str(_html(entry, url)),
        "date_published": _at(entry.published),
        "date_modified": _at(entry.updated),
        "tags": list(_tags(entry)),
    }
    return item | {"url": url + _place(entry)} if url else item


def _tags(entry: Entry) -> Iterable[str]:
    yield "move" if entry.moves else "taken back"
    for provider in entry.providers:
        yield short(provider, 40)


def _place(entry: Entry) -> str:
    return f"{entry.page}#{entry.story}"


def _html(entry: Entry, url: str) -> Markup:
    """What a reader shows: the sentences, and every change. All names are escaped."""
    told = [Markup("<p>%s</p>") % " ".join(entry.because)]
    told += _list(entry.moves, url)
    if entry.back:
        told.append(Markup("<p>%s</p>") % "Taken back:")
        told += _list(entry.back, url)
    return Markup("\n").join(told)


def _list(moves: tuple[Move, ...], url: str) -> Iterable[Markup]:
    if not moves:
        return
    yield Markup("<ul>")
    for move in moves[:LINES]:
        yield Markup("<li>%s %s: %s → %s (%s)</li>") % (
            _link(move, url),
            short(move.meter, 60),
            price(move.old, move.currency),
            price(move.new, move.currency),
            step(move.old, move.new),
        )
    yield Markup("</ul>")
    if len(moves) > LINES:
        yield Markup("<p>%s</p>") % f"{len(moves) - LINES} more on the page."


def _link(move: Move, url: str) -> Markup:
    name = escape(short(move.offer.text))
    if not url:
        return name
    return Markup('<a href="%s">%s</a>') % (
        f"{url}{model_path(move.offer)}#{move.anchor}",
        name,
    )


def _at(instant: datetime) -> str:
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
