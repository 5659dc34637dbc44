"""What is read from the two offers of the AWS price list that hold Bedrock's models."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.pages import bedrock, bedrock_models, bedrock_usage, bundle
from crawler.pages.bedrock_usage import Said, Unread, Usage
from tracker.domain.errors import UnreadableBody
from tracker.domain.money import plain
from tracker.domain.quotes import Document, Statement
from tracker.domain.schedule import in_effect

FIRST, SECOND = "AmazonBedrock", "AmazonBedrockFoundationModels"
URL = "https://pricing.us-east-1.amazonaws.com/offers/v1.0/aws/{}/current/{}/index.json"

Product = tuple[dict[str, Any], dict[str, Any] | None]
"""The attributes of a product, and its terms if it has any."""


def term(price: Any = "0.0000600000", **fields: Any) -> dict[str, Any]:
    """One term with one price."""
    days = {"effectiveDate": fields.pop("effective", "2026-08-01T00:00:00Z")}
    dimension = {
        "description": "",
        "beginRange": "0",
        "endRange": "Inf",
        "unit": "1K tokens",
        "pricePerUnit": {"USD": price},
        **fields,
    }
    return {**days, "priceDimensions": {"rate": dimension}}


def own(usage: str, price: Any = "0.0000600000", **fields: Any) -> Product:
    """A product of the first offer; fields of a term, and the other attributes."""
    stated = {k: fields.pop(k) for k in list(fields) if k in TERM_FIELDS}
    attributes = {
        "locationType": "AWS Region",
        "usagetype": f"USE1-{usage}",
        "feature": "On-demand Inference",
        "model": "Nova Lite",
        "regionCode": "us-east-1",
        "servicename": "Amazon Bedrock",
        **fields,
    }
    return attributes, {"term": term(price, **stated)}


TERM_FIELDS = (
    *("unit", "description", "effective", "beginRange", "endRange"),
    "pricePerUnit",
)


def sold(
    usage: str, price: Any, about: str, region: str = "us-east-1", **fields: Any
) -> Product:
    """A product of the marketplace's offer."""
    attributes = {
        "usagetype": f"USE1-MP:USE1_{usage}-Units",
        "servicename": "Claude Opus 4.7 (Amazon Bedrock Edition)",
        "regionCode": region,
        **{k: v for k, v in fields.items() if k not in TERM_FIELDS},
    }
    stated = {"unit": "1M tokens", "description": f"AWS usage|{region}|{about}"}
    stated |= {k: v for k, v in fields.items() if k in TERM_FIELDS}
    return attributes, {"term": term(price, **stated)}


def offer(*products: Product, code: str = FIRST, **top: Any) -> bytes:
    """The file of one region."""
    listed = {f"SKU{i}": {"attributes": p} for i, (p, _) in enumerate(products)}
    terms = {f"SKU{i}": t for i, (_, t) in enumerate(products) if t is not None}
    whole = {
        "offerCode": code,
        "publicationDate": "2026-09-11T12:44:08Z",
        "products": listed,
        "terms": {"OnDemand": terms},
    }
    return json.dumps({**whole, **top}).encode()


def statements(document: Document) -> dict[str, Statement]:
    """What a document says, by key."""
    return {key: bedrock.flatten(key, e) for key, e in document.entries.items()}


def prices(*products: Product, day: str = "2026-10-01") -> dict[str, dict[str, str]]:
    """Offer to meter to price of one file."""
    at = datetime.fromisoformat(day).replace(tzinfo=UTC)
    said = statements(bedrock.parse(offer(*products))).values()
    return {
        s.offer.text.removeprefix("bedrock/"): {
            meter: plain(quote.price_nano)
            for meter, quote in in_effect(s, at).quotes.items()
        }
        for s in said
    }


LITE = "amazon.nova-lite-v1:0@us-east-1"
PLAIN = own("NovaLite-output-tokens", "0.00024")
OPUS = "anthropic.claude-opus-4-7"


def notes_beside_one_price(*products: Product) -> list[str]:
    """The notes on products that are not read; one beside them is."""
    document = bedrock.parse(offer(PLAIN, *products))
    (said,) = statements(document).values()
    assert {m: plain(q.price_nano) for m, q in said.quotes.items()} == {
        "output": "0.24"
    }
    return list(document.notes)


@pytest.mark.parametrize(
    ("usage", "meter"),
    [
        ("NovaLite-input-tokens", "input"),
        ("NovaLite-output-tokens", "output"),
        ("NovaLite-text-input-tokens", "input"),
        ("NovaLite-input-tokens-batch", "input+batch"),
        ("NovaLite-input-tokens-flex", "input+flex"),
        ("NovaLite-output-tokens-priority", "output+priority"),
        ("NovaLite-output-tokens-latency-optimized", "output+latency_optimized"),
        ("NovaLite-cache-read-input-token-count", "cache_read"),
        ("NovaLite-cache-write-input-token-count", "cache_write"),
        ("NovaLite-cache-read-input-token-count-flex", "cache_read+flex"),
    ],
)
def test_usage_types_are_meters(usage: str, meter: str) -> None:
    """The end of a usage type says what is counted, and in which tier."""
    assert prices(own(usage)) == {LITE: {meter: "0.06"}}


