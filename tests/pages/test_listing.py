"""What a page's book makes of prices, states and facts, and the statements of it."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.pages import listing
from crawler.pages.amounts import UNKNOWN
from crawler.pages.collector import RAW_LIMIT
from crawler.pages.listing import Book, Listing, Price, flatten
from tracker.domain.errors import UnreadableBody
from tracker.domain.meters import MILLION, Meter
from tracker.domain.offers import Offer
from tracker.domain.quotes import Document, Statement

OFFER = Offer("acme", "one")
INPUT, OUTPUT = Meter("input"), Meter("output")
SPRING, SUMMER, AUTUMN = date(2026, 3, 1), date(2026, 6, 1), date(2026, 9, 1)


def price(
    amount: str,
    begins: date | None = None,
    ends: date | None = None,
    *,
    meter: Meter = INPUT,
    currency: str = "USD",
    per: int = MILLION,
) -> Price:
    """A price of the model's input."""
    return Price(meter, amount, per, currency, f"${amount}", "col", begins, ends)


def book(*prices: Price) -> Book:
    """A book with one model."""
    made = Book("a page")
    made.offer("one", OFFER)
    for each in prices:
        made.price("one", each)
    return made


def said(*prices: Price) -> Statement:
    """The statement of a model with these prices."""
    return flatten("one", Listing(OFFER, prices))


def problems(statement: Statement) -> list[tuple[str, str]]:
    """What is held, and why."""
    return [(p.reason, p.meter.key if p.meter else "") for p in statement.problems]


def test_a_book_makes_a_document() -> None:
    """Prices, states, struck prices and facts become entries by their keys."""
    made = book(price("2"), price("2"), price("8", meter=OUTPUT))
    made.state("one", Meter("cache_read"), "not_available")
    made.list_price("one", INPUT, "4", "USD")
    made.fact("one", "status", "preview")
    made.offer("one", OFFER)
    made.offer("two", Offer("acme", "two"))
    made.hold("two", "which is it")
    made.note("a note")
    made.ignore("Tools")
    made.ignore("Tools")
    assert made.knows("two")
    assert not made.knows("three")
    listed = Listing(
        OFFER,
        (price("2"), price("8", meter=OUTPUT)),
        (
            ("list_price:input", "4 USD"),
            ("pricing:cache_read", "not_available"),
            ("status", "preview"),
        ),
    )
    assert made.document() == Document(
        entries={"one": listed, "two": Listing(Offer("acme", "two"))},
        held_keys={"two": "which is it"},
        ignored=("Tools",),
        notes=("a note",),
    )
    assert not made.document(complete=False).complete


def test_equal_pages_make_equal_entries() -> None:
    """The order in which facts are met does not show."""
    one, other = book(price("2")), book(price("2"))
    for name in ("a", "b"):
        one.fact("one", name, "1")
    for name in ("b", "a"):
        other.fact("one", name, "1")
    assert one.document() == other.document()


def test_a_page_without_prices_is_none() -> None:
    """A page with names and no price was not understood."""
    with pytest.raises(UnreadableBody, match="a page: no price in it"):
        book().document()


@pytest.mark.parametrize(("key", "offer"), [("", OFFER), ("x", Offer("acme", ""))])
def test_a_row_without_a_name_fails(key: str, offer: Offer) -> None:
    """A price must be somebody's."""
    with pytest.raises(UnreadableBody, match="without a model's name"):
        book().offer(key, offer)


def test_a_key_sells_one_thing() -> None:
    """Two offers under one key are a misreading."""
    with pytest.raises(UnreadableBody, match="both acme/two and acme/one"):
        book().offer("one", Offer("acme", "two"))


@pytest.mark.parametrize(
    "wrong",
    [
        price("1", per=0),
        price("1", per=-1),
        price("1", currency="$"),
        price("1", currency=UNKNOWN),
        price("1", currency="usd"),
    ],
)
def test_a_price_of_nothing_fails(wrong: Price) -> None:
    """A price is for some units, in a currency that is known."""
    with pytest.raises(UnreadableBody, match="a page: '\\$1' of 'one'"):
        book(wrong)


