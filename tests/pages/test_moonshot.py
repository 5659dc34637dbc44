"""What is read from Moonshot's pricing pages, alone and in a bundle."""

import itertools
import random
from contextlib import suppress

import pytest

from crawler.pages import moonshot
from crawler.pages.bundle import Part, pack
from tracker.domain.errors import UnreadableBody
from tracker.domain.money import plain
from tracker.domain.quotes import Document, Statement

CODE = """export const DocTable = ({columns = [], rows = []}) => {
  return <table className="doc-table">
        {columns.length > 0 ? <colgroup>{columns.map(c => <col />)}</colgroup> : null}
        <tbody>{rows.map((row, at) => <tr key={at}>$1 {row}</tr>)}</tbody>
    </table>;
};
"""
SITE = "https://platform.kimi.ai/docs/pricing"

HIT_AND_MISS = (
    "Model",
    "Unit",
    "Input Price (Cache Hit)",
    "Input Price (Cache Miss)",
    "Output Price",
    "Context Window",
)
WRITES = (
    "Model",
    "Unit",
    "Cache Write Price (TTL 5min)",
    "Cache Write Price (TTL 1h)",
    "Cached Input Price",
    "Input Price",
    "Output Price",
    "Context Window",
)
IN_CHINESE = (
    "模型",
    "计费单位",
    "输入价格（缓存命中）",
    "输入价格（缓存未命中）",
    "输出价格",
    "上下文窗口",
)
K3 = '["kimi-k3", "1M tokens", {}, "1,048,576 tokens"]'.format(
    ", ".join(f'<>{{"$"}}{n}</>' for n in ("3.00", "6.00", "0.30", "3.00", "15.00"))
)
K26 = '["kimi-k2.6", "1M tokens", "$0.16", "$0.95", "$4.00", "262,144 tokens"]'
K26_YUAN = '["kimi-k2.6", "1M tokens", "¥1.10", "¥6.50", "¥27.00", "262,144 tokens"]'
BATCH = (
    '["kimi-k2.6 (Batch)", "1M tokens", "$0.10", "$0.57", "$2.40", "262,144 tokens"]'
)
BELOW = "\nHere, 1M = 1,000,000. The prices are for 1M tokens.\n"


def table(columns: tuple[str, ...], *rows: str) -> str:
    """A table as the pages write it."""
    heads = "\n".join(f'{{ title: "{name}", width: "9%" }},' for name in columns)
    lines = "\n".join(f"{row}," for row in rows)
    return f"<DocTable\n  columns={{[\n{heads}\n]}}\n  rows={{[\n{lines}\n]}}\n/>\n"


OVERVIEW = f"""> ## Documentation Index

# Model Inference Pricing Explanation

{CODE}
## Model Pricing

### K3 Series Models

{table(WRITES, K3)}
Note: **Cache Write** is what it costs to keep a prefix.

### K2 Series Models

{table(HIT_AND_MISS, K26)}
{BELOW}"""
INDEX = """# Model Inference Pricing Explanation

* [Kimi K2.6](/docs/pricing/chat-k26)
* [Kimi K3](/docs/pricing/chat-k3.md)
"""


def family(name: str, *tables: str) -> str:
    """A page of one family."""
    return (
        f"# {name} Pricing\n\n{CODE}\n## Product Pricing\n\n" + "".join(tables) + BELOW
    )


def bundle(missing: tuple[str, ...] = (), **pages: str) -> bytes:
    """Several pages as one body."""
    parts = [
        Part(f"{SITE}/{name.replace('_', '-')}.md", page.encode())
        for name, page in pages.items()
    ]
    return pack(parts, missing)


def said(document: Document) -> dict[str, Statement]:
    """What a document says by key."""
    return {k: moonshot.flatten(k, entry) for k, entry in document.entries.items()}


def prices(page: str | bytes) -> dict[str, dict[str, str]]:
    """Prices by key and meter, with their currency where it is not the dollar."""
    body = page.encode() if isinstance(page, str) else page
    return {
        key: {
            meter: plain(quote.price_nano) + (quote.currency.removeprefix("USD"))
            for meter, quote in statement.quotes.items()
        }
        for key, statement in said(moonshot.parse(body)).items()
    }


def refused(page: str | bytes) -> str:
    """Why a body is not read."""
    body = page.encode() if isinstance(page, str) else page
    with pytest.raises(UnreadableBody) as told:
        moonshot.parse(body)
    assert "\n" not in str(told.value)
    return str(told.value)


