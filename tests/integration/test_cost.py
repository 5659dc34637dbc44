"""What usage cost: at the rates of its own day, before and after corrections."""

import json
import subprocess
import sys
from collections import Counter
from decimal import Decimal

import pytest

from tests.support import maps
from tests.support.program import CHECKOUT, environment
from tracker.billing.costing import Biller, Request
from tracker.domain.billing import Unbillable, Usage
from tracker.domain.litellm_keys import read_key
from tracker.sources import litellm_package
from tracker.wiring import now, opened

NEW = "acme/new"
HEADER = "date,model,input,output,cached,tier\n"


def asked(trail, *words):
    """The rows that `cost` prints as JSON, and how it ended."""
    ran = trail("cost", *words, "--format", "json")
    return ran.code, json.loads(ran.out) if ran.out else ran.err


def launched(trail):
    """Two weeks: a model comes, at a price that is put right a week later."""
    first = maps.small_map()
    second = maps.edited(
        first, NEW, input_cost_per_token=1e-5, output_cost_per_token=2e-5, mode="chat"
    )
    third = maps.edited(
        second, NEW, input_cost_per_token=5e-6, output_cost_per_token=1e-5
    )
    trail.sync(first, "2025-01-06")
    trail.sync(second, "2025-01-13")
    return third


def usage(trail, *rows):
    """A usage file."""
    text = HEADER + "".join(f"{row}\n" for row in rows)
    return str(trail.file(text.encode(), "usage.csv"))


def test_a_closed_month_keeps_its_bill(trail):
    """With `--known-at` a bill stays the same dollars, whatever is learned later;
    without it a correction changes it, and is listed line by line.
    """
    third = launched(trail)
    file = usage(
        trail,
        "2025-01-14,acme/new,1000000,500000,,",
        f"2025-01-14,{maps.KEY},1000,10,,",
    )
    known = ("--known-at", "2025-01-19")
    _, before = asked(trail, "--usage", file)
    assert [row["usd"] for row in before] == ["20", "0.0010504"]
    assert [row["corrections"] for row in before] == ["", ""]

    assert trail.sync(third, "2025-01-20").code == 0
    moved = maps.edited(third, maps.KEY, input_cost_per_token=9e-7)
    assert trail.sync(moved, "2025-03-03").code == 0

    assert asked(trail, "--usage", file, *known) == (0, before)
    _, after = asked(trail, "--usage", file)
    assert [(row["usd"], row["was_usd"]) for row in after] == [
        ("10", "20"),
        ("0.0010504", "0.0010504"),
    ]
    assert after[0]["corrections"] == (
        "input $10.00 → $5.00 (correction, launch_fix, seen 2025-01-20); "
        "output $20.00 → $10.00 (correction, launch_fix, seen 2025-01-20)"
    )
    shown = trail("cost", "--usage", file).out
    assert "corrections: 2 lines, -$10.00" in shown
    assert "total $10.0010504 for 2 rows" in shown


def test_each_row_is_billed_at_the_rates_of_its_own_day(trail):
    """A price that moved is the old one before, and the new one from its day on."""
    first = maps.small_map()
    trail.sync(first, "2025-01-06")
    trail.sync(maps.edited(first, input_cost_per_token=1.5e-6), "2025-03-03")
    days = ("2025-01-06", "2025-03-02T23:59:59Z", "2025-03-03", "2025-09-01")
    file = usage(trail, *(f"{day},{maps.KEY},1000000,0,," for day in days))
    code, rows = asked(trail, "--usage", file)
    assert code == 0
    assert [row["usd"] for row in rows] == ["1.01", "1.01", "1.5", "1.5"]


