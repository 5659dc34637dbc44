"""What is read of JSX: literals in attributes, never run."""

import random
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.pages import jsx
from crawler.pages.grid import Cell
from crawler.pages.jsx import Call, Markup, Number, Opaque, Value
from crawler.pages.jsxtext import MAX_DEPTH
from tracker.domain.errors import UnreadableBody

SECONDS = 5
"""What a megabyte may take; what is quadratic takes minutes."""


def value_of(source: str) -> Value:
    """The value that a text begins with."""
    return jsx.literal(source, 0, what="a page")[0]


def rows_of(source: str) -> Value:
    """An attribute as a component has it."""
    [found] = jsx.elements(f"<T rows={{{source}}} />", ["T"], what="a page")
    return found.attributes["rows"]


def refused(source: str) -> str:
    """Why a text is no literal."""
    with pytest.raises(UnreadableBody) as told:
        value_of(source)
    assert "\n" not in str(told.value)
    return str(told.value)


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ('"a b"', "a b"),
        ("'it is \"so\"'", 'it is "so"'),
        ("`two\nlines`", "two\nlines"),
        (r'"a\"b\\"', 'a"b\\'),
        (r"'\x24\u0035\u{1F600}'", "$5\U0001f600"),
        (r"'\ud83d\ude00'", "\U0001f600"),
        (r"'\ud83d'", "\ufffd"),
        (r"'\u{ffffff}'", "\ufffd"),
        ("'a\\\nb'", "ab"),
        (r"'\q\n'", "q\n"),
        ("''", ""),
    ],
)
def test_texts(source: str, value: str) -> None:
    """Three ways to quote, with the escapes of each."""
    assert value_of(source) == value


@pytest.mark.parametrize(
    "text", ["2.5", "0.250", "-1", "15", ".5", "1e-6", "1.", "123456789012345678901"]
)
def test_numbers_keep_their_text(text: str) -> None:
    """A number is what was written, not what a float makes of it."""
    assert value_of(text) == Number(text)


@pytest.mark.parametrize(
    ("source", "value"),
    [("null", None), ("undefined", None), ("true", True), ("false", False)],
)
def test_words(source: str, value: Value) -> None:
    """The words of the language are values."""
    assert value_of(source) is value


def test_lists_and_objects() -> None:
    """Nested, with commas after the last, with quoted and unquoted names."""
    source = """[
      ["gpt-5.4", 2.5, null, 15,],
      { title: "Model", 'width': "9%", "n": 1, },
      [], {},
    ]"""
    assert value_of(source) == [
        ["gpt-5.4", Number("2.5"), None, Number("15")],
        {"title": "Model", "width": "9%", "n": Number("1")},
        [],
        {},
    ]


def test_comments_say_nothing() -> None:
    """Of both kinds and wherever a space may be; not within texts."""
    source = """[ // the first
      1, /* , 2, */ "// no", /**/ "/* no */" /* end */,
    ]"""
    assert value_of(source) == [Number("1"), "// no", "/* no */"]


def test_calls_and_names_are_not_run() -> None:
    """A call is its name and arguments; a name is what it is."""
    assert value_of('tip({label: "x"}, [1])') == Call(
        "tip", ({"label": "x"}, [Number("1")])
    )
    assert value_of("Math.max ( 1 , 2 )") == Call(
        "Math.max", (Number("1"), Number("2"))
    )
    assert value_of("prices.input") == Opaque("prices.input")
    assert jsx.cell(value_of("price()")) is None
    assert jsx.cell(value_of("price")) is None


@pytest.mark.parametrize(
    ("source", "text", "struck"),
    [
        ('<>{"$"}0.95</>', "$0.95", ()),
        ("<>{'$'}{ 3 }</>", "$3", ()),
        ("<b>Model</b>", "Model", ()),
        ('<span className={cn("a", b)}>$1</span>', "$1", ()),
        ("<><del>$2</del> $1</>", "$1", ("$2",)),
        ("<>a<br/>b</>", "a b", ()),
        ("<>{/* no */}a{null}{false}</>", "a", ()),
        ('<>{"<b>"} &lt;272K</>', "<b> <272K", ()),
        ("<>{<b>x</b>}</>", "x", ()),
        ("<></>", "", ()),
    ],
)
def test_fragments_and_elements(source: str, text: str, struck: tuple[str]) -> None:
    """Markup as a value is the cell that it draws."""
    value = value_of(source)
    assert isinstance(value, Markup)
    assert jsx.cell(value) == Cell(text, struck)


