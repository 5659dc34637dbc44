"""A hold that no run told of, because the run was killed, is told by the next one."""

import shutil
from contextlib import ExitStack, suppress

import pytest

from tests.integration.test_crashes import FIRST, SECOND, Crash, after, crash_at
from tests.soak.victims import Kill, run
from tests.support.maps import edited, small_map
from tests.support.program import Trail
from tests.support.scheduling import DAY, MINUTE, SUNDAY, WEEK, Bench, usual
from tests.support.tables import Tables

THIRD, FOURTH, FIFTH = "2025-01-20", "2025-01-27", "2025-02-03"
KILLED = -9


def test_a_hold_is_told_once_when_nothing_disturbs_it(trail):
    """The run that holds something back ends with 1, and later ones with 0."""
    trail.sync(small_map(), FIRST)
    codes = [trail.sync(after(small_map()), at).code for at in (SECOND, THIRD, FOURTH)]
    assert codes == [1, 0, 0]


def test_a_hold_is_told_once_wherever_the_run_before_died(sqlite_trail, tmp_path):
    """Whatever the last statement of a run was, the next run ends with 1 for what is
    newly held, and the one after it with 0.
    """
    sqlite_trail.sync(small_map(), FIRST)
    shutil.copy(tmp_path / "trail.db", tmp_path / "before.db")
    with crash_at(0) as sent:
        sqlite_trail.sync(after(small_map()), SECOND)
    # What follows the run's end only looks at what there is, to print it.
    ends = max(n for n, sql in enumerate(sent, 1) if sql.startswith("UPDATE runs"))
    for statement in range(ends, 0, -3):
        url = f"sqlite:///{tmp_path / f'{statement}.db'}"
        shutil.copy(tmp_path / "before.db", tmp_path / f"{statement}.db")
        trail = Trail(url, tmp_path)
        with crash_at(statement), suppress(Crash):
            trail.sync(after(small_map()), SECOND)
        ran = [trail.sync(after(small_map()), at) for at in (THIRD, FOURTH, FIFTH)]
        assert [each.code for each in ran] == [1, 0, 0], statement


@pytest.mark.parametrize("before_the_end", [2, 8, 14])
def test_a_hold_is_told_once_after_kill_9(trail, before_the_end):
    """A sync that is killed between applying a body and its own end leaves the telling
    to the next one, also if that is the very same command.
    """
    trail.sync(small_map(), FIRST)
    path = str(trail.file(after(small_map())))
    given = ["sync", "--source", "litellm", "--file", path, "--at", SECOND]
    words, log = [*given, "--db", trail.url], trail.folder / "log"
    straight = run([*words, "--dry-run"], log)
    killed = run(words, log, Kill(event=straight.events - before_the_end))
    assert (straight.code, killed.code) == (1, KILLED)
    again, third = (trail(*given) for _ in range(2))
    assert (again.code, third.code) == (1, 0), again.text
    assert trail.sync(after(small_map()), THIRD).code == 0


class Killed(BaseException):
    """What a process meets that is killed."""


@pytest.fixture
def make():
    """Make schedulers, and close their databases in the end."""
    with ExitStack() as stack:

        def made(url, **given):
            bench = Bench(url, plan=usual(litellm=WEEK, openai=WEEK), **given)
            stack.callback(bench.close)
            return bench

        yield made


@pytest.mark.parametrize("wanted", ["the other source", "nothing more"])
def test_who_takes_a_slot_over_tells_what_it_held(db_url, make, wanted):
    """A slot whose first try held something back and was killed ends as `partly`, even
    if the second try has nothing left to read; and what changed is judged by then.
    """
    bench = make(db_url)
    bench.feed.says = lambda name: small_map() if name == "litellm" else None
    bench.tick(SUNDAY)
    tenfold = edited(small_map(), input_cost_per_token=1.01e-05)
    tenfold = edited(tenfold, "openai/model-06", output_cost_per_token=5e-06)

    def killing(name):
        if name == "openai":
            raise Killed
        return tenfold

    bench.feed.says = killing
    with suppress(Killed):
        bench.tick(SUNDAY + WEEK)
    if wanted == "nothing more":
        bench.plan = usual(litellm=WEEK)
    other = make(db_url, holder="there:2")
    other.plan = bench.plan
    other.feed.says = lambda _: tenfold
    (done,) = other.tick(SUNDAY + WEEK + 11 * MINUTE)
    assert (done.outcome, done.exit_code) == ("partly", 1)
    changed = "SELECT verdict FROM price_changes WHERE kind = 'changed'"
    assert Tables(db_url).column(changed) == ["move"]
    (told,) = other.events("values held")
    assert (told["source"], told["held"]) == ("litellm", 1)
    other.tick(SUNDAY + WEEK + DAY)
    assert len(other.events("values held")) == 1
    outcomes = Tables(db_url).column("SELECT outcome FROM runs ORDER BY id")
    assert outcomes[:2] == ["partly", "partly"]
