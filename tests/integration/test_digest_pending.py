"""Letters that wait while subscriptions, servers and passwords change."""

import json

import pytest

from tests.support import maps
from tests.support.mailbox import Mailbox, certificate_in, free_port, serving
from tests.support.subscribers import MON1, MON2, MON3, moved, send, subscribe, text_of

TWO = '["ann@example.org", "bob@example.org"]'


def server(port, security="none", more=""):
    """The lines of the configuration that name a server."""
    return (
        f'server = "127.0.0.1"\nport = {port}\nsecurity = "{security}"\n'
        f"timeout_seconds = 5\n{more}"
    )


def listed(trail):
    """Every letter by its recipient."""
    rows = json.loads(trail("outbox", "--all", "--format", "json").out)
    return {row["recipient"]: row for row in rows}


def test_who_unsubscribed_gets_no_letter_that_still_waits(trail, monkeypatch):
    """Bob is taken out while the server is down: his letter is not sent any more, and
    is said not to be; Ann's is.
    """
    moved(trail)
    box = Mailbox(port=free_port())
    subscribe(trail, monkeypatch, mail=server(box.port), to=TWO)
    assert send(trail).code == 1
    subscribe(trail, monkeypatch, mail=server(box.port))
    with serving(box, security="none"):
        ran = send(trail, "2026-01-13")
    assert ran.code == 0, ran.text
    assert [to for to, _ in box.taken] == ["ann@example.org"]
    assert "bob@example.org: no recipient of team any more" in ran.out
    note = listed(trail)["bob@example.org"]
    assert note["status"] == "failed"
    assert note["note"] == "not sent: no recipient of team any more"


def test_a_subscription_that_is_gone_sends_nothing(sqlite_trail, monkeypatch):
    """A subscription that was deleted takes its waiting letters with it."""
    moved(sqlite_trail)
    box = Mailbox(port=free_port())
    mail = server(box.port)
    path = subscribe(sqlite_trail, monkeypatch, mail=mail)
    send(sqlite_trail)
    path.write_text(path.read_text().replace("subscriptions.team", "subscriptions.new"))
    with serving(box, security="none"):
        ran = sqlite_trail("outbox", "retry")
    assert "there is no subscription team any more" in ran.out
    assert box.taken == []


def test_a_letter_says_what_it_said_when_it_was_made(sqlite_trail, monkeypatch):
    """A subscription that is changed while its letter waits changes the next letter."""
    moved(sqlite_trail)
    box = Mailbox(port=free_port())
    subscribe(sqlite_trail, monkeypatch, mail=server(box.port))
    send(sqlite_trail)
    subscribe(sqlite_trail, monkeypatch, mail=server(box.port), providers='["globex"]')
    with serving(box, security="none"):
        assert sqlite_trail("outbox", "retry").code == 0
    ((_, letter),) = box.taken
    assert letter["Subject"] == "1 price change: model-01 +98 %"


def test_without_a_configuration_nothing_is_dropped(sqlite_trail, monkeypatch):
    """Who runs `outbox retry` beside another configuration loses no letter."""
    moved(sqlite_trail)
    path = subscribe(sqlite_trail, monkeypatch, mail=server(free_port()))
    send(sqlite_trail)
    folder = (sqlite_trail.folder / "elsewhere").as_posix()
    path.write_text(f'[mail]\nfolder = "{folder}"\n')
    assert sqlite_trail("outbox", "retry").code == 0
    assert len(list((sqlite_trail.folder / "elsewhere").glob("*.eml"))) == 1


def test_a_server_that_hangs_up_after_some_letters_gets_the_rest_anew(
    sqlite_trail, monkeypatch
):
    """A 421 puts off the letter it is said to; the next goes by a new connection."""
    moved(sqlite_trail)
    box = Mailbox(refusals={"ann@example.org": "421 enough for now"})
    with serving(box, security="none") as port:
        subscribe(sqlite_trail, monkeypatch, mail=server(port), to=TWO)
        ran = send(sqlite_trail)
    assert [to for to, _ in box.taken] == ["bob@example.org"]
    assert "1 to ann@example.org: recipient refused: 421 enough" in ran.out


def test_a_letter_that_is_too_large_holds_up_no_other(sqlite_trail, monkeypatch):
    """A server that takes no large mail refuses that one for good; it is no reason to
    think that it refuses everything.
    """
    said = maps.small_map()
    small = '[subscriptions.small]\nto = ["bob@example.org"]\nmodels = ["model-01"]'
    box = Mailbox(most=9000)
    with serving(box, security="none") as port:
        subscribe(sqlite_trail, monkeypatch, mail=server(port), more=small, limit="500")
        sqlite_trail.sync(said, MON1)
        for n, key in enumerate(said):
            said = maps.edited(said, key, max_input_tokens=n + 1)
        said = maps.edited(said, input_cost_per_token=2e-06)
        sqlite_trail.sync(said, MON2)
        ran = send(sqlite_trail)
    assert [to for to, _ in box.taken] == ["bob@example.org"]
    assert "failed: 1 to ann@example.org: message refused: 552" in ran.out


