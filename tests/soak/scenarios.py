"""What is killed: a state to begin with, and a command that changes it.

To soak another command, add a scenario to `SCENARIOS`.
"""

import re
from collections.abc import Callable

from tests.soak.mail import DELIVERY, SCHEDULE
from tests.soak.scenario import FIRST, SECOND, THIRD, Scenario, told_of_holds
from tests.support.maps import KEY, Map, edited, small_map, without
from tests.support.program import Trail


def after(before: Map) -> Map:
    """A week later: a cut, a withdrawal, a new model, a missing one, a hold."""
    cut = edited(before, input_cost_per_token=8e-07)
    gone = edited(cut, "acme/model-07", cache_read_input_token_cost=...)
    held = edited(gone, "hooli/model-11", output_cost_per_token=-1)
    new = edited(held, "acme/new", input_cost_per_token=1.2e-06, mode="chat")
    return without(new, "globex/model-02")


def weeks() -> dict[str, Map]:
    """Six weeks, one of them a loss of models that the next one does not confirm."""
    said = small_map()
    bodies = {"2025-01-06_1.0.0.json": said}
    for week in range(1, 6):
        said = edited(said, output_cost_per_token=(404 + 9 * week) * 1e-8)
        lost = [key for key in said if key.startswith("umbrella/")] if week == 3 else []
        bodies[f"2025-02-{3 * week:02}_1.{week}.0.json"] = without(said, *lost)
    return bodies


def nothing(_trail: Trail) -> None:
    """Begin without a database."""


def one_week(trail: Trail) -> None:
    """Begin with one map."""
    trail.sync(small_map(), FIRST)


def two_weeks(trail: Trail) -> None:
    """Begin with two maps, a week between them left out."""
    trail.sync(small_map(), FIRST)
    later = edited(after(small_map()), "openai/model-06", output_cost_per_token=5e-06)
    trail.sync(later, THIRD)


def all_weeks(trail: Trail) -> None:
    """Begin with a history of weeks."""
    trail.backfill(weeks())


def backed_up(trail: Trail) -> None:
    """Begin with a history, and a backup of another one."""
    trail.sync(small_map(), FIRST)
    trail("db", "backup", str(trail.folder / "backup.db"), "--force")
    trail.sync(after(small_map()), SECOND)


def with_holds(trail: Trail) -> None:
    """Begin with a value that is held and was seen again since."""
    trail.sync(small_map(), FIRST)
    dear = edited(small_map(), input_cost_per_token=1.01e-04)
    trail.sync(dear, SECOND)


def _sync(said: Map, at: str) -> Callable[[Trail], list[str]]:
    def words(trail: Trail) -> list[str]:
        path = str(trail.file(said, f"{at}.json"))
        return ["sync", "--source", "litellm", "--file", path, "--at", at]

    return words


def _backfill(trail: Trail) -> list[str]:
    folder = trail.folder / "weeks"
    folder.mkdir(exist_ok=True)
    for name, said in weeks().items():
        trail.file(said, f"weeks/{name}")
    return ["backfill", "litellm", "--from-dir", str(folder)]


def _accept(trail: Trail) -> list[str]:
    listed = trail("review", "--format", "csv").out
    (name,) = re.findall(rf"^(\w{{8}}),litellm,rate,{KEY}", listed, re.MULTILINE)
    return ["review", "accept", name]


def _restore(trail: Trail) -> list[str]:
    return ["db", "restore", str(trail.folder / "backup.db"), "--force"]


def _prune(trail: Trail) -> list[str]:
    trail.sync(edited(small_map(), input_cost_per_token=9e-07), "2025-05-20")
    return ["captures", "prune", "--keep-weeks", "8"]


ONLY_0 = frozenset({0})
SCENARIOS = (
    Scenario("first sync", nothing, _sync(small_map(), FIRST)),
    Scenario("sync", one_week, _sync(after(small_map()), SECOND), check=told_of_holds),
    Scenario("late sync", two_weeks, _sync(after(small_map()), SECOND)),
    Scenario("backfill", nothing, _backfill),
    Scenario("rebuild", all_weeks, lambda _: ["rebuild"]),
    Scenario(
        "review", with_holds, _accept, ignored=frozenset({"decisions"}), codes=ONLY_0
    ),
    Scenario("prune", all_weeks, _prune, codes=ONLY_0),
    Scenario("restore", backed_up, _restore, codes=ONLY_0),
    DELIVERY,
    SCHEDULE,
)
