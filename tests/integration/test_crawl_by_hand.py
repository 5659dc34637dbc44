"""The spiders as people run them: `scrapy list`, `scrapy crawl NAME -O out.json`."""

import json
import subprocess
import sys

import pytest

from tests.support.crawls import PAGES, well
from tests.support.loopback import internet, page, status
from tests.support.program import CHECKOUT, environment

MODEL = {
    "id": "acme/one",
    "pricing": {"prompt": "0.00000125", "completion": "0.00001"},
}
LIST = json.dumps({"data": [MODEL]}).encode()


def _scrapy(*words):
    return subprocess.run(
        [sys.executable, "-m", "scrapy", *words],
        cwd=CHECKOUT,
        env=environment(PRICETRAIL_CONTACT="https://example.org/prices"),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.fixture
def by_hand(tmp_path):
    """Run a spider on a small internet; gives its feed and its log."""

    def run(net, name, *words):
        feed = tmp_path / "out.json"
        origins = f"PRICETRAIL_ORIGINS={json.dumps(net.origins)}"
        given = ("-O", str(feed), "-s", origins, "-s", "DOWNLOAD_DELAY=0", *words)
        ran = _scrapy("crawl", name, *given)
        assert ran.returncode == 0, ran.stderr
        return json.loads(feed.read_text()), ran.stderr

    return run


def test_every_source_has_a_spider():
    """`scrapy list` names a spider for each source, and one for single models."""
    ran = _scrapy("list")
    assert ran.stdout.split() == sorted([*PAGES, "openrouter-endpoints"])


def test_a_spider_run_by_hand_writes_quotes(by_hand):
    """The feed holds one row per quote, prices as exact text, and no bodies."""
    with internet() as net:
        net.serve(PAGES["openrouter"], well("openrouter", LIST))
        rows, _ = by_hand(net, "openrouter")
        agents = {seen.headers["user-agent"] for seen in net.seen}
    assert rows[0] == {
        "provider": "openrouter",
        "model": "acme/one",
        "region": "",
        "meter": "input",
        "usd": "1.25",
        "per": "1M token",
        "currency": "USD",
        "effective_from": None,
        "effective_to": None,
        "text": "0.00000125",
    }
    assert [row["usd"] for row in rows] == ["1.25", "10"]
    assert all("(+https://example.org/prices)" in agent for agent in agents)


def test_the_pages_of_a_source_are_read_together(by_hand):
    """Quotes of several pages are read from all of them, as a sync would."""
    now = {"vendor": "acme", "id": "one", "name": "One", "input": 2, "output": 4}
    then = {**now, "input": 3, "from_date": None, "to_date": "2025-01-01"}
    later = {**now, "from_date": "2025-01-01", "to_date": None}
    with internet() as net:
        net.serve(PAGES["llm-prices"], page(json.dumps({"prices": [now]}).encode()))
        net.serve(
            "https://www.llm-prices.com/historical-v1.json",
            page(json.dumps({"prices": [then, later]}).encode()),
        )
        rows, _ = by_hand(net, "llm-prices")
    said = {(r["usd"], r["effective_from"], r["effective_to"]) for r in rows}
    assert {("3", None, "2025-01-01"), ("2", "2025-01-01", None)} <= said


def test_models_are_named_as_an_argument(by_hand):
    """`-a models=author/slug` reads what each seller of one model asks."""
    offer = {"tag": "acme", "pricing": {"prompt": "0.000001", "completion": "0"}}
    body = {"data": {"id": "z-ai/glm-5", "endpoints": [offer]}}
    with internet() as net:
        net.serve(
            "https://openrouter.ai/api/v1/models/z-ai/glm-5/endpoints",
            page(json.dumps(body).encode()),
        )
        rows, _ = by_hand(net, "openrouter-endpoints", "-a", "models=z-ai/glm-5")
    assert rows[0]["usd"] == "1"


def test_what_is_wrong_is_in_the_log(by_hand):
    """A page that cannot be had, or read, is one line of the log; the feed is empty."""
    with internet() as net:
        net.serve(PAGES["openrouter"], status(404), well("openrouter", b"[]"))
        missing, log = by_hand(net, "openrouter")
        assert "ERROR: openrouter.ai answered 404 (Not Found)" in log
        unread, log = by_hand(net, "openrouter")
        assert "[openrouter] ERROR: openrouter models: " in log
    assert (missing, unread) == ([], [])
    assert "Traceback" not in log
