"""What is read from Markdown and MDX: tables, paragraphs and what they stand under."""

import contextlib
import time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from crawler.pages import markdown
from crawler.pages.grid import Cell, Table
from tracker.domain.errors import UnreadableBody

TABLE = "| Model | Price |\n| --- | --- |\n| a | $1 |\n"
NESTED = f"""# P
<Tabs>
  <Tab title="A">
    <Accordion title="B">
{TABLE}
    </Accordion>
  </Tab>
</Tabs>
"""


def tables(text: str) -> list[Table]:
    """The tables of a page."""
    return markdown.tables(text, what="a page")


def paths(text: str) -> list[tuple[str, ...]]:
    """What each table stands under."""
    return [table.path for table in tables(text)]


def only(text: str) -> Table:
    """The one table of a page."""
    [table] = tables(text)
    return table


def rows(text: str) -> list[list[str]]:
    """The texts of the rows of the one table of a page."""
    return [[cell.text for cell in row] for row in only(text).rows]


def price(cell: str) -> Cell:
    """The second cell of a row in which it is written like this."""
    return only(f"{TABLE}| b | {cell} |\n").rows[1][1]


def refusal(text: str) -> str:
    """Why a page is refused."""
    with pytest.raises(UnreadableBody) as refused:
        tables(text)
    return str(refused.value)


def test_a_table_has_its_header_and_rows() -> None:
    """A plain table is read with the path of its headings."""
    table = only(f"# Pricing\n\n## Models\n\n{TABLE}")
    assert table.path == ("Pricing", "Models")
    assert table.columns == ("model", "price")
    assert table.rows == ((Cell("a"), Cell("$1")),)
    assert table.place == "Pricing › Models"


@pytest.mark.parametrize(
    "text",
    [
        TABLE.replace("\n", "\r\n"),
        TABLE.replace("\n", "\r"),
        "\ufeff" + TABLE,
        "Prices of today:\n" + TABLE,
        "- what they cost:\n" + TABLE,
        "<!-- made by hand -->\n" + TABLE,
        "{/* made by hand */}\n" + TABLE,
        "Model | Price\n--- | ---\na | $1\n",
        "| Model | Price\n| :- | -:\n| a | $1\n",
        TABLE.removesuffix("\n"),
        TABLE.replace("\n", "\n          "),
        TABLE.replace("| ", "|\t").replace("\n", "\n\t"),
        "> " + TABLE.replace("\n", "\n> "),
        "- item\n\n  " + TABLE.replace("\n", "\n  "),
        "1. item\n\n   " + TABLE.replace("\n", "\n   "),
        "- " + TABLE.replace("\n", "\n  "),
        f"<div>\n{TABLE}</div>\n",
        f"<center>\n\n{TABLE}\n</center>\n",
        f"<Frame><div>\n{TABLE}</div></Frame>\n",
        TABLE.replace("| a", "<!-- | b | $9 | -->\n| a"),
        TABLE.replace("| a", "<!--\n| b | $9 |\n--> | a"),
        f"{TABLE}\n<Logo src={{x}} />\n\n<Logo\n  wide\n/>\n",
    ],
)
def test_a_table_is_found_wherever_it_stands(text: str) -> None:
    """Line ends, indentation, quotes, lists, comments and tags around a table do not
    hide it and change nothing in it.
    """
    assert rows(text) == [["a", "$1"]]


