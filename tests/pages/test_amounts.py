"""Amounts of money as people write them in a cell, and what they are for."""

import contextlib
import time
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.pages import amounts
from crawler.pages.amounts import Money, Per
from tracker.domain.errors import UnreadableBody

AMOUNTS = st.decimals(0, 10**9, places=9, allow_nan=False).map(
    lambda number: format(number.normalize(), "f")
)


def only(text: str) -> Money:
    """The one amount of a cell."""
    return amounts.only_money(text, where="here")


def stated(text: str) -> list[tuple[str, str]]:
    """The amounts of a text with their currencies."""
    return [(money.amount, money.currency) for money in amounts.moneys(text)]


@pytest.mark.parametrize(
    ("text", "amount", "currency"),
    [
        ("$1.25", "1.25", "USD"),
        ("$1.60", "1.60", "USD"),
        ("$0", "0", "USD"),
        ("$.5", ".5", "USD"),
        ("$1,000.50", "1000.50", "USD"),
        ("$1,234,567", "1234567", "USD"),
        ("$5e-7", "5e-7", "USD"),
        ("$ 5", "5", "USD"),
        ("$\u00a05", "5", "USD"),
        ("$$2.25", "2.25", "USD"),
        ("US$3", "3", "USD"),
        ("USD 3", "3", "USD"),
        ("USD$3", "3", "USD"),
        ("3 USD", "3", "USD"),
        ("$3 USD", "3", "USD"),
        ("0.30usd", "0.30", "USD"),
        ("¥0.5", "0.5", "CNY"),
        ("￥0.5", "0.5", "CNY"),
        ("CN¥0.5", "0.5", "CNY"),
        ("0.5元", "0.5", "CNY"),
        ("0.5 RMB", "0.5", "CNY"),
        ("RMB 0.5", "0.5", "CNY"),
        ("€5", "5", "EUR"),
        ("5€", "5", "EUR"),
        ("5 EUR", "5", "EUR"),
        ("£3", "3", "GBP"),
        ("₹3", "3", "INR"),
        ("HK$3", "3", "HKD"),
        ("C$3", "3", "CAD"),
        ("$3 CAD", "3", "CAD"),
        ("A$3", "3", "AUD"),
        ("¥3 JPY", "3", "JPY"),
        ("JP¥3", "3", "JPY"),
        ("-$1", "-1", "USD"),
        ("−$1", "-1", "USD"),
        ("$-1", "-1", "USD"),
    ],
)
def test_an_amount_has_its_number_and_currency(
    text: str, amount: str, currency: str
) -> None:
    """The number is kept as it stands without separators, the currency as its code; no
    other dollar is taken for that of the United States.
    """
    assert only(text) == Money(amount, currency, "", "")


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("$1.000,50", "1.000,50"),
        ("$1,00", "1,00"),
        ("$1.2.3", "1.2.3"),
        ("$1'000", "1'000"),
        ("$1 000.50", "1 000.50"),
        ("1 000 USD", "1 000"),
        ("$2k", "2k"),
        ("$1.5M", "1.5M"),
        ("$5_000", "5_000"),
        ("$0.10,0.20", "0.10,0.20"),
    ],
)
def test_a_number_is_never_read_in_part(text: str, amount: str) -> None:
    """A number written otherwise stays whole, so that it is held; alone in a cell it
    fails.
    """
    assert [money.amount for money in amounts.moneys(text)] == [amount]
    with pytest.raises(UnreadableBody, match=r"here: .* is not understood"):
        only(text)


@pytest.mark.parametrize(
    "text",
    ["50¢", "¢50", "₽5", "＄5", "AUS$5", "XY$5", "$5 CNY", "$5 EUR", "¥5 USD", "$¥5"],
)
def test_a_currency_that_is_not_told_fails(text: str) -> None:
    """A sign that may be several currencies, or contradicts its code, is unknown."""
    assert [money.currency for money in amounts.moneys(text)] == [amounts.UNKNOWN]
    with pytest.raises(UnreadableBody, match="not understood as a price"):
        only(text)


@pytest.mark.parametrize(
    "text",
    [
        "$1 - $2",
        "$1–$2",
        "$0.50/$1.50",
        "$0.15 input$0.60 output",
        "$1, $2",
        "¥1 ($0.14)",
    ],
)
def test_two_amounts_are_not_one(text: str) -> None:
    """A cell with a second amount or a range has no one price."""
    with pytest.raises(UnreadableBody, match="here: 2 prices in"):
        only(text)


