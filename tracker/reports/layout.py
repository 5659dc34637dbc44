"""A digest laid out as a page: its blocks, and what is to be known first."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from tracker.reports.digest import Digest
from tracker.reports.entries import entries_of
from tracker.reports.headline import subject_of
from tracker.reports.lines import Line, Section
from tracker.reports.links import NOWHERE, Links
from tracker.reports.page import Block, Entry, Link, Page, Picture
from tracker.reports.settings import Subscription
from tracker.reports.wording import amount, counted, day, short

_HOW = (
    "Prices are per 1M tokens where nothing else is said; each step is against the "
    "value that you were told last. Days are UTC. Verdicts may be amended later; you "
    "will be told."
)


JUDGED = ("amendments", "corrections", "flaps", "elsewhere")
"""Sections about steps between prices, each of which has its evidence."""
_BELOW = ("facts", "ending")
"""Sections whose lines name an offer in their details, not in their heads."""
_PAGES = {"held": "review/", "sources": "sources/"}
"""Where the web page tells of the same, by section."""


def laid_out(
    digest: Digest,
    subscription: Subscription,
    pictures: Mapping[str, Picture],
    links: Links = NOWHERE,
) -> Page:
    """Lay a digest out.

    Args:
        digest: what is told.
        subscription: how much fits.
        pictures: charts by offer.
        links: where the web page is.
    """
    blocks = [*_move_blocks(digest, subscription, pictures, links)]
    blocks += [_block(one, subscription.limit, links) for one in digest.sections]
    left = sum(block.left for block in blocks)
    cut = sum(entry.cut for block in blocks for entry in block.entries)
    effects = [amount(effect, unit) for unit, effect in digest.effects.items()]
    return Page(
        subject=subject_of(digest),
        span=f"{day(digest.last or digest.since)} … {day(digest.until)}",
        intro=tuple(_intro(digest, left, cut)),
        effect=f"{' and '.join(effects)} a month" if effects else "",
        blocks=tuple(blocks),
        left=left,
        cut=cut,
        footer=_footer(digest),
        more=_more(digest, links),
    )


def _more(digest: Digest, links: Links) -> Link | None:
    """Where every change can be read, of the newest month that the digest tells of."""
    if not links.url:
        return None
    seen: list[datetime] = [
        row["observed_at"]
        for section in digest.sections
        if section.key != "amendments"
        for line in section.lines
        if line.story
        for row in line.records
    ]
    seen += [move.last["observed_at"] for card in digest.cards for move in card.moves]
    address = links.month(max(seen, default=None))
    return Link(address, "Every change of this time, with its evidence")


def _intro(digest: Digest, left: int, cut: int) -> Iterable[str]:
    if not digest.is_news:
        yield "Nothing that you watch changed."
    if digest.small:
        smaller = counted(digest.small, "smaller move")
        yield f"{smaller} below what you asked for; they count until they add up."
    if digest.opposite:
        yield f"{counted(digest.opposite, 'move')} in the direction you leave out."
    if left:
        yield f"{left} more did not fit; all of it is in the attached table."
    elif cut:
        yield "What is only counted below is in the attached table."
    yield from digest.unmatched


def _footer(digest: Digest) -> tuple[str, ...]:
    return (
        f"Sent to the subscription {short(digest.subscription)} by Pricetrail.",
        _HOW,
    )


def _move_blocks(
    digest: Digest,
    subscription: Subscription,
    pictures: Mapping[str, Picture],
    links: Links,
) -> Iterable[Block]:
    """One block for each provider, as far as the limit reaches."""
    room = subscription.limit
    for group in digest.groups:
        entries = entries_of(group, pictures, links)
        sizes = [len(cards) for cards in (*group.families, *group.fans)]
        shown = entries[: max(room, 0)]
        left = sum(sizes[len(shown) :])
        room -= len(shown)
        page = links.provider(group.provider)
        yield Block(f"{short(group.provider)}", tuple(shown), left, page)


def _block(section: Section, limit: int, links: Links) -> Block:
    lines = section.lines[:limit]
    rest = section.lines[limit:]
    left = sum(max(1, len({r["offer"] for r in line.records})) for line in rest)
    entries = tuple(_entry(line, section.key, links) for line in lines)
    page = links.to(_PAGES[section.key]) if section.key in _PAGES else ""
    return Block(section.title, entries, left, page)


def _entry(line: Line, key: str, links: Links) -> Entry:
    rows = [row for row in line.records if row.get("provider")]
    if not rows or not links.url or key in _PAGES:
        return Entry(line.head, details=line.details, cut=line.cut)
    one = len({row["offer"] for row in rows}) == 1
    if key in JUDGED:
        place = links.change(rows[0]) if one else links.story(line.story, rows[0])
        evidence = (Link(place, "evidence"),)
        return Entry(line.head, details=line.details, links=evidence, cut=line.cut)
    return Entry(
        line.head,
        details=line.details,
        page=_place(line, rows, links, one=one),
        below=one and key in _BELOW,
        cut=line.cut,
    )


def _place(
    line: Line, rows: Sequence[Mapping[str, Any]], links: Links, *, one: bool
) -> str:
    """Where the web page tells more of what came, went or is ahead.

    Args:
        line: what is told.
        rows: the offers or changes that it is about.
        links: where the web page is.
        one: whether they are of one offer.
    """
    if line.story:
        return links.story(line.story, rows[0])
    if one:
        return links.model(rows[0])
    sellers = {row["provider"] for row in rows}
    return links.provider(sellers.pop()) if len(sellers) == 1 else ""