def wrong_prices(page: str, right: dict[str, dict[str, str]]) -> list[str]:
    """What a changed page is read as that the page did not say before."""
    try:
        found = prices(page)
    except UnreadableBody:
        return []
    return [
        f"{key} {meter} {price}"
        for key, meters in found.items()
        for meter, price in meters.items()
        if right.get(key, {}).get(meter) != price
    ]


K3_READ = {
    "cache_write": "3",
    "cache_write;ttl=1h": "6",
    "cache_read": "0.3",
    "input": "3",
    "output": "15",
}


def test_the_page_of_all_models() -> None:
    """Both tables, with two lifetimes of the cache, in fragments and in texts."""
    document = moonshot.parse(OVERVIEW.encode())
    assert prices(OVERVIEW) == {
        "kimi-k3": K3_READ,
        "kimi-k2.6": {"cache_read": "0.16", "input": "0.95", "output": "4"},
    }
    assert document.complete
    statement = said(document)["kimi-k3"]
    assert statement.offer.text == "moonshot/kimi-k3"
    assert statement.facts["max_input_tokens"] == "1048576"
    quote = statement.quotes["cache_write;ttl=1h"]
    assert quote.raw == "$6.00"
    assert quote.field == (
        "Model Inference Pricing Explanation › Model Pricing › K3 Series Models › "
        "Cache Write Price (TTL 1h)"
    )


def test_families_on_pages_of_their_own() -> None:
    """An index and its families' pages are one list."""
    k26 = family("Kimi K2.6", table(HIT_AND_MISS, K26))
    k3 = family("Kimi K3", table(WRITES, K3))
    body = bundle(chat=INDEX, chat_k26=k26, chat_k3=k3)
    assert prices(body) == prices(OVERVIEW)
    assert moonshot.parse(body).complete


def test_a_family_that_is_not_there() -> None:
    """A family missing, not linked to, or without its table makes a part of a list."""
    k26 = family("Kimi K2.6", table(HIT_AND_MISS, K26))
    k3 = family("Kimi K3", table(WRITES, K3))
    linked = moonshot.parse(bundle(chat=INDEX, chat_k26=k26))
    assert not linked.complete
    assert linked.notes == ("/pricing/chat-k3 is linked to and not there",)
    missed = bundle((f"{SITE}/chat-k2.md",), chat=INDEX, chat_k26=k26, chat_k3=k3)
    assert not moonshot.parse(missed).complete
    empty = moonshot.parse(bundle(chat=INDEX, chat_k26=k26, chat_k3="# Kimi K3\n"))
    assert "no table in" in empty.notes[0]
    alone = moonshot.parse(k26.encode())
    assert not alone.complete
    assert alone.notes == ("a family's page without the overview",)


def test_an_index_without_prices() -> None:
    """The page that only links to prices is told from one that states them."""
    assert "it may be the index" in refused(INDEX)
    assert "it may be the index" in refused(bundle(chat=INDEX))
    html = f"<!DOCTYPE html><html><body><h1>{INDEX}</h1></body></html>"
    assert "it may be the index" in refused(html)


def test_yuan_stay_yuan() -> None:
    """The Chinese site's prices are another offer beside the one in dollars."""
    page = family("多模态模型 Kimi K2.6", table(IN_CHINESE, K26_YUAN))
    read = prices(page)
    assert read == {
        "cn/kimi-k2.6": {"cache_read": "1.1CNY", "input": "6.5CNY", "output": "27CNY"}
    }
    offer = said(moonshot.parse(page.encode()))["cn/kimi-k2.6"].offer
    assert (offer.provider, offer.model, offer.region) == (
        "moonshot",
        "kimi-k2.6",
        "cn",
    )
    both = prices(bundle(chat=OVERVIEW, chat_k26=page))
    assert both == prices(OVERVIEW) | read


def test_one_table_has_one_currency() -> None:
    """Dollars and yuan side by side, or another currency, are not understood."""
    mixed = OVERVIEW.replace('"$0.95"', '"¥0.95"')
    assert "is in CNY, USD" in refused(mixed)
    assert "is in EUR" in refused(OVERVIEW.replace('"$', '"€'))
    assert "no currency" in refused(OVERVIEW.replace('"$', '"').replace('{""}', ""))


