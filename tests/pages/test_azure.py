"""What is read from Azure's retail price list."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.pages import azure, azure_meters, bundle
from crawler.pages.azure_meters import Sold, Unread
from tracker.domain.errors import UnreadableBody
from tracker.domain.money import plain
from tracker.domain.quotes import Document, Statement
from tracker.domain.schedule import in_effect

ROW: dict[str, Any] = {
    "currencyCode": "USD",
    "tierMinimumUnits": 0.0,
    "retailPrice": 2.5,
    "unitPrice": 2.5,
    "armRegionName": "eastus",
    "location": "US East",
    "effectiveStartDate": "2026-03-01T00:00:00Z",
    "meterName": "5.4 inp Gl 1M Tokens",
    "productName": "Azure OpenAI GPT5",
    "skuName": "5.4 inp Gl",
    "serviceName": "Foundry Models",
    "unitOfMeasure": "1M",
    "type": "Consumption",
    "isPrimaryMeterRegion": True,
}
API = "https://prices.azure.com:443/api/retail/prices?"


def row(**fields: Any) -> dict[str, Any]:
    """One row; a price given as `price` is both retailPrice and unitPrice."""
    if "price" in fields:
        fields["retailPrice"] = fields["unitPrice"] = fields.pop("price")
    return {**ROW, **fields}


def page(*rows: Any, **top: Any) -> bytes:
    """A page as the API sends it."""
    whole = {"BillingCurrency": "USD", "Items": list(rows), "NextPageLink": None}
    return json.dumps({**whole, "Count": len(rows), **top}).encode()


def read(*rows: Any) -> dict[str, Statement]:
    """The statements of one page, by key."""
    return statements(azure.parse(page(*rows)))


def statements(document: Document) -> dict[str, Statement]:
    """What a document says, by key."""
    return {key: azure.flatten(key, e) for key, e in document.entries.items()}


def stated(said: Statement) -> dict[str, list[str]]:
    """Meter to all its prices, each with its days."""
    return {
        meter: [
            f"{plain(q.price_nano)} {q.currency} {q.effective_from}..{q.effective_to}"
            for q in quotes
        ]
        for meter, quotes in said.dated.items()
    }


def on_day(said: Statement, day: str) -> dict[str, str]:
    """Meter to price, as it holds on one day."""
    now = in_effect(said, datetime.fromisoformat(day).replace(tzinfo=UTC))
    return {meter: plain(quote.price_nano) for meter, quote in now.quotes.items()}


def prices(*rows: Any) -> dict[str, dict[str, str]]:
    """Offer to meter to price on 2026-10-01."""
    return {s.offer.text: on_day(s, "2026-10-01") for s in read(*rows).values()}


def notes_beside_one_price(*rows: Any) -> list[str]:
    """The notes on rows that are not read; one plain row beside them is."""
    document = azure.parse(page(ROW, *rows))
    assert prices(ROW) == {
        s.offer.text: on_day(s, "2026-10-01") for s in statements(document).values()
    }
    return list(document.notes)


def meter_of(name: str, product: str = "Azure OpenAI") -> str:
    """`model scope meter` of a meter's name, or why it has none."""
    sold = azure_meters.read(product, name)
    if isinstance(sold, Unread):
        return sold.reason
    return f"{sold.model} {sold.scope} {sold.meter.key}"


