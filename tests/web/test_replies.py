"""Answers: kept, compressed, and not sent to who has them."""

import asyncio
import gzip

import pytest
from starlette.requests import Request

from storage.unit_of_work import Store
from tests.support import maps
from tracker import wiring
from tracker.web.rendering import Content
from tracker.web.replies import ROW_BYTES, Made, Replies, Shelf
from tracker.web.view import Views

BODY = b"a price list " * 200


@pytest.fixture
def replies(sqlite_trail):
    """Answers from a small database."""
    sqlite_trail.sync(maps.small_map(), "2026-01-04")
    store = Store(sqlite_trail.url)
    yield Replies(Views(store, wiring.now))
    store.close()


def _ask(replies, make=lambda _view: Content(BODY), key="x", **headers):
    named = [
        (name.replace("_", "-").encode(), value.encode())
        for name, value in headers.items()
    ]
    request = Request({"type": "http", "headers": named})
    return asyncio.run(replies.reply(request, key, make))


def test_what_was_made_is_made_once(replies):
    """The same question to the same state is answered from the shelf."""
    made = []

    def make(_view):
        made.append(1)
        return Content(BODY)

    assert _ask(replies, make).body == BODY
    assert _ask(replies, make).body == BODY
    assert len(made) == 1


def test_many_who_ask_at_once_wait_for_one(replies):
    """A page that is being made is not made again beside it."""
    made = []

    def make(_view):
        made.append(1)
        return Content(BODY)

    async def crowd():
        """Eight who ask for the same page at once."""
        request = Request({"type": "http", "headers": []})
        await replies.view()
        asked = (replies.reply(request, "x", make) for _ in range(8))
        return await asyncio.gather(*asked)

    assert {answer.body for answer in asyncio.run(crowd())} == {BODY}
    assert len(made) == 1


def test_a_reader_who_has_it_gets_nothing_again(replies):
    """The tag, or the date, of an answer makes the next one empty."""
    first = _ask(replies)
    tagged = _ask(replies, if_none_match=f'"other", {first.headers["etag"]}')
    assert (tagged.status_code, tagged.body) == (304, b"")
    assert tagged.headers["etag"] == first.headers["etag"]


def test_an_old_date_gets_the_content(replies):
    """Who has only last year's state is sent this one."""
    answer = _ask(replies, if_modified_since="Wed, 01 Jan 2025 00:00:00 GMT")
    assert answer.status_code == 200
    assert _ask(replies, if_modified_since="nonsense").status_code == 200


def test_the_date_of_an_answer_makes_the_next_one_empty(replies):
    """Who knows only dates is served by them as well."""
    dated = _ask(replies).headers["last-modified"]
    assert _ask(replies, if_modified_since=dated).status_code == 304


@pytest.mark.parametrize(
    ("offered", "packed"),
    [("gzip", True), ("br, gzip;q=0.5", True), ("gzip;q=0", False), ("br", False)],
)
def test_only_who_can_unpack_is_sent_gzip(replies, offered, packed):
    """The compressed form goes to those who ask for it, and is the same content."""
    answer = _ask(replies, accept_encoding=offered)
    assert (answer.headers.get("content-encoding") == "gzip") is packed
    assert (gzip.decompress(answer.body) if packed else answer.body) == BODY


def test_a_failure_is_not_kept(replies):
    """What could not be made is tried again."""

    def fail(_view):
        raise ValueError("not today")

    with pytest.raises(ValueError, match="not today"):
        _ask(replies, fail)
    assert _ask(replies).body == BODY


def test_the_shelf_keeps_to_its_size():
    """The least recently asked for makes room; the newest always fits."""
    shelf = Shelf(2 * (ROW_BYTES + 11))
    for name in "abc":
        shelf.put(("t", name), Made(Content(b"0123456789"), None))
        shelf.get(("t", "a"))
    assert shelf.get(("t", "a")) is not None
    assert shelf.get(("t", "b")) is None
    assert shelf.get(("t", "c")) is not None
    shelf.put(("t", "d"), Made(Content(b"x" * 9999), None))
    assert shelf.get(("t", "d")) is not None
