"""What is read from Z.AI's page of prices, in both of its layouts."""

from datetime import date

import pytest

from crawler.pages import zai
from tests.support import damage
from tracker.domain.errors import UnreadableBody
from tracker.domain.quotes import Statement

COLUMNS = ("Model", "Input", "Cached Input", "Cached Input Storage", "Output")
FLAGSHIP = ("GLM-5.3", "$1.4", "$0.26", "Limited-time Free", "$4.4")
OLD = ("GLM-4-32B-0414-128K", "$0.1", "-", "-", "$0.1")
OCR = ("GLM-OCR", "$0.03", "\\", "\\", "$0.03")
FREE = ("GLM-4.7-Flash", "Free", "Free", "Free", "Free")
TOKENS = "Prices per 1M tokens."

HTML = "samples/zai/2026-08-18__overview-pricing.html"
MARKDOWN = "samples/zai/2026-09-30__SYNTHETIC-layout_zai.md"

Section = tuple[str, str, tuple[str, ...], list[tuple[str, ...]]]


def tokens(*rows: tuple[str, ...], above: str = TOKENS) -> Section:
    """A table of prices per token."""
    return ("Text Models", above, COLUMNS, list(rows))


def single(title: str, above: str, *rows: tuple[str, ...], head: str = "") -> Section:
    """A table with one price for each name."""
    first, second = head.split() if head else ("Model", "Price")
    return (title, above, (first, second), list(rows))


def as_markdown(*sections: Section) -> bytes:
    """The page's Markdown, where dollars and backslashes are escaped."""
    lines = ["> ## Documentation Index", "> More pages.", "", "# Pricing", ""]
    for title, above, header, rows in sections:
        lines += [f"### {title}", "", above, ""]
        lines.append(f"| {' | '.join(header)} |")
        lines.append(f"| {' | '.join(':---' for _ in header)} |")
        for cells in rows:
            escaped = (c.replace("\\", "\\\\").replace("$", "\\$") for c in cells)
            lines.append(f"| {' | '.join(escaped)} |")
        lines.append("")
    return "\n".join(lines).encode()


def as_html(*sections: Section) -> bytes:
    """The page as it is shown, with anchors that are empty to the eye."""
    parts = ["<!DOCTYPE html><html><head><title>Pricing</title></head><body>"]
    parts.append("<h1>Pricing</h1>")
    for title, above, header, rows in sections:
        parts.append(f"<h3><a>\u200b</a>{title}</h3><p>{above}</p><table><thead><tr>")
        parts.extend(f"<th>{name}</th>" for name in header)
        parts.append("</tr></thead><tbody>")
        for cells in rows:
            parts.append("<tr>")
            parts.extend(f"<td>{cell}</td>" for cell in cells)
            parts.append("</tr>")
        parts.append("</tbody></table>")
    return "".join((*parts, "</body></html>")).encode()


@pytest.fixture(params=[as_markdown, as_html], ids=["markdown", "html"])
def page(request):
    """How a page is written, each layout in turn."""
    return request.param


def said(body: bytes, key: str) -> Statement:
    """What a page says of one model."""
    return zai.flatten(key, zai.parse(body).entries[key])


def test_a_row_of_tokens_in_either_layout(page) -> None:
    """Input, cached input, its storage and output are read, escaped dollars or not."""
    one = said(page(tokens(FLAGSHIP)), "glm-5.3")
    expected = {"input": "1.4", "cache_read": "0.26", "storage": "0", "output": "4.4"}
    assert damage.card(one) == expected
    assert one.offer.text == "zai/glm-5.3"
    assert one.quotes["output"].raw == "$4.4"
    assert one.quotes["output"].currency == "USD"


def test_both_layouts_say_the_same() -> None:
    """A key and its prices do not depend on how the page is written."""
    sections = (tokens(FLAGSHIP, OLD, OCR, FREE),)
    assert zai.parse(as_markdown(*sections)) == zai.parse(as_html(*sections))


