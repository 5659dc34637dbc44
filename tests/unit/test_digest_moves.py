"""Moves of a digest: old against told, sources that are not followed, fans."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from tracker.reports.digest import compose
from tracker.reports.layout import laid_out, subject_of
from tracker.reports.news import News
from tracker.reports.settings import Subscription

DAY = datetime(2026, 1, 12, tzinfo=UTC)


def step(old, new, *, model="m", meter="input", source="litellm", place=5, **more):
    """A judged step of acme's, in dollars."""
    row = {
        "provider": "acme",
        "model": model,
        "region": "",
        "source": source,
        "source_key": f"acme/{model}",
        "meter": meter,
        "unit": "token",
        "quantum": 10**6,
        "kind": "changed",
        "currency": "USD",
        "old_price_nano": round(old * 10**9),
        "new_price_nano": round(new * 10**9),
        "previous_seen_at": DAY - timedelta(days=7),
        "observed_at": DAY,
        "effective_at": None,
        "verdict": "move",
        "reason": "",
        "confidence": 0.7,
        "evidence": '{"stood": "2 weeks"}',
        "story": "s",
        "since": None,
        "url": None,
        "version": "1.0",
        "sha256": "ab" * 32,
        "place": place,
        "offer_id": hash(model) % 1000,
        "meter_id": hash(meter) % 1000,
        **more,
    }
    return {**row, "change": f"{source}|{model}|{meter}|{row['observed_at']}|{new}"}


def digest(*rows, told=None, believed=None, **options):
    """The digest of these steps."""
    found = {
        (row["offer_id"], row["meter_id"]): {
            "price_nano": round(nano * 10**9),
            "currency": "USD",
            "source": source,
        }
        for row, (nano, source) in zip(rows, believed or [], strict=False)
    }
    values = {n: (round(v * 10**9), "USD") for n, v in (told or {}).items()}
    news = News(
        DAY - timedelta(days=7), DAY, steps=list(rows), told=values, believed=found
    )
    return compose(news, Subscription(name="s", **options))


def only(found):
    """Old and new of the only move, in dollars."""
    (card,) = found.cards
    (move,) = card.moves
    return move.old / 10**9, move.new / 10**9


def test_several_steps_are_one_move():
    """From A over B to C is told as A to C."""
    later = step(2, 3, observed_at=DAY + timedelta(days=1))
    assert only(digest(step(1, 2), later)) == (1, 3)


def test_a_move_starts_at_what_was_told():
    """The value told last is the old one, whatever the source says it was."""
    assert only(digest(step(2, 3), told={("acme/m", "input"): 1})) == (1, 3)


def test_what_comes_back_to_what_was_told_is_no_news():
    """Gone and back is nothing, and not told later either."""
    found = digest(step(2, 1), told={("acme/m", "input"): 1})
    assert not found.is_news
    assert [item.price_nano for item in found.items] == [10**9]


def test_a_source_that_confirms_late_is_no_news():
    """What another source has said for long is known."""
    row = step(1, 2, source="models-dev", place=9)
    found = digest(row, believed=[(2, "litellm")])
    assert not found.cards
    assert not found.sections


def test_a_source_that_is_not_followed_is_told_apart():
    """A step away from what is believed is no move, and not hidden."""
    row = step(1, 2, source="models-dev", place=9)
    found = digest(row, believed=[(1, "litellm")])
    assert not found.cards
    assert [section.key for section in found.sections] == ["elsewhere"]


@pytest.mark.parametrize(
    ("least", "told"), [(9.9, True), (10, True), (10.1, False), (0, True)]
)
def test_the_least_step_is_inclusive(least, told):
    """Ten per cent are told to who asked for ten."""
    found = digest(step(1, 1.1), min_pct=least)
    assert bool(found.cards) is told
    assert found.small == (0 if told else 1)


def test_from_zero_is_always_told():
    """A free model that is charged for is news at any least step."""
    found = digest(step(0, 1), min_pct=1000)
    assert subject_of(found) == "1 price change: m from zero"


def test_a_mix_is_counted_exactly():
    """Dollars a month are the step times the tokens, without rounding."""
    mix = {"acme/m": {"input": Decimal(3_000_000), "output": Decimal(1)}}
    found = digest(step(1, 1.1), step(2, 3, meter="output"), mix=mix)
    assert found.effect == Decimal("0.300001")


def test_dated_names_of_one_model_are_told_together():
    """The same steps under two names are one entry; both names stand in it."""
    rows = [step(1, 2), step(1, 2, model="m-2026-01-01")]
    page = laid_out(digest(*rows), Subscription(name="s"), {})
    (block,) = page.blocks
    (entry,) = block.entries
    assert any(text.startswith("the same: acme/m") for text in entry.details)


def test_what_does_not_fit_is_counted_by_offers():
    """Nothing is cut in silence: shown and counted are all there is."""
    rows = [step(1, 1.5 + n, model=f"m{n}") for n in range(9)]
    found = digest(*rows, limit=4)
    page = laid_out(found, Subscription(name="s", limit=4), {})
    assert sum(len(b.entries) for b in page.blocks) + page.left == len(found.cards)


def test_every_change_is_told_once_and_remembered():
    """Each step stands in the items once, with the value in mind from then on."""
    rows = [step(1, 2), step(1, 2, source="models-dev", place=9)]
    items = digest(*rows).items
    assert sorted(item.change for item in items) == sorted(r["change"] for r in rows)
    assert {item.price_nano for item in items} == {2 * 10**9}


def test_a_name_of_the_subject_never_makes_a_header():
    """A model called like a header line stays on the subject's line."""
    found = digest(step(1, 2, model="m\r\nBcc: eve@example.org"))
    assert "\n" not in subject_of(found)
    assert "\r" not in subject_of(found)