@pytest.mark.parametrize(
    ("usage", "about", "meter"),
    [
        ("InputTokenCount", "Million Input Tokens", "input"),
        ("OutputTokenCount", "Million Response Tokens", "output"),
        ("MillionBatchInputTokens", "Million Batch Input Tokens", "input+batch"),
        ("CacheReadInputTokenCount", "Million Cache Read Input Tokens", "cache_read"),
        (
            "CacheWriteInputTokenCount",
            "Million Cache Write Input Tokens",
            "cache_write",
        ),
        (
            "CacheWrite1hInputTokenCount",
            "Million 1 hour Cache Write Input Tokens",
            "cache_write;ttl=1h",
        ),
        (
            "OutputTokenCount_LatencyOptimized",
            "Million Response Tokens (Latency Optimized Inference)",
            "output+latency_optimized",
        ),
        ("input_tokens_standard", "Input Tokens - Standard", "input"),
        ("output_tokens_batch", "Output Tokens - Batch", "output+batch"),
        ("cache_read_tokens_standard", "Cache Read Tokens - Standard", "cache_read"),
        (
            "cache_write_tokens_1h_standard",
            "Cache Write Tokens (1h TTL) - Standard",
            "cache_write;ttl=1h",
        ),
        ("input_tokens_standard", "Price per 1 million input tokens", "input"),
    ],
)
def test_the_marketplaces_words_are_meters(usage: str, about: str, meter: str) -> None:
    """Both spellings of usage types, and the descriptions beside them, are read."""
    assert prices(sold(usage, "5.5", about)) == {f"{OPUS}@us-east-1": {meter: "5.5"}}


def test_a_response_is_output() -> None:
    """The marketplace calls output tokens response tokens."""
    said = bedrock_usage.said("Million Response Tokens Regional CRIS")
    assert said == Said("output", "", "geo")


@pytest.mark.parametrize(
    "fields",
    [
        {"feature": "Batch Inference"},
        {"feature": "BatchInference"},
        {"inferenceType": "Input tokens batch"},
        {"service_tier": "Batch"},
        {"batch": "Yes"},
    ],
)
def test_an_attribute_may_be_what_says_batch(fields: dict[str, Any]) -> None:
    """A batch is one wherever it is said, and never the standard price."""
    assert prices(own("NovaLite-input-tokens", **fields)) == {
        LITE: {"input+batch": "0.06"}
    }


def test_only_the_usage_type_may_say_batch() -> None:
    """A batch row whose attributes are those of on-demand rows is a batch row."""
    row = own(
        "NovaLite-output-tokens-cross-region-global-batch",
        inferenceType="Output tokens",
    )
    assert prices(row) == {"amazon.nova-lite-v1:0@global": {"output+batch": "0.06"}}


