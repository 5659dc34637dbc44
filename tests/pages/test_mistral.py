"""What is read from Mistral's pages: one of a model, or one of many prices."""

import json
from typing import Any

import pytest

from crawler.pages import bundle, mistral
from crawler.pages.bundle import Part
from crawler.pages.mistral_units import key_of_slug
from tests.support import damage
from tracker.domain.errors import UnreadableBody
from tracker.domain.quotes import Document, Statement

FOLDER = "samples/mistral"
DOCS = "https://docs.mistral.ai"
SLUGS = (
    "codestral-25-08",
    "mistral-embed-23-12",
    "mistral-large-3-25-12",
    "ocr-4-1",
)
LARGE = ("mistral-large-2512", "mistral-large-latest")


def entry(price: float, per: str = "/M Tokens", **more: Any) -> dict[str, Any]:
    """One price of a model's page."""
    return {"type": "range", "price": price, "denominator": per, **more}


def custom(*entries: dict[str, Any], output: tuple[dict[str, Any], ...] = (), **more):
    """An object of prices."""
    return {
        "type": "custom",
        "free": False,
        "input": list(entries),
        "output": list(output),
        **more,
    }


LARGE_PRICES = custom(entry(0.5, priceEur=0.44), output=(entry(1.5, priceEur=1.3),))


def html(*scripts: str, body: str = "") -> bytes:
    """A page that carries data."""
    pushes = (f"self.__next_f.push([1,{json.dumps(text)}])" for text in scripts)
    tags = "".join(f"<script>{push}</script>" for push in pushes)
    return f"<!doctype html><html><body>{body}{tags}</body></html>".encode()


def model_page(
    pricing: Any = None,
    names: tuple[str, ...] = LARGE,
    *,
    title: str = "Mistral Large 3",
    badge: str = "GA",
    retired: bool = False,
    body: str = "",
) -> bytes:
    """A model's page; its second list of prices refers to the first."""
    shown = {"pricing": pricing, "isRetired": retired, "locale": "en"}
    again = {"pricing": "$26:props:pricing", "isRetired": retired, "locale": "en"}
    head = [
        ["$", "span", None, {"data-badge-type": "outline", "children": badge}],
        ["$", "$L1f", None, {"names": list(names), "maxVisible": 1}],
    ]
    context = [["$", "span", None, {"children": ["$undefined", "Context"]}], "128k"]
    rows = [
        f"9:{json.dumps(head)}",
        f"26:{json.dumps(['$', '$L39', None, shown])}" if pricing is not None else "",
        f"2a:{json.dumps(['$', '$L39', None, again])}" if pricing is not None else "",
        f"29:{json.dumps(context)}",
        f"2c:{json.dumps(['$', '$L3b', None, {'currentModelName': title}])}",
    ]
    return html("\n".join((*filter(None, rows), "")), body=body)


def index(*slugs: str) -> bytes:
    """The index of models: cards that link to pages, and prose that quotes prices."""
    cards = "".join(f'<a href="/models/{slug}">{slug}</a>' for slug in slugs)
    return html(
        '1:["$","p",null,{}]\n', body=f"{cards}<p>Large costs $2 /M tokens.</p>"
    )


def bundled(pages: dict[str, bytes], missing: tuple[str, ...] = ()) -> bytes:
    """Pages by the last part of their address, as one body."""
    parts = [Part(f"{DOCS}/models/{name}".rstrip("/"), b) for name, b in pages.items()]
    return bundle.pack(parts, missing)


INDEX = index(*SLUGS)


def statements(document: Document) -> dict[str, Statement]:
    """All that a document says."""
    return damage.statements(mistral, document)


def large(pricing: Any, **more: Any) -> Statement:
    """What a page with these prices says of its model."""
    body = model_page(pricing, **more)
    return statements(mistral.parse(body))["mistral-large-2512"]


