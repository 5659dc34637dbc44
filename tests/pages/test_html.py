"""What is read from HTML: tables with their spans, and what they stand under."""

import contextlib
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.pages import html
from crawler.pages.grid import Cell, Table
from tracker.domain.errors import UnreadableBody

HEAD = "<tr><th>Model</th><th>In</th><th>Out</th></tr>"
ROW = "<tr><td>a</td><td>$1</td><td>$2</td></tr>"


def tables(source: str | bytes) -> list[Table]:
    """The tables of a page."""
    body = source if isinstance(source, bytes) else source.encode()
    return html.tables(html.page(body, what="a page"), what="a page")


def only(inner: str) -> Table:
    """The one table of a page, by what is in it."""
    [table] = tables(f"<p>before</p><table>{inner}</table>")
    return table


def rows(inner: str) -> list[list[str]]:
    """The texts of its rows."""
    return [[cell.text for cell in row] for row in only(inner).rows]


def cell(inner: str) -> Cell:
    """A cell with this in it."""
    return only(f"{HEAD}<tr><td>{inner}</td></tr>").rows[0][0]


def refusal(source: str | bytes) -> str:
    """Why a page is refused."""
    with pytest.raises(UnreadableBody) as refused:
        tables(source)
    return str(refused.value)


@pytest.mark.parametrize(
    "inner",
    [
        HEAD + ROW,
        f"<thead>{HEAD}</thead><tbody>{ROW}</tbody>",
        f"<tbody>{HEAD.replace('th>', 'td>')}{ROW}</tbody>",
        HEAD + ROW.replace("<td>a</td>", "<th scope=row>a</th>"),
        "<tr><th>Model<th>In<th>Out<tr><td>a<td>$1<td>$2",
        f"<tbody>{ROW}</tbody><thead>{HEAD}</thead>",
        f"<colgroup><col><col></colgroup>{HEAD}<!-- {ROW} -->{ROW}",
        HEAD + ROW.replace("<td>$1</td>", "<form><td>$1</td></form>"),
    ],
)
def test_a_table_has_its_header_and_rows(inner: str) -> None:
    """The header is a `<thead>`, rows of `<th>` at the top, or the first row."""
    table = only(inner)
    assert table.columns == ("model", "in", "out")
    assert rows(inner) == [["a", "$1", "$2"]]


def test_a_header_of_two_rows_is_one() -> None:
    """Of several header rows each column has its distinct texts, joined."""
    table = only(
        "<thead><tr><th rowspan=2>Model</th><th colspan=2>Short</th></tr>"
        f"<tr><th>In</th><th>Out</th></tr></thead>{ROW}"
    )
    assert table.columns == ("model", "short / in", "short / out")


def test_a_title_within_a_table_is_a_row() -> None:
    """A lone `<th>` over the whole width below the header is repeated, not merged."""
    title = "<tr><th colspan=3>Batch</th></tr>"
    for inner in (HEAD + title + ROW, f"<thead>{HEAD}</thead>{title}{ROW}"):
        assert only(inner).columns == ("model", "in", "out")
        assert rows(inner) == [["Batch"] * 3, ["a", "$1", "$2"]]


def test_a_foot_comes_last_and_a_second_head_stays() -> None:
    """Groups of rows come in the order in which a browser shows them."""
    foot = f"<tfoot>{ROW.replace('a', 'f')}</tfoot>"
    again = "<thead><tr><th>Model</th><th>Out</th><th>In</th></tr></thead>"
    inner = (
        f"{foot}<thead>{HEAD}</thead><tbody>{ROW}</tbody>{again}<tbody>{ROW}</tbody>"
    )
    assert [row[:2] for row in rows(inner)] == [
        ["a", "$1"],
        ["Model", "Out"],
        ["a", "$1"],
        ["f", "$1"],
    ]


