"""The configuration: what may stand in the file, and what the environment overrides."""

import json
import os
from datetime import time, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.program import CHECKOUT, cli
from tracker import config
from tracker.config import ConfigError, spans
from tracker.domain.errors import UsageError

WHOLE = """
[database]
url = "postgresql+psycopg://me:hunter2@db/prices"
[crawl]
contact = "prices@example.org"
delay = 2
timeout = "45s"
time_limit = "15m"
[schedule]
day = "Mon"
time = "06:30"
confirm_after = "8h"
[schedule.cadence]
openrouter = "1d"
openrouter-endpoints = "12h"
minimax = "off"
[web]
url = "https://prices.example.org"
port = 8322
[mail]
from = "Prices <prices@example.org>"
server = "mail.example.org"
username = "prices"
[subscriptions.team]
to = ["team@example.org"]
models = ["openai/*"]
"""


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """A working folder of our own, and no variables of the user's."""
    for name in [n for n in os.environ if n.startswith("PRICETRAIL_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def write(folder):
    """Write the configuration file."""
    return lambda text: (folder / "pricetrail.toml").write_bytes(
        text if isinstance(text, bytes) else text.encode()
    )


def problems():
    """What is wrong with the file."""
    with pytest.raises(ConfigError) as raised:
        config.load()
    assert "\n" not in str(raised.value)
    return raised.value.problems


def test_without_a_file_the_usual_holds():
    """No file is needed: Sundays at 04:55, every source each week."""
    found = config.load()
    assert found.schedule.time == time(4, 55)
    assert set(found.schedule.calendar().cadences.values()) == {timedelta(days=7)}
    assert "openrouter-endpoints" not in found.schedule.calendar().cadences
    assert config.database_url() == "sqlite:///pricetrail.db"


def test_a_whole_file(write):
    """Every section is read, with spans in words or in seconds."""
    write(WHOLE)
    found = config.load()
    settings = config.crawl_settings()
    assert (found.schedule.day, found.schedule.time) == ("monday", time(6, 30))
    assert found.schedule.confirm_after == timedelta(hours=8)
    cadences = found.schedule.calendar().cadences
    assert cadences["openrouter"] == timedelta(days=1)
    assert cadences["openrouter-endpoints"] == timedelta(hours=12)
    assert "minimax" not in cadences
    assert settings.contact == "prices@example.org"
    assert settings.delay == timedelta(seconds=2)
    assert settings.timeout == timedelta(seconds=45)
    assert settings.time_limit == timedelta(minutes=15)
    assert (found.web.host, found.web.port) == ("127.0.0.1", 8322)
    assert found.web.url == "https://prices.example.org/"
    assert found.mail.server == "mail.example.org"
    assert found.subscriptions["team"].name == "team"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[crawl]\ndely = 1", "[crawl] dely: no such setting; did you mean delay?"),
        ("[shedule]", "[shedule]: no such section or setting; did you mean schedule?"),
        (
            "[mail]\nserwer = 'x'",
            "[mail] serwer: no such setting; did you mean server?",
        ),
        (
            "[subscriptions.team]\nmodel = ['*']",
            "[subscriptions.team] model: no such setting; did you mean models?",
        ),
        (
            "[mail]\npassword = 'hunter2'",
            "[mail] password: secrets come from the environment, not from a file",
        ),
        (
            "[schedule]\nday = 'Sonntag'",
            "[schedule] day: takes a day of the week such as sunday, not 'Sonntag'",
        ),
        (
            "[schedule]\ntime = '04:55:30'",
            '[schedule] time: takes hours and minutes in UTC, such as "04:55"',
        ),
        (
            "[schedule]\nconfirm_after = '1m'",
            '[schedule] confirm_after: takes a span from "10m" to "7d"',
        ),
        (
            "[schedule.cadence]\nopenai = '5m'",
            '[schedule.cadence] openai: takes a span from "1h" to "366d", or "off"',
        ),
        (
            "[crawl]\ntimeout = 'soon'",
            '[crawl] timeout: takes a span of time such as "6h" or "1d", not \'soon\'',
        ),
    ],
)
def test_what_makes_no_sense_is_told_in_a_line(write, text, said):
    """Each mistake is one line with its place, and what to write instead."""
    write(text)
    assert problems() == (said,)
    ran = cli("config", "check")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == f"pricetrail: pricetrail.toml: {said}\n"


