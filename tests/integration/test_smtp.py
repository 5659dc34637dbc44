"""Delivery to a real mail server: encrypted, logged in, refused, cut off, killed."""

import subprocess
import xml.etree.ElementTree as ET
from email.policy import SMTP

import pytest

from tests.support.mailbox import (
    PASSWORD,
    USER,
    Mailbox,
    certificate_in,
    free_port,
    serving,
)
from tests.support.program import command, environment
from tests.support.subscribers import (
    MON2,
    html_of,
    moved,
    send,
    subscribe,
    table_of,
    text_of,
)

VARIABLE = "PRICETRAIL_SMTP_PASSWORD"


# The server does not see that TLS from the first byte makes a login safe.
pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH:UserWarning")


@pytest.fixture(scope="module", name="certificate")
def _certificate(tmp_path_factory):
    return certificate_in(tmp_path_factory.mktemp("certificate"))


@pytest.fixture(name="trust")
def _trust(monkeypatch, certificate):
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))


def server(port, security="none", *, user=""):
    """The lines of the configuration that name a server."""
    login = f'username = "{user}"\n' if user else ""
    return (
        f'server = "127.0.0.1"\nport = {port}\nsecurity = "{security}"\n{login}'
        "timeout_seconds = 5\n"
    )


@pytest.mark.parametrize("security", ["starttls", "tls"])
@pytest.mark.usefixtures("trust")
def test_a_letter_arrives_encrypted_and_logged_in(
    sqlite_trail, monkeypatch, certificate, security
):
    """What arrives over TLS, after a login, is the whole letter."""
    monkeypatch.setenv(VARIABLE, PASSWORD)
    moved(sqlite_trail)
    box = Mailbox()
    with serving(box, security=security, certificate=certificate, login=True) as port:
        subscribe(sqlite_trail, monkeypatch, mail=server(port, security, user=USER))
        ran = send(sqlite_trail)
    assert ran.code == 0, ran.text
    ((to, letter),) = box.taken
    assert (to, box.logins) == ("ann@example.org", [USER])
    assert letter["Subject"] == "1 price change: model-01 +98 %"
    assert letter["From"] == "Prices <prices@example.org>"
    assert letter["List-Unsubscribe"].startswith("<mailto:prices@example.org?subject=")
    assert letter["Message-ID"].endswith("@example.org>")
    assert letter["Auto-Submitted"] == "auto-generated"
    assert "input: $1.01 → $2.00  +98 %" in text_of(letter)
    assert "acme/model-01" in html_of(letter)
    assert letter.defects == []
    assert PASSWORD not in ran.text


@pytest.mark.usefixtures("trust")
def test_a_wrong_password_loses_no_mail(sqlite_trail, monkeypatch, certificate):
    """A refused login puts letters off, says what to check, and shows no password."""
    monkeypatch.setenv(VARIABLE, "something wrong")
    moved(sqlite_trail)
    box = Mailbox()
    with serving(box, security="tls", certificate=certificate, login=True) as port:
        subscribe(sqlite_trail, monkeypatch, mail=server(port, "tls", user=USER))
        ran = send(sqlite_trail)
        assert ran.code == 1
        assert "refused the login (535)" in ran.out
        assert "something wrong" not in ran.text
        monkeypatch.setenv(VARIABLE, PASSWORD)
        assert sqlite_trail("outbox", "retry").code == 0
    assert len(box.taken) == 1


def test_a_certificate_that_nobody_vouches_for_is_not_trusted(
    sqlite_trail, monkeypatch, certificate
):
    """A server with a certificate of its own making gets no letter."""
    moved(sqlite_trail)
    box = Mailbox()
    with serving(box, security="starttls", certificate=certificate) as port:
        subscribe(sqlite_trail, monkeypatch, mail=server(port, "starttls"))
        ran = send(sqlite_trail)
    assert ran.code == 1
    assert "certificate" in ran.out
    assert box.taken == []


def test_a_server_without_encryption_gets_no_letter(sqlite_trail, monkeypatch):
    """Where STARTTLS is asked for and not offered, nothing is sent in the clear."""
    moved(sqlite_trail)
    box = Mailbox()
    with serving(box, security="none") as port:
        subscribe(sqlite_trail, monkeypatch, mail=server(port, "starttls"))
        ran = send(sqlite_trail)
    assert ran.code == 1
    assert "STARTTLS" in ran.out
    assert box.taken == []


