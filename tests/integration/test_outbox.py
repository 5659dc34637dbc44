"""The outbox: letters wait, are claimed by one, and can be looked at."""

import json
import threading
from base64 import b64decode
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from storage import outbox as letters_of
from storage.unit_of_work import Store
from tests.support import maps
from tests.support.subscribers import MON1, MON2, letters, moved, send, subscribe
from tracker import outbox, wiring
from tracker.reports.settings import Mail


@pytest.fixture(name="webhook")
def _webhook():
    """A web server of our own that takes posts: what it got, and its port."""
    posts = []

    class Taking(BaseHTTPRequestHandler):
        def do_POST(self):
            size = int(self.headers["Content-Length"])
            posts.append(json.loads(self.rfile.read(size)))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_):
            """Keep quiet."""

    with HTTPServer(("127.0.0.1", 0), Taking) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield posts, server.server_port
        server.shutdown()
        thread.join()


def test_each_recipient_has_a_letter_with_a_name_of_its_own(trail, monkeypatch):
    """Two recipients of one digest get two letters; each Message-ID is its own."""
    to = '["ann@example.org", "Bob <bob@example.org>"]'
    subscribe(trail, monkeypatch, to=to)
    moved(trail)
    send(trail)
    found = letters(trail)
    assert {letter["To"] for letter in found} == {
        "ann@example.org",
        "Bob <bob@example.org>",
    }
    assert len({letter["Message-ID"] for letter in found}) == 2


def test_a_letter_in_the_folder_is_what_the_outbox_shows(sqlite_trail, monkeypatch):
    """`outbox show` shows the letter that was written."""
    subscribe(sqlite_trail, monkeypatch)
    moved(sqlite_trail)
    send(sqlite_trail)
    (letter,) = letters(sqlite_trail)
    ran = sqlite_trail("outbox", "show", "1")
    assert f"Message-ID: {letter['Message-ID']}" in ran.out
    assert "input: $1.01 → $2.00  +98 %" in ran.out


def test_the_list_is_json_for_programs(sqlite_trail, monkeypatch):
    """`outbox --all` tells programs what became of each letter."""
    subscribe(sqlite_trail, monkeypatch)
    moved(sqlite_trail)
    send(sqlite_trail)
    (row,) = json.loads(sqlite_trail("outbox", "--all", "--format", "json").out)
    assert (row["status"], row["attempts"]) == ("sent", 1)
    assert row["sent_at"] == f"{MON2}T00:00:00Z"
    assert "nothing waits" in sqlite_trail("outbox").out


def test_a_letter_is_claimed_by_one(trail, monkeypatch):
    """Of two deliverers at once, only one gets a letter."""
    subscribe(trail, monkeypatch)
    moved(trail)
    blocked = trail.folder / "mail"
    blocked.write_text("a file where the folder should be")
    assert send(trail).code == 1
    now = wiring.instant("2026-01-13")
    store = Store(trail.url)
    claims = []
    for _ in range(2):
        with store.writing() as work:
            until = now + timedelta(minutes=15)
            claims.append(letters_of.claim(work.connection, 1, now=now, until=until))
            work.commit()
    store.close()
    assert claims == [True, False]


def test_a_folder_that_cannot_be_written_puts_letters_off(sqlite_trail, monkeypatch):
    """A folder that is none is said in one line; the letter waits."""
    subscribe(sqlite_trail, monkeypatch)
    moved(sqlite_trail)
    (sqlite_trail.folder / "mail").write_text("in the way")
    ran = send(sqlite_trail)
    assert ran.code == 1
    assert "to be tried again: 1 to ann@example.org" in ran.out
    (sqlite_trail.folder / "mail").unlink()
    assert sqlite_trail("outbox", "retry").code == 0
    assert len(letters(sqlite_trail)) == 1