def test_what_cannot_be_billed_is_listed_and_never_nothing(trail):
    """Unknown models, meters, days, tiers and rows that are none are named one by
    one, are no part of the total, and end with 1.
    """
    trail.sync(maps.small_map(), "2025-01-06")
    file = usage(
        trail,
        f"2025-01-07,{maps.KEY},1000000,0,,",
        "2025-01-07,nobody/nothing,5,5,,",
        f"2025-01-07,{maps.IMAGE},5,5,,",
        f"2024-01-07,{maps.KEY},5,5,,",
        f"2025-01-07,{maps.KEY},5,5,,turbo",
        f"2025-01-07,{maps.KEY},5,5,9,",
        f"2025-01-07,{maps.KEY},1.5,5,,",
        f"sometime,{maps.KEY},5,5,,",
        f"2025-01-07,{maps.KEY},5",
    )
    code, rows = asked(trail, "--usage", file)
    assert code == 1
    assert [row["usd"] for row in rows] == ["1.01"] + [None] * 8
    for row, words in zip(
        rows[1:],
        (
            "no model 'nobody/nothing'",
            "not sold by the token but by: image",
            "no price on record on 2024-01-07; the first one is of 2025-01-06",
            "no tier 'turbo'; it has: standard",
            "more than it (9 of 5)",
            "input is no whole number: '1.5'",
            "'sometime' is no date",
            "3 cells under 6 columns",
        ),
        strict=True,
    ):
        assert words in row["faults"]
    ran = trail("cost", "--usage", file)
    assert ran.code == 1
    assert ran.out.count("not billed: row ") == 8
    assert "total $1.01 for 1 row" in ran.out
    assert "8 rows without a price; no part of the total" in ran.err


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("when,who\n", "no column date, model, input, output"),
        ("", "no column date"),
        ("date,model,input,output,input\n", "the column input occurs twice"),
        ('date,model,input,output\n2025-01-07,"x', "not a CSV file in UTF-8"),
        (b"date,model,input,output\n2025-01-07,\xff,1,1\n", "not a CSV file in UTF-8"),
    ],
)
def test_a_file_that_is_no_usage_file_is_one_line(sqlite_trail, text, words):
    """What cannot be read at all is wrong usage, and says what is needed."""
    sqlite_trail.sync(maps.small_map(), "2025-01-06")
    raw = text if isinstance(text, bytes) else text.encode()
    ran = sqlite_trail("cost", "--usage", str(sqlite_trail.file(raw, "usage.csv")))
    assert ran.code == 2
    assert words in ran.err
    assert "Traceback" not in ran.err


def test_columns_come_in_any_order_and_those_not_billed_are_named(sqlite_trail):
    """A file of another program, with a byte order mark and semicolons, is read."""
    sqlite_trail.sync(maps.small_map(), "2025-01-06")
    text = (
        "\ufeffOutput Tokens;Model;Input Tokens;Timestamp;Team\n"
        f"0;{maps.KEY};1000000;2025-01-07T10:00:00+02:00;red\n"
    )
    file = sqlite_trail.file(text.encode(), "usage.csv")
    ran = sqlite_trail("cost", "--usage", str(file))
    assert ran.code == 0
    assert "total $1.01 for 1 row" in ran.out
    assert "the column team is not billed" in ran.err


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        ((maps.KEY,), 2, "say how much was used"),
        ((), 2, "name a MODEL"),
        ((maps.KEY, "--input", "5", "--cached", "9"), 2, "(9 of 5)"),
        ((maps.KEY, "--input", "5", "--tier", "x"), 2, "no tier 'x'; it has: standard"),
        ((maps.KEY, "--input", "5", "--region", "x"), 2, "sold without regions"),
        ((maps.KEY, "--input", "5", "--at", "2020-01-01"), 1, "no price on record"),
        (
            (maps.KEY, "--input", "5", "--known-at", "2020-01-01"),
            1,
            "nothing was known",
        ),
        ((maps.KEY, "--input", "5", "--usage", "x.csv"), 2, "leave them out"),
        (("--usage", "nowhere.csv"), 2, "nowhere.csv: No such file"),
        ((maps.IMAGE, "--input", "5"), 1, "not sold by the token"),
        (("nobody", "--input", "5"), 2, "no model 'nobody'"),
    ],
)
def test_wrong_questions_are_one_line(sqlite_trail, words, code, said):
    """What makes no bill says why, and what to write."""
    sqlite_trail.sync(maps.small_map(), "2025-01-06")
    ran = sqlite_trail("cost", *words)
    assert (ran.code, said in ran.err) == (code, True), ran.text
    assert len(ran.err.splitlines()) == 1


def test_a_part_without_a_rate_leaves_the_bill_without_a_total(trail):
    """What has a rate is shown, what has none is named, and no sum is made up."""
    made = maps.edited(maps.small_map(), output_cost_per_token=...)
    trail.sync(made, "2025-01-06")
    ran = trail("cost", maps.KEY, "--input", "10", "--output", "5")
    assert ran.code == 1
    assert "no total: there is no rate for output" in ran.out
    code, rows = asked(trail, maps.KEY, "--input", "10", "--output", "5")
    assert code == 1
    assert [(row["part"], row["usd"]) for row in rows] == [
        ("input", "0.0000101"),
        ("output", None),
    ]


def priced(**fields):
    """The small map with fields on one entry."""
    return maps.edited(maps.small_map(), **fields)


def test_regions_and_modes_multiply_where_the_source_says_so(trail):
    """An uplift is used where there is no offer of that region."""
    trail.sync(
        priced(
            regional_processing_uplift_multiplier_eu=1.1,
            provider_specific_entry={"us": 1.2, "fast": 2},
        ),
        "2025-01-06",
    )
    for words, usd in (
        (("--region", "eu"), "1.111"),
        (("--region", "us", "--tier", "fast"), "2.424"),
        (("--tier", "default"), "1.01"),
    ):
        _, (row,) = asked(trail, maps.KEY, "--input", "1000000", *words)
        assert row["usd"] == usd


