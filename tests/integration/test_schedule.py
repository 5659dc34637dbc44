"""The schedule on real databases: every slot once, whatever happens in between."""

import threading
import time as clocks
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta

import pytest

from storage import slots as slot_rows
from storage.unit_of_work import Store
from tests.support.maps import body, edited, small_map
from tests.support.scheduling import DAY, HOUR, MINUTE, SUNDAY, WEEK, Bench, usual
from tests.support.tables import Tables
from tracker.domain.errors import StorageError
from tracker.schedule import due

RUNS = "SELECT kind, slot, outcome, note FROM runs ORDER BY kind, slot"


@pytest.fixture
def make():
    """Make schedulers, and close their databases in the end."""
    with ExitStack() as stack:

        def made(url, **given):
            bench = Bench(url, **given)
            stack.callback(bench.close)
            return bench

        yield made


@pytest.fixture
def bench(db_url, make):
    """A scheduler on a database of each kind in turn."""
    return make(db_url)


def runs(trail_or_bench, kind="scheduled"):
    """The slots of a kind, and how they ended."""
    rows = Tables(trail_or_bench.url).rows(RUNS)
    return [(instant(r["slot"]), r["outcome"]) for r in rows if r["kind"] == kind]


def instant(said):
    """An instant as either database gives it."""
    if isinstance(said, str):
        return datetime.fromisoformat(said)
    return said.astimezone(UTC)


def dearer(weeks):
    """The map some weeks later: one price has gone up a little."""
    return edited(small_map(), input_cost_per_token=(101 + weeks) * 1e-8)


def tenfold():
    """A map with a price that the gate holds."""
    return edited(small_map(), input_cost_per_token=1.01e-05)


def test_the_first_tick_reads_and_the_next_does_not(bench):
    """A slot is worked on once, however often it is asked for."""
    assert [d.outcome for d in bench.tick(SUNDAY)] == ["done"]
    assert bench.tick(SUNDAY + MINUTE) == []
    assert runs(bench) == [(SUNDAY, "done")]


def test_weeks_of_slots(bench):
    """Ten weeks of ticks make ten slots, each read once, a week apart."""
    bench.live(SUNDAY + 10 * WEEK, every=6 * HOUR)
    assert runs(bench) == [(SUNDAY + n * WEEK, "done") for n in range(10)]
    assert len(bench.feed.asked) == 10


def test_missed_slots_are_caught_up_once(bench):
    """After three weeks down the last slot is read late, and the table says so of the
    others; what was read is dated when it was read.
    """
    bench.tick(SUNDAY)
    late = SUNDAY + 3 * WEEK + 2 * DAY
    assert [d.slot for d in bench.tick(late)] == [SUNDAY + 3 * WEEK]
    assert runs(bench) == [
        (SUNDAY, "done"),
        (SUNDAY + WEEK, "missed"),
        (SUNDAY + 2 * WEEK, "missed"),
        (SUNDAY + 3 * WEEK, "done"),
    ]
    assert [at for _, at in bench.feed.asked] == [SUNDAY, late]
    assert bench.events("slots missed") == [{"count": 2, "first": SUNDAY + WEEK}]


def test_a_clock_set_back_runs_nothing_twice(bench):
    """Slots that the clock passes again are not worked on again, and later ones are."""
    bench.live(SUNDAY + 2 * WEEK + HOUR)
    assert bench.tick(SUNDAY + WEEK - HOUR) == []
    assert bench.live(SUNDAY + 2 * WEEK + 2 * HOUR) == []
    assert [d.slot for d in bench.tick(SUNDAY + 3 * WEEK)] == [SUNDAY + 3 * WEEK]


def test_a_clock_that_was_years_ahead_does_not_silence_the_schedule(bench):
    """A slot that was taken in 2035 by mistake holds no slot of today up."""
    bench.tick(SUNDAY)
    bench.tick(SUNDAY + 10 * 365 * DAY)
    assert bench.tick(SUNDAY + WEEK + HOUR) != []


def test_a_manual_sync_counts(bench, trail):
    """A source that was read by hand after its slot is not read again for it."""
    trail.sync(small_map(), "2026-01-04T06:00:00Z")
    done = bench.tick(SUNDAY + 5 * HOUR)
    assert [(d.outcome, d.sources) for d in done] == [("done", ())]
    assert bench.feed.asked == []


def test_cadences_of_their_own(bench):
    """A daily source is read every day, a weekly one with it on Sundays."""
    bench.plan = usual(litellm=WEEK, openai=DAY)
    bench.feed.says = lambda name: small_map() if name == "litellm" else None
    bench.live(SUNDAY + WEEK, every=12 * HOUR)
    asked = [name for name, _ in bench.feed.asked]
    assert asked.count("litellm") == 1
    assert asked.count("openai") >= 7
    assert len(runs(bench)) == 7