@pytest.mark.parametrize(
    ("usage", "fields", "reason"),
    [
        ("input-tokens", {"inferenceType": "Output tokens"}, "of its component contr"),
        ("input-tokens-flex", {"inferenceType": "Input tokens priority"}, "its tier"),
        (
            "input-tokens-flex",
            {"feature": "Batch Inference"},
            "of its tier contradicts",
        ),
        ("input-tokens-batch", {"service_tier": "standard"}, "of its tier contradicts"),
        ("input-tokens", {"service_tier": "velvet"}, "the word 'velvet' is not known"),
        ("input-tokens", {"inferenceType": "Input Image Token Count"}, "images"),
        ("input-zeta-tokens", {}, "the word 'zeta' is not known"),
        ("zeta-input-tokens", {}, "the word 'zeta' is not known"),
        ("input-tokens-cross-region", {}, "no word for how far it crosses regions"),
        ("input-output-tokens", {}, "two words for its way"),
        ("tokens", {}, "no word for what is counted"),
        ("input-tokens-1h", {}, "a lifetime of what is no cache"),
        ("input-tokens-long-context", {}, "long contexts of a length that is not"),
        ("input-tokens-custom-model", {}, "custom models"),
        ("Model-Customization-input-tokens", {}, "custom models"),
        ("Custom-input-tokens", {}, "custom models"),
        ("input-image-token-count", {}, "images"),
        ("input-video-token-count", {}, "video"),
        ("speech-input-tokens", {}, "audio"),
        ("reserved-1-month-input-tokens-per-minute", {}, "reserved capacity"),
        ("ProvisionedThroughput-1month-ModelUnits", {}, "not counted in tokens"),
        ("T2I-1024-Standard", {}, "not counted in tokens"),
        ("input-tokens", {"feature": "Model Customization"}, "the feature 'Model Cust"),
        ("input-tokens", {"feature": "Data Automation"}, "the feature 'Data Autom"),
        ("input-tokens", {"regionCode": None}, "the region ''"),
        ("input-tokens", {"regionCode": "everywhere"}, "the region 'everywhere'"),
        ("input-tokens", {"locationType": "AWS Local Zone"}, "a location of the type"),
        ("input-tokens", {"unit": "hour"}, "the unit 'hour'"),
        ("input-tokens", {"unit": "1M TPM Hour"}, "the unit '1M TPM Hour'"),
        ("input-tokens", {"unit": "Units"}, "the unit 'Units'"),
        ("input-tokens", {"beginRange": "1000000"}, "a price for certain volumes"),
        ("input-tokens", {"endRange": "1000000"}, "a price for certain volumes"),
        ("input-tokens", {"pricePerUnit": {}}, "not one price in one currency"),
        ("input-tokens", {"pricePerUnit": {"$": "1"}}, "not one price in one currency"),
        (
            "input-tokens",
            {"pricePerUnit": {"USD": "1", "EUR": "1"}},
            "not one price in one currency",
        ),
        ("input-tokens", {"effective": "soon"}, "a term without a day"),
        (
            "input-tokens",
            {"description": "$0.06 per 1M tokens"},
            "its description and its unit contradict",
        ),
        (
            "input-tokens",
            {"description": "$0.00006 per 1K tokens", "unit": "1M tokens"},
            "its description and its unit contradict",
        ),
        (
            "input-tokens",
            {"description": "$0.06 per 1K tokens"},
            "its description and its price contradict",
        ),
    ],
)
def test_what_is_not_certain_is_counted(
    usage: str, fields: dict[str, Any], reason: str
) -> None:
    """Contradictions, unknown words and other things sold are counted, not read."""
    product = own(f"NovaLite-{usage}", **fields)
    (note,) = notes_beside_one_price(product)
    assert "1 rows not read" in note
    assert reason in note
    assert f"USE1-NovaLite-{usage}" in note


@pytest.mark.parametrize(
    ("usage", "about", "fields", "reason"),
    [
        ("InputTokenCount", "Million Response Tokens", {}, "of its component contrad"),
        ("InputTokenCount_Global", "Million Input Tokens Regional CRIS", {}, "scope"),
        ("InputTokenCount", "Million Input Tokens Beta", {}, "the word 'beta' is not"),
        ("Reserved_1Month_InputTPM_Geo", "Reserved", {}, "reserved capacity"),
        ("InputImageCount", "Image", {}, "images"),
        ("search_units", "Search Units", {}, "searches"),
        ("Usage", "Million Input Tokens", {}, "the word 'usage' is not known"),
        (
            "InputTokenCount",
            "Million Input Tokens",
            {"unit": "1K tokens"},
            "its description and its unit contradict",
        ),
        (
            "InputTokenCount",
            "Input Tokens - Standard",
            {"unit": "Units"},
            "the unit 'Units'",
        ),
        (
            "InputTokenCount",
            "Million Input Tokens",
            {"servicename": "(Amazon Bedrock Edition)"},
            "no model's name",
        ),
    ],
)
def test_the_marketplaces_uncertain_rows_are_counted(
    usage: str, about: str, fields: dict[str, Any], reason: str
) -> None:
    """A description must be understood, and agree with the usage type and unit."""
    (note,) = notes_beside_one_price(sold(usage, "5", about, **fields))
    assert reason in note


def test_units_are_millions_where_the_description_says_so() -> None:
    """The unit `Units` alone says nothing; with a description in millions it does."""
    row = sold("InputTokenCount", "5.5", "Million Input Tokens", unit="Units")
    assert prices(row) == {f"{OPUS}@us-east-1": {"input": "5.5"}}


@pytest.mark.parametrize("unit", ["1K tokens", "1k tokens", "1K token"])
def test_a_thousand_is_written_in_several_ways(unit: str) -> None:
    """Prices for a thousand tokens become prices for a million."""
    assert prices(own("NovaLite-input-tokens", unit=unit)) == {LITE: {"input": "0.06"}}


def test_notes_count_by_feature_with_an_example() -> None:
    """What is sold otherwise is counted per feature, the first example shown."""
    one = own("NovaLite-ProvisionedThroughput-b", feature="Provisioned Throughput")
    other = own("NovaLite-ProvisionedThroughput-a", feature="Provisioned Throughput")
    (note,) = notes_beside_one_price(one, other)
    assert "2 rows not read: the feature 'Provisioned Throughput'" in note
    assert "'USE1-NovaLite-ProvisionedThroughput-a'" in note


def test_a_product_without_terms_is_counted() -> None:
    """A product that has no price says so in a note."""
    (note,) = notes_beside_one_price((own("NovaLite-input-tokens")[0], None))
    assert "a product without a price on demand" in note


