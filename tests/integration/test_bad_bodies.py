"""Bodies that nobody should believe: one clear line, and nothing changes."""

import json

import pytest

from tests.support.maps import IMAGE, KEY, body, edited, small_map, with_literal

FIRST, SECOND, THIRD = "2025-01-06", "2025-01-13", "2025-01-20"
DEEP = 300


def nested(depth: int) -> str:
    """A value nested so deep."""
    return '{"a":' * depth + "1" + "}" * depth


TRUNCATED = body(small_map())[:-500]
UNREADABLE = {
    "empty": b"",
    "spaces": b" \n ",
    "truncated": TRUNCATED,
    "list": body([small_map()]),
    "text": b'"a map"',
    "number": b"17",
    "null": b"null",
    "empty object": b"{}",
    "html": b"<!doctype html><html><body>Sorry</body></html>",
    "binary": bytes(range(256)) * 20,
    "too few": body(dict(list(small_map().items())[:40])),
    "only texts": body(dict.fromkeys(small_map(), "gone")),
    "deep list": b"[" * 200_000,
    "deep object": b'{"a":' * 200_000,
    "deep entry": with_literal(small_map(), "deep", nested(100_000)),
}


@pytest.mark.parametrize("said", UNREADABLE.values(), ids=UNREADABLE)
def test_a_body_that_is_no_map_changes_nothing(sqlite_trail, said):
    """A body that is not the map asked for is refused in one line, and its silence
    withdraws nothing.
    """
    sqlite_trail.sync(small_map(), FIRST)
    before = sqlite_trail.tables.believed()
    for at in (SECOND, THIRD):
        ran = sqlite_trail.sync(said, at)
        assert ran.code in (1, 3)
        (line,) = [n for n in ran.out.splitlines() if n.startswith("litellm")]
        assert line.startswith(("litellm: failed", "litellm: held"))
    assert sqlite_trail.tables.believed() == before
    assert set(sqlite_trail.tables.column("SELECT missing_since FROM source_keys")) == {
        None
    }


def test_a_file_of_hundreds_of_megabytes_is_not_read(sqlite_trail, tmp_path):
    """A file that is too large to be a price list is refused and not kept."""
    sqlite_trail.sync(small_map(), FIRST)
    before = sqlite_trail.tables.believed()
    huge = tmp_path / "huge.json"
    with huge.open("wb") as file:
        file.truncate(200_000_000)
    given = ("--source", "litellm", "--file", str(huge), "--at", SECOND)
    ran = sqlite_trail("sync", *given)
    assert ran.code == 3
    assert "too large to be a price list" in ran.out
    assert sqlite_trail.tables.believed() == before
    assert sqlite_trail.tables.counts("captures") == {"captures": 1}


def test_after_a_bad_body_the_next_good_one_counts(trail):
    """A failed capture is passed over: the next one is compared with the last good."""
    trail.sync(small_map(), FIRST)
    trail.sync(b"", SECOND)
    assert trail.sync(edited(small_map(), input_cost_per_token=2e-06), THIRD).code == 0
    changed = [s for s in trail.tables.steps() if s[2] == "changed"]
    assert changed == [(KEY, "input", "changed", 1.01, 2)]
    assert (
        trail.tables.one(
            "SELECT previous_seen_at FROM price_changes WHERE kind = 'changed'"
        )
        == f"{FIRST}T00:00:00Z"
    )


HELD = {
    "-1": "negative",
    "-0.0000005": "negative",
    "NaN": "not_a_number",
    "Infinity": "infinite",
    "1e400": "infinite",
    '"abc"': "not_a_number",
    '"-1"': "negative",
    '"NaN"': "not_a_number",
    "true": "not_a_number",
    "[1e-06]": "not_a_number",
    "1e-30": "too_small",
    "1e25": "too_large",
}


@pytest.mark.parametrize(("literal", "reason"), HELD.items(), ids=HELD)
def test_a_value_that_is_no_price_is_held(sqlite_trail, literal, reason):
    """A value that cannot be a price is held, and the rate before it stays open."""
    sqlite_trail.sync(small_map(), FIRST)
    before = sqlite_trail.tables.believed()
    ran = sqlite_trail.sync(
        with_literal(small_map(), "input_cost_per_token", literal), SECOND
    )
    assert ran.code == 1
    assert "1 newly held" in ran.out
    assert sqlite_trail.tables.believed() == before
    (hold,) = sqlite_trail.tables.rows(
        "SELECT reason, status, held_at, field FROM holds"
    )
    assert hold == {
        "reason": reason,
        "status": "pending",
        "held_at": f"{SECOND}T00:00:00Z",
        "field": "input_cost_per_token",
    }


@pytest.mark.parametrize("literal", ["-1", "NaN", "1e400"])
def test_a_hold_ends_when_the_price_is_readable_again(trail, literal):
    """Back at the old price a hold ends without a step; the rate never closed."""
    trail.sync(small_map(), FIRST)
    before = trail.tables.believed()
    trail.sync(with_literal(small_map(), "input_cost_per_token", literal), SECOND)
    assert trail.tables.believed() == before
    assert trail.sync(small_map(), THIRD).code == 0
    assert trail.tables.believed() == before
    assert "pending" not in trail.tables.column("SELECT status FROM holds")


