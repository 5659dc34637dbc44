"""Accidents on their way through the program: held, told, decided, never a move."""

import copy
import json
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.support.maps import Map, edited, without
from tests.support.program import Trail

FIELDS = (
    "input_cost_per_token",
    "output_cost_per_token",
    "cache_read_input_token_cost",
)
MAKERS = ("acme", "globex", "hooli", "initech")
WEEKS = [f"2026-{month:02}-{day:02}" for month in (1, 2, 3) for day in (5, 12, 19, 26)]
KEY = "acme/model-00"


def eighty() -> Map:
    """Eighty models of four providers, each with prices of its own."""
    return {
        f"{MAKERS[n % 4]}/model-{n:02}": {
            "litellm_provider": MAKERS[n % 4],
            "mode": "chat",
            "max_tokens": 1000,
            FIELDS[0]: float(f"{101 + n}e-8"),
            FIELDS[1]: float(f"{5 * (101 + n)}e-8"),
            FIELDS[2]: float(f"{101 + n}e-9"),
        }
        for n in range(80)
    }


def scaled(said: Map, factor: float, maker: str = "acme", number: int = 0) -> Map:
    """All prices of a provider times a factor; another number, other bytes."""
    after = copy.deepcopy(said)
    for key, entry in after.items():
        if key.startswith(f"{maker}/"):
            prices = entry.keys() & set(FIELDS)
            entry.update({name: entry[name] * factor for name in prices})
        entry["max_tokens"] = entry.get("max_tokens", 0) + number
    return after


def swapped(said: Map, number: int = 0) -> Map:
    """One model's input and output in each other's place."""
    entry = {**eighty()[KEY], **said.get(KEY, {})}
    turned = {FIELDS[0]: entry[FIELDS[1]], FIELDS[1]: entry[FIELDS[0]]}
    return edited(said, KEY, **turned, max_tokens=1000 + number)


def lost(said: Map, count: int, start: int = 0) -> Map:
    """The map without some of its models."""
    return without(said, *sorted(said)[start : start + count])


def stale(said: Map) -> Map:
    """Another branch's map: models gone, strange fields, other prices."""
    after = scaled(lost(said, 5), 1.3, "hooli")
    for entry in list(after.values())[:30]:
        entry["field_of_another_branch"] = True
    return after


def feed(trail: Trail, *said: Map | bytes):
    """Sync bodies week after week; gives how the runs ended."""
    done = len(trail.tables.rows("SELECT 1 FROM runs")) if trail.bodies else 0
    return [trail.sync(what, WEEKS[done + n]) for n, what in enumerate(said)]


def changes(trail: Trail, kind: str = "changed"):
    """The timeline's changes as (key, meter, week, verdict)."""
    found = trail.tables.rows(
        "SELECT source_key, meter, observed_at, verdict FROM price_timeline "
        f"WHERE kind = '{kind}' ORDER BY observed_at, source_key, meter"
    )
    return [
        (r["source_key"], r["meter"], r["observed_at"][:10], r["verdict"])
        for r in found
    ]


def holds(trail: Trail, status: str):
    """How many holds have a status, by reason."""
    rows = trail.tables.rows(
        "SELECT reason, COUNT(*) AS n FROM holds "
        f"WHERE status = '{status}' GROUP BY reason"
    )
    return {row["reason"]: row["n"] for row in rows}


def listed(trail: Trail):
    """What `review` lists."""
    return json.loads(trail("review", "--format", "json").out)


def decide(trail: Trail, decision: str, number: int = 0):
    """Decide on one of the holds that are listed."""
    name = listed(trail)[number]["id"]
    assert trail("review", decision, name, "--note", "looked it up").code == 0


SPIKES = {
    "halved": (lambda said: scaled(said, 0.5), {"one_ratio": 60}),
    "thousandfold": (lambda said: scaled(said, 1000), {"jump": 60}),
    "a thousandth": (lambda said: scaled(said, 0.001), {"jump": 60}),
    "tenfold": (lambda said: scaled(said, 10), {"tenfold": 60}),
    "swapped": (swapped, {"swapped": 2}),
    "another branch": (stale, {"mass_loss": 1}),
    "strange fields": (
        lambda said: {k: {**e, "new": 1} for k, e in said.items()},
        {"unknown_fields": 1},
    ),
    "truncated": (lambda said: lost(said, 40), {"few_offers": 1}),
}


