"""A sync of every source over real HTTP, with the bodies that were captured."""

import json

import pytest

from tests.support.crawls import PAGES, kind_of
from tests.support.loopback import (
    drip,
    internet,
    packed,
    page,
    redirect,
    reset,
    silent,
    status,
    truncated,
)
from tests.support.program import Trail
from tests.support.realnet import serve_all

CHALLENGE = "_blocked/2026-05-08__openai-cloudflare-403.html"
RATES = "SELECT source_key_id, meter_id, price_nano, valid_to FROM rates ORDER BY id"
KEYS = "SELECT key, missing_since, withdrawn_at FROM source_keys ORDER BY id"


@pytest.fixture
def quick(monkeypatch):
    """Crawl settings for tests: no politeness towards ourselves, short times."""
    quicker = {"DELAY": "0", "TIMEOUT": "2", "BACKOFF": "0.05"}
    for name, value in quicker.items():
        monkeypatch.setenv(f"PRICETRAIL_CRAWL_{name}", value)
    return monkeypatch


@pytest.fixture
def net(shared, quick):
    """An internet that serves every source."""
    with internet() as served:
        serve_all(served, shared)
        quick.setenv("PRICETRAIL_ORIGINS", json.dumps(served.origins))
        yield served


@pytest.fixture
def read(sqlite_url, tmp_path, net):
    """A database into which every source was read."""
    trail = Trail(sqlite_url, tmp_path)
    ran = trail("sync", "--at", "2026-11-15")
    assert ran.code == 1, ran.text  # parts of Mistral's and AWS's lists are not there
    return trail


def lines(ran):
    """The line of each source."""
    named = (line.split(":")[0].split(" ")[0] for line in ran.out.splitlines())
    pairs = zip(named, ran.out.splitlines(), strict=True)
    return {name: line for name, line in pairs if name in PAGES}


def test_every_source_is_read(read):
    """Each of the nineteen has a line; all but Bedrock's fragment is applied."""
    ran = read("sync", "--at", "2026-11-16")
    assert lines(ran).keys() == PAGES.keys()
    health = json.loads(read("sources", "--format", "json").out)
    rates = {row["source"]: row["rates"] for row in health}
    assert {name for name in PAGES if not rates[name]} == {"bedrock"}
    assert rates["litellm"] > 18000
    assert rates["anthropic"] > 90


def test_the_same_bodies_again_change_nothing(read, net):
    """A second sync asks with what the first was told, and stores nothing new."""
    before = read.tables.rows(RATES)
    ran = read("sync", "--at", "2026-11-16")
    told = lines(ran)
    assert all("unchanged" in told[name] for name in PAGES if name != "bedrock")
    assert read.tables.rows(RATES) == before
    asked = net.host(PAGES["anthropic"]).seen[-1]
    assert "if-none-match" in asked.headers


def test_what_a_network_does_costs_no_price(read, net, shared):
    """Twelve faults at once: each is one line, nothing is lost, nothing invented, and
    what is well is read all the same.
    """
    faults = {
        "anthropic": (status(403), "403"),
        "cerebras": (status(429, Retry_After="9999"), "429"),
        "openai": (page(_blocked(shared), "text/html"), "text/html"),
        "deepseek": (status(500), "500"),
        "google-gemini": (silent, "in time"),
        "groq": (drip, "in time"),
        "huggingface-router": (redirect(PAGES["huggingface-router"]), "redirect"),
        "minimax": (page(b"<html></html>", "text/html"), "text/html"),
        "openrouter": (packed(b" " * 80_000_000), "bytes"),
        "models-dev": (truncated(b'{"openai": {'), ""),
        "vercel-gateway": (reset, ""),
        "zai": (page(b"# nothing\n", kind_of("zai")), "no"),
    }
    for source, (manner, _) in faults.items():
        net.serve(PAGES[source], manner)
    robots = page(b"User-agent: *\nDisallow: /\n", "text/plain")
    net.serve("https://docs.x.ai/robots.txt", robots)
    before = (read.tables.rows(RATES), read.tables.rows(KEYS))
    ran = read("sync", "--at", "2026-11-22")
    told = lines(ran)
    assert ran.code == 1
    for source, (_, word) in faults.items():
        assert told[source].startswith(f"{source}: failed"), told[source]
        assert word in told[source], told[source]
        assert "last read well on 2026-11-15, " in told[source]
    assert "robots.txt" in told["xai"]
    assert "unchanged" in told["litellm"]
    assert "unchanged" in told["azure"]
    assert (read.tables.rows(RATES), read.tables.rows(KEYS)) == before


def _blocked(shared):
    return (shared / "samples" / CHALLENGE).read_bytes()