@pytest.mark.parametrize(
    ("name", "means"),
    [
        ("5.4 inp Gl 1M Tokens", "gpt-5.4 global input"),
        ("5.4 opt DZone 1M Tokens", "gpt-5.4 zone output"),
        ("5.4 cd inp Dz 1M Tokens", "gpt-5.4 zone cache_read"),
        ("gpt-5 Inp regnl 1M Tokens", "gpt-5 regional input"),
        ("gpt-5 outp Data Zone Tokens", "gpt-5 zone output"),
        ("5.4 nano Batch cd Inp Gl 1M Tokens", "gpt-5.4-nano global cache_read+batch"),
        ("5.4 mini pp Inp Gl 1M Tokens", "gpt-5.4-mini global input+priority"),
        ("5.4 longco cd inp Gl 1M Tokens", "gpt-5.4 global cache_read@>272k"),
        ("5.4 pro longco opt Gl 1M Tokens", "gpt-5.4-pro global output@>272k"),
        ("6-sol ShortCo Inp Std Gl 1M Tokens", "gpt-6-sol global input"),
        ("56sol ShCo Inp Fl Gl 1M Tokens", "gpt-5.6-sol global input+flex"),
        ("6-sol LongCo cd wr Std Gl 1M Tokens", "gpt-6-sol global cache_write@>272k"),
        ("gpt4omini-0718-Inp-glbl Tokens", "gpt-4o-mini-2024-07-18 global input"),
        ("gpt 4o 0806 Batch Outp glbl Tokens", "gpt-4o-2024-08-06 global output+batch"),
        ("gpt-35-turbo16K-1106-Inp-glbl Tokens", "gpt-35-turbo-16k-1106 global input"),
        ("o3 0416 cached Inp glbl Tokens", "o3-2025-04-16 global cache_read"),
        ("gpt-oss-120B Inp regnl Tokens", "gpt-oss-120b regional input"),
        ("text embedding 3 large glbl Tokens", "text-embedding-3-large global input"),
        (
            "gpt4o-rt-aud-1217 Outp glbl Tokens",
            "gpt-4o-realtime-preview-2024-12-17 global output.audio_token",
        ),
        ("gpt aud 0828 txt Inp glbl Tokens", "gpt-audio-2025-08-28 global input"),
        ("gpt img img opt gl Tokens", "gpt-image global output.image_token"),
    ],
)
def test_a_meters_words_are_read(name: str, means: str) -> None:
    """The words of a meter's name, however cut short, are the model and its meter."""
    assert meter_of(name) == means


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("5.4 turbox inp Gl 1M Tokens", "the word 'turbox' is not known"),
        ("gpt-35-trb16K-Inp-glbl Tokens", "the word 'trb16K' is not known"),
        ("5.4 9999 inp Gl 1M Tokens", "the word '9999' is not known"),
        ("5.4 ft inp Gl 1M Tokens", "tuning, not a model's tokens"),
        ("gpt4o dev Inp glbl Tokens", "tuning, not a model's tokens"),
        ("20b FT regnl Deployment Hosting Unit", "not counted in tokens"),
        ("5.4 inp 1M Tokens", "no word for where it runs"),
        ("5.4 inp Gl Dz 1M Tokens", "two words for its scope"),
        ("5.4 inp opt Gl 1M Tokens", "two words for its way"),
        ("5.4 Gl 1M Tokens", "its direction cannot be told"),
        ("5.4 cd opt Gl 1M Tokens", "its direction cannot be told"),
        ("inp Gl 1M Tokens", "its model cannot be told"),
        ("5.4 pp batch inp Gl 1M Tokens", "two words for its tier"),
        ("gpt rt aud 0828 txt Inp glbl Tokens", "its kind of tokens cannot be told"),
        (f"5.4 {'pro ' * 40}inp Gl 1M Tokens", "a name of unlikely length"),
    ],
)
def test_an_unknown_word_makes_a_meter_unread(name: str, reason: str) -> None:
    """A meter with a word too many, too few or unknown is not read, and says why."""
    assert meter_of(name) == reason


def test_media_products_must_say_what_is_counted() -> None:
    """A meter among audio and images that names no kind of tokens is not text."""
    name = "gpt-latest 05052026 cd inp Gl 1M Tokens"
    reason = meter_of(name, "Azure OpenAI Media")
    assert reason == "no word for what kind of tokens"


def test_unread_rows_are_counted_with_an_example() -> None:
    """What is not read is never dropped in silence: reason, number and example."""
    (note,) = notes_beside_one_price(
        row(meterName="5.4 zeta inp Gl 1M Tokens"),
        row(meterName="5.4 zeta inp Gl 1M Tokens", armRegionName="westus"),
    )
    assert "2 rows not read: the word 'zeta' is not known" in note
    assert "5.4 zeta inp Gl 1M Tokens" in note