def test_a_held_value_is_reported_once(trail):
    """A hold that still stands a week later is not a new one."""
    trail.sync(small_map(), FIRST)
    bad = edited(small_map(), input_cost_per_token=-1)
    assert trail.sync(bad, SECOND).code == 1
    again = edited(bad, "globex/model-02", max_input_tokens=1)
    assert trail.sync(again, THIRD).code == 0
    assert trail.tables.counts("holds") == {"holds": 1}


def test_one_bad_value_does_not_hold_up_the_rest(trail):
    """Beside a held rate every other change of the map is applied."""
    trail.sync(small_map(), FIRST)
    both = edited(small_map(), input_cost_per_token=-1, output_cost_per_token=5e-06)
    both = edited(both, IMAGE, output_cost_per_image=0.3)
    trail.sync(both, SECOND)
    assert trail.tables.steps(f"{SECOND}T00:00:00Z") == [
        (KEY, "output", "changed", 4.04, 5),
        (IMAGE, "output.image", "changed", 0.4, 0.3),
    ]


def test_two_fields_for_one_meter_that_differ_are_held(trail):
    """Two fields that mean one meter are one row if equal, and held if they differ."""
    base = edited(small_map(), "acme/voice", input_cost_per_second=0.02)
    trail.sync(base, FIRST)
    same = edited(base, "acme/voice", cost_per_second=0.02)
    assert trail.sync(same, SECOND).code == 0
    differ = edited(base, "acme/voice", cost_per_second=0.03)
    assert trail.sync(differ, THIRD).code == 1
    assert trail.tables.column("SELECT reason FROM holds") == ["conflict"]
    assert trail.tables.standing("acme/voice") == {"input.second": 0.02}


def test_a_key_stated_twice_with_other_costs_is_held(trail):
    """A key whose two entries differ is not believed, and keeps its rates."""
    trail.sync(small_map(), FIRST)
    before = trail.tables.believed()
    other = json.dumps({KEY: {**small_map()[KEY], "input_cost_per_token": 2e-06}})
    twice = body(small_map()).rstrip()[:-1] + b"," + other.encode()[1:]
    assert trail.sync(twice, SECOND).code == 1
    assert trail.tables.believed() == before
    assert trail.tables.column("SELECT reason FROM holds") == ["duplicate_key"]


def test_an_entry_that_is_no_object_changes_nothing_else(trail):
    """A text where an entry should be is passed over; the other models go on."""
    trail.sync(small_map(), FIRST)
    before = trail.tables.believed()
    said = {**small_map(), "note": "this is not an entry", "list": [1], "null": None}
    assert trail.sync(said, SECOND).code == 0
    assert trail.tables.believed() == before


@pytest.mark.parametrize("depth", [100, DEEP, 900])
def test_deep_nesting_in_a_fact_is_harmless(sqlite_trail, depth):
    """A fact nested deep is kept or refused in a line, and prices go on."""
    sqlite_trail.sync(small_map(), FIRST)
    deep = with_literal(small_map(), "extra", nested(depth))
    deep = deep.replace(b"1.02e-06", b"2.04e-06")
    for at in (SECOND, THIRD):
        assert sqlite_trail.sync(deep, at).code in (0, 1, 3)
        deep = deep.replace(b"4.08e-06", b"4.1e-06")
    assert sqlite_trail("rebuild").code in (0, 1)
    assert len(sqlite_trail.tables.standing(KEY)) == 3


STRANGE = {
    "surrogate in a key": ('"acme/model-01"', r'"acme/\ud800"'),
    "surrogate in a fact": ('"mode": "chat"', r'"mode": "\udfff"'),
    "zero byte in a key": ('"acme/model-01"', r'"acme/\u0000"'),
    "zero byte in a fact": ('"mode": "chat"', r'"mode": "\u0000"'),
    "zero byte in a field": ('"mode": "chat"', r'"cost\u0000per": 1'),
    "long number": ('"mode": "chat"', '"n": ' + "9" * 5000),
    "empty key": ('"acme/model-01"', '""'),
    "slash key": ('"acme/model-01"', '"/"'),
    "long key": ('"acme/model-01"', f'"acme/{"x" * 20_000}"'),
    "provider is a list": ('"litellm_provider": "acme"', '"litellm_provider": []'),
    "empty provider": ('"litellm_provider": "acme"', '"litellm_provider": ""'),
    "huge context": (
        '"mode": "chat"',
        '"input_cost_per_token_above_9' + "9" * 30 + '_tokens": 1e-06',
    ),
    "tiers of junk": (
        '"mode": "chat"',
        '"tiered_pricing": [{"range": [NaN, 1], "input_cost_per_token": 1e-06}]',
    ),
}


@pytest.mark.parametrize("name", STRANGE)
def test_strange_text_is_never_a_traceback(trail, name):
    """Text that a database may refuse is held, failed or kept, and the next map is
    applied as if nothing had been.
    """
    old, new = STRANGE[name]
    trail.sync(small_map(), FIRST)
    strange = body(small_map()).replace(old.encode(), new.encode(), 1)
    ran = trail.sync(strange, SECOND)
    assert ran.code in (0, 1, 3)
    last = edited(small_map(), "globex/model-02", output_cost_per_token=5e-06)
    assert trail.sync(last, THIRD).code == 0
    changed = [s for s in trail.tables.steps() if s[2] == "changed"]
    assert changed == [("globex/model-02", "output", "changed", 4.08, 5)]