@pytest.mark.parametrize(
    "text",
    [
        *("$1-2", "$1–2", "$1 to 2", "$0.50/1.50", "$1/2", "$3+", "$3 or more", "$3 5"),
        *("~$3", "≈ $3", "<$3", "≤ $3", "from $3", "From $3", "up to $3", "about $3"),
        *("starting at $3", "as low as $3", "$5 off", "save $5", "$5 credit", "3$ 5$"),
        *("Claude 4 USD 3.00", "$1\ufffd5"),
    ],
)
def test_a_limit_range_or_rebate_is_no_price(text: str) -> None:
    """What is one end of a range, about right, or money back is not the price."""
    with pytest.raises(UnreadableBody, match="is not one price"):
        only(text)


@pytest.mark.parametrize("text", ["", "-", "free", "75%", "$", "0.5", "1M", "$٣", "k$"])
def test_a_cell_without_an_amount_fails(text: str) -> None:
    """A number without a currency, or a currency without a number, is no amount."""
    assert amounts.moneys(text) == []
    with pytest.raises(UnreadableBody, match="here: no price in"):
        only(text)


@pytest.mark.parametrize(
    ("text", "money"),
    [
        ("$5 / MTok", Money("5", "USD", "", "/ MTok")),
        ("$0.435 (75% off(3))", Money("0.435", "USD", "", "(75% off(3))")),
        ("$0.5 off-peak", Money("0.5", "USD", "", "off-peak")),
        ("Input: $5.00Output", Money("5.00", "USD", "Input:", "Output")),
        ("up to 200k: $5", Money("5", "USD", "up to 200k:", "")),
        ("$5.", Money("5", "USD", "", ".")),
        ("0.5元/百万tokens", Money("0.5", "CNY", "", "/百万tokens")),
        (
            "5,000 free, then $14 per 1,000 requests.",
            Money("14", "USD", "5,000 free, then", "per 1,000 requests."),
        ),
        ("$10 / 1k calls + tokens", Money("10", "USD", "", "/ 1k calls + tokens")),
    ],
)
def test_what_stands_around_an_amount_is_kept(text: str, money: Money) -> None:
    """The words before and after say what the amount is for."""
    assert only(text) == money


def test_several_amounts_come_in_order() -> None:
    """Each amount of a text has the words up to its neighbours."""
    text = "$1.25, prompts <= 200k tokens $2.50, prompts > 200k tokens or 3 USD"
    assert amounts.moneys(text) == [
        Money("1.25", "USD", "", ", prompts <= 200k tokens"),
        Money("2.50", "USD", ", prompts <= 200k tokens", ", prompts > 200k tokens or"),
        Money("3", "USD", ", prompts > 200k tokens or", ""),
    ]
    assert stated("$0.15 input$0.60 output") == [("0.15", "USD"), ("0.60", "USD")]


@given(AMOUNTS, st.sampled_from(["${}", "US${}", "USD {}", "{} USD", "${} / MTok"]))
def test_what_is_written_is_read_back(amount: str, form: str) -> None:
    """A plain number comes back as it was, in every form of writing it."""
    assert stated(form.format(amount)) == [(amount, "USD")]


@given(st.decimals(0, 10**12, places=2, allow_nan=False))
def test_separators_of_thousands_are_read(number: Decimal) -> None:
    """A number with separators is the number without."""
    assert Decimal(only(f"${number:,}").amount) == number


@given(st.lists(AMOUNTS, min_size=2, max_size=5), st.sampled_from(["", " ", "/", ", "]))
def test_amounts_beside_each_other_are_all_found(listed: list[str], gap: str) -> None:
    """However close amounts stand, none is lost and none runs into the next."""
    text = gap.join(f"${amount}" for amount in listed)
    assert stated(text) == [(amount, "USD") for amount in listed]


@given(st.text(alphabet="$¥€USD0123456789.,'- /kMe元", max_size=24) | st.text())
def test_any_text_is_read_or_refused(text: str) -> None:
    """No text brings about another error; an only amount is a number."""
    amounts.moneys(text)
    amounts.per_of(text)
    amounts.state_of(text)
    with contextlib.suppress(UnreadableBody):
        Decimal(only(text).amount)
    with contextlib.suppress(UnreadableBody):
        Decimal(amounts.bare_number(text, where="here"))


