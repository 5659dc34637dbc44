"""What is read from Anthropic's price page."""

import contextlib
import itertools
from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest

from crawler.pages import anthropic
from tests.support import damage
from tracker.domain.errors import UnreadableBody
from tracker.domain.money import plain
from tracker.domain.quotes import Document, Quote, Statement
from tracker.domain.schedule import in_effect

LIST_HEADER = (
    "| Model | Base Input Tokens | 5m Cache Writes | 1h Cache Writes "
    "| Cache Hits & Refreshes | Output Tokens |"
)
OPUS = (
    "| Claude Opus 4.8 | $5 / MTok | $6.25 / MTok | $10 / MTok | $0.50 / MTok "
    "| $25 / MTok |"
)
HAIKU = (
    "| Claude Haiku 3.5 ([retired, except on Bedrock](/docs/x)) | $0.80 / MTok "
    "| $1 / MTok | $1.6 / MTok | $0.08 / MTok | $4 / MTok |"
)
SONNET = (
    "| Claude Sonnet 4.5 | $3 / MTok | $3.75 / MTok | $6 / MTok | $0.30 / MTok "
    "| $15 / MTok |"
)
LISTED = {
    "input": "5",
    "cache_write": "6.25",
    "cache_write;ttl=1h": "10",
    "cache_read": "0.5",
    "output": "25",
}
REST = """
## Cloud platforms

| Concept | Details |
| --- | --- |
| Unit price | $0.01 per unit |

<Note id="about-units">
  MTok is a million tokens. A sentence may name a price of $999 / MTok.
</Note>

### Data residency pricing

Requests that stay in one country cost 1.1x of all prices, or $5.50 in place of $5.

### Worked example

| Line item | Calculation | Cost |
| --- | --- | --- |
| Input tokens | 50,000 x $5 / 1,000,000 | $0.25 |

| SKU | Rate | Metering |
| --- | --- | --- |
| Session runtime | $0.08 per session-hour | while it runs |

## Billing
"""


def table(*lines: str) -> str:
    """A table of Markdown: the header, what sets it off, the rows."""
    header, *rows = lines
    return "\n".join((header, "| --- " * (header.count("|") - 1) + "|", *rows)) + "\n"


def page(*rows: str, more: str = "", rest: str = REST) -> bytes:
    """A page with these list prices."""
    listed = table(LIST_HEADER, *(rows or (OPUS, SONNET, HAIKU)))
    return f"# Pricing\n\n## Model pricing\n\n{listed}\n{more}\n{rest}".encode()


def fast(*lines: str, said: str = "Fast mode costs more.") -> str:
    """The section about fast mode."""
    return f"### Fast mode pricing\n\n{said}\n\n{table(*lines)}"


def long(*lines: str, said: str = "Long prompts cost more.") -> str:
    """The section about long prompts."""
    return f"### Long context pricing\n\n{said}\n\n{table(*lines)}"


def said_of(body: bytes) -> dict[str, Statement]:
    """Every key's statement."""
    read = anthropic.parse(body)
    return {key: anthropic.flatten(key, entry) for key, entry in read.entries.items()}


def prices(said: Statement) -> dict[str, str]:
    """Meter to price in dollars per million tokens."""
    return {key: plain(quote.price_nano) for key, quote in said.quotes.items()}


def refusal(body: bytes) -> str:
    """Why a page is refused."""
    with pytest.raises(UnreadableBody) as told:
        anthropic.parse(body)
    assert str(told.value).startswith("anthropic pricing: ")
    assert "\n" not in str(told.value)
    return str(told.value)


Facts = set[tuple[str, str, str, date | None, date | None]]


def everything(read: Document) -> Facts:
    """Every price: key, meter, amount and days."""
    found: Facts = set()
    for key, entry in read.entries.items():
        said = anthropic.flatten(key, entry)
        assert said.problems == ()
        dated = itertools.chain.from_iterable(said.dated.values())
        for quote in itertools.chain(said.quotes.values(), dated):
            found.add((key, *told(quote)))
    return found


def told(quote: Quote) -> tuple[str, str, date | None, date | None]:
    """Meter, amount and days of a quote."""
    days = (quote.effective_from, quote.effective_to)
    return (quote.meter.key, plain(quote.price_nano), *days)