def test_what_is_not_stated_is_no_price(page) -> None:
    """A dash and a backslash say nothing: no price of zero, no state."""
    body = page(tokens(OLD, OCR))
    assert damage.cards(zai, body) == {
        "glm-4-32b-0414-128k": {"input": "0.1", "output": "0.1"},
        "glm-ocr": {"input": "0.03", "output": "0.03"},
    }
    assert said(body, "glm-ocr").facts == {}


def test_free_is_a_price_of_zero(page) -> None:
    """`Free` and `Limited-time Free` cost nothing, which is a price."""
    one = damage.cards(zai, page(tokens(FREE)))["glm-4.7-flash"]
    assert one == {"input": "0", "cache_read": "0", "storage": "0", "output": "0"}


def test_only_tables_with_input_and_output_are_prices_of_tokens(page) -> None:
    """The unit of every other table is the one that stands above it or in its cells."""
    body = page(
        tokens(FLAGSHIP),
        single("Image Generation Models", "Prices per image.", ("GLM-Image", "$0.015")),
        single("Video Generation Models", "Prices per video.", ("CogVideoX-3", "$0.2")),
        single("Built-in Tools", "", ("Web Search", "$0.01 / use"), head="Tool Cost"),
        single(
            "Agents",
            "",
            ("GLM Slide/Poster Agent(beta)", "$0.7 / MTok"),
            ("Effects Templates", "$0.2 / video"),
            head="Agent Price",
        ),
    )
    found = damage.cards(zai, body)
    assert found["glm-image"] == {"output.image": "0.015"}
    assert found["cogvideox-3"] == {"output.video": "0.2"}
    assert found["web-search"] == {"search.query": "0.01"}
    assert found["glm-slide-poster-agent"] == {"usage": "0.7"}
    assert found["effects-templates"] == {"output.video": "0.2"}
    assert said(body, "glm-slide-poster-agent").facts == {"status": "beta"}


def test_another_tool_has_a_meter_of_its_own(page) -> None:
    """A tool that is no search is billed by the call, under its own name."""
    tools = single("Tools", "", ("Code Runner", "$0.03 / use"), head="Tool Cost")
    found = damage.cards(zai, page(tokens(FLAGSHIP), tools))
    assert found["code-runner"] == {"code_runner.call": "0.03"}


def test_what_a_price_is_equivalent_to_is_no_second_price(page) -> None:
    """A rough price per minute in brackets is left to the cell's text."""
    cell = "$0.03 / MTok (equivalent to approximately $0.0024/minute)"
    body = page(tokens(FLAGSHIP), single("Audio Models", "", ("GLM-ASR-2512", cell)))
    one = said(body, "glm-asr-2512")
    assert damage.card(one) == {"usage": "0.03"}
    assert one.quotes["usage"].raw == cell


def test_a_struck_price_is_the_list_price() -> None:
    """Of a discounted cell the price that is paid counts; the other is a fact."""
    shown = (*FLAGSHIP[:4], "<del>$4.4</del> $2.2")
    written = (*FLAGSHIP[:4], "~~$4.4~~ $2.2")
    for body in (as_html(tokens(shown)), as_markdown(tokens(written))):
        one = said(body, "glm-5.3")
        assert damage.card(one)["output"] == "2.2"
        assert one.facts == {"list_price:output": "4.4 USD"}


def test_a_price_with_a_date_ends(page) -> None:
    """A price that is said to end holds for its days only."""
    row = (*FLAGSHIP[:4], "$2.2 until September 30, 2026")
    (one,) = said(page(tokens(row)), "glm-5.3").dated["output"]
    assert (one.effective_from, one.effective_to) == (None, date(2026, 10, 1))
    with pytest.raises(UnreadableBody, match="no full date"):
        zai.parse(page(tokens((*FLAGSHIP[:4], "$2.2 until September 30"))))


