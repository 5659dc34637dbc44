"""What is read from Groq's list of models."""

import pytest

from crawler.pages import groq
from tests.support import damage
from tracker.domain.errors import UnreadableBody
from tracker.domain.quotes import Statement

HEADER = (
    "MODEL ID",
    "SPEED (T/SEC)",
    "PRICE PER 1M TOKENS",
    "RATE LIMITS (DEVELOPER PLAN)",
    "CONTEXT WINDOW (TOKENS)",
    "MAX COMPLETION TOKENS",
    "MAX FILE SIZE",
)
LOGO = "![Maker](https://console.groq.com/logo.png?w=48&q=75)"
SAMPLE = "samples/groq/2026-08__docs-models.md"


def line(*cells: str) -> str:
    """One line of a table."""
    return f"| {' | '.join(cells)} |"


def row(name: str, price: str, context: str = "131,072", most: str = "65,536") -> str:
    """One model of a table."""
    return line(name, "500", price, "250K TPM1K RPM", context, most, "\\-")


def model(model_id: str, badge: str = "", display: str = "One") -> str:
    """The cell of a model's name, as the page runs it together."""
    return f"[{LOGO}{display}](/docs/model/{model_id}){badge}{model_id}"


def page(*rows: str, header: tuple[str, ...] = HEADER, title: str = "") -> bytes:
    """A page with one table."""
    title = title or "## [Production Models](#production-models)"
    text = ("# Supported Models", "", title, "", line(*header), line(*["---"] * 7))
    return "\n".join((*text, *rows, "", "Text after it.", "")).encode()


def said(body: bytes, key: str) -> Statement:
    """What a page says of one model."""
    return groq.flatten(key, groq.parse(body).entries[key])


def test_two_prices_without_a_separator_are_told_apart() -> None:
    """`$0.15 input$0.60 output` is a price of input and one of output."""
    one = said(page(row(model("a/one-1"), "$0.15 input$0.60 output")), "a/one-1")
    assert damage.card(one) == {"input": "0.15", "output": "0.6"}
    assert one.quotes["output"].raw == "$0.15 input$0.60 output"
    assert one.quotes["input"].currency == "USD"


def test_a_cached_price_is_read_if_the_cell_names_it() -> None:
    """A third amount in the cell is read by the word after it."""
    price = "$1.00 input$0.50 cached input$3.00 output"
    one = said(page(row(model("a/one-1"), price)), "a/one-1")
    assert damage.card(one) == {"input": "1", "cache_read": "0.5", "output": "3"}


def test_the_id_is_that_of_the_link() -> None:
    """Display name, badge and id run together; the link tells where the id begins."""
    name = model("llama-3.1-8b-instant", badge="Enterprise", display="Llama 3.1 8B")
    read = groq.parse(page(row(name, "$1 input$2 output")))
    assert list(read.entries) == ["llama-3.1-8b-instant"]
    one = groq.flatten("llama-3.1-8b-instant", read.entries["llama-3.1-8b-instant"])
    assert one.offer.text == "groq/llama-3.1-8b-instant"
    assert one.facts["availability"] == "enterprise"


def test_a_system_is_named_after_its_own_link() -> None:
    """A system's link has another form; its id is `groq/` and the link's end."""
    name = f"[{LOGO}Compound](/docs/compound/systems/compound)groq/compound"
    body = page(row(name, "\\-"), row(model("a/one-1"), "$1 input$2 output"))
    one = said(body, "groq/compound")
    assert one.offer.text == "groq/compound"
    assert (one.quotes, one.problems) == ({}, ())
    assert one.facts["max_input_tokens"] == "131072"


def test_prices_of_other_units_stand_in_the_column_per_million_tokens() -> None:
    """An hour of audio and a million characters are what the cell says they are."""
    body = page(
        row(model("whisper-1"), "$0.111 per hour"),
        row(model("a/speech-1"), "$40.00 per 1M characters"),
    )
    assert damage.card(said(body, "whisper-1")) == {"input.second": "0.000030833"}
    assert damage.card(said(body, "a/speech-1")) == {"input.character": "40"}


def test_contact_sales_is_a_state_and_a_dash_is_nothing() -> None:
    """`ContactSales` is a fact, neither a price nor a hold; `-` says nothing."""
    body = page(
        row(model("a/one-1"), "ContactSales"),
        row(model("a/two-2"), "\\-"),
        row(model("a/three-3"), "$1 input$2 output"),
    )
    assert said(body, "a/one-1").facts["pricing:input"] == "contact_sales"
    assert "pricing:input" not in said(body, "a/two-2").facts
    for key in ("a/one-1", "a/two-2"):
        assert (said(body, key).quotes, said(body, key).problems) == ({}, ())