def test_many_reasons_are_added_up() -> None:
    """However many words are new, the notes are few and every row is counted."""
    odd = [row(meterName=f"5.4 zeta{n}x inp Gl 1M Tokens") for n in range(100)]
    notes = notes_beside_one_price(*odd)
    assert len(notes) == 61
    assert "40 rows not read, for 40 other reasons" in notes[-1]


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"type": "Reservation"}, "the type 'Reservation'"),
        ({"type": "DevTestConsumption"}, "the type 'DevTestConsumption'"),
        ({"tierMinimumUnits": 1000.0}, "a price for large volumes"),
        ({"productName": "Azure Deepseek Models"}, "the product 'Azure Deepseek Mo"),
        ({"unitOfMeasure": "1 Hour"}, "the unit '1 Hour'"),
        ({"unitOfMeasure": "1K"}, "its name and its unit of measure contradict"),
        ({"unitPrice": 3}, "retailPrice and unitPrice differ"),
        ({"currencyCode": None}, "the currency None"),
        ({"currencyCode": "$"}, "the currency '$'"),
        ({"effectiveStartDate": "soon"}, "a day that is none"),
        ({"effectiveStartDate": None}, "a day that is none"),
        ({"effectiveEndDate": "2026-13-01T00:00:00Z"}, "a day that is none"),
        ({"meterName": None}, "a row without a meter's name"),
    ],
)
def test_rows_that_are_no_plain_price_are_left_out(
    fields: dict[str, Any], reason: str
) -> None:
    """Reservations, volume prices, other products, odd units and days are counted."""
    (note,) = notes_beside_one_price(row(price=0.001) | fields)
    assert reason in note


@pytest.mark.parametrize("odd", [None, 7, "text", [], [ROW]])
def test_a_row_that_is_no_row_is_counted(odd: Any) -> None:
    """Whatever stands among the rows costs only itself."""
    (note,) = notes_beside_one_price(odd)
    assert "1 rows not read: a row without a meter's name" in note


def test_both_units_give_prices_per_million() -> None:
    """`1K` and `1M` are what the price is for; a name need not repeat it."""
    said = prices(
        row(meterName="gpt-5 Inp glbl Tokens", unitOfMeasure="1K", price=0.00125),
        row(meterName="5.4 inp Gl 1M Tokens", price=2.5),
    )
    assert said == {"azure/gpt-5": {"input": "1.25"}, "azure/gpt-5.4": {"input": "2.5"}}


def test_currency_is_the_rows_own() -> None:
    """A list in euros gives prices in euros."""
    (said,) = read(row(currencyCode="EUR", price=2.2)).values()
    assert stated(said) == {"input": ["2.2 EUR 2026-03-01..None"]}


def test_two_currencies_of_one_meter_are_a_conflict() -> None:
    """A meter in dollars and in euros is neither."""
    (said,) = read(ROW, row(currencyCode="EUR")).values()
    assert not said.dated
    assert [p.reason for p in said.problems] == ["conflict"]


def test_the_raw_text_keeps_number_and_unit() -> None:
    """What stood in the row can be looked up later."""
    (said,) = read(ROW).values()
    (quote,) = said.dated["input"]
    assert (quote.raw, quote.field) == ("2.5 / 1M", "5.4 inp Gl 1M Tokens")


def test_a_future_start_is_scheduled() -> None:
    """A price that begins later does not hold before its day."""
    (said,) = read(
        row(price=2.5), row(price=2, effectiveStartDate="2026-12-01T00:00:00Z")
    ).values()
    assert stated(said)["input"] == [
        "2.5 USD 2026-03-01..2026-12-01",
        "2 USD 2026-12-01..None",
    ]
    assert on_day(said, "2026-11-30") == {"input": "2.5"}
    assert on_day(said, "2026-12-01") == {"input": "2"}


def test_a_price_that_is_only_announced_is_none_yet() -> None:
    """A meter whose one row lies ahead has no price until then."""
    (said,) = read(row(effectiveStartDate="2027-01-01T00:00:00Z")).values()
    assert on_day(said, "2026-12-31") == {}
    assert on_day(said, "2027-01-01") == {"input": "2.5"}


def test_the_last_second_of_a_day_begins_the_next() -> None:
    """Some rows begin at 23:59:59, which is the day after."""
    (said,) = read(row(effectiveStartDate="2026-02-28T23:59:59Z")).values()
    assert stated(said) == {"input": ["2.5 USD 2026-03-01..None"]}


def test_an_end_is_kept() -> None:
    """A row with an effectiveEndDate holds no longer than that."""
    (said,) = read(row(effectiveEndDate="2026-09-30T23:59:59Z")).values()
    assert on_day(said, "2026-09-30") == {"input": "2.5"}
    assert on_day(said, "2026-10-01") == {}


