"""Several bodies of one source kept as one capture."""

import base64
import contextlib
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.pages import bundle
from crawler.pages.bundle import Bundle, Part
from tracker.domain.errors import UnreadableBody

URLS = st.text(max_size=12)
MARK = b'{"bundle":"pricetrail'
BODIES = st.binary(max_size=40) | st.text(max_size=40).map(str.encode)
PARTS = st.lists(st.builds(Part, URLS, BODIES), min_size=1, max_size=5)


def damaged(**changes: object) -> bytes:
    """A bundle with some of its members changed, or left out where they are None."""
    whole = json.loads(bundle.pack([Part("a", b"x")])) | changes
    members = {name: value for name, value in whole.items() if value is not None}
    return json.dumps(members, separators=(",", ":")).encode()


@given(PARTS, st.lists(URLS, max_size=3))
def test_what_is_packed_is_unpacked(parts: list[Part], missing: list[str]) -> None:
    """Every part comes back to the byte, by address, with what is missing."""
    read = bundle.unpack(bundle.pack(parts, missing))
    assert read.parts == tuple(sorted(parts, key=lambda p: (p.url, p.body)))
    assert read.missing == tuple(sorted({*missing}))


@given(PARTS, st.lists(URLS, max_size=3), st.randoms())
def test_the_order_does_not_matter(
    parts: list[Part], missing: list[str], random
) -> None:
    """The same pages give the same bytes in whatever order they came."""
    shuffled = random.sample(parts, len(parts))
    again = random.sample(missing, len(missing))
    assert bundle.pack(shuffled, again) == bundle.pack(parts, missing)


@given(PARTS)
def test_parts_are_gone_through_one_by_one(parts: list[Part]) -> None:
    """A big bundle is read part by part, with the same result."""
    body = bundle.pack(parts, ["m"])
    found, missing = bundle.opened(body)
    assert Bundle(tuple(found), missing) == bundle.unpack(body)


@given(st.binary().filter(lambda body: not body.startswith(MARK)))
def test_another_body_is_its_own_only_part(body: bytes) -> None:
    """A body that is no bundle is a page without an address."""
    assert bundle.unpack(body) == Bundle((Part("", body),))


def test_text_stays_readable_and_bytes_are_kept() -> None:
    """Text is stored as text; what is none, such as an image, to the byte."""
    body = bundle.pack([Part("b", b"\xff\x00"), Part("a", "é\0\ufeff".encode())])
    first, second = json.loads(body)["parts"]
    assert first == {"url": "a", "text": "é\0\ufeff"}
    assert second == {"url": "b", "base64": base64.b64encode(b"\xff\x00").decode()}
    assert bundle.unpack(body).parts[1].body == b"\xff\x00"


def test_a_bundle_within_a_bundle_stays_one() -> None:
    """A part is never taken apart by itself."""
    inner = bundle.pack([Part("a", b"x")])
    [part] = bundle.unpack(bundle.pack([Part("b", inner)])).parts
    assert part == Part("b", inner)


def test_a_big_bundle_is_read() -> None:
    """Tens of megabytes in many parts are no trouble."""
    parts = [Part(f"{number:04}", b"x" * 20_000 + b"\xff") for number in range(1000)]
    assert bundle.unpack(bundle.pack(parts)).parts == tuple(parts)


@pytest.mark.parametrize(
    "body",
    [
        damaged()[:-1],
        damaged()[:40],
        damaged() + b"x",
        damaged(parts=None),
        damaged(missing=None),
        damaged(parts=5),
        damaged(parts="ab"),
        damaged(parts={"a": 1}),
        damaged(parts=[5]),
        damaged(parts=["text"]),
        damaged(parts=[["text"]]),
        damaged(parts=[None]),
        damaged(parts=[{}]),
        damaged(parts=[{"url": "a"}]),
        damaged(parts=[{"text": "x"}]),
        damaged(parts=[{"url": 5, "text": "x"}]),
        damaged(parts=[{"url": "a", "text": 5}]),
        damaged(parts=[{"url": "a", "text": None}]),
        damaged(parts=[{"url": "a", "base64": 5}]),
        damaged(parts=[{"url": "a", "base64": "é"}]),
        damaged(parts=[{"url": "a", "base64": "YQ"}]),
        damaged(parts=[{"url": "a", "base64": "Y Q=="}]),
        damaged(missing=5),
        damaged(missing=[5]),
        damaged(missing=[None]),
        damaged().replace(b'"x"', b'"\\ud800"'),
        b'{"bundle":"pricetrail/1","parts":' + b"[" * 100_000,
    ],
)
def test_a_damaged_bundle_is_refused(body: bytes) -> None:
    """What begins as a bundle does and is none fails, never another way."""
    with pytest.raises(UnreadableBody, match="the bundle of pages is damaged"):
        bundle.unpack(body)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (damaged(bundle="pricetrail/2"), "not known"),
        (damaged(bundle="pricetrails"), "not known"),
        (bundle.pack([], ["https://gone"]), "holds no page"),
    ],
)
def test_a_bundle_that_cannot_be_read_tells_why(body: bytes, reason: str) -> None:
    """A later format, and a bundle of nothing but missing pages, are told apart."""
    with pytest.raises(UnreadableBody, match=reason):
        bundle.unpack(body)


@settings(max_examples=200)
@given(PARTS, st.data())
def test_flipped_bytes_are_read_or_refused(parts: list[Part], data) -> None:
    """Whatever happens to a byte of a bundle, it is read or refused."""
    body = bytearray(bundle.pack(parts))
    for _ in range(data.draw(st.integers(1, 3))):
        body[data.draw(st.integers(0, len(body) - 1))] = data.draw(st.integers(0, 255))
    with contextlib.suppress(UnreadableBody):
        bundle.unpack(bytes(body[: data.draw(st.integers(0, len(body)))]))