@pytest.mark.parametrize(
    ("text", "path"),
    [
        (f'<Tab title="Batch">\n{TABLE}</Tab>\n', ("Batch",)),
        (f"<Tab title='Batch'>\n{TABLE}</Tab>\n", ("Batch",)),
        (f'<Tab title={{"Batch"}}>\n{TABLE}</Tab>\n', ("Batch",)),
        (f"<Tab title={{`Batch`}}>\n{TABLE}</Tab>\n", ("Batch",)),
        (f"<Tab title=Batch>\n{TABLE}</Tab>\n", ("Batch",)),
        (f'<Tab\n  icon="x"\n  title="Batch"\n>\n{TABLE}</Tab>\n', ("Batch",)),
        (f'<Tab run={{() => 1}} title="Batch">\n{TABLE}</Tab>\n', ("Batch",)),
        (f'<Tab note={{"it\'s"}} title="Batch">\n{TABLE}</Tab>', ("Batch",)),
        (f'<Tab note={{<b>it\'s</b>}}\n title="Batch">\n{TABLE}</Tab>', ("Batch",)),
        (f'<Tab note={{"a\\"b"}} title="Batch">\n{TABLE}</Tab>', ("Batch",)),
        (f'<Tab a={{<table>x</table>}} title="Batch">\n{TABLE}</Tab>', ("Batch",)),
        (f'<Tab title="> 200k &amp; more">\n{TABLE}</Tab>\n', ("> 200k & more",)),
        (f'<Tab title="< 200k">\n{TABLE}</Tab>\n', ("< 200k",)),
        (f'<Tabs><Tab title="Batch">\n{TABLE}</Tab></Tabs>\n', ("Batch",)),
        (f'<Tab title="Batch">As it is now.\n\n{TABLE}\nBye.</Tab>\n', ("Batch",)),
        (f'<Tab title="A"></Tab><Tab title="B">\n{TABLE}</Tab>\n', ("B",)),
        (f'Text. <Tab title="B">\n{TABLE}</Tab>\n', ("B",)),
        (f'<TabItem value="b" label="Batch">\n{TABLE}</TabItem>\n', ("b",)),
        (f'<div data-value="batch" hidden>\n{TABLE}</div>\n', ("batch",)),
        (NESTED, ("P", "A", "B")),
        (f'# P\n<Tab title="A">\n  # Q\n{TABLE}</Tab>\n', ("P", "A", "Q")),
        (
            f"<details>\n<summary>Old <b>ones</b></summary>\n{TABLE}</details>",
            ("Old ones",),
        ),
        (f"<details><summary>Old</summary>\n{TABLE}</details>\n", ("Old",)),
        (f"Pricing\n=======\n\nBatch\n---\n{TABLE}", ("Pricing", "Batch")),
        (f"Pricing of\nall models\n===\n{TABLE}", ("Pricing of all models",)),
        (f"# Pricing #\n## [Batch](#batch) {{#batch}}\n{TABLE}", ("Pricing", "Batch")),
        (f'<h2 id="b">Batch</h2>\n{TABLE}', ("Batch",)),
        (f"# A\n### B\n## C\n{TABLE}", ("A", "C")),
        (f"---\ntitle: Pricing\ntags:\n  - a\n---\n\n{TABLE}", ()),
        (f"text\n\n---\n\n{TABLE}", ()),
        (f"- text\n---\n{TABLE}", ()),
        (f"#Batch\n####### Flex\n{TABLE}", ()),
    ],
)
def test_the_path_is_made_of_headings_and_titles(
    text: str, path: tuple[str, ...]
) -> None:
    """Headings of every kind and titles of components around a table are its path."""
    assert paths(text) == [path]


def test_what_a_tab_holds_ends_with_it() -> None:
    """After a tab neither its title nor a heading within it is part of the path."""
    page = f'# P\n<Tab title="A">\n## Q\n{TABLE}</Tab>\n{TABLE}## R\n{TABLE}'
    assert paths(page) == [("P", "A", "Q"), ("P",), ("P", "R")]


def test_a_heading_reaches_out_of_a_component_without_title() -> None:
    """A heading wrapped in a plain component stands over what follows."""
    page = (
        f'<div className="head">\n## Q\n</div>\n{TABLE}<Frame>\n## R\n{TABLE}</Frame>'
    )
    assert paths(page) == [("Q",), ("R",)]


def test_a_tab_that_does_not_end_fails_the_page() -> None:
    """Which tables stand in a tab must be clear; a component without a title may stay
    open, and an end without a beginning is nothing.
    """
    left_open = f'<Tab title="A">\n{TABLE}<Tab title="B">\n{TABLE}</Tab>\n'
    assert "<Tab> 'A' of line 1 does not end" in refusal(left_open)
    crossed = f'<Tabs>\n<Tab title="A">\n{TABLE}</Tabs>\n{TABLE}'
    assert "<Tab> 'A' of line 2 does not end" in refusal(crossed)
    within = f'<Note><Tab title="A">x</Note>\n{TABLE}'
    assert "<Tab> 'A' of line 1 does not end" in refusal(within)
    assert paths(f"<Note>\n{TABLE}\n{TABLE}") == [(), ()]
    assert paths(f"</Tab>\n{TABLE}") == [()]