@pytest.mark.parametrize(
    ("inner", "expected"),
    [
        (
            "<tr><td rowspan=2>a</td><td>1</td><td>2</td></tr><tr><td>3</td><td>4</td>",
            [["a", "1", "2"], ["a", "3", "4"]],
        ),
        (
            "<tr><td rowspan=0>a</td><td>1</td></tr><tr><td>2</td></tr><tr><td>3</td>",
            [["a", "1", ""], ["a", "2", ""], ["a", "3", ""]],
        ),
        (
            "<tr><td colspan=2>a</td><td>1</td></tr><tr><td>b</td></tr>",
            [["a", "a", "1"], ["b", "", ""]],
        ),
        (
            "<tr><td>a<td>1<td rowspan=2>2<tr><td>b<tr><td>c<td>3<td>4",
            [["a", "1", "2"], ["b", "", "2"], ["c", "3", "4"]],
        ),
        (
            "<tbody><tr><td rowspan=9>a<td>1<tbody><tr><td>b<td>2",
            [["a", "1", ""], ["b", "2", ""]],
        ),
        (
            "<tr><td rowspan=2 colspan=2>a</td><td>1</td></tr><tr><td>2</td></tr>",
            [["a", "a", "1"], ["a", "a", "2"]],
        ),
        (
            "<tr><td colspan=0 rowspan=-1>a<td colspan='²' rowspan='1.5'>1",
            [["a", "1", ""]],
        ),
        ("<tr></tr><tr><td>a</td></tr>", [["", "", ""], ["a", "", ""]]),
    ],
)
def test_spans_are_filled_in(inner: str, expected: list[list[str]]) -> None:
    """A cell stands in each place it spans, as far as its group of rows reaches."""
    assert rows(HEAD + inner) == expected


def test_a_span_without_bounds_is_bounded() -> None:
    """The most columns are those browsers allow; a `rowspan` ends with the table."""
    wide = only(f"{HEAD}<tr><td colspan=99999999 rowspan=99999999>a</td></tr>")
    assert len(wide.rows[0]) == html.MAX_SPAN


def test_cells_over_each_other_fail() -> None:
    """A cell that lies over another would push the rest aside."""
    inner = (
        f"{HEAD}<tr><td>a</td><td rowspan=2>1</td><td>2</td></tr>"
        "<tr><td colspan=2>b</td><td>3</td></tr>"
    )
    assert "over each other" in refusal(f"<table>{inner}</table>")


@pytest.mark.parametrize(
    ("inner", "text"),
    [
        ("$<!-- -->0.68", "$0.68"),
        ("<b>$</b>0.68", "$0.68"),
        ("$\u200b0.68\u00ad", "$0.68"),
        ("&#36;1&nbsp;/&nbsp;M &yen;2 &amp;", "$1 / M ¥2 &"),
        ("a<br>b<br/>c", "a b c"),
        ("<div>$1</div><div>0.5</div>", "$1 0.5"),
        ("<p>$1</p><p>$2</p>", "$1 $2"),
        ("<ul><li>$1</li><li>$2</li></ul>", "$1 $2"),
        ("<span>$1</span><span>/M</span>", "$1/M"),
        ("$1<script>document.write('$2')</script><style>a{}</style>", "$1"),
        ("<span hidden>$9</span>$1<i style='display: none'>$8</i>", "$1"),
        ("<span class='x hidden'>$9</span>$1", "$1"),
        ("<span class='hidden md:inline'>$1</span>", "$1"),
        ("<template>$9</template><noscript>$9</noscript>$1", "$1"),
        ("<?php $9 ?>$1", "$1"),
        ("$\0" + "1", "$\ufffd1"),
        ("", ""),
    ],
)
def test_a_cell_is_what_a_person_reads(inner: str, text: str) -> None:
    """Markup, comments, entities and hidden pieces leave the text that is shown; what
    stands on lines of its own is never run together.
    """
    assert cell(inner).text == text


@pytest.mark.parametrize(
    ("inner", "text", "struck"),
    [
        ("<del>$2</del>$1", "$1", ("$2",)),
        ("$1 <s>$2</s> <strike>$3</strike>", "$1", ("$2", "$3")),
        ("<span style='text-decoration:line-through'>$2</span>$1", "$1", ("$2",)),
        ("<span class='a line-through'>$2</span>$1", "$1", ("$2",)),
        ("<span class='hover:line-through'>$2</span>", "$2", ()),
        ("<del>$2 <s>$3</s> $4</del>$1", "$1", ("$2 $3 $4",)),
        ("<del><b>$</b>2</del> $1", "$1", ("$2",)),
        (
            "$0.435 (75% off<sup>(3)</sup>)<del>$1.74</del>",
            "$0.435 (75% off)",
            ("$1.74",),
        ),
        ("<del></del>$1", "$1", ()),
    ],
)
def test_what_is_struck_through_is_set_apart(
    inner: str, text: str, struck: tuple[str, ...]
) -> None:
    """A list price under a discount is kept beside the price, never in it."""
    found = cell(inner)
    assert (found.text, found.struck) == (text, struck)


def test_footnotes_and_links_are_set_apart() -> None:
    """Marks of footnotes are notes, even in what is struck; addresses are kept."""
    found = cell("<a href=/m>m</a><sup>(1)</sup> <del>$2<sup>2</sup></del><a>x</a>")
    assert found == Cell("m x", struck=("$2",), links=("/m",), notes=("(1)", "2"))