@pytest.mark.parametrize(("fault", "reasons"), SPIKES.values(), ids=SPIKES)
def test_an_accident_of_one_capture_leaves_no_trace(sqlite_trail, fault, reasons):
    """What is wrong for one capture is held, told with exit 1, and lapses."""
    said = eighty()
    (first,) = feed(sqlite_trail, said)
    before = sqlite_trail.tables.believed()["rates"]
    (ran,) = feed(sqlite_trail, fault(said))
    assert (first.code, ran.code) == (0, 1)
    assert "held" in ran.out
    assert holds(sqlite_trail, "pending") == reasons
    (after,) = feed(sqlite_trail, scaled(said, 1, number=3))
    assert after.code == 0
    assert holds(sqlite_trail, "lapsed") == reasons
    assert holds(sqlite_trail, "pending") == {}
    assert sqlite_trail.tables.believed()["rates"] == before
    assert changes(sqlite_trail) == []
    assert changes(sqlite_trail, "withdrawn") == []


@pytest.mark.parametrize(("fault", "reasons"), SPIKES.values(), ids=SPIKES)
def test_an_accident_in_a_backfill_leaves_no_trace(sqlite_trail, fault, reasons):
    """Filled in from a folder, the same accidents are held and lapse."""
    said = eighty()
    bodies = [said, fault(said), scaled(said, 1, number=3)]
    names = [f"{day}_1.{n}.0.json" for n, day in enumerate(WEEKS)]
    sqlite_trail.backfill(dict(zip(names, bodies, strict=False)))
    assert holds(sqlite_trail, "lapsed") == reasons
    assert changes(sqlite_trail) == []


def test_the_summary_names_what_is_newly_held(sqlite_trail):
    """A sync says how many values it holds, and why a whole capture waits."""
    said = eighty()
    _, rates, capture = feed(sqlite_trail, said, scaled(said, 1000), lost(said, 5))
    assert "60 newly held" in rates.out
    assert "held for review" in rates.out
    assert "too many offers lost at once" in capture.out
    assert [row["reason"] for row in listed(sqlite_trail)].count("mass_loss") == 1


def test_halved_for_three_captures_and_restored_is_a_flap(sqlite_trail):
    """A page read wrongly for three weeks is believed late and taken back: once it is
    restored nothing of it counts as a move, and it is believed to have cost the same.
    """
    said = eighty()
    sound = [scaled(said, 1, number=n) for n in range(3)]
    feed(sqlite_trail, *sound, *(scaled(said, 0.5, number=n) for n in (3, 4, 5)))
    feed(sqlite_trail, *(scaled(said, 1, number=n) for n in (6, 7, 8)))
    found = changes(sqlite_trail)
    assert len(found) == 120
    assert {row[2:] for row in found} == {(WEEKS[3], "flap"), (WEEKS[6], "flap")}
    ran = sqlite_trail("price", KEY, "--at", WEEKS[4], "--format", "json")
    prices = {row["meter"]: row["usd"] for row in json.loads(ran.out)}
    assert prices["input"] == "1.01"


def test_one_more_capture_is_enough_to_confirm_one(sqlite_trail):
    """A map that went back as a whole is believed when the next one says the same."""
    said = eighty()
    feed(sqlite_trail, said, *(scaled(said, 0.5, number=n) for n in (1, 2)))
    feed(sqlite_trail, *(scaled(said, 1, number=n) for n in (3, 4)))
    assert holds(sqlite_trail, "pending") == {}


@pytest.mark.parametrize("bad", [b"<!doctype html><title>Just a moment...", b"{}"])
def test_a_body_that_is_no_map_says_nothing(sqlite_trail, bad):
    """A challenge page or an empty object witnesses nothing, and the next map is
    compared with the one before.
    """
    said = eighty()
    feed(sqlite_trail, said)
    before = sqlite_trail.tables.believed()
    (ran,) = feed(sqlite_trail, bad)
    assert ran.code == 3
    assert "Traceback" not in ran.text
    assert sqlite_trail.tables.believed() == before
    feed(sqlite_trail, edited(said, KEY, input_cost_per_token=1.5e-6))
    assert [row[:3] for row in changes(sqlite_trail)] == [(KEY, "input", WEEKS[2])]


def years(grown: int) -> list[Map]:
    """A year of maps: prices move, and so many models are added."""
    said = [eighty()]
    for n, maker in enumerate(("acme", "globex", "hooli")):
        said.append(scaled(said[-1], 1 / (1.1 + n / 10), maker, number=1))
    for n in range(grown):
        entry = {**said[-1][KEY], "input_cost_per_token": 1.7e-6}
        said[-1][f"acme/new-{n}"] = entry
    return [said[0], said[1], scaled(said[1], 1, number=5), *said[2:]]