@pytest.mark.parametrize("password", ["pässword", "pass\u202eword"])
def test_a_password_beyond_ascii_is_one_line(
    sqlite_trail, monkeypatch, tmp_path, password
):
    """What SMTP cannot say is said without showing it; letters wait."""
    certificate = certificate_in(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    monkeypatch.setenv("PRICETRAIL_SMTP_PASSWORD", password)
    moved(sqlite_trail)
    box = Mailbox()
    with serving(box, security="tls", certificate=certificate) as port:
        mail = server(port, "tls", 'username = "robot"\n')
        subscribe(sqlite_trail, monkeypatch, mail=mail)
        ran = send(sqlite_trail)
    assert ran.code == 1
    assert "beyond ASCII" in ran.out
    assert password not in ran.text
    assert "Traceback" not in ran.text


def test_a_server_name_that_is_none_is_one_line(sqlite_trail, monkeypatch):
    """A name that no server can have puts letters off in a line."""
    moved(sqlite_trail)
    mail = server(25).replace("127.0.0.1", "mail..example.org")
    subscribe(sqlite_trail, monkeypatch, mail=mail)
    ran = send(sqlite_trail)
    assert (ran.code, ran.err) == (1, "")
    assert "to be tried again: 1 to ann@example.org: mail..example.org:25" in ran.out


def test_headers_for_programs_arrive_as_they_are(sqlite_trail, monkeypatch):
    """A long address to unsubscribe at, a long list's name and a recipient whose name
    has a comma arrive whole, on lines that every server takes.
    """
    stop = f"https://example.org/stop?token={'a' * 200}"
    to = """["Smith, Bob <bob@example.org>", "Åsa <asa@bücher.example>"]"""
    moved(sqlite_trail)
    box = Mailbox()
    with serving(box, security="none") as port:
        mail = server(port, more=f'unsubscribe = "{stop}"\n')
        subscribe(sqlite_trail, monkeypatch, mail=mail, to=to)
        assert send(sqlite_trail).code == 0
    (first, letter), (second, other) = box.taken
    assert (first, second) == ("bob@example.org", "asa@xn--bcher-kva.example")
    assert [a.display_name for a in letter["To"].addresses] == ["Smith, Bob"]
    assert [a.display_name for a in other["To"].addresses] == ["Åsa"]
    raw = box.raw[0].decode("ascii")
    assert f"List-Unsubscribe:\r\n <{stop}>\r\n" in raw
    head = raw.partition("\r\n\r\n")[0].split("\r\n")
    assert max(len(line) for line in head if stop not in line) <= 78
    assert letter["Subject"] == "1 price change: model-01 +98 %"
    assert letter.defects == []


def test_a_subject_of_many_long_names_arrives_as_it_was(sqlite_trail, monkeypatch):
    """Spaces between words that are encoded are kept, and no line is too long."""
    names = [f"acme/模型-{n} …  −{n} %" for n in range(4)]
    before = maps.small_map()
    for name in names:
        before[name] = {**before[maps.KEY]}
    after = before
    for n, name in enumerate(names):
        after = maps.edited(after, name, input_cost_per_token=(2 + n) * 1e-06)
    sqlite_trail.sync(before, MON1)
    sqlite_trail.sync(after, MON2)
    box = Mailbox()
    with serving(box, security="none") as port:
        subscribe(sqlite_trail, monkeypatch, mail=server(port))
        ran = send(sqlite_trail)
    ((_, letter),) = box.taken
    assert f"team: {letter['Subject']} (to 1 recipient)" in ran.out
    lines = box.raw[0].partition(b"\r\n\r\n")[0].split(b"\r\n")
    assert max(map(len, lines)) <= 78
    assert "模型-3 …  −3 %" in text_of(letter)


def test_nothing_is_told_twice_by_a_retry(trail, monkeypatch):
    """Letters that are tried again do not make the next digest tell it again."""
    moved(trail)
    box = Mailbox(answers=["451 later", "451 later"])
    with serving(box, security="none") as port:
        subscribe(trail, monkeypatch, mail=server(port))
        send(trail)
        trail("outbox", "retry")
        trail("outbox", "retry")
        send(trail, MON3)
    assert len(box.taken) == 1