def test_the_list_prices_and_their_offers() -> None:
    """Each column is one meter, and each name one offer."""
    said = said_of(page())
    assert list(said) == ["Claude Opus 4.8", "Claude Sonnet 4.5", "Claude Haiku 3.5"]
    opus = said["Claude Opus 4.8"]
    assert prices(opus) == LISTED
    assert opus.offer.text == "anthropic/claude-opus-4-8"
    assert opus.quotes["input"].raw == "$5 / MTok"
    assert opus.quotes["output"].field == "Model pricing › Output Tokens"
    assert {quote.currency for quote in opus.quotes.values()} == {"USD"}


@pytest.mark.parametrize(
    ("name", "key", "model"),
    [
        ("Claude Opus 4.8", "Claude Opus 4.8", "claude-opus-4-8"),
        ("Claude Opus 4", "Claude Opus 4", "claude-opus-4"),
        ("Claude Sonnet 5", "Claude Sonnet 5", "claude-sonnet-5"),
        ("Claude Haiku 3.5", "Claude Haiku 3.5", "claude-3-5-haiku"),
        ("Claude Sonnet 3.7", "Claude Sonnet 3.7", "claude-3-7-sonnet"),
        ("Claude Opus 3", "Claude Opus 3", "claude-3-opus"),
        ("Claude Fable 5.1", "Claude Fable 5.1", "claude-fable-5-1"),
        ("Claude Mythos Preview", "Claude Mythos Preview", "claude-mythos-preview"),
        ("**[claude  opus 4.8](/x)**", "Claude Opus 4.8", "claude-opus-4-8"),
        ("Claude Opus 4.8<sup>1</sup>", "Claude Opus 4.8", "claude-opus-4-8"),
        ("Claude Opus 4.8[^1]", "Claude Opus 4.8", "claude-opus-4-8"),
        ("Claude Opus 4 (deprecated)", "Claude Opus 4", "claude-opus-4"),
    ],
)
def test_names_become_ids_by_a_rule(name: str, key: str, model: str) -> None:
    """Display names map to the API's ids as litellm writes them, in any markup."""
    said = said_of(page(OPUS.replace("Claude Opus 4.8", name)))
    assert [(k, s.offer.model) for k, s in said.items()] == [(key, model)]
    assert prices(said[key]) == LISTED


def test_a_status_in_brackets_is_a_fact() -> None:
    """What is deprecated, retired or limited says so beside its name, in a link."""
    said = said_of(
        page(
            OPUS.replace("4.8", "4.1 ([deprecated](/docs/x))"),
            HAIKU,
            OPUS.replace("Opus 4.8", "Mythos 5 ([limited availability](https://x))"),
            OPUS,
        )
    )
    assert {key: s.facts.get("status") for key, s in said.items()} == {
        "Claude Opus 4.1": "deprecated",
        "Claude Haiku 3.5": "retired",
        "Claude Mythos 5": "limited availability",
        "Claude Opus 4.8": None,
    }


def test_brackets_of_another_kind_fail_the_page() -> None:
    """A word in brackets that is no status may mean another price."""
    assert "'fast' is not understood" in refusal(
        page(OPUS.replace("4.8", "4.8 (Fast)"))
    )


def test_header_wording_may_drift() -> None:
    """Other capitals and an `and` for `&` are the same columns."""
    drifted = LIST_HEADER.lower().replace("&", "and")
    assert said_of(page().replace(LIST_HEADER.encode(), drifted.encode()))[
        "Claude Opus 4.8"
    ].quotes.keys() == {*LISTED}


def test_footnote_marks_are_no_part_of_a_price() -> None:
    """Marks set apart by `<sup>`, by `[^1]` or not at all leave the price alone."""
    for mark in ("<sup>1</sup>", "[^1]", "1"):
        row = OPUS.replace("$0.50 / MTok", f"$0.50 / MTok{mark}")
        assert prices(said_of(page(row))["Claude Opus 4.8"]) == LISTED