def moved_a_year(trail: Trail, grown: int) -> list[Map]:
    """A database with that year, the slices' moves accepted by their repetition."""
    maps = years(grown)
    maps.append(scaled(maps[-1], 1, number=9))
    feed(trail, *maps)
    assert holds(trail, "pending") == {}
    return maps


@pytest.mark.parametrize(("grown", "why"), [(0, "stale_values"), (5, "mass_loss")])
def test_the_map_of_a_year_ago_is_held(sqlite_trail, grown, why):
    """An old map served as today's waits as a whole and is disproved by the next."""
    maps = moved_a_year(sqlite_trail, grown)
    before = sqlite_trail.tables.history()
    (ran,) = feed(sqlite_trail, scaled(maps[0], 1, number=20))
    assert (ran.code, holds(sqlite_trail, "pending")) == (1, {why: 1})
    (after,) = feed(sqlite_trail, scaled(maps[-1], 1, number=30))
    assert (after.code, holds(sqlite_trail, "lapsed")[why]) == (0, 1)
    now = sqlite_trail.tables.history()
    assert (now["rates"], now["price_changes"]) == (
        before["rates"],
        before["price_changes"],
    )


def test_another_accident_does_not_confirm_the_first(sqlite_trail):
    """An old map and then a truncated one do not say the same: both wait."""
    maps = moved_a_year(sqlite_trail, 5)
    before = sqlite_trail.tables.believed()["rates"]
    today = scaled(maps[-1], 1, number=30)
    feed(sqlite_trail, scaled(maps[0], 1, number=20), lost(today, 6, start=40))
    assert sqlite_trail.tables.believed()["rates"] == before


def test_a_capture_confirmed_by_the_next_counts_from_its_own_instant(sqlite_trail):
    """A mass withdrawal that the next map repeats happened when it was first seen."""
    said = eighty()
    cut = edited(lost(said, 20), "hooli/model-02", output_cost_per_token=3e-6)
    first, second, third = feed(sqlite_trail, said, cut, scaled(cut, 1, number=1))
    assert (first.code, second.code, third.code) == (0, 1, 0)
    gone = changes(sqlite_trail, "withdrawn")
    assert {day for *_, day, _ in gone} == {WEEKS[1]}
    assert len(gone) == 60
    assert [row[:3] for row in changes(sqlite_trail)] == [
        ("hooli/model-02", "output", WEEKS[1])
    ]
    assert holds(sqlite_trail, "released") == {"mass_loss": 1}


def test_the_same_bytes_confirm_nothing(sqlite_trail):
    """A held body fetched again and again stays held."""
    said = eighty()
    runs = feed(sqlite_trail, said, lost(said, 20), lost(said, 20), lost(said, 20))
    assert [ran.code for ran in runs] == [0, 1, 1, 1]
    assert changes(sqlite_trail, "withdrawn") == []


@pytest.mark.parametrize("decision", ["accept", "reject"])
def test_a_decision_on_a_rate_outlives_a_rebuild(sqlite_trail, decision):
    """Accepted, a value counts from its first sighting; rejected, it never does."""
    said = eighty()
    jump = edited(said, KEY, input_cost_per_token=1.01e-4)
    feed(sqlite_trail, said, jump)
    decide(sqlite_trail, decision)
    accepted = [(KEY, "input", WEEKS[1], "correction")]
    expected = accepted if decision == "accept" else []
    assert changes(sqlite_trail) == expected
    assert listed(sqlite_trail) == []
    feed(sqlite_trail, *(edited(jump, KEY, max_tokens=n) for n in (1, 2)))
    found = sqlite_trail.tables.projection()
    assert changes(sqlite_trail) == expected
    assert sqlite_trail("rebuild").code == 0
    assert sqlite_trail.tables.projection() == found