@pytest.mark.parametrize(
    "piece",
    ["1", "1 111 ", "$", "$1", "1,", "1.", "US", "USD ", " ", "-", "A$", "k$1 "],
)
def test_repetition_takes_no_more_than_its_length(piece: str) -> None:
    """Long runs of what numbers and signs begin with take a moment."""
    begun = time.process_time()
    text = piece * (200_000 // len(piece))
    for read in (amounts.moneys, amounts.per_of, amounts.state_of):
        read(text)
        read(f"/ {text}")
    assert time.process_time() - begun < 10


@pytest.mark.parametrize(
    ("text", "state"),
    [
        ("Free", amounts.FREE),
        ("free of  charge", amounts.FREE),
        ("Limited-time Free", amounts.FREE),
        ("ContactSales", amounts.CONTACT),
        ("Contact us", amounts.CONTACT),
        ("Not available", amounts.NOT_AVAILABLE),
        ("variable", amounts.DYNAMIC),
        ("-", amounts.NOT_STATED),
        ("—", amounts.NOT_STATED),
        ("−", amounts.NOT_STATED),
        ("\\", amounts.NOT_STATED),
        ("N/A", amounts.NOT_STATED),
        ("", amounts.NOT_STATED),
        ("$0", None),
        ("free trial", None),
        ("Free, then $5", None),
    ],
)
def test_words_in_place_of_a_price(text: str, state: str | None) -> None:
    """A cell may say that it is free, sold by talk, not sold, or nothing at all."""
    assert amounts.state_of(text) == state


@pytest.mark.parametrize(
    ("text", "number"),
    [("0.5", "0.5"), (" 1,000 ", "1000"), (".5", ".5"), ("30", "30")],
)
def test_a_bare_number_is_read(text: str, number: str) -> None:
    """Where the page draws the sign, the number stands alone."""
    assert amounts.bare_number(text, where="here") == number


@pytest.mark.parametrize(
    "text", ["", "-1", "$1", "1.000,5", "1 2", "1e3", "5k", "٣", "1,0"]
)
def test_a_bare_number_is_nothing_else(text: str) -> None:
    """Anything beside the number fails."""
    with pytest.raises(UnreadableBody, match=r"here: .* is no number"):
        amounts.bare_number(text, where="here")


@pytest.mark.parametrize(
    ("text", "unit", "count"),
    [
        ("/ MTok", "token", 10**6),
        ("/ M tokens", "token", 10**6),
        ("/M tokens", "token", 10**6),
        ("M tokens", "token", 10**6),
        ("per 1M tokens", "token", 10**6),
        ("1M tokens", "token", 10**6),
        ("per million tokens", "token", 10**6),
        ("per million input tokens", "token", 10**6),
        ("/ 1,000,000 tokens", "token", 10**6),
        ("/ 1M characters", "character", 10**6),
        ("/ M characters", "character", 10**6),
        ("per 1M characters", "character", 10**6),
        ("/1K characters", "character", 1000),
        ("/ 1k calls", "request", 1000),
        ("per 1,000 requests.", "request", 1000),
        ("/ 1K searches", "query", 1000),
        ("per query", "query", 1),
        ("per image", "image", 1),
        ("per 1K images", "image", 1000),
        ("/ video", "video", 1),
        ("/ song", "song", 1),
        ("per 1000 pages", "page", 1000),
        ("/ hour", "second", 3600),
        ("per hour", "second", 3600),
        ("/ minute", "second", 60),
        ("/min", "second", 60),
        ("/sec", "second", 1),
        ("PER  TOKEN", "token", 1),
    ],
)
def test_what_a_price_is_for(text: str, unit: str, count: int) -> None:
    """The phrases of the pages are read as units and how many of them."""
    assert amounts.per_of(text) == Per(unit, count)


@pytest.mark.parametrize(
    "text",
    [
        *("", "/", "per", "per 1M", "per million", "/1K", "/s", "/ container", "/ use"),
        *("per CCU", "/ GB per day", "/ 20 minutes / container", "per session-hour"),
        *("/ 1,000,000 tokens per hour", "per 1,000 search queries", "per 10s audio"),
        *("/ 0 tokens", "/ 1,0 tokens", "/ , tokens", "/ ٣ tokens", "per image or $3"),
        *("per 1K image", "per 2K image", "per 4k image", "/ 1M video"),
        "/ " + "9" * 5000 + " tokens",
    ],
)
def test_what_no_unit_is(text: str) -> None:
    """What is not known as a unit, counts nothing, or is a size ("per 1K image" is a
    picture of that size) is none, and for the page's module to judge.
    """
    assert amounts.per_of(text) is None


def test_rows_that_rise_tell_that_columns_are_in_order() -> None:
    """At least half of the rows must not fall from left to right."""
    assert amounts.mostly_rising([])
    assert amounts.mostly_rising([["0.1", "1", "5"], ["1", "1", "0.5"]])
    assert not amounts.mostly_rising([["5", "1"], ["2", "1"], ["1", "2"]])
