"""A digest as a page of blocks: what both the text and the HTML are made from.

Whatever stands here stands in both. What does not fit is counted here, and attached.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from tracker.reports.digest import Digest, Section
from tracker.reports.moves import Card, Group, Move, Weight
from tracker.reports.settings import Subscription
from tracker.reports.wording import (
    counted,
    day,
    dollars,
    listed,
    price,
    short,
    step,
)

METERS = 6
"""How many meters of a card are spelled out; those that moved like others give way."""
NAMES = 6
"""How many offers of a fan are named."""
SUBJECT = 120
"""About how long a subject may be."""

_HOW = (
    "Prices are per 1M tokens where nothing else is said; each step is against the "
    "value that you were told last. Verdicts may be amended later; you will be told."
)


@dataclass(frozen=True, slots=True)
class PriceLine:
    """One meter's step, in words."""

    meter: str
    old: str
    new: str
    step: str
    up: bool


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing told.

    Attributes:
        head: what it is about.
        badge: how far it moved; empty if it did not.
        up: whether that is up.
        prices: meter by meter.
        details: below, in small letters.
        link: where the evidence can be read.
        chart: the Content-ID of its picture, and what that shows in words.
    """

    head: str
    badge: str = ""
    up: bool = False
    prices: tuple[PriceLine, ...] = ()
    details: tuple[str, ...] = ()
    link: str = ""
    chart: str = ""
    alt: str = ""


@dataclass(frozen=True, slots=True)
class Block:
    """Entries under a title; `left` of them did not fit and are attached."""

    title: str
    entries: tuple[Entry, ...]
    left: int = 0


@dataclass(frozen=True, slots=True)
class Page:
    """A whole digest, laid out.

    Attributes:
        subject: says the news.
        intro: what it covers, and the effect on the subscriber's bill.
        effect: that effect alone, for a large number; empty without a mix.
        left: how many things did not fit anywhere.
        footer: how it came about.
    """

    subject: str
    span: str
    intro: tuple[str, ...]
    effect: str
    blocks: tuple[Block, ...]
    left: int
    footer: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Picture:
    """A chart of an offer: its bytes, and what it shows in words."""

    png: bytes
    alt: str


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
    effect = digest.effect
    return Page(
        subject=subject_of(digest),
        span=f"{day(digest.since)} … {day(digest.until)}",
        intro=tuple(_intro(digest, left)),
        effect="" if effect is None else f"{dollars(effect)} a month",
        blocks=tuple(blocks),
        left=left,
        footer=_footer(digest),
    )


def subject_of(digest: Digest) -> str:
    """The news in a line: how many prices changed, and whose first."""
    cards = digest.cards
    if not cards:
        return _quiet_subject(digest)
    begin = counted(len(cards), "price change")
    told: list[str] = []
    for name in _headlines(digest):
        if len(begin) + sum(map(len, told)) + len(name) > SUBJECT:
            break
        told.append(name)
    more = ", …" if len(told) < len(_headlines(digest)) else ""
    return f"{begin}: {', '.join(told)}{more}"


def _headlines(digest: Digest) -> list[str]:
    """Each card by its model, each fan by its provider; what matters most first."""
    found: list[tuple[Weight, str]] = []
    for group in digest.groups:
        first = [family[0] for family in group.families]
        found += [(c.weight, f"{short(c.model, 40)} {badge(c)}") for c in first]
        for fan in group.fans:
            name = f"{len(fan)} {short(group.provider, 30)} models {badge(fan[0])}"
            found.append((max(card.weight for card in fan), name))
    return [name for _, name in sorted(found, reverse=True)]


def _quiet_subject(digest: Digest) -> str:
    told = [
        f"{section.counted} {_SAID[section.key]}"
        for section in digest.sections
        if section.key in _SAID and section.news
    ]
    if not told:
        return "No price changes"
    return f"No price moved; {', '.join(told[:3])}{', …' if told[3:] else ''}"


_SAID = {
    "amendments": "taken back",
    "new": "new",
    "gone": "withdrawn",
    "back": "back again",
    "ending": "ending soon",
    "ahead": "scheduled",
    "held": "held for review",
    "corrections": "corrected",
    "flaps": "flapped",
    "facts": "with other limits",
    "rates": "with other rates",
    "elsewhere": "said elsewhere",
}


def badge(card: Card) -> str:
    """How far a card moved; where its meters differ, from least to most."""
    plain_moves = [m for m in card.moves if m.meter in ("input", "output")]
    moves = sorted(plain_moves or card.moves, key=lambda m: m.ratio)
    steps = list(dict.fromkeys(step(m.old, m.new) for m in (moves[0], moves[-1])))
    if len(steps) == 1:
        return steps[0]
    low, high = moves[0], moves[-1]
    if high.ratio < 1:
        low, high = high, low
        steps.reverse()
    return " … ".join(steps)


def _intro(digest: Digest, left: int) -> Iterable[str]:
    if not digest.is_news:
        yield "Nothing that you watch changed."
    if digest.small:
        smaller = counted(digest.small, "smaller move")
        yield f"{smaller} below what you asked for; they count until they add up."
    if left:
        yield f"{left} more did not fit; all of it is in the attached changes.csv."


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
        entries = [*_group_entries(group, pictures)]
        sizes = [len(cards) for cards in (*group.families, *group.fans)]
        shown = entries[: max(room, 0)]
        left = sum(sizes[len(shown) :])
        room -= len(shown)
        yield Block(f"{short(group.provider)}", tuple(shown), left)


def _group_entries(group: Group, pictures: Mapping[str, Picture]) -> Iterable[Entry]:
    for family in group.families:
        yield _card_entry(family, pictures.get(family[0].offer))
    for fan in group.fans:
        yield _fan_entry(fan)


def _card_entry(family: tuple[Card, ...], picture: Picture | None) -> Entry:
    card, *twins = family
    last = card.moves[0].last
    url = str(last["url"] or "")
    return Entry(
        head=short(card.offer),
        badge=badge(card),
        up=card.moves[0].new > card.moves[0].old,
        prices=tuple(_price_line(move) for move in card.moves[:METERS]),
        details=tuple(text for text in (*_twins(twins), *_details(card)) if text),
        link=short(url, 300) if url.startswith(("https://", "http://")) else "",
        chart=content_id(card.offer) if picture else "",
        alt=picture.alt if picture else "",
    )


def content_id(offer: str) -> str:
    """The name of an offer's picture within the message."""
    import hashlib

    return f"{hashlib.sha256(offer.encode()).hexdigest()[:16]}@pricetrail"


