"""What is read from the data that a Next.js page carries."""

import json

import pytest

from crawler.pages import next_flight
from tracker.domain.errors import UnreadableBody


def page(*texts: str) -> str:
    """A page that pushes these texts."""
    pushes = (f"self.__next_f.push([1,{json.dumps(text)}])" for text in texts)
    first = "(self.__next_f=self.__next_f||[]).push([0])"
    return "".join(f"<script>{script}</script>" for script in (first, *pushes))


def rows(*texts: str) -> list:
    """The rows of these texts."""
    return next_flight.rows(page(*texts), what="a page")


def test_rows_are_put_together_across_scripts() -> None:
    """A row may begin in one script and end in the next."""
    assert rows('1:{"a":', '"b"}\n2:["c"]\n') == [{"a": "b"}, ["c"]]


def test_numbers_stay_as_they_were_written() -> None:
    """A price keeps its digits: 1.50 is not 1.5, and nothing becomes a float."""
    (row,) = rows('1:{"price":1.50,"big":12345678901234567890,"tiny":1e-400}\n')
    assert row == {"price": "1.50", "big": "12345678901234567890", "tiny": "1e-400"}
    assert all(isinstance(value, next_flight.Number) for value in row.values())


def test_a_row_of_text_is_as_long_as_it_says() -> None:
    """Text is counted in bytes and may hold what looks like rows."""
    text = '€\n9:{"price":1}\n'
    size = len(text.encode())
    assert rows(f'1:T{size:x},{text}2:["after"]\n') == [["after"]]


def test_what_is_no_data_is_passed_over() -> None:
    """Modules, hints, texts and rows that do not parse are no data."""
    assert rows('0:I[1,["x"]]\n:HL["y"]\n3:"text"\n4:[1,\n5:["z"]\n') == [["z"]]


def test_values_come_in_the_order_of_the_page() -> None:
    """The outer value comes before what is in it, and the first before the second."""
    found = next_flight.values([{"a": ["b", {"c": "d"}], "e": "f"}], what="a page")
    assert [value for value in found if isinstance(value, str)] == ["b", "d", "f"]


def test_a_doubled_dollar_is_one() -> None:
    """A text that begins with a dollar is written with two, since one refers."""
    assert next_flight.text_of("$$1.5") == "$1.5"
    assert next_flight.text_of("1.5$$") == "1.5$$"
    assert next_flight.text_of(None) == next_flight.text_of(["$$1"]) == ""


@pytest.mark.parametrize(
    "text",
    [
        page('1:{"a":1}\n')[:-14],
        "<script>self.__next_f.push(",
        "<script>self.__next_f.push([1," + "[" * 100_000,
        page("1:" + "[" * 100_000 + "]" * 100_000 + "\n"),
    ],
)
def test_a_script_that_is_cut_or_too_deep_is_refused(text: str) -> None:
    """Data that ends within a script, or has no bottom, is unreadable."""
    with pytest.raises(UnreadableBody, match="a page: "):
        next_flight.rows(text, what="a page")


def test_more_values_than_a_page_has_are_refused(monkeypatch) -> None:
    """Reading stops where no page goes on."""
    monkeypatch.setattr(next_flight, "MAX_NODES", 10)
    with pytest.raises(UnreadableBody, match="more data"):
        list(next_flight.values([["x"] * 20], what="a page"))
