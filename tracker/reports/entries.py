"""What moved, entry by entry: a card, or a fan of offers that moved alike."""

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import replace

from tracker.reports.headline import badge
from tracker.reports.links import NOWHERE, Links
from tracker.reports.moves import Card, Group, Move
from tracker.reports.news import Row
from tracker.reports.page import Entry, Link, Picture, PriceLine
from tracker.reports.slimming import size_of
from tracker.reports.wording import amount, counted, day, listed, price, short, step

METERS = 6
"""How many meters of a card are spelled out; the others are named or counted."""
NAMES = 6
"""How many offers of a fan are named."""
LINK = 2000
"""How long a link may be; a part of one leads nowhere."""


def entries_of(
    group: Group, pictures: Mapping[str, Picture], links: Links
) -> list[Entry]:
    """A provider's moves: cards first, then fans."""
    families = [(one, pictures.get(one[0].offer)) for one in group.families]
    cards = [_card_entry(one, picture, links) for one, picture in families]
    return [*cards, *(_fan_entry(fan, links) for fan in group.fans)]


def content_id(offer: str) -> str:
    """The name of an offer's picture within the message."""
    return f"{hashlib.sha256(offer.encode()).hexdigest()[:16]}@pricetrail"


def _card_entry(
    family: tuple[Card, ...], picture: Picture | None, links: Links
) -> Entry:
    card, *twins = family
    cut = len(card.moves[METERS:]) + len(twins[NAMES:])
    return Entry(
        head=short(card.offer),
        badge=badge(card),
        up=card.moves[0].new > card.moves[0].old,
        prices=tuple(_price_line(move, links) for move in card.moves[:METERS]),
        details=(*_twins(twins), *_details(card, links)),
        page=links.model(card.moves[0].last),
        links=tuple(_evidence(card, links)),
        chart=content_id(card.offer) if picture else "",
        alt=picture.alt if picture else "",
        width=size_of(picture.png)[0] // 2 if picture else 0,
        cut=cut,
    )


def _evidence(card: Card, links: Links) -> Iterable[Link]:
    """Where each of the bodies that show a card's moves can be read: on the page of
    the model, or where it came from.
    """
    bodies: dict[tuple[str, str], list[Move]] = {}
    for move in card.moves:
        bodies.setdefault((move.last["source"], move.last["sha256"]), []).append(move)
    for n, moves in enumerate(bodies.values()):
        which = f" of {_meters(moves)}" if n else ""
        row = moves[0].last
        if links.url:
            yield Link(
                links.change(row), f"evidence{which} (body {row['sha256'][:12]})"
            )
        elif not n and (url := _own(row)):
            yield Link(url)


def _shared_evidence(row: Row, links: Links) -> Iterable[Link]:
    """The same for offers that moved alike: where they are told together."""
    if links.url:
        words = f"evidence (body {row['sha256'][:12]})"
        yield Link(links.story(f"{row['story']}|{row['verdict']}", row), words)
    elif url := _own(row):
        yield Link(url)


def _own(row: Row) -> str:
    """Where a body came from, if that can be opened."""
    url = str(row["url"] or "")
    usable = url.startswith(("https://", "http://")) and len(url) <= LINK
    return url if usable and url.isascii() and url.isprintable() else ""


def _meters(moves: list[Move]) -> str:
    names, left = listed((move.meter for move in moves), 3)
    return f"{names}{f' and {left} more' if left else ''}"


def _price_line(move: Move, links: Links) -> PriceLine:
    return PriceLine(
        what=f"{short(move.meter)}{_per(move)}",
        old=price(move.old, move.currency),
        new=price(move.new, move.currency),
        step=step(move.old, move.new),
        link=links.change(move.last),
    )


def _per(move: Move) -> str:
    """What a price is for, unless it is what most are for: a million tokens."""
    unit, many = str(move.last["unit"]), int(move.last["quantum"]) == 10**6
    if unit == "token" and many:
        return ""
    what = short(unit.replace("_", " "))
    return f", per 1M {what}s" if many else f", per {what}"


def _twins(cards: list[Card]) -> Iterable[str]:
    if cards:
        names, left = listed((card.offer for card in cards), NAMES)
        yield f"the same: {names}{f' and {left} more' if left else ''}"


