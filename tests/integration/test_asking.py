"""Names, days and meters as people write them: none is answered wrongly."""

import json
import shutil
from pathlib import Path

import pytest
from freezegun import freeze_time

from tests.support.api import ask, served_by
from tests.support.maps import KEY, edited, small_map
from tests.support.program import CHECKOUT, process
from tracker import history

DAY = "2025-01-06"
MAKERS, RESELLERS = "anthropic/claude-sonnet-4-5", "github_copilot/claude-sonnet-4.5"
REGIONAL = "azure/eu/gpt-4o"


def shop():
    """A map with a model of Anthropic's that a reseller spells otherwise, for nothing,
    and one that is sold in a region.
    """
    prices = {"mode": "chat", "output_cost_per_token": 1e-6}
    said = edited(small_map(), MAKERS, input_cost_per_token=3e-6, **prices)
    said = edited(said, RESELLERS, input_cost_per_token=0, **prices)
    return edited(said, REGIONAL, input_cost_per_token=2.75e-6, **prices)


@pytest.fixture
def asked(sqlite_trail):
    """A database that the shop's map was read into."""
    assert sqlite_trail.sync(shop(), DAY).code == 0
    return sqlite_trail


@pytest.fixture
def both(trail):
    """The same of each kind, for what is asked in SQL of its own."""
    assert trail.sync(shop(), DAY).code == 0
    return trail


@pytest.mark.parametrize("command", ["price", "history", "compare", "cost"])
def test_a_reseller_is_not_taken_for_the_maker(asked, command):
    """A name that only a reseller spells so is refused, with the maker's first."""
    more = ("--input", "5") if command == "cost" else ()
    ran = asked(command, "claude-sonnet-4.5", *more)
    assert ran.code == 2
    assert f"did you mean {MAKERS}, {RESELLERS}" in ran.err
    assert asked(command, RESELLERS, *more).code == 0


@pytest.mark.parametrize(
    "typed", ["claude sonnet 4.5", "Claude-Sonnet-4.5", "Anthropic/Claude Sonnet 4.5"]
)
def test_a_name_spelt_otherwise_is_known_again(asked, typed):
    """Spaces, dots and capitals keep nobody from being told the name that is meant."""
    assert f"did you mean {MAKERS}" in asked("price", typed).err


