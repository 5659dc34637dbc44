"""Three years of real maps: the raw changes equal those of a slow, plain diff."""

import json
import lzma
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import closing
from decimal import Decimal
from functools import lru_cache, partial
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from tests.support.program import cli

Event = tuple[str, str, str, str]
"""Key, place, day, kind."""
NO_OFFERS = ("sample_spec", "fallback_generalizations")


class Silent:
    """Progress that nobody watches."""

    def stage(self, name: str, total: int) -> None:
        """A stage begins."""

    def step(self, label: str) -> None:
        """One more of it is done."""


def backfilled(url: str, folder: Path) -> None:
    """Backfill all maps as they are, nothing held back by the gate."""
    from tracker import backfill, wiring
    from tracker.applying.catchup import catch_up

    ungated = partial(catch_up, gated=False)
    with (
        patch.object(backfill, "catch_up", ungated),
        wiring.opened(url, fresh=True) as store,
    ):
        request = wiring.BackfillRequest(
            source="litellm", folder=folder, weekly=False, since=None, until=None
        )
        assert wiring.run_backfill(store, request, Silent()).exit_code == 0


@pytest.fixture(scope="module")
def series(shared):
    """The folder of real maps."""
    return shared / "data" / "litellm"


@pytest.fixture(scope="module")
def filled(series, tmp_path_factory):
    """The path of a database with all of them."""
    path = tmp_path_factory.mktemp("real") / "trail.db"
    backfilled(f"sqlite:///{path}", series)
    return path


SAME_METER = {
    "input_cost_per_token_cache_hit": "cache_read_input_token_cost",
    "cost_per_second": "input_cost_per_second",
    "output_db_cost_per_token": "output_dbu_cost_per_token",
    "cache_read_input_token_cost_per_audio_token": "cache_read_input_audio_token_cost",
    "input_audio_cache_cost": "cache_read_input_audio_token_cost",
}
"""Fields of the series that are another word for the same thing."""
NO_PRICES = {"range", "max_results_range", "windows", "metadata"}
"""Parts of an entry whose numbers are no prices."""


def is_price(path: tuple[str, ...]) -> bool:
    """Whether a place in an entry is about money: a word of its name says so."""
    said = {word for name in path for word in name.lower().split("_")}
    wanted = {"cost", "costs", "price", "prices", "pricing"}
    return bool(said & wanted) and not NO_PRICES & set(path)


