"""`pricetrail chart`: files of what was believed."""

import json
import struct

import pytest
from freezegun import freeze_time

from tests.support.maps import KEY, edited, small_map, without

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
