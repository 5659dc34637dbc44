"""The crawler's process: it may hang, die or be cut off, and is never left behind."""

import json
import os
import resource
import signal
import subprocess
import sys
import threading
import time
from datetime import timedelta
from pathlib import Path

import pytest

from tests.support.crawls import (
    MEBIBYTE,
    PAGES,
    crawler_of,
    quick,
    read,
    wanted,
    well,
)
from tests.support.loopback import Site, internet, page, silent, status
from tests.support.program import CHECKOUT, environment
from tracker.sources.crawl import CrawlSettings, Failed, Fetched, Wanted, crawl

LONG = timedelta(seconds=30)


@pytest.fixture
def net():
    """An internet with OpenRouter in it, and nothing else."""
    with internet() as built:
        built.serve(PAGES["openrouter"], well("openrouter"))
        yield built


def _strike(folder, number):
    """A manner that strikes the crawler while it waits for an answer."""

    def manner(visit):
        os.kill(crawler_of(folder), number)
        silent(visit)

    return manner


def test_nothing_wanted_starts_nothing(tmp_path):
    """A crawl of no source makes no process and no spool."""
    assert crawl([], CrawlSettings(), tmp_path / "spool") == {}
    assert not (tmp_path / "spool").exists()


def test_a_killed_crawler_loses_only_what_was_open(net, tmp_path):
    """After kill -9 a finished source is whole, and an open one says what happened."""
    done = threading.Event()

    def wait_then_strike(visit):
        done.wait(60)
        _strike(tmp_path, signal.SIGKILL)(visit)

    net.serve(PAGES["xai"], wait_then_strike)
    listed = [wanted("openrouter"), wanted("xai")]
    found = crawl(
        listed, quick(net, timeout=LONG), tmp_path / "spool", lambda _: done.set()
    )
    assert isinstance(found["openrouter"], Fetched)
    assert found["xai"] == Failed(
        "xai", "the crawler ended before it was done: it said nothing"
    )


def test_a_crawler_that_hangs_is_killed(net, tmp_path):
    """At the time limit the crawler is gone, whatever it was doing."""
    net.serve(PAGES["xai"], _strike(tmp_path, signal.SIGSTOP))
    limit = timedelta(seconds=9)  # a busy machine takes three of them to begin
    found = read(net, tmp_path, "xai", time_limit=limit, timeout=LONG)
    assert found["xai"].reason == (
        "not finished within 9 s; a longer time: PRICETRAIL_CRAWL_SECONDS"
    )
    assert crawler_of(tmp_path) is None


def test_at_the_limit_what_is_missing_is_named(net, tmp_path):
    """A crawler in good health ends by itself in time, and says what is missing."""
    net.serve(PAGES["llm-prices"], well("llm-prices"))
    net.serve("https://www.llm-prices.com/historical-v1.json", silent)
    limit = timedelta(seconds=12)
    found = read(net, tmp_path, "llm-prices", time_limit=limit, timeout=LONG)
    assert not found["llm-prices"].complete
    assert "did not answer in time" in found["llm-prices"].note


def test_a_crawler_does_not_outlive_us(net, tmp_path):
    """Killed with kill -9, the program leaves no crawler behind."""
    met = threading.Event()
    gone = threading.Event()

    def until_gone(visit):
        met.set()
        silent(visit)
        gone.set()

    net.serve(PAGES["openrouter"], until_gone)
    script = (
        "import json, sys, pathlib, datetime\n"
        "from tracker.sources.crawl import *\n"
        "settings = CrawlSettings(timeout=datetime.timedelta(seconds=30),\n"
        "    delay=datetime.timedelta(0), origins=json.loads(sys.argv[2]))\n"
        "crawl([Wanted('openrouter', 1000)], settings, pathlib.Path(sys.argv[1]))\n"
    )
    words = (sys.executable, "-c", script, str(tmp_path), json.dumps(net.origins))
    with subprocess.Popen(words, cwd=CHECKOUT, env=environment()) as program:
        assert met.wait(60)
        program.kill()
    assert gone.wait(30)


def test_an_interrupt_ends_the_crawler(net, tmp_path):
    """What ends the wait ends the crawler with it."""

    def interrupted(_):
        raise KeyboardInterrupt

    net.serve(PAGES["xai"], silent)
    with pytest.raises(KeyboardInterrupt):
        crawl(
            [wanted("openrouter"), wanted("xai")],
            quick(net, timeout=LONG),
            tmp_path / "spool",
            interrupted,
        )
    assert crawler_of(tmp_path) is None


def test_a_crawler_that_cannot_start(net, tmp_path, monkeypatch):
    """The last line of what it said is the reason."""
    broken = tmp_path / "broken" / "scrapy"
    broken.mkdir(parents=True)
    (broken / "__init__.py").write_text("raise ImportError('scrapy is broken')\n")
    monkeypatch.setenv("PYTHONPATH", str(broken.parent))
    found = read(net, tmp_path, "openrouter")
    assert found["openrouter"].reason == (
        "the crawler ended before it was done: ImportError: scrapy is broken"
    )


def test_a_source_without_a_spider(net, tmp_path):
    """A name that no spider has fails alone."""
    found = read(net, tmp_path, "nowhere", "openrouter")
    assert "Spider not found: nowhere" in found["nowhere"].reason
    assert found["openrouter"].complete


