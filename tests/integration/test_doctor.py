"""The doctor: what is wrong is found, and told in a line with what to do."""

import json
import os
import socketserver
import threading
from contextlib import contextmanager
from datetime import timedelta

import pytest
from freezegun import freeze_time

from tests.support.loopback import internet, status
from tests.support.maps import small_map
from tests.support.program import Trail, cli
from tests.support.scheduling import SUNDAY
from tests.support.tables import Tables
from tracker.checks import doctor, reachable

NOW = "2026-01-05T12:00:00Z"


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    """A folder of our own, and a network of our own that can be reached."""
    for name in [n for n in os.environ if n.startswith("PRICETRAIL_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PRICETRAIL_CONTACT", "prices@example.org")
    monkeypatch.setattr(doctor, "LEAST_FREE", 1)
    monkeypatch.chdir(tmp_path)
    with internet() as net:
        for origin in reachable.ASKED:
            net.host(origin).serve("/", status(200))
        monkeypatch.setenv("PRICETRAIL_ORIGINS", json.dumps(net.origins))
        yield tmp_path


def findings(url, at=NOW):
    """What the doctor finds: by check, status and text; and the exit code."""
    with freeze_time(at, ignore=["psycopg"]):
        ran = cli("doctor", "--db", url, "--format", "json")
    assert ran.err == ""
    rows = json.loads(ran.out)
    assert all("\n" not in row["text"] for row in rows)
    wrong = {r["check"]: r["text"] for r in rows if r["status"] == "wrong"}
    assert ran.code == (1 if wrong else 0), ran.text
    return rows, wrong


@pytest.fixture
def filled(trail):
    """A database that was synced yesterday."""
    trail.sync(small_map(), "2026-01-04T06:00:00Z")
    # `sync` notes when it really read the body; here that was yesterday as well.
    trail.tables.execute("UPDATE captures SET fetched_at = observed_at")
    return trail


def test_all_is_well(filled, home):
    """Where nothing is wrong every check says ok, and the exit is 0."""
    (home / "pricetrail.toml").write_text(
        "[schedule.cadence]\n" + off_but("litellm"), encoding="utf-8"
    )
    rows, wrong = findings(filled.url)
    assert wrong == {}
    checks = {row["check"] for row in rows}
    assert checks == {
        *("configuration", "database", "space", "clock", "sources", "network"),
    }
    with freeze_time(NOW, ignore=["psycopg"]):
        assert "ok     database" in cli("doctor", "--db", filled.url).out


def off_but(name):
    """Cadences that turn every source off but one."""
    from tracker.sources.registry import SOURCES

    return "".join(f'{other} = "off"\n' for other in SOURCES if other != name)


def test_no_database_yet(sqlite_url):
    """Without a database the doctor says how one is made."""
    _, wrong = findings(sqlite_url)
    assert wrong["database"].endswith("yet; run: pricetrail sync")


def test_an_empty_database(postgres_url):
    """A database without our tables is told apart from one that cannot be reached."""
    _, wrong = findings(postgres_url)
    assert wrong["database"].endswith("is empty; run: pricetrail sync")


@pytest.mark.parametrize(
    ("revision", "said"),
    [("0000", "any command brings it up to date"), ("9999", "upgrade Pricetrail")],
)
def test_another_schema(filled, revision, said):
    """An older schema and a newer one are told, and the database is left as it is."""
    set_to = f"UPDATE alembic_version SET version_num = '{revision}'"
    filled.tables.execute(set_to)
    _, wrong = findings(filled.url)
    assert said in wrong["database"]
    found = filled.tables.rows("SELECT version_num FROM alembic_version")
    assert found == [{"version_num": revision}]


def test_a_server_that_is_not_there():
    """A database server that refuses is told once, without the password."""
    rows, wrong = findings("postgresql+psycopg://me:hunter2@127.0.0.1:1/prices")
    assert "is the server running" in wrong["database"]
    assert "hunter2" not in json.dumps(rows)
    assert sum("server running" in row["text"] for row in rows) == 1


def test_a_file_that_is_no_database(tmp_path):
    """Any other file is told as such."""
    (tmp_path / "letter.db").write_text("Dear customer, " * 100, encoding="utf-8")
    _, wrong = findings(f"sqlite:///{tmp_path}/letter.db")
    assert "the file is something else" in wrong["database"]


def test_a_clock_that_runs_behind(filled):
    """Stored bodies of the future mean that the clock is, or was, wrong."""
    _, wrong = findings(filled.url, "2026-01-03T00:00:00Z")
    assert "something stored is of 2026-01-04 06:00" in wrong["clock"]


def test_silent_sources(filled, home):
    """Sources that were not read well for a slot and a half are named."""
    (home / "pricetrail.toml").write_text(
        "[schedule.cadence]\n" + off_but("litellm"), encoding="utf-8"
    )
    rows, _ = findings(filled.url, "2026-01-20T00:00:00Z")
    told = [row["text"] for row in rows if row["check"] == "sources"]
    assert any("litellm was not read well since 2026-01-04" in text for text in told)


def test_no_room(filled, monkeypatch):
    """Too little room says how much there should be."""
    monkeypatch.setattr(doctor, "LEAST_FREE", 2**60)
    _, wrong = findings(filled.url)
    assert "make it 1073741824.0 GiB" in wrong["space"]


def test_a_folder_that_may_not_be_written(sqlite_trail, monkeypatch):
    """A folder or a file without the right to write is told."""
    sqlite_trail.sync(small_map(), "2026-01-04T06:00:00Z")
    # The tests run as root, whom no right is refused.
    monkeypatch.setattr(os, "access", lambda path, *_, **__: path.name != "trail.db")
    _, wrong = findings(sqlite_trail.url, "2027-01-01T00:00:00Z")
    assert "may not be written" in wrong["space"]


def test_a_folder_that_is_gone(tmp_path):
    """A database in a folder that does not exist is told."""
    _, wrong = findings(f"sqlite:///{tmp_path}/gone/trail.db")
    assert "does not exist" in wrong["space"]


def test_what_was_left_undone(filled):
    """Captures that wait, and values that are held, are noted and no fault."""
    filled.tables.execute("UPDATE captures SET status = 'pending'")
    rows, _ = findings(filled.url)
    notes = [row["text"] for row in rows if row["check"] == "stored"]
    said = "captures that wait: 1; a run was stopped, the next one goes on: "
    assert notes == [said + "pricetrail sync"]


def test_held_values(filled):
    """Values that wait for a person are counted."""
    dear = {"acme/model-01": {**small_map()["acme/model-01"]}}
    dear["acme/model-01"]["input_cost_per_token"] = 1.01e-05
    filled.sync({**small_map(), **dear}, "2026-01-05T06:00:00Z")
    rows, _ = findings(filled.url)
    assert any("values held: " in row["text"] for row in rows)


def test_a_wrong_configuration_hides_nothing_else(filled, home):
    """A mistake in the file is told once; the database is still looked at."""
    (home / "pricetrail.toml").write_text("[crawl]\ndely = 1", encoding="utf-8")
    rows, wrong = findings(filled.url)
    assert "did you mean delay?" in wrong["configuration"]
    assert any(row["check"] == "database" for row in rows)
    assert sum("did you mean" in row["text"] for row in rows) == 1


def test_no_contact_is_noted(filled, monkeypatch):
    """Without a contact the doctor notes it, which is no fault."""
    monkeypatch.setenv("PRICETRAIL_CONTACT", "")
    rows, wrong = findings(filled.url)
    assert any("no contact" in row["text"] for row in rows)
    assert "configuration" not in wrong


def test_no_network(filled, monkeypatch):
    """Where no host can be reached the network is wrong; one that fails is noted."""
    nowhere = dict.fromkeys(reachable.ASKED, "http://127.0.0.1:1")
    monkeypatch.setenv("PRICETRAIL_ORIGINS", json.dumps(nowhere))
    _, wrong = findings(filled.url)
    assert "check the connection, the name server and the firewall" in wrong["network"]


def test_one_host_that_cannot_be_reached(filled, monkeypatch):
    """One host of several that is not there is noted, and no fault."""
    origins = json.loads(os.environ["PRICETRAIL_ORIGINS"])
    origins[reachable.ASKED[0]] = "http://127.0.0.1:1"
    monkeypatch.setenv("PRICETRAIL_ORIGINS", json.dumps(origins))
    rows, wrong = findings(filled.url)
    assert "network" not in wrong
    assert any("others can be reached" in row["text"] for row in rows)


class Postman(socketserver.StreamRequestHandler):
    """A mail server that greets, and notes what it is told."""

    def handle(self):
        """Greet, and agree to everything."""
        self.wfile.write(b"220 mail.example.org ESMTP\r\n")
        for line in self.rfile:
            self.server.heard.append(line.split()[0].upper())
            quits = self.server.heard[-1] == b"QUIT"
            self.wfile.write(b"221 bye\r\n" if quits else b"250 fine\r\n")


@contextmanager
def mail_server():
    """A mail server on loopback, and what it heard."""
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Postman) as server:
        server.daemon_threads, server.heard = True, []
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def mail_settings(home, port, security="none"):
    """A configuration with a mail server."""
    (home / "pricetrail.toml").write_text(
        f"[mail]\nserver = '127.0.0.1'\nport = {port}\nsecurity = '{security}'\n",
        encoding="utf-8",
    )


