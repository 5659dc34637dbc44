"""Sources of several pages: kept as one capture, and told when a page is missing."""

import json

import pytest

from crawler.pages.bundle import unpack
from tests.support.crawls import BEDROCK, KIMI, MEBIBYTE, PAGES, quick, read, well
from tests.support.loopback import internet, page, status
from tracker.sources.crawl import Failed, Fetched, Wanted, crawl

CARDS = b"""
<a style="--model-color:red" href="/models/large-3"></a>
<a style="--model-color:green" href="/models/small-4"></a>
<a href="/models/retired-1"></a>
"""
REGIONS = ("us-east-1", "us-west-2", "eu-central-1", "eu-west-1")
FIRST_AZURE = PAGES["azure"]
SECOND_AZURE = f"{FIRST_AZURE}&$skip=1000"


def _regions(net, service):
    """A service's index, which names all regions but one, and their lists."""
    lists = {r: f"/offers/v1.0/aws/{service}/2026/{r}/index.json" for r in REGIONS}
    index = {"regions": {r: {"currentVersionUrl": path} for r, path in lists.items()}}
    url = f"{BEDROCK}/{service}/current/region_index.json"
    net.serve(url, page(json.dumps(index).encode()))
    for region, path in lists.items():
        body = json.dumps({"service": service, "region": region}).encode()
        net.host(url).serve(path, page(body, "application/octet-stream"))


def _build(net):
    net.serve(PAGES["llm-prices"], status(404))
    net.serve("https://www.llm-prices.com/historical-v1.json", status(404))
    links = f"- [K2]({KIMI}/pricing/chat-k2.md)\n- [K3]({KIMI}/pricing/chat-k3.md)\n"
    net.serve(PAGES["moonshot"], well("moonshot", b"# index"))
    net.serve(f"{KIMI}/llms.txt", well("moonshot", links.encode()))
    net.serve(f"{KIMI}/pricing/chat-k2.md", well("moonshot", b"# k2"))
    net.serve(f"{KIMI}/pricing/chat-k3.md", status(404))
    net.serve(PAGES["mistral"], well("mistral", CARDS))
    net.serve("https://docs.mistral.ai/models/large-3", well("mistral", b"<p>L</p>"))
    net.serve("https://docs.mistral.ai/models/small-4", well("mistral", b"<p>S</p>"))
    _regions(net, "AmazonBedrock")
    _regions(net, "AmazonBedrockFoundationModels")
    # The real list names the port of https in its links.
    link = SECOND_AZURE.replace(".com/", ".com:443/")
    first = {"Items": [1], "NextPageLink": link}
    net.serve(FIRST_AZURE, page(json.dumps(first).encode()))
    elsewhere = {"Items": [2], "NextPageLink": "https://elsewhere.example/prices"}
    net.serve(SECOND_AZURE, page(json.dumps(elsewhere).encode()))


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    """One crawl of all sources that have several pages."""
    names = ("llm-prices", "moonshot", "mistral", "bedrock", "azure")
    with internet() as net:
        _build(net)
        yield read(net, tmp_path_factory.mktemp("crawl"), *names)


def _bodies(fetched):
    return {part.url: part.body for part in unpack(fetched.body).parts}


def test_an_index_leads_to_its_pages(found):
    """Every model that an index shows is read, and kept beside it."""
    assert found["mistral"].complete
    assert _bodies(found["mistral"]) == {
        "https://docs.mistral.ai/models": CARDS,
        "https://docs.mistral.ai/models/large-3": b"<p>L</p>",
        "https://docs.mistral.ai/models/small-4": b"<p>S</p>",
    }


def test_a_missing_page_is_named(found):
    """What came is kept, but proves nothing by silence, and says what is missing."""
    moonshot = found["moonshot"]
    assert not moonshot.complete
    assert moonshot.note == (
        "1 of 3 pages are missing, first: platform.kimi.ai answered 404 (Not Found)"
    )
    assert unpack(moonshot.body).missing == (f"{KIMI}/pricing/chat-k3.md",)
    assert len(_bodies(moonshot)) == 2