def test_batches_are_a_tier() -> None:
    """A row for batches is the same model in another tier."""
    page = OVERVIEW.replace(
        BELOW, "\n## Batch\n\n" + table(HIT_AND_MISS, BATCH) + BELOW
    )
    assert prices(page)["kimi-k2.6"] == {
        "cache_read": "0.16",
        "input": "0.95",
        "output": "4",
        "cache_read+batch": "0.1",
        "input+batch": "0.57",
        "output+batch": "2.4",
    }


def test_what_stands_beside_a_name() -> None:
    """A status becomes a fact; a note that is not known holds the model."""
    page = OVERVIEW.replace("kimi-k2.6", "Kimi K2.6 (Deprecated)")
    statement = said(moonshot.parse(page.encode()))["kimi-k2.6"]
    assert statement.facts["status"] == "deprecated"
    held = moonshot.parse(OVERVIEW.replace("kimi-k2.6", "kimi-k2.6 (Night)").encode())
    assert held.held_keys == {"kimi-k2.6": "unread_note"}


def test_the_end_of_a_series() -> None:
    """The announced last day is a fact of the models of that series only."""
    rows = [K26.replace("k2.6", name) for name in ("k2-0905-preview", "k2.5")]
    note = (
        "\n> `kimi-k2` series models will be officially discontinued on "
        "**May 25, 2026** and will no longer be maintained.\n"
    )
    document = moonshot.parse(family("K2", table(HIT_AND_MISS, *rows), note).encode())
    read = said(document)
    assert read["kimi-k2-0905-preview"].facts["deprecation_date"] == "2026-05-25"
    assert "deprecation_date" not in read["kimi-k2.5"].facts


def test_other_words_than_prices() -> None:
    """Free is nought; a word in place of a price is a state; a dash says nothing."""
    row = K26.replace('"$0.16"', '"-"').replace('"$0.95"', '"Limited-time Free"')
    page = OVERVIEW.replace(K26, row)
    assert prices(page)["kimi-k2.6"] == {"input": "0", "output": "4"}
    asked = OVERVIEW.replace('"$0.95"', '"Contact sales"').encode()
    facts = said(moonshot.parse(asked))["kimi-k2.6"].facts
    assert facts["pricing:input"] == "contact_sales"


def test_a_price_that_is_struck_through() -> None:
    """The price is what holds now; the one before the discount is a fact."""
    page = OVERVIEW.replace('"$0.95"', '<><del>{"$"}1.20</del> {"$"}0.95</>')
    statement = said(moonshot.parse(page.encode()))["kimi-k2.6"]
    assert plain(statement.quotes["input"].price_nano) == "0.95"
    assert statement.facts["list_price:input"] == "1.20 USD"


def test_prices_per_thousand() -> None:
    """The unit's column is heeded."""
    page = OVERVIEW.replace(K26, K26.replace("1M tokens", "1K tokens"))
    assert prices(page)["kimi-k2.6"]["input"] == "950"


def test_pages_that_contradict_each_other() -> None:
    """Two prices of one model are held, the same one twice is one."""
    dear = family("Kimi K2.6", table(HIT_AND_MISS, K26.replace("$0.95", "$0.99")))
    statement = said(moonshot.parse(bundle(chat=OVERVIEW, chat_k26=dear)))["kimi-k2.6"]
    assert [problem.reason for problem in statement.problems] == ["conflict"]
    assert set(statement.quotes) == {"cache_read", "output"}
    same = family("Kimi K2.6", table(HIT_AND_MISS, K26))
    assert prices(bundle(chat=OVERVIEW, chat_k26=same)) == prices(OVERVIEW)


def test_the_page_in_html() -> None:
    """The drawn table says the same."""
    heads = "".join(f"<th>{name}</th>" for name in HIT_AND_MISS)
    cells = "".join(
        f"<td>{text}</td>"
        for text in ("kimi-k2.6", "1M tokens", "$0.16", "$0.95", "$4.00", "-")
    )
    page = (
        "<!DOCTYPE html><html><body><h1>Model Inference Pricing Explanation</h1>"
        f"<table><thead><tr>{heads}</tr></thead><tbody><tr>{cells}</tr></tbody></table>"
        "<p>Here, 1M = 1,000,000.</p></body></html>"
    )
    assert prices(page)["kimi-k2.6"] == prices(OVERVIEW)["kimi-k2.6"]
    assert moonshot.parse(page.encode()).complete
    assert "cut off" in refused(page[:-20])