def test_off_peak_rates_hold_in_their_hours(trail):
    """The hour decides; a day without an hour is billed in full, and says so."""
    off_peak = {"hours_utc": "16:30-00:30", "input_cost_per_token": 5e-7}
    trail.sync(priced(off_peak_pricing=off_peak), "2025-01-06")
    for at, usd in (
        ("2025-01-07T17:00:00Z", "0.5"),
        ("2025-01-07T12:00:00Z", "1.01"),
        ("2025-01-07", "1.01"),
    ):
        _, (row,) = asked(trail, maps.KEY, "--input", "1000000", "--at", at)
        assert row["usd"] == usd
    ran = trail("cost", maps.KEY, "--input", "9", "--at", "2025-01-07")
    assert "note: it has off-peak rates" in ran.out


CASES = (
    {"input": 1000, "output": 500},
    {"input": 200_000, "output": 500},
    {"input": 300_000, "output": 500, "cached": 50_000},
    {"input": 10_000, "output": 500, "cached": 4000, "cache_write": 1000},
    {"input": 40_000, "output": 500, "reasoning": 300},
    {"input": 300_000, "output": 500, "tier": "priority"},
    {"input": 3000, "output": 500, "cached": 100, "tier": "flex"},
)
OWN_WAYS = {
    # Cached tokens at half the input's price where the map states none; no tiers.
    "fireworks_ai": ("cached", "cache_write", "tier"),
    # Cached tokens are billed as input, whatever their price.
    "perplexity": ("cached", "cache_write"),
}
"""Where litellm's own code does not bill what its map states."""


def installed():
    """Models of the installed map that are sold by the token, one key per offer."""
    body = litellm_package.read_installed_map(max_bytes=2**30).body
    entries = {k: e for k, e in json.loads(body).items() if "litellm_provider" in e}
    sold = {k: read_key(k, e["litellm_provider"])[0] for k, e in entries.items()}
    several = Counter(sold.values())
    chosen = [
        (key, entry["litellm_provider"])
        for key, entry in sorted(entries.items())
        if entry.get("mode") in ("chat", "completion", "responses")
        and entry.get("input_cost_per_token")
        and "output_cost_per_token" in entry
        and several[sold[key]] == 1
    ]
    return chosen[::8]


def known_ways(case, provider):
    """Whether litellm bills this kind of usage by its map, for this provider."""
    return not set(OWN_WAYS.get(provider, ())) & {k for k, v in case.items() if v}


def theirs(cases):
    """What litellm bills, from a process of its own."""
    done = subprocess.run(
        [sys.executable, str(CHECKOUT / "tests/support/litellm_costs.py")],
        input=json.dumps(cases),
        env=environment(),
        capture_output=True,
        encoding="utf-8",
        timeout=120,
        check=True,
    )
    return json.loads(done.stdout.splitlines()[-1])


def test_bills_agree_with_litellm(sqlite_trail):
    """On the installed map's rates a few hundred models cost what litellm's own
    `cost_per_token` says, whatever the kind of usage.
    """
    assert sqlite_trail("sync", "--source", "litellm", "--offline").code in (0, 1)
    cases = [
        {
            "key": key,
            "provider": provider,
            "tier": case.get("tier", ""),
            "usage": {
                "cached": 0,
                "cache_write": 0,
                "reasoning": 0,
                **{k: v for k, v in case.items() if k != "tier"},
            },
        }
        for key, provider in installed()
        for case in CASES
        if known_ways(case, provider)
    ]
    same, different, models = 0, [], set()
    with opened(sqlite_trail.url) as store:
        biller, at = Biller(store), now()
        for case, dollars in zip(cases, theirs(cases), strict=True):
            mine = ours(biller, case, at)
            if dollars is None or mine is None:
                continue
            if abs(float(mine) - dollars) > 1e-9 * max(float(mine), dollars):
                different.append((case, mine, dollars))
            same += 1
            models.add(case["key"])
    assert different == []
    assert len(models) >= 300
    assert same >= 4 * len(models)


def ours(biller, case, at) -> Decimal | None:
    """What we bill; None for a tier that the model does not have, where litellm
    silently bills the standard one.
    """
    asked_ = Request(case["key"], Usage(**case["usage"]), at, tier=case["tier"])
    try:
        return biller.bill(asked_).bill.usd
    except Unbillable as fault:
        if case["tier"] and "no tier" in str(fault):
            return None
        raise