def test_a_refused_recipient_is_failed_and_others_get_their_letter(trail, monkeypatch):
    """A 550 is for good: that letter is failed, the others go out."""
    moved(trail)
    box = Mailbox(refusals={"gone@example.org": "550 no such user"})
    to = '["gone@example.org", "ann@example.org"]'
    with serving(box, security="none") as port:
        subscribe(trail, monkeypatch, mail=server(port), to=to)
        ran = send(trail)
    assert ran.code == 1
    assert [to for to, _ in box.taken] == ["ann@example.org"]
    assert "recipient refused: 550 no such user" in ran.out
    listed = trail("outbox")
    assert "failed" in listed.out
    assert "0 waiting, 1 failed" in listed.out


def test_a_letter_put_off_arrives_later_and_only_once(sqlite_trail, monkeypatch):
    """A 451 puts a letter off; the next attempt, when its time has come, delivers."""
    moved(sqlite_trail)
    box = Mailbox(answers=["451 try again later"])
    with serving(box, security="none") as port:
        subscribe(sqlite_trail, monkeypatch, mail=server(port))
        assert send(sqlite_trail).code == 1
        too_early = send(sqlite_trail, f"{MON2}T00:00:30Z")
        assert "0 letters delivered" in too_early.out
        assert send(sqlite_trail, f"{MON2}T00:01:00Z").code == 0
        assert "0 letters" in send(sqlite_trail, f"{MON2}T02:00:00Z").out
    assert len(box.taken) == 1


def test_a_message_refused_for_good_is_not_tried_again(sqlite_trail, monkeypatch):
    """A 554 on the message ends its attempts."""
    moved(sqlite_trail)
    box = Mailbox(answers=["554 no thanks"])
    with serving(box, security="none") as port:
        subscribe(sqlite_trail, monkeypatch, mail=server(port))
        ran = send(sqlite_trail)
        assert "message refused: 554 no thanks" in ran.out
        assert "0 letters" in send(sqlite_trail, "2026-01-13").out
    assert box.taken == []


def test_a_connection_dropped_after_the_message_sends_it_twice_recognisably(
    sqlite_trail, monkeypatch
):
    """Where nobody knows whether a letter was taken, it is sent again under the same
    Message-ID.
    """
    moved(sqlite_trail)
    box = Mailbox(answers=["hang up"])
    with serving(box, security="none") as port:
        subscribe(sqlite_trail, monkeypatch, mail=server(port))
        ran = send(sqlite_trail)
        assert ran.code == 1
        assert "the connection broke" in ran.out
        assert send(sqlite_trail, f"{MON2}T00:05:00Z").code == 0
    first, second = (letter for _, letter in box.taken)
    assert first["Message-ID"] == second["Message-ID"]
    assert first.as_bytes() == second.as_bytes()


def test_a_server_that_is_down_for_a_day_loses_nothing(trail, monkeypatch):
    """Letters wait through a day without a server, ever longer between attempts."""
    moved(trail)
    box = Mailbox(port=free_port())
    to = '["ann@example.org", "bob@example.org"]'
    subscribe(trail, monkeypatch, mail=server(box.port), to=to)
    tries = 0
    for hour in range(24):
        ran = send(trail, f"{MON2}T{hour:02}:00:00Z")
        tries += ran.out.count("to be tried again")
    assert 8 <= tries <= 2 * 8
    with serving(box, security="none"):
        ran = send(trail, "2026-01-13T06:00:00Z")
    assert ran.code == 0, ran.text
    assert sorted(to for to, _ in box.taken) == ["ann@example.org", "bob@example.org"]