def test_a_region_that_is_not_listed_is_missing(found):
    """A region that the index does not name is a missing part, in each service."""
    bedrock = found["bedrock"]
    assert len(_bodies(bedrock)) == 2 * len(REGIONS)
    missing = unpack(bedrock.body).missing
    assert {url.rpartition("#")[2] for url in missing} == {"ap-northeast-1"}
    assert len(missing) == 2


def test_a_list_is_followed_on_its_own_host_only(found):
    """Links lead from page to page; one to another host is not followed but told."""
    azure = found["azure"]
    assert list(_bodies(azure).values()) == [
        b'{"Items": [1], "NextPageLink": "%s"}'
        % SECOND_AZURE.replace(".com/", ".com:443/").encode(),
        b'{"Items": [2], "NextPageLink": "https://elsewhere.example/prices"}',
    ]
    assert unpack(azure.body).missing == ("https://elsewhere.example/prices",)


def test_without_any_page_a_source_has_failed(found):
    """All pages missing is a failure, not an empty capture."""
    assert isinstance(found["llm-prices"], Failed)
    assert "www.llm-prices.com answered 404" in found["llm-prices"].reason


def test_an_index_that_names_nothing(tmp_path):
    """An index that has changed beyond recognition is a failure, not an empty list."""
    with internet() as net:
        net.serve(PAGES["mistral"], well("mistral", b"<a href='/models/x'>x</a>"))
        found = read(net, tmp_path, "mistral")["mistral"]
    assert "names no model in the way it used to" in found.reason


def test_the_same_pages_give_the_same_bytes(tmp_path):
    """A bundle of unchanged pages is the capture that is known already."""
    with internet() as net:
        _build(net)
        one = read(net, tmp_path / "one", "mistral")["mistral"]
        two = read(net, tmp_path / "two", "mistral")["mistral"]
    assert isinstance(one, Fetched)
    assert one.body == two.body


def test_all_pages_together_are_bounded(tmp_path):
    """Many pages, each small enough, are not more than one may be."""
    with internet() as net:
        half = bytes(MEBIBYTE // 2).replace(b"\0", b"x")
        net.serve(PAGES["llm-prices"], well("llm-prices", half))
        net.serve(
            "https://www.llm-prices.com/historical-v1.json", well("llm-prices", half)
        )
        asked = [Wanted("llm-prices", MEBIBYTE // 2 + 10)]
        found = crawl(asked, quick(net), tmp_path)["llm-prices"]
    assert len(_bodies(found)) == 1
    assert not found.complete
    assert "together are larger" in found.note


def test_several_pages_are_always_asked_for_whole(tmp_path):
    """What is known of one page is no reason to leave out another."""
    with internet() as net:
        net.serve(PAGES["llm-prices"], well("llm-prices"))
        net.serve("https://www.llm-prices.com/historical-v1.json", well("llm-prices"))
        asked = [Wanted("llm-prices", MEBIBYTE, etag='"abc"')]
        found = crawl(asked, quick(net), tmp_path)["llm-prices"]
        assert not any("if-none-match" in seen.headers for seen in net.seen)
    assert found.complete


def test_models_are_read_on_demand(tmp_path):
    """The offers of single models are read by name."""
    with internet() as net:
        url = "https://openrouter.ai/api/v1/models/z-ai/glm-5/endpoints"
        net.serve(url, page(b'{"data": {}}'))
        asked = [
            Wanted(
                "openrouter-endpoints",
                MEBIBYTE,
                arguments={"models": "z-ai/glm-5, a/gone"},
            )
        ]
        found = crawl(asked, quick(net), tmp_path)["openrouter-endpoints"]
    assert list(_bodies(found)) == [url]
    assert unpack(found.body).missing == (
        "https://openrouter.ai/api/v1/models/a/gone/endpoints",
    )