def test_a_term_without_a_product_is_counted() -> None:
    """A price whose product is missing belongs to no model, and is not given to one."""
    whole = json.loads(offer(PLAIN))
    lost = {"rate": term("5", description="Million Response Tokens Global")}
    whole["terms"]["OnDemand"] |= {"LOST1": lost, "LOST2": lost}
    document = bedrock.parse(json.dumps(whole).encode())
    assert len(document.entries) == 1
    assert "2 rows not read: a price without its product" in document.notes[0]


def test_other_terms_than_on_demand_are_counted() -> None:
    """Reserved terms are no prices on demand."""
    whole = json.loads(offer(PLAIN))
    whole["terms"]["Reserved"] = {"SKU0": {"term": term("0.1")}}
    document = bedrock.parse(json.dumps(whole).encode())
    (said,) = statements(document).values()
    assert plain(said.quotes["output"].price_nano) == "0.24"
    assert "terms of the kind 'Reserved'" in document.notes[0]


def test_several_prices_in_one_term_are_not_read() -> None:
    """Prices by volume are not taken for the price."""
    attributes, terms = own("NovaLite-input-tokens")
    assert terms is not None
    terms["term"]["priceDimensions"]["second"] = terms["term"]["priceDimensions"][
        "rate"
    ]
    (note,) = notes_beside_one_price((attributes, terms))
    assert "without one price" in note


@pytest.mark.parametrize("scope", ["", "Regional", "Regional CRIS"])
def test_a_profile_is_told_from_global(scope: str) -> None:
    """Beside a Global price, the dearer one is that of the geographic profile."""
    said = prices(
        sold("InputTokenCount_Global", "5", "Million Input Tokens Global"),
        sold("InputTokenCount", "5.5", f"Million Input Tokens {scope}".strip()),
    )
    assert said == {f"{OPUS}@global": {"input": "5"}, f"{OPUS}@us": {"input": "5.5"}}


def test_a_price_in_the_region_stays_beside_the_profiles() -> None:
    """Where the list has a price in the region and one of the profile, both stand."""
    said = prices(
        sold("InputTokenCount_Global", "5", "Million Input Tokens Global"),
        sold("InputTokenCount_Geo", "5.5", "Million Input Tokens Regional CRIS"),
        sold("InputTokenCount", "6", "Million Input Tokens"),
    )
    assert said == {
        f"{OPUS}@global": {"input": "5"},
        f"{OPUS}@us": {"input": "5.5"},
        f"{OPUS}@us-east-1": {"input": "6"},
    }


@pytest.mark.parametrize(
    ("region", "profile"),
    [
        ("us-west-2", "us"),
        ("us-gov-west-1", "us-gov"),
        ("eu-central-1", "eu"),
        ("ap-northeast-1", "jp"),
        ("ap-southeast-2", "au"),
        ("ap-south-1", "in"),
        ("ap-southeast-1", "apac"),
        ("sa-east-1", "sa-east-1"),
    ],
)
def test_regions_have_their_profile(region: str, profile: str) -> None:
    """The profile of a price is that of the region it is listed for."""
    row = sold("InputTokenCount", "5.5", "Million Input Tokens Regional CRIS", region)
    assert prices(row) == {f"{OPUS}@{profile}": {"input": "5.5"}}


def test_without_a_global_price_it_is_the_regions() -> None:
    """A model that is not sold globally is sold in its region."""
    row = sold("InputTokenCount", "3.6", "Million Input Tokens Regional", "eu-west-1")
    assert prices(row) == {f"{OPUS}@eu-west-1": {"input": "3.6"}}


def test_regions_that_agree_are_one_offer() -> None:
    """A Global price that all regions state alike is one price."""
    document = bedrock.parse(
        offer(
            *(
                sold("InputTokenCount_Global", "5", "Million Input Tokens Global", r)
                for r in ("us-east-1", "eu-west-1", "sa-east-1")
            ),
            code=SECOND,
        )
    )
    (said,) = statements(document).values()
    assert said.offer.region == "global"
    assert plain(said.quotes["input"].price_nano) == "5"
    assert not said.problems


def test_regions_that_differ_are_a_conflict() -> None:
    """One offer with two prices has none, and says which."""
    document = bedrock.parse(
        offer(
            sold("InputTokenCount_Global", "5", "Million Input Tokens Global"),
            sold(
                "InputTokenCount_Global",
                "6",
                "Million Input Tokens Global",
                "sa-east-1",
            ),
        )
    )
    (said,) = statements(document).values()
    assert not said.quotes
    (problem,) = said.problems
    assert problem.reason == "conflict"
    assert "5 USD / 1M tokens" in problem.raw
    assert "6 USD / 1M tokens" in problem.raw


def nova_2(scope: str, price: str, region: str) -> Product:
    """The input price of Nova 2 Lite for requests from a region."""
    usage = f"Nova2.0Lite-input-tokens{scope}"
    return own(usage, price, model="Nova 2.0 Lite", regionCode=region)


