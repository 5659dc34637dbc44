"""The rules of an exchange: whom to ask, how to unpack, when to ask again."""

import gzip
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scrapy.exceptions import ResponseDataLossError

from crawler.faults import Refused
from crawler.middlewares.retries import Patience, asked_wait
from crawler.net.addresses import Origins, is_public, origin_of
from crawler.net.encoding import unpacked

NOW = datetime(2026, 11, 22, 21, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize("address", ["8.8.8.8", "93.184.216.34", "2606:4700::1111"])
def test_public_addresses(address):
    """Hosts of the open internet may be asked."""
    assert is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "127.8.8.8",
        "10.0.0.1",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",  # noqa: S104 - an address that must not be asked
        "224.0.0.1",
        "255.255.255.255",
        "240.0.0.1",
        "192.0.2.1",
        "198.18.0.1",
        "::1",
        "::",
        "fe80::1",
        "fd00::1",
        "ff02::1",
        "2001:db8::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "64:ff9b::7f00:1",
        "2002:7f00:1::",
        "localhost",
        "",
        "8.8.8",
    ],
)
def test_addresses_that_are_not_public(address):
    """Loopback, private, link-local, multicast, reserved, and each in disguise."""
    assert not is_public(address)


@pytest.mark.parametrize(
    ("url", "target"),
    [
        ("https://a.example/x/y?z=1", "http://127.0.0.2:81/x/y?z=1"),
        ("https://a.example:443/x", "http://127.0.0.2:81/x"),
        ("https://A.example", "http://127.0.0.2:81/"),
        ("https://b.example/x", "http://127.0.0.2:82/mirror/x"),
        ("http://a.example/x", None),
        ("https://a.example:444/x", None),
        ("https://a.example.org/x", None),
        ("https://x.a.example/x", None),
    ],
)
def test_where_a_host_is_read_instead(url, target):
    """Exactly the origins that are named are rerouted, with path and query."""
    origins = Origins(
        {
            "https://a.example": "http://127.0.0.2:81",
            "https://b.example": "http://127.0.0.2:82/mirror",
        }
    )
    assert origins.target(url) == target
    assert origins.hosts == {"127.0.0.2"}


def test_an_origin_of_ipv6():
    """An address in brackets keeps them."""
    assert origin_of("https://[2606:4700::1111]:8443/x") == (
        "https://[2606:4700::1111]:8443"
    )


@given(st.binary(min_size=1, max_size=5000), st.integers(1, 3))
def test_unpacking_undoes_packing(body, streams):
    """A packed body is what it was, also in several streams with zeros behind."""
    packed = b"".join(gzip.compress(body) for _ in range(streams)) + b"\0" * 8
    assert unpacked(packed, ["gzip"], 20_000) == body * streams


@given(st.binary(min_size=1, max_size=300), st.data())
def test_a_packed_body_that_breaks_off(body, data):
    """Whatever is missing of a packed body, none of it is taken."""
    packed = gzip.compress(body)
    end = data.draw(st.integers(1, len(packed) - 1))
    with pytest.raises(ResponseDataLossError):
        unpacked(packed[:end], ["gzip"], 20_000)


def test_a_damaged_packed_body():
    """A body whose checksum is wrong is not taken."""
    packed = bytearray(gzip.compress(b'{"price": 1}'))
    packed[-6] ^= 1
    with pytest.raises(ResponseDataLossError):
        unpacked(bytes(packed), ["gzip"], 1000)


def test_a_bomb_does_not_go_off():
    """Unpacking ends as soon as a body is larger than it may be."""
    bomb = gzip.compress(bytes(50_000_000))
    with pytest.raises(Refused) as caught:
        unpacked(bomb, ["gzip"], 100_000)
    assert caught.value.word == "too_large"


def test_a_bomb_within_a_bomb():
    """What was packed twice is bounded at every step."""
    bomb = gzip.compress(gzip.compress(bytes(50_000_000)))
    with pytest.raises(Refused):
        unpacked(bomb, ["gzip", "x-gzip"], 100_000)


def test_not_packed_at_all():
    """The encoding `identity` is none."""
    assert unpacked(b"x", ["identity"], 10) == b"x"


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("5", 5),
        (" 120 ", 120),
        ("0", 0),
        ("Sun, 22 Nov 2026 21:00:30 GMT", 30),
        ("Sun, 22 Nov 2026 20:00:00 GMT", 0),
        ("9" * 400, 999999999),
        ("", None),
        ("soon", None),
        ("-5", None),
        ("١", None),
    ],
)
def test_what_retry_after_asks_for(header, seconds):
    """Seconds, or a date; anything else asks for nothing."""
    assert asked_wait(header, NOW) == seconds


@given(st.text(max_size=60))
def test_any_retry_after(header):
    """Whatever a server asks for, it is understood or ignored."""
    asked = asked_wait(header, NOW)
    assert asked is None or asked >= 0


@pytest.mark.parametrize(
    ("tries", "asked", "left", "wait"),
    [
        (0, None, 600, 1),
        (1, None, 600, 2),
        (2, None, 600, 4),
        (0, 30, 600, 30),
        (2, 1, 600, 4),
        (0, 60, 600, 60),
        (0, 61, 600, None),
        (0, 30, 20, None),
        (0, None, 0.5, None),
        (0, None, float("inf"), 1),
    ],
)
def test_how_long_is_waited(tries, asked, left, wait):
    """Ever longer, as long as the server asks for, and never past the end."""
    assert Patience(base=1.0).wait(tries, asked, left) == wait