def test_a_zero_more_is_no_change() -> None:
    """`$1.6` and `$1.60` are one price."""
    before = said_of(page(HAIKU))["Claude Haiku 3.5"]
    after = said_of(page(HAIKU.replace("$1.6 ", "$1.60 ")))["Claude Haiku 3.5"]
    assert prices(before) == prices(after)


def test_a_scheduled_price_is_not_a_price() -> None:
    """Rows with days hold on those days only; the link around them is markup."""
    until = OPUS.replace("4.8", "5 [through August 31, 2026](/docs/x#intro)")
    since = OPUS.replace("4.8", "5 starting September 1, 2026").replace("$5 ", "$9 ")
    since = since.replace("$6.25", "$9.25")
    said = said_of(page(until, since))["Claude Opus 5"]
    assert said.quotes == {}
    for day, price in ((date(2026, 8, 31), "5"), (date(2026, 9, 1), "9")):
        at = datetime.combine(day, datetime.min.time(), UTC)
        assert prices(in_effect(said, at))["input"] == price


def test_a_cancelled_rise_leaves_one_undated_row() -> None:
    """Once the rows are one again, its price holds without days."""
    said = said_of(page(OPUS.replace("4.8", "5")))["Claude Opus 5"]
    assert (prices(said), said.dated) == (LISTED, {})


def test_a_date_that_is_not_full_fails_the_page() -> None:
    """Without a year it cannot be told which price holds."""
    row = OPUS.replace("4.8", "5 (through August 31)")
    assert "no full date" in refusal(page(row))


def test_rows_by_the_length_of_the_prompt() -> None:
    """Two rows for short and long prompts are one model with two contexts."""
    said = said_of(
        page(
            OPUS.replace("4.8", "4.8 (for prompts up to 100,000 tokens)"),
            OPUS.replace("4.8", "4.8 (for prompts over 100,000 tokens)").replace(
                "$25", "$50"
            ),
        )
    )["Claude Opus 4.8"]
    assert prices(said)["output"] == "25"
    assert prices(said)["output@>100k"] == "50"
    assert "cache_write@>100k;ttl=1h" in said.quotes


def test_batch_prices() -> None:
    """The batch table adds a tier to the models of the list."""
    rows = ("| Claude Opus 4.8 | $2.50 / MTok | $12.50 / MTok |",)
    more = "### Batch\n\n" + table("| Model | Batch input | Batch output |", *rows)
    said = prices(said_of(page(more=more))["Claude Opus 4.8"])
    assert (said["input+batch"], said["output+batch"]) == ("2.5", "12.5")
    assert said["input"] == "5"


def test_fast_mode_with_a_column_of_models() -> None:
    """A row may name several models."""
    more = fast(
        "| Model | Input | Output |",
        "| Claude Opus 4.8 / Claude Sonnet 4.5 | $10 / MTok | $50 / MTok |",
    )
    said = said_of(page(more=more))
    for key in ("Claude Opus 4.8", "Claude Sonnet 4.5"):
        assert prices(said[key])["input+fast"] == "10"
        assert prices(said[key])["output+fast"] == "50"


def test_fast_mode_by_context_of_a_model_named_in_the_text() -> None:
    """Without a column of models the text before the table names it."""
    more = fast(
        "| Context window | Input | Output |",
        "| ≤ 200K input tokens | $30 / MTok | $150 / MTok |",
        "| > 200K input tokens | $60 / MTok | $225 / MTok |",
        said="[Fast mode](/x) for Claude Opus 4.8. Supported on Opus 4.8:",
    )
    said = prices(said_of(page(more=more))["Claude Opus 4.8"])
    assert {key: said[key] for key in said if "fast" in key} == {
        "input+fast": "30",
        "output+fast": "150",
        "input+fast@>200k": "60",
        "output+fast@>200k": "225",
    }


@pytest.mark.parametrize(
    "text",
    [
        "Fast mode costs more.",
        "Fast mode is for Claude Opus 4.8.\n\nClaude Sonnet 4.5 has none.",
        "Fast mode is for Claude Opus 9.",
    ],
)
def test_whose_prices_they_are_is_never_guessed(text: str) -> None:
    """A table that names no model needs one text that does."""
    more = fast("| Input | Output |", "| $30 / MTok | $150 / MTok |", said=text)
    assert "whose prices" in refusal(page(more=more))


