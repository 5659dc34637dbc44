"""A clock that was set back: nothing is filed in the past, everybody is told, and the
schedule goes on when it is right again.
"""

from contextlib import ExitStack
from datetime import UTC, datetime

import pytest
from freezegun import freeze_time

from tests.support.maps import edited, small_map
from tests.support.program import cli
from tests.support.scheduling import DAY, HOUR, MINUTE, SUNDAY, WEEK, Bench, usual
from tests.support.tables import Tables
from tracker import config, wiring
from tracker.schedule import daemon
from tracker.schedule.health import Pulse

CAPTURES = "SELECT observed_at, status FROM captures ORDER BY observed_at"
NOTED = (
    "SELECT r.slot, r.outcome, s.name, n.outcome AS noted, n.note FROM runs r "
    "JOIN source_runs n ON n.run_id = r.id JOIN sources s ON s.id = n.source_id "
    "ORDER BY r.id, s.name"
)
LONG_AGO = SUNDAY - 5 * WEEK


@pytest.fixture
def bench(db_url):
    """A scheduler that has read litellm twice, on a database of each kind in turn."""
    with ExitStack() as stack:
        made = Bench(db_url)
        stack.callback(made.close)
        made.live(SUNDAY + WEEK + HOUR)
        yield made


def dearer():
    """The map with one price gone up."""
    return edited(small_map(), input_cost_per_token=1.2e-06)


def test_a_slot_is_refused_while_the_clock_is_behind(bench):
    """By a clock of five weeks ago a due slot is closed as failed, with the reason at
    its sources and in the log; nobody is asked and nothing is filed.
    """
    tables = Tables(bench.url)
    before, asked = tables.rows(CAPTURES), list(bench.feed.asked)
    bench.feed.says = lambda _: dearer()
    done = bench.tick(LONG_AGO)
    assert [(d.slot, d.outcome, d.exit_code) for d in done] == [(LONG_AGO, "failed", 3)]
    assert bench.feed.asked == asked
    assert tables.rows(CAPTURES) == before
    said = "the clock says 2025-11-30T04:55Z, but the schedule worked at 2026-01-11"
    (event,) = bench.events("clock set back")
    assert event["note"].startswith(said)
    last = tables.rows(NOTED)[-1]
    assert (last["outcome"], last["name"], last["noted"]) == (
        *("failed", "litellm", "failed"),
    )
    assert last["note"].startswith(said)


def test_the_schedule_goes_on_when_the_clock_is_right_again(bench):
    """After the clock was mended the next slot is read at its time, and what it says
    stands where it belongs; no second look is due to the refused one.
    """
    for hour in range(0, 40, 4):
        bench.tick(LONG_AGO + hour * HOUR)
    bench.feed.says = lambda _: dearer()
    bench.now = SUNDAY + WEEK + DAY
    done = bench.live(SUNDAY + 2 * WEEK + DAY + HOUR)
    assert [(d.kind, d.slot, d.outcome) for d in done] == [
        ("scheduled", SUNDAY + 2 * WEEK, "done")
    ]
    read = [at.date() for _, at in bench.feed.asked]
    assert read == [(SUNDAY + n * WEEK).date() for n in range(3)]
    changed = [step for step in Tables(bench.url).steps() if step[2] == "changed"]
    assert len(changed) == 1


def test_a_source_that_was_never_read_waits_too(bench):
    """By a clock that is behind no source is read, not even one that has no past."""
    bench.plan = usual(litellm=WEEK, openai=WEEK)
    bench.tick(LONG_AGO)
    assert {name for name, _ in bench.feed.asked} == {"litellm"}


def test_a_clock_that_is_a_little_behind_is_right(bench):
    """Two machines whose clocks are minutes apart share a schedule."""
    bench.plan = usual(litellm=DAY)
    later = SUNDAY + WEEK + DAY
    bench.tick(later + 30 * MINUTE)
    assert bench.tick(later + 2 * MINUTE) == []
    assert bench.events("clock set back") == []


def test_a_body_dated_ahead_stops_its_own_source_only(bench):
    """What a person filed in the future by --at holds up that source, and no other."""
    bench.feed.says = lambda name: small_map() if name == "litellm" else None
    bench.plan = usual(litellm=WEEK, openai=WEEK)
    Tables(bench.url).execute(
        "UPDATE captures SET observed_at = '2026-09-01T00:00:00Z' "
        "WHERE observed_at >= '2026-01-10'"
    )
    done = bench.tick(SUNDAY + 2 * WEEK)
    assert [d.outcome for d in done] == ["failed"]
    assert [name for name, _ in bench.feed.asked[2:]] == ["openai"]
    (litellm,) = [
        fields
        for fields in bench.events("source read")
        if fields["source"] == "litellm"
    ][2:]
    assert litellm["note"].startswith(
        "the clock says 2026-01-18T04:55Z, but litellm was read at 2026-09-01T00:00Z"
    )


def test_a_machine_that_lost_its_battery_files_nothing(db_url):
    """A first start in 1970 reads nothing, and no decades of missed slots follow."""
    bench = Bench(db_url)
    assert [d.outcome for d in bench.tick(datetime(1970, 1, 5, tzinfo=UTC))] == [
        "failed"
    ]
    assert bench.feed.asked == []
    assert [d.outcome for d in bench.tick(SUNDAY)] == ["done"]
    bench.close()


@pytest.fixture
def home(tmp_path, monkeypatch):
    """A folder to work in, without settings."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("PRICETRAIL_CONFIG", raising=False)
    return tmp_path


def test_health_fails_until_the_clock_is_right(bench, home):
    """/healthz answers 503 with the reason while the clock is wrong, and 200 after."""
    settings, pulse = config.load(), Pulse(bench.clock)

    def opened():
        return wiring.opened(bench.url)

    ticking = daemon.Daemon(settings, opened, bench.work, pulse)
    bench.now = LONG_AGO
    ticking.beat()
    status, said = pulse.answer()
    assert status == 503
    assert "nothing is read before it is set right" in said["fault"]
    assert said["notices"] == [said["fault"]]
    (event,) = bench.events("clock is wrong")
    assert event["note"] == said["fault"]
    bench.now = SUNDAY + WEEK + DAY
    ticking.beat()
    assert pulse.answer()[0] == 200


def test_doctor_and_once_tell_it(bench, home):
    """`doctor` finds the clock wrong; `schedule --once` says so and ends with 3."""
    with freeze_time(SUNDAY + WEEK - DAY):
        once = cli("schedule", "--once", "--db", bench.url)
        found = cli("doctor", "--db", bench.url)
    assert once.code == 3
    assert "the clock says 2026-01-10T04:55Z" in once.out
    assert found.code == 1
    assert "set the clock right" in found.out