def test_the_path_is_made_of_headings_tabs_and_captions() -> None:
    """A table stands under its headings, the tab whose pane it is in, its caption."""
    page = (
        "<h1>Pricing <a href=#x>\u200b</a></h1><h3>Old</h3><h2>Models</h2>"
        "<button role=tab id=t1>Batch <b>API</b></button>"
        "<div role=tabpanel aria-labelledby=t1>"
        f"<table><caption>EU</caption>{ROW}</table>"
        f"</div><div role=tabpanel aria-label=Flex><table>{ROW}</table></div>"
        f"<div role=tabpanel aria-labelledby=gone><table>{ROW}</table></div>"
    )
    assert [table.path for table in tables(page)] == [
        ("Pricing", "Models", "Batch API", "EU"),
        ("Pricing", "Models", "Flex"),
        ("Pricing", "Models"),
    ]


def test_a_table_tells_what_is_said_before_it() -> None:
    """The text since the last heading or table may have the unit."""
    source = (
        f"<title>t</title><h2>A</h2>Per <b>1M</b> tokens.<script>x</script>"
        f"<table>{ROW}</table><p>Per image</p><table>{ROW}</table>"
    )
    assert [t.before for t in tables(source)] == ["Per 1M tokens.", "Per image"]


@pytest.mark.parametrize(
    "hiding",
    [
        "<div hidden>",
        "<div style='color:red; DISPLAY : none'>",
        "<div style='visibility:hidden'>",
        "<div class='pane hidden'>",
        "<template>",
        "<noscript>",
    ],
)
def test_a_hidden_table_is_kept_and_told_apart(hiding: str) -> None:
    """The pane of a tab not chosen is read, and said to be hidden."""
    end = hiding.replace("<", "</").split(" ")[0].rstrip(">") + ">"
    first, second = tables(
        f"{hiding}<p><table>{HEAD}{ROW}</table></p>{end}<table>{HEAD}{ROW}</table>"
    )
    assert (first.hidden, second.hidden) == (True, False)
    assert first.rows == second.rows


def test_what_some_screens_show_is_not_hidden() -> None:
    """A table that only small screens hide is shown."""
    [table] = tables(f"<div class='hidden md:block'><table>{ROW}</table></div>")
    assert not table.hidden


def test_a_table_in_a_script_is_no_table() -> None:
    """What a script would write is not on the page."""
    script = f"<script>var x = '<table>{HEAD}{ROW}</table>';</script>"
    assert len(tables(f"{script}<table>{HEAD}{ROW}</table>")) == 1


def test_a_table_around_tables_is_layout() -> None:
    """The inner table is read; prices of the outer one would be lost, so they fail."""
    inner = f"<h2>A</h2><table>{HEAD}{ROW}</table>"
    [table] = tables(f"<table><tr><td>menu</td><td>{inner}</td></tr></table>")
    assert table.path == ("A",)
    outer = f"<table><tr><td>$3</td><td>{inner}</td></tr></table>"
    assert "around another table" in refusal(outer)


def test_a_price_beside_the_cells_fails() -> None:
    """What stands in a table and in none of its cells would be lost."""
    assert "beside its cells" in refusal(
        f"<table>{HEAD}<tbody><b>$3</b></tbody></table>"
    )


def test_a_first_row_of_prices_is_no_header() -> None:
    """A table without names of columns has empty ones, and all its rows."""
    table = only(ROW)
    assert table.columns == ("", "", "")
    assert len(table.rows) == 1


def test_tables_without_cells_are_none() -> None:
    """An empty table is left out."""
    assert tables("<table></table><table><tr></tr></table><p>x</p>") == []


def test_a_node_is_read_as_a_cell() -> None:
    """A page's own module may read any element as a cell is read."""
    tree = html.page(b"<p>a <del>b</del> <i>c</i></p>", what="a page")
    [node] = tree.xpath("//p")
    assert html.cell_of(node) == Cell("a c", struck=("b",))
    assert html.text_of(node) == "a c"


@pytest.mark.parametrize("body", [b"", b" \n\t ", b"\xef\xbb\xbf"])
def test_an_empty_body_is_no_page(body: bytes) -> None:
    """Nothing, or white space, is refused as such."""
    assert "empty" in refusal(body)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("<meta charset='iso-8859-1'><p>caf\xe9".encode("latin-1"), "iso-8859-1"),
        (
            "<meta http-equiv=x content='text/html; charset=GBK'>价格".encode("gbk"),
            "gbk",
        ),
        (f"<table>{ROW}</table>".encode("utf-16"), "not UTF-8"),
        (b"<!-- only a comment -->", "not HTML"),
    ],
)
def test_another_encoding_is_refused_by_name(body: bytes, reason: str) -> None:
    """A page that is not UTF-8 and says so is not guessed at."""
    assert reason in refusal(body)