def test_a_model_page_is_read_from_its_data() -> None:
    """Dollars are the price, as they were written; names, state and euros are facts."""
    said = large(LARGE_PRICES)
    assert damage.card(said) == {"input": "0.5", "output": "1.5"}
    assert said.offer.text == "mistral/mistral-large-2512"
    assert said.quotes["input"].raw == "$0.5 /M Tokens"
    assert said.quotes["input"].field == "pricing.input.0"
    assert said.facts == {
        "alias:mistral-large-latest": "mistral-large-2512",
        "max_input_tokens": "128000",
        "price_eur:input": "0.44 /M Tokens",
        "price_eur:output": "1.3 /M Tokens",
        "status": "ga",
    }


def test_units_other_than_tokens() -> None:
    """Pages, annotated pages, minutes and characters are on meters of their own."""
    pages = custom(entry(4, "/1000 Pages"), entry(5, "/1000 Annotated Pages"))
    assert damage.card(large(pages)) == {
        "ocr.page": "0.004",
        "annotation.page": "0.005",
    }
    speech = custom(entry(0, "/M Chars"), output=(entry(16, "/M Chars"),))
    expected = {"input.character": "0", "output.character": "16"}
    assert damage.card(large(speech)) == expected
    audio = custom(entry(0.006, "/Min"), entry(0.1))
    assert damage.card(large(audio)) == {"input.second": "0.0001", "input": "0.1"}


def test_cached_input_and_a_sale() -> None:
    """Labels tell cached input from input; what it costs without the sale is a fact."""
    said = large(
        custom(
            entry(0.68, label="Input", originalPrice=1.36),
            entry(0.07, label="Cached input", originalPrice=0.14),
            output=(entry(2.09, label="Output", originalPrice=4.18),),
        )
    )
    assert damage.card(said) == {
        "input": "0.68",
        "cache_read": "0.07",
        "output": "2.09",
    }
    assert said.facts["list_price:cache_read"] == "0.14 USD"
    assert said.facts["list_price:output"] == "4.18 USD"


def test_what_is_free_for_a_while_costs_nothing() -> None:
    """A page that says free wins over the number beside it, which stays as a fact."""
    said = large(custom(entry(0.4), output=(entry(0),), free=True))
    assert damage.card(said) == {"input": "0", "output": "0"}
    assert said.facts["list_price:input"] == "0.4 USD"
    assert "list_price:output" not in said.facts


def test_the_other_kinds_of_price_objects() -> None:
    """One price for all, and one for each side with a common unit."""
    flat = {"type": "flat", "free": True, "price": 0, "denominator": "/M Tokens"}
    assert damage.card(large(flat)) == {"input": "0"}
    both = {"type": "range", "free": False, "denominator": "/M Tokens"}
    both |= {"input": 0.2, "inputEur": 0.18, "output": 0.6}
    assert damage.card(large(both)) == {"input": "0.2", "output": "0.6"}
    assert large(both).facts["price_eur:input"] == "0.18 /M Tokens"


def test_a_retired_model_says_so() -> None:
    """`isRetired` is a fact of the model, whatever its badge says."""
    assert large(LARGE_PRICES, retired=True).facts["status"] == "retired"
    said = large(LARGE_PRICES, badge="Public Preview")
    assert said.facts["status"] == "public_preview"


def test_prose_with_stale_prices_is_not_read() -> None:
    """Questions and answers on the same page quote prices of other times."""
    prose = "<p>What does it cost? Mistral Large costs $2 /M tokens.</p>"
    assert large(LARGE_PRICES, body=prose).quotes == large(LARGE_PRICES).quotes


def test_a_bundle_of_index_and_pages() -> None:
    """Each page adds its model; with the index and every page, the list is whole."""
    pages = {
        "": INDEX,
        "mistral-large-3-25-12": model_page(LARGE_PRICES),
        "ocr-4-1": model_page(
            custom(entry(4, "/1000 Pages")), ("mistral-ocr-4-1",), title="OCR 4.1"
        ),
    }
    read = mistral.parse(bundled(pages))
    assert list(read.entries) == ["mistral-large-2512", "mistral-ocr-4-1"]
    assert (read.notes, read.complete) == ((), True)
    assert mistral.parse(bundled(pages, ("x",))).complete is False
    del pages[""]
    assert mistral.parse(bundled(pages)).complete is False