def test_amazons_models_cost_what_their_region_does() -> None:
    """Cross-region prices of Nova differ by the region asked, and are kept apart."""
    everywhere = "-cross-region-global"
    said = prices(
        nova_2(everywhere, "0.0003", "us-east-1"),
        nova_2("", "0.00033", "us-east-1"),
        nova_2(everywhere, "0.00036", "ap-northeast-1"),
        nova_2("", "0.000396", "ap-northeast-1"),
        nova_2(everywhere, "0.0003", "us-west-2"),
        nova_2("", "0.00033", "us-west-2"),
    )
    assert said == {
        "amazon.nova-2-lite-v1:0@global": {"input": "0.3"},
        "amazon.nova-2-lite-v1:0@us": {"input": "0.33"},
        "amazon.nova-2-lite-v1:0@global.ap-northeast-1": {"input": "0.36"},
        "amazon.nova-2-lite-v1:0@jp": {"input": "0.396"},
        "amazon.nova-2-lite-v1:0@global.us-west-2": {"input": "0.3"},
        "amazon.nova-2-lite-v1:0@us.us-west-2": {"input": "0.33"},
    }


def test_mantle_is_a_seller_of_its_own() -> None:
    """What the mantle endpoint sells has the id in its usage type."""
    usage = "xai.grok-4.7-mantle-cache-read-tokens-priority"
    row = own(usage, "0.0003", model="xai.grok-4.7", service_tier="priority")
    assert prices(row) == {
        "bedrock_mantle/xai.grok-4.7@us-east-1": {"cache_read+priority": "0.3"}
    }


@pytest.mark.parametrize(
    ("name", "meter"),
    [
        ("OpenAI GPT-6 Astra", "cache_write@>272k"),
        ("Claude Sonnet 4.5", "cache_write@>200k;ttl=30m"),
    ],
)
def test_long_contexts_begin_where_the_maker_says(name: str, meter: str) -> None:
    """The threshold follows from the model; 30 minutes are OpenAI's own lifetime."""
    row = sold(
        "cache_write_tokens_30m_long_ctx_standard",
        "27.5",
        "Cache Write Tokens (30m TTL) - Standard, Long Context",
        servicename=f"{name} (Amazon Bedrock Edition)",
    )
    (meters,) = prices(row).values()
    assert meters == {meter: "27.5"}


def test_a_price_that_begins_later_is_scheduled() -> None:
    """A term whose day lies after the list's own is not in effect before it."""
    row = own("NovaLite-input-tokens", effective="2026-12-01T00:00:00Z")
    assert prices(row, day="2026-11-30") == {LITE: {}}
    assert prices(row, day="2026-12-01") == {LITE: {"input": "0.06"}}


def test_a_successor_takes_over_on_its_day() -> None:
    """Of two terms the later one holds from its day, the earlier until then."""
    attributes, terms = own("NovaLite-input-tokens", "0.00006")
    assert terms is not None
    terms["next"] = term("0.00005", effective="2026-12-01T00:00:00Z")
    row = (attributes, terms)
    assert prices(row, day="2026-11-30") == {LITE: {"input": "0.06"}}
    assert prices(row, day="2026-12-01") == {LITE: {"input": "0.05"}}


def test_a_superseded_term_is_history() -> None:
    """A term that another followed before the list was made counts no more."""
    attributes, terms = own("NovaLite-input-tokens", "0.00006")
    assert terms is not None
    terms["next"] = term("0.00005", effective="2026-09-01T00:00:00Z")
    assert prices((attributes, terms)) == {LITE: {"input": "0.05"}}
    assert prices((attributes, terms), day="2026-08-15") == {LITE: {"input": "0.05"}}


def test_a_day_that_moves_on_changes_nothing() -> None:
    """The first of the month, that the list moves on, is no day of a price."""
    one = offer(own("NovaLite-input-tokens", effective="2026-08-01T00:00:00Z"))
    two = offer(own("NovaLite-input-tokens", effective="2026-09-01T00:00:00Z"))
    assert bedrock.parse(one).entries == bedrock.parse(two).entries


def test_free_is_a_price() -> None:
    """A price of zero is stated and kept."""
    row = own("NovaLite-cache-write-input-token-count", "0.0000000000")
    assert prices(row) == {LITE: {"cache_write": "0"}}


@pytest.mark.parametrize("price", ["-1", "free", "NaN", "Infinity", "", None, True, []])
def test_what_is_no_price_holds_its_rate(price: Any) -> None:
    """A number that is none costs its rate alone."""
    document = bedrock.parse(offer(PLAIN, own("NovaLite-input-tokens", price)))
    (said,) = statements(document).values()
    assert set(said.quotes) == {"output"}
    (problem,) = said.problems
    assert problem.meter is not None
    assert problem.meter.key == "input"