def test_letters_are_given_up_after_days(sqlite_trail, monkeypatch):
    """What cannot be delivered for days is failed, said so, and can be retried."""
    moved(sqlite_trail)
    port = free_port()
    mail = server(port) + "give_up_days = 2\n"
    subscribe(sqlite_trail, monkeypatch, mail=mail)
    for day in range(12, 16):
        for hour in (0, 6, 12, 18):
            ran = send(sqlite_trail, f"2026-01-{day}T{hour:02}:00:00Z")
            if "failed:" in ran.out:
                break
    assert "given up" in sqlite_trail("outbox", "--format", "csv").out
    box = Mailbox(port=port)
    with serving(box, security="none"):
        ran = sqlite_trail("outbox", "retry", "1")
    assert ran.code == 0, ran.text
    assert len(box.taken) == 1


def test_killed_between_send_and_commit_sends_again_under_the_same_name(
    sqlite_trail, monkeypatch
):
    """A process killed when the server has the letter leaves it waiting; when its
    claim has run out it is sent again, recognisably.
    """
    moved(sqlite_trail)
    box = Mailbox(answers=["kill"])
    with serving(box, security="none") as port:
        path = subscribe(sqlite_trail, monkeypatch, mail=server(port))
        words = ("digest", "send", "--at", MON2, "--db", sqlite_trail.url)
        with subprocess.Popen(
            command(*words), env=environment(PRICETRAIL_CONFIG=str(path))
        ) as doomed:
            box.victim = doomed.pid
            assert doomed.wait(timeout=60) == -9
        assert len(box.taken) == 1
        early = send(sqlite_trail, f"{MON2}T00:14:00Z")
        assert "0 letters delivered" in early.out
        assert "1 letter delivered" in send(sqlite_trail, f"{MON2}T00:15:00Z").out
    first, second = (letter for _, letter in box.taken)
    assert first["Message-ID"] == second["Message-ID"]


HOSTILE = {
    "markup": "acme/<script>alert(1)</script><img src=x onerror=alert(1)>",
    "lines": "acme/model\r\nBcc: eve@example.org\r\n\r\nhello",
    "turned": "acme/\u202egnp.exe\u2066\u200b",
    "formula": "=cmd|' /C calc'!A0/x",
    "encoded": "acme/=?utf-8?q?a=0D=0ABcc:_eve=40example.org?=",
    "long": "acme/" + "x" * 10_000,
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_hostile_names_do_no_harm(sqlite_trail, monkeypatch, kind):
    """Markup, line breaks, turned text, formulas and endless names stay text: in
    headers, both bodies, the table, the terminal and the feed.
    """
    from tests.support import maps

    name = HOSTILE[kind]
    before = maps.small_map()
    entry = {"litellm_provider": name.partition("/")[0], "mode": "chat"}
    before[name] = {**entry, "input_cost_per_token": 1e-06}
    born = f"{name}-2"
    after = {**maps.edited(before, name, input_cost_per_token=2e-06)}
    after[born] = {**entry, "input_cost_per_token": 3e-06}
    after = maps.edited(after, maps.KEY, input_cost_per_token=3e-06)
    sqlite_trail.sync(before, "2026-01-05")
    sqlite_trail.sync(after, MON2)
    box = Mailbox()
    with serving(box, security="none") as port:
        subscribe(sqlite_trail, monkeypatch, mail=server(port), limit="1")
        ran = send(sqlite_trail)
    assert ran.code == 0, ran.text
    ((to, letter),) = box.taken
    assert to == "ann@example.org"
    assert letter["Bcc"] is None
    assert letter.defects == []
    assert len(letter.as_bytes()) < 100_000
    assert "price change" in letter["Subject"]
    assert len(letter["Subject"]) < 200
    page = html_of(letter)
    assert "<script" not in page
    assert "<img" not in page
    shown = sqlite_trail("outbox", "show", "1").out
    for said in (page, text_of(letter), letter["Subject"], shown):
        assert not {"\u202e", "\u2066", "\u200b", "\r\nBcc"} & set(said)
        assert "\nBcc:" not in said
    rows = table_of(letter)
    cells = [cell for row in rows for cell in row.values()]
    assert not [cell for cell in cells if cell.startswith(("=", "+", "@", "\t"))]
    feed = sqlite_trail.folder / "f.atom"
    options = ("--since", "2026-01-05", "--atom", str(feed))
    assert sqlite_trail("report", *options).code == 0
    assert ET.parse(feed).getroot().tag.endswith("feed")  # noqa: S314 - our own
    assert b"\r\n" in letter.as_bytes(policy=SMTP)