def test_a_model_in_two_tables(page) -> None:
    """Said twice alike a price counts once; said differently it is held."""
    other = (*FLAGSHIP[:4], "$4.5")
    assert len(said(page(tokens(FLAGSHIP), tokens(FLAGSHIP)), "glm-5.3").quotes) == 4
    one = said(page(tokens(FLAGSHIP), tokens(other)), "glm-5.3")
    assert [(p.reason, p.field) for p in one.problems] == [("conflict", "output")]
    assert "output" not in one.quotes


def test_the_unit_above_the_table_counts(page) -> None:
    """Prices per thousand tokens are a thousand times as high per million."""
    body = page(tokens(FLAGSHIP, above="Prices per 1K tokens."))
    assert damage.cards(zai, body)["glm-5.3"]["input"] == "1400"


@pytest.mark.parametrize("above", ["", "Prices per hour.", "Prices per 1M pages."])
def test_an_unknown_unit_fails_the_page(page, above: str) -> None:
    """Without the sentence that names the unit nothing is taken for tokens."""
    with pytest.raises(UnreadableBody, match="unit of the table"):
        zai.parse(page(tokens(FLAGSHIP, above=above)))


@pytest.mark.parametrize(
    "cell", ["", "soon", "$4.4 / 1K", "$4.4 $5", "up to $4.4", "$4,4", "$4.4 / minute"]
)
def test_a_cell_that_is_not_understood_fails_the_page(page, cell: str) -> None:
    """An empty cell, two prices, other words or another unit are never guessed at."""
    with pytest.raises(UnreadableBody, match=r"output of glm-5\.3"):
        zai.parse(page(tokens(OLD, (*FLAGSHIP[:4], cell))))


@pytest.mark.parametrize("cell", ["$0.015", "$0.015 / glimpse", "$0.015 $0.02"])
def test_a_single_price_without_its_unit_fails_the_page(page, cell: str) -> None:
    """A price whose unit stands nowhere is not understood."""
    table = single("Image Generation Models", "", ("GLM-Image", cell))
    with pytest.raises(UnreadableBody, match="glm-image"):
        zai.parse(page(tokens(FLAGSHIP), table))


@pytest.mark.parametrize("column", range(len(COLUMNS)))
def test_a_header_that_changed_fails_the_page(page, column: int) -> None:
    """A column renamed, emptied, left out or swapped is not guessed at."""
    other = (column + 1) % len(COLUMNS)
    swapped = list(COLUMNS)
    swapped[column], swapped[other] = swapped[other], swapped[column]
    renamed = [(*COLUMNS[:column], n, *COLUMNS[column + 1 :]) for n in ("X", "")]
    short = (*COLUMNS[:column], *COLUMNS[column + 1 :])
    whole = damage.cards(zai, page(tokens(OLD), tokens(FLAGSHIP)))
    for header in (*renamed, tuple(swapped), short):
        changed = ("Text Models", TOKENS, header, [FLAGSHIP])
        assert damage.read(zai, page(tokens(OLD), changed)) is None, header
    assert len(whole) == 2


@pytest.mark.parametrize("column", range(len(COLUMNS)))
def test_a_row_without_one_of_its_cells_fails_the_page(page, column: int) -> None:
    """A cell that is missing moves no price into another column."""
    short = (*FLAGSHIP[:column], *FLAGSHIP[column + 1 :])
    assert damage.read(zai, page(tokens(OLD, short))) is None