def test_the_currency_is_the_lists_own() -> None:
    """A list in yuan gives prices in yuan."""
    row = own(
        "NovaLite-input-tokens",
        regionCode="cn-north-1",
        pricePerUnit={"CNY": "0.0004"},
    )
    (said,) = statements(bedrock.parse(offer(row))).values()
    assert said.quotes["input"].currency == "CNY"
    assert plain(said.quotes["input"].price_nano) == "0.4"


def test_the_raw_text_keeps_number_currency_and_unit() -> None:
    """What stood in the list can be looked up later."""
    (said,) = statements(bedrock.parse(offer(PLAIN))).values()
    quote = said.quotes["output"]
    assert quote.raw == "0.00024 USD / 1K tokens"
    assert quote.field == "USE1-NovaLite-output-tokens"


@pytest.mark.parametrize(
    ("name", "provider", "found"),
    [
        ("Claude Opus 4.7 (Amazon Bedrock Edition)", "", "anthropic.claude-opus-4-7"),
        ("Claude Opus 4.6", "", "anthropic.claude-opus-4-6-v1"),
        ("Claude Sonnet 4", "", "anthropic.claude-sonnet-4-20250514-v1:0"),
        ("Claude4Sonnet", "", "anthropic.claude-sonnet-4-20250514-v1:0"),
        ("Claude 3.5 Sonnet v2", "", "anthropic.claude-3-5-sonnet-20241022-v2:0"),
        ("NovaLite", "", "amazon.nova-lite-v1:0"),
        ("Nova 2.0 Lite", "", "amazon.nova-2-lite-v1:0"),
        ("Nova Sonic 2.0", "", "amazon.nova-2-sonic-v1:0"),
        ("TitanTextG1-Lite", "", "amazon.titan-text-lite-v1"),
        ("Llama 3.1 70B", "Meta", "meta.llama3-1-70b-instruct-v1:0"),
        ("Llama4-Maverick-17B", "", "meta.llama4-maverick-17b-instruct-v1:0"),
        ("Ministral 8B 3.0", "Mistral", "mistral.ministral-3-8b-instruct"),
        ("Ministral-3-8b-Instruct", "", "mistral.ministral-3-8b-instruct"),
        ("GPT-OSS-Safeguard-20B", "", "openai.gpt-oss-safeguard-20b"),
        ("gpt-oss-120b", "OpenAI OSS", "openai.gpt-oss-120b-1:0"),
        ("OpenAI GPT-6 Astra", "", "openai.gpt-6-astra"),
        ("DeepSeek v3.2", "DeepSeek", "deepseek.v3.2"),
        ("R1", "", "deepseek.r1-v1:0"),
        ("Kimi-K2-Thinking", "", "moonshotai.kimi-k2-thinking"),
        ("qwen.qwen3-coder-next", "", "qwen.qwen3-coder-next"),
        ("Cohere Command R+", "", "cohere.command-r-plus"),
        ("Novelty One", "Some Maker", "some-maker.novelty-one"),
        ("Novelty One", "", "novelty-one"),
        ("(Amazon Bedrock Edition)", "", ""),
        ("???", "", ""),
    ],
)
def test_names_become_ids_by_rule(name: str, provider: str, found: str) -> None:
    """A model has the id that litellm has; one that no rule knows a name of its own."""
    assert bedrock_models.model_id(name, provider) == found


def region_index(*regions: str) -> bytes:
    """The list of regions of the first offer."""
    path = "/offers/v1.0/aws/AmazonBedrock/20260911124408/{}/index.json"
    listed = {
        r: {"regionCode": r, "currentVersionUrl": path.format(r)} for r in regions
    }
    return json.dumps({"formatVersion": "v1.0", "regions": listed}).encode()


def bundled(*files: tuple[str, bytes], missing: tuple[str, ...] = ()) -> Document:
    """What a bundle of files says."""
    return bedrock.parse(
        bundle.pack([bundle.Part(url, body) for url, body in files], missing)
    )


def test_both_offers_and_all_regions_are_one_list() -> None:
    """Index and files of a bundle are read together."""
    claude = sold("InputTokenCount_Global", "5", "Million Input Tokens Global")
    document = bundled(
        ("region_index.json", region_index("us-east-1")),
        (URL.format(FIRST, "us-east-1"), offer(PLAIN)),
        (URL.format(SECOND, "us-east-1"), offer(claude, code=SECOND)),
    )
    assert document.complete
    assert not document.notes
    assert set(document.entries) == {LITE, f"{OPUS}@global"}


