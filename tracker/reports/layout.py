"""A digest laid out as a page: its blocks, and what is to be known first."""

from collections.abc import Iterable, Mapping

from tracker.reports.digest import Digest, Section
from tracker.reports.entries import entries_of
from tracker.reports.headline import subject_of
from tracker.reports.page import Block, Entry, Page, Picture
from tracker.reports.settings import Subscription
from tracker.reports.wording import amount, counted, day, short

_HOW = (
    "Prices are per 1M tokens where nothing else is said; each step is against the "
    "value that you were told last. Days are UTC. Verdicts may be amended later; you "
    "will be told."
)


def laid_out(
    digest: Digest, subscription: Subscription, pictures: Mapping[str, Picture]
) -> Page:
    """Lay a digest out.

    Args:
        digest: what is told.
        subscription: how much fits.
        pictures: charts by offer.
    """
    blocks = [*_move_blocks(digest, subscription, pictures)]
    blocks += [_block(section, subscription.limit) for section in digest.sections]
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
    )


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
    digest: Digest, subscription: Subscription, pictures: Mapping[str, Picture]
) -> Iterable[Block]:
    """One block for each provider, as far as the limit reaches."""
    room = subscription.limit
    for group in digest.groups:
        entries = entries_of(group, pictures)
        sizes = [len(cards) for cards in (*group.families, *group.fans)]
        shown = entries[: max(room, 0)]
        left = sum(sizes[len(shown) :])
        room -= len(shown)
        yield Block(f"{short(group.provider)}", tuple(shown), left)


def _block(section: Section, limit: int) -> Block:
    lines = section.lines[:limit]
    rest = section.lines[limit:]
    left = sum(max(1, len({r["offer"] for r in line.records})) for line in rest)
    entries = tuple(
        Entry(line.head, details=line.details, cut=line.cut) for line in lines
    )
    return Block(section.title, entries, left)