@pytest.mark.parametrize(
    "words",
    [
        ("price", KEY, "--at", ""),
        ("price", KEY, "--known-at", ""),
        ("history", KEY, "--since", ""),
        ("history", KEY, "--source", ""),
        ("cost", KEY, "--input", "5", "--at", ""),
        ("changes", "--until", ""),
        ("changes", "--model", ""),
        ("changes", "--meter", ""),
        ("disagreements", "--at", ""),
        ("models", "--mode", ""),
        ("sync", "--offline", "--at", ""),
    ],
    ids=" ".join,
)
def test_an_empty_text_is_not_taken_for_none(asked, words):
    """A variable of a script that is not set is one line and exit 2, not today."""
    ran = asked(*words)
    assert ran.code == 2, ran.text
    assert "''" in ran.err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("changes", "--model", "claude-sonet-4-5"), MAKERS),
        (("changes", "--meter", "inptu"), "did you mean input"),
        (("models", "--mode", "chatt"), "there is chat"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_a_list_of_what_nothing_has_is_refused(both, words, said):
    """A misspelt model, meter or mode is not answered with an empty list."""
    ran = both(*words)
    assert (ran.code, ran.out) == (2, "")
    assert said in ran.err


@pytest.mark.parametrize("typed", ["azure/gpt-4o@eu", "AZURE/*@eu", REGIONAL])
def test_an_offer_of_a_region_is_found_by_its_name(both, typed):
    """The name that every table prints finds the offer in the lists, too."""
    ran = both("changes", "--model", typed, "--format", "json")
    assert {row["region"] for row in json.loads(ran.out)} == {"eu"}
    if "@" in typed:
        ran = both("models", "--query", typed, "--format", "json")
        assert [row["region"] for row in json.loads(ran.out)] == ["eu"]


@pytest.mark.parametrize("typed", ["azure/gpt-4o@eu", "AZURE/*@eu", REGIONAL])
def test_an_offer_of_a_region_is_found_by_programs(both, typed):
    """The same name finds it in frames of pandas and in the API."""
    asked = {"model": typed, "limit": 500}
    with served_by(both) as client:
        rows = ask(client, "changes", **asked)["rows"]
    assert {row["region"] for row in rows} == {"eu"}
    for frame in (history.price_history, history.changes):
        assert set(frame(typed, db=both.url)["region"]) == {"eu"}


def test_no_price_says_what_there_is(asked):
    """Where there is none of what was asked, the answer says what there is."""
    none = asked("price", KEY, "--meter", "reasoning")
    assert none.code == 1
    assert "has no price of reasoning on record today; there is input," in none.out
    assert "; there is input," in asked("history", KEY, "--meter", "reasoning").out
    early = asked("price", KEY, "--at", "2020-01-01")
    assert f"on 2020-01-01; the first one is of {DAY}" in early.out


def test_what_is_gone_says_when_it_went(trail):
    """A model that was withdrawn has no price today, and its last one has an end."""
    for said, at in (
        (shop(), DAY),
        (small_map(), "2025-01-13"),
        (edited(small_map(), max_tokens=5), "2025-01-20"),
    ):
        trail.sync(said, at)
    ran = trail("price", MAKERS)
    assert ran.code == 1
    assert "no price on record today; the last one ended on 2025-01-13" in ran.out


@freeze_time("2026-11-23")
def test_a_day_ahead_is_told_apart(asked):
    """What will cost how much is what is known today, and said to be."""
    assert "lies ahead" in asked("price", KEY, "--at", "2027-06-01").out
    assert "lies ahead" not in asked("price", KEY, "--at", "2026-06-01").out


def test_a_source_unread_for_long_is_told(trail):
    """A price that only a stale source states is shown with the day of its last word;
    and that such a source is not asked is no agreement.
    """
    body = {"router": {"models": {"old": {"cost": {"input": 1, "output": 2}}}}}
    body["more"] = {
        "models": {f"m{n}": body["router"]["models"]["old"] for n in range(110)}
    }
    file = trail.file(json.dumps(body).encode())
    words = ("--source", "models-dev", "--file", str(file), "--at", DAY)
    assert trail("sync", *words).code == 0
    assert "not asked" not in trail("disagreements").out
    for n in (1, 2):
        trail.sync(edited(small_map(), max_tokens=n), f"2025-0{n + 1}-03")
    assert f"models-dev was last read on {DAY}" in trail("price", "router/old").out
    assert "last read" not in trail("price", KEY).out
    assert "as not read for too long: models-dev" in trail("disagreements").out


def test_a_file_that_is_damaged_is_answered_with_what_to_do(sqlite_trail):
    """The words about a damaged file lead to a database that works again."""
    sqlite_trail.sync(shop(), DAY)
    backup, file = sqlite_trail.folder / "b.db", sqlite_trail.folder / "trail.db"
    assert sqlite_trail("db", "backup", str(backup)).code == 0
    for name in ("trail.db-wal", "trail.db-shm"):
        (sqlite_trail.folder / name).unlink(missing_ok=True)
    file.write_bytes(file.read_bytes()[: 4096 * 5])
    ran = sqlite_trail("price", KEY)
    assert ran.code == 3
    assert "move it away, then put a backup in its place" in ran.err
    file.rename(sqlite_trail.folder / "damaged.db")
    assert sqlite_trail("db", "restore", str(backup)).code == 0
    assert sqlite_trail("price", KEY).code == 0


def test_a_checkout_that_is_not_installed_has_a_version(tmp_path):
    """`--version` is a line in a folder of source, too, not a traceback."""
    for part in ("tracker", "storage", "crawler"):
        shutil.copytree(CHECKOUT / part, tmp_path / part)
    ran = process("--version", cwd=tmp_path, PYTHONPATH=str(Path(tmp_path)))
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith("pricetrail ")
