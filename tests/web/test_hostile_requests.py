"""Requests that mean harm: odd paths, headers and questions, and too many of them."""

import asyncio
import threading
from contextlib import closing
from urllib.parse import urlsplit

import pytest
from starlette.requests import Request

from storage.unit_of_work import Store
from tests.support import maps
from tests.web.conftest import now
from tracker import wiring
from tracker.web.app import application
from tracker.web.rendering import Content
from tracker.web.replies import HANDS, Replies
from tracker.web.view import Views

EVIL = "evil.example"
ODD_PATHS = (
    *("//", "///", "/./", "/../", "/..%2f", "/%00", "/%ff", "/\\", "/%2e%2e/"),
    *(f"//{EVIL}/", f"/%2f%2f{EVIL}", f"/models/%2f%2f{EVIL}", f"/models//{EVIL}/"),
    *("/models", "//models", "/models.", "/models%0a/", "/models/x%0a/", "/%0d%0a/"),
    *(
        "/models/x%0d%0aSet-Cookie:%20a=b",
        "/models/gpt-4.1%0d%0a",
        "/models/gpt-4.1%3f",
    ),
    *("/providers/..", "/providers/acme", "/providers//acme", "/static/../app.py"),
    *("/static/%2e%2e/app.py", "/static/", "/api", "/api/v1", "/api/v1/models/"),
    *("/api/v1/models/%0a/", f"/api/v1/models/%2f%2f{EVIL}", "/changes/0000-01/"),
    *(
        "/changes/\u0662\u0660\u0662\u0666-\u0660\u0661/",
        "/syncs/../x.svg",
        "/a" * 4000,
    ),
)
BELIEVED_BY_NOBODY = {
    "host": EVIL,
    "x-forwarded-host": EVIL,
    "x-forwarded-proto": "gopher",
    "x-forwarded-prefix": f"//{EVIL}",
    "forwarded": f"host={EVIL}",
}


@pytest.mark.parametrize("path", ODD_PATHS)
def test_an_odd_path_is_answered_by_this_site(served, path):
    """A page, or word that there is none: no path, and nothing that a request says of
    its host, leads a reader elsewhere or comes back in a header.
    """
    answer = served.get(path, headers=BELIEVED_BY_NOBODY, follow_redirects=False)
    assert answer.status_code in (200, 307, 404)
    led = urlsplit(answer.headers.get("location", ""))
    assert (led.scheme, led.netloc) == ("", "")
    assert not led.path.startswith("/")
    assert EVIL not in str(answer.headers)
    assert "set-cookie" not in answer.headers


def test_a_deep_path_gets_no_longer_an_answer(served):
    """Who asks for a page deep down is not sent its depth again with every link."""
    usual, deep = served.get("/nothing/"), served.get("/a" * 20_000)
    assert deep.status_code == 404
    assert len(deep.content) < 2 * len(usual.content)
    assert 'href="/method/"' in deep.text


@pytest.mark.parametrize("path", [*ODD_PATHS[:8], "/", "/models/", "/api/v1/models"])
def test_head_is_get_without_a_body(served, path):
    """The headers of both are the same, whatever is asked for."""
    whole = served.get(path, follow_redirects=False)
    head = served.head(path, follow_redirects=False)
    assert head.content == b""
    assert (head.status_code, head.headers) == (whole.status_code, whole.headers)


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "TRACE", "BREW"])
def test_nothing_can_be_written(served, method):
    """Any other method is refused, with the ones that there are."""
    for path in ("/", "/models/", "/nothing", "/static/x.css", "/api/v1/models"):
        answer = served.request(method, path, content=b"x" * 100)
        assert answer.status_code == 405
        assert answer.headers["allow"] == "GET, HEAD, OPTIONS"


@pytest.mark.parametrize(
    "header",
    [
        {"if-modified-since": "Thu, 01 Jan 2026 00:00:00 +99999999999999"},
        {"if-modified-since": "Thu, 99 Foo 99999999 99:99:99 GMT"},
        {"if-none-match": ",".join(f'"{n}"' for n in range(10_000))},
        {"accept-encoding": "gzip;q=odd,,;=," * 500},
        {"range": "bytes=0-5"},
        {"accept": "text/<script>"},
    ],
    ids=["zone", "month", "tags", "coding", "range", "accept"],
)
def test_an_odd_header_changes_nothing(served, header):
    """What cannot be understood of a request is as if it were not there."""
    usual = served.get("/models/").text
    assert served.get("/models/", headers=header).text == usual


def test_what_a_page_cannot_be_asked_makes_no_other_page(own_room):
    """Readers who come with marks of others in their address get the same page, made
    once: they push nothing off the shelf.
    """
    with closing(Store(own_room.url)) as store:
        app = application(store, now)
        made, asked = app.state.replies._shelves

        async def ask(*addresses):
            """One after the other."""
            for address in addresses:
                await _got(app, address)

        path = f"/models/{maps.KEY}/"
        asyncio.run(ask(path, f"{path}?utm=1", f"{path}?q=x&m=y", "/sources/?x=1"))
        assert {key for _, key in made._made} == {f"{path[1:]}?{{}}", "sources/?{}"}
        asyncio.run(ask("/models/?q=acme", "/compare/?m=x", "/changes/?kind=changed"))
        assert len(made._made) == 2
        assert not asked._made
        asyncio.run(ask("/models/?q=acme&utm=2"))
        assert len(asked._made) == 1


async def _got(app, address):
    """Ask an application, without a network."""
    path, _, question = address.partition("?")
    scope = {"type": "http", "method": "GET", "path": path, "headers": []}
    scope |= {"query_string": question.encode(), "server": ("localhost", 80)}
    sent = []

    async def receive():
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message):
        sent.append(message)

    await app(scope, receive, send)
    assert sent[0]["status"] == 200


def test_who_asks_much_keeps_nobody_from_a_page(sqlite_trail):
    """While the dearest questions wait for their answers, pages are made."""
    sqlite_trail.sync(maps.small_map(), "2026-01-04")
    gate, entered = threading.Event(), []
    request = Request({"type": "http", "headers": []})

    def slow(_view):
        entered.append(1)
        assert gate.wait(60)
        return Content(b"answered")

    async def crowd(replies):
        """Forty questions, and then a page."""
        asking = [
            asyncio.ensure_future(replies.reply(request, f"q{n}", slow, asked=True))
            for n in range(40)
        ]
        page = await replies.reply(request, "page", lambda _view: Content(b"a page"))
        busy = len(entered)
        gate.set()
        return page, busy, await asyncio.gather(*asking)

    with closing(Store(sqlite_trail.url)) as store:
        page, busy, answers = asyncio.run(crowd(Replies(Views(store, wiring.now))))
    assert page.body == b"a page"
    assert busy <= HANDS[1]
    assert {answer.body for answer in answers} == {b"answered"}


def test_hands_do_not_wait_for_each_other(store):
    """All hands may read twice at once without waiting for a connection."""
    pool = store._engine.pool
    assert 2 * sum(HANDS) < pool.size() + pool._max_overflow