def test_a_tag_in_code_or_within_text_is_no_component() -> None:
    """What is quoted as code or stands within a sentence opens and ends nothing."""
    said = "End it with `</Tab>`, of List<String> or ``<Tab `x``."
    assert paths(f'<Tab title="A">\n{said}\n{TABLE}</Tab>\n') == [("A",)]
    assert price("<Badge>new</Badge> $1<Foo />").text == "new $1"


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (r"\$1.4", "$1.4"),
        ("&#36;1&nbsp;/&nbsp;M", "$1 / M"),
        ("`$1`", "$1"),
        ("**$1**", "$1"),
        ("$1<br/>$2<br>$3<br />$4", "$1 $2 $3 $4"),
        ("<p>$1</p><p>$2</p>", "$1 $2"),
        (r"a \| b", "a | b"),
        (r"`a \| b`", "a | b"),
        ("$1<!-- was $2 -->", "$1"),
        ("$<!-- -->1", "$1"),
        ("$\u200b1\u00ad", "$1"),
        ("![logo](x.png)$1", "$1"),
        ('{"$"}1.40', "$1.40"),
        ("<>{'$'}1.40</>", "<>$1.40</>"),
        ("~$1", "~$1"),
        ("a_b_c * d", "a_b_c * d"),
        ("$1\u2028/ M", "$1 / M"),
        ("$1\x0b/ M", "$1 / M"),
        ("\0", "\ufffd"),
        ("", ""),
    ],
)
def test_a_cell_is_what_a_person_reads(cell: str, text: str) -> None:
    """Escapes, entities, markup, comments and odd white space leave the plain text."""
    assert price(cell).text == text


@pytest.mark.parametrize(
    ("cell", "text", "struck"),
    [
        (r"~~\$0.60~~ \$0.30 / M tokens", "$0.30 / M tokens", ("$0.60",)),
        ("<del>$2</del> $1", "$1", ("$2",)),
        ("<DEL>$2</DEL> <s>$3</s><strike>$4</strike> $1", "$1", ("$2", "$3", "$4")),
        ("<del>$<b>2</b></del> $1", "$1", ("$2",)),
        ("<del>$2 <s>$3</s></del> $1", "$1", ("$2 $3",)),
        ('<span style="text-decoration:line-through">$2</span> $1', "$1", ("$2",)),
        ('<span className="line-through x">$2</span> $1', "$1", ("$2",)),
        ("<s>$2 $1", "", ("$2 $1",)),
        ("</s>$1</del>", "$1", ()),
        ("~~$2~~ ~~$3~~", "", ("$2", "$3")),
    ],
)
def test_what_is_struck_through_is_set_apart(
    cell: str, text: str, struck: tuple[str, ...]
) -> None:
    """A list price under a discount is kept beside the price, never in it."""
    found = price(cell)
    assert (found.text, found.struck) == (text, struck)


def test_footnotes_and_links_are_set_apart() -> None:
    """Marks of footnotes are notes, and the addresses of links are kept."""
    table = only(
        f"{TABLE}| [b](/b)<sup>1</sup> <sup>2</sup> | [$1][p] <https://x.org> |\n\n"
        '[p]: /pricing "Prices"\n'
    )
    name, cost = table.rows[1]
    assert (name.text, name.links, name.notes) == ("b", ("/b",), ("1", "2"))
    assert (cost.text, cost.links) == (
        "$1 https://x.org",
        ("/pricing", "https://x.org"),
    )


@pytest.mark.parametrize(
    "row",
    ["#1 | $3", "- | $3", "> 512k | $3", "1. b | $3", "<b>b</b> | $3", "* b | $3"],
)
def test_a_row_may_begin_like_another_block(row: str) -> None:
    """In a table without outer pipes a row stays one, whatever it begins with."""
    page = f"Model | Price\n--- | ---\n{row}\na | $1\n"
    assert [cells[1] for cells in rows(page)] == ["$3", "$1"]


