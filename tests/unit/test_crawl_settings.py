"""How crawling is configured: by variables that are checked, and told apart."""

from datetime import timedelta

import pytest

from crawler.settings import user_agent
from tracker.domain.errors import UsageError
from tracker.sources.crawl import CrawlSettings


def test_without_variables():
    """Nothing has to be set: a second between requests, ten minutes in all."""
    settings = CrawlSettings.from_environment({})
    assert settings == CrawlSettings()
    assert settings.time_limit == timedelta(minutes=10)
    assert settings.delay == timedelta(seconds=1)
    assert settings.contact == ""
    assert settings.origins == {}


def test_all_variables():
    """Each setting has its variable."""
    settings = CrawlSettings.from_environment(
        {
            "PRICETRAIL_CONTACT": " prices@example.org ",
            "PRICETRAIL_CRAWL_SECONDS": "90",
            "PRICETRAIL_CRAWL_DELAY": "0.5",
            "PRICETRAIL_CRAWL_TIMEOUT": "12",
            "PRICETRAIL_CRAWL_BACKOFF": "0",
            "PRICETRAIL_ORIGINS": '{"https://a.example/": "http://127.0.0.2:80/a/"}',
        }
    )
    assert settings == CrawlSettings(
        contact="prices@example.org",
        time_limit=timedelta(seconds=90),
        delay=timedelta(seconds=0.5),
        timeout=timedelta(seconds=12),
        backoff=timedelta(0),
        origins={"https://a.example": "http://127.0.0.2:80/a"},
    )


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("PRICETRAIL_CONTACT", "me\r\nCookie: a=b"),
        ("PRICETRAIL_CONTACT", "me) evil/1.0 ("),
        ("PRICETRAIL_CONTACT", "mé@example.org"),
        ("PRICETRAIL_CONTACT", "m" * 201),
        ("PRICETRAIL_CRAWL_SECONDS", "soon"),
        ("PRICETRAIL_CRAWL_SECONDS", "0"),
        ("PRICETRAIL_CRAWL_SECONDS", "nan"),
        ("PRICETRAIL_CRAWL_SECONDS", "inf"),
        ("PRICETRAIL_CRAWL_DELAY", "-1"),
        ("PRICETRAIL_CRAWL_TIMEOUT", "0"),
        ("PRICETRAIL_CRAWL_BACKOFF", "1e9"),
        ("PRICETRAIL_ORIGINS", "{"),
        ("PRICETRAIL_ORIGINS", "[]"),
        ("PRICETRAIL_ORIGINS", '{"https://a.example": 5}'),
        ("PRICETRAIL_ORIGINS", '{"a.example": "http://127.0.0.1"}'),
        ("PRICETRAIL_ORIGINS", '{"https://a.example/b": "http://127.0.0.1"}'),
        ("PRICETRAIL_ORIGINS", '{"https://a.example": "file:///etc"}'),
        ("PRICETRAIL_ORIGINS", '{"https://a.example": "http://me@127.0.0.1"}'),
        ("PRICETRAIL_ORIGINS", '{"https://a.example": "http://127.0.0.1:x"}'),
    ],
)
def test_a_value_that_makes_no_sense(name, text):
    """What cannot be is refused in one line that names the variable."""
    with pytest.raises(UsageError) as caught:
        CrawlSettings.from_environment({name: text})
    assert str(caught.value).startswith(name)
    assert str(caught.value).isprintable()


def test_who_we_are():
    """With a contact the operator of a site knows whom to write to; without, why."""
    named, unnamed = user_agent("prices@example.org"), user_agent("")
    assert named.startswith("pricetrail/")
    assert named.endswith(" (+prices@example.org)")
    assert "price history of LLM APIs" in unnamed
