"""`[web]`: where mails, feeds, the site and the server take it from."""

import socket

import pytest

from tests.support import maps, showroom
from tests.support.subscribers import (
    MON1,
    MON2,
    html_of,
    letters,
    moved,
    send,
    subscribe,
    text_of,
)

URL = "https://prices.example.org/"
WEB = f'[web]\nurl = "{URL}"'
PAGE = f"{URL}models/acme/model-01/"


def test_a_mail_links_to_the_configured_page(trail, monkeypatch):
    """What is sent leads to the model, to its change, and to all of the month."""
    subscribe(trail, monkeypatch, more=WEB)
    moved(trail)
    assert send(trail).code == 0
    (letter,) = letters(trail)
    assert f'href="{PAGE}"' in html_of(letter)
    assert f'href="{PAGE}#change-' in html_of(letter)
    assert f"{PAGE}#change-" in text_of(letter)
    assert f"with its evidence: {URL}changes/2026-01/" in text_of(letter)


def test_without_a_page_a_mail_links_nowhere(sqlite_trail, monkeypatch):
    """Nothing of a web page is in a mail unless it is configured."""
    subscribe(sqlite_trail, monkeypatch)
    moved(sqlite_trail)
    send(sqlite_trail)
    (letter,) = letters(sqlite_trail)
    assert "http" not in text_of(letter) + html_of(letter)
    assert "quiet" not in html_of(letter)


def test_a_report_and_its_feed_link_too(sqlite_trail, monkeypatch):
    """A preview is what would be sent; the variable stands above the file."""
    subscribe(sqlite_trail, monkeypatch, more=WEB)
    monkeypatch.setenv("PRICETRAIL_WEB_URL", "http://localhost:8321")
    moved(sqlite_trail)
    feed, page = sqlite_trail.folder / "f.atom", sqlite_trail.folder / "p.html"
    files = ("--atom", str(feed), "--html", str(page))
    ran = sqlite_trail("report", "--since", MON1, "--text", *files)
    place = "http://localhost:8321/models/acme/model-01/#change-"
    assert ran.code == 0, ran.text
    assert place in ran.out
    assert f'href="{place}' in page.read_text("utf-8")
    assert f'rel="alternate" type="text/html" href="{place}' in feed.read_text("utf-8")


def test_what_was_taken_back_leads_to_the_change(sqlite_trail, monkeypatch):
    """An amendment has the evidence of the very change that it amends."""
    subscribe(sqlite_trail, monkeypatch, more=WEB)
    moved(sqlite_trail)
    send(sqlite_trail)
    sqlite_trail.sync(maps.small_map(), "2026-01-19")
    send(sqlite_trail, "2026-01-19")
    first, second = letters(sqlite_trail)
    told = next(x for x in text_of(first).split() if x.startswith(f"{PAGE}#change-"))
    _, _, after = text_of(second).partition("Taken back")
    assert f"evidence: {told}" in after


def test_a_site_takes_its_address_from_there(sqlite_trail, monkeypatch):
    """`site` writes whole addresses into feeds and the map of the site; an option
    stands above the configuration.
    """
    subscribe(sqlite_trail, monkeypatch, more=WEB)
    showroom.fill_a_little(sqlite_trail)
    one, other = sqlite_trail.folder / "one", sqlite_trail.folder / "other"
    assert sqlite_trail("site", str(one), "--jobs", "1").code == 0
    given = ("--url", "https://other.example")
    assert sqlite_trail("site", str(other), "--jobs", "1", *given).code == 0
    assert f'href="{URL}changes.atom"' in (one / "changes.atom").read_text("utf-8")
    feed = (other / "changes.atom").read_text("utf-8")
    assert 'href="https://other.example/changes.atom"' in feed
    assert URL not in feed


def test_a_server_listens_where_it_is_configured(sqlite_trail, monkeypatch):
    """Without --port it takes the configured port: where that is taken, it says so."""
    moved(sqlite_trail)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        subscribe(sqlite_trail, monkeypatch, more=f"[web]\nport = {port}")
        ran = sqlite_trail("serve")
    assert (ran.code, ran.err.count("\n")) == (2, 1)
    assert f"127.0.0.1 port {port}" in ran.err


@pytest.mark.parametrize(
    ("name", "value"),
    [("HOST", "no such host"), ("PORT", "many"), ("URL", "prices.example.org")],
)
def test_a_variable_that_makes_no_sense_is_one_line(
    sqlite_trail, monkeypatch, name, value
):
    """It is named, whatever the command, and nothing is done."""
    moved(sqlite_trail, at=MON2)
    monkeypatch.setenv(f"PRICETRAIL_WEB_{name}", value)
    for words in (("serve",), ("site", str(sqlite_trail.folder / "x")), ("report",)):
        ran = sqlite_trail(*words)
        assert (ran.code, ran.err.count("\n")) == (2, 1), ran.text
        assert f"PRICETRAIL_WEB_{name}: " in ran.err
    assert not (sqlite_trail.folder / "x").exists()