def test_what_is_commented_out_is_not_read() -> None:
    """A table in a comment is not shown, and its prices are none."""
    old = table(HIT_AND_MISS, K26.replace("$0.95", "$1.95"))
    for page in (
        OVERVIEW.replace(BELOW, f"{{/* {old} */}}{BELOW}"),
        OVERVIEW.replace(BELOW, f"<!-- {old} -->{BELOW}"),
    ):
        assert prices(page) == prices(OVERVIEW)
    assert "a comment does not end" in refused(f"{OVERVIEW}\n{{/* {old}")


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("Input Price (Cache Miss)", "Price of input", "'price of input'"),
        ('"Output Price", width', '"Input Price", width', "each once"),
        ('"1M tokens", "$', '"1M prayers", "$', "'1M prayers'"),
        ('"$0.95"', '"$0.95 or $1.20"', "2 prices"),
        ('"$0.95"', '"$0.95+"', "not one price"),
        ('"$0.95"', '"$0.95 per day"', "no plain price"),
        ('"$0.95"', '"ask"', "no price in 'ask'"),
        ('"$0.95"', "price(0.95)", "no text"),
        ('"$0.95"', "...prices", "no list"),
        ('"$0.95", ', "", "a row of 5 cells under 6 columns"),
        ('["kimi-k2.6"', '["(kimi) (k2.6)"', "is no model's name"),
        ('["kimi-k2.6"', '[""', "model's name"),
        ('{ title: "Unit"', '{ name: "Unit"', "the column ''"),
        ('{ title: "Unit", width: "9%" },', "", "a row of"),
    ],
)
def test_what_is_not_understood_is_named(old: str, new: str, reason: str) -> None:
    """One cell, column or row that is not known fails the page and is quoted."""
    page = OVERVIEW.replace(table(WRITES, K3), "")
    assert old in page
    assert reason in refused(page.replace(old, new, 1))


def test_rows_and_columns_must_be_lists() -> None:
    """Tables that are made by code are not read."""
    odd = table(HIT_AND_MISS, K26).replace('{ title: "Unit", width: "9%" }', '"Unit"')
    assert "without a title" in refused(OVERVIEW.replace(table(HIT_AND_MISS, K26), odd))
    assert "no list" in refused(OVERVIEW.replace("rows={[", "rows={made()} old={[", 1))
    assert "no list" in refused(OVERVIEW.replace("columns={[", "columns={c} old={[", 1))
    assert "has no rows" in refused(OVERVIEW.replace(K3 + ",", ""))


def test_an_unknown_table_with_prices_is_refused() -> None:
    """A table that is not of models fails the page only if it holds amounts."""
    row = '["联网搜索", "1 次", "￥0.03", <>x</>]'
    search = table((), row)
    assert "no names" in refused(OVERVIEW.replace(BELOW, search + BELOW))
    free = search.replace("￥0.03", "free")
    document = moonshot.parse(OVERVIEW.replace(BELOW, free + BELOW).encode())
    assert document.ignored
    piped = "\n| Model | Price |\n| --- | --- |\n| kimi-k9 | $3.00 |\n"
    assert "is no DocTable" in refused(OVERVIEW + piped)
    html = "\n<table><tr><td>kimi-k9</td><td>$3.00</td></tr></table>\n"
    assert "is no DocTable" in refused(OVERVIEW + html)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "empty"),
        (b" \n", "empty"),
        (b'{"data": []}', "no table of prices"),
        (b"\xff\xfe\x00", "no table of prices"),
        (b"<html><title>Just a moment...</title></html>", "challenge"),
        (b'{"bundle":"pricetrail/1","missing":[],"parts":[]}', "no page"),
        (b'{"bundle":"pricetrail/1', "damaged"),
        (OVERVIEW[:200].encode(), "cut off in the code"),
    ],
)
def test_another_document_is_refused(body: bytes, reason: str) -> None:
    """What is not the page is refused with what it looks like."""
    assert reason in refused(body)


def test_another_provider_is_refused() -> None:
    """Tables of the same make with others' models are not this page."""
    assert "of no model of Moonshot's" in refused(OVERVIEW.replace("kimi-", "qwen-"))