def test_a_page_without_prices_is_noted_and_fails_nothing() -> None:
    """A model whose page states no price is there without one; others are read."""
    pages = {"": INDEX, "mistral-large-3-25-12": model_page(LARGE_PRICES)}
    empty = model_page(custom(), ("ocr-1-0",), title="OCR 1", retired=True)
    read = mistral.parse(bundled({**pages, "ocr-1-0": empty}))
    assert read.notes == ("the page of ocr-1-0 states no price",)
    assert read.complete is True
    said = statements(read)
    assert (said["ocr-1-0"].quotes, said["ocr-1-0"].facts["status"]) == ({}, "retired")
    nameless = model_page(None, (), title="Shieldstral 1.0")
    read = mistral.parse(bundled({**pages, "shieldstral-1-0": nameless}))
    assert read.notes == ("the page of shieldstral-1-0 states no price",)
    assert read.complete is False
    other = html('1:["$","p",null,{}]\n')
    read = mistral.parse(bundled({**pages, "some-model": other}))
    assert read.notes == ("the page some-model states no price",)
    assert read.complete is False


def test_the_index_alone_has_no_prices() -> None:
    """The index is known as what it is, and the error says where the prices are."""
    with pytest.raises(UnreadableBody, match="only the index of models"):
        mistral.parse(INDEX)
    with pytest.raises(UnreadableBody, match="no price"):
        mistral.parse(model_page(None))


@pytest.mark.parametrize(
    "pricing",
    [
        custom(entry(1, "/M Words")),
        custom(entry(1, "/Min", label="Cached input")),
        custom(entry(1, label="Output")),
        custom(entry(1, label="Audio input")),
        custom({"type": "range", "denominator": "/M Tokens"}),
        custom({"type": "range", "price": 1}),
        custom({"type": "range", "price": "1", "denominator": "/M Tokens"}),
        custom({"type": "range", "cost": 1, "denominator": "/M Tokens"}),
        custom(entry(1, batchPrice=0.5)),
        custom(entry(1), output=(entry(1, "/1000 Pages"),)),
        custom(entry(1, label="Input"), entry(2, label="Cached input")),
        custom("$26:props"),
        custom(entry(1), surcharge=2),
        {"type": "custom", "output": [entry(1)], "input": [entry(2)]},
        {"type": "custom", "input": [entry(1)]},
        {"type": "custom", "input": entry(1), "output": []},
        {"type": "tiered", "input": [], "output": []},
        {"type": "flat", "denominator": "/M Tokens"},
        {"type": "range", "input": [1], "output": [2], "denominator": "/M Tokens"},
    ],
)
def test_prices_that_are_not_understood_fail_the_page(pricing: Any) -> None:
    """Another unit, label, name or order of the data is never guessed at."""
    with pytest.raises(UnreadableBody, match="mistral-large-2512"):
        mistral.parse(model_page(pricing))


def test_two_lists_of_prices_that_differ_fail_the_page() -> None:
    """A page that states two is not believed in either."""
    one = model_page(LARGE_PRICES)
    two = one.replace(b"$26:props:pricing", b"").replace(b'\\"\\"', b'{\\"type\\": 1}')
    assert two != one
    with pytest.raises(UnreadableBody, match="that differ"):
        mistral.parse(two)
    titles = model_page(LARGE_PRICES).replace(b"currentModelName", b"title")
    with pytest.raises(UnreadableBody, match="no title"):
        mistral.parse(titles)


# The page of prices in spring 2026: a list `apis` in the data.


def api(name: str, endpoint: str, **prices: str) -> dict[str, Any]:
    """One entry of the list; prices by label."""
    listed = [
        {"value": label.replace("_", " "), "price_dollar": price, "price_euro": "0.9€"}
        for label, price in prices.items()
    ]
    return {"name": name, "api_endpoint": endpoint, "price": listed}


def apis(*entries: dict[str, Any]) -> bytes:
    """A page with the list."""
    return html(f"1f:{json.dumps(['$', '$L2', None, {'apis': list(entries)}])}\n")


def labelled(**prices: str) -> dict[str, str]:
    """Prices by the labels of the page."""
    names = {"inp": "Input (/M tokens)", "out": "Output (/M tokens)"}
    return {names.get(key, key): price for key, price in prices.items()}


