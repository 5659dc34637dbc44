"""Where further pages are: read out of pages that change as they please."""

import json
import re

import pytest

from crawler.spiders.azure import next_page
from crawler.spiders.bedrock import region_list
from crawler.spiders.mistral import model_pages
from crawler.spiders.moonshot import family_pages
from crawler.spiders.openrouter_endpoints import endpoint_pages

INDEX = "https://pricing.us-east-1.amazonaws.com/offers/v1.0/aws/X/region_index.json"
LISTING = """
- [K2](https://platform.kimi.ai/docs/pricing/chat-k2.md): prices
- [Chat](https://platform.kimi.ai/docs/pricing/chat.md)
- [K2](https://platform.kimi.ai/docs/pricing/chat-k2.md)
- [Tools](https://platform.kimi.ai/docs/pricing/tools.md)
- [v1](https://platform.kimi.ai/docs/pricing/chat-v1.md)
"""
AZURE = "https://prices.azure.com/api/retail/prices"


def test_cards_are_the_models_on_sale():
    """Mistral's index: cards are followed, links to retired models are not."""
    index = """
    <a class="card" style="--model-color:var(--color-1)" href="/models/large-3"></a>
    <a style="--model-color:var(--color-2)" class="x" href="/models/ocr-4-1"><img></a>
    <a style="--model-color:var(--color-1)" href="/models/large-3">again</a>
    <td><a href="/models/mistral-7b">retired</a></td>
    """
    assert model_pages(index) == [
        "https://docs.mistral.ai/models/large-3",
        "https://docs.mistral.ai/models/ocr-4-1",
    ]


def test_an_index_without_cards_names_nothing():
    """A page that lost its cards yields no guess."""
    assert model_pages('<a href="/models/mistral-7b">x</a>') == []


def test_the_real_index(shared):
    """Mistral's index of 2026-08: all cards, and nothing besides."""
    index = next((shared / "samples" / "mistral").glob("*index.html")).read_text()
    assert len(model_pages(index)) == len(re.findall(r'href="/models/', index)) == 20


@pytest.mark.parametrize(
    ("listing", "pages"),
    [
        ("", []),
        (
            LISTING,
            ["chat-k2.md", "chat-v1.md"],
        ),
        ("https://evil.example/docs/pricing/chat-k2.md", []),
        ("https://platform.kimi.ai/docs/pricing/chat-../x.md", []),
    ],
)
def test_families_of_models(listing, pages):
    """Moonshot's list of pages: each pricing page of a family, once, of its host."""
    base = "https://platform.kimi.ai/docs/pricing/"
    assert family_pages(listing) == [base + page for page in pages]


@pytest.mark.parametrize(
    ("index", "found"),
    [
        (
            {"regions": {"eu-west-1": {"currentVersionUrl": "/offers/1.json"}}},
            "https://pricing.us-east-1.amazonaws.com/offers/1.json",
        ),
        ({"regions": {}}, None),
        ({"regions": {"eu-west-1": {"currentVersionUrl": 5}}}, None),
        ({"regions": {"eu-west-1": {"currentVersionUrl": "//evil.example/1"}}}, None),
        ({"regions": {"eu-west-1": {"currentVersionUrl": "https://[bad/1"}}}, None),
        ({"regions": ["eu-west-1"]}, None),
        ([], None),
    ],
)
def test_a_region_of_a_price_list(index, found):
    """AWS's index: the region's own list, on AWS's own host, or nothing."""
    assert region_list(INDEX, json.dumps(index).encode(), "eu-west-1") == found


def test_a_damaged_index():
    """Bytes that are no JSON name no region."""
    assert region_list(INDEX, b"<html>", "eu-west-1") is None


@pytest.mark.parametrize(
    ("body", "following"),
    [
        (b'{"NextPageLink": "https://prices.azure.com:443/x?$skip=5"}', True),
        (b'{"NextPageLink": null}', False),
        (b'{"NextPageLink": ""}', False),
        (b"{}", False),
        (b'{"NextPageLink": 7}', False),
        (b"[]", False),
        (b"<html>", False),
    ],
)
def test_where_a_list_goes_on(body, following):
    """Azure's pages: the next one's address, or none on the last."""
    found = next_page(AZURE, body)
    assert found == ("https://prices.azure.com:443/x?$skip=5" if following else None)


@pytest.mark.parametrize(
    ("models", "pages"),
    [
        ("", []),
        (" , ", []),
        ("a/b,c/d:free", ["a/b", "c/d:free"]),
        ("a/b, a/b", ["a/b"]),
        ("~x/latest", ["~x/latest"]),
        ("a/b?c=d#e", ["a/b%3Fc%3Dd%23e"]),
    ],
)
def test_models_by_name(models, pages):
    """Each model that is named has one page, its name escaped."""
    base = "https://openrouter.ai/api/v1/models"
    assert endpoint_pages(models) == [f"{base}/{page}/endpoints" for page in pages]