def test_a_mail_server_that_answers(filled, home):
    """The mail server is greeted, and no mail is sent."""
    with mail_server() as server:
        mail_settings(home, server.server_address[1])
        rows, wrong = findings(filled.url)
    assert "mail" not in wrong
    assert any("answers, none" in row["text"] for row in rows)
    assert server.heard == [b"EHLO", b"QUIT"]


@pytest.mark.parametrize("security", ["none", "tls", "starttls"])
def test_a_mail_server_that_does_not(filled, home, security):
    """A mail server that is not there, or cannot do what is asked, is told."""
    mail_settings(home, 1, security)
    _, wrong = findings(filled.url)
    assert wrong["mail"].startswith("127.0.0.1:1: ")
    with mail_server() as server:
        if security == "starttls":
            mail_settings(home, server.server_address[1], security)
            assert "check [mail]" in findings(filled.url)[1]["mail"]


def test_mail_into_a_folder(filled, home):
    """Without a server, and somebody to write to, the folder is named."""
    (home / "pricetrail.toml").write_text("[subscriptions.me]\n", encoding="utf-8")
    rows, _ = findings(filled.url)
    assert any("digests go to pricetrail-mail" in row["text"] for row in rows)


def test_a_database_named_by_its_path(sqlite_trail):
    """A plain path is looked at as a URL is."""
    sqlite_trail.sync(small_map(), "2026-01-04T06:00:00Z")
    path = sqlite_trail.url.removeprefix("sqlite:///")
    rows, _ = findings(path, "2027-01-01T00:00:00Z")
    assert sum(row["check"] == "space" for row in rows) == 2


def test_a_slot_of_the_future(sqlite_trail):
    """A slot that was taken by a clock that was ahead is told."""
    sqlite_trail.sync(small_map(), "2026-01-04T06:00:00Z")
    Tables(sqlite_trail.url).execute(
        "INSERT INTO runs (kind, slot, started_at) VALUES "
        "('scheduled', '2035-01-07T04:55:00Z', '2035-01-07T04:56:00Z')"
    )
    _, wrong = findings(sqlite_trail.url, "2030-01-01T00:00:00Z")
    assert "2035-01-07" in wrong["clock"]


def test_the_doctor_of_the_documents(tmp_path):
    """A database that is all right for years is not called ill for its age alone."""
    trail = Trail(f"sqlite:///{tmp_path}/old.db", tmp_path)
    trail.backfill({"2025-01-06_1.0.0.json": small_map()})
    _, wrong = findings(trail.url, (SUNDAY + timedelta(days=3650)).isoformat())
    assert "sources" not in wrong
