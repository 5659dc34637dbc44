"""All that a network can do to a crawl at once: one answer each, nothing invented."""

import ssl
import time
from datetime import UTC, datetime

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.support import loopback
from tests.support.crawls import MEBIBYTE, PAGES, read, well
from tests.support.loopback import (
    drip,
    internet,
    packed,
    page,
    redirect,
    silent,
    status,
    truncated,
)
from tracker.sources.crawl import Failed, Fetched

ENOUGH = 30.0
"""Seconds: half of the time that the crawl is given."""

FAULTS = {
    "openai": ("403 (Forbidden)", "pricetrail sync --source openai --file PAGE"),
    "xai": ("docs.x.ai answered 500",),
    "groq": ("console.groq.com did not answer in time",),
    "zai": ("docs.z.ai did not answer in time",),
    "minimax": ("more than 5 redirects",),
    "google-gemini": ("sent text/html, not text/markdown",),
    "deepseek": ("unpacks to more than",),
    "cerebras": ("broke off",),
    "vercel-gateway": ("robots.txt of ai-gateway.vercel.sh does not allow it",),
    "huggingface-router": ("broke the connection off",),
    "models-dev": ("models.dev redirects away", "169.254.169.254"),
    "litellm": ("redirects away", "localhost (127.0.0.1)"),
    "bedrock": ("amazonaws.com redirects away", "127.0.0.99"),
    "azure": ("redirects away", "over https only"),
    "mistral": ("robots.txt of docs.mistral.ai answered 503",),
}
"""What each of these sources suffers, and what is said of it."""

WELL = ("openrouter", "anthropic", "llm-prices", "moonshot")


def _manners(port: int):
    """How each source's page behaves."""
    return {
        "openai": status(403),
        "xai": status(500),
        "groq": silent,
        "zai": drip,
        "minimax": redirect(PAGES["minimax"]),
        "google-gemini": page(b"<html></html>", "text/html"),
        "deepseek": packed(bytes(20 * MEBIBYTE), "text/html"),
        "cerebras": truncated(b'{"data": []}'),
        "vercel-gateway": well("vercel-gateway"),
        "huggingface-router": loopback.reset,
        "models-dev": redirect("http://169.254.169.254/latest/meta-data"),
        "litellm": redirect(f"https://localhost:{port}/"),
        "bedrock": redirect("https://127.0.0.99/"),
        "azure": redirect("http://plain.example/prices"),
        "mistral": well("mistral"),
        "openrouter": well("openrouter", b'{"data": [1]}', ETag='"abc"'),
    }


def _build(net):
    secret = net.host("https://secret.example")
    for source, manner in _manners(secret.port).items():
        net.serve(PAGES[source], manner)
    forbids = page(b"User-agent: *\nDisallow: /v1/\n", "text/plain")
    net.serve("https://ai-gateway.vercel.sh/robots.txt", forbids)
    net.serve("https://docs.mistral.ai/robots.txt", status(503))
    net.serve("https://openrouter.ai/robots.txt", status(403))
    net.serve(PAGES["anthropic"], status(429, Retry_After="1"), well("anthropic"))
    net.serve(PAGES["llm-prices"], status(502), loopback.reset, well("llm-prices"))
    net.serve("https://www.llm-prices.com/historical-v1.json", well("llm-prices"))
    net.serve(PAGES["moonshot"], redirect("/docs/new.md"))
    net.serve("https://platform.kimi.ai/docs/new.md", well("moonshot"))
    net.serve("https://platform.kimi.ai/docs/llms.txt", well("moonshot"))


class Crawled:
    """One crawl of all of them, and what the hosts saw of it."""

    def __init__(self, net, folder):
        _build(net)
        began = time.monotonic()
        self.found = read(net, folder, *FAULTS, *WELL)
        self.took = time.monotonic() - began
        self.net = net
        self.log = (folder / "spool" / "crawl.log").read_text()


