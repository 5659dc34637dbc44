"""Stories: what came and went, told as one where it belongs together."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from storage.reading.presence import Presence
from tracker.asking.stories import told

AT = datetime(2026, 10, 18, tzinfo=UTC)
BEFORE = datetime(2026, 10, 4, tzinfo=UTC)

NEW = Presence(ever=False, was_there=False, is_there=True, ends_on=None)
THERE = Presence(ever=True, was_there=True, is_there=True, ends_on=None)
BACK = Presence(ever=True, was_there=False, is_there=True, ends_on=None)
GONE = Presence(ever=True, was_there=True, is_there=False, ends_on=None)
ENDED = Presence(ever=True, was_there=True, is_there=False, ends_on="2026-10-01")
TO_END = Presence(ever=True, was_there=True, is_there=False, ends_on="2026-12-31")


def row(key, kind, meter="input", **said):
    """A row of the timeline, as far as stories look at it."""
    provider, _, model = key.partition("/")
    return {
        "provider": provider,
        "model": model,
        "region": "",
        "source": "litellm",
        "source_key": key,
        "meter": meter,
        "kind": kind,
        "old_usd": Decimal(1),
        "new_usd": Decimal(1),
        "observed_at": AT,
        "previous_seen_at": BEFORE,
        "verdict": None,
        "reason": None,
        "story": None,
        **said,
    }


def tell(*events, renames=()):
    """Stories of (row, what was there) as (what, sellers, offers, because)."""
    around = {("litellm", r["source_key"], r["observed_at"]): p for r, p in events}
    names = {("litellm", old, AT): new for old, new in dict(renames).items()}
    found = told([r for r, _ in events], around, names)
    return [(s.plot.what, s.providers, s.offers, s.because) for s in found]


def many(count, provider, kind, presence, start=0):
    """So many keys of a provider to which one thing happened."""
    keys = (f"{provider}/m{n}" for n in range(start, start + count))
    return [(row(key, kind), presence) for key in keys]


@pytest.mark.parametrize(
    ("kind", "presence", "what"),
    [
        ("introduced", NEW, "new"),
        ("introduced", THERE, "rates added"),
        ("introduced", BACK, "returned"),
        ("returned", BACK, "returned"),
        ("returned", THERE, "rates back"),
        ("withdrawn", THERE, "rates dropped"),
        ("withdrawn", GONE, "withdrawn"),
        ("withdrawn", TO_END, "withdrawn"),
        ("withdrawn", ENDED, "retired"),
    ],
)
def test_what_an_event_is(kind, presence, what):
    """An offer that came or went is told apart from a rate of one that stays."""
    ((told_as, *_),) = tell((row("acme/m", kind), presence))
    assert told_as == what


def test_offers_of_one_seller_are_one_story():
    """Three new offers of one provider are one line, those of another one more."""
    events = [
        *many(3, "acme", "introduced", NEW),
        *many(1, "globex", "introduced", NEW),
    ]
    because = "listed for the first time"
    assert tell(*events) == [
        ("new", ["acme"], 3, because),
        ("new", ["globex"], 1, because),
    ]


def test_rates_of_one_offer_are_one_offer():
    """Two rates of an offer that went are one offer gone."""
    events = [(row("acme/m", "withdrawn", m), GONE) for m in ("input", "output")]
    assert tell(*events) == [("withdrawn", ["acme"], 1, "no longer listed")]


def test_another_instant_is_another_story():
    """What happened at two captures is told twice."""
    later = row("acme/b", "introduced", observed_at=datetime(2026, 10, 25, tzinfo=UTC))
    assert len(tell((row("acme/a", "introduced"), NEW), (later, NEW))) == 2


def test_the_retired_are_one_story_whoever_sold_them():
    """Offers past their deprecation dates go together, with most of them first."""
    events = [
        *many(1, "acme", "withdrawn", ENDED),
        *many(2, "globex", "withdrawn", ENDED),
    ]
    ((what, sellers, offers, _),) = tell(*events)
    assert (what, sellers, offers) == ("retired", ["globex", "acme"], 3)


@pytest.mark.parametrize(
    ("ended", "gone", "expected"),
    [(1, 9, {("withdrawn", 10)}), (2, 9, {("retired", 2), ("withdrawn", 9)})],
)
def test_a_catalogue_that_is_cleared_is_one_story(ended, gone, expected):
    """The few retired ones among nine times as many others went with them."""
    events = [
        *many(ended, "acme", "withdrawn", ENDED),
        *many(gone, "acme", "withdrawn", GONE, start=ended),
    ]
    assert {(what, offers) for what, _, offers, _ in tell(*events)} == expected


def test_what_was_there_at_first_is_not_new():
    """The first capture of a source lists no launches, and is one story."""
    rows = [row(k, "introduced", previous_seen_at=None) for k in ("acme/a", "globex/b")]
    ((what, sellers, offers, _),) = tell(*((r, NEW) for r in rows))
    assert (what, sorted(sellers), offers) == ("first seen", ["acme", "globex"], 2)


def test_a_renamed_key_is_one_story_with_its_new_name():
    """What went and came back under another name is no loss and no launch."""
    events = [
        (row("acme/old", "withdrawn"), GONE),
        (row("acme/new", "introduced"), NEW),
    ]
    around = {("litellm", r["source_key"], AT): p for r, p in events}
    renames = {("litellm", "acme/old", AT): "acme/new"}
    (story,) = told([r for r, _ in events], around, renames)
    assert (story.plot.what, story.offers) == ("renamed", 1)
    assert story.names == ["acme/old -> acme/new"]
    (alone,) = told([events[1][0]], around, renames)
    assert (alone.plot.what, alone.offers) == ("renamed", 1)


def test_added_rates_are_told_by_their_meters():
    """A story of rates names the commonest meters and counts the rest."""
    meters = ["input+batch", "input+batch", "a", "b", "c"]
    events = [(row(f"acme/{n}", "introduced", m), THERE) for n, m in enumerate(meters)]
    ((what, _, offers, because),) = tell(*events)
    assert (what, offers) == ("rates added", 5)
    assert because == "input+batch, a, b, 1 more"


def test_steps_keep_the_story_that_the_judge_gave_them():
    """Steps of one story and verdict are one; a redirect says where it leads."""
    said = {"story": "litellm/acme/2026-10-18/x0.5", "verdict": "move", "reason": ""}
    away = {**said, "story": "litellm/acme/2026-10-18/to acme/z"}
    fixed = {**said, "verdict": "correction", "reason": "unit_error"}
    rows = [row("acme/a", "changed", **said), row("acme/b", "returned", **said)]
    rows += [row("acme/c", "changed", **fixed), row("acme/d", "changed", **away)]
    assert tell(*((r, BACK) for r in rows)) == [
        ("changed", ["acme"], 2, "the price moved"),
        ("changed", ["acme"], 1, "a unit error corrected; it never cost that"),
        ("redirected", ["acme"], 1, "now served as acme/z"),
    ]


def test_a_step_that_was_not_judged_yet_stands_alone():
    """Before the judge has been there, each change is a story of its own."""
    rows = [row("acme/a", "changed"), row("acme/a", "changed", "output")]
    assert [offers for _, _, offers, _ in tell(*((r, THERE) for r in rows))] == [1, 1]
