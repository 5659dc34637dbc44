"""Three years of real maps, and real maps with accidents, through gate and judge."""

import copy
import json
import lzma
import shutil
from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from benchmarks.holds import fate, look_back, read_holds
from benchmarks.verdicts.filled import fill, library
from benchmarks.verdicts.labels import Label, matched, read_labels
from benchmarks.verdicts.scoring import by, called
from storage.reading import presence, queries
from tests.support.program import Trail
from tracker.asking.stories import told
from tracker.domain.judge import judge
from tracker.wiring import instant, opened

Map = dict[str, Any]
NEXT = date(2026, 11, 19)
"""A week after the newest real map."""


@pytest.fixture(name="real", scope="session")
def _real(shared, once):
    """The path of a database with the three real series in it."""
    series = shared / "data"
    folder = once("series", lambda at: fill(f"sqlite:///{at / 'trail.db'}", series))
    return folder / "trail.db"


@pytest.fixture(name="known")
def _known(real, tmp_path):
    """The program on the real series, to be asked only."""
    return Trail(f"sqlite:///{real}", tmp_path)


@pytest.fixture(name="later")
def _later(real, tmp_path):
    """The program on a copy, to be fed what comes next."""
    shutil.copy(real, tmp_path / "trail.db")
    return Later(Trail(f"sqlite:///{tmp_path / 'trail.db'}", tmp_path))


@pytest.fixture(name="newest", scope="session")
def _newest(shared) -> Map:
    """The newest real map."""
    return read(max((shared / "data" / "litellm").glob("*.json.xz")))


def read(path: Path) -> Map:
    """A packed map."""
    with lzma.open(path) as body:
        found: Map = json.load(body)
    return found


class Later:
    """The weeks after the newest real map.

    Args:
        trail: a database with all that came before.
    """

    def __init__(self, trail: Trail) -> None:
        self.trail = trail
        self.week = 0

    def says(self, said: Map | bytes) -> int:
        """The next week's body; gives the exit code."""
        at = (NEXT + timedelta(weeks=self.week)).isoformat()
        self.week += 1
        return self.trail.sync(said, at).code

    @property
    def news(self) -> list[dict[str, Any]]:
        """What the timeline holds of these weeks."""
        return self.trail.tables.rows(
            "SELECT source_key, meter, kind, verdict, story FROM price_timeline "
            f"WHERE source = 'litellm' AND observed_at >= '{NEXT}'"
        )

    def held(self, status: str) -> dict[str, int]:
        """The holds of these weeks by reason."""
        found = self.trail.tables.rows(
            "SELECT reason, COUNT(*) AS n FROM holds WHERE held_at >= "
            f"'{NEXT}' AND status = '{status}' GROUP BY reason"
        )
        return {row["reason"]: row["n"] for row in found}


def again(said: Map, number: int) -> Map:
    """The same prices in other bytes."""
    after = copy.deepcopy(said)
    after["gpt-4o"]["max_tokens"] = 20000 + number
    return after


def times(factor: float, maker: str) -> Callable[[Map], Map]:
    """All token prices of one provider times a factor."""

    def fault(said: Map) -> Map:
        after = copy.deepcopy(said)
        for entry in after.values():
            if entry.get("litellm_provider") == maker:
                for name in entry:
                    if name.endswith("_cost_per_token"):
                        entry[name] *= factor
        return after

    return fault


def swapped(said: Map) -> Map:
    """One model's input and output in each other's place."""
    after = copy.deepcopy(said)
    entry = after["gpt-4o"]
    names = ("input_cost_per_token", "output_cost_per_token")
    entry[names[0]], entry[names[1]] = entry[names[1]], entry[names[0]]
    return after


def another_branch(said: Map) -> Map:
    """One in twenty models gone, half of the rest with a strange field and price."""
    kept = {k: e for n, (k, e) in enumerate(said.items()) if n % 20 or k == "gpt-4o"}
    after = copy.deepcopy(kept)
    for entry in list(after.values())[::2]:
        entry["field_of_another_branch"] = 1
        if "input_cost_per_token" in entry:
            entry["input_cost_per_token"] *= 1.25
    return after


