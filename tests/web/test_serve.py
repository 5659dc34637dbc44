"""The server as a process: it answers, survives its database, stops when told."""

import re
import resource
import signal
import socket
import subprocess
import time
from contextlib import ExitStack, contextmanager, suppress

import httpx
import pytest

from tests.support import maps, showroom
from tests.support.program import command, environment
from tests.web.conftest import listening
from tracker.web import connections

PLACE = re.compile(r"serving (?P<db>\S+) at (?P<url>http://\S+/) ")


class Server:
    """A running server: where it is, and what it has said."""

    def __init__(self, process, url):
        self.process, self.url = process, url

    def get(self, path, **headers):
        """One answer, redirects not followed."""
        return httpx.get(f"{self.url}{path}", headers=headers, timeout=30)

    def until(self, path, seen, seconds=30):
        """The first answer that fits; asked again and again."""
        deadline = time.monotonic() + seconds
        while not seen(answer := self.get(path)):
            assert time.monotonic() < deadline, (answer.status_code, answer.text[:500])
        return answer

    def ended(self, sign=signal.SIGTERM):
        """Its exit code once it was told to stop, and the rest of its log."""
        self.process.send_signal(sign)
        _, log = self.process.communicate(timeout=30)
        return self.process.returncode, log


@contextmanager
def serving(trail, *words):
    """The program as a process of its own; ended in any case."""
    process = subprocess.Popen(
        command("serve", "--port", "0", "--db", trail.url, *words),
        cwd=trail.folder,
        env=environment(),
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        line = process.stderr.readline()
        found = PLACE.match(line)
        assert found, line + process.stderr.read()
        yield Server(process, found["url"])
    finally:
        process.kill()
        process.communicate()


@pytest.fixture(scope="module")
def server(room):
    """A server of the filled database, for what changes nothing."""
    with serving(room) as started:
        yield started


@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGINT])
def test_it_stops_when_told_and_that_is_no_fault(room, sign):
    """A signal ends it with exit 0; its log has the answers, but not the questions."""
    with serving(room) as started:
        assert started.get("method/?token=secret").status_code == 200
        code, log = started.ended(sign)
    assert code == 0, log
    assert re.fullmatch(r"[0-9TZ:-]{20} 127\.0\.0\.1 GET /method/ 200\n", log), log


def test_a_port_that_is_taken_is_one_line(room):
    """Where another program listens, it says so and names the way out."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        ran = room("serve", "--port", str(taken.getsockname()[1]))
    assert (ran.code, ran.err.count("\n")) == (2, 1)
    assert "--port" in ran.err


@pytest.mark.parametrize(
    "words",
    [
        ("--host", "no such host"),
        ("--host", "192.0.2.1"),
        ("--url", "prices.example.org"),
        ("--url", "https://prices.example.org/?a=b"),
        ("--url", "javascript:alert(1)"),
        ("--url", "https://ann:secret@prices.example.org/"),
        ("--url", "https://prices.example.org:port/"),
    ],
)
def test_a_place_that_makes_no_sense_is_one_line(room, words):
    """A host that is not this machine's, or an address of no site, is wrong usage."""
    ran = room("serve", "--port", "0", *words)
    assert (ran.code, ran.err.count("\n")) == (2, 1), ran.text