def test_only_what_the_bundle_misses_makes_it_incomplete() -> None:
    """A region of the index that is not in the bundle is a note, and no more."""
    files = (
        ("region_index.json", region_index("us-east-1", "eu-west-1")),
        (URL.format(FIRST, "us-east-1"), offer(PLAIN)),
    )
    document = bundled(*files)
    assert document.complete
    assert "1 files not in the bundle: AmazonBedrock eu-west-1" in document.notes[0]
    assert not bundled(*files, missing=(URL.format(FIRST, "eu-west-1"),)).complete


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<?xml version='1.0'?><Error><Code>AccessDenied</Code></Error>",
        b"<!DOCTYPE html><title>Just a moment...</title>",
        b"[]",
        b"{}",
        b'{"message":"Forbidden"}',
        b'{"data":[{"id":"acme/one","pricing":{"prompt":"0.1"}}]}',
        b'{"products":[],"terms":[]}',
        region_index("us-east-1"),
        offer(PLAIN, code="AmazonEC2"),
        offer(),
        offer(PLAIN, terms={}),
        offer(own("NovaCanvas-T2I-1024-Standard")),
        bundle.pack([bundle.Part("a", offer(PLAIN)), bundle.Part("b", b"<html>")]),
        bundle.pack([bundle.Part("a", offer(PLAIN)), bundle.Part("b", b'{"a":1}')]),
        b'{"bundle":"pricetrail/1","parts":[{}],"missing":[]}',
    ],
)
def test_what_is_no_price_list_fails(body: bytes) -> None:
    """Errors, an index alone, other lists and lists without a price are refused."""
    with pytest.raises(UnreadableBody):
        bedrock.parse(body)


ROWS = [
    PLAIN,
    own("NovaLite-input-tokens", "0.00006"),
    own("NovaLite-input-tokens", "0.00007"),
    own("NovaLite-input-zeta"),
    sold("InputTokenCount_Global", "5", "Million Input Tokens Global"),
    sold("InputTokenCount", "5.5", "Million Input Tokens", "us-west-2"),
    sold("InputTokenCount", "5.5", "Million Input Tokens"),
]


@given(st.permutations(ROWS))
def test_the_order_of_products_means_nothing(products: list[Product]) -> None:
    """The same products in any order give the same document."""
    said, again = bedrock.parse(offer(*ROWS)), bedrock.parse(offer(*products))
    assert (again.entries, again.notes) == (said.entries, said.notes)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(max_size=9), inner, max_size=3)
    ),
    max_leaves=6,
)
NAMES = (*ROWS[0][0], "inferenceType", "service_tier", "batch", "titanModel")


def statements_or_none(body: bytes) -> dict[str, Statement]:
    """The statements of a body, or {} if it is no price list."""
    try:
        return statements(bedrock.parse(body))
    except UnreadableBody:
        return {}


@given(
    st.dictionaries(st.sampled_from(NAMES), JSON),
    st.dictionaries(st.sampled_from(TERM_FIELDS), JSON),
    st.dictionaries(
        st.sampled_from(["products", "terms", "offerCode", "publicationDate"]), JSON
    ),
)
def test_any_values_give_a_document_or_fail(
    attributes: dict[str, Any], stated: dict[str, Any], top: dict[str, Any]
) -> None:
    """Nothing in a product or a term makes the reader fail in another way."""
    odd = own("NovaLite-input-tokens", **{**attributes, **stated})
    for body in (offer(PLAIN, odd), offer(PLAIN, odd, **top)):
        statements_or_none(body)


@given(JSON, JSON)
def test_any_shape_gives_a_document_or_fails(products: Any, terms: Any) -> None:
    """Nothing in the place of products and terms makes the reader fail otherwise."""
    whole = {"products": {"SKU": products}, "terms": {"OnDemand": {"SKU": terms}}}
    assert statements_or_none(json.dumps(whole).encode()) == {}
    statements_or_none(json.dumps({"products": products, "terms": terms}).encode())


@given(st.text(max_size=60), st.text(max_size=12))
def test_any_text_is_read_or_refused(text: str, model: str) -> None:
    """No usage type, description or name makes its reader fail."""
    for whole in (text, f"USE1-{text}-input-tokens", f"USE1-MP:USE1_{text}-Units"):
        assert isinstance(bedrock_usage.usage(whole, model), Usage)
        assert isinstance(bedrock_usage.said(whole), Said | Unread)
    assert isinstance(bedrock_models.model_id(text, model), str)


SAMPLE = "2026-09-11__us-east-1_index.subset.json"
TERMS = "2026-09__marketplace-terms.subset.json"


@pytest.fixture(scope="module")
def samples(shared: Path) -> Path:
    """The folder of captured files."""
    return shared / "samples" / "bedrock"


@pytest.fixture(scope="module")
def sample(samples: Path) -> bytes:
    """Eleven products of us-east-1, four of them with a price."""
    return (samples / SAMPLE).read_bytes()