LONG_LAYOUTS = (
    long(
        "| ≤ 200K input tokens | > 200K input tokens |",
        "| Input: $3 / MTok | Input: $6 / MTok |",
        "| Output: $15 / MTok | Output: $22.50 / MTok |",
        said="When using Claude Sonnet 4 or Sonnet 4.5 with [1M tokens](/x):",
    ),
    long(
        "| Model | ≤ 200K input tokens | > 200K input tokens |",
        "| Claude Sonnet 4.5 / 4 | Input: $3 / MTok | Input: $6 / MTok |",
        "|  | Output: $15 / MTok | Output: $22.50 / MTok |",
    ),
    long(
        "| Model | ≤ 200k input tokens<br />Input | ≤ 200k input tokens<br />Output "
        "| > 200k input tokens<br />Input | > 200k input tokens<br />Output |",
        r"| Claude Sonnet 4.5 / 4 | \$3 / MTok | \$15 / MTok | \$6 / MTok "
        r"| \$22.50 / MTok |",
    ),
)


@pytest.mark.parametrize("more", LONG_LAYOUTS)
def test_long_context_in_each_of_its_layouts(more: str) -> None:
    """Short prompts cost the list price; long ones are meters of their own."""
    rows = (OPUS, SONNET, SONNET.replace("4.5", "4"))
    said = said_of(page(*rows, more=more))
    for key in ("Claude Sonnet 4.5", "Claude Sonnet 4"):
        assert prices(said[key])["input"] == "3"
        assert prices(said[key])["input@>200k"] == "6"
        assert prices(said[key])["output@>200k"] == "22.5"
    assert "input@>200k" not in said["Claude Opus 4.8"].quotes


@pytest.mark.parametrize("more", LONG_LAYOUTS)
def test_long_context_that_contradicts_the_list_fails(more: str) -> None:
    """If short prompts do not cost the list price, the columns were misread."""
    rows = (SONNET, SONNET.replace("4.5", "4"))
    body = page(*rows, more=more.replace("$3 ", "$4 "))
    assert "is not its list price 3" in refusal(body)


def test_prices_of_a_model_that_is_not_listed_fail() -> None:
    """A name that is on no list may be a name misread."""
    rows = ("| Claude Opus 9 | $2.50 / MTok | $12.50 / MTok |",)
    more = table("| Model | Batch input | Batch output |", *rows)
    assert "'Claude Opus 9' is not among" in refusal(page(more=more))


def test_a_discount_keeps_the_price_that_is_struck_through() -> None:
    """What is struck through is a fact; the other amount is the price."""
    said = said_of(page(OPUS.replace("$5 ", "~~$8 / MTok~~ $5 ")))["Claude Opus 4.8"]
    assert prices(said) == LISTED
    assert said.facts["list_price:input"] == "8 USD"


def test_words_in_a_price_s_place() -> None:
    """A dash says nothing, words about availability are states, free is zero."""
    row = (
        "| Claude Opus 4.8 | $5 / MTok | - | Not available | Contact sales "
        "| $25 / MTok |"
    )
    said = said_of(page(row))["Claude Opus 4.8"]
    assert prices(said) == {"input": "5", "output": "25"}
    assert said.facts == {
        "pricing:cache_write;ttl=1h": "not_available",
        "pricing:cache_read": "contact_sales",
    }
    free = said_of(page(OPUS.replace("$0.50 / MTok", "Free")))["Claude Opus 4.8"]
    assert prices(free)["cache_read"] == "0"


@pytest.mark.parametrize("cell", ["", "$5", "$5 / hour", "$5 / MTok $6 / MTok", "five"])
def test_a_cell_that_is_no_price_per_tokens_fails(cell: str) -> None:
    """The message names the column."""
    message = refusal(page(OPUS.replace("$5 / MTok", cell)))
    assert "Model pricing: Base Input Tokens" in message


def test_tables_that_price_no_model_are_listed_as_ignored() -> None:
    """Marketplaces, examples, running time and prose add no price."""
    read = anthropic.parse(page())
    assert set(read.ignored) == {
        "Pricing › Cloud platforms",
        "Pricing › Cloud platforms › Worked example",
    }
    assert everything(read) == everything(anthropic.parse(page(rest="")))