def test_a_hold_is_looked_at_again_within_hours(bench):
    """After something is held its source is read six hours later, and a day after."""
    bench.tick(SUNDAY)
    bench.feed.says = lambda _: tenfold()
    assert [d.outcome for d in bench.tick(SUNDAY + WEEK)] == ["partly"]
    bench.live(SUNDAY + WEEK + 5 * DAY)
    looks = [at for at, _ in runs(bench, "confirm")]
    assert looks == [SUNDAY + WEEK + 6 * HOUR, SUNDAY + WEEK + DAY + 6 * HOUR]
    assert [at - SUNDAY - WEEK for _, at in bench.feed.asked[1:]] == [
        timedelta(0),
        6 * HOUR,
        DAY + 6 * HOUR,
    ]


def test_a_second_look_that_finds_nothing_ends_it(bench):
    """Where the second look finds the source mended, there is no third one."""
    bench.tick(SUNDAY)
    bench.feed.says = lambda _: None
    bench.tick(SUNDAY + WEEK)
    bench.feed.says = lambda _: dearer(1)
    bench.live(SUNDAY + WEEK + 3 * DAY)
    assert runs(bench, "confirm") == [(SUNDAY + WEEK + 6 * HOUR, "done")]


def test_a_source_that_fails_is_tried_twice_more_and_then_waits(bench):
    """A source on holiday is asked three times a week, not every minute."""
    bench.feed.says = lambda _: None
    bench.live(SUNDAY + 2 * WEEK)
    assert len(bench.feed.asked) == 6
    assert {outcome for _, outcome in runs(bench)} == {"failed"}


def test_only_troubled_sources_are_looked_at_again(bench):
    """The second look asks the source that failed, and no other."""
    bench.plan = usual(litellm=WEEK, openai=WEEK)
    bench.feed.says = lambda name: small_map() if name == "litellm" else None
    bench.live(SUNDAY + DAY)
    assert [name for name, _ in bench.feed.asked] == ["litellm", "openai", "openai"]


def test_a_backfill_calls_for_no_second_look(bench):
    """What a backfill could not read is not read again by the schedule."""
    bench.feed.says = lambda _: None
    bench.tick(SUNDAY)
    Tables(bench.url).execute("UPDATE runs SET kind = 'backfill'")
    bench.plan = usual(openai=WEEK)
    bench.feed.says = lambda _: None
    bench.tick(SUNDAY + MINUTE)
    bench.plan = usual(litellm=WEEK, openai=WEEK)
    bench.live(SUNDAY + 7 * HOUR)
    assert [name for name, _ in bench.feed.asked] == ["litellm", "openai", "openai"]


class Killed(BaseException):
    """What a process meets that is killed."""


def killing(bench, source):
    """A feed that kills the process at a source."""

    def says(name):
        if name == source:
            raise Killed
        return small_map() if name == "litellm" else None

    bench.feed.says = says


def test_a_slot_whose_holder_died_is_taken_over(bench, make):
    """A killed run keeps its slot until the lease ends; then it is done, and what was
    read before is not read again.
    """
    bench.plan = usual(litellm=WEEK, openai=WEEK)
    killing(bench, "openai")
    with pytest.raises(Killed):
        bench.tick(SUNDAY)
    other = make(bench.url, plan=bench.plan, holder="there:2")
    other.feed.says = lambda _: None
    assert other.tick(SUNDAY + 5 * MINUTE) == []
    done = other.tick(SUNDAY + 11 * MINUTE)
    assert [(d.slot, d.outcome) for d in done] == [(SUNDAY, "partly")]
    assert [name for name, _ in other.feed.asked] == ["openai"]
    assert other.events("slot taken over") == [{"slot": SUNDAY, "tries": 2}]


def test_a_run_that_always_dies_is_given_up(bench):
    """After five tries a slot is closed as failed, and the next week begins anew."""
    killing(bench, "litellm")
    at = SUNDAY
    for _ in range(due.TRIES):
        with pytest.raises(Killed):
            bench.tick(at)
        at += 11 * MINUTE
    assert [d.outcome for d in bench.tick(at)] == ["failed"]
    assert bench.tick(at + HOUR) == []
    bench.feed.says = lambda _: small_map()
    assert [d.outcome for d in bench.tick(SUNDAY + WEEK)] == ["done"]


def test_a_dead_run_is_closed_by_the_next_slot(bench):
    """A run that died before a long pause is not begun again; the next slot does it."""
    killing(bench, "litellm")
    with pytest.raises(Killed):
        bench.tick(SUNDAY)
    bench.feed.says = lambda _: small_map()
    bench.tick(SUNDAY + WEEK)
    assert runs(bench) == [(SUNDAY, "failed"), (SUNDAY + WEEK, "done")]
    assert bench.tick(SUNDAY + WEEK + HOUR) == []


def test_a_holder_that_lost_its_lease_does_not_end_the_slot(bench):
    """Who was taken over can neither renew its lease nor write the slot's end."""
    store = Store(bench.url)
    given = {"now": SUNDAY, "lease": 10 * MINUTE}
    with store.writing() as unit:
        mine = slot_rows.claim(
            unit.connection, "scheduled", SUNDAY, holder="a:1", **given
        )
        assert slot_rows.renew(unit.connection, mine, SUNDAY + 20 * MINUTE)
        later = {"now": SUNDAY + HOUR, "lease": 10 * MINUTE}
        theirs = slot_rows.take_over(unit.connection, holder="b:2", **later)
        assert theirs is not None
        assert not slot_rows.renew(unit.connection, mine, SUNDAY + 2 * HOUR)
        slot_rows.settle(unit.connection, mine, at=SUNDAY, outcome="done", note=None)
        assert slot_rows.take_over(unit.connection, holder="c:3", **later) is None
        unit.commit()
    store.close()
    assert runs(bench) == [(SUNDAY, None)]