@pytest.mark.parametrize(
    "text",
    [
        TABLE.replace("| a | $1 |", "| a |"),
        TABLE.replace("| a | $1 |", "| a | $1 | $2 |"),
        TABLE.replace("| a | $1 |", "| a | b | $1 |"),
        f"{TABLE}as of today\n",
        f"{TABLE})}}\n",
    ],
)
def test_a_row_as_wide_as_no_header_fails(text: str) -> None:
    """Plain Markdown would drop or move cells of a ragged row in silence."""
    assert "does not have its 2 cells" in refusal(text)


@pytest.mark.parametrize(
    "text",
    [
        "| Model | In | Out |\n| --- | --- |\n| a | $1 | $2 |\n",
        "| --- | --- |\n| a | $1 |\n",
        f"{TABLE}\n| b | $2 |\n",
        f"{TABLE}\n| b | 0.2 |\n",
        f"{TABLE}\nb | $2\n",
        f"{TABLE}</div>\n| b | $2 |\n",
        "a | $1\nb | $2\n",
        f"{TABLE}{TABLE}",
        f"<Foo\n{TABLE}/>\n",
        f"<Foo text={{`\n{TABLE}`}} />\n",
        f"Use a <table> here.\n\n{TABLE}\nNot </table>.\n",
        "| Model | Price |\x0c| --- | --- |\n| a | $1 |\n",
    ],
)
def test_a_row_in_no_table_fails(text: str) -> None:
    """A row that no table takes up would be a price lost in silence."""
    refusal(text)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (f"{TABLE}\n```\n| b | $2 |\n", "a block of code, which begins on line 5"),
        (f"{TABLE}\n- ~~~\n", "a block of code"),
        (f"{TABLE}\n<!-- \n{TABLE}", "a comment, which begins on line 5"),
        (f"{TABLE}\n{{/* \n{TABLE}", "a comment"),
        (f"{TABLE}\n<Tab title='x\n\n", "a tag, which begins on line 5"),
        (f"{TABLE}\n<Table rows={{[1, 2\n", "a tag"),
        (f"{TABLE}\n<pre>\n", "a <pre>"),
        (f"{TABLE}\n<table>\n<tr><td>$1</td></tr>", "a table"),
    ],
)
def test_what_does_not_end_fails(text: str, kind: str) -> None:
    """Whatever begins and does not end would swallow the rest of the page."""
    assert f"cut off in {kind}" in refusal(text)


@pytest.mark.parametrize(
    "hidden",
    [
        f"```\n{TABLE}```\n",
        f"~~~ md\n{TABLE}~~~\n",
        f"````\n```\n{TABLE}```\n````\n",
        f"```\n~~~\n{TABLE}```\n",
        f"```md\n```js\n{TABLE}```\n",
        f"<Tab title='x'>\n    ```\n{TABLE}    ```\n</Tab>\n",
        f"- ```\n{TABLE}  ```\n",
        f"> ```\n> {TABLE}> ```\n",
        f"<!--\n{TABLE}-->\n",
        f"{{/*\n{TABLE}*/}}\n",
        f"<pre>\n{TABLE}</pre>\n",
        f"<style set:html={{`a {{ b }}`}} />\n<style>\n{TABLE}</style>\n",
    ],
)
def test_a_table_that_nobody_sees_is_not_read(hidden: str) -> None:
    """Code, comments and styles hold no table, and what follows them is read."""
    assert paths(f"# A\n{hidden}\n## B\n{TABLE}") == [("A", "B")]


def test_code_on_one_line_begins_no_block() -> None:
    """Three backticks with their end on the same line hide nothing."""
    assert rows(f"``` x ``` is code\n\n{TABLE}") == [["a", "$1"]]


def test_a_table_in_html_is_read_as_well() -> None:
    """A table in HTML stands in its place, with its spans, even as JSX."""
    page = (
        f'## Images\n\nPer image.\n\n<table style={{{{ width: "100%" }}}}>\n'
        "<tr><th>Model</th><th>Size</th><th>Price</th></tr>\n\n"
        '<tr><td rowSpan="2">a</td><td>1</td><td>$1</td></tr>\n'
        "<tr><td>2</td><td>{'$'}2</td></tr>\n</table>\n\n"
        f"{TABLE}"
    )
    drawn, piped = tables(page)
    assert drawn.path == piped.path == ("Images",)
    assert drawn.before == "Per image."
    assert [[cell.text for cell in row] for row in drawn.rows] == [
        ["a", "1", "$1"],
        ["a", "2", "$2"],
    ]