def _price_line(move: Move) -> PriceLine:
    unit = str(move.last["unit"])
    quantum = int(move.last["quantum"])
    per = "" if (unit, quantum) == ("token", 10**6) else _per(unit, quantum)
    return PriceLine(
        meter=f"{short(move.meter)}{per}",
        old=price(move.old, move.currency),
        new=price(move.new, move.currency),
        step=step(move.old, move.new),
        up=move.new > move.old,
    )


def _per(unit: str, quantum: int) -> str:
    what = short(unit.replace("_", " "))
    return f", per {'1M ' if quantum == 10**6 else ''}{what}"


def _twins(cards: list[Card]) -> Iterable[str]:
    if cards:
        names, left = listed((card.offer for card in cards), NAMES)
        yield f"the same: {names}{f' and {left} more' if left else ''}"


def _details(card: Card) -> Iterable[str]:
    """What is known of a card's moves, the same for all of its meters mostly."""
    first = card.moves[0]
    if left := card.moves[METERS:]:
        names, more = listed((m.meter for m in left), 3)
        yield f"also {names}{f' and {more} more meters' if more else ''}"
    if card.effect is not None:
        yield f"on your mix: {dollars(card.effect)} a month"
    held = f"; the old price held since {day(first.since)}" if first.since else ""
    yield f"{_when(first)}{held}{_steps(first)}"
    yield f"{_who(card)}; {_why(first)}"


def _steps(move: Move) -> str:
    return f", in {len(move.rows)} steps" if len(move.rows) > 1 else ""


def _when(move: Move) -> str:
    row = move.last
    seen = f"seen {day(row['observed_at'])}"
    if row["previous_seen_at"]:
        seen = f"seen between {day(row['previous_seen_at'])} and "
        seen += day(row["observed_at"])
    dated = row["effective_at"]
    return f"{seen}; holds since {day(dated)}" if dated else seen


def _who(card: Card) -> str:
    """Who says so, who else does, and who does not."""
    first = card.moves[0]
    row = first.last
    version = f" {short(row['version'], 30)}" if row["version"] else ""
    told = f"says {row['source']}{version}"
    if first.agreeing:
        told += f", and {', '.join(first.agreeing)}"
    for name, nano, currency in first.differing[:2]:
        told += f"; {name} says {price(nano, currency)} for {short(first.meter)}"
    return told


def _why(move: Move) -> str:
    """The verdict, how sure we are, and the body that shows it."""
    row = move.last
    sure = row["confidence"]
    share = f", {round(sure * 100)} % sure" if sure is not None else ""
    shown = [f"{short(k)} {short(str(v))}" for k, v in sorted(move.evidence.items())]
    rests = f" ({', '.join(shown).replace('_', ' ')})" if shown else ""
    late = "a move noticed late" if row["reason"] == "late" else "a move"
    return f"{late}{share}{rests}; evidence: body {row['sha256'][:12]}"


def _fan_entry(fan: tuple[Card, ...]) -> Entry:
    """Offers that moved alike, as one: how many, how far, which, and from where."""
    first = fan[0]
    examples = [
        f"{short(card.offer)} {price(card.moves[0].old, card.moves[0].currency)} → "
        f"{price(card.moves[0].new, card.moves[0].currency)}"
        for card in fan[:NAMES]
    ]
    left = len(fan) - len(examples)
    more = f"; and {left} more" if left else ""
    meters, others = listed(sorted({m.meter for c in fan for m in c.moves}), NAMES)
    return Entry(
        head=f"{len(fan)} {short(first.provider)} offers",
        badge=badge(first),
        up=first.moves[0].new > first.moves[0].old,
        details=tuple(
            text
            for text in (
                f"{short(first.moves[0].meter)}: {'; '.join(examples)}{more}",
                f"meters: {meters}{f' and {others} more' if others else ''}",
                _when(first.moves[0]),
                _who(Card(first.moves[:1])),
            )
            if text
        ),
    )


def _block(section: Section, limit: int) -> Block:
    lines = section.lines[:limit]
    rest = section.lines[limit:]
    left = sum(max(1, len({r["offer"] for r in line.records})) for line in rest)
    entries = tuple(Entry(line.head, details=line.details) for line in lines)
    return Block(section.title, entries, left)