FAULTS = {
    "halved": (times(0.5, "mistral"), {"one_ratio"}),
    "thousandfold": (times(1000, "mistral"), {"jump"}),
    "tenth": (times(0.1, "xai"), {"tenfold"}),
    "swapped": (swapped, {"swapped"}),
    "another branch": (another_branch, {"mass_loss"}),
}


@pytest.mark.parametrize(("fault", "reasons"), FAULTS.values(), ids=FAULTS)
def test_an_accident_of_one_week_is_no_news(later, newest, fault, reasons):
    """What is wrong in one real map is held, and gone with the next one."""
    assert later.says(again(fault(newest), 1)) != 0
    assert reasons <= later.held("pending").keys()
    assert later.says(again(newest, 2)) == 0
    assert later.held("pending") == {}
    assert later.news == []


@pytest.mark.parametrize("body", [b"<!doctype html><html></html>", b"{}"])
def test_what_is_no_map_is_no_news(later, newest, body):
    """A challenge page or an empty object says nothing of any of 4,500 models."""
    assert later.says(body) == 3
    assert later.says(again(newest, 1)) == 0
    assert later.news == []


def test_the_map_of_a_year_ago_is_no_news(later, newest, shared):
    """A map of 2025-11 served as today's is held as a whole and disproved."""
    old = min((shared / "data" / "litellm").glob("2025-11-*.json.xz"))
    assert later.says(read(old)) == 1
    assert later.held("pending") == {"mass_loss": 1}
    assert later.says(again(newest, 1)) == 0
    assert (later.held("lapsed"), later.news) == ({"mass_loss": 1}, [])


def test_halved_for_three_weeks_is_a_flap(later, newest):
    """A provider read wrongly for three weeks and put right has not moved at all."""
    half = times(0.5, "mistral")(newest)
    for number in (1, 2, 3):
        later.says(again(half, number))
    for number in (4, 5, 6):
        later.says(again(newest, number))
    moved = [row for row in later.news if row["verdict"] == "move"]
    assert later.held("pending") == {}
    assert len(later.news) > 60
    assert moved == []


DAYS = {
    "2024-11-28": ("2024-12-08", None),
    "2025-10-18": (None, "watsonx"),
    "2026-01-18": (None, "novita"),
    "2026-03-13": (None, None),
    "2026-09-25": (None, None),
    "2026-10-18": ("2026-11-04", None),
    "2026-11-04": (None, None),
}
"""Days of mass events: the capture that released them, and whose units were mended."""


@pytest.mark.parametrize(("day", "who"), DAYS.items(), ids=DAYS)
def test_a_mass_event_passes_within_one_capture(known, day, who):
    """Withdrawals, unit fixes and catalogues are on the timeline at their own day, at
    most one distinct capture later.
    """
    released, provider = who
    found = known.tables.rows(
        "SELECT scope, status, resolved_at FROM holds h "
        "JOIN sources s ON s.id = h.source_id AND s.name = 'litellm' "
        f"WHERE held_at = '{day}T00:00:00Z' AND status = 'released'"
    )
    whole = [row["resolved_at"][:10] for row in found if row["scope"] == "capture"]
    assert whole == ([released] if released else [])
    assert known.tables.one(
        "SELECT COUNT(*) FROM price_timeline WHERE source = 'litellm' "
        f"AND observed_at = '{day}T00:00:00Z'"
    ) > (0 if provider else 100)
    if provider:
        verdicts = known.tables.column(
            "SELECT DISTINCT verdict FROM price_timeline WHERE source = 'litellm' AND "
            f"provider = '{provider}' AND kind = 'changed' AND "
            f"observed_at = '{day}T00:00:00Z'"
        )
        assert verdicts == ["correction"]


@pytest.mark.parametrize(
    ("day", "most"),
    [("2025-10-18", 0), ("2026-01-18", 14), ("2026-10-18", 10), ("2026-11-04", 22)],
)
def test_a_mass_event_is_told_as_few_stories(known, day, most):
    """Hundreds of rates that moved on one day are a handful of stories."""
    stories = known.tables.column(
        "SELECT DISTINCT story FROM price_timeline WHERE source = 'litellm' AND "
        f"verdict = 'move' AND observed_at = '{day}T00:00:00Z'"
    )
    assert len(stories) <= most