def test_a_missing_database_is_one_line_and_is_not_made(sqlite_trail, tmp_path):
    """Like any question, it needs a database that is there."""
    ran = sqlite_trail("serve", "--port", "0")
    assert (ran.code, ran.err.count("\n")) == (2, 1)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("words", "package"),
    [(("serve", "--port", "0"), "uvicorn"), (("site", "out"), "fastapi")],
)
def test_without_the_extra_it_says_what_to_install(room, tmp_path, words, package):
    """A plain installation has no server and writes no pages; one line says which extra
    does, and nothing is begun.
    """
    (tmp_path / f"{package}.py").write_text("raise ImportError('not installed')\n")
    ran = subprocess.run(
        command(*words, "--db", room.url),
        cwd=tmp_path,
        env=environment() | {"PYTHONPATH": f"{tmp_path}:{environment()['PYTHONPATH']}"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (ran.returncode, ran.stderr.count("\n")) == (2, 1)
    assert "pricetrail[web]" in ran.stderr
    assert not (tmp_path / "out").exists()


def test_it_survives_its_database(own_room):
    """A database that goes away is told as such, and is back when it is back."""
    path = own_room.folder / "trail.db"
    with serving(own_room) as started:
        before = started.get("method/")
        for file in own_room.folder.glob("trail.db*"):
            file.rename(file.with_name(f"moved-{file.name}"))
        gone = started.until("method/", lambda a: a.status_code != 200)
        assert gone.status_code == 503
        assert "text/html" in gone.headers["content-type"]
        assert str(own_room.folder) not in gone.text
        assert not path.exists()
        for file in own_room.folder.glob("moved-trail.db*"):
            file.rename(file.with_name(file.name.removeprefix("moved-")))
        back = started.until("method/", lambda a: a.status_code == 200)
        code, log = started.ended()
    assert back.headers["etag"] == before.headers["etag"]
    assert code == 0
    assert str(path) in log
    assert "Traceback" not in log


def test_another_database_in_its_place_is_shown(own_room, tmp_path_factory):
    """A copy that was put back is read, not the old file that is still open."""
    with serving(own_room) as started:
        before = started.get("method/").headers["etag"]
        said = maps.edited(maps.small_map(), input_cost_per_token=7e-07)
        own_room.sync(said, "2026-11-20")
        started.until("method/", lambda a: a.headers["etag"] != before)
        for file in own_room.folder.glob("trail.db*"):
            file.unlink()
        other = type(own_room)(own_room.url, tmp_path_factory.mktemp("other"))
        showroom.fill(other)
        started.until("method/", lambda a: a.headers.get("etag") == before)


def test_a_sync_is_seen_at_once(trail):
    """What a sync brings is shown soon after it, without a restart."""
    trail.sync(maps.small_map(), "2026-11-13")
    page = f"models/{maps.KEY}/"
    with serving(trail) as started:
        before = started.get(page)
        tag = before.headers["etag"]
        assert "$1.01" in before.text
        assert started.get(page, **{"if-none-match": tag}).status_code == 304
        said = maps.edited(maps.small_map(), input_cost_per_token=7e-07)
        assert trail.sync(said, "2026-11-20").code == 0
        changed = started.until(page, lambda a: a.headers["etag"] != tag)
        assert "$0.70" in changed.text


def test_it_stands_behind_a_proxy(room):
    """With the path of its address before a request or taken off, it is the same."""
    with serving(room, "--url", "https://example.org/prices") as started:
        bare, whole = started.get("method/"), started.get("prices/method/")
        assert (bare.status_code, whole.status_code) == (200, 200)
        assert bare.text == whole.text
        assert started.get("pricesmethod/").status_code == 404


def test_the_name_that_it_is_called_by_changes_nothing(server):
    """A host header is never believed: no page and no address is made of it."""
    strange = {"host": "evil.example", "x-forwarded-host": "evil.example"}
    for path in ("", "method/", "method", "models/nothing/", "changes.atom"):
        answer = server.get(path, **strange)
        assert "evil.example" not in answer.text + str(answer.headers), path


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_it_only_reads(server, method):
    """Nothing can be sent to it."""
    assert httpx.request(method, f"{server.url}method/").status_code == 405


def test_half_a_question_is_not_waited_for(app, monkeypatch):
    """Who asks nothing, or does not finish asking, on a new connection or on one that
    was answered before, is not kept: only so many connections can be open.
    """
    monkeypatch.setattr(connections, "SILENCE", 0.1)
    whole = b"GET /method/ HTTP/1.1\r\nHost: a\r\n\r\n"
    half = b"GET /method/ HTTP/1.1\r\nX: "
    with listening(app, http=connections.Hurried) as address:
        port = int(address.rstrip("/").rpartition(":")[2])
        for said in (b"", half, whole + half):
            with socket.create_connection(("127.0.0.1", port), timeout=10) as reader:
                reader.sendall(said)
                answer = b"".join(iter(lambda c=reader: c.recv(65536), b""))
                assert answer.count(b"HTTP/1.1 200 OK") == said.count(b"Host")
        assert httpx.get(f"{address}method/").status_code == 200


def test_more_connections_than_can_be_open_are_one_line(room):
    """Where no connection can be taken any more, the log says so once; those who come
    later are answered as soon as others are gone.
    """
    with serving(room) as started, ExitStack() as stack:
        assert started.get("method/").status_code == 200
        port = int(started.url.rstrip("/").rpartition(":")[2])
        most = connections.KEPT + 30
        resource.prlimit(started.process.pid, resource.RLIMIT_NOFILE, (most, most))
        for _ in range(most + 200):
            reader = socket.create_connection(("127.0.0.1", port), timeout=10)
            stack.enter_context(reader)
            with suppress(ConnectionError):  # it was not taken
                reader.sendall(b"GET /")
        told = iter(started.process.stderr.readline, "")
        assert next(line for line in told if "30 connections are open" in line)
        stack.pop_all().close()
        answer = None
        while answer is None:  # until it has seen that they are gone
            with suppress(httpx.TransportError):
                answer = started.get("sources/")
        code, log = started.ended()
    assert (answer.status_code, code) == (200, 0)
    assert re.fullmatch(r"(\S+ 127\.0\.0\.1 GET /sources/ 200\n)+", log), log