def test_the_lease_is_renewed_while_work_goes_on(bench, monkeypatch):
    """A sync that takes longer than its lease keeps the slot."""
    monkeypatch.setattr(due, "RENEWAL", timedelta(milliseconds=5))
    renewed = threading.Event()
    renew = slot_rows.renew

    def noted(*given):
        found = renew(*given)
        renewed.set()
        return found

    def says(_):
        bench.now = SUNDAY + HOUR
        assert renewed.wait(60)
        return small_map()

    monkeypatch.setattr(slot_rows, "renew", noted)
    bench.feed.says = says
    assert [d.outcome for d in bench.tick(SUNDAY)] == ["done"]


@pytest.mark.parametrize("problem", ["fault", "lost"])
def test_a_lease_that_cannot_be_renewed_is_told(bench, monkeypatch, problem):
    """A renewal that fails is an event, and the work goes on to its end."""
    monkeypatch.setattr(due, "RENEWAL", timedelta(milliseconds=5))
    tried = threading.Event()

    def fails(*_):
        tried.set()
        if problem == "fault":
            raise StorageError("the disk is tired")
        return False

    def says(_):
        assert tried.wait(60)
        return small_map()

    monkeypatch.setattr(slot_rows, "renew", fails)
    bench.feed.says = says
    assert [d.outcome for d in bench.tick(SUNDAY)] == ["done"]
    told = {
        "fault": "lease not renewed",
        "lost": "slot was taken over by another process",
    }
    assert bench.events(told[problem])


def test_two_schedulers_share_a_month(postgres_url, make):
    """Two schedulers tick at the same instants for a month of daily slots: each slot
    is done once, by one of them.
    """
    plan = usual(litellm=DAY)
    pair = [make(postgres_url, plan=plan, holder=f"host-{n}:1") for n in range(2)]
    done = [[], []]
    gate = threading.Barrier(2)

    def lives(number):
        bench = pair[number]
        for hour in range(0, 31 * 24, 4):
            gate.wait()
            done[number] += bench.tick(SUNDAY + hour * HOUR)

    threads = [threading.Thread(target=lives, args=(n,)) for n in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    slots_done = sorted(d.slot for each in done for d in each)
    assert slots_done == [SUNDAY + n * DAY for n in range(31)]
    asked = pair[0].feed.asked + pair[1].feed.asked
    assert len(asked) == 31
    assert runs(pair[0]) == [(SUNDAY + n * DAY, "done") for n in range(31)]


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York"])
def test_summer_time_changes_nothing(sqlite_url, make, monkeypatch, zone):
    """Where the machine's own clock jumps, slots stay a week apart in UTC."""
    monkeypatch.setenv("TZ", zone)
    clocks.tzset()
    try:
        bench = make(sqlite_url, now=datetime(2026, 3, 1, tzinfo=UTC))
        bench.live(datetime(2026, 11, 15, tzinfo=UTC), every=8 * HOUR)
    finally:
        monkeypatch.undo()
        clocks.tzset()
    found = [at for at, _ in runs(bench)]
    first = datetime(2026, 2, 22, 4, 55, tzinfo=UTC)
    assert found == [first + n * WEEK for n in range(38)]


def test_leap_day_and_the_end_of_a_year(sqlite_url, make):
    """Daily slots over the ends of 2027 and of February 2028 leave no day out."""
    bench = make(sqlite_url, now=datetime(2027, 12, 28, 5, tzinfo=UTC))
    bench.plan = usual(litellm=DAY)
    bench.live(datetime(2028, 3, 3, 5, tzinfo=UTC), every=12 * HOUR)
    days = [f"{at:%m-%d}" for at, _ in runs(bench)]
    assert len(days) == len(set(days)) == 66
    assert {"12-31", "01-01", "02-28", "02-29", "03-01"} <= set(days)


def test_what_follows_the_slots(bench):
    """Digests and the outbox get their turn at each tick; a fault of theirs is told
    and holds nothing up.
    """
    called = []

    def breaks(_store, _now):
        raise StorageError("no room for mail")

    bench.hooks = {
        "digests": breaks,
        "outbox": lambda store, now: called.append((store.db, now)),
    }
    bench.tick(SUNDAY)
    assert called == [(bench.url, SUNDAY)]
    assert bench.events("digests failed") == [{"error": "no room for mail"}]


def test_a_scheduled_change_is_told_as_any_other(bench):
    """What the schedule reads ends up on the timeline, dated when it was read."""
    bench.tick(SUNDAY)
    bench.feed.says = lambda _: body(dearer(5))
    bench.tick(SUNDAY + WEEK)
    changed = [s for s in Tables(bench.url).steps() if s[2] == "changed"]
    assert len(changed) == 1