def test_utf8_is_read_whatever_a_page_says() -> None:
    """Bytes that are UTF-8 are; a broken one in a UTF-8 page is marked, not guessed."""
    said = f"<meta charset=gbk><table>{HEAD}<tr><td>é</td></tr></table>".encode()
    [table] = tables(said)
    assert table.rows[0][0].text == "é"
    [table] = tables(
        f"<table>{HEAD}<tr><td>@</td></tr></table>".encode().replace(b"@", b"\xff")
    )
    assert table.rows[0][0].text == "\ufffd"


@pytest.mark.parametrize(
    "body",
    [
        b"<html><body><p>x</p>",
        b"<table><tr><td>$1",
        b"<html><table></table><table></html>",
    ],
)
def test_a_body_that_was_cut_off_is_told(body: bytes) -> None:
    """A table or page that begins and does not end was cut off."""
    with pytest.raises(UnreadableBody, match="cut off before"):
        html.whole(body, what="a page")


def test_a_whole_body_is_whole() -> None:
    """Ends are counted whatever the case and attributes of the tags."""
    html.whole(b"<!doctype html><HTML lang=en><Table class=x></TABLE></hTML>", what="")
    html.whole(b"<thead></thead>", what="")


def test_a_page_beyond_reason_is_refused() -> None:
    """A page too deep for the parser, which stops reading there in silence, fails; so
    does a table of a million cells.
    """
    begun = time.process_time()
    table = f"<table>{HEAD}{ROW}</table>"
    assert "too deeply" in refusal("<div>" * 100_000 + table)
    assert "too deeply" in refusal("<table><tr><td>" * 5000)
    assert "more than" in refusal("<table>" + ("<tr>" + "<td>1</td>" * 10) * 100_000)
    tall = "<tr><td>1</td></tr>" * 5000
    assert "more than" in refusal(f"<table><tr><td colspan=1000>a</td></tr>{tall}")
    deep = "<div>" * 1500
    assert len(tables(f"{deep}{table}")) == 1
    assert time.process_time() - begun < 30


PIECES = [
    *("<table>", "</table>", "<tr>", "</tr>", "<td>", "</td>", "<th>", "<thead>"),
    *(
        "</thead>",
        "<tbody>",
        "<tfoot>",
        "<caption>",
        "<td rowspan=2>",
        "<td rowspan=0>",
    ),
    *("<td colspan=3>", "<th colspan=2 rowspan=3>", "<del>", "</del>", "<sup>", "<h2>"),
    *("</h2>", "<div hidden>", "</div>", "<div role=tabpanel aria-labelledby=a>"),
    *("<b id=a>", "<script>", "</script>", "<!--", "-->", "<br>", "<a href=x>", "$1"),
    *("&nbsp;", "text", "\0", "\ud800", "<td rowspan=9999999999999>", "<form>", "<p>"),
]
"""What pages are put together from."""


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.sampled_from(PIECES), max_size=40).map(
        lambda pieces: "".join(pieces).encode("utf-8", "replace")
    )
    | st.binary(max_size=60)
)
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    """No bytes bring about another error than a refusal, and tables are even."""
    with contextlib.suppress(UnreadableBody):
        for table in tables(body):
            assert {len(row) for row in table.rows} <= {len(table.header)}
    with contextlib.suppress(UnreadableBody):
        html.whole(body, what="a page")


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.lists(
            st.tuples(st.integers(1, 3), st.integers(0, 3)), min_size=1, max_size=4
        ),
        min_size=1,
        max_size=5,
    )
)
def test_no_price_is_lost_in_silence(shape: list[list[tuple[int, int]]]) -> None:
    """Whatever the spans, each cell stands somewhere, in its own row, or the page is
    refused.
    """
    lines = [
        "".join(
            f"<td colspan={wide} rowspan={high}>${y}.{x}</td>"
            for x, (wide, high) in enumerate(row)
        )
        for y, row in enumerate(shape)
    ]
    try:
        read = rows(HEAD + "".join(f"<tr>{line}</tr>" for line in lines))
    except UnreadableBody:
        return
    for y, row in enumerate(shape):
        assert {f"${y}.{x}" for x in range(len(row))} <= {*read[y]}
