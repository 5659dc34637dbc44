"""Answers: kept, compressed, and not sent to who has them."""

import asyncio
import gzip
from contextlib import closing

import pytest
from freezegun import freeze_time
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


def test_another_date_gets_the_content(replies):
    """Also a later one: a backup that was put back is older than what readers have."""
    answer = _ask(replies, if_modified_since="Wed, 01 Jan 2031 00:00:00 GMT")
    assert answer.status_code == 200


def test_a_new_day_is_a_new_date(sqlite_trail):
    """What has been read yesterday is shown otherwise today, also to who knows only
    dates; a state that was written today is of its own instant.
    """
    with freeze_time("2026-01-04T08:00:00Z"):
        sqlite_trail.sync(maps.small_map(), "2026-01-04T08:00:00Z")
    told = []
    for day in ("2026-01-04T09:00:00Z", "2026-01-04T10:00:00Z", "2026-01-05T09:00:00Z"):
        with closing(Store(sqlite_trail.url)) as store:
            replies = Replies(Views(store, lambda day=day: wiring.instant(day)))
            told.append(_ask(replies).headers["last-modified"])
    assert told == [
        "Sun, 04 Jan 2026 08:00:00 GMT",
        "Sun, 04 Jan 2026 08:00:00 GMT",
        "Mon, 05 Jan 2026 00:00:00 GMT",
    ]


def test_an_answer_shows_one_state(replies, sqlite_trail):
    """What was read while somebody wrote is made anew from the state after it, and
    bears that one's name.
    """
    made, before = [], _ask(replies, key="other").headers["etag"]

    def make(view):
        """The first time something is written meanwhile."""
        made.append(view.tag)
        if len(made) == 1:
            sqlite_trail.sync(maps.small_map(), "2026-01-11")
        return Content(b"made of " + view.tag.encode())

    answer = _ask(replies, make)
    assert len(made) == 2
    assert answer.headers["etag"] == f'W/"{made[1]}"' != before
    assert answer.body == b"made of " + made[1].encode()
    assert _ask(replies, make).body == answer.body
    assert len(made) == 2


def test_what_is_made_while_somebody_writes_is_kept_by_nobody(replies, sqlite_trail):
    """Where the database does not stand still, readers are answered, and told to keep
    nothing of it.
    """
    made = []

    def make(_view):
        """Something is written each time."""
        made.append(1)
        sqlite_trail.sync(maps.small_map(), f"2026-02-{len(made):02}")
        return Content(BODY)

    answer = _ask(replies, make, if_none_match="*", accept_encoding="gzip")
    assert answer.status_code == 304
    answer = _ask(replies, make)
    assert (answer.status_code, answer.body) == (200, BODY)
    assert answer.headers["cache-control"] == "no-store"
    assert not {"etag", "last-modified"} & set(answer.headers)
    count = len(made)
    assert _ask(replies, make).body == BODY
    assert len(made) > count


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