def test_an_unknown_table_with_amounts_fails_the_page() -> None:
    """It may hold prices; without amounts it holds none."""
    header, row = "| Model | Turbo input |", "| Claude Opus 4.8 | $7 / MTok |"
    message = refusal(page(more=table(header, row)))
    assert "'turbo input'" in message
    harmless = table(header, row.replace("$7 / MTok", "soon"))
    assert everything(anthropic.parse(page(more=harmless))) == everything(
        anthropic.parse(page())
    )


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "empty"),
        (b" \n", "empty"),
        (b"<!DOCTYPE html><title>Just a moment...</title>", "HTML"),
        (b"<html><div class='card_pricing_api_wrap'>$5</div></html>", "HTML"),
        (b"# Models\n\nAn index without prices.\n", "no table with the column"),
        (b'{"data": [{"id": "a/b", "pricing": {}}]}', "no table with the column"),
        (b"| Model | Input |\n|---|---|\n| gpt-x | $1 |\n", "'input'"),
        (page()[: page().index(b"$10 / MTok")], "cut off in the row"),
        (page()[: page().index(b" $10 / MTok")], "cut off in the row"),
        (page(rest="```json\n{"), "cut off in a block of code"),
        (page().replace(b"| Model |", b"|", 1), "header and rows do not fit"),
        (page(rest="").replace(b" $25 / MTok |", b"", 1), "does not have its 6 cells"),
        (page().replace(b"$25 / MTok |", b"$25 / MTok | x |", 1), "its 6 cells"),
    ],
)
def test_what_is_not_this_page_is_refused(body: bytes, reason: str) -> None:
    """Challenges, other documents and torn ones are told apart in one line."""
    assert reason in refusal(body)


def test_a_page_cut_off_in_its_batch_prices_is_refused() -> None:
    """A last table with only the first models is not the whole of it."""
    rows = [
        f"| Claude {name} | $2.50 / MTok | $12.50 / MTok |"
        for name in ("Opus 4.8", "Sonnet 4.5", "Haiku 3.5")
    ]
    header = "| Model | Batch input | Batch output |"
    assert everything(anthropic.parse(page(more=table(header, *rows), rest="")))
    message = refusal(page(more=table(header, *rows[:2]), rest=""))
    assert "cut off after 'Claude Sonnet 4.5'" in message


def mutations(body: bytes) -> Iterator[bytes]:
    """The page with two names of a header swapped, one gone, and one another."""
    lines = body.decode().split("\n")
    for at in range(len(lines) - 1):
        if lines[at].startswith("|") and lines[at + 1].startswith(("|-", "| -", "|:")):
            for changed in headers(lines[at : at + 2]):
                yield "\n".join([*lines[:at], *changed, *lines[at + 2 :]]).encode()


def headers(two: list[str]) -> Iterator[list[str]]:
    """Every such change of one header and the line that sets it off."""
    names = two[0].strip("|").split("|")
    marks = two[1].strip("|").split("|")
    for one, other in itertools.combinations(range(len(names)), 2):
        swapped = [*names]
        swapped[one], swapped[other] = names[other], names[one]
        yield [f"|{'|'.join(swapped)}|", two[1]]
    for gone in range(len(names)):
        fewer = [*names[:gone], *names[gone + 1 :]]
        yield [f"|{'|'.join(fewer)}|", two[1]]
        yield [
            f"|{'|'.join(fewer)}|",
            f"|{'|'.join([*marks[:gone], *marks[gone + 1 :]])}|",
        ]
        yield [f"|{'|'.join([*names[:gone], ' Else ', *names[gone + 1 :]])}|", two[1]]


def check_mutations(body: bytes) -> int:
    """No change of a header makes another price; returns how many were refused."""
    right, refused = everything(anthropic.parse(body)), 0
    for changed in mutations(body):
        try:
            assert everything(anthropic.parse(changed)) == right
        except UnreadableBody:
            refused += 1
    return refused


@pytest.mark.parametrize("more", ["", *LONG_LAYOUTS])
def test_no_change_of_a_header_makes_a_wrong_price(more: str) -> None:
    """Names of columns swapped, dropped or changed fail the page or change nothing."""
    rows = (OPUS, SONNET, SONNET.replace("4.5", "4"), HAIKU)
    assert check_mutations(page(*rows, more=more)) > 30