def _details(card: Card, links: Links) -> Iterable[str]:
    """What is known of a card's moves, the same for all of its meters mostly."""
    first = card.moves[0]
    if left := card.moves[METERS:]:
        names, more = listed((m.meter for m in left), 3)
        yield f"also {names}{f' and {more} more meters' if more else ''}"
    for currency, effect in card.effects.items():
        yield f"on your mix: {amount(effect, currency)} a month"
    held = f"; the old price held since {day(first.since)}" if first.since else ""
    yield f"{_when(first)}{held}{_steps(first)}"
    # With a web page the body is named where it is linked.
    shown = "" if links.url else f"; evidence: body {first.last['sha256'][:12]}"
    yield f"{_who(card)}; {_why(first)}{shown}"


def _steps(move: Move) -> str:
    return f", in {move.steps} steps" if move.steps > 1 else ""


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
    if others := len(first.differing) - 2 if first.differing[2:] else 0:
        told += f"; {others} more say otherwise"
    return told


def _why(move: Move) -> str:
    """The verdict, how sure we are, and what that rests on."""
    row = move.last
    sure = row["confidence"]
    share = f", {round(sure * 100)} % sure" if sure is not None else ""
    shown = [f"{short(k)} {_one(short(v))}" for k, v in sorted(move.evidence.items())]
    rests = f" ({', '.join(shown).replace('_', ' ')})" if shown else ""
    late = "a move noticed late" if row["reason"] == "late" else "a move"
    return f"{late}{share}{rests}"


def _one(text: str) -> str:
    """`1 week`, where evidence says `1 weeks`."""
    return re.sub(r"\b1 (week|day|capture|source)s\b", r"1 \1", text)


def _fan_entry(fan: tuple[Card, ...], links: Links) -> Entry:
    """Offers that moved alike, as one: how many, how far, which, and from where."""
    first = fan[0]
    alike = len({card.steps for card in fan}) == 1
    lines, details, cut = (_by_meter if alike else _by_offer)(fan, links)
    return Entry(
        head=f"{len(fan)} {short(first.provider)} offers",
        badge=badge(first),
        up=first.moves[0].new > first.moves[0].old,
        prices=tuple(lines),
        details=(*details, _when(first.moves[0]), _who(Card(first.moves[:1]))),
        page=links.provider(first.provider),
        links=tuple(_shared_evidence(first.moves[0].last, links)),
        cut=cut,
    )


_Told = tuple[list[PriceLine], list[str], int]
"""Lines of prices, details, and how many names are only counted."""


def _by_meter(fan: tuple[Card, ...], _links: Links) -> _Told:
    """All went from one price to another: meter by meter, and who did."""
    moves = fan[0].moves
    names, left = listed((card.offer for card in fan), NAMES)
    details = [f"{names}{f' and {left} more' if left else ''}"]
    others, unnamed = listed((m.meter for m in moves[METERS:]), NAMES)
    if others:
        more = f" and {unnamed} more meters" if unnamed else ""
        details.append(f"also {others}{more}")
    cut = left + len(moves[METERS:])
    return [_price_line(move, NOWHERE) for move in moves[:METERS]], details, cut


def _by_offer(fan: tuple[Card, ...], links: Links) -> _Told:
    """Each from a price of its own: offer by offer, by its first meter."""
    first = fan[0].moves[0]
    left = max(0, len(fan) - NAMES)
    lines = [_offer_line(card.moves[0], first.meter, links) for card in fan[:NAMES]]
    meters, unnamed = listed(sorted({m.meter for c in fan for m in c.moves}), NAMES)
    details = [f"for {short(first.meter)}{_per(first)}"]
    details[0] += f"; and {counted(left, 'more offer')}" if left else ""
    if meters != short(first.meter):
        details.append(f"meters: {meters}{f' and {unnamed} more' if unnamed else ''}")
    return lines, details, left + sum(len(card.moves) - 1 for card in fan)


def _offer_line(move: Move, usual: str, links: Links) -> PriceLine:
    told = _price_line(move, links)
    what = short(move.offer)
    named = what if move.meter == usual else f"{what} {told.what}"
    return replace(told, what=named)