def test_links_of_markup_are_kept() -> None:
    """An address is what a cell has of a link."""
    value = value_of('<a href="/x" onClick={() => go("/y")}>y</a>')
    assert jsx.cell(value) == Cell("y", links=("/x",))


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        ("  a  b ", Cell("a b")),
        (Number("2.50"), Cell("2.50")),
        (None, Cell("")),
        (False, Cell("")),
        (True, None),
        ([], None),
        ({}, None),
    ],
)
def test_values_as_cells(value: Value, cell: Cell | None) -> None:
    """Text and numbers are cells, nothing is an empty one, the rest is none."""
    assert jsx.cell(value) == cell


def test_components_in_order() -> None:
    """Those asked for, with all their attributes, and where they stand."""
    text = """<Other rows={[1]} />
<Table rows={[["a", 1]]} wide title='x > y' {...rest} {/* no */} /> and
<Tables /><List.Item n="1">
"""
    found = jsx.elements(text, ["Table", "List.Item"], what="a page")
    assert [one.name for one in found] == ["Table", "List.Item"]
    assert found[0].attributes == {
        "rows": [["a", Number("1")]],
        "wide": True,
        "title": "x > y",
    }
    assert text[found[0].start : found[0].end].startswith("<Table rows")
    assert text[found[0].start : found[0].end].endswith("/>")
    assert text[found[1].end :] == "\n"


@pytest.mark.parametrize(
    "source",
    [
        "rows.map((row) => [row, `${row}`])",
        "[...others, 1]",
        "a ? [1] : [2]",
        "[1].concat([2])",
        "[1 + 2]",
        "`${price}`",
        'x => { return "}" /* } */ }',
        "[1, , 2]",
        '{"a" 1}',
    ],
)
def test_other_expressions_are_opaque(source: str) -> None:
    """What is no literal is kept as it is written, and the next attribute is read."""
    [found] = jsx.elements(f"<T rows={{{source}}} n={{1}} />", ["T"], what="a page")
    assert found.attributes == {"rows": Opaque(f"{{{source}}}"), "n": Number("1")}


def test_texts_of_attributes_have_no_escapes() -> None:
    """In an attribute a text ends at its quote, whatever stands before it."""
    [found] = jsx.elements('<T path="C:\\" n="2" />', ["T"], what="a page")
    assert found.attributes == {"path": "C:\\", "n": "2"}


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("", "a value is missing"),
        ("[1 2]", "a comma is missing"),
        ("[1, 2", "a comma is missing"),
        ("[1, ", "a value is missing"),
        ("{a 1}", "a colon is missing"),
        ("{a: 1 b: 2}", "a comma is missing"),
        ("{[a]: 1}", "a property is missing"),
        ("f(1", "a comma is missing"),
        ('"abc', "a text does not end"),
        ("'abc\\'", "a text does not end"),
        ("`${x}`", "a template is no literal"),
        ("[1 /* 2]", "a comment does not end"),
        ("<b>x", "an element does not end"),
        ("<b x=1></b>", "an attribute without a value"),
        ("<>{price}</>", "no text"),
        ("<>{f(1)}</>", "no text"),
        ("...x", "a value is missing"),
        ("\ud800", "a value is missing"),
    ],
)
def test_what_is_wrong_is_said(source: str, reason: str) -> None:
    """A text that is no literal is refused with the reason and the place."""
    assert reason in refused(source)
    assert "a page: line 1: " in refused(source)


@pytest.mark.parametrize(
    "text",
    ["<T", "<T rows", "<T rows={", "<T rows={[1}", '<T a="', "<T a={'", "<T a={[1,2]"],
)
def test_components_cut_off_are_refused(text: str) -> None:
    """A component that does not end is no component."""
    with pytest.raises(UnreadableBody, match="line 3"):
        jsx.elements(f"\n\n{text}", ["T"], what="a page")


def test_depth_is_bounded() -> None:
    """Nesting up to a limit is read, beyond it refused, without any recursion error."""
    deep = MAX_DEPTH - 1
    assert value_of("[" * deep + "]" * deep) is not None
    for opening in ("[", "{a:", "f(", "[<>{"):
        assert "nested too deeply" in refused(opening * 10_000)
    assert "does not end" in refused("<a b={" * 10_000)
    assert jsx.cell(value_of("<a b={" * 1000 + "1" + "}/>" * 1000)) == Cell("")