def test_regions_that_agree_are_one_price() -> None:
    """A Global meter is listed per region and is one price, from its earliest day."""
    (said,) = read(
        row(effectiveStartDate="2026-04-01T00:00:00Z"),
        row(armRegionName="westeurope"),
        row(armRegionName="japaneast", effectiveStartDate="2026-06-01T00:00:00Z"),
    ).values()
    assert stated(said) == {"input": ["2.5 USD 2026-03-01..None"]}


def test_regions_that_agree_may_write_it_in_other_units() -> None:
    """A price for a thousand and the same for a million are one."""
    name = "5.4 inp Gl Tokens"
    (said,) = read(
        row(meterName=name),
        row(
            meterName=name, unitOfMeasure="1K", price=0.0025, armRegionName="westeurope"
        ),
    ).values()
    assert on_day(said, "2026-10-01") == {"input": "2.5"}


def test_regions_that_differ_are_a_conflict() -> None:
    """A Global meter with two prices on one day is held, and both are shown."""
    (said,) = read(ROW, row(price=3, armRegionName="westeurope")).values()
    assert not said.dated
    (problem,) = said.problems
    assert problem.reason == "conflict"
    assert "2.5 / 1M" in problem.raw
    assert "3 / 1M" in problem.raw


def test_two_meters_that_mean_the_same_must_agree() -> None:
    """Names of one meaning with two prices in one region are a conflict."""
    (said,) = read(ROW, row(meterName="5.4 inpt glbl Tokens", price=3)).values()
    assert not said.dated
    assert [p.reason for p in said.problems] == ["conflict"]


def test_rows_of_no_primary_region_give_way() -> None:
    """A row flagged non-primary counts only where there is no primary one."""
    other = row(price=9, armRegionName="westus", isPrimaryMeterRegion=False)
    assert prices(ROW, other) == {"azure/gpt-5.4": {"input": "2.5"}}
    assert prices(other) == {"azure/gpt-5.4": {"input": "9"}}


def test_zones_are_offers_of_their_own() -> None:
    """A Data Zone meter is us, eu or apac by its region, with its own price."""
    name = "5.4 inp Dz 1M Tokens"
    said = prices(
        ROW,
        row(meterName=name, price=2.75, armRegionName="eastus2"),
        row(meterName=name, price=2.75, armRegionName="westus3"),
        row(meterName=name, price=2.8, armRegionName="swedencentral"),
        row(meterName=name, price=3.0, armRegionName="japaneast"),
    )
    assert said == {
        "azure/gpt-5.4": {"input": "2.5"},
        "azure/gpt-5.4@us": {"input": "2.75"},
        "azure/gpt-5.4@eu": {"input": "2.8"},
        "azure/gpt-5.4@apac": {"input": "3"},
    }


def test_a_region_of_no_known_zone_is_counted() -> None:
    """Which zone a new region belongs to is not guessed."""
    (note,) = notes_beside_one_price(
        row(meterName="5.4 inp Dz 1M Tokens", armRegionName="marscentral")
    )
    assert "no zone of the region 'marscentral' is known" in note


def test_regional_meters_are_offers_of_their_region() -> None:
    """A regional deployment is sold per region."""
    name = "gpt-5 Inp regnl 1M Tokens"
    said = prices(
        row(meterName=name, price=1.375),
        row(meterName=name, price=1.5, armRegionName="swedencentral"),
    )
    assert said == {
        "azure/gpt-5@eastus": {"input": "1.375"},
        "azure/gpt-5@swedencentral": {"input": "1.5"},
    }


@pytest.mark.parametrize("region", [None, "", 7, "global", "East US", "x" * 50])
def test_a_regional_meter_needs_a_region(region: Any) -> None:
    """A regional price without a region is counted, not sold everywhere."""
    (note,) = notes_beside_one_price(
        row(meterName="gpt-5 Inp regnl 1M Tokens", armRegionName=region)
    )
    assert "no regional of the region" in note


def test_the_governments_regions_are_their_own() -> None:
    """Prices of the government's regions never mix with the public ones."""
    said = prices(ROW, row(price=3.125, armRegionName="usgovvirginia"))
    assert said == {
        "azure/gpt-5.4": {"input": "2.5"},
        "azure/gpt-5.4@us-gov": {"input": "3.125"},
    }


def test_open_weights_are_sold_as_azure_ai() -> None:
    """gpt-oss is azure_ai's, as litellm has it."""
    assert prices(row(meterName="gpt-oss-120B Inp glbl Tokens", price=0.15)) == {
        "azure_ai/gpt-oss-120b": {"input": "0.15"}
    }


