"""An Atom feed of the moves in a digest."""

import hashlib
import xml.etree.ElementTree as ET
from datetime import UTC, datetime

from tracker.domain.addresses import CHANGES
from tracker.reports.digest import Digest
from tracker.reports.headline import badge
from tracker.reports.links import Links
from tracker.reports.moves import Card
from tracker.reports.wording import price, short, step

NAMESPACE = "http://www.w3.org/2005/Atom"
OURS = "tag:pricetrail,2026:"


def feed_of(digest: Digest, *, title: str, url: str = "") -> bytes:
    """The feed as XML, newest entry first.

    Args:
        digest: whose moves.
        title: what the feed is called.
        url: of the web page, with a slash at its end: each entry links to its change
            there; empty if there is none.
    """
    links = Links(url)
    ET.register_namespace("", NAMESPACE)
    feed = ET.Element(f"{{{NAMESPACE}}}feed")
    _add(feed, "id", f"{OURS}{_mark(digest.subscription)}")
    _add(feed, "title", short(title, 200))
    cards = sorted(digest.cards, key=_seen, reverse=True)
    _add(feed, "updated", _at(_seen(cards[0]) if cards else digest.until))
    author = ET.SubElement(feed, f"{{{NAMESPACE}}}author")
    _add(author, "name", "Pricetrail")
    if url:
        _link(feed, links.to(CHANGES))
    for card in cards:
        _entry(feed, card, links)
    ET.indent(feed)
    found: bytes = ET.tostring(feed, encoding="utf-8", xml_declaration=True)
    return found + b"\n"


def _entry(feed: ET.Element, card: Card, links: Links) -> None:
    entry = ET.SubElement(feed, f"{{{NAMESPACE}}}entry")
    changes = "\n".join(row["change"] for m in card.moves for row in m.rows)
    _add(entry, "id", f"{OURS}{_mark(changes)}")
    _add(entry, "title", f"{short(card.offer)} {badge(card)}")
    _add(entry, "updated", _at(_seen(card)))
    if links.url:
        _link(entry, links.change(card.moves[0].last))
    lines = [
        f"{short(m.meter)}: {price(m.old, m.currency)} → {price(m.new, m.currency)} "
        f"({step(m.old, m.new)})"
        for m in card.moves
    ]
    content = ET.SubElement(entry, f"{{{NAMESPACE}}}content", type="text")
    content.text = "\n".join(lines)


def _link(parent: ET.Element, to: str) -> None:
    said = {"rel": "alternate", "type": "text/html", "href": to}
    ET.SubElement(parent, f"{{{NAMESPACE}}}link", said)


def _add(parent: ET.Element, name: str, text: str) -> None:
    ET.SubElement(parent, f"{{{NAMESPACE}}}{name}").text = text


def _seen(card: Card) -> datetime:
    at: datetime = max(move.last["observed_at"] for move in card.moves)
    return at


def _at(instant: datetime) -> str:
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _mark(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:32]