def test_length_is_bounded() -> None:
    """A literal of more values than any table has is refused."""
    assert "too long" in refused("[" + "1," * 300_000 + "]")
    assert value_of("[" + "1," * 100_000 + "]") == [Number("1")] * 100_000


@pytest.mark.parametrize(
    "evil",
    [
        "<T a={" * 100_000,
        "<T " * 200_000,
        "<T a={[" + "'" * 500_000,
        "<T a={x(" + '"\\' * 300_000,
        "<T {" + "/" * 500_000 + "} />",
        "<T a={[" + "/* */" * 100_000 + "]} />",
        "<T a={[" + " " * 1_000_000,
        "<T a={" + "{" * 500_000,
        "<T a={<>" + "{" * 500_000,
        "<T a={<>" + "<b>" * 200_000,
        "<T a={[" + "9" * 500_000 + "x]} />",
        "<T a={" + "a." * 300_000 + "} />",
        "<T a={x => 1}" * 50_000,
        "{/*" * 200_000,
        "<!--" * 200_000,
    ],
    ids=lambda evil: evil[:12],
)
def test_time_is_linear(evil: str) -> None:
    """Hundreds of kilobytes made to be slow take no longer than others."""
    start = time.process_time()
    for read in (
        lambda: jsx.elements(evil, ["T"], what="a page"),
        lambda: jsx.uncommented(evil, what="a page"),
    ):
        try:
            read()
        except UnreadableBody as told:
            assert len(str(told)) < 500  # noqa: PT017
    assert time.process_time() - start < SECONDS


def test_comments_are_taken_out() -> None:
    """What is commented out is gone; every other character is where it was."""
    text = 'a {/* <T />\n "x" */} b <!-- <T /> --> c'
    bare = jsx.uncommented(text, what="a page")
    assert len(bare) == len(text)
    assert bare.split() == ["a", "{", "}", "b", "c"]
    assert bare.count("\n") == 1
    assert bare.index("b") == text.index("b")
    for cut in ("a {/* b", "a <!-- b"):
        with pytest.raises(UnreadableBody, match="a comment does not end"):
            jsx.uncommented(cut, what="a page")


@given(st.text(alphabet="<>/T ={}[]()\"'`\\,:.a1$-\n*&;", max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    """Whatever stands there, it is values or an unreadable body."""
    for source in (text, f"<T {text}", f"<T a={{{text}}} />"):
        try:
            for found in jsx.elements(source, ["T"], what="a page"):
                for value in found.attributes.values():
                    jsx.cell(value)
        except UnreadableBody:
            continue


Plain = str | int | bool | list["Plain"] | dict[str, "Plain"] | None


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers(0, 10**9) | st.text(max_size=8),
        lambda inner: (
            st.lists(inner, max_size=4)
            | st.dictionaries(st.from_regex(r"[a-z_]{1,6}", fullmatch=True), inner)
        ),
        max_leaves=12,
    )
)
def test_what_is_written_is_read(plain: Plain) -> None:
    """Any literal, written in any quoting and spacing, comes back as its value."""
    chance = random.Random(0)  # noqa: S311
    assert rows_of(written(plain, chance)) == expected(plain)


def written(plain: Plain, chance: random.Random) -> str:
    """A value as JavaScript."""
    gap = chance.choice(["", " ", "\n", "/* x */"])
    if isinstance(plain, str):
        quote = chance.choice("\"'`")
        escaped = plain.replace("\\", "\\\\").replace(quote, f"\\{quote}")
        return quote + escaped.replace("${", "$\\{") + quote
    if isinstance(plain, list):
        return f"[{gap}{''.join(f'{written(one, chance)},{gap}' for one in plain)}]"
    if isinstance(plain, dict):
        pairs = (f"{key}:{gap}{written(one, chance)}," for key, one in plain.items())
        return f"{{{gap}{''.join(pairs)}}}"
    return "null" if plain is None else str(plain).lower()


def expected(plain: Plain) -> Value:
    """What is read of it."""
    if isinstance(plain, list):
        return [expected(one) for one in plain]
    if isinstance(plain, dict):
        return {key: expected(one) for key, one in plain.items()}
    if plain is None or isinstance(plain, bool | str):
        return plain
    return Number(str(plain))
