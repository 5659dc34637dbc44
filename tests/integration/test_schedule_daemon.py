"""The daemon as a process: it reads at its times, tells how it is, stops when told."""

import json
import os
import signal
import socket
import subprocess
import threading
import urllib.error
import urllib.request
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest
from freezegun import freeze_time

from tests.support.crawls import PAGES, well
from tests.support.loopback import internet
from tests.support.maps import body, small_map
from tests.support.program import cli, command, environment
from tests.support.scheduling import DAY, HOUR, MINUTE, SUNDAY, WEEK, Bench
from tests.support.tables import Tables
from tracker import config, wiring
from tracker.domain.errors import StorageError, UsageError
from tracker.schedule import daemon
from tracker.schedule.health import LATE, Pulse, served
from tracker.sources.registry import SOURCES

ONLY_LITELLM = "[crawl]\ndelay = 0\n[schedule.cadence]\n" + "".join(
    f'{name} = "off"\n' for name in SOURCES if name != "litellm"
)


@pytest.fixture
def net():
    """An internet with litellm's map in it, that answers when it is let."""
    with internet() as built:
        built.asked, built.let = threading.Event(), threading.Event()
        answer = well("litellm", body(small_map()))

        def waiting(visit):
            built.asked.set()
            built.let.wait(30)
            answer(visit)

        built.serve(PAGES["litellm"], waiting)
        yield built
        built.let.set()