@pytest.fixture(scope="module")
def crawled(tmp_path_factory):
    """The crawl that all tests here look at."""
    with internet() as net:
        yield Crawled(net, tmp_path_factory.mktemp("crawl"))


@pytest.mark.parametrize("source", FAULTS)
def test_a_fault_is_one_line(crawled, source):
    """What was wrong with a source, and what to do, is said in one line."""
    found = crawled.found[source]
    assert isinstance(found, Failed)
    assert all(words in found.reason for words in FAULTS[source]), found.reason
    assert "\n" not in found.reason


@pytest.mark.parametrize("source", WELL)
def test_the_others_come_whole(crawled, source):
    """A source that can be read, at last, is; the faults of others do not touch it."""
    found = crawled.found[source]
    assert isinstance(found, Fetched)
    assert (found.complete, found.note) == (True, "")
    assert found.body


def test_nothing_is_lost_or_invented(crawled):
    """Every source that was asked for has its answer, and no other has one."""
    assert list(crawled.found) == [*FAULTS, *WELL]


def test_the_crawl_ends_in_time(crawled):
    """Silence and dripping cost no more than their time-out, twice."""
    assert crawled.took < ENOUGH


def test_a_page_keeps_what_to_ask_with(crawled):
    """The validator of a page comes with it, and its address is the public one."""
    found = crawled.found["openrouter"]
    assert (found.body, found.etag) == (b'{"data": [1]}', '"abc"')
    assert found.url == PAGES["openrouter"]


def test_who_asks_is_said(crawled):
    """Every request says who we are and whom to write to."""
    agents = {seen.headers["user-agent"] for seen in crawled.net.seen}
    assert len(agents) == 1
    assert agents.pop().startswith("pricetrail/")
    assert all(
        "(+prices@example.org)" in s.headers["user-agent"] for s in crawled.net.seen
    )


def test_no_request_carries_traces(crawled):
    """No cookies, no referrer, no credentials, whatever the servers set."""
    traces = {"cookie", "referer", "authorization"}
    assert not any(traces & seen.headers.keys() for seen in crawled.net.seen)


def test_robots_are_asked_first_and_once(crawled):
    """Each host's robots.txt comes before any page of it, and only once."""
    for site in crawled.net.sites.values():
        paths = [seen.path for seen in site.seen]
        assert not paths or paths[0] == "/robots.txt"
    asked = crawled.net.host(PAGES["llm-prices"]).asked("/robots.txt")
    assert len(asked) == 1


def test_what_robots_forbid_is_not_asked_for(crawled):
    """A page that robots.txt forbids is not touched, nor any where it fails."""
    for source in ("vercel-gateway", "mistral"):
        paths = {seen.path for seen in crawled.net.host(PAGES[source]).seen}
        assert paths == {"/robots.txt"}


def test_a_failing_robots_file_is_tried_again(crawled):
    """A server in trouble has four chances to show its rules."""
    assert len(crawled.net.host(PAGES["mistral"]).seen) == 4


def test_retry_after_is_obeyed(crawled):
    """The second request comes no earlier than the server asked for."""
    first, second = crawled.net.host(PAGES["anthropic"]).asked(
        "/docs/en/about-claude/pricing.md"
    )
    assert second.at - first.at >= 1.0


def test_tries_are_few(crawled):
    """A server that fails is asked four times in all, a silent one twice; one that
    sends us round in circles six times.
    """
    xai = crawled.net.host(PAGES["xai"]).asked("/developers/pricing.md")
    groq = crawled.net.host(PAGES["groq"]).asked("/docs/models.md")
    minimax = crawled.net.host(PAGES["minimax"]).asked("/docs/guides/pricing-paygo.md")
    assert (len(xai), len(groq), len(minimax)) == (4, 2, 6)


def test_back_off_grows(crawled):
    """Each wait for a failing server is longer than the one before."""
    at = [s.at for s in crawled.net.host(PAGES["xai"]).asked("/developers/pricing.md")]
    assert at[1] - at[0] >= 0.05
    assert at[2] - at[1] >= 0.1
    assert at[3] - at[2] >= 0.2