def test_a_changed_header_gives_no_wrong_price() -> None:
    """A name left out, renamed or swapped with another: refused, or read the same."""
    right = prices(OVERVIEW)
    for columns, row in ((WRITES, K3), (HIT_AND_MISS, K26)):
        changes = [columns[:at] + columns[at + 1 :] for at in range(len(columns))]
        changes += [
            (*columns[:at], "Mystery", *columns[at + 1 :]) for at in range(len(columns))
        ]
        for one, other in itertools.combinations(range(len(columns)), 2):
            swapped = list(columns)
            swapped[one], swapped[other] = columns[other], columns[one]
            changes.append(tuple(swapped))
        for change in changes:
            page = OVERVIEW.replace(table(columns, row), table(change, row))
            assert not wrong_prices(page, right), change


def test_a_page_cut_off_gives_no_wrong_price() -> None:
    """Wherever the body ends: refused, or known to be a part, and nothing wrong."""
    right = prices(OVERVIEW)
    for end in range(len(OVERVIEW) - len(BELOW)):
        page = OVERVIEW[:end]
        assert not wrong_prices(page, right), end
        with suppress(UnreadableBody):
            assert not moonshot.parse(page.encode()).complete, end


def test_any_bytes_are_read_or_refused() -> None:
    """Whatever bytes are changed, nothing but an unreadable body comes of it."""
    chance = random.Random(7)  # noqa: S311
    for body in (OVERVIEW.encode(), bundle(chat=INDEX, chat_k26=OVERVIEW)):
        for _ in range(300):
            changed = bytearray(body)
            for _ in range(chance.randint(1, 12)):
                changed[chance.randrange(len(changed))] = chance.randrange(256)
            with suppress(UnreadableBody):
                said(moonshot.parse(bytes(changed)))


def test_the_page_of_october(shared) -> None:
    """The real page of all models, whole."""
    body = (shared / "samples/moonshot/2026-10__pricing-chat.md").read_bytes()
    assert moonshot.parse(body).complete
    assert prices(body) == {
        "kimi-k3": K3_READ,
        "kimi-k2.7-code": {"cache_read": "0.19", "input": "0.95", "output": "4"},
        "kimi-k2.7-code-highspeed": {
            "cache_read": "0.38",
            "input": "1.9",
            "output": "8",
        },
        "kimi-k2.6": {"cache_read": "0.16", "input": "0.95", "output": "4"},
    }


def test_the_families_of_may(shared) -> None:
    """Four real pages of families in one body, known to be a part of the list."""
    body = (shared / "samples/moonshot/2026-05-08__pricing-chat-k26.md").read_bytes()
    read = prices(body)
    assert not moonshot.parse(body).complete
    assert (len(read), sum(map(len, read.values()))) == (13, 33)
    assert read["kimi-k2.5"] == {"cache_read": "0.1", "input": "0.6", "output": "3"}
    assert read["kimi-k2-thinking-turbo"] == {
        "cache_read": "0.15",
        "input": "1.15",
        "output": "8",
    }
    assert read["moonshot-v1-128k-vision-preview"] == {"input": "2", "output": "5"}
    facts = said(moonshot.parse(body))["kimi-k2-0711-preview"].facts
    assert facts == {"deprecation_date": "2026-05-25", "max_input_tokens": "131072"}


def test_the_index_of_may(shared) -> None:
    """The real index names no price and says so; with its families it is a list."""
    folder = shared / "samples" / "moonshot"
    index = (folder / "2026-05-08__pricing-chat.html").read_bytes()
    families = (folder / "2026-05-08__pricing-chat-k26.md").read_bytes()
    assert "it may be the index" in refused(index)
    body = pack([Part("", index), Part("", families)])
    assert prices(body) == prices(families)


def test_other_pages_are_refused(shared) -> None:
    """No other source's body passes for this page."""
    for path in sorted((shared / "samples").glob("*/*")):
        if path.parent.name != "moonshot" and path.is_file():
            refused(path.read_bytes())


def test_real_pages_damaged(shared) -> None:
    """A real body that ends early, or has lost a line, gives no wrong price."""
    for path in sorted((shared / "samples" / "moonshot").glob("*.md")):
        page = path.read_text()
        right = prices(page)
        for end in range(0, len(page), 97):
            assert not wrong_prices(page[:end], right), (path.name, end)
        lines = page.split("\n")
        for at in range(0, len(lines), 2):
            less = "\n".join(lines[:at] + lines[at + 1 :])
            assert not wrong_prices(less, right), (path.name, lines[at])
