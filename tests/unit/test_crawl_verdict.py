"""Whether a source was read whole, in part or not at all: decided by its manifest."""

import hashlib
import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.crawls import wanted
from tracker.sources.crawl import Failed, Fetched, _outcome
from tracker.sources.manifests import BrokenManifest, read_manifest, verdict

SAVED = "pricetrail sync --source openrouter --file PAGE"
BODY = b'{"data": []}'
PART = {
    "url": "https://openrouter.ai/api/v1/models",
    "file": "000.body",
    "size": len(BODY),
    "sha256": hashlib.sha256(BODY).hexdigest(),
    "status": 200,
    "content_type": "application/json",
    "etag": '"abc"',
    "last_modified": "",
    "fetched_at": "2026-11-22T21:00:05Z",
}
OTHER = {**PART, "file": "001.body", "url": "https://openrouter.ai/2"}
MISSED = {"url": "https://x.example/1", "reason": "http_403", "text": "answered 403"}
WHOLE = {
    "source": "openrouter",
    "bundled": False,
    "started_at": "2026-11-22T21:00:00Z",
    "finished_at": "2026-11-22T21:00:06Z",
    "finish_reason": "finished",
    "not_modified": "",
    "parts": [PART],
    "failures": [],
    "exceptions": 0,
    "first_exception": "",
}


def _body(**changes):
    return json.dumps({**WHOLE, **changes}).encode()


def _verdict(**changes):
    return verdict(read_manifest(_body(**changes), "openrouter"))


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"bundled": True, "parts": [PART, OTHER]},
        {"parts": [], "not_modified": "https://openrouter.ai/api/v1/models"},
    ],
    ids=["one page", "all pages", "not modified"],
)
def test_whole(changes):
    """Finished, nothing failed, and all that was asked for came."""
    found = _verdict(**changes)
    assert (found.usable, found.complete, found.text) == (True, True, "")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        (
            {"bundled": True, "failures": [MISSED, MISSED]},
            "2 of 3 pages are missing, first: answered 403",
        ),
        ({"finish_reason": "shutdown"}, "the crawler stopped early (shutdown)"),
        (
            {"exceptions": 1, "first_exception": "KeyError: 'x'"},
            "a fault of the crawler itself: KeyError: 'x'",
        ),
        ({"parts": [{**PART, "status": 203}]}, "another status than 200"),
        ({"bundled": True, "not_modified": "https://x"}, "have not changed"),
    ],
    ids=["pages missing", "stopped", "own fault", "status", "not all there"],
)
def test_in_part(changes, words):
    """What came is kept, but its silence proves nothing; the note says why."""
    found = _verdict(**changes)
    assert (found.usable, found.complete) == (True, False)
    assert words in found.text


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        (
            {"parts": [], "failures": [MISSED]},
            f"answered 403; take a saved page: {SAVED}",
        ),
        (
            {"parts": [], "failures": [{**MISSED, "reason": "robots"}]},
            "take a saved page",
        ),
        (
            {"parts": [], "failures": [{**MISSED, "reason": "dns"}]},
            "answered 403; is there a network?",
        ),
        (
            {"parts": [], "failures": [{**MISSED, "reason": "http_404"}]},
            "look for a newer version of Pricetrail",
        ),
        (
            {"parts": [], "failures": [{**MISSED, "reason": "{source}"}]},
            "answered 403; it is asked again at the next sync",
        ),
        (
            {"parts": [], "failures": [{**MISSED, "text": "{odd} {0}"}]},
            "{odd} {0}; take a saved page",
        ),
        ({"parts": []}, "no page came, and nothing says why"),
        (
            {"parts": [], "exceptions": 2, "first_exception": "KeyError: 'x'"},
            "a fault of the crawler itself: KeyError: 'x'",
        ),
        (
            {"parts": [], "finish_reason": "start_error"},
            "the crawler stopped early (start_error)",
        ),
        (
            {"parts": [], "not_modified": "https://x", "exceptions": 1},
            "a fault of the crawler itself",
        ),
        ({"parts": [PART, OTHER]}, "2 pages came where one was asked for"),
    ],
)
def test_not_at_all(changes, words):
    """Nothing to take: what was wrong and what to do, in one line."""
    found = _verdict(**changes)
    assert (found.usable, found.complete) == (False, False)
    assert words in found.text
    assert "\n" not in found.text