def test_a_full_disk_is_told(net, tmp_path):
    """A body that cannot be written is a failure with its reason, not half a body."""
    net.serve(PAGES["models-dev"], well("models-dev", b"x" * 500_000))
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, hard))
    try:
        found = read(net, tmp_path, "models-dev", "openrouter")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert "File too large" in found["models-dev"].reason
    assert found["openrouter"].complete


def test_each_source_is_told_once(net, tmp_path):
    """Progress names every source as it is done."""
    told = []
    listed = [wanted("openrouter"), wanted("xai")]
    crawl(listed, quick(net), tmp_path / "spool", told.append)
    assert sorted(told) == ["openrouter", "xai"]


def test_an_old_spool_is_not_taken_for_a_new_one(net, tmp_path):
    """What an earlier crawl left is gone before the next begins."""
    assert read(net, tmp_path, "openrouter")["openrouter"].complete
    net.serve(PAGES["openrouter"], status(403))
    assert isinstance(read(net, tmp_path, "openrouter")["openrouter"], Failed)


def test_a_page_that_has_not_changed(net, tmp_path):
    """Asked with its validators, a server may say that nothing changed."""
    net.serve(PAGES["openrouter"], status(304, ETag='"abc"'))
    asked = wanted("openrouter", etag='"abc"', last_modified="yesterday")
    found = crawl([asked], quick(net), tmp_path)["openrouter"]
    assert (found.body, found.complete, found.etag) == (None, True, '"abc"')
    (seen,) = net.host(PAGES["openrouter"]).asked("/api/v1/models")
    assert seen.headers["if-none-match"] == '"abc"'
    assert seen.headers["if-modified-since"] == "yesterday"


def test_nothing_changed_without_having_asked(net, tmp_path):
    """A 304 that nobody asked for is a fault, not an answer."""
    net.serve(PAGES["openrouter"], status(304))
    found = read(net, tmp_path, "openrouter")["openrouter"]
    assert "answered 304" in found.reason


def test_without_a_network_all_is_over_in_seconds(tmp_path):
    """Names that do not resolve cost a moment, not a time-out for each, and the line
    asks for the network.
    """
    origins = {
        "https://" + url.split("/")[2]: "https://nothing.invalid"
        for url in PAGES.values()
    }
    settings = CrawlSettings(origins=origins)
    began = time.monotonic()
    found = crawl([Wanted(name, MEBIBYTE) for name in PAGES], settings, tmp_path)
    assert time.monotonic() - began < 60
    reasons = {name: failed.reason for name, failed in found.items()}
    assert reasons["openai"] == (
        "the name developers.openai.com does not resolve; is there a network?"
    )
    assert all("is there a network?" in reason for reason in reasons.values())


def test_a_proxy_that_leads_nowhere(net, tmp_path, monkeypatch):
    """A proxy of the environment is used, except for what is rerouted."""
    proxy = Site("127.0.0.99")
    monkeypatch.setenv("https_proxy", proxy.base)
    try:
        found = read(net, tmp_path, "xai", "openrouter")
    finally:
        proxy.close()
    assert found["xai"].reason == (
        "the proxy does not lead to docs.x.ai; it is asked again at the next sync"
    )
    assert {seen.path for seen in proxy.seen} == {"docs.x.ai:443"}
    assert found["openrouter"].complete


def test_a_redirect_to_a_mirror_is_followed(tmp_path):
    """Hosts that the configuration names may be private, also behind a redirect."""
    with internet() as net:
        mirror = net.serve("https://mirror.example/api.json", well("models-dev"))
        net.serve(PAGES["models-dev"], status(301, Location=f"{mirror.base}/api.json"))
        found = read(net, tmp_path, "models-dev")["models-dev"]
    assert found.complete
    assert found.url == PAGES["models-dev"]


def test_pages_of_a_host_are_asked_for_slowly(tmp_path):
    """The delay lies between any two requests to one host, robots.txt included."""
    with internet() as net:
        net.serve(PAGES["models-dev"], well("models-dev"))
        read(net, tmp_path, "models-dev", delay=timedelta(seconds=0.3))
        robots, asked = net.host(PAGES["models-dev"]).seen
    assert robots.path == "/robots.txt"
    assert asked.at - robots.at >= 0.25


def test_a_crawl_delay_is_kept(tmp_path):
    """Where robots.txt asks for a pause between pages, there is one."""
    with internet() as net:
        pause = page(b"User-agent: pricetrail\nCrawl-delay: 0.4\n", "text/plain")
        net.serve("https://www.llm-prices.com/robots.txt", pause)
        net.serve(PAGES["llm-prices"], well("llm-prices"))
        net.serve("https://www.llm-prices.com/historical-v1.json", well("llm-prices"))
        read(net, tmp_path, "llm-prices")
        _, one, two = net.host(PAGES["llm-prices"]).seen
    assert two.at - one.at >= 0.35


def test_secrets_stay_at_home(net, tmp_path, monkeypatch):
    """The crawler's process is not given our own variables, as the database's is."""
    monkeypatch.setenv("PRICETRAIL_DB", "postgresql+psycopg://me:secret@host/base")
    seen = []

    def look(visit):
        pid = crawler_of(tmp_path)
        seen.append(Path("/proc", str(pid), "environ").read_bytes())
        well("openrouter")(visit)

    net.serve(PAGES["openrouter"], look)
    read(net, tmp_path, "openrouter")
    assert b"PRICETRAIL_" not in seen[0]