def test_the_heading_tells_the_state_and_columns_the_limits() -> None:
    """Production or preview, context and longest answer are facts."""
    price = "$1 input$2 output"
    body = page(row(model("a/one-1"), price), title="## [Preview Models](#preview)")
    assert said(body, "a/one-1").facts == {
        "status": "preview",
        "max_input_tokens": "131072",
        "max_output_tokens": "65536",
    }


def test_a_model_in_two_tables_at_two_prices_is_held() -> None:
    """Two prices of one model are a conflict, and neither is believed."""
    body = page(
        row(model("a/one-1"), "$1 input$2 output"),
        row(model("a/one-1"), "$1 input$3 output"),
    )
    one = said(body, "a/one-1")
    assert damage.card(one) == {"input": "1"}
    assert [problem.reason for problem in one.problems] == ["conflict"]


@pytest.mark.parametrize(
    ("name", "price"),
    [
        (model("a/one-1"), ""),
        (model("a/one-1"), "free while in preview"),
        (model("a/one-1"), "$0.15 in$0.60 out"),
        (model("a/one-1"), "from $0.15 input$0.60 output"),
        (model("a/one-1"), "$0.15"),
        (model("a/one-1"), "$1 per image"),
        (model("a/one-1"), "$1 per gigabyte"),
        ("a/one-1", "$1 input$2 output"),
        ("[One](/docs/model/a/one-1)a/two-2", "$1 input$2 output"),
        ("[One](/docs/model/a/one-1) [Two](/docs/model/one-1)a/one-1", "$1 input"),
    ],
)
def test_what_is_not_understood_fails_the_page(name: str, price: str) -> None:
    """A cell that could be misread is named in the error, and nothing is read."""
    with pytest.raises(UnreadableBody, match=r"a/one-1|One"):
        groq.parse(page(row(model("b/fine-1"), "$1 input$2 output"), row(name, price)))


@pytest.mark.parametrize("column", range(len(HEADER)))
def test_a_header_that_changed_fails_the_page(column: int) -> None:
    """A column renamed, emptied, left out or swapped is not guessed at."""
    good = row(model("a/one-1"), "$1 input$2 output")
    changed = [(*HEADER[:column], name, *HEADER[column + 1 :]) for name in ("X", "")]
    other = (column + 1) % len(HEADER)
    swapped = list(HEADER)
    swapped[column], swapped[other] = swapped[other], swapped[column]
    short = (*HEADER[:column], *HEADER[column + 1 :])
    for header in (*changed, tuple(swapped), short):
        assert damage.read(groq, page(good, header=header)) is None, header


def test_another_table_with_prices_fails_and_one_without_is_ignored() -> None:
    """Prices in a table that is not known would be lost; other tables are listed."""
    models = page(row(model("a/one-1"), "$1 input$2 output"))
    table = b"\n## Other\n\n| Tool | Cost |\n| --- | --- |\n| Search | %s |\n"
    read = groq.parse(models + table % b"see below")
    assert read.ignored == ("Supported Models › Other",)
    with pytest.raises(UnreadableBody, match="'tool', 'cost'"):
        groq.parse(models + table % b"$5 / 1000")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff\xfe\x00",
        b"<!DOCTYPE html><html><title>Just a moment...</title></html>",
        b"# Supported Models\n\nNone today.\n",
        b"| Model | Input | Output |\n| - | - | - |\n| GLM-5 | \\$1 | \\$3.2 |\n",
        page(row(model("a/one-1"), "$1 input$2 output"))[:-80],
    ],
)
def test_another_body_is_refused_in_one_line(body: bytes) -> None:
    """A challenge page, another provider's page or part of this one is unreadable."""
    assert damage.read(groq, body) is None


def test_the_real_page(shared) -> None:
    """Every model of the captured page is read, with its price as it stands there."""
    found = damage.cards(groq, (shared / SAMPLE).read_bytes())
    assert len(found) == 16
    assert sum(map(len, found.values())) == 18
    assert found["openai/gpt-oss-120b"] == {"input": "0.15", "output": "0.6"}
    assert found["openai/gpt-oss-20b"] == {"input": "0.075", "output": "0.3"}
    assert found["qwen/qwen3.8-27b"] == {"input": "0.8", "output": "4"}
    assert found["canopylabs/orpheus-v1-english"] == {"input.character": "22"}
    assert found["whisper-large-v3-turbo"] == {"input.second": "0.000011111"}
    assert found["llama-3.1-8b-instant"] == {}
    assert found["groq/compound-mini"] == {}


def test_a_damaged_page_gives_no_wrong_price(shared) -> None:
    """Cut anywhere, the page is refused or its prices are right; changed bytes never
    make the parser fail in another way.
    """
    body = (shared / SAMPLE).read_bytes()
    whole = damage.cards(groq, body)
    for part in damage.cut(body, 120):
        assert damage.is_part_of(damage.read(groq, part), whole), part[-80:]
    for changed in damage.flipped(body, 150):
        damage.read(groq, changed)