def test_the_list_of_spring() -> None:
    """A price is text, in markup or with the doubled dollar of the data."""
    prices = labelled(inp="<p>$0.5</p>", out="$$1.5")
    read = mistral.parse(apis(api("Mistral Large 3", "mistral-large-latest", **prices)))
    said = statements(read)["mistral-large-latest"]
    assert damage.card(said) == {"input": "0.5", "output": "1.5"}
    assert said.offer.text == "mistral/mistral-large-latest"
    assert said.facts["price_eur:input"] == "0.9 /M tokens"
    assert read.complete is True


def test_labels_on_the_entry_of_another_product_are_not_read() -> None:
    """A product that is no model may have a model's label; it is listed as ignored."""
    model = api("OCR 4", "mistral-ocr-latest", **{"OCR (per 1K pages)": "$4"})
    decoy = api("Libraries", "", **{"OCR (per 1K pages)": "$3", "Storage": "$1"})
    read = mistral.parse(apis(decoy, model))
    assert damage.card(statements(read)["mistral-ocr-latest"]) == {"ocr.page": "0.004"}
    assert read.ignored == ("Libraries",)


def test_featured_entries_have_another_name_for_the_name() -> None:
    """`api` stands for `api_endpoint`; a model listed twice alike counts once."""
    one = api("Large", "mistral-large-latest", **labelled(inp="$0.5", out="$1.5"))
    two = {**one, "api": one["api_endpoint"]}
    del two["api_endpoint"]
    said = statements(mistral.parse(apis(one, two)))["mistral-large-latest"]
    assert (damage.card(said)["input"], said.problems) == ("0.5", ())


@pytest.mark.parametrize(
    ("label", "price"),
    [
        ("Training (/M tokens)", "$1"),
        ("Input", "$1"),
        ("Input (/M words)", "$1"),
        ("Input (/M tokens)", "$1 $2"),
        ("Input (/M tokens)", "from $1"),
        ("Input (/M tokens)", "1€"),
        ("Input (/M tokens)", "soon"),
    ],
)
def test_an_entry_that_is_not_understood_fails_the_page(label: str, price: str) -> None:
    """Another label, unit or currency of a model's price is never guessed at."""
    with pytest.raises(UnreadableBody, match="large-latest"):
        mistral.parse(apis(api("Large", "mistral-large-latest", **{label: price})))


# The page of prices in summer 2026: a card for each model.


def card(name: str, model: str, **prices: Any) -> str:
    """One card; prices by label, as data under it."""
    rows = "".join(
        f"<div><p class='text-body-base'>{label}</p><mistral-atom-text-price "
        f"data-prices='{json.dumps(data)}'></mistral-atom-text-price></div>"
        for label, data in prices.items()
    )
    button = (
        f"<mistral-atom-button-copy-clipboard data-text='{model}'/>" if model else ""
    )
    return f"<div class='card model-item' data-name='{name}'>{rows}{button}</div>"


def test_the_cards_of_summer() -> None:
    """Each price belongs to the card it is on, and to the label above it."""
    large_3 = card(
        "mistral large 3",
        "mistral-large-latest",
        **{
            "Input (/M tokens)": {"priceUsd": 0.5, "priceEur": 0.44},
            "Output (/M tokens)": {"priceUsd": 1.50},
        },
    )
    voxtral = card(
        "voxtral", "voxtral-mini-latest", **{"Audio Input/min": {"priceUsd": 0.003}}
    )
    decoy = card("libraries", "", **{"OCR (per 1K pages)": {"priceUsd": 3}})
    read = mistral.parse(html(body=decoy + large_3 + voxtral))
    said = statements(read)
    assert damage.card(said["mistral-large-latest"]) == {
        "input": "0.5",
        "output": "1.5",
    }
    assert damage.card(said["voxtral-mini-latest"]) == {"input.second": "0.00005"}
    assert said["mistral-large-latest"].facts["price_eur:input"] == "0.44 /M tokens"
    assert read.ignored == ("libraries",)


