"""Notices by mail: whom [schedule] notify names hears of a silence once, and once of
its end.
"""

import json
import os
import threading
from contextlib import ExitStack, suppress

import pypi_simple  # noqa: F401 - it cannot be imported while the clock is frozen
import pytest
from freezegun import freeze_time

from storage.unit_of_work import Store
from tests.integration.test_crashes import Crash, crash_at
from tests.support.crawls import PAGES, well
from tests.support.loopback import internet
from tests.support.mailbox import Mailbox, free_port, serving
from tests.support.maps import body, small_map
from tests.support.program import cli
from tests.support.scheduling import DAY, HOUR, SUNDAY, WEEK, Bench, usual
from tests.support.subscribers import text_of
from tests.support.tables import Tables
from tracker import config
from tracker.checks import silence
from tracker.schedule import daemon, notices
from tracker.sources.registry import SOURCES

ANN, OPS = "ann@example.org", "Ops <ops@example.org>"
ROUTED = body(
    {
        "data": [
            {
                "id": f"acme/model-{n}",
                "pricing": {"prompt": "0.000001", "completion": "0.000002"},
            }
            for n in range(400)
        ]
    }
)
OFF = "".join(f'{name} = "off"\n' for name in SOURCES if name != "litellm")


@pytest.fixture
def home(tmp_path, monkeypatch):
    """A folder to work in, without settings."""
    for name in [n for n in os.environ if n.startswith("PRICETRAIL_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def write(home):
    """Write the settings: who is notified, through which port, and what else."""

    def written(port, *to, more=""):
        (home / "pricetrail.toml").write_text(
            "[mail]\nfrom = 'Prices <prices@example.org>'\nserver = '127.0.0.1'\n"
            f"port = {port}\nsecurity = 'none'\ntimeout_seconds = 5\n"
            f"[schedule]\nnotify = {json.dumps(to)}\n[schedule.cadence]\n{OFF}{more}"
        )
        return config.load()

    return written


@pytest.fixture
def mailed(write):
    """A mailbox, and settings that name two who are notified."""
    box = Mailbox()
    with serving(box, security="none") as port:
        write(port, ANN, OPS)
        yield box


@pytest.fixture
def make():
    """Make schedulers with the hooks of the daemon, and close them in the end."""
    with ExitStack() as stack:

        def made(url, **given):
            hooks = daemon.hooks(config.load())
            bench = Bench(url, hooks=hooks, **given)
            stack.callback(bench.close)
            return bench

        yield made


def lines(letter):
    """What a notice tells, a line each."""
    said = text_of(letter).splitlines()
    return [line.removeprefix("- ") for line in said if line.startswith("- ")]


def test_a_silence_and_its_end_are_mailed_once(db_url, mailed, make):
    """Twelve days into a source's silence everybody who is named gets one letter, no
    second one in the weeks that follow, and one more when the source is heard again.
    """
    bench = make(db_url)
    bench.tick(SUNDAY)
    bench.feed.says = lambda _: None
    bench.live(SUNDAY + 4 * WEEK, every=12 * HOUR)
    assert [to for to, _ in mailed.taken] == [ANN, "ops@example.org"]
    (_, letter), (_, other) = mailed.taken
    assert letter["Subject"] == "Pricetrail: no source was read for too long"
    assert letter["Message-ID"] != other["Message-ID"]
    assert letter["Auto-Submitted"] == "auto-generated"
    since = "2026-01-04, 11 d ago"
    every, one = lines(letter)
    assert every.startswith(f"no source was read well since {since}; does")
    assert one.startswith(f"litellm was not read well since {since}; see")
    bench.feed.says = lambda _: small_map()
    bench.live(SUNDAY + 8 * WEEK, every=12 * HOUR)
    assert len(mailed.taken) == 4
    over = mailed.taken[-1][1]
    assert lines(over) == [
        "sources are read well again, on 2026-02-01 at 04:55 UTC",
        "litellm was read well again, on 2026-02-01 at 04:55 UTC",
    ]
    assert over["Subject"].endswith("(and 1 more)")


def test_a_second_silence_on_the_same_day_is_news(sqlite_url, mailed, write, make):
    """A source that is read hourly may fall silent twice a day, and both are told."""
    write(mailed.port, ANN)
    bench = make(sqlite_url, plan=usual(litellm=HOUR))
    settings = config.load()
    bench.hooks = {
        "notices": lambda store, now: notices.send_due(store, hourly(settings), now)
    }
    for silent in (range(3, 7), range(10, 14)):
        for hour in range(silent.start - 3, silent.stop):
            bench.feed.says = [lambda _: small_map(), lambda _: None][hour in silent]
            bench.tick(SUNDAY + hour * HOUR)
    told = Tables(sqlite_url).column("SELECT change FROM digest_items ORDER BY id")
    since = ("2026-01-04T06:55:00Z", "2026-01-04T13:55:00Z")
    assert [name for name in told if name.startswith("silent:litellm")] == [
        f"silent:litellm@{at}" for at in since
    ]


def hourly(settings):
    """The same settings, with litellm read every hour."""
    schedule = settings.schedule.model_copy(
        update={"cadence": {**settings.schedule.cadence, "litellm": HOUR}}
    )
    return settings.model_copy(update={"schedule": schedule})


def silent(url, make):
    """A database in which nothing was read for two weeks, and its store."""
    bench = make(url)
    bench.hooks = {}
    bench.tick(SUNDAY)
    return Store(url), SUNDAY + 2 * WEEK


def waiting(url):
    """Whom a letter waits for, by its name."""
    rows = Tables(url).rows("SELECT recipient, message_id FROM deliveries ORDER BY id")
    return [row["recipient"] for row in rows]


@pytest.mark.usefixtures("mailed")
def test_a_crash_loses_and_repeats_no_notice(db_url, make):
    """Wherever the process dies while it puts notices into the outbox, the next one
    finishes: one letter for each, whole.
    """
    store, now = silent(db_url, make)
    settings = config.load()
    with crash_at(0) as sent:
        notices.send_due(store, settings, now)
    tables = Tables(db_url)
    whole = waiting(db_url), tables.column("SELECT change FROM digest_items")
    assert whole[0] == [ANN, OPS]
    for statement in range(1, len(sent) + 1):
        for table in ("deliveries", "digest_items", "digests"):
            tables.execute(f"DELETE FROM {table}")
        with crash_at(statement), suppress(Crash):
            notices.send_due(store, settings, now)
        notices.send_due(store, settings, now)
        found = waiting(db_url), tables.column("SELECT change FROM digest_items")
        assert found == whole, statement
    store.close()


@pytest.mark.usefixtures("mailed")
def test_two_schedulers_tell_a_silence_once(postgres_url, make):
    """Two that find the same silence at once put one letter each into the outbox."""
    store, now = silent(postgres_url, make)
    stores, gate = [store, Store(postgres_url)], threading.Barrier(2)
    settings = config.load()

    def tells(own):
        gate.wait()
        notices.send_due(own, settings, now)

    threads = [threading.Thread(target=tells, args=(own,)) for own in stores]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for own in stores:
        own.close()
    assert waiting(postgres_url) == [ANN, OPS]


def test_a_notice_outlives_a_mail_server_that_is_down(sqlite_url, write, make):
    """A notice waits in the outbox like any letter, and arrives in the end."""
    port = free_port()
    write(port, ANN)
    bench = make(sqlite_url)
    bench.tick(SUNDAY)
    bench.feed.says = lambda _: None
    bench.live(SUNDAY + 11 * DAY + HOUR, every=12 * HOUR)
    assert "1 waiting, 0 failed" in cli("outbox", "--db", sqlite_url).out
    box = Mailbox(port=port)
    with serving(box, security="none"):
        bench.live(SUNDAY + 12 * DAY, every=12 * HOUR)
    assert [to for to, _ in box.taken] == [ANN]


def test_who_is_named_later_hears_of_what_lasts(sqlite_url, mailed, write, make):
    """A new recipient is told of a silence that others were told of before."""
    write(mailed.port, ANN)
    store, now = silent(sqlite_url, make)
    notices.send_due(store, config.load(), now)
    write(mailed.port, ANN, OPS)
    notices.send_due(store, config.load(), now + DAY)
    store.close()
    assert waiting(sqlite_url) == [ANN, OPS]


def test_a_source_that_is_not_watched_any_more(sqlite_url, mailed, write, make):
    """The end of a silence that the configuration ended is told as that."""
    write(mailed.port, ANN, more='openai = "1w"\n'.replace("openai", "litellm"))
    store, now = silent(sqlite_url, make)
    settings = config.load()
    notices.send_due(store, settings, now)
    schedule = settings.schedule.model_copy(update={"cadence": dict.fromkeys(SOURCES)})
    without = settings.model_copy(update={"schedule": schedule})
    notices.send_due(store, without, now + DAY)
    content = Tables(sqlite_url).column("SELECT content FROM digests ORDER BY id")[-1]
    store.close()
    assert b"litellm counts as overdue no more" in bytes(content).replace(b"=\r\n", b"")


def test_nobody_named_nobody_told(sqlite_url, home, make):
    """Without [schedule] notify nothing is stored and nothing is sent."""
    store, now = silent(sqlite_url, make)
    notices.send_due(store, config.load(), now)
    assert waiting(sqlite_url) == []
    assert silence.notices(store, now, config.load())
    store.close()


def test_a_wrong_clock_is_mailed_and_nothing_is_over(sqlite_url, mailed, write, make):
    """A clock that was set back is a notice of its own; of silences nothing is said
    before it is right again.
    """
    write(mailed.port, ANN)
    bench = make(sqlite_url)
    bench.tick(SUNDAY)
    bench.feed.says = lambda _: None
    bench.live(SUNDAY + 12 * DAY, every=12 * HOUR)
    for hour in range(3):
        bench.tick(SUNDAY - WEEK + hour * HOUR)
    subjects = [letter["Subject"] for _, letter in mailed.taken]
    assert subjects[1:] == ["Pricetrail: the clock is wrong, nothing is read"]
    bench.tick(SUNDAY + 12 * DAY)
    assert lines(mailed.taken[-1][1]) == [
        "the clock is right again, and the sources are read at their times"
    ]
    assert len(mailed.taken) == 3


def test_the_program_mails_what_fell_silent(db_url, mailed, home, write, monkeypatch):
    """`schedule --once`, run by cron over three weeks in which the page is gone and
    comes back, mails one notice and its end.
    """
    write(mailed.port, ANN)
    only = OFF.replace('openrouter = "off"', 'litellm = "off"')
    path = home / "pricetrail.toml"
    path.write_text(path.read_text().replace(OFF, f"{only}[crawl]\ndelay = 0\n"))

    def once(at):
        with freeze_time(at, real_asyncio=True):
            return cli("schedule", "--once", "--db", db_url)

    with internet() as net:
        net.host(PAGES["openrouter"])
        monkeypatch.setenv("PRICETRAIL_ORIGINS", json.dumps(net.origins))
        assert once(SUNDAY).code == 3
        assert mailed.taken == []
        for day in (11, 12, 13):
            assert "openrouter was never read well" in once(SUNDAY + day * DAY).out
        net.serve(PAGES["openrouter"], well("openrouter", ROUTED))
        assert once(SUNDAY + 2 * WEEK).code == 0
    first, last = [letter["Subject"] for _, letter in mailed.taken]
    assert first == "Pricetrail: no source was read for too long"
    assert last.startswith("Pricetrail: sources are read well again, on 2026-01-18 at")


@pytest.mark.parametrize("said", ['"ops@example.org"', '["nobody"]', '["apprise:x y"]'])
def test_a_recipient_that_is_none_is_refused(home, said):
    """[schedule] notify takes a list of addresses and channels, and nothing else."""
    (home / "pricetrail.toml").write_text(f"[schedule]\nnotify = {said}\n")
    ran = cli("config", "check")
    assert ran.code == 2
    assert "[schedule" in ran.text
    assert "notify" in ran.text


def test_the_recipients_are_shown(home, write):
    """`config show` lists who is notified."""
    write(25, ANN, OPS)
    shown = json.loads(cli("config", "show", "--format", "json").out)
    (row,) = [row for row in shown if row["setting"] == "notify"]
    assert (row["section"], row["value"]) == ("schedule", f"{ANN}, {OPS}")