@pytest.mark.parametrize(
    ("text", "part"),
    [
        (b"[crawl", "it is no TOML: "),
        (b"\xff\xfe", "it is no text in UTF-8"),
        ("[crawl]\ncontact = 'me)'", "[crawl]: contact goes into every request"),
        ("[schedule.cadence]\nopenia = '1d'", "no source 'openia'; there are"),
        ("crawl = 3", "this is a table of its own; write [crawl]"),
        ("[subscriptions]\nteam = 3", "own; write [subscriptions.team]"),
        ("subscriptions = 3", "own; write [subscriptions.NAME]"),
        ("[[subscriptions]]\nto = []", "own; write [subscriptions.NAME]"),
        ("[crawl]\ndelay = -1", "is no span of time"),
        ("[crawl]\ndelay = 1e300", "is no span of time"),
        ("[schedule]\nconfirm_after = '9999999999w'", "is too long"),
        ("[schedule]\nday = 7", "[schedule] day: takes text in quotes, not 7"),
        (
            "[subscriptions.team]\nto = 'me@example.org'",
            'to: takes a list in brackets, such as ["me@example.org"]',
        ),
        ("[crawl]\nzzz = 1", "there are contact, delay, time_limit, timeout"),
        ("[web]\nport = 70000", "[web] port: input should be less than or equal to"),
        ("[web]\nhost = 'my host'", "[web] host: string should match pattern"),
        ("[web]\nurls = 'x'", "[web] urls: no such setting; did you mean url?"),
        ("web = 3", "this is a table of its own; write [web]"),
    ],
)
def test_bad_files_are_refused(write, text, part):
    """Whatever the file holds, the refusal is one line that names the place."""
    write(text)
    assert part in problems()[0]


def test_several_mistakes_at_once(write):
    """`config check` lists them all; other commands tell the first and how many."""
    write("[crawl]\na = 1\n[mail]\nb = 2")
    assert len(cli("config", "check").err.splitlines()) == 2
    ran = cli("schedule", "--list")
    assert (ran.code, len(ran.err.splitlines())) == (2, 1)
    assert "(and 1 more: pricetrail config check)" in ran.err


@given(st.binary(max_size=200))
def test_any_bytes_are_a_file_or_a_mistake(said):
    """No file makes a traceback."""
    path = Path("pricetrail.toml")
    path.write_bytes(said)
    try:
        config.load()
        told = ""
    except ConfigError as fault:
        told = str(fault)
    assert "\n" not in told


def test_a_file_elsewhere(folder, monkeypatch):
    """PRICETRAIL_CONFIG names the file, which then must be there."""
    (folder / "other.toml").write_text("[database]\nurl = 'sqlite:///x.db'")
    monkeypatch.setenv("PRICETRAIL_CONFIG", "other.toml")
    assert config.database_url() == "sqlite:///x.db"
    monkeypatch.setenv("PRICETRAIL_CONFIG", "gone.toml")
    with pytest.raises(
        UsageError, match=r"names gone\.toml, and there is no such file"
    ):
        config.find()