@pytest.mark.parametrize(
    ("day", "what", "seller", "least"),
    [
        ("2025-10-18", "changed", "watsonx", 22),
        ("2026-01-18", "changed", "novita", 80),
        ("2026-03-13", "retired", None, 60),
        ("2026-09-25", "retired", None, 250),
        ("2026-10-18", "withdrawn", "openrouter", 496),
        ("2026-10-18", "returned", "openai", 5),
        ("2026-11-04", "rates added", "azure", 60),
    ],
)
def test_a_mass_event_of_one_kind_is_one_story(known, day, what, seller, least):
    """What came, went or was mended together is one story of all its offers."""
    at = instant(day)
    bounds = {"source": "litellm", "since": at, "until": at + timedelta(days=1)}
    with opened(known.url) as store, store.reading() as connection:
        rows = queries.changes(connection, bounds)
        around = presence.around(connection, bounds)
        stories = told(rows, around, presence.renames(connection))
    offers = [
        story.offers
        for story in stories
        if story.plot.what == what and seller in (None, story.providers[0])
    ]
    assert max(offers) >= least
    assert seller is None or len(offers) == 1 or what == "changed"
    assert sum(len(story.rows) for story in stories) == len(rows)
    assert len(stories) <= 110


def test_a_unit_error_does_not_bill_the_weeks_before(known):
    """Novita's deepseek-v3.2 cost 0.269 on 2026-01-11, whatever was published then."""
    asked = (
        "price",
        "novita/deepseek/deepseek-v3.2",
        "--at",
        "2026-01-11",
        "--format",
        "json",
    )

    def price(*more: str) -> Any:
        rows = json.loads(known(*asked, *more).out)
        return {row["meter"]: row["usd"] for row in rows}["input"]

    assert (price(), price("--as-published")) == ("0.269", "2690")


def test_a_model_that_became_free_was_not_free_before(known):
    """On 2025-06-01 gemini-1.5-flash's output cost 0.3, though it is zero now."""
    ran = known(
        *("price", "gemini/gemini-1.5-flash", "--at", "2025-06-01"),
        *("--format", "json"),
    )
    prices = {row["meter"]: row["usd"] for row in json.loads(ran.out)}
    assert prices["output"] == "0.3"


@pytest.fixture(name="verdicts", scope="session")
def _verdicts(real, shared) -> list[tuple[Label, str]]:
    """Each given label with what the judge makes of its change, in hindsight."""
    with library(f"sqlite:///{real}") as found:
        book = found.book
    labels = read_labels(shared / "data" / "verdicts.csv")
    return called(matched(labels, book.steps), by(judge(book)))


def share_called_move(verdicts: list[tuple[Label, str]]) -> float:
    """How many of these labels are called a move."""
    return sum(1 for _, verdict in verdicts if verdict == "move") / len(verdicts)


def test_real_moves_are_told(verdicts):
    """At least 95 in a hundred of the moves that two sources document are moves."""
    moves = [pair for pair in verdicts if pair[0].verdict == "move"]
    assert len(moves) == 65
    assert share_called_move(moves) >= 0.95


@pytest.mark.parametrize(
    ("by_rule", "many", "most"), [(True, 308, 0.02), (False, 66, 0.1)]
)
def test_what_is_no_move_is_not_told(verdicts, by_rule, many, most):
    """Of what was no move, 2 in a hundred obvious ones at most are called one, and
    10 in a hundred of those that had to be looked into by hand.
    """
    others = [
        pair
        for pair in verdicts
        if pair[0].verdict != "move" and pair[0].by_rule == by_rule
    ]
    assert len(others) == many
    assert share_called_move(others) <= most


@pytest.mark.parametrize(
    ("reason", "wrong", "needless"),
    [("jump", 1, 0), ("dear_newcomer", 9, 60), ("tenfold", 4, 5), ("swapped", 0, 0)],
)
def test_the_gate_holds_errors_and_repairs_of_them(fates, reason, wrong, needless):
    """Seen from the end, known errors were held, and few real prices beside them."""
    found = Counter(what for hold, what in fates if hold.reason == reason)
    assert found["wrong"] >= wrong
    assert found["real"] <= needless


@pytest.fixture(name="fates", scope="session")
def _fates(real, shared):
    """Every hold of the litellm series with what became of it."""
    url = f"sqlite:///{real}"
    known = look_back(url, shared / "data" / "verdicts.csv")
    return [(hold, fate(hold, known)) for hold in read_holds(url)]