@pytest.mark.parametrize("decision", ["accept", "reject"])
def test_a_decision_on_a_capture_outlives_a_rebuild(sqlite_trail, decision):
    """Accepted, a whole capture is applied at its instant; rejected, it never is."""
    said = eighty()
    cut = edited(lost(said, 20), "hooli/model-02", output_cost_per_token=3e-6)
    feed(sqlite_trail, said, cut)
    decide(sqlite_trail, decision)
    expected = [("hooli/model-02", "output", WEEKS[1])] if decision == "accept" else []
    assert [row[:3] for row in changes(sqlite_trail)] == expected
    found = sqlite_trail.tables.projection()
    statuses = sqlite_trail.tables.statuses()
    assert listed(sqlite_trail) == []
    sqlite_trail("rebuild")
    assert sqlite_trail.tables.projection() == found
    assert sqlite_trail.tables.statuses() == statuses
    status = "applied" if decision == "accept" else "rejected"
    assert statuses[status] == (2 if decision == "accept" else 1)


def test_a_decision_is_on_exactly_what_was_seen(sqlite_trail):
    """Another jump of the same price, and another bad capture, wait anew."""
    said = eighty()
    feed(sqlite_trail, said, edited(said, KEY, input_cost_per_token=1.01e-4))
    decide(sqlite_trail, "reject")
    feed(sqlite_trail, edited(said, KEY, input_cost_per_token=2.02e-4))
    assert [row["price_nano"] for row in listed(sqlite_trail)] == [202 * 10**9]


def test_a_hold_is_called_the_same_after_a_rebuild(sqlite_trail):
    """The name that a person copies from the list is good after a replay."""
    said = eighty()
    feed(sqlite_trail, said, scaled(said, 1000), lost(said, 5))
    names = [row["id"] for row in listed(sqlite_trail)]
    sqlite_trail("rebuild")
    assert [row["id"] for row in listed(sqlite_trail)] == names
    assert len(set(names)) == 61


EDITS = st.sampled_from(
    [
        lambda said, n: edited(said, KEY, input_cost_per_token=1.01e-6 * 10**n),
        lambda said, n: edited(said, KEY, output_cost_per_token=5e-6 / (n + 1)),
        lambda said, n: scaled(said, (0.5, 2, 1000, 1)[n]),
        swapped,
        lambda said, n: lost(said, (0, 1, 3, 20)[n]),
        lambda said, n: {**eighty(), **said} if n else eighty(),
        lambda said, n: edited(said, "acme/dear", input_cost_per_token=n / 1e3),
        lambda said, n: edited(said, "acme/dear", max_tokens=n),
        lambda said, n: edited(said, KEY, output_cost_per_token=(-1, 1e-6)[n % 2]),
        lambda said, _: scaled(said, 1, number=1),
        lambda said, _: said,
    ]
)
VERDICTS = (
    "SELECT source_key, meter, kind, observed_at, verdict, reason, effective_at, story "
    "FROM price_timeline ORDER BY 1, 2, 3, 4"
)
BELIEFS = (
    "SELECT provider, model, meter, price_nano, valid_from, valid_to, basis "
    "FROM believed_prices ORDER BY 1, 2, 3, 5"
)


@settings(
    max_examples=8,
    deadline=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
@given(
    st.lists(st.tuples(EDITS, st.integers(0, 3)), min_size=3, max_size=7),
    st.sampled_from([None, "accept", "reject"]),
    st.integers(0, 8),
)
def test_a_rebuild_equals_what_was_held_and_judged_in_turn(edits, decision, when):
    """Whatever jumps and repeats, replayed history has the same holds, verdicts and
    beliefs as the one made week by week.
    """
    with tempfile.TemporaryDirectory() as folder:
        trail = Trail(f"sqlite:///{folder}/trail.db", Path(folder))
        said = eighty()
        feed(trail, said)
        for number, (edit, value) in enumerate(edits):
            said = edit(said, value)
            feed(trail, said)
            if decision and number == when and listed(trail)[:1]:
                name = listed(trail)[0]["id"]
                trail("review", decision, name, "--note", "seen")
        before = [trail.tables.rows(sql) for sql in (VERDICTS, BELIEFS)]
        history, statuses = trail.tables.history(), trail.tables.statuses()
        trail("rebuild")
        assert trail.tables.history() == history
        assert trail.tables.statuses() == statuses
        assert [trail.tables.rows(sql) for sql in (VERDICTS, BELIEFS)] == before


def test_confidence_does_not_hang_on_when_it_was_asked(sqlite_trail):
    """A price that stood another week is as sure as a rebuild finds it."""
    said = eighty()
    cut = edited(said, KEY, input_cost_per_token=8e-7)
    feed(sqlite_trail, said, said, said, said, cut, cut)
    before = sqlite_trail.tables.projection()
    sqlite_trail("rebuild")
    assert sqlite_trail.tables.projection() == before