def test_the_real_file(sample: bytes) -> None:
    """The captured products are four prices of Nova Lite; seven are counted."""
    document = bedrock.parse(sample)
    (said,) = statements(document).values()
    assert said.offer.text == f"bedrock/{LITE}"
    assert {m: plain(q.price_nano) for m, q in said.quotes.items()} == {
        "input": "0.06",
        "output": "0.24",
        "cache_read": "0.015",
        "cache_write": "0",
    }
    assert said.quotes["input"].raw == "0.0000600000 USD / 1K tokens"
    assert not said.dated
    assert not said.problems
    assert document.complete
    assert [
        note.partition(": ")[2].partition(", e.g.")[0] for note in document.notes
    ] == [
        "4 rows not read: a product without a price on demand",
        "1 rows not read: not counted in tokens",
        "1 rows not read: the feature 'Model Customization'",
        "1 rows not read: the feature 'Provisioned Throughput Inference - 1 month'",
    ]


def test_the_real_products_would_be_read_with_prices(sample: bytes) -> None:
    """The captured products whose prices were left out are the meters they name."""
    whole = json.loads(sample)
    terms = whole["terms"]["OnDemand"]
    for sku in whole["products"]:
        terms.setdefault(sku, {"term": term("0.001")})
    document = bedrock.parse(json.dumps(whole).encode())
    assert {k: set(s.quotes) for k, s in statements(document).items()} == {
        LITE: {"input", "output", "cache_read", "cache_write", "input+batch"},
        "amazon.nova-pro-v1:0@us-east-1": {"input+flex"},
        "amazon.titan-text-lite-v1@us-east-1": {"input"},
        "mistral.ministral-3-8b-instruct@us-east-1": {"input"},
    }
    assert len(document.notes) == 3


def test_real_prices_without_products_are_no_price_list(samples: Path) -> None:
    """Prices whose models are not told are refused, not given to any model."""
    with pytest.raises(UnreadableBody, match="no price in it"):
        bedrock.parse((samples / TERMS).read_bytes())


def test_the_real_descriptions_are_understood(samples: Path) -> None:
    """Each captured description of the marketplace says what it is for."""
    terms = json.loads((samples / TERMS).read_text())["terms"]["OnDemand"]
    found = {}
    for sku in terms.values():
        for one in sku.values():
            for rate in one["priceDimensions"].values():
                about = rate["description"].rpartition("|")[2]
                found[about] = bedrock_usage.said(about)
    assert found == {
        "Million Response Tokens Regional CRIS": Said("output", "", "geo"),
        "Million Batch Input Tokens Global": Said("input", "batch", "global"),
        "Million 1 hour Cache Write Input Tokens Global": Said(
            "cache_write", "", "global", "1h"
        ),
        "Million Cache Write Input Tokens Global": Said("cache_write", "", "global"),
        "Million Response Tokens Global": Said("output", "", "global"),
        "Million Cache Read Input Tokens Global": Said("cache_read", "", "global"),
        "Million Cache Write Input Tokens Regional CRIS": Said(
            "cache_write", "", "geo"
        ),
    }


def test_the_real_index_beside_the_real_file(samples: Path, sample: bytes) -> None:
    """The captured index names three more regions, which is a note."""
    index = (samples / "2026-09-11__region_index.json").read_bytes()
    document = bundled(("index", index), (URL.format(FIRST, "us-east-1"), sample))
    assert document.complete
    assert "3 files not in the bundle" in document.notes[-1]


def every_price(body: bytes) -> set[tuple[str, str, str]]:
    """Offer, meter and price of all that a body says."""
    return {
        (s.offer.text, meter, f"{plain(quote.price_nano)} {quote.currency}")
        for s in statements_or_none(body).values()
        for meter, quote in s.quotes.items()
    }


def test_a_cut_file_fails(sample: bytes) -> None:
    """No beginning of the file passes for the file."""
    for end in range(0, len(sample.rstrip()) - 1, 61):
        with pytest.raises(UnreadableBody):
            bedrock.parse(sample[:end])


@pytest.mark.parametrize(
    "name",
    [
        *("products", "terms", "OnDemand", "attributes", "usagetype", "feature"),
        *("model", "regionCode", "priceDimensions", "unit", "pricePerUnit", "USD"),
        *("effectiveDate", "description", "inferenceType", "beginRange", "endRange"),
    ],
)
def test_a_renamed_field_gives_no_other_price(sample: bytes, name: str) -> None:
    """Renaming a field everywhere makes the file fail or changes no price."""
    renamed = sample.replace(f'"{name}"'.encode(), f'"{name}New"'.encode())
    assert renamed != sample
    assert every_price(renamed) <= every_price(sample)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("usagetype", "inferenceType"),
        ("usagetype", "model"),
        ("regionCode", "location"),
        ("feature", "inferenceType"),
        ("model", "feature"),
        ("servicename", "usagetype"),
    ],
)
def test_swapped_attributes_give_no_other_price(
    sample: bytes, one: str, other: str
) -> None:
    """Values under each other's names make the file fail or change no price."""
    whole = json.loads(sample)
    for product in whole["products"].values():
        found = product["attributes"]
        found[one], found[other] = found.get(other), found.get(one)
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
