"""What came, what went and what is ahead, in lines. Pure."""

from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation

from storage.digests import Item
from tracker.asking.stories import Story
from tracker.domain.money import NANO
from tracker.domain.schedule import PREFIX
from tracker.reports.abilities import became, titled
from tracker.reports.lines import FEW, Line, line, named, record_of
from tracker.reports.moves import FAN
from tracker.reports.news import News, Row
from tracker.reports.watching import offer_text
from tracker.reports.wording import counted, price, short, step

GONE = ("withdrawn", "retired", "renamed")
RATES = ("rates added", "rates dropped", "rates back")


def launches(news: News) -> Iterator[Line]:
    """New offers by provider, with what they cost."""
    offers: dict[str, list[Row]] = {}
    for story in news.stories:
        if story.plot.what != "new":
            continue
        for row in story.rows:
            earlier = news.first.get(row["offer_id"])
            if earlier is None or earlier >= row["observed_at"]:
                offers.setdefault(offer_text(row), []).append(row)
    alike: dict[tuple[str, str, int], list[str]] = defaultdict(list)
    for offer, rows in sorted(offers.items()):
        alike[rows[0]["provider"], *_card(rows)].append(offer)
    for (provider, card, cut), names in alike.items():
        if len(names) < FAN:
            for offer in names:
                yield line(short(offer), offers[offer], "new", card, cut=cut)
            continue
        told, left = named(names, FEW * 2)
        rows = [row for offer in names for row in offers[offer]]
        head = f"{len(names)} {short(provider)} offers, each {card}"
        yield line(head, rows, "new", told, cut=left + cut)


def _card(rows: list[Row]) -> tuple[str, int]:
    """The plain rates of a card: input and output, else whatever it has first; and how
    many more there are.
    """
    stated = {row["meter"]: row for row in rows if row["new_price_nano"] is not None}
    plain = [m for m in ("input", "output", "cache_read") if m in stated]
    chosen = plain or sorted(stated)[:FEW]
    told = [
        f"{short(m)} {price(stated[m]['new_price_nano'], stated[m]['currency'])}"
        for m in chosen
    ]
    left = len(stated) - len(chosen)
    more = f", {counted(left, 'more rate')}" if left else ""
    return ", ".join(told) + more, left


def gone(news: News, wanted: tuple[str, ...]) -> Iterator[Line]:
    """Offers that left, or those that are back; by story, names spelled out."""
    for story in news.stories:
        what = story.plot.what
        if what in wanted:
            names, left = named(_offers(story), FEW * 2, width=200)
            left_by = "" if what == "returned" else _still(story, news)
            head = f"{story.source}: {counted(story.offers, 'offer')} {what}"
            key = "back" if what == "returned" else "gone"
            told = (names, story.because, left_by)
            name = story.plot.name
            yield line(head, story.rows, key, *told, cut=left, story=name)


def _offers(story: Story) -> list[str]:
    if story.renamed:
        return [f"{short(a)} → {short(b)}" for a, b in sorted(story.renamed.items())]
    return sorted({offer_text(row) for row in story.rows})


def _still(story: Story, news: News) -> str:
    """Who lists what a source no longer does."""
    places = {(row["offer_id"], row["meter_id"]) for row in story.rows}
    others = {r["source"] for place in places for r in news.stated.get(place, ())}
    others.discard(story.source)
    return f"still listed by {', '.join(sorted(others))}" if others else ""


def ending(news: News) -> Iterator[Line]:
    """Offers that end soon: one line for each day and provider."""
    days: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in news.deprecations:
        days[row["value"][:10], row["provider"]].append(row)
    for (ends, provider), rows in sorted(days.items()):
        names, left = named(sorted({offer_text(row) for row in rows}))
        note = {"note": f"ends on {ends}"}
        yield Line(
            f"{ends}: {short(provider)}",
            (names,),
            tuple(Item(row["change"], offer=offer_text(row)) for row in rows),
            tuple({**record_of(row, "ending"), **note} for row in rows),
            left,
        )


def ahead(news: News) -> Iterator[Line]:
    """Prices announced for a day: one line for each offer and day; then what was told
    and is announced no longer.
    """
    days: dict[tuple[str, str, str, str], list[Row]] = defaultdict(list)
    for row in news.schedules:
        days[row["what"], row["on"], offer_text(row), row["source"]].append(row)
    for (what, on, offer, source), rows in sorted(days.items()):
        told = [_stated(row) for row in rows]
        yield Line(
            f"{short(offer)} {what} {on}",
            (*told, f"says {source}" if source else "it had been told before"),
            tuple(Item(row["change"], offer=offer) for row in rows),
            tuple(
                {
                    **record_of(row, "ahead"),
                    "meter": row["name"].removeprefix(PREFIX),
                    "new": row["price"],
                    "effective_at": on,
                    "note": what,
                }
                for row in rows
            ),
        )


def _stated(row: Row) -> str:
    """`input: $3.00 → $4.50  +50 %`, as far as today's price is known."""
    unit, nano, now = row["currency"], nano_of(row["price"]), row["now_nano"]
    meter = short(row["name"].removeprefix(PREFIX))
    if nano is None:
        return f"{meter}: {short(row['price'], 30)} {short(unit, 8)}"
    if now is None or row["now_currency"] != unit:
        return f"{meter}: {price(nano, unit)}"
    if now == nano:
        return f"{meter}: {price(nano, unit)}, as today"
    return f"{meter}: {price(now, unit)} → {price(nano, unit)}  {step(now, nano)}"


def nano_of(text: str) -> int | None:
    """A price that a schedule states, in nano-units; None if it is none."""
    try:
        nano = Decimal(text) * NANO
        return int(nano) if 0 <= nano < 2**63 else None
    except (InvalidOperation, ValueError, OverflowError):
        return None


def facts(news: News) -> Iterator[Line]:
    """Capabilities that changed: those that changed alike in one line."""
    alike: dict[tuple[str, str, int], list[Row]] = defaultdict(list)
    for row in news.facts:
        alike[row["name"], *became(row["name"], row["old"], row["new"])].append(row)
    for (name, words, cut), rows in sorted(alike.items()):
        names, left = named(sorted({offer_text(row) for row in rows}))
        records = ({**record_of(row, "facts"), "note": name} for row in rows)
        yield Line(
            f"{titled(name)}: {words}",
            (names,),
            tuple(Item(change) for row in rows for change in row["changes"]),
            tuple(records),
            left + cut,
        )


def rates(news: News) -> Iterator[Line]:
    """Rates that offers gained or lost, by story."""
    for story in news.stories:
        if story.plot.what in RATES:
            names, left = named(_offers(story))
            offers = counted(story.offers, "offer")
            head = f"{short(story.providers[0])}: {story.plot.what}, {offers}"
            told = f"{short(story.because, 200)}; {names}"
            unnamed = max(0, len({row["meter"] for row in story.rows}) - 3)
            name, cut = story.plot.name, left + unnamed
            yield line(head, story.rows, "rates", told, cut=cut, story=name)
