"""Tables and cells as the readers of Markdown and HTML give them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.pages.grid import (
    NOTE,
    STRUCK,
    Cell,
    Gathered,
    Table,
    columns_of,
    merged_header,
    plain,
    squeezed,
    under,
    widened,
)
from tracker.domain.errors import UnreadableBody


def table(*names: str, path: tuple[str, ...] = ("Pricing", "Models")) -> Table:
    """A table with columns of these names."""
    return Table(path, tuple(map(Cell, names)), ())


def test_a_table_tells_where_it_stands() -> None:
    """The place is the path in one line, for messages."""
    assert table().place == "Pricing › Models"
    assert table(path=()).place == "the top of the page"


def test_names_are_compared_without_case_and_white_space() -> None:
    """Cosmetic changes of a name leave it the same."""
    assert table("Base  Input\u00a0Tokens").columns == ("base input tokens",)
    assert plain(" STRASSE ") == plain("straße")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (" a \t\n b\u00a0c\u2009d\u3000e ", "a b c d e"),
        ("$\u200b1\u200d.\u20602\ufeff5", "$1.25"),
        ("\u202a$1\u202c \u2066$2\u2069", "$1 $2"),
        ("in\u00adput", "input"),
        ("a\0b", "a\ufffdb"),
    ],
)
def test_text_is_squeezed(text: str, shown: str) -> None:
    """White space collapses, what nobody sees goes, and a NUL is marked."""
    assert squeezed(text) == shown


@given(st.text())
def test_squeezing_is_done_once(text: str) -> None:
    """Text that was squeezed stays as it is."""
    assert squeezed(squeezed(text)) == squeezed(text)


def test_columns_have_their_meaning() -> None:
    """Each column is looked up by its name, in the table's order."""
    known = {"model": "m", "input": "i", "output": "o"}
    assert columns_of(table("Output", "Model"), known, what="p") == ["o", "m"]
    assert columns_of(table("Input", "Input"), known, what="p") == ["i", "i"]


def test_an_unknown_column_fails_by_name() -> None:
    """The message names the column, the place and what is known."""
    with pytest.raises(
        UnreadableBody, match=r"p: the column 'price' .* Pricing › Models .*'model'"
    ):
        columns_of(table("Model", "Price"), {"model": 1}, what="p")


@pytest.mark.parametrize("names", [("Output", "Input"), ("Input", "Input")])
def test_columns_out_of_order_fail(names: tuple[str, ...]) -> None:
    """Where the order is known, swapped and doubled names are noticed."""
    known = {"input": 1, "output": 2}
    assert columns_of(table("Output"), known, what="p", in_order=True) == [2]
    with pytest.raises(UnreadableBody, match="not in the order"):
        columns_of(table(*names), known, what="p", in_order=True)


def test_rows_are_widened_with_empty_cells() -> None:
    """Every row is as wide as the widest."""
    a = Cell("a")
    assert widened([[a], [a, a], []]) == ((a, Cell("")), (a, a), (Cell(""), Cell("")))
    assert widened([]) == ()


def test_a_header_of_several_rows_is_merged() -> None:
    """Each column keeps its distinct texts; one row stays as it is."""
    top = (Cell("Model", links=("/m",)), Cell("Price"), Cell("Price"))
    below = (Cell("Model"), Cell("In"), Cell(""))
    assert merged_header((top,)) == top
    assert merged_header((top, below)) == (
        Cell("Model"),
        Cell("Price / In"),
        Cell("Price"),
    )


def test_tables_are_chosen() -> None:
    """The tables that fit come in their order."""
    first, second = table("a"), table("b")
    assert list(under([first, second], lambda t: t.columns == ("b",))) == [second]


def test_a_cell_is_gathered_from_its_pieces() -> None:
    """What is struck through and what is a note stands apart, whole."""
    gathered = Gathered()
    gathered.add(" a ")
    gathered.open("b")
    gathered.open("del", STRUCK)
    gathered.add("$2")
    gathered.open("s", STRUCK)
    gathered.add(" $3")
    gathered.close("s")
    gathered.open("sup", NOTE)
    gathered.add("1")
    gathered.close("del")
    gathered.add("$1")
    gathered.close("never opened")
    gathered.links.append("/a")
    assert gathered.cell() == Cell("a $1", ("$2 $3",), ("/a",), ("1",))


def test_empty_pieces_are_none() -> None:
    """An element without text sets nothing apart."""
    gathered = Gathered()
    gathered.open("del", STRUCK)
    gathered.add(" \u200b")
    assert gathered.cell() == Cell("")