@pytest.mark.parametrize(
    ("price", "reason"), [(-1, "negative"), ("much", "not a number"), (True, "")]
)
def test_a_price_that_is_none_is_a_problem(price: Any, reason: str) -> None:
    """A negative or unreadable number holds its rate, and only that."""
    said = read(row(price=price), row(meterName="5.4 opt Gl 1M Tokens", price=15))
    (statement,) = said.values()
    assert on_day(statement, "2026-10-01") == {"output": "15"}
    (problem,) = statement.problems
    assert problem.meter is not None
    assert problem.meter.key == "input"
    assert problem.reason


def test_a_price_of_zero_is_a_price() -> None:
    """Free is stated as 0 and stays 0."""
    assert prices(row(price=0)) == {"azure/gpt-5.4": {"input": "0"}}


def parts(*bodies: tuple[str, bytes], missing: tuple[str, ...] = ()) -> Document:
    """What a bundle of pages says."""
    pages = [bundle.Part(url, body) for url, body in bodies]
    return azure.parse(bundle.pack(pages, missing))


OUTPUT = row(meterName="5.4 opt Gl 1M Tokens", price=15)


def test_pages_are_one_list() -> None:
    """A model whose meters stand on two pages is one entry; links may be escaped."""
    whole = parts(
        (
            "https://prices.azure.com/api/retail/prices?$filter=a%20b",
            page(ROW, NextPageLink=f"{API}$filter=a%20b&$skip=1000"),
        ),
        (
            "https://prices.azure.com/api/retail/prices?%24filter=a%20b&%24skip=1000",
            page(OUTPUT),
        ),
    )
    assert whole.complete
    (said,) = statements(whole).values()
    assert on_day(said, "2026-10-01") == {"input": "2.5", "output": "15"}


def test_a_missing_page_makes_the_list_incomplete() -> None:
    """Silence proves nothing where a page is missing, said or not."""
    first = page(ROW, NextPageLink=f"{API}$skip=1000")
    assert not parts(("a", page(ROW)), missing=("b",)).complete
    assert not parts(("a", first), ("c", page(OUTPUT))).complete
    assert not azure.parse(first).complete
    assert azure.parse(page(ROW)).complete


def test_a_page_shorter_than_it_says_makes_the_list_incomplete() -> None:
    """A page that counts more rows than it has was cut."""
    document = azure.parse(page(ROW, Count=2))
    assert not document.complete
    assert any("not have" in n or "not as many" in n for n in document.notes)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"  ",
        b"<!DOCTYPE html><title>Just a moment...</title>",
        b'{"Error":{"Code":"429","Message":"Too many requests"}}',
        b'{"Items":{}}',
        b'{"Items":null}',
        b"[]",
        b'{"data":[{"id":"acme/one","pricing":{"prompt":"0.1"}}]}',
        page(),
        page(row(productName="Virtual Machines")),
        page(row(meterName="5.4 zeta inp Gl 1M Tokens")),
        bundle.pack([bundle.Part("a", page(ROW)), bundle.Part("b", b"<html>")]),
        b'{"bundle":"pricetrail/1","parts":[]}',
    ],
)
def test_what_is_no_price_list_fails(body: bytes) -> None:
    """A challenge page, an error, another list and an empty one are no price list."""
    with pytest.raises(UnreadableBody):
        azure.parse(body)


def test_too_many_rows_fail() -> None:
    """Work is bounded whatever a list claims to hold."""
    with pytest.raises(UnreadableBody, match="over 400000 rows"):
        azure.parse(page(ROW, *[0] * azure.MAX_ROWS))


@given(
    st.permutations(
        [ROW, OUTPUT, row(armRegionName="westus"), row(meterName="5.4 x"), row(price=0)]
    )
)
def test_the_same_rows_in_any_order_give_the_same(rows: list[Any]) -> None:
    """The API's order of rows means nothing."""
    said = azure.parse(page(ROW, OUTPUT, *rows))
    again = azure.parse(page(*reversed(rows), OUTPUT, ROW))
    assert (again.entries, again.notes) == (said.entries, said.notes)


FIELDS = tuple(ROW)
JSON = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12)