@pytest.mark.parametrize(
    "changes",
    [
        {"source": "openai"},
        {"parts": [{**PART, "file": "../../etc/passwd"}]},
        {"parts": [{**PART, "file": "/etc/passwd"}]},
        {"parts": [{**PART, "file": "manifest.json"}]},
        {"parts": [{**PART, "sha256": "none"}]},
        {"parts": [{**PART, "size": -1}]},
        {"parts": [{**PART, "size": "5"}]},
        {"parts": [{**PART, "size": True}]},
        {"parts": [{**PART, "fetched_at": "yesterday"}]},
        {"parts": [{**PART, "fetched_at": "2026-11-22T21:00:05"}]},
        {"parts": [PART] * 1001},
        {"parts": 5},
        {"parts": [5]},
        {"failures": [{}]},
        {"exceptions": None},
        {"finish_reason": 7},
    ],
    ids=repr,
)
def test_a_damaged_manifest(changes):
    """A manifest that is not as it should be is refused, not guessed at."""
    with pytest.raises(BrokenManifest):
        read_manifest(_body(**changes), "openrouter")


def test_what_is_said_is_one_line():
    """Control characters and line breaks of a server do not reach the terminal."""
    text = "answered\n\x1b[31m403\r\n" + "x" * 1000
    found = _verdict(parts=[], failures=[{**MISSED, "text": text}])
    assert found.text.isprintable()
    assert len(found.text) < 500


@given(st.binary(max_size=200))
def test_any_bytes(body):
    """Whatever stands in a manifest, it is read or refused."""
    with pytest.raises(BrokenManifest):
        read_manifest(body, "openrouter")


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from([*PART, *MISSED]), inner, max_size=4)
    ),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from([*WHOLE]), _JSON, max_size=4))
def test_any_values(changes):
    """Whatever values a manifest has, it is read or refused."""
    with suppress(BrokenManifest):
        assert read_manifest(_body(**changes), "openrouter").source == "openrouter"


@pytest.fixture
def spool(tmp_path):
    """A spool in which one source was read whole."""
    folder = tmp_path / "openrouter"
    folder.mkdir()
    (folder / "000.body").write_bytes(BODY)
    (folder / "manifest.json").write_bytes(_body())
    return tmp_path


def test_what_lies_in_a_spool(spool):
    """A page that is as its manifest says comes with all that is known of it."""
    found = _outcome(wanted("openrouter"), spool, "no manifest")
    assert isinstance(found, Fetched)
    assert (found.body, found.complete, found.etag) == (BODY, True, '"abc"')
    assert found.last_modified is None
    assert found.fetched_at.isoformat() == "2026-11-22T21:00:05+00:00"


def _link(folder):
    (folder / "000.body").rename(folder / "elsewhere")
    (folder / "000.body").symlink_to(folder / "elsewhere")


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (lambda folder: (folder / "000.body").write_bytes(BODY[:-1]), "not what"),
        (
            lambda folder: (folder / "000.body").write_bytes(BODY + b" "),
            "no plain file",
        ),
        (
            lambda folder: (folder / "000.body").write_bytes(b"x" * len(BODY)),
            "not what",
        ),
        (lambda folder: (folder / "000.body").unlink(), "cannot be used"),
        (_link, "no plain file"),
        (lambda folder: (folder / "manifest.json").unlink(), "no manifest"),
        (lambda folder: (folder / "manifest.json").write_bytes(b"{"), "damaged"),
    ],
    ids=["shorter", "longer", "other", "gone", "a link", "no manifest", "half"],
)
def test_a_damaged_spool(spool, damage, words):
    """What is not as its manifest says is a failure, never a body."""
    damage(spool / "openrouter")
    found = _outcome(wanted("openrouter"), spool, "no manifest")
    assert isinstance(found, Failed)
    assert words in found.reason


def test_more_than_was_wanted(spool):
    """A body larger than its source may have is not read."""
    found = _outcome(wanted("openrouter", max_bytes=5), spool, "")
    assert "larger than 5 bytes" in found.reason