@pytest.mark.parametrize(
    ("label", "data"),
    [
        ("Training (/M tokens)", {"priceUsd": 1}),
        ("Input (/M tokens)", {"priceUsd": 1, "prefix": "from"}),
        ("Input (/M tokens)", {"priceEur": 1}),
        ("Input (/M tokens)", {"priceUsd": "1"}),
        ("Input (/M tokens)", [1]),
        ("Input", {"priceUsd": 1}),
    ],
)
def test_a_card_that_is_not_understood_fails_the_page(label: str, data: Any) -> None:
    """Another label, shape or currency of a card's price is never guessed at."""
    one = card("large", "mistral-large-latest", **{label: data})
    with pytest.raises(UnreadableBody, match="large-latest"):
        mistral.parse(html(body=one))


def test_a_card_within_a_card_fails_the_page() -> None:
    """It could not be told whose price is whose."""
    one = card("one", "model-one", **{"Input (/M tokens)": {"priceUsd": 1}})
    outer = f"<div class='model-item' data-name='two'>{one}</div>"
    with pytest.raises(UnreadableBody, match="within another"):
        mistral.parse(html(body=outer))


# The page of prices since autumn 2026: tables.

COLUMNS = ("Model", "Input", "Cached input", "Output")
LARGE_3 = ("/models/mistral-large-3-25-12", "Mistral Large 3", "$0.5", "$0.05", "$1.5")


def table(
    *rows: tuple[str, ...],
    above: str = "Prices<!-- --> <!-- -->/M Tokens",
    header: tuple[str, ...] = COLUMNS,
) -> str:
    """A table; each row begins with the link and the name of its model."""
    lines = "".join(
        f'<tr><td><a href="{link}">{name} <span>↗</span></a></td>'
        + "".join(f"<td>{cell}</td>" for cell in cells)
        + "</tr>"
        for link, name, *cells in rows
    )
    names = "".join(f"<th>{name}</th>" for name in header)
    return (
        f"<h2>Flagship models</h2><p>For all work.</p><div><span>{above}</span>"
        "<button>USD</button><button>Standard</button><button>Batch</button></div>"
        f"<table><thead><tr>{names}</tr></thead><tbody>{lines}</tbody></table>"
    )


def test_the_tables_of_autumn() -> None:
    """The unit stands above the table, the API's name follows from the link."""
    read = mistral.parse(html(body=table(LARGE_3)))
    said = statements(read)["mistral-large-2512"]
    expected = {"input": "0.5", "cache_read": "0.05", "output": "1.5"}
    assert damage.card(said) == expected
    assert said.offer.text == "mistral/mistral-large-2512"
    assert read.complete is True


@pytest.mark.parametrize(
    "cell",
    [
        "Original price: <s>$1.36</s> Sale price: $0.68",
        "<del>Original price: $1.36</del><ins>Sale price: $<!-- -->0.68</ins>",
        "Original price: $1.36 Sale price: $0.68",
    ],
)
def test_a_sale_keeps_the_original_price(cell: str) -> None:
    """The sale price is what is paid; the original one is a fact, struck or not."""
    row = ("/models/mistral-large-4-0", "Mistral Large 4", cell, "$0.07", "$2.09")
    said = statements(mistral.parse(html(body=table(row))))["mistral-large-4-0"]
    assert damage.card(said)["input"] == "0.68"
    assert said.facts == {"list_price:input": "1.36 USD"}


def test_units_in_the_cells() -> None:
    """Where units differ each cell says its own; free and a dash are what they say."""
    rows = (
        ("/models/ocr-4-1", "OCR 4.1", "$4 /1000 Pages", "$0.4 /1000 Pages", "—"),
        (
            "/models/voxtral-tts-26-03",
            "TTS",
            "$0 /M Chars",
            "$0 /M Chars",
            "$16 /M Chars",
        ),
        ("/models/mistral-moderation-26-03", "Moderation 2", "Free", "Free", "Free"),
    )
    read = mistral.parse(html(body=table(*rows, above="Prices as marked")))
    said = statements(read)
    assert damage.card(said["mistral-ocr-4-1"]) == {"ocr.page": "0.004"}
    speech = {"input.character": "0", "output.character": "16"}
    assert damage.card(said["voxtral-tts-2603"]) == speech
    assert said["mistral-moderation-2603"].facts["pricing:input"] == "free"
    assert len(read.notes) == 2
    free = table(("/models/leanstral-1-5", "Leanstral", "Free", "Free", "Free"))
    said = statements(mistral.parse(html(body=free)))
    assert set(damage.card(said["leanstral-1-5"]).values()) == {"0"}