def test_prices_have_an_end() -> None:
    """More prices of one model than any page has fail."""
    made = book()
    for number in range(listing.MAX_PRICES):
        made.price("one", price(str(number)))
    with pytest.raises(UnreadableBody, match="over 2000 prices"):
        made.price("one", price("-1"))


def test_a_price_becomes_a_quote() -> None:
    """The number is counted per quantum; the cell and its place are kept."""
    audio = Meter("input", "second")
    statement = said(price("2"), price("3.6", meter=audio, per=3600))
    quote = statement.quotes["input"]
    assert (quote.price_nano, quote.currency, quote.exact) == (2 * 10**9, "USD", True)
    assert (quote.raw, quote.field) == ("$2", "col")
    assert statement.quotes["input.second"].price_nano == 10**6
    assert not statement.dated


def test_a_long_cell_is_cut() -> None:
    """Of a cell without bounds only the beginning is kept."""
    long = Price(INPUT, "1", MILLION, text="x" * 999)
    assert said(long).quotes["input"].raw == "x" * RAW_LIMIT


def test_facts_are_told() -> None:
    """What a page says besides prices is in the statement."""
    entry = Listing(OFFER, (), (("status", "preview"), ("nul", "a\0b")))
    assert flatten("one", entry).facts == {"status": "preview", "nul": "a\ufffdb"}


def test_one_price_said_twice_is_one() -> None:
    """Equal prices from two tables agree, however they are written."""
    statement = said(price("2"), Price(INPUT, "2.00", MILLION, text="other"))
    assert list(statement.quotes) == ["input"]
    assert not statement.problems


@pytest.mark.parametrize(
    "other", [price("3"), price("2", currency="CNY"), price("2", per=1000)]
)
def test_two_prices_of_one_meter_are_held(other: Price) -> None:
    """Neither of two is believed, be it the number, the currency or the unit that
    differs; a third does not bring them back.
    """
    statement = said(price("2"), other, price("2"), price("8", meter=OUTPUT))
    assert list(statement.quotes) == ["output"]
    assert problems(statement) == [("conflict", "input")]
    assert "col=$2, col=$" in statement.problems[0].raw


@pytest.mark.parametrize(
    ("amount", "reason"),
    [
        ("-1", "negative"),
        ("1.000,50", "not_a_number"),
        ("2k", "not_a_number"),
        ("", "not_a_number"),
        ("1" * 100, "not_a_number"),
        ("1e99", "infinite"),
        ("1e-99", "too_small"),
        ("99999999999999", "too_large"),
    ],
)
def test_a_number_that_is_no_price_is_held(amount: str, reason: str) -> None:
    """Such a meter is held whole: no other price of it is believed, for no day."""
    for order in (1, -1):
        prices = [
            price(amount),
            price("2"),
            price("3", meter=OUTPUT),
            price("1", SPRING),
        ]
        statement = said(*prices[::order])
        assert list(statement.quotes) == ["output"]
        assert not statement.dated
        assert problems(statement) == [(reason, "input")]