@pytest.fixture
def home(tmp_path, monkeypatch):
    """A folder with a configuration that reads litellm alone."""
    for name in [n for n in os.environ if n.startswith("PRICETRAIL_")]:
        monkeypatch.delenv(name)
    (tmp_path / "pricetrail.toml").write_text(ONLY_LITELLM, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@contextmanager
def running(url, home, net, *words):
    """The daemon as a process of its own, killed in the end if it still runs."""
    process = subprocess.Popen(
        command("schedule", "--db", url, *words),
        cwd=home,
        env=environment(PRICETRAIL_ORIGINS=json.dumps(net.origins)),
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def free_port():
    """A port of loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def asked_health(port):
    """Status and answer of /healthz."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz") as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as fault:
        with fault:
            return fault.code, json.loads(fault.read() or b"{}")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_daemon_that_is_told_to_stop_finishes_its_work(db_url, home, net, number):
    """A signal in the middle of a sync lets it end, and the exit is 0."""
    port = free_port()
    with running(db_url, home, net, "--health-port", str(port)) as process:
        assert net.asked.wait(30)
        status, said = asked_health(port)
        assert (status, said["working"]) == (200, True)
        process.send_signal(number)
        lines = []
        while "stopping" not in "".join(lines[-1:]):
            lines.append(process.stderr.readline())
            assert lines[-1], lines
        net.let.set()
        rest = process.stderr.read()
        assert process.wait(30) == 0, rest
    assert "slot done" in rest
    assert rest.endswith("scheduler stopped\n")
    rows = Tables(db_url).rows("SELECT kind, outcome FROM runs")
    assert rows == [{"kind": "scheduled", "outcome": "done"}]
    assert len(Tables(db_url).steps()) == 180


def test_a_killed_daemon_leaves_its_slot_to_the_next(db_url, home, net, monkeypatch):
    """After kill -9 in the middle of a sync the slot is done once its lease is over."""
    with running(db_url, home, net) as process:
        assert net.asked.wait(30)
        process.kill()
        process.wait()
    net.let.set()
    monkeypatch.setenv("PRICETRAIL_ORIGINS", json.dumps(net.origins))
    assert cli("schedule", "--once", "--db", db_url).out == "nothing is due\n"
    Tables(db_url).execute("UPDATE runs SET lease_until = started_at")
    ran = cli("schedule", "--once", "--db", db_url)
    assert ran.code == 0, ran.text
    assert "slot taken over" in ran.err
    assert "done, 1 of 1 source read" in ran.out
    assert len(Tables(db_url).steps()) == 180


def test_once_does_what_is_due_and_exits(db_url, home, net, monkeypatch):
    """`schedule --once` reads what is due; run again, it has nothing to do."""
    net.let.set()
    monkeypatch.setenv("PRICETRAIL_ORIGINS", json.dumps(net.origins))
    first = cli("schedule", "--once", "--db", db_url)
    assert (first.code, "scheduled slot of " in first.out) == (0, True), first.text
    again = cli("schedule", "--once", "--db", db_url)
    assert (again.code, again.out) == (0, "nothing is due\n")


def test_the_schedule_sends_what_is_news(sqlite_url, home, net, monkeypatch):
    """A slot is followed by the digests of who subscribed, and by their delivery."""
    net.let.set()
    monkeypatch.setenv("PRICETRAIL_ORIGINS", json.dumps(net.origins))
    with (home / "pricetrail.toml").open("a", encoding="utf-8") as file:
        file.write('[subscriptions.me]\nto = ["me@example.org"]\nempty = true\n')
    ran = cli("schedule", "--once", "--db", sqlite_url)
    assert ran.code == 0, ran.text
    assert "failed" not in ran.err
    letters = list((home / "pricetrail-mail").glob("*.eml"))
    assert len(letters) == 1
    cli("schedule", "--once", "--db", sqlite_url)
    assert list((home / "pricetrail-mail").glob("*.eml")) == letters


def test_once_tells_failure_by_its_exit_code(db_url, home, monkeypatch):
    """Where no source can be read the code is 3, and the source is in the log."""
    only = ONLY_LITELLM.replace('openai = "off"', 'litellm = "off"')
    (home / "pricetrail.toml").write_text(only, encoding="utf-8")
    with internet() as empty:
        empty.host(PAGES["openai"])
        monkeypatch.setenv("PRICETRAIL_ORIGINS", json.dumps(empty.origins))
        ran = cli("schedule", "--once", "--db", db_url)
    assert ran.code == 3, ran.text
    assert "source read  source=openai outcome=failed" in ran.err
    assert "failed, 0 of 1 source read" in ran.out


@freeze_time("2026-03-28T12:00:00Z")
def test_the_list_of_slots(db_url, home):
    """`schedule --list` shows what is due and the next slots, in UTC."""
    rows = json.loads(cli("schedule", "--list", "--db", db_url, "--format", "json").out)
    due, *coming = [(r["slot"], r["state"], r["sources"]) for r in rows]
    assert due == ("2026-03-22T04:55:00Z", "due", "litellm")
    assert coming[:2] == [
        ("2026-03-29T04:55:00Z", "planned", "litellm"),
        ("2026-04-05T04:55:00Z", "planned", "litellm"),
    ]
    text = cli("schedule", "--list", "--db", db_url).out
    assert "Sun 2026-03-29 04:55" in text
    assert "16 h 55 min" in text


def test_the_list_shows_work_and_second_looks(sqlite_url, home):
    """The list tells who works on a slot, and when a held value is looked at again."""
    bench = Bench(sqlite_url, plan=config.load().schedule.calendar())
    bench.feed.says = lambda _: None
    bench.tick(SUNDAY)
    with freeze_time(SUNDAY + HOUR):
        said = cli("schedule", "--list", "--db", sqlite_url).out
    assert "confirm     planned" in said
    claimed = "INSERT INTO runs (kind, slot, started_at, note) VALUES "
    Tables(sqlite_url).execute(
        claimed + "('scheduled', '2026-01-11T04:55:00Z', '2026-01-11T04:55:00Z', 'me')"
    )
    with freeze_time(SUNDAY + WEEK + MINUTE):
        said = cli("schedule", "--list", "--db", sqlite_url).out
    bench.close()
    assert "now   scheduled   me" in said


@pytest.mark.parametrize(
    "words",
    [("--once", "--list"), ("--once", "--health-port", "8080"), ("--health-port", "0")],
)
def test_words_that_do_not_fit(home, words):
    """Options that exclude each other are refused."""
    assert cli("schedule", *words).code == 2


def test_a_taken_port_is_told():
    """A port that somebody else has is a line that says so."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        pulse = Pulse(wiring.now)
        port = taken.getsockname()[1]
        with pytest.raises(UsageError, match="not to be had"), served(pulse, port):
            pass


def test_health_in_words():
    """Well, at work, hung or failing: the status says which, and the answer why."""
    bench = Bench("sqlite://")
    pulse = Pulse(bench.clock)
    with served(pulse, free_port()) as port:
        assert asked_health(port)[0] == 200
        bench.now += LATE + MINUTE
        assert asked_health(port)[1]["fault"] == "no tick for too long"
        pulse.begins()
        bench.now += 5 * LATE
        assert asked_health(port)[0] == 200
        pulse.ends("the disk is full")
        assert asked_health(port) == (503, pulse.answer()[1])
        pulse.ends(notices=("openai is silent",))
        assert asked_health(port)[1]["notices"] == ["openai is silent"]
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/etc/passwd")
        with refused.value as answer:
            assert answer.code == 404
    with served(pulse, None) as nowhere:
        assert nowhere is None


@pytest.fixture
def ticking(sqlite_url, home):
    """A daemon that ticks when it is told, on a clock of the test's own."""
    settings = config.load()
    bench = Bench(sqlite_url, plan=settings.schedule.calendar())

    def opened():
        return wiring.opened(sqlite_url, fresh=True)

    found = daemon.Daemon(settings, opened, bench.work, Pulse(bench.clock))
    found.bench = bench
    return found


def test_a_tick_that_fails_is_told_and_the_next_one_works(ticking):
    """A database that cannot be used makes the daemon ill, not dead."""
    works = ticking.opened

    def broken():
        raise StorageError("database locked; try again")

    ticking.opened = broken
    assert ticking.beat() == []
    assert ticking.pulse.answer()[1]["fault"] == "database locked; try again"
    ticking.opened = works
    assert [d.outcome for d in ticking.beat()] == ["done"]
    assert ticking.pulse.answer()[0] == 200


def test_a_fault_that_nobody_foresaw_is_one_line(ticking):
    """A bug is told with its place, and does not end the daemon."""
    ticking.bench.feed.says = [].index
    assert ticking.beat() == []
    (told,) = ticking.bench.events("tick failed")
    assert told["error"].startswith("ValueError: 'litellm' is not in list at find:")
    assert "\n" not in told["error"]


def test_silence_is_told_once_a_day(ticking):
    """A source that is silent for too long is told of once a day, until it is heard."""
    ticking.bench.feed.says = lambda _: None
    for hour in range(0, 13 * 24, 12):
        ticking.bench.now = SUNDAY + hour * HOUR
        ticking.beat()
    told = ticking.bench.events("silence")
    assert [fields["source"] for fields in told] == ["", "litellm"] * 2
    assert "litellm was never read well; see pricetrail sources" in told[1]["note"]
    assert ticking.pulse.answer()[1]["notices"]
    ticking.bench.feed.says = lambda _: small_map()
    ticking.bench.now = SUNDAY + 2 * WEEK
    ticking.beat()
    assert ticking.pulse.answer()[1]["notices"] == []


def test_notices_name_the_last_good_reading(ticking):
    """A notice says since when, and what to do."""
    from tracker.checks.silence import silent_for

    ticking.beat()
    with ticking.opened() as store:
        late = SUNDAY + 11 * DAY
        every, one = silent_for(store, late, ticking.config)
    assert every.text.startswith("no source was read well since 2026-01-04, 11 d ago;")
    assert one.text.startswith("litellm was not read well since 2026-01-04, 11 d ago;")
    assert (one.key, one.since) == ("silent:litellm@2026-01-04T04:55:00Z", SUNDAY)


def test_events_are_lines_that_no_value_can_forge():
    """A field with a line break, a quote or an escape is quoted, and stays one line."""
    from tracker.schedule.events import line

    at = datetime(2026, 1, 4, tzinfo=UTC)
    assert line(at, "slot done") == "2026-01-04T00:00:00Z slot done"
    forged = line(
        at, "slot done", note='a\n2026 b=c "\x1b[31m', nothing=None, after=DAY
    )
    assert forged == (
        "2026-01-04T00:00:00Z slot done  "
        'note="a\\n2026 b=c \\"\\u001b[31m" after=86400s'
    )


def test_the_daemon_needs_no_more_than_its_configuration(home):
    """What is made of a configuration reads the network, as this process."""
    work = daemon.work(config.load())
    assert list(work.calendar.cadences) == ["litellm"]
    assert work.holder.endswith(f":{os.getpid()}")
    assert list(work.hooks) == ["digests", "notices", "outbox"]