def test_a_table_beside_the_pages_of_its_models() -> None:
    """A table's row and a model's page are one model; differing, they are held."""
    name = "mistral-large-3-25-12"
    pages = {"": INDEX, name: model_page(LARGE_PRICES)}
    prices = Part(f"{DOCS}/inference/pricing", html(body=table(LARGE_3)))
    parts = [Part(f"{DOCS}/models/{n}", body) for n, body in pages.items()]
    said = statements(mistral.parse(bundle.pack([prices, *parts])))
    assert list(said) == ["mistral-large-2512"]
    assert said["mistral-large-2512"].problems == ()
    other = (*LARGE_3[:4], "$2.5")
    prices = Part(prices.url, html(body=table(other)))
    said = statements(mistral.parse(bundle.pack([prices, *parts])))
    (problem,) = said["mistral-large-2512"].problems
    assert (problem.reason, problem.meter.key) == ("conflict", "output")


@pytest.mark.parametrize("column", range(len(COLUMNS)))
def test_a_header_that_changed_fails_the_page(column: int) -> None:
    """A column renamed, emptied, left out or swapped is not guessed at."""
    other = (column + 1) % len(COLUMNS)
    swapped = list(COLUMNS)
    swapped[column], swapped[other] = swapped[other], swapped[column]
    renamed = [(*COLUMNS[:column], n, *COLUMNS[column + 1 :]) for n in ("X", "")]
    short = (*COLUMNS[:column], *COLUMNS[column + 1 :])
    for header in (*renamed, tuple(swapped), short):
        body = html(body=table(LARGE_3) + table(LARGE_3, header=header))
        assert damage.read(mistral, body) is None, header


@pytest.mark.parametrize(
    ("cell", "above"),
    [
        ("$1.5", "Prices"),
        ("$1.5", "Prices /M Words"),
        ("$1.5", "Prices as marked"),
        ("$1.5", "Prices /M Tokens · Batch (-50%)"),
        ("$1.5", "Prices /M Tokens · Priority (+75%)"),
        ("$1.5 /Min", "Prices /M Tokens"),
        ("1.5€", "Prices /M Tokens"),
        ("", "Prices /M Tokens"),
        ("soon", "Prices /M Tokens"),
        ("$1.5 $2", "Prices /M Tokens"),
        ("from $1.5", "Prices /M Tokens"),
    ],
)
def test_a_table_that_is_not_understood_fails_the_page(cell: str, above: str) -> None:
    """Another unit, mode, currency or cell of a table is never guessed at."""
    row = (*LARGE_3[:4], cell)
    assert damage.read(mistral, html(body=table(row, above=above))) is None


def test_a_table_of_something_else_fails_the_page() -> None:
    """Prices in a table that is not known would be lost."""
    tools = "<table><tr><th>Tool</th><th>Cost</th></tr><tr><td>A</td><td>$30</td></tr>"
    with pytest.raises(UnreadableBody, match="'tool', 'cost'"):
        mistral.parse(html(body=table(LARGE_3) + tools + "</table>"))