def test_a_private_host_hears_nothing(crawled):
    """A name that resolves to a private address is not even connected to."""
    assert crawled.net.host("https://secret.example").seen == []


def test_the_log_holds_no_bodies(crawled):
    """The crawler's log is short and says nothing of prices or persons."""
    assert len(crawled.log) < 20_000
    assert '"data"' not in crawled.log
    assert "Traceback" not in crawled.log


MORE = bytes(MEBIBYTE + 1).replace(b"\0", b"x")
ODD = {
    "openrouter": (page(b"[]", Content_Encoding="br"), "packed as 'br'"),
    "cerebras": (page(b"[]", Content_Encoding="zstd"), "packed as 'zstd'"),
    "vercel-gateway": (
        page(b"[]", Content_Encoding="gzip, gzip, gzip"),
        "packed 3 times over",
    ),
    "huggingface-router": (
        page(b"\x1f\x8b\x08", Content_Encoding="gzip"),
        "the body from router.huggingface.co broke off",
    ),
    "models-dev": (loopback.endless(b"[]"), "does not say where the body ends"),
    "litellm": (well("litellm", MORE), "is larger than is read"),
    "openai": (well("openai", b" \n"), "sent an empty page"),
    "anthropic": (page(b"[]", "TEXT/HTML"), "sent text/html, not text/markdown"),
    "groq": (status(204), "answered 204 (No Content)"),
    "xai": (
        status(429, Retry_After="3600"),
        "answered 429 (Too Many Requests) and asks to wait 3600",
    ),
    "zai": (status(302, Location="ftp://example.org/"), "answered 302 (Found)"),
    "google-gemini": (
        well("google-gemini"),
        "robots.txt of ai.google.dev answered 429, so nothing may be read there",
    ),
    "minimax": (loopback.garbage, "does not answer as a web server does"),
    "deepseek": (loopback.chunks(b"<p>", b"</p>"), "broke off"),
}
"""Answers of 200 that are no page, and others that are not to be followed."""


@pytest.fixture(scope="module")
def odd(tmp_path_factory):
    """A crawl of hosts that answer, but not with a page."""
    with internet() as net:
        for source, (manner, _) in ODD.items():
            net.serve(PAGES[source], manner)
        net.serve("https://ai.google.dev/robots.txt", status(429))
        yield read(net, tmp_path_factory.mktemp("odd"), *ODD)


@pytest.mark.parametrize("source", ODD)
def test_an_odd_answer_is_not_a_page(odd, source):
    """A body is taken whole, plain, of the kind that was asked for, or not at all."""
    found = odd[source]
    assert isinstance(found, Failed)
    assert ODD[source][1] in found.reason


def _self_signed(folder):
    """A server's certificate that nobody vouches for."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "models.dev")])
    days = (datetime(2020, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC))
    made = x509.CertificateBuilder(name, name, key.public_key(), 1, *days)
    plain = serialization.NoEncryption()
    pem = serialization.Encoding.PEM
    file = folder / "server.pem"
    file.write_bytes(
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain)
        + made.sign(key, hashes.SHA256()).public_bytes(pem)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context


def test_a_certificate_has_to_be_trusted(tmp_path):
    """A host that cannot prove who it is gets no request."""
    with internet() as net:
        net.host_over_tls(PAGES["models-dev"], _self_signed(tmp_path))
        found = read(net, tmp_path, "models-dev")["models-dev"]
        assert net.seen == []
    assert found.reason == (
        "the certificate of models.dev is not trusted; "
        "is the clock right, or a proxy in the way?"
    )


def test_a_packed_page_is_unpacked(tmp_path):
    """A page that comes packed is kept as it is meant."""
    with internet() as net:
        net.serve(PAGES["models-dev"], packed(b'{"a": 1}'))
        found = read(net, tmp_path, "models-dev")["models-dev"]
    assert found.body == b'{"a": 1}'