def test_dated_prices_lie_beside_each_other() -> None:
    """Prices for days that do not overlap are all kept, in the order of the days,
    whatever their order on the page; the end of one may be the beginning of the next.
    """
    prices = [price("3", AUTUMN), price("2", SUMMER, AUTUMN), price("1", None, SUMMER)]
    for order in (1, -1):
        statement = said(*prices[::order])
        assert not statement.quotes
        assert not statement.problems
        assert [q.price_nano // 10**9 for q in statement.dated["input"]] == [1, 2, 3]


@pytest.mark.parametrize(
    "other",
    [
        price("3", SUMMER, AUTUMN),
        price("3", None, SPRING + timedelta(days=1)),
        price("3", SUMMER - timedelta(days=1)),
        price("2", SPRING, SUMMER, currency="CNY"),
    ],
)
def test_two_prices_for_one_day_are_held(other: Price) -> None:
    """A day that two prices claim makes the meter doubtful for every day."""
    later = SUMMER + timedelta(days=1)
    statement = said(price("2", SPRING, later), other, price("5", AUTUMN))
    assert problems(statement) == [("conflict", "input")]
    assert not statement.dated
    assert not statement.quotes


def test_a_conflict_takes_dated_prices_along() -> None:
    """Where two plain prices differ, a price announced for later is not believed."""
    statement = said(price("5", AUTUMN), price("2"), price("3"))
    assert (dict(statement.quotes), dict(statement.dated)) == ({}, {})


def test_equal_dated_prices_count_once() -> None:
    """The same price for the same days, said in two tables, is one step; for other
    days it is another, even where they overlap.
    """
    again = Price(INPUT, "2.0", MILLION, "USD", "other", "b", SPRING, SUMMER)
    statement = said(price("2", SPRING, SUMMER), again, price("2", SPRING, AUTUMN))
    assert len(statement.dated["input"]) == 2
    assert not statement.problems


def test_a_plain_price_stands_beside_dated_ones() -> None:
    """What holds without dates is kept beside what is announced; days decide."""
    statement = said(price("2"), price("3", AUTUMN))
    assert list(statement.quotes) == list(statement.dated) == ["input"]
    assert not statement.problems


def test_only_listings_are_flattened() -> None:
    """An entry of another source is a mistake of the program."""
    with pytest.raises(TypeError, match="one is no listing"):
        flatten("one", {"prices": []})


PRICES = st.builds(
    Price,
    meter=st.sampled_from([INPUT, OUTPUT, Meter("input", "second")]),
    amount=st.sampled_from(["0", "1", "2", "-1", "2k", "1e-7"]) | st.text(max_size=9),
    per=st.integers(1, 10**12),
    currency=st.sampled_from(["USD", "CNY", "DBU"]),
    text=st.text(max_size=9),
    field=st.text(max_size=9),
    effective_from=st.none() | st.dates(),
    effective_to=st.none() | st.dates(),
)


@settings(max_examples=300)
@given(st.lists(PRICES, max_size=8), st.dictionaries(st.text(), st.text(), max_size=3))
def test_what_a_book_made_is_flattened(
    prices: list[Price], facts: dict[str, str]
) -> None:
    """No book brings about an error, whatever stood in the cells; each meter is
    believed or held, never both.
    """
    made = book(price("1", meter=Meter("other")), *prices)
    for name, value in facts.items():
        made.fact("one", name, value)
    statement = flatten("one", made.document().entries["one"])
    held = {p.meter.key for p in statement.problems if p.meter}
    stated = {*statement.quotes, *statement.dated}
    assert held.isdisjoint(stated)
    assert stated | held == {"other", *(p.meter.key for p in prices)}


def test_the_order_of_currencies_does_not_matter() -> None:
    """Two prices that are stated for no day at all stand in one order of their own."""
    day = date(2026, 1, 1)
    two = [price("1", day, day, currency=name) for name in ("USD", "CNY")]
    stated = [said(*listed).dated["input"] for listed in (two, two[::-1])]
    assert [[q.currency for q in quotes] for quotes in stated] == [["CNY", "USD"]] * 2


@settings(max_examples=200)
@given(st.lists(PRICES, max_size=6), st.randoms())
def test_the_order_of_a_page_does_not_matter(prices: list[Price], random) -> None:
    """The same prices in another order are believed or held alike."""
    other = random.sample(prices, len(prices))

    def read(listed: list[Price]) -> tuple[object, ...]:
        """What is stated, without where it stood."""
        statement = said(*listed)
        dated = {
            key: [
                (q.price_nano, q.currency, q.effective_from, q.effective_to) for q in qs
            ]
            for key, qs in statement.dated.items()
        }
        plain = {key: (q.price_nano, q.currency) for key, q in statement.quotes.items()}
        return plain, dated, {p.meter for p in statement.problems}

    assert read(prices) == read(other)


@given(st.decimals(0, 10**6, places=6), st.sampled_from([1, 1000, MILLION]))
def test_prices_are_exact(number: Decimal, per: int) -> None:
    """A price of six decimals is kept to the nano-dollar, per any number of units."""
    meter = Meter("input", "request") if per == 1 else INPUT
    quote = said(price(format(number, "f"), meter=meter, per=per)).quotes[meter.key]
    assert quote.price_nano * per == number * 10**9 * meter.quantum