def test_the_source_of_a_component_is_no_table() -> None:
    """Code that draws a table from its properties has no rows of its own."""
    source = (
        "export const DocTable = ({rows = []}) => {\n  return <div>\n      <table>\n"
        "        <tbody>\n          {rows.map((row, i) => <tr key={i}>\n"
        "              {row.map((cell) => <td>{cell}</td>)}\n            </tr>)}\n"
        "        </tbody>\n      </table>\n    </div>;\n};\n"
    )
    assert paths(f"# P\n\n{source}\n{TABLE}") == [("P",)]


def test_an_empty_table_has_no_rows() -> None:
    """A header alone is a table, so that its columns can be checked."""
    assert only("| Model | Price |\n| --- | --- |\n").rows == ()


def test_sections_hold_what_is_said_between_tables() -> None:
    """Paragraphs and items of lists are cells, in order, each under its path."""
    page = (
        f"Intro\nof two lines.\n\n# A\n\n- one **b**\n- two\n\n> quoted\n\n{TABLE}\n"
        f"After `it`.\n\n[x]: /y\n\n## B\n<Tab title='T'>\nIn a tab.\n</Tab>\n{TABLE}"
    )
    found = [
        (s.path, [b.text if isinstance(b, Cell) else "table" for b in s.blocks])
        for s in markdown.sections(page, what="a page")
    ]
    assert found == [
        ((), ["Intro of two lines."]),
        (("A",), ["one b", "two", "quoted", "table", "After it."]),
        (("A", "B"), []),
        (("A", "B", "T"), ["In a tab."]),
        (("A", "B"), ["table"]),
    ]
    assert [section.heading for section in markdown.sections(page, what="")][-2] == "T"
    assert markdown.Section((), ()).heading == ""


def test_a_table_tells_what_is_said_before_it() -> None:
    """Its unit may stand in the sentence above; what is above another is not its."""
    first, second, third = tables(
        f"# A\n\nPer 1M tokens.\n\n{TABLE}\nPer\n\nimage.\n\n{TABLE}## B\n{TABLE}"
    )
    assert (first.before, second.before, third.before) == (
        "Per 1M tokens.",
        "Per image.",
        "",
    )


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "empty"),
        (" \n\t\n", "empty"),
        ("<!DOCTYPE html><html></html>", "HTML"),
        ("\n <html>", "HTML"),
        (TABLE.removesuffix("1 |\n"), "cut off in the row"),
        (TABLE + "| b \\|", "cut off in the row"),
        (TABLE + "| b |", "cut off in the row"),
        ("| a |\n| b", "cut off in the row"),
        ("```\n", "cut off in a block of code"),
    ],
)
def test_a_page_that_is_not_whole_is_told(text: str, reason: str) -> None:
    """An empty body, HTML, and an end within a row or block are refused by name."""
    with pytest.raises(UnreadableBody, match=reason):
        markdown.checked(text, what="a page")


def test_a_whole_page_is_checked_and_read() -> None:
    """A page without fault is read as it is without the check."""
    page = f"# A\n\ntext\n\n{TABLE}"
    assert markdown.checked(page, what="p") == markdown.sections(page, what="p")


def test_a_line_of_markdown_is_a_cell() -> None:
    """A line from elsewhere is read as a cell is; an endless one as it stands."""
    assert markdown.cell(r"**\$1** ~~$2~~") == Cell("$1", struck=("$2",))
    assert markdown.cell("*a" * 9000).text == "*a" * 9000


def test_too_many_lines_are_no_page() -> None:
    """The work is bounded by the number of lines."""
    assert "too long to be a page" in refusal("a\n" * markdown.MAX_LINES)


def test_a_cell_without_bounds_is_refused() -> None:
    """A cell longer than any is no cell; a paragraph may be long."""
    assert "characters" in refusal(f"{TABLE}| b | {'*a' * 5000} |\n")
    [section] = markdown.sections("*a" * 50_000, what="a page")
    assert len(section.blocks) == 1


def test_components_have_a_depth() -> None:
    """Components within components without end are no page."""
    assert "nested too deeply" in refusal("<A>\n" * 5000)