def walk(
    value: Any, path: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every number of an entry with its place."""
    if isinstance(value, dict):
        for name, part in value.items():
            yield from walk(part, (*path, name))
    elif isinstance(value, list):
        for number, part in enumerate(value):
            yield from walk(part, (*path, str(number)))
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield path, value


@lru_cache(maxsize=100_000)
def snapped(number: float) -> Decimal:
    """The number to twelve significant digits: the rest is float noise."""
    return Decimal(f"{number:.11e}").normalize()


def named(path: str, entry: dict[str, Any]) -> str:
    """The one name of a place; a tier from zero on is the plain price."""
    tiers = entry.get("tiered_pricing")
    first = tiers[0] if tiers and isinstance(tiers, list) else {}
    if path.startswith("tiered_pricing.0.") and first.get("range", [0])[0] == 0:
        path = path.removeprefix("tiered_pricing.0.")
    return SAME_METER.get(path, path)


def card(entry: dict[str, Any]) -> dict[str, Decimal | None]:
    """Every cost of an entry by its place; None where two words contradict."""
    found: dict[str, Decimal | None] = {}
    for path, number in walk(entry):
        if is_price(path):
            name, price = named(".".join(path), entry), snapped(number)
            found[name] = price if found.get(name, price) == price else None
    return found


def retired(entry: dict[str, Any], day: str) -> bool:
    """Whether an entry said that the model ends by this day."""
    date = str(entry.get("deprecation_date", ""))
    return date[:4].isdigit() and date[:10] <= day


def read(body: bytes) -> dict[str, dict[str, Any]]:
    """The entries of a map; of a key that it states twice, the last."""
    return {k: e for k, e in json.loads(body).items() if k not in NO_OFFERS}


class SlowDiff:
    """What changes from map to map, worked out entry by entry, in plain words.

    Differences from a bare diff of consecutive maps, and there are no others: prices
    that agree in twelve digits are equal; a model that is missing once keeps its
    prices, missing twice (or once when past its stated end) it is withdrawn as of the
    first time; two words for one thing are one price, and the last one stands while
    they contradict each other.
    """

    def __init__(self) -> None:
        self.events: Counter[Event] = Counter()
        self._body = b""
        self._last: dict[str, dict[str, Any]] = {}
        self._known: dict[str, dict[str, Decimal]] = defaultdict(dict)
        self._entries: dict[str, dict[str, Any]] = {}
        self._missing: dict[str, str] = {}
        self._seen: set[tuple[str, str]] = set()

    def take(self, day: str, body: bytes) -> None:
        """Compare one map with what is known."""
        if body == self._body:
            return
        said = read(body)
        for key in [k for k in self._known if k not in said]:
            self._absent(key, day)
        for key, entry in said.items():
            back = self._missing.pop(key, None)
            if back or entry != self._last.get(key):
                self._present(key, entry, day)
        self._last, self._body = said, body

    def _absent(self, key: str, day: str) -> None:
        first = key not in self._missing
        since = self._missing.setdefault(key, day)
        if not first or retired(self._entries[key], day):
            for name in self._known.pop(key):
                self.events[key, name, since, "withdrawn"] += 1
            del self._missing[key]

    def _present(self, key: str, entry: dict[str, Any], day: str) -> None:
        stated, known = card(entry), self._known[key]
        self._entries[key] = entry
        for name in [n for n in known if n not in stated]:
            self.events[key, name, day, "withdrawn"] += 1
            del known[name]
        for name, price in stated.items():
            if price is None or known.get(name) == price:
                continue
            kind = "returned" if (key, name) in self._seen else "introduced"
            self.events[key, name, day, "changed" if name in known else kind] += 1
            known[name] = price
            self._seen.add((key, name))


def slow_diff(folder: Path) -> Counter[Event]:
    """The events of all maps of a folder."""
    diff = SlowDiff()
    for file in sorted(folder.glob("*.json.xz")):
        with lzma.open(file) as body:
            diff.take(file.name[:10], body.read())
    return diff.events


RECORDED = """
SELECT k.key, COALESCE(n.field, o.field) AS field, substr(c.observed_at, 1, 10), c.kind
FROM price_changes c JOIN source_keys k ON k.id = c.source_key_id
LEFT JOIN rates n ON n.source_key_id = c.source_key_id AND n.meter_id = c.meter_id
  AND n.valid_from = c.observed_at AND c.kind <> 'withdrawn'
LEFT JOIN rates o ON o.source_key_id = c.source_key_id AND o.meter_id = c.meter_id
  AND o.valid_to = c.observed_at AND c.kind = 'withdrawn'
"""


def recorded(path: Path) -> Counter[Event]:
    """The events that the program has recorded."""
    events: Counter[Event] = Counter()
    with closing(sqlite3.connect(path)) as connection:
        for key, field, day, kind in connection.execute(RECORDED):
            name = field.removeprefix("tiered_pricing.0.")
            events[key, SAME_METER.get(name, name), day, kind] += 1
    return events


def test_the_recorded_changes_are_those_of_a_slow_diff(series, filled):
    """Every event of three years is there, once, on its day, and no other."""
    expected, found = slow_diff(series), recorded(filled)
    assert sum(expected.values()) > 30_000
    assert sorted(expected - found) == []
    assert sorted(found - expected) == []


def test_the_recorded_numbers_are_those_of_the_maps(series, filled):
    """Every open rate is the number that the newest map states, to the nano-dollar."""
    newest = max(series.glob("*.json.xz"))
    with lzma.open(newest) as body:
        said = read(body.read())
    checked = 0
    with closing(sqlite3.connect(filled)) as connection:
        for key, field, raw, nano, quantum in connection.execute(
            "SELECT k.key, r.field, r.raw, r.price_nano, m.quantum FROM rates r "
            "JOIN source_keys k ON k.id = r.source_key_id JOIN meters m "
            "ON m.id = r.meter_id WHERE r.valid_to IS NULL AND k.missing_since IS NULL"
        ):
            stated = said[key].get(field)
            if stated is None or "_per_1k_" in field:
                continue
            assert snapped(stated) == snapped(float(raw)), (key, field)
            assert nano == round(snapped(stated) * quantum * 10**9), (key, field)
            checked += 1
    assert checked > 15_000


def test_what_a_model_cost_then(filled):
    """The price of a day in the past is the one that held then."""
    ran = cli(
        *("price", "gpt-4o", "--at", "2025-01-15", "--format", "json"),
        *("--db", str(filled)),
    )
    prices = {row["meter"]: row["usd"] for row in json.loads(ran.out)}
    assert (prices["input"], prices["output"]) == ("2.5", "10")


def test_a_cut_lies_between_the_two_maps_that_show_it(filled):
    """o3 went from 10 to 2 dollars between 2025-06-07 and 2025-06-14."""
    ran = cli("history", "o3", "--meter", "input", "--db", str(filled))
    old, new = [n for n in ran.out.splitlines() if n.lstrip().startswith("input")]
    assert "$10.00" in old
    assert "2025-06-14" in old
    assert "$2.00" in new
    assert "2025-06-07 … 2025-06-14" in new
    assert "-80.0 %" in new


def test_every_history_can_be_drawn(filled):
    """No history is too short to be drawn."""
    ran = cli(
        *("history", "vertex_ai/gemini-2.5-pro-exp-03-25", "--chart"),
        *("--source", "litellm", "--db", str(filled)),
    )
    assert ran.code == 0


def test_a_server_makes_the_same_of_real_weeks(series, postgres_url, tmp_path):
    """The newest month of real maps become the same timeline on PostgreSQL."""
    told = []
    for url in (f"sqlite:///{tmp_path / 'trail.db'}", postgres_url):
        words = ("--from-dir", str(series), "--since", "2026-10-10", "--db", url)
        assert cli("backfill", "litellm", *words).code in (0, 1)
        ran = cli("changes", "--since", "2026-10-12", "--format", "json", "--db", url)
        told.append(json.loads(ran.out))
    assert len(told[0]) > 1000
    assert told[0] == told[1]