def test_another_table_with_prices_fails_and_one_without_is_ignored(page) -> None:
    """Prices in a table that is not known would be lost; other tables are listed."""
    other = ("Limits", "", ("Plan", "Rate"), [("Pro", "10 / s")])
    assert zai.parse(page(tokens(FLAGSHIP), other)).ignored == ("Pricing › Limits",)
    priced = ("Plans", "", ("Plan", "Monthly"), [("Pro", "$30")])
    with pytest.raises(UnreadableBody, match="'plan', 'monthly'"):
        zai.parse(page(tokens(FLAGSHIP), priced))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff\xfe\x00",
        b"<!DOCTYPE html><html><title>Just a moment...</title></html>",
        b"# Pricing\n\nSee the console.\n",
        as_html(tokens(("Mistral Large 3", "$0.5", "$0.05", "-", "$1.5"))),
        as_markdown(tokens(("Z.ai GLM 5.2", "$1.4", "$0.14", "-", "$4.4"))),
        as_html(tokens(FLAGSHIP))[:-30],
        as_markdown(tokens(FLAGSHIP))[:-8],
    ],
)
def test_another_body_is_refused_in_one_line(body: bytes) -> None:
    """A challenge page, another provider's page or part of this one is unreadable."""
    assert damage.read(zai, body) is None


def test_the_real_html_page(shared) -> None:
    """All seven tables of the captured page are read as they stand there."""
    body = (shared / HTML).read_bytes()
    found = damage.cards(zai, body)
    assert len(found) == 34
    assert sum(map(len, found.values())) == 90
    assert found["glm-5.2"] == {
        "input": "1.4",
        "cache_read": "0.26",
        "storage": "0",
        "output": "4.4",
    }
    assert found["glm-4.5-airx"]["output"] == "4.5"
    assert found["glm-4.6v-flashx"]["cache_read"] == "0.004"
    assert found["glm-4.5v"]["output"] == "1.8"
    assert found["glm-ocr"] == {"input": "0.03", "output": "0.03"}
    assert found["glm-4-32b-0414-128k"] == {"input": "0.1", "output": "0.1"}
    assert set(found["glm-4.6v-flash"].values()) == {"0"}
    assert found["cogview-4"] == {"output.image": "0.01"}
    assert found["vidu2-reference"] == {"output.video": "0.4"}
    assert found["glm-asr-2512"] == {"usage": "0.03"}
    assert found["web-search"] == {"search.query": "0.01"}
    assert (zai.parse(body).notes, zai.parse(body).ignored) == ((), ())


def test_the_markdown_layout_of_autumn(shared) -> None:
    """The models of the page's Markdown are read, each from its table."""
    found = damage.cards(zai, (shared / MARKDOWN).read_bytes())
    assert list(found) == ["glm-5.3-flash", "glm-5.3", "glm-5"]
    assert found["glm-5.3-flash"] == {
        "input": "0.15",
        "cache_read": "0.03",
        "storage": "0",
        "output": "0.5",
    }
    assert found["glm-5"]["cache_read"] == "0.2"


@pytest.mark.parametrize(("sample", "times"), [(HTML, 25), (MARKDOWN, 200)])
def test_a_damaged_page_gives_no_wrong_price(shared, sample: str, times: int) -> None:
    """Cut anywhere, the page is refused or its prices are right; changed bytes never
    make the parser fail in another way.
    """
    body = (shared / sample).read_bytes()
    whole = damage.cards(zai, body)
    for part in damage.cut(body, times):
        assert damage.is_part_of(damage.read(zai, part), whole), part[-80:]
    for changed in damage.flipped(body, times):
        damage.read(zai, changed)


def test_a_real_header_that_changed_fails_the_page(shared) -> None:
    """On the captured page, too, a renamed or swapped column is not guessed at."""
    body = (shared / HTML).read_bytes()
    head = body[: body.index(b"</thead>")]
    rest = body[len(head) :]
    for old, new in [
        (b">Input<", b">Output<"),
        (b">Cached Input<", b"><"),
        (b">Output<", b">Result<"),
    ]:
        assert head.count(old) == 1
        assert damage.read(zai, head.replace(old, new) + rest) is None, old
    swapped = head.replace(b">Input<", b">#<").replace(b">Output<", b">Input<")
    assert damage.read(zai, swapped.replace(b">#<", b">Output<") + rest) is None