@given(
    st.lists(st.dictionaries(st.sampled_from(FIELDS), JSON), max_size=4),
    st.dictionaries(st.sampled_from(["Items", "Count", "NextPageLink"]), JSON),
)
def test_any_values_give_a_document_or_fail(
    odd: list[dict[str, Any]], top: dict[str, Any]
) -> None:
    """Nothing in a row's fields makes the reader fail in another way."""
    body = page(*[{**ROW, **fields} for fields in odd], **top)
    for said in statements_or_none(body).values():
        in_effect(said, datetime(2026, 10, 1, tzinfo=UTC))


@given(st.text(max_size=60), st.text(max_size=12))
def test_any_name_is_read_or_refused(name: str, product: str) -> None:
    """No name of a meter makes the tokenizer fail."""
    for whole in (name, f"{name} Gl inp Tokens", f"5.4 {name} Gl inp Tokens"):
        assert isinstance(azure_meters.read(product, whole), Sold | Unread)


def statements_or_none(body: bytes) -> dict[str, Statement]:
    """The statements of a body, or {} if it is no price list."""
    try:
        return statements(azure.parse(body))
    except UnreadableBody:
        return {}


@pytest.fixture(scope="module")
def sample(shared: Path) -> bytes:
    """A captured page: rows of GPT-5.4 in eastus."""
    return (
        shared / "samples" / "azure" / "2026-10__retail-prices.page.subset.json"
    ).read_bytes()


def test_the_real_page(sample: bytes) -> None:
    """The captured rows of GPT-5.4 are eleven prices of five offers."""
    document = azure.parse(sample)
    said = {s.offer.text: stated(s) for s in statements(document).values()}
    assert document.complete
    assert not document.notes
    march, april = "USD 2026-03-01..None", "USD 2026-04-01..None"
    assert said == {
        "azure/gpt-5.4": {
            "input": [f"2.5 {march}"],
            "cache_read": [f"0.25 {march}"],
            "cache_read@>272k": [f"0.5 {march}"],
            "output+batch": [f"7.5 {march}"],
        },
        "azure/gpt-5.4@us": {
            "input": [f"2.75 {march}"],
            "cache_read+priority": [f"0.55 {march}"],
            "output@>272k": [f"24.75 {march}"],
        },
        "azure/gpt-5.4-mini": {"input+priority": [f"1.5 {april}"]},
        "azure/gpt-5.4-nano": {"cache_read+batch": [f"0.01 {march}"]},
        "azure/gpt-5.4-pro": {
            "output": [f"180 {march}"],
            "output@>272k": [f"270 {march}"],
        },
    }


def every_price(body: bytes) -> set[tuple[str, str, str]]:
    """Offer, meter and price with days of all that a body says."""
    return {
        (s.offer.text, meter, price)
        for s in statements_or_none(body).values()
        for meter, found in stated(s).items()
        for price in found
    }


def test_a_cut_page_fails(sample: bytes) -> None:
    """No beginning of the page passes for the page."""
    for end in range(0, len(sample) - 1, 97):
        with pytest.raises(UnreadableBody):
            azure.parse(sample[:end])


@pytest.mark.parametrize("field", sorted(ROW))
def test_a_renamed_field_gives_no_other_price(sample: bytes, field: str) -> None:
    """Renaming a field of all rows makes the page fail or changes no price."""
    renamed = sample.replace(f'"{field}"'.encode(), f'"{field}New"'.encode())
    assert every_price(renamed) <= every_price(sample)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("retailPrice", "tierMinimumUnits"),
        ("retailPrice", "meterName"),
        ("unitOfMeasure", "currencyCode"),
        ("meterName", "productName"),
        ("armRegionName", "type"),
        ("effectiveStartDate", "armRegionName"),
    ],
)
def test_swapped_fields_give_no_other_price(
    sample: bytes, one: str, other: str
) -> None:
    """Values under each other's names make the page fail or change no price."""
    whole = json.loads(sample)
    for item in whole["Items"]:
        item[one], item[other] = item[other], item[one]
    assert every_price(json.dumps(whole).encode()) <= every_price(sample)


@given(st.lists(st.tuples(st.integers(0), st.integers(0, 255)), max_size=4))
def test_flipped_bytes_end_in_a_document_or_an_error(
    sample: bytes, flips: list[tuple[int, int]]
) -> None:
    """Damage anywhere gives a document or the one error."""
    damaged = bytearray(sample)
    for where, byte in flips:
        damaged[where % len(damaged)] = byte
    statements_or_none(bytes(damaged))