HOSTILE = [
    "[",
    "![",
    "](",
    "*",
    "**a",
    "~~a",
    "~",
    "_a",
    "`",
    "``a`",
    "<a>",
    "<a <",
    "<A ",
    "<A '",
    "<A {'",
    "</A>",
    "<A>\n</A>\n",
    "<A/>\n",
    "<!-- x -->",
    "{/* x */}\n",
    "<summary>",
    "<h1>x</h1>\n",
    "<table></table>\n",
    "&",
    "\\",
    "|",
    "| |\n",
    "| a |\n| - |\n\n",
    "> ",
    "> > > > > > > > - a\n",
    "- ",
    "- a\n",
    "1) ",
    "# ",
    "# a\n",
    "a\n---\n",
    "---\n",
    "- :x\n",
    "```\n```\n",
    "[a]: b\n",
    '{"$"}',
    "1 111 ",
    "$1 ",
    "\u2028",
    "\r",
]


@pytest.mark.parametrize("piece", HOSTILE)
def test_repetition_takes_no_more_than_its_length(piece: str) -> None:
    """What makes careless readers quadratic or worse takes a moment, in a page, a
    heading or a cell.
    """
    many = piece * (60_000 // len(piece))
    begun = time.process_time()
    for page in (many, f"# {many}", f"{TABLE}| b | {piece * 1000} |", f"---\n{many}z"):
        with contextlib.suppress(UnreadableBody):
            tables(page)
    assert time.process_time() - begun < 10


@settings(max_examples=300, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            [*"|-<>/`~#*\n\n\n$1a {}=\"'[](!", "Tab", "<!--", "-->", "title"]
        ),
        max_size=60,
    ).map("".join)
    | st.text(max_size=80)
)
@example("---\n" + "- :x\n" * 250 + "z")
def test_any_text_is_read_or_refused(text: str) -> None:
    """No text brings about another error than a refusal."""
    for read in (markdown.tables, markdown.checked):
        with contextlib.suppress(UnreadableBody):
            read(text, what="a page")
    markdown.cell(text)


AROUND = [
    "",
    "\n",
    "text",
    "text\n\n",
    "# Heading",
    "---",
    "===",
    "- item",
    "1. item",
    "> quote",
    "<div>",
    "</div>",
    '<div data-value="x">',
    "<Tabs>",
    "</Tabs>",
    '<Tab title="x">',
    "</Tab>",
    "<Tab\n  title='y'\n>",
    "<Foo />",
    "<Foo\n  a={1}\n/>",
    "<!-- c -->",
    "<!--\nc\n-->",
    "{/* c */}",
    "<details>",
    "<summary>s</summary>",
    "</details>",
    "<p>",
    "<br/>",
    "**Bold**",
    "```\ncode\n```",
    "| x | y |",
    "x | y",
    "`</Tab>`",
    "[l]: /x",
    "import { a } from 'b'",
    "export const x = () => {",
    "};",
    "<b",
    "a < B",
]


@settings(max_examples=500, deadline=None)
@given(st.data())
def test_no_price_is_lost_in_silence(data: st.DataObject) -> None:
    """However tables are laid out among other things, each price is in a table, or the
    page is refused.
    """
    blocks, prices = [], []
    for number in range(data.draw(st.integers(1, 3))):
        own = [f"${number}.{cents}1" for cents in range(data.draw(st.integers(1, 3)))]
        lines = ["Model | Price", "--- | ---", *(f"m | {p}" for p in own)]
        if data.draw(st.booleans()):
            lines = [f"| {line} |" for line in lines]
        place = data.draw(st.integers(0, len(lines)))
        lines[place:place] = data.draw(st.lists(st.sampled_from(AROUND), max_size=1))
        margin = data.draw(st.sampled_from(["", "  ", "        ", "> ", "\t"]))
        blocks += data.draw(st.lists(st.sampled_from(AROUND), max_size=3))
        blocks += [margin + line for line in lines]
        prices += own
    blocks += data.draw(st.lists(st.sampled_from(AROUND), max_size=2))
    try:
        found = tables("\n".join(blocks))
    except UnreadableBody:
        return
    read = {cell.text for table in found for row in table.rows for cell in row}
    assert {*prices} <= read
