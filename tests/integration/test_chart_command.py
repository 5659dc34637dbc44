"""`pricetrail chart`: files of what was believed."""

import json
import struct

import pytest
from freezegun import freeze_time

from tests.support.maps import KEY, edited, renamed, small_map, without
from tests.support.subscribers import witnessed

DAYS = ("2026-01-04", "2026-01-11", "2026-01-18")
NOW = "2026-01-19T00:00:00Z"


@pytest.fixture(name="told")
def _told(trail):
    """A model that was stable, one that became cheaper, and one that went."""
    first = small_map()
    cut = edited(first, KEY, output_cost_per_token=2e-6)
    trail.sync(first, DAYS[0])
    trail.sync(cut, DAYS[1])
    trail.sync(cut, DAYS[2])
    return trail


def drawn(trail, *words):
    """The specification of a chart, and how the program ended."""
    path = trail.folder / "chart.json"
    with freeze_time(NOW):
        ran = trail("chart", *words, "-o", str(path))
    return json.loads(path.read_text("utf-8")), ran


def labels(spec):
    """What stands at the ends of the lines."""
    found = []
    for panel in spec.get("vconcat", [spec]):
        for layer in panel["layer"]:
            rows = layer["data"]["values"]
            found += [row["text"] for row in rows if "text" in row]
    return found


def test_a_stable_model_is_marked_so(told):
    """Flat lines with today's prices, and the word."""
    spec, ran = drawn(told, "openai/model-00")
    assert ran.code == 0, ran.text
    assert ran.out.endswith("chart.json: 2 lines of 1 offer\n")
    assert labels(spec) == ["output $4.00 · stable", "input $1.00 · stable"]


def test_a_change_carries_its_verdict(told):
    """A step of the line is marked with what we make of it."""
    spec, _ = drawn(told, KEY, "--meter", "output")
    rows = [r for x in spec["layer"] for r in x["data"]["values"] if "verdict" in r]
    assert rows[0]["verdict"] == "move"
    assert rows[0]["at"].startswith(DAYS[1])
    assert rows[0]["told"].startswith("acme/model-01 output: $4.04 to $2.00")


def test_several_models_share_one_picture(told):
    """Each has its line in the panel of each meter."""
    spec, ran = drawn(told, "openai/model-00", KEY)
    assert "4 lines of 2 offers" in ran.out
    assert len(spec["vconcat"]) == 2
    assert labels(spec)[:2] == ["model-00 $4.00 · stable", "model-01 $2.00"]


def test_a_missed_sync_shows(trail):
    """Five weeks without a read are a gap in the line."""
    trail.sync(small_map(), "2025-11-30")
    trail.sync(small_map(), "2026-01-04")
    spec, _ = drawn(trail, "openai/model-00")
    rows = [r for x in spec["layer"] for r in x["data"]["values"] if "seen" in r]
    assert {r["seen"] for r in rows if r["at"].startswith("2025-11-30")} == {False}
    assert {r["seen"] for r in rows if r["at"].startswith("2026-01-19")} == {True}


def test_what_is_gone_says_until_when(told):
    """An offer that was withdrawn ends where it was last sold."""
    gone = without(edited(small_map(), KEY, output_cost_per_token=2e-6), KEY)
    told.sync(gone, "2026-01-25")
    told.sync(edited(gone, "openai/model-00", max_input_tokens=1), "2026-02-01")
    with freeze_time("2026-02-02"):
        path = told.folder / "gone.json"
        assert told("chart", KEY, "-o", str(path)).code == 0
    spec = json.loads(path.read_text("utf-8"))
    assert labels(spec) == [
        "output $2.00 until 2026-01-25",
        "input $1.01 until 2026-01-25",
    ]


@pytest.mark.parametrize("suffix", ["svg", "png", "html"])
def test_the_suffix_says_what_is_written(told, suffix):
    """An SVG, a PNG or a page, in colours for the night if asked for."""
    path = told.folder / f"chart.{suffix}"
    with freeze_time(NOW):
        ran = told("chart", KEY, "-o", str(path), "--look", "dark", "--title", "Acme")
    assert ran.code == 0, ran.text
    body = path.read_bytes()
    if suffix == "png":
        assert struct.unpack(">II", body[16:24])[0] > 1000
    else:
        assert b"#14171c" in body
        assert b"Acme" in body


def test_a_meter_without_a_price_is_named(told):
    """What was asked for and is not there is said, and the exit code is 1."""
    _, ran = drawn(told, KEY, "--meter", "input", "--meter", "reasoning")
    assert ran.code == 1
    assert "no price on record: acme/model-01 reasoning" in ran.err