def check_damage(body: bytes, *, cuts: int, flips: int) -> None:
    """Torn and flipped bodies are read or refused, and tearing changes no price."""
    right = everything(anthropic.parse(body))
    for torn in damage.cut(body, cuts):
        with contextlib.suppress(UnreadableBody):
            assert everything(anthropic.parse(torn)) <= right
    for changed in damage.flipped(body, flips):
        damage.read(anthropic, changed)


def test_damaged_pages_are_read_or_refused() -> None:
    """No damage makes the parser fail in another way, or a price another."""
    more = "".join(LONG_LAYOUTS[1:2])
    rows = (OPUS, SONNET, SONNET.replace("4.5", "4"))
    check_damage(page(*rows, more=more), cuts=400, flips=200)


def test_a_page_may_hold_the_reader_s_own_marks() -> None:
    """Text like the reader's own notation, or odd strikes, breaks nothing."""
    odd = "\n\n@@component open\n\n~~<del>x~~</del></del> y~~\n\n</Tab>\n"
    assert everything(anthropic.parse(page(more=odd))) == everything(
        anthropic.parse(page())
    )


# The real series, read by eye: what each capture's tables have that the one before
# has not. Sonnet 4 and 4.5 lost their long prices on 2026-03-31; nothing that stayed
# ever changed its price.
OF_4_6 = {
    ("input", "5"),
    ("cache_write", "6.25"),
    ("cache_write;ttl=1h", "10"),
    ("cache_read", "0.5"),
    ("output", "25"),
    ("input+batch", "2.5"),
    ("output+batch", "12.5"),
}
OF_SONNET = {
    ("input", "3"),
    ("cache_write", "3.75"),
    ("cache_write;ttl=1h", "6"),
    ("cache_read", "0.3"),
    ("output", "15"),
    ("input+batch", "1.5"),
    ("output+batch", "7.5"),
}
OF_OPUS_3 = {
    ("input", "15"),
    ("cache_write", "18.75"),
    ("cache_write;ttl=1h", "30"),
    ("cache_read", "1.5"),
    ("output", "75"),
    ("input+batch", "7.5"),
    ("output+batch", "37.5"),
}
OF_HAIKU_3 = {
    ("input", "0.25"),
    ("cache_write", "0.3"),
    ("cache_write;ttl=1h", "0.5"),
    ("cache_read", "0.03"),
    ("output", "1.25"),
    ("input+batch", "0.125"),
    ("output+batch", "0.625"),
}
OF_FABLE = {
    ("input", "10"),
    ("cache_write", "12.5"),
    ("cache_write;ttl=1h", "20"),
    ("cache_read", "1"),
    ("output", "50"),
    ("input+batch", "5"),
    ("output+batch", "25"),
}
INTRODUCTORY = {
    ("input", "2"),
    ("cache_write", "2.5"),
    ("cache_write;ttl=1h", "4"),
    ("cache_read", "0.2"),
    ("output", "10"),
    ("input+batch", "1"),
    ("output+batch", "5"),
}
OPUS_LONG = {("input@>200k", "10"), ("output@>200k", "37.5")}
SONNET_LONG = {("input@>200k", "6"), ("output@>200k", "22.5")}
FAST = {("input+fast", "30"), ("output+fast", "150")}
FAST_LONG = {("input+fast@>200k", "60"), ("output+fast@>200k", "225")}
TURN = date(2026, 9, 1)


def undated(key: str, *cards: set[tuple[str, str]]) -> Facts:
    """Prices of a key without days."""
    return {(f"Claude {key}", *pair, None, None) for card in cards for pair in card}