@pytest.mark.parametrize(
    ("slug", "key"),
    [
        ("mistral-small-4-0-26-03", "mistral-small-2603"),
        ("ministral-3-14b-25-12", "ministral-14b-2512"),
        ("codestral-25-08", "codestral-2508"),
        ("ocr-3-25-12", "mistral-ocr-2512"),
        ("ocr-4-1", "mistral-ocr-4-1"),
        ("Mistral Large 4", "mistral-large-4"),
        ("zai-glm-5-2", "zai-glm-5-2"),
    ],
)
def test_the_name_behind_the_address_of_a_page(slug: str, key: str) -> None:
    """Version numbers before a date fall away, the date loses its dash."""
    assert key_of_slug(slug) == key


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff\xfe\x00",
        b"<!DOCTYPE html><html><title>Just a moment...</title></html>",
        b'{"bundle":"pricetrail/1","missing":[],"parts":[]}',
        html('1:["$","p",null,{}]\n'),
        html(body="<p>Mistral Large costs $2 /M tokens.</p>"),
        html(body='<a href="/models/ocr-4-1">OCR</a>'),
        html(body="<table><tr><th>Model</th><th>In</th></tr></table>"),
        model_page(LARGE_PRICES)[:-30],
    ],
)
def test_another_body_is_refused_in_one_line(body: bytes) -> None:
    """A challenge page, other prose or part of a page is unreadable."""
    assert damage.read(mistral, body) is None


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<!DOCTYPE html><html><title>Just a moment...</title></html>",
        model_page(LARGE_PRICES)[:-30],
    ],
)
def test_a_page_of_a_bundle_that_is_none_fails_the_bundle(body: bytes) -> None:
    """A challenge page or part of a page in place of a model's page is no silence."""
    pages = {"": INDEX, "a-model": model_page(LARGE_PRICES), "b-model": body}
    with pytest.raises(UnreadableBody, match="b-model"):
        mistral.parse(bundled(pages))


def real_pages(shared) -> dict[str, bytes]:
    """The captured pages by the last part of their address."""
    folder = shared / FOLDER
    pages = {
        s: (folder / f"2026-08-17__docs-model-{s}.html").read_bytes() for s in SLUGS
    }
    return {"": (folder / "2026-08-17__docs-models-index.html").read_bytes(), **pages}


def test_the_real_pages(shared) -> None:
    """The captured pages as one bundle: every price as it stands there."""
    read = mistral.parse(bundled(real_pages(shared)))
    said = statements(read)
    assert {key: damage.card(one) for key, one in said.items()} == {
        "codestral-2508": {"input": "0.3", "output": "0.9"},
        "mistral-embed-2312": {"input": "0.1"},
        "mistral-large-2512": {"input": "0.5", "output": "1.5"},
        "mistral-ocr-4-1": {"ocr.page": "0.004", "annotation.page": "0.005"},
    }
    assert said["codestral-2508"].facts["alias:codestral-latest"] == "codestral-2508"
    assert said["mistral-large-2512"].facts["max_input_tokens"] == "256000"
    assert said["mistral-ocr-4-1"].facts["status"] == "public_preview"
    assert said["mistral-ocr-4-1"].facts["price_eur:ocr.page"] == "3.5 /1000 Pages"
    assert (read.notes, read.ignored, read.complete) == ((), (), True)
    with pytest.raises(UnreadableBody, match="only the index"):
        mistral.parse(real_pages(shared)[""])


def test_a_damaged_page_gives_no_wrong_price(shared) -> None:
    """Cut anywhere, a page is refused or its prices are right; changed bytes never
    make the parser fail in another way.
    """
    pages = real_pages(shared)
    whole = damage.cards(mistral, bundled(pages))
    for name in SLUGS:
        for part in damage.cut(pages[name], 40):
            found = damage.read(mistral, part)
            assert damage.is_part_of(found, whole), part[-80:]
        for changed in damage.flipped(pages[name], 60):
            damage.read(mistral, changed)
    for changed in damage.flipped(bundled(pages), 60):
        damage.read(mistral, changed)


def test_real_names_that_changed_fail_the_page(shared) -> None:
    """Renamed or exchanged names in the captured data are not guessed at."""
    page = real_pages(shared)["mistral-large-3-25-12"]
    for old, new in [
        (b'\\"price\\"', b'\\"cost\\"'),
        (b'\\"denominator\\"', b'\\"unit\\"'),
        (b"/M Tokens", b"/K Words"),
        (b'\\"pricing\\":{', b'\\"prices\\":{'),
        (b'\\"type\\":\\"custom\\"', b'\\"type\\":\\"other\\"'),
        (b"currentModelName", b"modelName"),
    ]:
        assert old in page
        assert damage.read(mistral, page.replace(old, new)) is None, old
    swapped = page.replace(b'\\"input\\":[', b'\\"#\\":[')
    swapped = swapped.replace(b'\\"output\\":[', b'\\"input\\":[')
    swapped = swapped.replace(b'\\"#\\":[', b'\\"output\\":[')
    assert damage.read(mistral, swapped) is None