def test_an_offer_billed_otherwise_shows_what_it_has(told):
    """A model without input and output is drawn by the first meter it has."""
    spec, ran = drawn(told, "hooli/model-59")
    assert ran.code == 0, ran.text
    assert labels(spec) == ["output.image $0.40 · stable"]
    assert "USD per image" in spec["title"]["subtitle"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("acme/model-01", "-o", "x.gif"), "a chart's name ends in one of"),
        (("acme/model-01", "-o", "no/where/x.svg"), "there is no folder"),
        (("acme/model-1", "-o", "x.svg"), "did you mean"),
        (("acme/model-01", "-o", "x.svg", "--meter", "zzz"), "zzz"),
        (("acme/model-01", "-o", "x.svg", "--meter", "reasoning"), "nothing to draw"),
        (("acme/model-01", "-o", "x.svg", "--since", "2099-01-01"), "the future"),
        (
            ("hooli/model-59", "acme/model-01", "-o", "x.svg", "--until", "2020-01-01"),
            "nothing to draw",
        ),
    ],
    ids=["suffix", "folder", "model", "meter", "no price", "future", "before"],
)
def test_what_makes_no_chart_is_said_in_one_line(told, words, message, monkeypatch):
    """Wrong words end with one line, exit 2 and no file."""
    monkeypatch.chdir(told.folder)
    with freeze_time(NOW):
        ran = told("chart", *words)
    assert ran.code == 2, ran.text
    assert message in ran.err
    assert "Traceback" not in ran.text
    assert not (told.folder / "x.svg").exists()


def marks(trail, *words):
    """What the changes on the lines are said to be."""
    spec, _ = drawn(trail, *words)
    rows = [row for layer in spec["layer"] for row in layer["data"]["values"]]
    return sorted({row["told"] for row in rows if "verdict" in row})


def listed_twice(price):
    """A model that a source lists under a plain name, and then under a second one."""
    first = renamed(small_map(), KEY, "model-01")
    second = {**first["model-01"], "input_cost_per_token": price}
    return first, {**first, KEY: second}


def test_a_step_that_a_correction_carried_back_says_so(trail):
    """A second name of an offer comes with a wrong price, put right a week later: the
    step on the day of that name is the correction's, and does not wait for a verdict.
    """
    first, second = listed_twice(0)
    fixed = edited(second, KEY, input_cost_per_token=2e-6)
    for said, day in zip((first, second, fixed), ("2025-12-28", *DAYS), strict=False):
        trail.sync(said, day)
    why = "correction (placeholder_filled"
    assert marks(trail, KEY, "--meter", "input") == [
        f"acme/model-01 input: $0.00 to $2.00 on {DAYS[1]}, {why})",
        f"acme/model-01 input: $1.01 to $2.00 on {DAYS[0]}, {why}, seen on {DAYS[1]})",
    ]


def test_a_step_to_another_name_of_the_offer_is_no_change(sqlite_trail):
    """Where a source lists an offer a second time at another price, which is believed
    from then on, nothing waits for a verdict either.
    """
    for said, day in zip(listed_twice(2e-6), DAYS, strict=False):
        sqlite_trail.sync(said, day)
    (told,) = marks(sqlite_trail, KEY, "--meter", "input")
    step = f"acme/model-01 input: $1.01 to $2.00 on {DAYS[1]}"
    assert told == f"{step}, other source (another name at litellm)"


def test_a_return_at_the_same_price_hides_no_step(sqlite_trail):
    """An offer is gone, another source is believed meanwhile, and it comes back: that
    is a step to the other source and back, though the return itself is no change.
    """
    listed = small_map()
    gone = without(listed, "openai/model-00")
    sqlite_trail.sync(listed, "2025-12-28")
    assert witnessed(sqlite_trail, 0.5, "2025-12-28").code == 0
    still = edited(gone, KEY, max_input_tokens=1)  # other bytes: a second witness
    for said, day in zip((gone, still, listed), DAYS, strict=True):
        sqlite_trail.sync(said, day)
    assert marks(sqlite_trail, "openai/model-00", "--meter", "input") == [
        f"openai/model-00 input: {step} on {day}, other source ({who})"
        for step, day, who in (
            ("$0.50 to $1.00", DAYS[2], "litellm instead of models-dev"),
            ("$1.00 to $0.50", DAYS[0], "models-dev instead of litellm"),
        )
    ]