SERIES: dict[str, tuple[Facts, Facts]] = {
    "2026-02-06": (undated("Opus 4.6", OF_4_6, OPUS_LONG), set()),
    "2026-02-08": (undated("Opus 4.6", FAST, FAST_LONG), set()),
    "2026-02-18": (undated("Sonnet 4.6", OF_SONNET, SONNET_LONG), set()),
    "2026-02-21": (set(), undated("Opus 4.6", FAST_LONG)),
    "2026-03-14": (
        set(),
        undated("Opus 4.6", OPUS_LONG) | undated("Sonnet 4.6", SONNET_LONG),
    ),
    "2026-03-31": (
        set(),
        undated("Sonnet 4.5", SONNET_LONG) | undated("Sonnet 4", SONNET_LONG),
    ),
    "2026-04-17": (undated("Opus 4.7", OF_4_6), set()),
    "2026-07-21": (
        undated("Fable 5", OF_FABLE)
        | undated("Mythos 5", OF_FABLE)
        | undated("Opus 4.8", OF_4_6, {("input+fast", "10"), ("output+fast", "50")})
        | undated("Opus 4.7", FAST)
        | {("Claude Sonnet 5", *pair, None, TURN) for pair in INTRODUCTORY}
        | {("Claude Sonnet 5", *pair, TURN, None) for pair in OF_SONNET},
        undated("Opus 4.6", FAST)
        | undated("Sonnet 3.7", OF_SONNET)
        | undated("Opus 3", OF_OPUS_3)
        | undated("Haiku 3", OF_HAIKU_3),
    ),
}
COUNTS = {
    "2026-01-15": (10, 74),
    "2026-02-08": (11, 87),
    "2026-02-18": (12, 96),
    "2026-03-28": (12, 90),
    "2026-04-25": (13, 93),
    "2026-07-21": (14, 109),
}


def test_the_real_series_changes_where_its_tables_do(shared) -> None:
    """Of 22 captures eight change prices, exactly as their tables do; new wording,
    links and notes of the others change nothing.
    """
    bodies = sorted((shared / "samples" / "anthropic").glob("*.md"))
    assert len(bodies) == 22
    before: Facts | None = None
    for path in bodies:
        day, read = path.name[:10], anthropic.parse(path.read_bytes())
        assert (read.held_keys, read.notes, read.complete) == ({}, (), True)
        now = everything(read)
        if before is not None:
            assert (now - before, before - now) == SERIES.get(day, (set(), set())), day
        if day in COUNTS:
            assert (len(read.entries), len(now)) == COUNTS[day]
        before = now


def test_real_prices_seen_by_eye(shared) -> None:
    """A few cells of the first and the last capture."""
    folder = shared / "samples" / "anthropic"
    first = said_of(next(folder.glob("2026-01-15*")).read_bytes())
    assert prices(first["Claude Haiku 3"]) == dict(OF_HAIKU_3)
    assert first["Claude Opus 3"].facts == {"status": "deprecated"}
    assert prices(first["Claude Sonnet 4"])["output@>200k"] == "22.5"
    last = said_of(next(folder.glob("2026-07-21*")).read_bytes())
    assert prices(last["Claude Haiku 3.5"])["cache_write;ttl=1h"] == "1.6"
    assert last["Claude Haiku 3.5"].offer.model == "claude-3-5-haiku"
    assert last["Claude Opus 4"].facts == {"status": "retired"}
    sonnet = last["Claude Sonnet 5"]
    july = in_effect(sonnet, datetime(2026, 7, 21, tzinfo=UTC))
    assert (prices(july)["input"], prices(july)["output+batch"]) == ("2", "5")


@pytest.mark.parametrize("day", ["2026-02-08", "2026-07-21"])
def test_real_pages_with_other_headers_make_no_wrong_price(shared, day: str) -> None:
    """Any header of a real page that is changed is refused or harmless."""
    path = next((shared / "samples" / "anthropic").glob(f"{day}*"))
    assert check_mutations(path.read_bytes()) > 50


def test_real_pages_damaged_are_read_or_refused(shared) -> None:
    """Torn and flipped real pages give no wrong price and no other error."""
    path = next((shared / "samples" / "anthropic").glob("2026-07-21*"))
    check_damage(path.read_bytes(), cuts=30, flips=20)


def test_other_providers_pages_are_refused(shared) -> None:
    """No other sample passes for this page."""
    for path in sorted((shared / "samples").rglob("*")):
        if path.is_file() and path.parent.name != "anthropic" and path.stat().st_size:
            with pytest.raises(UnreadableBody):
                anthropic.parse(path.read_bytes()[:400_000])