def test_writing_the_same_letter_again_replaces_it(sqlite_trail, monkeypatch):
    """Delivered twice into a folder, a letter is there once."""
    subscribe(sqlite_trail, monkeypatch)
    moved(sqlite_trail)
    send(sqlite_trail)
    store, now = Store(sqlite_trail.url), wiring.instant("2026-01-13")
    with store.writing() as work:
        letters_of.again(work.connection, [1], now=now)
        work.commit()
    mail = Mail(folder=sqlite_trail.folder / "mail", sender="prices@example.org")
    assert outbox.deliver(store, mail, now=now).sent == 1
    store.close()
    assert len(letters(sqlite_trail)) == 1


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_channel_gets_the_text(sqlite_trail, monkeypatch, webhook):
    """A recipient apprise:NAME is posted to the address in the variable NAME, which
    is shown nowhere; links to the web page are in the text.
    """
    posts, port = webhook
    web = '[web]\nurl = "https://prices.example.org/"'
    subscribe(sqlite_trail, monkeypatch, to='["apprise:TEAM_CHANNEL"]', more=web)
    moved(sqlite_trail)
    ran = send(sqlite_trail)
    assert ran.code == 1
    assert "set the variable TEAM_CHANNEL" in ran.out
    address = f"json://127.0.0.1:{port}/a-secret-token"
    monkeypatch.setenv("TEAM_CHANNEL", address)
    ran = sqlite_trail("outbox", "retry")
    assert ran.code == 0, ran.text
    (post,) = posts
    assert post["title"] == "1 price change: model-01 +98 %"
    assert "input: $1.01 → $2.00" in post["message"]
    place = "https://prices.example.org/models/acme/model-01/#change-"
    assert place in post["message"]
    listed = sqlite_trail("outbox", "--all", "--format", "json").out
    assert "a-secret-token" not in listed + ran.text


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_channel_gets_the_table_and_all_of_a_long_text(
    sqlite_trail, monkeypatch, webhook
):
    """What does not fit a post comes in parts, and the table is attached."""
    from apprise.plugins.custom_json import NotifyJSON

    posts, port = webhook
    monkeypatch.setattr(NotifyJSON, "body_maxlen", 400)
    monkeypatch.setenv("TEAM_CHANNEL", f"json://127.0.0.1:{port}/x")
    options = {"to": '["apprise:TEAM_CHANNEL"]', "limit": "2", "meters": '["input"]'}
    subscribe(sqlite_trail, monkeypatch, **options)
    before = maps.small_map()
    after = before
    for n, key in enumerate([k for k in before if k.startswith("acme/")][:5]):
        price = before[key]["input_cost_per_token"]
        after = maps.edited(after, key, input_cost_per_token=price * (1.2 + n / 10))
    sqlite_trail.sync(before, MON1)
    sqlite_trail.sync(after, MON2)
    ran = send(sqlite_trail)
    assert ran.code == 0, ran.text
    assert len(posts) > 1
    said = "".join(post["message"] for post in posts)
    assert "and 3 more, in the attached table" in said
    assert "To stop:" in said
    attached = [a for post in posts for a in post["attachments"]]
    table = b64decode(attached[0]["base64"]).decode()
    assert table.count("moves,acme,") == 5


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_channel_without_attachments_is_told_where_all_of_it_is(
    sqlite_trail, monkeypatch, webhook
):
    """Where no table can be attached, the post says so."""
    from apprise.plugins.custom_json import NotifyJSON

    posts, port = webhook
    monkeypatch.setattr(NotifyJSON, "attachment_support", False)
    monkeypatch.setenv("TEAM_CHANNEL", f"json://127.0.0.1:{port}/x")
    options = {"to": '["apprise:TEAM_CHANNEL"]', "limit": "1"}
    subscribe(sqlite_trail, monkeypatch, **options)
    sqlite_trail.sync(maps.small_map(), MON1)
    said = maps.small_map()
    for key in [k for k in said if k.startswith("acme/")][:3]:
        said = maps.edited(said, key, input_cost_per_token=5e-06)
    sqlite_trail.sync(said, MON2)
    assert send(sqlite_trail).code == 0
    (post,) = posts
    assert "This channel takes no attachment" in post["message"]


def test_the_scheduler_makes_digests_after_runs_only(sqlite_trail, monkeypatch):
    """What the scheduler calls tells the news after a run, and then rests."""
    from tracker import config, reports

    subscribe(sqlite_trail, monkeypatch)
    moved(sqlite_trail)
    settings, store = config.load(), Store(sqlite_trail.url)
    for minute in range(3):
        now = wiring.instant(MON2) + timedelta(minutes=minute)
        reports.send_due(store, settings, now)
        outbox.deliver_due(store, settings, now)
    store.close()
    rows = sqlite_trail.tables.rows("SELECT kind FROM digests")
    assert [row["kind"] for row in rows] == ["digest"]
    assert len(letters(sqlite_trail)) == 1