def test_an_unreadable_file(folder, monkeypatch, write):
    """A file that may not be read is a mistake in one line."""
    write("")

    def refused(_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", refused)
    assert problems() == ("Permission denied",)


def test_the_environment_is_above_the_file(write, monkeypatch):
    """Variables override the file; the option --db overrides both."""
    write(WHOLE)
    monkeypatch.setenv("PRICETRAIL_DB", "sqlite:///env.db")
    monkeypatch.setenv("PRICETRAIL_CRAWL_DELAY", "7")
    monkeypatch.setenv("PRICETRAIL_CONTACT", " ")
    assert config.database_url() == "sqlite:///env.db"
    assert config.database_url("sqlite:///asked.db") == "sqlite:///asked.db"
    settings = config.crawl_settings()
    assert settings.delay == timedelta(seconds=7)
    assert settings.contact == "prices@example.org"


def test_a_wrong_variable_is_named(write, monkeypatch):
    """A mistake in the environment is told by the variable's name."""
    write(WHOLE)
    monkeypatch.setenv("PRICETRAIL_CRAWL_DELAY", "soon")
    with pytest.raises(UsageError, match="PRICETRAIL_CRAWL_DELAY takes seconds"):
        config.crawl_settings()


@pytest.mark.parametrize(
    "wrong",
    [
        "prices.example.org",
        "https://",
        "https://prices.example.org/?a=b",
        "https://prices.example.org/#a",
        "https://prices.example.org:port/",
        "https://ann:secret@prices.example.org/",
        "https://prices.example.org/a b",
        "https://prices.example.org/<b>",
        "https://prices.example.org/\u202e",
        "https://" + "a" * 600 + ".example/",
        "https://" + "ü" * 70 + ".example/",
        "javascript:alert(1)",
        "file:///etc/passwd",
        "ftp://prices.example.org/",
    ],
)
def test_an_address_that_is_no_sites_is_refused(write, monkeypatch, wrong):
    """In the file and in the environment, with the name of the setting."""
    write(f"[web]\nurl = {json.dumps(wrong)}")
    assert problems()[0].startswith("[web] url: ")
    assert "is no address of a site; write https://" in problems()[0]
    write("")
    monkeypatch.setenv("PRICETRAIL_WEB_URL", wrong)
    ran = cli("config", "check")
    assert (ran.code, ran.err.count("\n")) == (2, 1)
    assert ran.err.startswith("pricetrail: PRICETRAIL_WEB_URL: ")


@pytest.mark.parametrize(
    ("said", "known"),
    [
        ("", ""),
        ("https://prices.example.org", "https://prices.example.org/"),
        ("http://localhost:8321/llm", "http://localhost:8321/llm/"),
        ("http://[::1]:8321/", "http://[::1]:8321/"),
        ("https://bücher.example:8443/a", "https://xn--bcher-kva.example:8443/a/"),
    ],
)
def test_an_address_ends_with_a_slash(write, said, known):
    """Paths are put behind it; a host's name is written as servers know it."""
    write(f"[web]\nurl = '{said}'")
    assert config.load().web.url == known


def test_options_stand_above_the_environment_above_the_file(write, monkeypatch):
    """Of the web page each setting comes from the highest place that names it."""
    write("[web]\nurl = 'https://a.example'\nhost = '::1'\nport = 1")
    monkeypatch.setenv("PRICETRAIL_WEB_URL", "https://b.example")
    monkeypatch.setenv("PRICETRAIL_WEB_PORT", "2")
    monkeypatch.setenv("PRICETRAIL_WEB_HOST", " ")
    assert config.load().web.url == "https://b.example/"
    found = config.web({"url": None, "port": 3})
    assert (found.url, found.host, found.port) == ("https://b.example/", "::1", 3)
    assert config.web({"url": ""}).url == ""
    with pytest.raises(UsageError, match=r"^--url: 'c' is no address of a site"):
        config.web({"url": "c"})
    shown = json.loads(cli("config", "show", "--format", "json").out)
    rows = {
        r["setting"]: (r["value"], r["from"]) for r in shown if r["section"] == "web"
    }
    assert rows == {
        "url": ("https://b.example/", "PRICETRAIL_WEB_URL"),
        "host": ("::1", "file"),
        "port": ("2", "PRICETRAIL_WEB_PORT"),
    }


def test_the_database_of_the_file_is_used(write):
    """Commands without --db go to the file's database."""
    write("[database]\nurl = 'sqlite:///theirs.db'")
    assert "sqlite:///theirs.db" in cli("sources").err


def test_show_hides_secrets(write, monkeypatch):
    """What is shown holds neither the database's password nor that of mail."""
    write(WHOLE)
    monkeypatch.setenv("PRICETRAIL_SMTP_PASSWORD", "swordfish")
    monkeypatch.setenv("PRICETRAIL_CRAWL_DELAY", "7")
    for form in ("table", "json", "csv"):
        ran = cli("config", "show", "--format", form)
        assert ran.code == 0
        assert "hunter2" not in ran.text
        assert "swordfish" not in ran.text
    rows = json.loads(cli("config", "show", "--format", "json").out)
    found = {(r["section"], r["setting"]): (r["value"], r["from"]) for r in rows}
    assert found["database", "url"] == (
        "postgresql+psycopg://me:***@db/prices",
        "file",
    )
    assert found["crawl", "delay"] == ("7s", "PRICETRAIL_CRAWL_DELAY")
    assert found["crawl", "timeout"] == ("45s", "file")
    assert found["schedule", "time"] == ("06:30 UTC", "file")
    assert found["schedule.cadence", "openrouter"] == ("1d", "file")
    assert found["schedule.cadence", "minimax"] == ("off", "file")
    assert found["mail", "from"] == ("Prices <prices@example.org>", "file")
    assert found["mail", "port"] == ("", "default")
    assert found["subscriptions.team", "models"] == ("openai/*", "file")
    assert found["environment", "PRICETRAIL_SMTP_PASSWORD"] == ("set", "environment")


def test_check_says_what_is_worth_a_thought(write, folder):
    """A right file is called right; a password in it and a missing one are noted."""
    write(WHOLE)
    (folder / "pricetrail.toml").chmod(0o644)
    ran = cli("config", "check")
    assert ran.code == 0
    assert "pricetrail.toml is right" in ran.out
    assert "url holds a password, and others may read the file" in ran.out
    assert "has a username, and PRICETRAIL_SMTP_PASSWORD is not set" in ran.out


def test_check_without_a_file():
    """Without a file there is nothing wrong; a contact is asked for."""
    ran = cli("config", "check")
    assert ran.code == 0
    assert ran.out.startswith(
        "no pricetrail.toml; the usual settings hold\nnote: no con"
    )


def test_the_example_of_the_documents(write):
    """The file shown in docs/operating.md is right, and means what it says there."""
    text = (CHECKOUT / "docs" / "operating.md").read_text("utf-8")
    write(text.split("```toml\n")[1].split("```")[0])
    found = config.load()
    assert (found.schedule.day, found.schedule.time) == ("sunday", time(4, 55))
    assert found.schedule.calendar().cadences["openrouter"] == timedelta(days=1)
    assert config.crawl_settings().time_limit == timedelta(minutes=10)
    assert found.web.url == "https://prices.example.org/"
    assert (found.web.host, found.web.port) == ("127.0.0.1", 8321)
    assert list(found.subscriptions) == ["team"]


def test_other_words_are_refused():
    """`config` takes check or show."""
    assert cli("config", "edit").code == 2


@given(st.integers(0, 10**9))
def test_spans_are_written_as_they_are_read(seconds):
    """A span that was written is read as the same one."""
    value = timedelta(seconds=seconds)
    assert spans.span(spans.written(value)) == value
